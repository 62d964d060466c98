//! One line that is typed, over the screen.

use ratatui::layout::Rect;

use crate::app::prompt::Prompt;
use crate::ui::layout::{centred, take_top};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};
use crate::ui::text::wrap;

/// Draws the dialog.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, prompt: &Prompt) {
    let (name, hint) = prompt.words();
    let columns = usize::from(area.width).min(92);
    let told = prompt.problem.as_deref().unwrap_or(hint);
    let lines = wrap(told, columns.saturating_sub(4));
    let place = centred(area, columns, lines.len() + 4);
    pen.clear(place);
    let mut rest = pen.panel(place, &Title { focus: true, ..Title::plain(&name) });
    super::typing::line(pen, take_top(&mut rest, 1), &prompt.input);
    take_top(&mut rest, 1);
    let role = if prompt.problem.is_some() { Role::Down } else { Role::Dim };
    for line in lines {
        pen.put(take_top(&mut rest, 1), &line, role);
    }
}
