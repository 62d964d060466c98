//! A list that the arrows move in: as many lines as fit around the selected one, with its marker; each line can be clicked. And the
//! frame of a screen that is such a list and an inspect pane.

use ratatui::layout::Rect;

use crate::app::hit::Hit;
use crate::app::page::Order;
use crate::app::{Model, Pane, Subject};
use crate::ui::layout::{Form, take_bottom, take_left, take_right, take_top, window};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};

/// Draws a pane's lines; `line` draws what stands right of the marker, and is told whether it is selected.
pub(super) fn lines(
    model: &Model,
    pen: &mut Pen<'_>,
    area: Rect,
    pane: Pane,
    line: impl FnMut(&mut Pen<'_>, Rect, &Subject, bool),
) {
    some(model, pen, area, pane, &model.items(pane), line);
}

/// The same for some of a pane's lines: a part of the list that is drawn in a place of its own.
pub(super) fn some(
    model: &Model,
    pen: &mut Pen<'_>,
    area: Rect,
    pane: Pane,
    items: &[Subject],
    mut line: impl FnMut(&mut Pen<'_>, Rect, &Subject, bool),
) {
    let mut rest = area;
    let chosen = model.chosen.get(&pane);
    let at = chosen.and_then(|chosen| items.iter().position(|item| item == chosen)).unwrap_or(0);
    let rows = usize::from(rest.height);
    let focus = model.pane() == pane;
    for item in items.iter().skip(window(at, items.len(), rows)).take(rows) {
        let place = take_top(&mut rest, 1);
        let selected = chosen == Some(item);
        mark(pen, place, pane, item, selected && focus);
        let mut place = place;
        take_left(&mut place, 1);
        line(pen, place, item, selected && focus);
    }
}

/// Marks a line of a pane, and says that it can be clicked.
pub(super) fn mark(pen: &mut Pen<'_>, line: Rect, pane: Pane, subject: &Subject, selected: bool) {
    pen.hit(line, Hit::Subject(pane, subject.clone()));
    if selected {
        pen.select(line);
        pen.put(line, pen.glyphs().marker, Role::Focus);
    }
}

/// The places of a list and of the inspect pane below or beside it; the pane gets no place where there is no room for both.
pub(super) fn split(area: Rect, form: Form, wanted: usize, beside: bool) -> (Rect, Rect) {
    let mut rest = area;
    match form {
        Form::Wide if beside => {
            let columns = usize::from(rest.width) * 9 / 20;
            let detail = take_right(&mut rest, columns);
            (rest, detail)
        }
        Form::Wide | Form::Compact => {
            let rows = usize::from(rest.height);
            let list = wanted.min(rows.saturating_sub(8).max(rows / 3));
            let detail = take_bottom(&mut rest, rows.saturating_sub(list));
            (rest, detail)
        }
        Form::Lines | Form::TooSmall => {
            let none = take_bottom(&mut rest, 0);
            (rest, none)
        }
    }
}

/// A screen's own panel; gives its inside, with the column of air beside the border for the marker.
pub(super) fn panel(
    model: &Model,
    pen: &mut Pen<'_>,
    area: Rect,
    form: Form,
    name: &str,
    note: &str,
    pane: Pane,
) -> Rect {
    // That lines stand as in the topology file goes without saying.
    let order = model.order(pane).filter(|order| *order != Order::Declared).map(Order::words);
    let note =
        [note, order.unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    if form != Form::Wide {
        return super::sites::ruled(pen, area, name, &note, model.pane() == pane);
    }
    let title = Title { note: &note, focus: model.pane() == pane, ..Title::plain(name) };
    let inner = pen.panel(area, &title);
    Rect { x: inner.x.saturating_sub(1), width: inner.width.saturating_add(1), ..inner }
}

/// What to say in place of a list that has no lines.
pub(super) fn nothing(model: &Model, pen: &mut Pen<'_>, area: Rect, text: &str) {
    let text = if model.filter.is_empty() { text.to_owned() } else { format!("Nothing matches {}.", model.filter) };
    let mut line = area;
    Pen::gap(&mut line, 1);
    pen.put(line, &text, Role::Dim);
}
