//! The tab line above and the key bar below. Both come from the tables of the core.

use ratatui::layout::Rect;

use crate::app::Status;
use crate::app::action::{self, Id};
use crate::app::dialog::Dialog;
use crate::app::hit::Hit;
use crate::app::page::{TABS, Tab};
use crate::app::{Model, Page};
use crate::ui::layout::take_left;
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words;

/// The screens, with the key that leads to each.
pub(super) fn tabs(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut line = area;
    Pen::gap(&mut line, 1);
    let note = faults(model);
    let room = usize::from(area.width).saturating_sub(note.as_ref().map_or(0, |note| width(note) + 2));
    let wide = tabs_width(model, pen.glyphs(), false) < room;
    for tab in &TABS {
        let (text, role) = label(model, tab, pen.glyphs(), !wide);
        let role = if model.page == tab.page { Role::Selected } else { role };
        let place = take_left(&mut line, width(&text));
        pen.put(place, &text, role);
        pen.hit(place, Hit::Page(tab.page));
    }
    if let Some(note) = note {
        pen.right(&mut line, " ", Role::Text);
        pen.right(&mut line, &note, Role::Warn);
    }
}

fn tabs_width(model: &Model, glyphs: &Glyphs, short: bool) -> usize {
    TABS.iter().map(|tab| width(&label(model, tab, glyphs, short).0)).sum::<usize>() + 1
}

fn label(model: &Model, tab: &Tab, glyphs: &Glyphs, short: bool) -> (String, Role) {
    let key = model.key(tab.action, glyphs.arrows).unwrap_or_default();
    let (badge, role) = badge(model, tab.page);
    let name = if short { tab.short } else { tab.name };
    let badge = badge.map(|badge| format!(" {badge}")).unwrap_or_default();
    (if short { format!(" {key}{name}{badge} ") } else { format!(" {key} {name}{badge} ") }, role)
}

/// What a tab says of its screen before it is opened.
fn badge(model: &Model, page: Page) -> (Option<String>, Role) {
    match page {
        Page::Readiness => {
            let Some(readiness) = &model.readiness else { return (None, Role::Dim) };
            let counted = || readiness.checks.iter().filter(|check| check.status != Status::NotApplicable);
            let good = counted().filter(|check| check.status == Status::Ok).count();
            let bad = counted().any(|check| check.status == Status::Fail);
            (Some(format!("{good}/{}", counted().count())), if bad { Role::Down } else { Role::Dim })
        }
        Page::Runs => match model.runs.open().count() {
            0 => (None, Role::Dim),
            open => (Some(format!("{open} open")), Role::Warn),
        },
        _ => (None, Role::Dim),
    }
}

fn faults(model: &Model) -> Option<String> {
    let on = model.trainer.as_ref().map_or(0, crate::app::trainer::Trainer::switched_on);
    (on > 0).then(|| words::count(on, "fault switched on", "faults switched on"))
}

/// Keys that can be used now, or the line that is typed, or what the last key came to.
pub(super) fn keys(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut line = area;
    Pen::gap(&mut line, 1);
    if let Some(Dialog::Filter { input, .. }) = model.dialogs.last() {
        let label = format!("filter: ({} shown) ", model.items(model.pane()).len());
        pen.left(&mut line, &label, Role::Key);
        return super::typing::line(pen, line, input);
    }
    if let Some((notice, _)) = &model.notice {
        return pen.left(&mut line, notice, Role::Warn);
    }
    let mouse = model.mouse.then(|| match model.key(Id::Mouse, pen.glyphs().arrows) {
        Some(key) => format!("mouse taken, {key} gives it back"),
        None => "mouse taken".to_owned(),
    });
    let only = (!model.filter.is_empty()).then(|| format!("only {}", model.filter));
    for note in [mouse, only].into_iter().flatten() {
        pen.right(&mut line, " ", Role::Text);
        pen.right(&mut line, &note, Role::Warn);
        pen.right(&mut line, " ", Role::Text);
    }
    for row in action::ACTIONS.iter().filter(|row| is_told(model, row)) {
        let Some(label) = key(model, row.id, pen.glyphs().arrows) else { continue };
        let short = model.word(row);
        let wanted = width(&label) + width(short) + 1;
        if usize::from(line.width) < wanted {
            break;
        }
        pen.hit(Rect { width: u16::try_from(wanted).unwrap_or(line.width), ..line }, Hit::Action(row.id));
        pen.left(&mut line, &label, Role::Key);
        pen.left(&mut line, " ", Role::Text);
        pen.left(&mut line, short, Role::Dim);
        Pen::gap(&mut line, if area.width < 100 { 2 } else { 3 });
    }
}

/// The key that does an action now. Up and down share one place; letters are kept apart.
fn key(model: &Model, id: Id, arrows: bool) -> Option<String> {
    let label = model.key_now(id)?.label(arrows);
    let up = model.key_now(Id::Up).filter(|_| id == Id::Down).map(|up| up.label(arrows));
    Some(match up {
        Some(up) if (up.as_str(), label.as_str()) == ("↑", "↓") => up + &label,
        Some(up) if arrows => format!("{up} {label}"),
        _ => label,
    })
}

/// Whether an action is worth a place now: while something is typed only what leaves it.
fn is_told(model: &Model, row: &action::Action) -> bool {
    if row.short.is_empty() || model.can(row.id).is_err() {
        return false;
    }
    match model.dialogs.last() {
        Some(dialog) if dialog.input().is_some() => matches!(row.id, Id::Open | Id::Close | Id::Down),
        Some(Dialog::Inspect { .. }) => !matches!(row.id, Id::Open | Id::Filter | Id::Palette | Id::Faults),
        Some(Dialog::Faults) => matches!(row.id, Id::Down | Id::Open | Id::Close | Id::Faults | Id::Quit),
        Some(Dialog::Guide(guide)) if guide.script => matches!(row.id, Id::Down | Id::Close | Id::Runbook | Id::Help),
        Some(Dialog::Guide(guide)) => {
            let elsewhere = matches!(row.id, Id::Filter | Id::Palette | Id::Faults | Id::Acknowledge | Id::Quit);
            let choices = !guide.items(model).is_empty() || row.id != Id::Open;
            choices && !elsewhere
        }
        _ => true,
    }
}
