//! The Readiness screen: could each site be failed over now, and the guidelines one by one.

use ratatui::layout::Rect;

use crate::app::{Check, Model, Pane, Ready, Status, Subject};
use crate::ui::layout::{Form, take_left, take_right, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::words;

use super::{detail, list};

/// Draws the screen into its body.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    let mut rest = area;
    let sites = model.readiness.as_ref().map(|readiness| readiness.sites.as_slice()).unwrap_or_default();
    let mut top = take_top(&mut rest, sites.len().min(usize::from(area.height) / 3));
    for ready in sites {
        let mut line = take_top(&mut top, 1);
        Pen::gap(&mut line, 1);
        answer(model, pen, line, ready);
    }
    let checks = model.items(Pane::Checks).len();
    let (place, detail) = list::split(rest, form, checks + 3, true);
    let note = model
        .readiness
        .as_ref()
        .map_or_else(|| "not judged yet".to_owned(), |r| format!("judged {}", words::ago(r.at, model.now)));
    let inner = list::panel(model, pen, place, form, "Guidelines", &note, Pane::Checks);
    if checks == 0 {
        list::nothing(
            model,
            pen,
            inner,
            "Waiting for the first judgement: it comes when every probe has brought something.",
        );
    }
    list::lines(model, pen, inner, Pane::Checks, |pen, line, subject, selected| {
        let Subject::Check(id) = subject else { return };
        if let Some(check) = model.readiness.as_ref().and_then(|readiness| readiness.check(id)) {
            check_line(pen, line, check, selected);
        }
    });
    if detail.area() > 0 {
        detail::panel(model, pen, detail);
    }
}

fn check_line(pen: &mut Pen<'_>, area: Rect, check: &Check, selected: bool) {
    let mut line = area;
    let (glyph, role) = status(check.status, pen.glyphs());
    pen.left(&mut line, glyph, role);
    Pen::gap(&mut line, 1);
    let place = take_left(&mut line, 4);
    pen.put(place, check.id, Role::Dim);
    take_right(&mut line, 1);
    pen.right(&mut line, &format!(" {}", check.status.word()), role);
    pen.put(line, check.title, if selected { Role::Selected } else { Role::Text });
}

/// The sign of a guideline's status.
pub(super) fn status(status: Status, glyphs: &Glyphs) -> (&'static str, Role) {
    match status {
        Status::Ok => (glyphs.yes, Role::Up),
        Status::Warning => (glyphs.warn, Role::Warn),
        Status::Fail => (glyphs.down, Role::Down),
        Status::Unknown => (glyphs.unknown, Role::Unknown),
        Status::NotApplicable => (glyphs.none, Role::Dim),
    }
}

/// "Tukwila → Dublin READY, checked 40 s ago, about 90 s", or since when not, and the first thing that says no.
pub(super) fn answer(model: &Model, pen: &mut Pen<'_>, area: Rect, ready: &Ready) {
    let mut line = area;
    pen.left(&mut line, &format!("{} ", ready.site), Role::Text);
    standing(model, pen, &mut line, ready);
    if !ready.ok {
        let why = format!(": {}", model.names.shorten(ready.first_no.as_deref().unwrap_or_default()));
        pen.put(line, &why, Role::Text);
    }
}

/// The same without the site's name and without what says no.
pub(super) fn standing(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, ready: &Ready) {
    let to = ready.to.as_ref().map(|to| format!("{} {to} ", pen.glyphs().arrow)).unwrap_or_default();
    pen.left(line, &to, Role::Text);
    let (word, role) = word(ready);
    pen.left(line, word, role);
    if !ready.ok {
        let since = ready.since.map(|since| format!(" {}", words::since(since, model.now))).unwrap_or_default();
        return pen.left(line, &since, Role::Dim);
    }
    let checked = format!(", checked {}", words::ago(ready.checked, model.now));
    let about = ready.waits.map(|waits| format!(", about {} s", waits.as_secs())).unwrap_or_default();
    pen.left(line, &(checked + &about), Role::Dim);
}

/// The answer in one word.
pub(super) fn word(ready: &Ready) -> (&'static str, Role) {
    match (ready.ok, ready.known) {
        (true, _) => ("READY", Role::Up),
        (false, true) => ("NOT READY", Role::Down),
        (false, false) => ("not known", Role::Unknown),
    }
}
