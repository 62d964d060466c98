//! The help: every action with its keys, and what the signs mean. Comes from the table of actions and from the keymap.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::action::{ACTIONS, Danger};
use crate::ui::layout::{centred, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::{Pen, Title};
use crate::ui::text::width;

/// Draws the help from its `top`th line on.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, top: usize) {
    let lines = lines(model, pen.glyphs());
    let place = centred(area, 104, lines.len() + 2);
    pen.clear(place);
    let rows = usize::from(place.height).saturating_sub(2);
    let top = top.min(lines.len().saturating_sub(rows));
    let more =
        if lines.len() > rows { format!("{}-{} of {}", top + 1, top + rows, lines.len()) } else { String::new() };
    let mut rest = pen.panel(place, &Title { note: &more, focus: true, ..Title::plain("Help") });
    for line in lines.iter().skip(top).take(rows) {
        let mut place = take_top(&mut rest, 1);
        for (columns, text, role) in line {
            let mut cell = crate::ui::layout::take_left(&mut place, (*columns).max(1));
            let padded =
                if *columns == usize::MAX { cell } else { crate::ui::layout::take_left(&mut cell, columns - 1) };
            pen.put(padded, text, *role);
        }
    }
}

type Line = Vec<(usize, String, Role)>;

fn lines(model: &Model, glyphs: &Glyphs) -> Vec<Line> {
    let mut lines: Vec<Line> = ACTIONS
        .iter()
        .map(|row| {
            let keys =
                model.keymap.keys(row.id).iter().map(|key| key.label(glyphs.arrows)).collect::<Vec<_>>().join(" ");
            let (help, role) = match (row.when)(model) {
                Err(why) if row.danger == Danger::DemoOnly => (format!("{} ({why})", row.help), Role::Dim),
                _ => (row.help.to_owned(), Role::Text),
            };
            vec![(18, keys, Role::Key), (usize::MAX, help, role)]
        })
        .collect();
    lines.push(Vec::new());
    lines.extend(signs(glyphs).into_iter().map(|(glyph, role, text)| {
        vec![(width(glyph).max(2) + 1, glyph.to_owned(), role), (usize::MAX, text.to_owned(), Role::Text)]
    }));
    lines
}

fn signs(glyphs: &Glyphs) -> Vec<(&'static str, Role, &'static str)> {
    vec![
        (glyphs.up, Role::Up, "up: answers as it should; in the matrix: takes the plan's calls"),
        (
            glyphs.warn,
            Role::Warn,
            "up with a warning, or silent to this console; in the matrix: takes no calls, or drifts",
        ),
        (glyphs.warn, Role::Down, "degraded: alive, and does not answer as it should; or up with something critical"),
        (glyphs.down, Role::Down, "down: nothing answers; or a critical finding"),
        (glyphs.unknown, Role::Unknown, "unknown: no answer yet, or the last one is too old to be believed"),
        (glyphs.off, Role::Off, "out of service as designed: a disabled standby"),
        (glyphs.draining, Role::Warn, "draining: ends the calls that it has, takes no new ones"),
        (glyphs.none, Role::Dim, "in the matrix: no member"),
        (glyphs.spark[1], Role::Spark, "latency, drawn in place: the newest is left of the gap"),
        (glyphs.missed, Role::Down, "in the latency: no answer"),
    ]
}
