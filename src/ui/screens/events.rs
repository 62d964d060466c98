//! What changed, and when: newest first.

use ratatui::layout::Rect;

use crate::app::log::{Entry, Mark};
use crate::app::{Model, Pane, Subject};
use crate::ui::layout::{Form, take_top, window};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::words;

/// The Events screen.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    let count = model.items(Pane::Events).len();
    let note = words::count(count, "change", "changes") + " seen by this console, newest first";
    let rest = super::list::panel(model, pen, area, form, "What changed", &note, Pane::Events);
    if count == 0 {
        return super::list::nothing(model, pen, rest, &unchanged(model));
    }
    let mut day = None;
    super::list::lines(model, pen, rest, Pane::Events, |pen, line, subject, _| {
        let Subject::Event(number) = subject else { return };
        let Some(entry) = model.log.get(*number) else { return };
        let other_day = day.replace(day_of(entry)).is_some_and(|before| before != day_of(entry));
        draw_entry(model, pen, line, entry, other_day);
    });
}

/// Events from the `top`th on, as many as fit.
pub(super) fn list(model: &Model, pen: &mut Pen<'_>, area: Rect, top: usize) {
    let mut rest = area;
    let rows = usize::from(rest.height);
    if model.log.is_empty() {
        return pen.put(rest, &unchanged(model), Role::Dim);
    }
    let top = window(top, model.log.len(), rows).max(top);
    let shown = || model.log.iter().skip(top).take(rows);
    let mut day = shown().next().map(day_of);
    for entry in shown() {
        let line = take_top(&mut rest, 1);
        let other_day = day.replace(day_of(entry)) != Some(day_of(entry));
        draw_entry(model, pen, line, entry, other_day);
    }
}

fn unchanged(model: &Model) -> String {
    format!("Nothing changed since this console started, {}.", model.started.strftime("%H:%M UTC"))
}

fn day_of(entry: &Entry) -> i64 {
    entry.at.as_second().div_euclid(86_400)
}

fn draw_entry(model: &Model, pen: &mut Pen<'_>, area: Rect, entry: &Entry, other_day: bool) {
    let glyphs = pen.glyphs();
    let mut line = area;
    let format = if other_day { "%m-%d   " } else { "%H:%M:%S" };
    pen.left(&mut line, &entry.at.strftime(format).to_string(), Role::Dim);
    let (glyph, role) = sign(entry, glyphs);
    pen.cell(&mut line, 1, glyph, role);
    super::findings::statement(model, pen, &mut line, (&entry.subject, Role::Strong), (&entry.text, Role::Text));
}

/// The sign of what happened.
pub(super) fn sign(entry: &Entry, glyphs: &Glyphs) -> (&'static str, Role) {
    match entry.mark {
        Mark::Came(severity) => {
            let mark = words::severity(severity, glyphs);
            (mark.glyph, mark.role)
        }
        Mark::Went => (glyphs.gone, Role::Up),
        Mark::Health(health) => {
            let mark = words::health(health, glyphs);
            (mark.glyph, mark.role)
        }
        Mark::Changed => (glyphs.arrow, Role::Text),
    }
}
