//! The Runs screen: every run of the state directory, newest first, whoever started it; and what is left to do.

use ratatui::layout::Rect;

use crate::app::runs::{RunSeen, RunView};
use crate::app::{Model, Pane, Subject};
use crate::failover::plan::{Direction, OpenItem};
use crate::ui::layout::{Form, take_left, take_right, take_top};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::words;

use super::guide::{numbers, run_role, run_word};
use super::{detail, list};

/// Draws the screen into its body.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    let mut rest = area;
    left_to_do(model, pen, &mut rest);
    let count = model.items(Pane::Runs).len();
    let (place, detail) = list::split(rest, form, count.max(1) + frame(form), false);
    let note = words::count(count, "run", "runs");
    let inner = list::panel(model, pen, place, form, "Runs", &note, Pane::Runs);
    if count == 0 {
        return list::nothing(model, pen, inner, "Nothing was ever changed from this state directory.");
    }
    list::lines(model, pen, inner, Pane::Runs, |pen, line, subject, selected| {
        if let Subject::Run(id) = subject
            && let Some(seen) = model.runs.iter().find(|seen| seen.id == *id)
        {
            run_line(pen, line, seen, selected);
        }
    });
    if detail.area() > 0 {
        detail::panel(model, pen, detail);
    }
}

/// What runs left to do, until it is settled: it stays in sight.
pub(super) fn left_to_do(model: &Model, pen: &mut Pen<'_>, rest: &mut Rect) {
    let most = (usize::from(rest.height) / 4).max(1);
    for (view, item) in model.runs.left_to_do().take(most) {
        let mut line = take_top(rest, 1);
        Pen::gap(&mut line, 1);
        pen.left(&mut line, pen.glyphs().warn, Role::Warn);
        take_right(&mut line, 1);
        pen.right(&mut line, &format!(" {}", words::run_id(view.run.plan().id.as_str())), Role::Dim);
        pen.left(&mut line, " left to do: ", Role::Warn);
        pen.put(line, &about(model, view, item), Role::Text);
    }
}

/// Nobody has proved yet, by a call, that voice mail answers.
const NOT_CALLED: &str = "not-proven-by-a-call";

/// Rows of the list's frame.
fn frame(form: Form) -> usize {
    if form == Form::Wide { 2 } else { 1 }
}

/// What is left to do, and about what, where it does not say so itself.
pub(super) fn about(model: &Model, view: &RunView, item: &OpenItem) -> String {
    if item.id == NOT_CALLED {
        return format!("call {}, then C says what was heard: {}", numbers(view), item.says);
    }
    let (about, says) = (model.names.of(&item.subject), model.names.shorten(&item.says));
    if says.contains(about) { says } else { format!("{about}: {says}") }
}

fn run_line(pen: &mut Pen<'_>, area: Rect, seen: &RunSeen, selected: bool) {
    let mut line = area;
    let view = match &seen.view {
        Ok(view) => view,
        Err(why) => {
            pen.left(&mut line, &format!("{} {}  ", pen.glyphs().down, seen.id), Role::Down);
            return pen.put(line, why.as_str(), Role::Down);
        }
    };
    let plan = view.run.plan();
    let role = run_role(view);
    let (glyph, word) = run_word(view, pen.glyphs());
    pen.left(&mut line, glyph, role);
    Pen::gap(&mut line, 1);
    let began = view.run.times().0.unwrap_or(plan.created);
    let place = take_left(&mut line, 12);
    pen.put(place, &began.strftime("%m-%d %H:%M").to_string(), Role::Dim);
    take_right(&mut line, 1);
    pen.right(&mut line, &format!(" {}", words::run_id(plan.id.as_str())), Role::Dim);
    let place = take_left(&mut line, 13);
    pen.put(place, word, role);
    let home = if plan.direction == Direction::Back { " (home)" } else { "" };
    let arrow = pen.glyphs().arrow;
    let text = if plan.from == plan.to {
        format!("{}", plan.from)
    } else {
        format!("{} {arrow} {}{home}", plan.from, plan.to)
    };
    pen.left(&mut line, &text, if selected { Role::Selected } else { Role::Strong });
    let by = view.run.operator().map(|by| format!("  by {by}")).unwrap_or_default();
    pen.left(&mut line, &by, Role::Dim);
}
