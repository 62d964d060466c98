//! Everything about a finding, a guideline, an event: its whole text, what to do, and the thing that it is about.

use crate::app::log::Entry;
use crate::app::{Model, Subject};
use crate::domain::attention::Muted;
use crate::domain::finding::{Finding, kind_of};
use crate::ui::look::{Glyphs, Role};
use crate::ui::words;

use super::detail::{self, Line, gone, paragraph};

/// A finding.
pub(super) fn finding(
    model: &Model,
    id: &str,
    subject: &str,
    glyphs: &Glyphs,
    columns: usize,
    whole: bool,
) -> Vec<Line> {
    let found = model.picture.findings.iter().find(|finding| finding.id == id && finding.subject == subject);
    let Some(finding) = found else {
        let mut lines = paragraph("", "This finding is over; the events say since when.", Role::Text, columns);
        lines.extend(kind_of(id).into_iter().flat_map(|kind| paragraph("Was", kind.advice, Role::Dim, columns)));
        return lines;
    };
    let mark = words::severity(finding.severity, glyphs);
    let head = format!("{} {}: {}", mark.glyph, mark.word, finding.message);
    let mut lines = paragraph("Finding", &head, mark.role, columns);
    let at = finding.since.strftime("%Y-%m-%d %H:%M UTC");
    lines.push(Line::text("Since", format!("{at}, {}", words::ago(finding.since, model.now))));
    if !finding.evidence.is_empty() {
        lines.extend(paragraph("Seen", &finding.evidence, Role::Text, columns));
    }
    lines.extend(paragraph("Do", finding.advice, Role::Strong, columns));
    lines.extend(quiet(model, finding, columns));
    lines.push(Line::new("Rule", vec![(finding.id.to_owned(), Role::Dim)]));
    lines.extend(thing(model, &finding.subject, glyphs, columns, whole));
    lines
}

/// Why it asks for nobody now, when it does not.
fn quiet(model: &Model, finding: &Finding, columns: usize) -> Vec<Line> {
    match model.muted(finding) {
        None => Vec::new(),
        Some(Muted::Acknowledged(said)) => {
            let text = format!("{} {}: {}", said.by, words::ago(said.at, model.now), said.reason);
            paragraph("Known to", &text, Role::Dim, columns)
        }
        Some(Muted::Expected(window)) => paragraph("Expected", &words::window(window, model.now), Role::Dim, columns),
    }
}

/// The thing that a name stands for, below what was said of it; findings about it are left out, as one of them is above.
fn thing(model: &Model, name: &str, glyphs: &Glyphs, columns: usize, whole: bool) -> Vec<Line> {
    let Some(subject) = model.thing(name) else { return Vec::new() };
    let title = match &subject {
        Subject::Server(_) => String::new(),
        subject => detail::title(model, subject),
    };
    let mut lines = vec![Line::text("", title)];
    let about = detail::about(model, &subject, glyphs, columns, whole);
    lines.extend(about.into_iter().filter(|line| line.label != "Findings"));
    lines
}

/// A guideline: what it asks for, what was seen, what to do.
pub(super) fn check(model: &Model, id: &str, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let Some(check) = model.readiness.as_ref().and_then(|readiness| readiness.check(id)) else { return gone() };
    let (glyph, role) = super::readiness::status(check.status, glyphs);
    let mut lines =
        vec![Line::new("Status", vec![(format!("{glyph} {}", super::readiness::status_word(check.status)), role)])];
    lines.extend(paragraph("Asks for", check.guideline, Role::Text, columns));
    for (number, seen) in check.evidence.split("; ").enumerate() {
        let seen = words::told(&model.names.shorten(seen));
        lines.extend(paragraph(if number == 0 { "Seen" } else { "" }, &seen, Role::Text, columns));
    }
    if let Some(advice) = &check.advice {
        lines.extend(paragraph("Do", advice, Role::Strong, columns));
    }
    if let Some(readiness) = &model.readiness {
        lines.push(Line::new("Judged", vec![(words::ago(readiness.at, model.now), Role::Dim)]));
    }
    lines
}

/// An event, and where it still is, the thing that it happened to.
pub(super) fn event(model: &Model, number: u64, glyphs: &Glyphs, columns: usize, whole: bool) -> Vec<Line> {
    let Some(entry) = model.log.get(number) else {
        return paragraph(
            "",
            "This event is no longer kept: the console keeps the newest thousand.",
            Role::Text,
            columns,
        );
    };
    let mut lines = vec![at(model, entry)];
    let (glyph, role) = super::events::sign(entry, glyphs);
    lines.extend(paragraph("About", &entry.subject, Role::Strong, columns));
    lines.extend(paragraph("What", &format!("{glyph} {}", entry.text), role, columns));
    lines.extend(still(model, entry, glyphs, columns));
    lines.extend(thing(model, &entry.subject, glyphs, columns, whole));
    lines
}

fn at(model: &Model, entry: &Entry) -> Line {
    let utc = entry.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let local = entry.at.to_zoned(model.settings.zone.clone()).strftime("%H:%M:%S local").to_string();
    let local = if local.get(..8) == utc.get(11..19) { String::new() } else { format!(", {local}") };
    Line::text("At", format!("{utc}{local}, {}", words::ago(entry.at, model.now)))
}

/// Findings that hold still about the thing.
fn still(model: &Model, entry: &Entry, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let mut lines = detail::findings_of(model, &entry.subject, glyphs, columns);
    if let Some(first) = lines.first_mut() {
        first.label = "Now";
    }
    lines
}
