//! The demo's faults, to switch on and off.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::trainer::Trainer;
use crate::ui::layout::{take_bottom, take_top, window};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};
use crate::ui::text::{width, wrap};
use crate::ui::words;

/// Draws the panel.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let Some(trainer) = &model.trainer else { return };
    let on = trainer.switched_on();
    let note = if on == 0 { "all well".to_owned() } else { format!("{on} on") };
    let note_role = if on == 0 { Role::Dim } else { Role::Warn };
    let title = Title { note: &note, note_role, focus: true, ..Title::plain("Break it") };
    let mut rest = pen.panel(area, &title);
    advice(model, pen, &mut rest, trainer);
    list(pen, Rect { x: rest.x.saturating_sub(1), width: rest.width.saturating_add(1), ..rest }, trainer);
}

fn advice(model: &Model, pen: &mut Pen<'_>, rest: &mut Rect, trainer: &Trainer) {
    let console = &model.topology.console;
    let seen = format!(
        "Real faults on the embedded servers. Seen after {} of {} s each; over after {}.",
        words::count(console.fall as usize, "round", "rounds"),
        console.interval.as_secs_f32(),
        console.rise
    );
    let (text, role) = trainer.refused.as_ref().map_or((seen.as_str(), Role::Dim), |why| (why.as_str(), Role::Down));
    let lines = wrap(text, usize::from(rest.width));
    let mut place = take_bottom(rest, lines.len() + 1);
    take_top(&mut place, 1);
    for line in lines {
        let line_place = take_top(&mut place, 1);
        pen.put(line_place, &line, role);
    }
}

fn list(pen: &mut Pen<'_>, area: Rect, trainer: &Trainer) {
    let mut rest = area;
    let rows = usize::from(rest.height);
    let top = window(trainer.position().unwrap_or(0), trainer.rows.len(), rows);
    let subject = trainer.rows.iter().map(|row| width(&row.subject)).max().unwrap_or(0).min(14);
    let mut before = "";
    for row in trainer.rows.iter().skip(top).take(rows) {
        let mut line = take_top(&mut rest, 1);
        let selected = trainer.selected() == Some(row);
        if selected {
            pen.select(line);
        }
        pen.left(&mut line, if selected { pen.glyphs().marker } else { " " }, Role::Focus);
        let name = crate::ui::layout::take_left(&mut line, subject);
        // A subject is named once for all its faults, and where the selection is.
        pen.put(name, if before == row.subject && !selected { "" } else { &row.subject }, Role::Strong);
        before = &row.subject;
        let (word, role) = if row.on { ("ON", Role::Down) } else { (pen.glyphs().none, Role::Dim) };
        pen.cell(&mut line, 3, word, role);
        let role = match (selected, row.on) {
            (true, _) => Role::Selected,
            (false, true) => Role::Down,
            (false, false) => Role::Text,
        };
        Pen::gap(&mut line, 1);
        pen.left(&mut line, &row.fault, role);
    }
}
