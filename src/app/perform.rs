//! What each action does to the model.

use std::time::Duration;

use super::action::Id;
use super::dialog::{self, Dialog};
use super::effect::{Effect, WhatFile};
use super::filter::Filter;
use super::finder::{Finder, Over, Topic};
use super::guide::{self, Guide, Item};
use super::hit::Hit;
use super::model::Model;
use super::page::{Page, Pane};
use super::prompt::{Prompt, Purpose};
use super::subject::Subject;
use super::update::attach;
use super::{attend, copy};
use crate::domain::act::Verb;
use crate::domain::name::SiteName;
use crate::failover::run::Ask;

/// How soon after the first one a second Ctrl-C quits: a hand that means it is that quick, and an accident is not.
const TWICE: Duration = Duration::from_secs(1);
/// How soon the key that quits has to be pressed again where a run goes on: the warning is read first.
const WARNED: Duration = Duration::from_secs(4);
/// Dialogs are shorter than this; the drawing side shows no further than their last line.
const SCROLL_MOST: usize = 1000;

/// Does an action that can be done.
pub(super) fn perform(model: &mut Model, id: Id) -> Vec<Effect> {
    if matches!(model.dialogs.last(), Some(Dialog::Guide(_)))
        && let Some(effects) = guide::act(model, id)
    {
        if std::mem::take(&mut model.closing) {
            model.dialogs.pop();
        }
        return effects;
    }
    if let Some(page) = Page::of(id) {
        go(model, page);
        return Vec::new();
    }
    match id {
        Id::Up => step(model, -1),
        Id::Down => step(model, 1),
        Id::PageUp => step(model, -model.page_step()),
        Id::PageDown => step(model, model.page_step()),
        Id::First => step(model, isize::MIN),
        Id::Last => step(model, isize::MAX),
        Id::Left => sideways(model, false),
        Id::Right => sideways(model, true),
        Id::NextPane => turn(model, true),
        Id::PreviousPane => turn(model, false),
        Id::Open => return open(model),
        Id::Close => close(model),
        Id::FailOver => fail_over(model, false),
        Id::BringHome => fail_over(model, true),
        Id::Enable => service(model, Verb::Enable),
        Id::Disable => service(model, Verb::Disable),
        Id::RollBack => ask_run(model, Ask::RollBack),
        Id::Abort => ask_run(model, Ask::Abort),
        Id::Confirmed => ask_run(model, Ask::Confirm),
        Id::Acknowledge => return attend::acknowledge_selected(model),
        Id::Maintenance => return attend::maintain_selected(model),
        Id::Filter => filter(model),
        Id::Sort => sort(model),
        Id::Palette => find(model, Over::Everything),
        Id::Help => help(model),
        Id::Pause => pause(model),
        Id::Copy => return copy::selected(model),
        Id::Export => export(model),
        Id::Bell => bell(model),
        Id::Mouse => {
            model.mouse = !model.mouse;
            model.notice(if model.mouse { "mouse on: clicks select" } else { "mouse off: select text as ever" });
            return vec![Effect::Mouse(model.mouse)];
        }
        Id::Faults => toggle_faults(model),
        Id::HealAll => return vec![Effect::HealAll],
        Id::Redraw => return vec![Effect::Redraw],
        Id::Suspend => return vec![Effect::Suspend],
        Id::Cancel => return cancel(model),
        Id::Quit => return quit(model),
        // Of the guided failover alone, and of the tab line.
        _ => {}
    }
    Vec::new()
}

/// Moves by rows: the selection, or what a dialog shows. Stops at the ends.
pub(super) fn step(model: &mut Model, by: isize) {
    match model.dialogs.pop() {
        Some(Dialog::Find(mut finder)) => {
            finder.step(model, by);
            model.dialogs.push(Dialog::Find(finder));
        }
        Some(Dialog::Inspect { subject, top }) => {
            let top = top.saturating_add_signed(by).min(SCROLL_MOST);
            model.dialogs.push(Dialog::Inspect { subject, top });
        }
        Some(Dialog::Faults) => {
            if let Some(trainer) = &mut model.trainer {
                trainer.step(by);
            }
            model.dialogs.push(Dialog::Faults);
        }
        Some(dialog @ Dialog::Guide(_)) => {
            model.dialogs.push(dialog);
            let id = if by < 0 { Id::Up } else { Id::Down };
            let _ = guide::act(model, id);
        }
        Some(dialog) => model.dialogs.push(dialog),
        None => select(model, by),
    }
}

fn select(model: &mut Model, by: isize) {
    let pane = model.pane();
    let items = model.items(pane);
    let at = model.selected().and_then(|chosen| items.iter().position(|item| item == chosen)).unwrap_or(0);
    let to = at.saturating_add_signed(by).min(items.len().saturating_sub(1));
    if let Some(item) = items.into_iter().nth(to) {
        model.chosen.insert(pane, item);
        model.kept.insert(pane);
    }
}

/// Goes to the neighbour site, at the same height.
fn sideways(model: &mut Model, forward: bool) {
    if matches!(model.dialogs.last(), Some(Dialog::Faults)) {
        if let Some(trainer) = &mut model.trainer {
            trainer.leap(forward);
        }
        return;
    }
    if !model.dialogs.is_empty() || model.pane() != Pane::Sites || !model.as_cards() {
        return;
    }
    let columns: Vec<Vec<Subject>> = model.picture.sites.iter().map(|site| model.items_of(site)).collect();
    let Some(chosen) = model.selected() else { return };
    let found = columns.iter().enumerate().find_map(|(x, column)| Some((x, column.iter().position(|s| s == chosen)?)));
    let Some((x, y)) = found else { return };
    let next = if forward { columns.get(x + 1) } else { x.checked_sub(1).and_then(|x| columns.get(x)) };
    if let Some(item) = next.and_then(|column| column.get(y).or(column.last())) {
        model.chosen.insert(Pane::Sites, item.clone());
    }
}

/// Goes to another pane that has something to select.
fn turn(model: &mut Model, forward: bool) {
    let panes = model.page.tab().panes;
    let count = panes.len();
    let by = if forward { 1 } else { count - 1 };
    let at = panes.iter().position(|pane| *pane == model.pane()).unwrap_or(0);
    let mut order = (1..=count).map(|n| panes[(at + n * by) % count]);
    if let Some(pane) = order.find(|pane| model.chosen.contains_key(pane)) {
        model.panes.insert(model.page, pane);
    }
}

fn open(model: &mut Model) -> Vec<Effect> {
    if matches!(model.dialogs.last(), Some(Dialog::Faults)) {
        let selected = model.trainer.as_ref().and_then(|trainer| trainer.selected());
        return selected
            .map(|row| Effect::SwitchFault { subject: row.subject.clone(), fault: row.fault.clone(), on: !row.on })
            .into_iter()
            .collect();
    }
    if model.dialogs.is_empty()
        && let Some(subject) = model.selected().cloned()
    {
        show(model, subject);
    }
    Vec::new()
}

/// Shows everything about a thing: a site on its own page, a run in its dialog.
fn show(model: &mut Model, subject: Subject) {
    match subject {
        Subject::Site(name) => {
            model.opened = Some(name);
            model.settle();
        }
        Subject::Run(run) if model.runs.get(&run).is_some() => attach(model, &run),
        subject => model.dialogs.push(Dialog::Inspect { subject, top: 0 }),
    }
}

/// Goes to a thing from anywhere, and shows everything about it.
pub(super) fn go_to(model: &mut Model, subject: Subject) {
    model.dialogs.clear();
    let (screen, pane) = match &subject {
        Subject::Plan(_) => (Page::Plans, Pane::Plans),
        Subject::Run(_) => (Page::Runs, Pane::Runs),
        Subject::Finding { .. } => (Page::Sites, Pane::Findings),
        _ => (Page::Sites, Pane::Sites),
    };
    model.page = screen;
    model.panes.insert(screen, pane);
    if !model.is_shown(&subject) {
        model.filter = Filter::default();
    }
    if let Subject::Site(name) = &subject {
        if !model.as_cards() {
            model.opened = None;
            model.settle();
        }
        if model.as_cards() {
            let first = model
                .picture
                .sites
                .iter()
                .find(|site| site.name == *name)
                .and_then(|site| model.items_of(site).into_iter().next());
            if let Some(first) = first {
                model.chosen.insert(pane, first);
            }
            model.dialogs.push(Dialog::Inspect { subject, top: 0 });
            return;
        }
    }
    if let (Subject::Server(fqdn), false) = (&subject, model.as_cards()) {
        model.opened = model.topology.server(fqdn).map(|server| server.site.clone());
    }
    model.chosen.insert(pane, subject.clone());
    model.kept.insert(pane);
    model.settle();
    show(model, subject);
}

/// Closes the innermost thing that is open.
fn close(model: &mut Model) {
    if let Some(dialog) = model.dialogs.pop() {
        if let Dialog::Filter { before, .. } = dialog {
            model.filter = before;
            model.settle();
        }
    } else if !model.filter.is_empty() {
        model.filter = Filter::default();
        model.settle();
    } else if model.page != Page::Sites {
        model.page = Page::Sites;
    } else if let Some(site) = model.opened.take() {
        model.chosen.insert(Pane::Sites, Subject::Site(site));
        model.settle();
    }
}

/// Goes to a screen; a failover that is open stays open when it has a run only in its journal.
fn go(model: &mut Model, page: Page) {
    model.dialogs.clear();
    if page != model.page && page != Page::Sites {
        // Where nobody has selected anything it begins with what is worst now, not with what was first at the start.
        let kept = &model.kept;
        model.chosen.retain(|pane, _| kept.contains(pane) || !page.tab().panes.contains(pane));
    }
    model.page = page;
    // On a site's own page there is less to select.
    model.settle();
}

/// Opens the guided failover on the site that is meant.
fn fail_over(model: &mut Model, back: bool) {
    let Some(site) = site_in_hand(model, back) else {
        model.notice(if back {
            "no site is away from home"
        } else {
            "no site has a standby: declare `standby` in the topology file"
        });
        return;
    };
    model.paused = None;
    dialog::open_guide(model, Guide::on_site(model, site, back));
}

/// The site that a failover is most likely meant for: the selected one; home, the one that is away.
fn site_in_hand(model: &Model, back: bool) -> Option<SiteName> {
    let away: Vec<SiteName> = guide::choices::away(&model.picture).into_iter().cloned().collect();
    let carried = |site: &SiteName| away.contains(site) || model.runs.carried_away(site).is_some();
    let selected = match model.in_hand().or_else(|| model.selected().cloned()) {
        Some(Subject::Site(site)) => Some(site),
        Some(Subject::Plan(name)) => model.dial_plan(&name).map(|plan| plan.site.clone()),
        Some(Subject::Finding { subject, .. }) => {
            crate::domain::name::Fqdn::parse(&subject).ok().and_then(|host| site_of(model, &host))
        }
        Some(subject) => subject.host().and_then(|host| site_of(model, host)),
        None => None,
    };
    let has_standby = |site: &SiteName| model.topology.site(site).is_some_and(|site| site.standby.is_some());
    let sites = model.topology.sites.iter().map(|site| site.name.clone());
    let fitting = |site: &SiteName| has_standby(site) && (!back || carried(site));
    selected.into_iter().chain(sites).find(fitting)
}

fn site_of(model: &Model, host: &crate::domain::name::Fqdn) -> Option<SiteName> {
    let server = model.topology.server(host).map(|server| server.site.clone());
    server.or_else(|| model.pool(host).map(|pool| pool.site.clone()))
}

fn service(model: &mut Model, verb: Verb) {
    if let Some(Subject::Server(server)) = model.in_hand() {
        model.paused = None;
        dialog::open_guide(model, Guide::on_server(model, server, verb));
    }
}

/// Asks something of the selected run, with a sentence that is kept.
fn ask_run(model: &mut Model, asked: Ask) {
    if let Some(run) = model.run_in_hand().map(|view| view.run.plan().id.clone()) {
        model.dialogs.push(Dialog::Prompt(Box::new(Prompt::new(Purpose::AskRun { run, asked }, ""))));
    }
}

fn filter(model: &mut Model) {
    model.dialogs.clear();
    let input = tui_input::Input::new(model.filter.to_string());
    model.dialogs.push(Dialog::Filter { input, before: model.filter.clone() });
}

fn sort(model: &mut Model) {
    let pane = model.pane();
    let count = pane.orders().len().max(1);
    let next = model.sorted.get(&pane).map_or(1, |at| at + 1) % count;
    model.sorted.insert(pane, next);
    if let Some(order) = model.order(pane) {
        model.notice(order.words());
    }
}

fn find(model: &mut Model, over: Over) {
    model.dialogs.retain(|dialog| !matches!(dialog, Dialog::Find(_)));
    let mut finder = Finder::new(over);
    finder.settle(model);
    model.dialogs.push(Dialog::Find(finder));
}

fn help(model: &mut Model) {
    let about = topic(model);
    find(model, Over::Help { about });
}

/// What the help should explain first: the selected rule, finding or guideline.
fn topic(model: &Model) -> Option<Topic> {
    if let Some(Dialog::Guide(guide)) = model.dialogs.last() {
        let items = guide.items(model);
        return match items.get(guide.at(&items)) {
            Some(Item::Rule { id, subject }) => Some(Topic::Rule { id: id.clone(), subject: subject.clone() }),
            _ => None,
        };
    }
    match model.in_hand()? {
        Subject::Finding { id, subject } => Some(Topic::Finding { id, subject }),
        Subject::Check(id) => Some(Topic::Check(id)),
        _ => None,
    }
}

fn pause(model: &mut Model) {
    match model.paused.take() {
        Some(_) => model.notice("going on"),
        None => model.paused = Some(model.now),
    }
}

fn bell(model: &mut Model) {
    model.bell = !model.bell;
    model.notice(if model.bell { "new critical findings ring" } else { "nothing rings" });
}

/// Writes the events that are shown to a file, after its name was typed.
fn export(model: &mut Model) {
    let shown = model.items(Pane::Events);
    let entries = shown.iter().filter_map(|subject| match subject {
        Subject::Event(number) => model.log.get(*number),
        _ => None,
    });
    let lines: Vec<String> =
        entries.map(|entry| format!("{:.0}\t{}\t{}", entry.at, entry.subject, entry.text)).collect();
    let text = lines.join("\n") + "\n";
    let name = format!("switchboard-events-{}.txt", model.now.strftime("%Y%m%dT%H%M%SZ"));
    let purpose = Purpose::Write(WhatFile::Events { text });
    model.dialogs.push(Dialog::Prompt(Box::new(Prompt::new(purpose, &name))));
}

fn toggle_faults(model: &mut Model) {
    let open = matches!(model.dialogs.last(), Some(Dialog::Faults));
    model.dialogs.retain(|dialog| !matches!(dialog, Dialog::Faults));
    if !open {
        model.dialogs.push(Dialog::Faults);
    }
}

fn cancel(model: &mut Model) -> Vec<Effect> {
    if is_twice(model, Id::Cancel) {
        return vec![Effect::Quit];
    }
    if model.dialogs.is_empty() && model.opened.is_none() && model.filter.is_empty() {
        ask_twice(model, Id::Cancel, TWICE);
        model.notice("the same key again quits");
    } else {
        close(model);
    }
    Vec::new()
}

fn is_twice(model: &Model, id: Id) -> bool {
    model.quitting.is_some_and(|(asked, _)| asked == id)
}

fn ask_twice(model: &mut Model, id: Id, within: Duration) {
    model.quitting = model.now.checked_add(within).ok().map(|until| (id, until));
}

/// A run goes on without its console; who leaves in the middle is told so first.
fn quit(model: &mut Model) -> Vec<Effect> {
    let going = model.runs.living().next().map(|view| view.run.plan().id.clone());
    let why = match (going, model.guide()) {
        (Some(run), _) => format!("run {run} goes on without this console"),
        (None, Some(guide)) if guide.sent && guide.is_prepared() => "a run is being started".to_owned(),
        (None, Some(guide)) if guide.is_prepared() => "a failover is being prepared here".to_owned(),
        _ => return vec![Effect::Quit],
    };
    if is_twice(model, Id::Quit) {
        return vec![Effect::Quit];
    }
    ask_twice(model, Id::Quit, WARNED);
    model.notice(&format!("{why}; the same key again quits"));
    Vec::new()
}

/// What a click does: it selects; on what is selected it opens.
pub(super) fn clicked(model: &mut Model, hit: Hit) -> Vec<Effect> {
    match hit {
        Hit::Page(page) => return perform_if(model, page.tab().action),
        Hit::Action(id) => return perform_if(model, id),
        Hit::Subject(pane, subject) => {
            let again = model.pane() == pane && model.selected() == Some(&subject);
            if model.dialogs.is_empty() && again {
                show(model, subject);
            } else if model.items(pane).contains(&subject) {
                model.panes.insert(model.page, pane);
                model.chosen.insert(pane, subject);
                model.kept.insert(pane);
            }
        }
        Hit::Choice(number) => choose(model, number),
    }
    Vec::new()
}

/// Does an action, or says why not.
pub(super) fn perform_if(model: &mut Model, id: Id) -> Vec<Effect> {
    match model.can(id) {
        Ok(()) => perform(model, id),
        Err(why) => {
            model.notice(&format!("not now: {why}"));
            Vec::new()
        }
    }
}

/// Puts a dialog's selection on one of its choices.
fn choose(model: &mut Model, number: usize) {
    match model.dialogs.pop() {
        Some(Dialog::Find(mut finder)) => {
            finder.chosen = finder.found(model).into_iter().nth(number).map(|found| found.target);
            model.dialogs.push(Dialog::Find(finder));
        }
        Some(Dialog::Guide(mut guide)) => {
            guide.chosen = guide.items(model).into_iter().nth(number);
            model.dialogs.push(Dialog::Guide(guide));
        }
        Some(dialog) => model.dialogs.push(dialog),
        None => {}
    }
}
