//! What needs attention: findings, worst first.

use ratatui::layout::Rect;

use crate::app::model::finding_subject;
use crate::app::{Model, Pane};
use crate::domain::finding::Finding;
use crate::ui::layout::{take_right, take_top, window};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words;

use super::sites::ruled;

/// How many there are.
pub(super) fn note(model: &Model) -> String {
    match model.picture.findings.len() {
        0 => String::new(),
        many => words::count(many, "finding", "findings"),
    }
}

/// Findings under a ruled heading.
pub(super) fn section(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let rest = ruled(pen, area, "Needs attention", &note(model), model.pane == Pane::Findings);
    list(model, pen, rest);
}

/// Findings, as many as fit around the selected one.
pub(super) fn list(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    let findings = &model.picture.findings;
    if findings.is_empty() {
        return nothing(model, pen, rest);
    }
    let chosen = model.chosen.get(&Pane::Findings);
    let at = findings.iter().position(|finding| chosen == Some(&finding_subject(finding))).unwrap_or(0);
    let rows = usize::from(rest.height);
    let top = window(at, findings.len(), rows);
    for (row, finding) in findings.iter().skip(top).take(rows).enumerate() {
        let hidden = findings.len().saturating_sub(top + rows);
        let mut place = take_top(&mut rest, 1);
        if row + 1 == rows && hidden > 0 && model.pane != Pane::Findings {
            Pen::gap(&mut place, 2);
            pen.cell(&mut place, usize::MAX, &format!("{} {} more", pen.glyphs().more[1], hidden + 1), Role::Dim);
        } else {
            line(model, pen, place, finding);
        }
    }
}

fn nothing(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut line = area;
    Pen::gap(&mut line, 1);
    if model.picture.waiting > 0 {
        pen.left(&mut line, pen.glyphs().unknown, Role::Unknown);
        pen.cell(&mut line, usize::MAX, "Nothing yet; first answers are still to come.", Role::Text);
    } else {
        pen.left(&mut line, pen.glyphs().up, Role::Up);
        pen.cell(&mut line, usize::MAX, "Nothing. All that is watched is as it should be.", Role::Text);
    }
}

/// The message without the name that stands before it anyway.
fn told<'a>(subject: &str, message: &'a str) -> &'a str {
    let Some(rest) = message.strip_prefix(subject) else { return message };
    match rest.strip_prefix(' ').or_else(|| rest.strip_prefix(": ")) {
        Some(rest) => rest.strip_prefix("is ").unwrap_or(rest),
        None => message,
    }
}

fn line(model: &Model, pen: &mut Pen<'_>, area: Rect, finding: &Finding) {
    let selected = model.pane == Pane::Findings && model.is_selected(&finding_subject(finding));
    let mut line = area;
    if selected {
        pen.select(line);
    }
    let mark = words::severity(finding.severity, pen.glyphs());
    pen.left(&mut line, if selected { pen.glyphs().marker } else { " " }, Role::Focus);
    pen.left(&mut line, mark.glyph, mark.role);
    take_right(&mut line, 1);
    pen.right(&mut line, &format!("{:>12}", words::since(finding.since, model.now)), Role::Dim);
    let role = if selected { Role::Selected } else { Role::Strong };
    statement(model, pen, &mut line, (&finding.subject, role), &finding.message);
}

/// A name and what is said of it. Short names share a column; a long one takes the room that it needs.
pub(super) fn statement(
    model: &Model,
    pen: &mut Pen<'_>,
    line: &mut Rect,
    (subject, role): (&str, Role),
    message: &str,
) {
    let name = model.names.of(subject);
    Pen::gap(line, 1);
    let text = told(subject, told(name, message));
    let column = model.names.longest().min(16);
    pen.left(line, name, role);
    Pen::gap(line, column.saturating_sub(width(name)));
    pen.cell(line, usize::MAX, text, Role::Text);
}
