//! The dry run: the exact messages and commands, as they would be sent.

use ratatui::layout::Rect;

use super::rows::{Row, draw as draw_rows};
use crate::app::guide::Guide;
use crate::ui::look::Role;
use crate::ui::pen::Pen;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let script = guide.made.as_ref().map(|made| made.script.as_slice()).unwrap_or_default();
    let mut rows = vec![Row::text("Exactly this would be sent and run, in this order; nothing was.", Role::Strong)];
    rows.extend(script.iter().map(|line| Row::text(line.clone(), Role::Text)));
    draw_rows(pen, area, &rows, None, guide.top);
}
