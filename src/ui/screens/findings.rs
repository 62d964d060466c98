//! What needs attention: findings, worst first.

use ratatui::layout::Rect;

use crate::app::action::Id;
use crate::app::model::finding_subject;
use crate::app::{Model, Pane};
use crate::domain::attention::Muted;
use crate::domain::finding::Finding;
use crate::ui::layout::{take_bottom, take_right};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words;

use super::sites::ruled;

/// How many there are.
pub(super) fn note(model: &Model) -> String {
    let of_site = model.page_of().map(|site| format!(" about {}", site.name)).unwrap_or_default();
    match model.items(Pane::Findings).len() {
        0 => String::new(),
        many => words::count(many, "finding", "findings") + &of_site,
    }
}

/// Findings under a ruled heading.
pub(super) fn section(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let rest = ruled(pen, area, "Needs attention", &note(model), model.pane() == Pane::Findings);
    list(model, pen, rest);
}

/// Findings, as many as fit around the selected one.
pub(super) fn list(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let items = model.items(Pane::Findings);
    if items.is_empty() {
        if model.picture.findings.is_empty() {
            return nothing(model, pen, area);
        }
        if let Some(site) = model.page_of().filter(|_| model.filter.is_empty()) {
            let back = model.key(Id::Close, pen.glyphs().arrows).map(|key| format!("; {key} goes back to all sites"));
            let text = format!("Nothing about {}{}.", site.name, back.unwrap_or_default());
            return super::list::nothing(model, pen, area, &text);
        }
        return super::list::nothing(model, pen, area, "");
    }
    let mut rest = area;
    let hidden = items.len().saturating_sub(usize::from(rest.height));
    if hidden > 0 && model.pane() != Pane::Findings {
        let mut place = take_bottom(&mut rest, 1);
        Pen::gap(&mut place, 2);
        pen.cell(&mut place, usize::MAX, &format!("{} {} more", pen.glyphs().more[1], hidden + 1), Role::Dim);
    }
    let ages = model.picture.findings.iter().map(|finding| width(&words::since(finding.since, model.now)));
    let age = ages.max().unwrap_or(0);
    super::list::lines(model, pen, rest, Pane::Findings, |pen, place, subject, selected| {
        let found = model.picture.findings.iter().find(|finding| finding_subject(finding) == *subject);
        if let Some(finding) = found {
            line(model, pen, place, finding, (age, selected));
        }
    });
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

/// The message without any name of what it is about: the whole one, the short one, the host's.
pub(super) fn without_name<'a>(subject: &str, name: &str, message: &'a str) -> &'a str {
    // A message names the host, whatever name tells it apart here.
    let host = name.split('.').next().unwrap_or(name);
    told(subject, told(name, told(host, message)))
}

fn line(model: &Model, pen: &mut Pen<'_>, area: Rect, finding: &Finding, (age, selected): (usize, bool)) {
    let mut line = area;
    let mark = words::severity(finding.severity, pen.glyphs());
    let muted = model.muted(finding);
    pen.left(&mut line, mark.glyph, if muted.is_some() { Role::Dim } else { mark.role });
    take_right(&mut line, 1);
    pen.right(&mut line, &format!(" {:>age$}", words::since(finding.since, model.now)), Role::Dim);
    let message = match muted {
        None => finding.message.clone(),
        Some(Muted::Acknowledged(said)) => format!("{} (known to {}: {})", finding.message, said.by, said.reason),
        Some(Muted::Expected(window)) => {
            let left = window.until.strftime("%H:%M UTC");
            format!("{} (maintenance until {left}: {})", finding.message, window.reason)
        }
    };
    let role = match muted {
        _ if selected => Role::Selected,
        Some(_) => Role::Dim,
        None => Role::Strong,
    };
    let text = if muted.is_some() { Role::Dim } else { Role::Text };
    statement(model, pen, &mut line, (&finding.subject, role), (&message, text));
}

/// A name and what is said of it. Short names share a column; a long one takes the room that it needs.
pub(super) fn statement(
    model: &Model,
    pen: &mut Pen<'_>,
    line: &mut Rect,
    (subject, role): (&str, Role),
    (message, text_role): (&str, Role),
) {
    let short;
    let name = match subject.strip_prefix("run ") {
        Some(id) => {
            short = format!("run {}", words::run_id(id));
            &short
        }
        None => model.names.of(subject),
    };
    Pen::gap(line, 1);
    let text = without_name(subject, name, message);
    let column = model.names.longest().min(16);
    pen.left(line, name, role);
    Pen::gap(line, column.saturating_sub(width(name)));
    pen.cell(line, usize::MAX, text, text_role);
}
