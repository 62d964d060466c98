//! What an event does to the model. Deterministic: the same events at the same times give the same model.

use std::time::Duration;

use jiff::Timestamp;

use super::action::{self, Id};
use super::effect::Effect;
use super::event::Event;
use super::key::Key;
use super::model::{Model, Overlay, Page, Pane};
use super::subject::Subject;

/// How long a second Ctrl-C still quits.
const CANCEL_TWICE: Duration = Duration::from_secs(2);
const CANCEL_HINT: &str = "Ctrl-C again quits";

/// Takes an event at a moment; says what is to be done outside.
pub fn update(model: &mut Model, event: Event, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    if model.hint.is_some_and(|(_, until)| until <= now) {
        model.hint = None;
    }
    match event {
        Event::Observed(observations) => {
            for observation in observations {
                model.watch.absorb(observation);
            }
            look(model);
        }
        Event::Ticked => look(model),
        Event::Pressed(key) => return pressed(model, key),
        Event::Pasted(_) => {}
        Event::Resized(shape) => {
            model.shape = shape;
            model.settle();
        }
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
fn look(model: &mut Model) {
    let picture = model.watch.picture(model.now);
    model.show(picture);
}

fn pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(row) = model.keymap.action(key).and_then(action::action) else { return Vec::new() };
    if row.id != Id::Cancel {
        model.hint = None;
    }
    if (row.when)(model).is_err() {
        return Vec::new();
    }
    match row.id {
        Id::Up => step(model, -1),
        Id::Down => step(model, 1),
        Id::PageUp => step(model, -page(model)),
        Id::PageDown => step(model, page(model)),
        Id::First => step(model, isize::MIN),
        Id::Last => step(model, isize::MAX),
        Id::Left => sideways(model, false),
        Id::Right => sideways(model, true),
        Id::NextPane => turn(model, 1),
        Id::PreviousPane => turn(model, Pane::ALL.len() - 1),
        Id::Open => return open(model),
        Id::Close => close(model),
        Id::Sites => go(model, Page::Sites),
        Id::Events => go(model, Page::Events),
        Id::Faults => toggle(model, Overlay::Faults),
        Id::Help => toggle(model, Overlay::Help { top: 0 }),
        Id::HealAll => return vec![Effect::HealAll],
        Id::Redraw => return vec![Effect::Redraw],
        Id::Suspend => return vec![Effect::Suspend],
        Id::Cancel => return cancel(model),
        Id::Quit => return vec![Effect::Quit],
    }
    Vec::new()
}

fn page(model: &Model) -> isize {
    isize::try_from(model.shape.page.max(1)).unwrap_or(1)
}

/// Moves by rows: the selection, or what a dialog shows. Stops at the ends.
fn step(model: &mut Model, by: isize) {
    match &mut model.overlay {
        Some(Overlay::Faults) => {
            if let Some(trainer) = &mut model.trainer {
                trainer.step(by);
            }
        }
        Some(Overlay::Help { top } | Overlay::Inspect { top, .. }) => *top = moved(*top, by, SCROLL_MOST),
        None if model.page == Page::Events => {
            model.events_top = moved(model.events_top, by, model.log.len().saturating_sub(1));
        }
        None => select(model, by),
    }
}

/// Dialogs are shorter than this; the drawing side shows no further than their last line.
const SCROLL_MOST: usize = 500;

fn moved(at: usize, by: isize, last: usize) -> usize {
    at.saturating_add_signed(by).min(last)
}

fn select(model: &mut Model, by: isize) {
    let items = model.items(model.pane);
    let at = model.selected().and_then(|chosen| items.iter().position(|item| item == chosen)).unwrap_or(0);
    let to = moved(at, by, items.len().saturating_sub(1));
    if let Some(item) = items.into_iter().nth(to) {
        model.chosen.insert(model.pane, item);
    }
}

/// Goes to the neighbour site, at the same height; elsewhere it leafs like a page.
fn sideways(model: &mut Model, forward: bool) {
    if model.overlay == Some(Overlay::Faults) {
        if let Some(trainer) = &mut model.trainer {
            trainer.leap(forward);
        }
        return;
    }
    if model.overlay.is_some() || model.page != Page::Sites || model.pane != Pane::Sites || !model.as_cards() {
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
fn turn(model: &mut Model, by: usize) {
    let at = Pane::ALL.iter().position(|pane| *pane == model.pane).unwrap_or(0);
    let order = (1..=Pane::ALL.len()).map(|n| Pane::ALL[(at + n * by) % Pane::ALL.len()]);
    if let Some(pane) = order.into_iter().find(|pane| model.chosen.contains_key(pane)) {
        model.pane = pane;
    }
}

fn open(model: &mut Model) -> Vec<Effect> {
    if model.overlay == Some(Overlay::Faults) {
        let selected = model.trainer.as_ref().and_then(|trainer| trainer.selected());
        return selected
            .map(|row| Effect::SwitchFault { subject: row.subject.clone(), fault: row.fault.clone(), on: !row.on })
            .into_iter()
            .collect();
    }
    match model.selected().cloned() {
        Some(Subject::Site(name)) => {
            model.opened = Some(name);
            model.settle();
        }
        Some(subject) => model.overlay = Some(Overlay::Inspect { subject, top: 0 }),
        None => {}
    }
    Vec::new()
}

/// Closes the innermost thing that is open.
fn close(model: &mut Model) {
    if model.overlay.take().is_some() {
        return;
    }
    if model.page != Page::Sites {
        model.page = Page::Sites;
    } else if let Some(site) = model.opened.take() {
        model.chosen.insert(Pane::Sites, Subject::Site(site));
        model.settle();
    }
}

fn go(model: &mut Model, page: Page) {
    model.overlay = None;
    model.page = page;
}

fn toggle(model: &mut Model, overlay: Overlay) {
    let same = model.overlay.as_ref().map(std::mem::discriminant) == Some(std::mem::discriminant(&overlay));
    model.overlay = (!same).then_some(overlay);
}

fn cancel(model: &mut Model) -> Vec<Effect> {
    if model.hint.is_some_and(|(hint, _)| hint == CANCEL_HINT) {
        return vec![Effect::Quit];
    }
    if model.overlay.is_some() || model.opened.is_some() {
        close(model);
    } else {
        model.hint = model.now.checked_add(CANCEL_TWICE).ok().map(|until| (CANCEL_HINT, until));
    }
    Vec::new()
}
