//! The Certificates screen.

use ratatui::layout::Rect;

use crate::app::{Model, Pane};
use crate::ui::layout::Form;
use crate::ui::look::Role;
use crate::ui::pen::Pen;

use super::{detail, list};

/// Draws the screen into its body.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    let count = model.items(Pane::Certificates).len();
    let (place, detail) = list::split(area, form, count + 3, false);
    let inner = list::panel(model, pen, place, form, "Certificates", "", Pane::Certificates);
    list::lines(model, pen, inner, Pane::Certificates, |pen, line, subject, selected| {
        let name = subject.host().map(ToString::to_string).unwrap_or_default();
        pen.put(line, &name, if selected { Role::Selected } else { Role::Text });
    });
    if detail.area() > 0 {
        detail::panel(model, pen, detail);
    }
}
