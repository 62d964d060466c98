//! Lines of the dialog: text from the left, a note at the right, some of them to be chosen. Scrolled so that the chosen one is seen.

use ratatui::layout::Rect;

use crate::app::hit::Hit;
use crate::ui::layout::{take_top, window};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::{width, wrap};

/// A line.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) spans: Vec<(String, Role)>,
    pub(super) note: Option<(String, Role)>,
    /// The number of the choice that it shows.
    pub(super) choice: Option<usize>,
}

impl Row {
    pub(super) fn new(spans: Vec<(String, Role)>) -> Self {
        Self { spans, ..Self::default() }
    }

    pub(super) fn text(text: impl Into<String>, role: Role) -> Self {
        Self::new(vec![(text.into(), role)])
    }

    /// An empty one.
    pub(super) fn gap() -> Self {
        Self::default()
    }

    pub(super) fn note(self, text: impl Into<String>, role: Role) -> Self {
        Self { note: Some((text.into(), role)), ..self }
    }

    pub(super) fn choice(self, number: usize) -> Self {
        Self { choice: Some(number), ..self }
    }
}

/// A heading.
pub(super) fn heading(text: &str) -> Row {
    Row::text(text, Role::Strong)
}

/// A long text in lines of at most `columns`, indented.
pub(super) fn paragraph(text: &str, role: Role, columns: usize) -> Vec<Row> {
    wrap(text, columns.saturating_sub(2)).into_iter().map(|line| Row::text(format!("  {line}"), role)).collect()
}

/// A label, and a long text beside it; further lines hang under the text.
pub(super) fn fact(label: &str, label_columns: usize, text: &str, role: Role, columns: usize) -> Vec<Row> {
    let indent = label_columns + 2;
    let pad = |label: &str| format!("{label}{}", " ".repeat(indent.saturating_sub(width(label))));
    let parts = wrap(text, columns.saturating_sub(indent + 2).max(20));
    let line = |(number, part): (usize, String)| {
        let label = if number == 0 { pad(label) } else { pad("") };
        Row::new(vec![(format!("  {label}"), Role::Dim), (part, role)])
    };
    parts.into_iter().enumerate().map(line).collect()
}

/// Draws lines from the `top`th on, further down where the chosen one would not be seen otherwise.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, rows: &[Row], chosen: Option<usize>, top: usize) {
    let mut rest = area;
    let height = usize::from(rest.height);
    let at = rows.iter().position(|row| row.choice.is_some() && row.choice == chosen);
    let around = at.map_or(0, |at| window(at, rows.len(), height));
    let first = if at.is_some_and(|at| at < height) && top == 0 { 0 } else { around };
    let first = (first + top).min(rows.len().saturating_sub(height));
    let hidden = rows.len().saturating_sub(first + height);
    for (line, row) in rows.iter().skip(first).take(height).enumerate() {
        let mut place = take_top(&mut rest, 1);
        if line + 1 == height && hidden > 0 && row.choice.is_none() {
            let text = format!("{} {} more", pen.glyphs().more[1], hidden + 1);
            pen.put(place, &text, Role::Dim);
            continue;
        }
        let selected = row.choice.is_some() && row.choice == chosen;
        if let Some(number) = row.choice {
            pen.hit(place, Hit::Choice(number));
        }
        if selected {
            pen.select(place);
        }
        if row.choice.is_some() {
            pen.left(&mut place, if selected { pen.glyphs().marker } else { " " }, Role::Focus);
        }
        if let Some((note, role)) = &row.note
            && usize::from(place.width) > width(note) + 16
        {
            pen.right(&mut place, note, *role);
            pen.right(&mut place, " ", Role::Text);
        }
        for (text, role) in &row.spans {
            pen.left(&mut place, text, *role);
        }
    }
}
