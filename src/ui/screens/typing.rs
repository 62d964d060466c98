//! A line that is typed: scrolled so that the cursor is seen, and the cursor put where the next character goes.

use ratatui::layout::Rect;
use tui_input::Input;

use crate::ui::layout::take_left;
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::width;

/// Draws what was typed into the first row of an area.
pub(super) fn line(pen: &mut Pen<'_>, area: Rect, input: &Input) {
    let columns = usize::from(area.width);
    if columns == 0 {
        return;
    }
    let scroll = input.visual_scroll(columns.saturating_sub(1));
    let mut skipped = 0;
    let shown: String = input
        .value()
        .chars()
        .skip_while(|c| {
            let skip = skipped < scroll;
            skipped += width(c.encode_utf8(&mut [0; 4]));
            skip
        })
        .collect();
    let mut place = Rect { height: area.height.min(1), ..area };
    pen.clear(place);
    pen.put(place, &shown, Role::Strong);
    take_left(&mut place, input.visual_cursor().saturating_sub(scroll));
    pen.point(Rect { width: place.width.max(1).min(area.width), ..place });
}
