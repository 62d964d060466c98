//! What an event does to the model. Deterministic: the same events at the same times give the same model.

use std::time::Duration;

use jiff::Timestamp;

use super::action::Id;
use super::dialog::{self, Dialog};
use super::effect::Effect;
use super::event::Event;
use super::guide::{self, Guide, Step};
use super::key::Key;
use super::log::Mark;
use super::model::Model;
use super::page::Page;
use super::perform;
use super::runs::Runs;
use super::sequence::Pressed;
use crate::domain::finding::Severity;

pub(super) use perform::{go_to, perform};

/// After the start everything is new; nothing rings before so long.
const QUIET: Duration = Duration::from_secs(20);

/// Takes an event at a moment; says what is to be done outside.
pub fn update(model: &mut Model, event: Event, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    if model.notice.as_ref().is_some_and(|(_, until)| *until <= now) {
        model.notice = None;
    }
    if model.quitting.is_some_and(|(_, until)| until < now) {
        model.quitting = None;
    }
    model.pending.expire(now);
    if matches!(event, Event::Pasted(_) | Event::Clicked(_) | Event::Scrolled(_)) {
        model.quitting = None;
    }
    match event {
        Event::Observed(observations) => {
            for observation in observations {
                model.watch.absorb(observation);
            }
            return look(model);
        }
        Event::Ticked => return look(model),
        Event::Pressed(key) => return pressed(model, key),
        Event::Pasted(text) => dialog::pasted(model, &text),
        Event::Clicked(hit) => return perform::clicked(model, hit),
        Event::Scrolled(lines) => perform::step(model, isize::from(lines)),
        Event::Resized(shape) => {
            model.shape = shape;
            model.settle();
        }
        Event::Judged(readiness) => {
            model.readiness = Some(readiness);
            model.settle();
        }
        Event::TopologyRead(Ok(reread)) => {
            model.adopt(reread.0);
            return look(model);
        }
        Event::TopologyRead(Err(why)) => model.keep_topology(&why),
        Event::RunsSeen(seen) => {
            model.show_runs(Runs::new(seen));
            follow(model);
        }
        Event::Attended(attention) => {
            model.attention = attention;
            model.resettle();
        }
        Event::PlanMade { ticket, made } => return guide::made(model, ticket, made),
        Event::Confirmed { ticket, run: Ok(run) } => guide::confirmed(model, ticket, &run),
        Event::Confirmed { ticket, run: Err(why) } => guide::not_confirmed(model, ticket, &why),
        Event::Told(Ok(text) | Err(text)) => model.notice(&text),
        Event::FaultsChanged(rows) => model.trainer.get_or_insert_default().show(rows),
        Event::FaultRefused(why) => {
            if let Some(trainer) = &mut model.trainer {
                trainer.refused = Some(why);
            }
        }
    }
    Vec::new()
}

/// Judges what is known at this moment.
fn look(model: &mut Model) -> Vec<Effect> {
    if model.paused.is_some() {
        return Vec::new();
    }
    let newest = model.log.iter().next().map_or(0, |entry| entry.number);
    let picture = model.watch.picture(model.now);
    model.show(picture);
    guide::look_again(model);
    ring(model, newest)
}

/// What has to be rung for: critical findings that came after the `newest` event and that nothing mutes.
fn ring(model: &Model, newest: u64) -> Vec<Effect> {
    let age = Duration::try_from(model.now.duration_since(model.started)).unwrap_or_default();
    if !model.bell || age < QUIET {
        return Vec::new();
    }
    let came = model.log.iter().take_while(|entry| entry.number > newest);
    let critical = came.filter(|entry| entry.mark == Mark::Came(Severity::Critical));
    let loud = critical.filter(|entry| model.worst.get(&entry.subject) == Some(&Severity::Critical));
    let words: Vec<String> = loud.map(|entry| format!("{}: {}", entry.subject, entry.text)).collect();
    if words.is_empty() { Vec::new() } else { vec![Effect::Notify(words.join("; "))] }
}

/// The open dialog follows its run from Run to Verify.
fn follow(model: &mut Model) {
    let runs = &model.runs;
    for dialog in &mut model.dialogs {
        if let Dialog::Guide(guide) = dialog
            && let Some(view) = guide.run.as_ref().and_then(|id| runs.get(id))
        {
            guide.step = if view.only_watches() { Step::Verify } else { Step::Run };
        }
    }
    guide::look_again(model);
}

fn pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    // A key that goes on with a sequence belongs to it, also over a line that is typed.
    if model.pending.keys().is_empty()
        && let Some(effects) = dialog::typed(model, key)
    {
        model.quitting = None;
        return effects;
    }
    let Pressed::Action(id) = model.pending.press(&model.keymap, key, model.now) else { return Vec::new() };
    if model.quitting.is_some_and(|(asked, _)| asked != id) {
        model.quitting = None;
    }
    if model.quitting.is_none() {
        model.notice = None;
    }
    if let Err(why) = model.can(id) {
        // A key that does nothing would leave its reason in the dark; moving about is no such key.
        if !matches!(id, Id::NextPane | Id::PreviousPane | Id::Close) {
            model.notice(&format!("not now: {why}"));
        }
        return Vec::new();
    }
    perform(model, id)
}

/// Opens the dialog on a run that somebody started.
pub(super) fn attach(model: &mut Model, run: &crate::failover::plan::RunId) {
    let Some(view) = model.runs.get(run) else { return };
    let mut guide = Guide::attached(run.clone(), view.run.plan());
    guide.step = if view.only_watches() { Step::Verify } else { Step::Run };
    model.page = Page::Runs;
    dialog::open_guide(model, guide);
}
