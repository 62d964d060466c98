//! Writes into the buffer: text clipped to its place, panels, lines that are filled from the left and from the right.

use std::borrow::Cow;

use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::hit::Hit;

use super::encode::Cursor;
use super::layout::{inside, take_left, take_right, take_top};
use super::look::{Glyphs, Look, Role};
use super::text::{ascii, cells, fit, is_plain, width};

/// What stands where, in the order in which it was drawn.
pub(super) type Hits = Vec<(Rect, Hit)>;

/// A buffer and the look to draw with.
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    pub(super) look: &'a Look,
    hits: Hits,
    /// Where the next typed character goes.
    typed: Option<(u16, u16)>,
    /// Where the innermost thing that has the keys begins: what is selected, or else the panel.
    attention: Option<(u16, u16)>,
}

/// What stands in a panel's upper border.
pub(super) struct Title<'a> {
    /// At the left: glyph and its role.
    pub(super) mark: Option<(&'a str, Role)>,
    /// At the left.
    pub(super) name: &'a str,
    /// At the right.
    pub(super) note: &'a str,
    /// Role of the note.
    pub(super) note_role: Role,
    /// Whether the arrows move in this panel.
    pub(super) focus: bool,
}

impl<'a> Title<'a> {
    pub(super) fn plain(name: &'a str) -> Self {
        Self { mark: None, name, note: "", note_role: Role::Dim, focus: false }
    }
}

impl<'a> Pen<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, look: &'a Look) -> Self {
        Self { buffer, look, hits: Vec::new(), typed: None, attention: None }
    }

    /// Says what stands in an area, for the mouse. What is drawn later lies above.
    pub(super) fn hit(&mut self, area: Rect, hit: Hit) {
        self.hits.push((area, hit));
    }

    /// Says where the next character would go: the cursor is shown there.
    pub(super) fn point(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        if area.area() > 0 {
            self.typed = Some((area.x, area.y));
        }
    }

    /// Says where a reader should look: screen readers and Braille lines follow the cursor, which is put there without being shown.
    fn attend(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        if area.area() > 0 {
            self.attention = Some((area.x, area.y));
        }
    }

    /// What stands where, and where the cursor goes.
    pub(super) fn into_marks(self) -> (Hits, Option<Cursor>) {
        let shown = self.typed.map(|(x, y)| Cursor { x, y, shown: true });
        (self.hits, shown.or(self.attention.map(|(x, y)| Cursor { x, y, shown: false })))
    }

    pub(super) fn glyphs(&self) -> &'a Glyphs {
        self.look.glyphs()
    }

    fn style(&self, role: Role) -> Style {
        self.look.style(role)
    }

    /// Writes at the left end of an area's first row, cut with an ellipsis.
    pub(super) fn put(&mut self, area: Rect, text: &str, role: Role) {
        let area = area.intersection(self.buffer.area);
        if area.area() == 0 {
            return;
        }
        let columns = usize::from(area.width);
        let plain = if self.glyphs().arrows { Cow::Borrowed(text) } else { ascii(text) };
        let text = plain.as_ref();
        if width(text) <= columns {
            self.write(area, text, role);
        } else {
            self.write(area, &fit(text, columns, self.glyphs().ellipsis), role);
        }
    }

    /// Writes what fits into the row where an area begins, character by character; of a wide one, both columns are its own.
    fn write(&mut self, area: Rect, text: &str, role: Role) {
        let style = self.style(role);
        self.mend(take_top(&mut area.clone(), 1));
        // Inside the buffer, as `put` has seen to it.
        let start = self.buffer.index_of(area.x, area.y);
        let Some(room) = self.buffer.content.get_mut(start..start + usize::from(area.width)) else { return };
        if is_plain(text) {
            for (cell, letter) in room.iter_mut().zip(text.chars()) {
                cell.set_char(letter).set_style(style);
            }
            return;
        }
        let mut room = room;
        for (symbol, columns) in cells(text) {
            let Some((own, rest)) = room.split_at_mut_checked(columns) else { return };
            for cell in &mut *own {
                cell.set_symbol(" ").set_style(style);
            }
            if let Some(first) = own.first_mut() {
                first.set_symbol(&symbol);
            }
            room = rest;
        }
    }

    /// A wide character that loses its second half to an area loses its first half, too.
    fn mend(&mut self, area: Rect) {
        let Some(x) = area.x.checked_sub(1) else { return };
        for row in area.rows() {
            if let Some(cell) = self.buffer.cell_mut((x, row.y)).filter(|cell| cell.cell_width() > 1) {
                cell.set_symbol(" ");
            }
        }
    }

    /// Writes at the left end of what is left of a line.
    pub(super) fn left(&mut self, line: &mut Rect, text: &str, role: Role) {
        let place = take_left(line, width(text));
        self.put(place, text, role);
    }

    /// Writes at the right end of what is left of a line.
    pub(super) fn right(&mut self, line: &mut Rect, text: &str, role: Role) {
        let place = take_right(line, width(text));
        self.put(place, text, role);
    }

    /// Writes into a column of a line, at its left. A column without width is not there at all.
    pub(super) fn cell(&mut self, line: &mut Rect, columns: usize, text: &str, role: Role) {
        if columns > 0 {
            take_left(line, 1);
            let place = take_left(line, columns);
            self.put(place, text, role);
        }
    }

    /// Writes into a column of a line, at its right.
    pub(super) fn number(&mut self, line: &mut Rect, columns: usize, text: &str, role: Role) {
        if columns > 0 {
            take_left(line, 1);
            let mut place = take_left(line, columns);
            let text = fit(text, columns, self.glyphs().ellipsis);
            self.right(&mut place, &text, role);
        }
    }

    /// Leaves columns of a line free.
    pub(super) fn gap(line: &mut Rect, columns: usize) {
        take_left(line, columns);
    }

    /// Lays the style of a selected line over it.
    pub(super) fn select(&mut self, line: Rect) {
        self.attend(line);
        let area = line.intersection(self.buffer.area);
        let style = self.style(Role::SelectedRow);
        self.buffer.set_style(area, style);
    }

    /// A line across.
    pub(super) fn rule(&mut self, line: Rect, role: Role) {
        let line = line.intersection(self.buffer.area);
        let (sign, style) = (self.glyphs().horizontal, self.style(role));
        self.mend(take_top(&mut line.clone(), 1));
        let start = if line.area() > 0 { self.buffer.index_of(line.x, line.y) } else { return };
        for cell in self.buffer.content.iter_mut().skip(start).take(usize::from(line.width)) {
            cell.set_symbol(sign).set_style(style);
        }
    }

    /// Empties an area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        if area.area() == 0 {
            return;
        }
        self.mend(area);
        let blank = self.look.blank();
        for row in area.rows() {
            let start = self.buffer.index_of(row.x, row.y);
            if let Some(row) = self.buffer.content.get_mut(start..start + usize::from(row.width)) {
                row.fill(blank.clone());
            }
        }
    }

    /// Draws a panel's border and title; gives its inside.
    pub(super) fn panel(&mut self, area: Rect, title: &Title<'_>) -> Rect {
        let role = if title.focus { Role::Focus } else { Role::Border };
        self.border(area, role);
        let mut top = area;
        let mut top = take_top(&mut top, 1);
        take_left(&mut top, 1);
        take_right(&mut top, 1);
        if area.width > 6 {
            take_right(&mut top, 1);
            self.left(&mut top, " ", role);
            if let Some((glyph, role)) = title.mark {
                self.left(&mut top, glyph, role);
                self.left(&mut top, " ", role);
            }
            let name = fit(title.name, usize::from(top.width).saturating_sub(1), self.glyphs().ellipsis);
            self.left(&mut top, &name, if title.focus { Role::Focus } else { Role::Strong });
            self.left(&mut top, " ", role);
            if !title.note.is_empty() && usize::from(top.width) > width(title.note) + 2 {
                self.right(&mut top, " ", role);
                self.right(&mut top, title.note, title.note_role);
                self.right(&mut top, " ", role);
            }
        }
        let inside = inside(area);
        if title.focus {
            self.attend(inside);
        }
        inside
    }

    fn border(&mut self, area: Rect, role: Role) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let glyphs = self.glyphs();
        let [left_top, right_top, left_bottom, right_bottom] = glyphs.corners;
        let mut rest = area;
        let mut top = take_top(&mut rest, 1);
        self.left(&mut top, left_top, role);
        self.right(&mut top, right_top, role);
        self.rule(top, role);
        let mut bottom = super::layout::take_bottom(&mut rest, 1);
        self.left(&mut bottom, left_bottom, role);
        self.right(&mut bottom, right_bottom, role);
        self.rule(bottom, role);
        while rest.height > 0 {
            let mut line = take_top(&mut rest, 1);
            self.left(&mut line, glyphs.vertical, role);
            self.right(&mut line, glyphs.vertical, role);
        }
    }
}
