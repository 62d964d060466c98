//! Everything about a run, in the inspect pane: where it is, what it changed, what is left; Enter opens the whole timeline.

use crate::app::Model;
use crate::failover::plan::RunId;
use crate::ui::look::Role;

use super::detail::{Line, paragraph};
use super::guide::{lately, offered, run_role};

/// Lines about a run.
pub(super) fn run(model: &Model, id: &RunId, columns: usize) -> Vec<Line> {
    let Some(view) = model.runs.get(id) else {
        let why = model.runs.iter().find(|seen| seen.id == *id).and_then(|seen| seen.view.as_ref().err());
        let text = why.map_or_else(|| "It is gone.".to_owned(), |why| format!("It cannot be read: {why}"));
        return paragraph("", &text, Role::Down, columns);
    };
    let (plan, summary) = (view.run.plan(), view.run.summary());
    let word = if view.is_interrupted() { "interrupted: its executor is gone" } else { view.run.state().word() };
    let mut lines = vec![Line::new("State", vec![(word.to_owned(), run_role(view))])];
    lines.extend(paragraph("Say", view.run.say().as_str(), Role::Strong, columns));
    if let Some(why) = view.run.why() {
        lines.extend(paragraph("Waits", why.as_str(), Role::Down, columns));
    }
    for ask in view.offers() {
        lines.extend(paragraph("", &format!("- {}", offered(&ask)), Role::Text, columns));
    }
    if let Some(reason) = &plan.reason {
        lines.extend(paragraph("Why", reason, Role::Text, columns));
    }
    for (label, all, role) in [
        ("Changed", &summary.changed, Role::Text),
        ("Not", &summary.not_changed, Role::Dim),
        ("Unknown", &summary.unknown, Role::Unknown),
    ] {
        for (number, line) in all.iter().enumerate() {
            let text = model.names.shorten(line.as_str());
            lines.extend(paragraph(if number == 0 { label } else { "" }, &text, role, columns));
        }
    }
    for (number, item) in view.run.open_items().iter().enumerate() {
        let label = if number == 0 { "Left to do" } else { "" };
        lines.extend(paragraph(label, &super::runs::about(model, view, item), Role::Warn, columns));
    }
    for (number, (at, said)) in lately(view, model.now, &model.names).iter().enumerate() {
        let text = format!("{} {said}", at.strftime("%H:%M:%S"));
        lines.extend(paragraph(if number == 0 { "Lately" } else { "" }, &text, Role::Dim, columns));
    }
    lines.push(Line::text("Hash", plan.hash().to_owned()));
    lines
}
