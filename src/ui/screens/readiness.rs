//! The Readiness screen: could each site be failed over now, and the guidelines one by one.

use ratatui::layout::Rect;

use crate::app::{Check, Model, Pane, Ready, Status, Subject};
use crate::failover::outlook::span;
use crate::ui::layout::{Form, take_left, take_right, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words;

use super::{detail, list, site_notes};

/// Draws the screen into its body.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    let mut rest = area;
    let sites = model.readiness.as_ref().map(|readiness| readiness.sites.as_slice()).unwrap_or_default();
    let columns = usize::from(area.width).saturating_sub(1);
    let rows: usize = sites.iter().map(|ready| rows(model, ready, pen.glyphs(), columns)).sum();
    let mut top = take_top(&mut rest, rows.min(usize::from(area.height) / 3));
    for ready in sites {
        answer_rows(model, pen, &mut top, ready);
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
    pen.right(&mut line, &format!(" {}", status_word(check.status)), role);
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

/// The status in words.
pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::NotApplicable => "does not apply",
        status => status.word(),
    }
}

/// A site's answer in one line; the first thing that says no in a second one, where the first has no room for it.
fn answer_rows(model: &Model, pen: &mut Pen<'_>, rest: &mut Rect, ready: &Ready) {
    let wide = rows(model, ready, pen.glyphs(), usize::from(rest.width).saturating_sub(1)) == 1;
    let mut line = take_top(rest, 1);
    Pen::gap(&mut line, 1);
    if wide {
        return answer(model, pen, line, ready);
    }
    pen.left(&mut line, &format!("{} ", ready.site), Role::Text);
    standing(model, pen, &mut line, ready);
    let mut line = take_top(rest, 1);
    Pen::gap(&mut line, 3);
    pen.put(line, &site_notes::first_no(model, ready), Role::Text);
}

/// Rows that a site's answer takes in so many columns.
fn rows(model: &Model, ready: &Ready, glyphs: &Glyphs, columns: usize) -> usize {
    let away = site_notes::away_of(model, &ready.site, glyphs).is_some();
    if ready.ok || away {
        return 1;
    }
    let spans = standing_spans(model, ready, glyphs);
    let told: usize = spans.iter().map(|(text, _)| width(text)).sum();
    let needed = width(ready.site.as_str()) + 1 + told + 2 + width(&site_notes::first_no(model, ready));
    if needed <= columns { 1 } else { 2 }
}

/// "Tukwila → Dublin READY, checked 40 s ago, takes about 90 s", or since when not, and the first thing that says no; of a site
/// that is away, since when.
pub(super) fn answer(model: &Model, pen: &mut Pen<'_>, area: Rect, ready: &Ready) {
    let mut line = area;
    pen.left(&mut line, &format!("{} ", ready.site), Role::Text);
    if let Some(away) = site_notes::away_of(model, &ready.site, pen.glyphs()) {
        return pen.put(line, &away.text, away.role);
    }
    standing(model, pen, &mut line, ready);
    if !ready.ok {
        pen.put(line, &format!(": {}", site_notes::first_no(model, ready)), Role::Text);
    }
}

/// The same without the site's name and without what says no.
pub(super) fn standing(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, ready: &Ready) {
    for (text, role) in standing_spans(model, ready, pen.glyphs()) {
        pen.left(line, &text, role);
    }
    // Review asks for them; where there is no room for all of the words there are none.
    let reasons = to_be_reasoned(ready);
    if width(&reasons) <= usize::from(line.width) {
        pen.left(line, &reasons, Role::Dim);
    }
}

fn standing_spans(model: &Model, ready: &Ready, glyphs: &Glyphs) -> [(String, Role); 3] {
    let to = ready.to.as_ref().map(|to| format!("{} {to} ", glyphs.arrow)).unwrap_or_default();
    let (word, role) = word(ready);
    let more = if ready.ok {
        format!(", checked {}{}", words::ago(ready.checked, model.now), takes(ready))
    } else {
        ready.since.map(|since| format!(" {}", words::since(since, model.now))).unwrap_or_default()
    };
    [(to, Role::Text), (word.to_owned(), role), (more, Role::Dim)]
}

/// What somebody would have to write before it is carried out.
pub(super) fn to_be_reasoned(ready: &Ready) -> String {
    match ready.reasons.as_slice() {
        [] => String::new(),
        _ if !ready.ok => String::new(),
        [one] => format!(", a reason to give for {one}"),
        many => format!(", {} reasons to give", many.len()),
    }
}

/// How long a failover would take.
pub(super) fn takes(ready: &Ready) -> String {
    ready.waits.map(|waits| format!(", takes about {}", span(waits.as_secs()))).unwrap_or_default()
}

/// The answer in one word.
pub(super) fn word(ready: &Ready) -> (&'static str, Role) {
    match (ready.ok, ready.known) {
        (true, _) => ("READY", Role::Up),
        (false, true) => ("NOT READY", Role::Down),
        (false, false) => ("not known", Role::Unknown),
    }
}
