//! When an action can be used, and the reason when it cannot: what disabled lines of help and palette say.

use super::dialog::Dialog;
use super::guide::{Step, choices};
use super::model::Model;
use super::page::{Page, Pane};
use super::subject::Subject;

type Answer = Result<(), &'static str>;

fn answer(yes: bool, why_not: &'static str) -> Answer {
    if yes { Ok(()) } else { Err(why_not) }
}

#[expect(clippy::unnecessary_wraps, reason = "has the shape of every `when`")]
pub(super) fn always(_: &Model) -> Answer {
    Ok(())
}

pub(super) fn one_pane_more(model: &Model) -> Answer {
    answer(model.beneath().is_none() && model.page.tab().panes.len() > 1, "there is one pane here")
}

pub(super) fn something_selected(model: &Model) -> Answer {
    match model.beneath() {
        Some(Dialog::Inspect { .. }) => Err("it is open already"),
        Some(_) => Ok(()),
        None => answer(model.selected().is_some(), "nothing is selected"),
    }
}

pub(super) fn something_open(model: &Model) -> Answer {
    let open =
        !model.dialogs.is_empty() || model.opened.is_some() || model.page != Page::Sites || !model.filter.is_empty();
    answer(open, "nothing is open")
}

pub(super) fn in_demo(model: &Model) -> Answer {
    answer(model.trainer.is_some(), "only in `switchboard demo`")
}

/// Whether the screen may be left: a failover that is being prepared is left on purpose, never by a key that means something else.
pub(super) fn may_leave(model: &Model) -> Answer {
    let prepared = model.guide().is_some_and(super::guide::Guide::is_prepared);
    answer(!prepared, "a failover is being prepared: go back from it first")
}

/// A plan whose world is not looked at could not be disarmed.
pub(super) fn may_pause(model: &Model) -> Answer {
    let prepared = model.guide().is_some_and(super::guide::Guide::is_prepared);
    answer(!prepared, "a failover is being prepared: it needs to see what changes")
}

/// Whether anything may be changed from here at all.
pub(super) fn can_change(model: &Model) -> Answer {
    if model.settings.read_only {
        return Err("this console is read-only");
    }
    if !model.settings.can_run {
        return Err("this console has no state directory to keep a run in");
    }
    let over = || model.run_in_hand().is_some_and(|view| !view.is_open());
    answer(model.guide().is_none() || over(), "a failover is open already")
}

pub(super) fn away_somewhere(model: &Model) -> Answer {
    can_change(model)?;
    answer(!choices::away(&model.picture).is_empty() || model.runs.carried_anything_away(), "nothing is away from home")
}

/// Enabling and disabling stand on a server's own page, not on the home screen.
pub(super) fn server_selected(model: &Model) -> Answer {
    can_change(model)?;
    match model.beneath() {
        Some(Dialog::Inspect { subject: Subject::Server(fqdn), .. }) => {
            let managed = model.topology.server(fqdn).is_some_and(|server| server.backend.is_some());
            answer(managed, "no backend manages this server")
        }
        _ => Err("open a server's own page first"),
    }
}

fn guide_at(model: &Model, steps: &[Step]) -> bool {
    matches!(model.beneath(), Some(Dialog::Guide(guide)) if steps.contains(&guide.step))
}

pub(super) fn in_guide(model: &Model) -> Answer {
    answer(guide_at(model, &[Step::Review, Step::Confirm]), "only in a failover's review")
}

pub(super) fn in_review(model: &Model) -> Answer {
    answer(guide_at(model, &[Step::Choose, Step::Review]), "only in a failover")
}

pub(super) fn with_plan(model: &Model) -> Answer {
    in_review(model)?;
    answer(model.guide().is_some_and(|guide| guide.plan().is_some()), "there is no plan yet")
}

/// The run that the open dialog is attached to, or the selected one.
pub(super) fn on_run(model: &Model) -> Answer {
    can_ask(model)?;
    answer(model.run_in_hand().is_some_and(super::runs::RunView::is_open), "no run goes on here")
}

pub(super) fn run_to_roll_back(model: &Model) -> Answer {
    can_ask(model)?;
    answer(model.run_in_hand().is_some_and(super::runs::RunView::can_roll_back), "no run here can be rolled back")
}

pub(super) fn in_confirm(model: &Model) -> Answer {
    can_ask(model)?;
    let to_confirm = model.run_in_hand().is_some_and(|view| view.run.kept_by().is_none() && view.only_watches());
    answer(to_confirm, "no run here waits for a call")
}

fn can_ask(model: &Model) -> Answer {
    answer(!model.settings.read_only, "this console is read-only")
}

/// What is said of findings is kept for every console of the state directory.
pub(super) fn can_say(model: &Model) -> Answer {
    can_ask(model)
}

pub(super) fn to_acknowledge(model: &Model) -> Answer {
    can_say(model)?;
    answer(model.finding_in_hand().is_some(), "select a finding first")
}

pub(super) fn to_copy(model: &Model) -> Answer {
    answer(model.in_hand().is_some() || !model.dialogs.is_empty(), "nothing is selected")
}

pub(super) fn sortable(model: &Model) -> Answer {
    let pane = model.pane();
    let as_cards = pane == Pane::Sites && model.as_cards();
    answer(model.beneath().is_none() && pane.orders().len() > 1 && !as_cards, "this list has one order")
}
