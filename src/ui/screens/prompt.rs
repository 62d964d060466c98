//! One line that is typed, over the screen.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::prompt::{Prompt, Purpose};
use crate::ui::layout::{centred, take_bottom, take_top};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};
use crate::ui::text::wrap;

/// Columns that are enough for everything.
const WIDEST: usize = 124;

/// Draws the dialog at the foot, so that what it is about stays in sight.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, prompt: &Prompt) {
    let (name, hint) = prompt.words();
    let name = about(model, prompt).unwrap_or(name);
    let columns = usize::from(area.width).min(WIDEST);
    let told = prompt.problem.as_deref().unwrap_or(hint);
    let lines = wrap(told, columns.saturating_sub(4));
    let rows = lines.len() + 3;
    let place = centred(take_bottom(&mut area.clone(), rows), columns, rows);
    pen.clear(place);
    let mut rest = pen.panel(place, &Title { focus: true, ..Title::plain(&name) });
    super::typing::line(pen, take_top(&mut rest, 1), &prompt.input);
    let role = if prompt.problem.is_some() { Role::Down } else { Role::Dim };
    for line in lines {
        pen.put(take_top(&mut rest, 1), &line, role);
    }
}

/// What a finding says that is to be acknowledged.
fn about(model: &Model, prompt: &Prompt) -> Option<String> {
    let Purpose::Acknowledge { id, subject } = &prompt.purpose else { return None };
    let finding = model.picture.findings.iter().find(|finding| finding.id == *id && finding.subject == *subject)?;
    Some(format!("Acknowledge: {}", finding.message))
}
