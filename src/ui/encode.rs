//! Turns what changed between two buffers into the fewest bytes: shortest cursor moves, smallest style changes, small gaps
//! printed over. One synchronised update per frame, and nothing at all when nothing changed.

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::text::width;

/// Begins and ends a synchronised update (DEC private mode 2026).
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// A cell's style as the terminal holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }
}

/// Knows where the terminal's cursor is and which style it writes with.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    /// Column and row; `None` when not known, as after the last column was written.
    at: Option<(u16, u16)>,
    pen: Pen,
}

/// Turns attributes on, and off. Bold and dim share one number for off.
const ATTRIBUTES: &[(Modifier, &str, &str)] = &[
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::REVERSED, "7", "27"),
];

impl Encoder {
    /// Bytes that clear the screen, after which nothing is known but that it is empty.
    pub(super) fn clear(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[0m\x1b[H\x1b[2J");
        *self = Self { at: Some((0, 0)), pen: Pen::default() };
    }

    /// Adds the bytes that lead from `shown` to `next`; none when they are the same and nothing is in `out`.
    pub(super) fn frame(&mut self, shown: &Buffer, next: &Buffer, out: &mut Vec<u8>) {
        let start = out.len();
        let cleared = start > 0;
        for (x, y, cell) in shown.diff_iter(next) {
            if out.len() == start && !cleared {
                out.extend_from_slice(BEGIN);
            }
            self.go(x, y, next, out);
            self.write(cell, next.area.width, out);
        }
        if cleared {
            out.splice(0..0, BEGIN.iter().copied());
        }
        if !out.is_empty() {
            out.extend_from_slice(END);
        }
    }

    fn write(&mut self, cell: &Cell, columns: u16, out: &mut Vec<u8>) {
        self.dress(Pen::of(cell), out);
        out.extend_from_slice(cell.symbol().as_bytes());
        // Terminals differ in how far a wide or composed character moves the cursor, and in where it is after the last column.
        let plain = cell.symbol().chars().count() == 1 && width(cell.symbol()) == 1;
        self.at = self.at.map(|(x, y)| (x.saturating_add(1), y)).filter(|(x, _)| plain && *x < columns);
    }

    /// Moves the cursor the shortest way.
    fn go(&mut self, x: u16, y: u16, next: &Buffer, out: &mut Vec<u8>) {
        if self.at == Some((x, y)) {
            return;
        }
        let mut best = format!("\x1b[{};{}H", y + 1, x + 1).into_bytes();
        if let Some((from, row)) = self.at {
            if row == y {
                shorter(&mut best, if x == 0 { b"\r".to_vec() } else { format!("\x1b[{}G", x + 1).into_bytes() });
                if x > from {
                    shorter(&mut best, step(x - from, 'C'));
                    self.reprint(from, x, y, next, &mut best);
                } else {
                    shorter(&mut best, step(from - x, 'D'));
                }
            } else if x == 0 && y == row + 1 {
                // Raw mode: no carriage return is added.
                shorter(&mut best, b"\r\n".to_vec());
            } else if x == from {
                shorter(&mut best, if y > row { step(y - row, 'B') } else { step(row - y, 'A') });
            }
        }
        out.extend_from_slice(&best);
        self.at = Some((x, y));
    }

    /// Writing a short gap over again is shorter than jumping over it, where it has the style in use.
    fn reprint(&self, from: u16, x: u16, y: u16, next: &Buffer, best: &mut Vec<u8>) {
        let mut text = Vec::new();
        for column in from..x {
            let Some(cell) = next.cell((column, y)) else { return };
            if Pen::of(cell) != self.pen || width(cell.symbol()) != 1 {
                return;
            }
            text.extend_from_slice(cell.symbol().as_bytes());
            if text.len() >= best.len() {
                return;
            }
        }
        *best = text;
    }

    /// Changes the style with the fewer bytes of: what differs, or everything anew.
    fn dress(&mut self, pen: Pen, out: &mut Vec<u8>) {
        if pen == self.pen {
            return;
        }
        let changes = difference(self.pen, pen);
        let mut anew = vec!["0".to_owned()];
        anew.extend(difference(Pen::default(), pen));
        let (changes, anew) = (changes.join(";"), anew.join(";"));
        let chosen = if changes.len() <= anew.len() { changes } else { anew };
        // A lone 0 need not be written.
        let chosen = if chosen == "0" { "" } else { &chosen };
        let _ = write!(out, "\x1b[{chosen}m");
        self.pen = pen;
    }
}

fn shorter(best: &mut Vec<u8>, other: Vec<u8>) {
    if other.len() < best.len() {
        *best = other;
    }
}

fn step(count: u16, letter: char) -> Vec<u8> {
    if count == 1 { format!("\x1b[{letter}").into_bytes() } else { format!("\x1b[{count}{letter}").into_bytes() }
}

fn difference(from: Pen, to: Pen) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    let gone = from.modifier - to.modifier;
    let mut off: Vec<&str> = ATTRIBUTES.iter().filter(|row| gone.contains(row.0)).map(|row| row.2).collect();
    off.dedup();
    // 22 ends bold and dim alike: what stays of the two is switched on again.
    let again = if off.contains(&"22") { to.modifier & (Modifier::BOLD | Modifier::DIM) } else { Modifier::empty() };
    let on = (to.modifier - from.modifier) | again;
    codes.extend(off.into_iter().map(str::to_owned));
    codes.extend(ATTRIBUTES.iter().filter(|row| on.contains(row.0)).map(|row| row.1.to_owned()));
    if from.fg != to.fg {
        codes.push(color(to.fg, 30));
    }
    if from.bg != to.bg {
        codes.push(color(to.bg, 40));
    }
    codes
}

/// The code of a colour; `base` is 30 for the foreground, 40 for the background.
fn color(color: Color, base: u8) -> String {
    let palette = |n: u8| match n {
        0..=7 => (base + n).to_string(),
        8..=15 => (base + 60 + n - 8).to_string(),
        _ => format!("{};5;{n}", base + 8),
    };
    match color {
        Color::Reset => (base + 9).to_string(),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
        Color::Indexed(n) => palette(n),
        Color::Black => palette(0),
        Color::Red => palette(1),
        Color::Green => palette(2),
        Color::Yellow => palette(3),
        Color::Blue => palette(4),
        Color::Magenta => palette(5),
        Color::Cyan => palette(6),
        Color::Gray => palette(7),
        Color::DarkGray => palette(8),
        Color::LightRed => palette(9),
        Color::LightGreen => palette(10),
        Color::LightYellow => palette(11),
        Color::LightBlue => palette(12),
        Color::LightMagenta => palette(13),
        Color::LightCyan => palette(14),
        Color::White => palette(15),
    }
}
