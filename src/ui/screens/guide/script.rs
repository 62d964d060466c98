//! The dry run: the exact messages and commands, as they would be sent.

use ratatui::layout::Rect;

use super::rows::{Row, draw as draw_rows};
use crate::app::guide::Guide;
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::wrap;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let script = guide.made.as_ref().map(|made| made.script.as_slice()).unwrap_or_default();
    let mut rows = vec![Row::text("Exactly this would be sent and run, in this order; nothing was.", Role::Strong)];
    rows.push(Row::gap());
    rows.extend(script.iter().flat_map(|line| whole(line, usize::from(area.width))));
    draw_rows(pen, area, &rows, None, guide.top);
}

/// Nothing of a message is cut off: a long line goes on below, further in.
fn whole(line: &str, columns: usize) -> Vec<Row> {
    let role = if line.starts_with("[ ]") { Role::Strong } else { Role::Text };
    let indent = line.len() - line.trim_start().len();
    let parts = wrap(line.trim_start(), columns.saturating_sub(indent + 4).max(20));
    let mut rows: Vec<Row> = Vec::new();
    for (number, part) in parts.into_iter().enumerate() {
        let indent = " ".repeat(if number == 0 { indent } else { indent + 4 });
        rows.push(Row::text(format!("{indent}{part}"), role));
    }
    if rows.is_empty() { vec![Row::gap()] } else { rows }
}
