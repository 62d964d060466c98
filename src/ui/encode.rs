//! Turns what changed between two buffers into the fewest bytes: shortest cursor moves, smallest style changes, small gaps
//! printed over. One synchronised update per frame, and nothing at all when nothing changed.

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::text::width;

/// Begins and ends a synchronised update (DEC private mode 2026).
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Where the cursor goes when a frame is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) x: u16,
    pub(super) y: u16,
    /// Shown where something is typed; put in its place unseen otherwise.
    pub(super) shown: bool,
}

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
    /// Whether the cursor is shown.
    cursor: bool,
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
        out.extend_from_slice(b"\x1b[0m\x1b[?25l\x1b[H\x1b[2J");
        *self = Self { at: Some((0, 0)), pen: Pen::default(), cursor: false };
    }

    /// Adds the bytes that lead from `shown` to `next`; none when they are the same and nothing is in `out`. The cursor
    /// is left where the frame says, and shown where something is typed alone.
    pub(super) fn frame(&mut self, shown: &Buffer, next: &Buffer, cursor: Option<Cursor>, out: &mut Vec<u8>) {
        let start = out.len();
        let cleared = start > 0;
        for (x, y, cell) in shown.diff_iter(next) {
            if out.len() == start && !cleared {
                out.extend_from_slice(BEGIN);
            }
            self.go(x, y, next, out);
            self.write(cell, next.area.width, out);
        }
        let moved = match cursor {
            Some(place) => self.cursor != place.shown || self.at != Some((place.x, place.y)),
            None => self.cursor,
        };
        if moved && out.len() == start && !cleared {
            out.extend_from_slice(BEGIN);
        }
        if moved {
            self.show_cursor(cursor, next, out);
        }
        if cleared {
            out.splice(0..0, BEGIN.iter().copied());
        }
        if !out.is_empty() {
            out.extend_from_slice(END);
        }
    }

    fn show_cursor(&mut self, cursor: Option<Cursor>, next: &Buffer, out: &mut Vec<u8>) {
        if let Some(Cursor { x, y, .. }) = cursor {
            self.go(x, y, next, out);
        }
        let shown = cursor.is_some_and(|cursor| cursor.shown);
        if self.cursor != shown {
            self.cursor = shown;
            out.extend_from_slice(if self.cursor { b"\x1b[?25h" } else { b"\x1b[?25l" });
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

#[cfg(test)]
mod tests {
    use ratatui::backend::{Backend, CrosstermBackend};
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    /// Numbers that look random and are the same at every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % limit
        }
    }

    /// The last two are wide: what lies under the second half of a wide character is not told alike by all.
    const TEXTS: [&str; 8] = ["um1", "200 OK", "●▲✖○", "e\u{301}a\u{301}", "▁▂▃▄", "  ", "コンソール", "👩 x"];
    const COLORS: [Color; 6] =
        [Color::Reset, Color::Red, Color::LightBlue, Color::Indexed(130), Color::Rgb(1, 2, 3), Color::Indexed(9)];
    const MODIFIERS: [Modifier; 6] = [
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::REVERSED,
        Modifier::UNDERLINED,
        Modifier::BOLD.union(Modifier::REVERSED),
    ];

    fn scribble(buffer: &mut Buffer, dice: &mut Dice, wide: bool) {
        for _ in 0..=dice.below(12) {
            let style = Style::reset()
                .fg(COLORS[dice.below(COLORS.len())])
                .bg(COLORS[dice.below(COLORS.len())])
                .add_modifier(MODIFIERS[dice.below(MODIFIERS.len())]);
            let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
            let at = |limit: usize, dice: &mut Dice| u16::try_from(dice.below(limit)).unwrap();
            let (x, y) = (at(columns, dice), at(rows, dice));
            if dice.below(40) == 0 {
                buffer.reset();
            }
            buffer.set_string(x, y, TEXTS[dice.below(if wide { 8 } else { 6 })], style);
        }
    }

    fn terminal(area: Rect) -> vt100::Parser {
        vt100::Parser::new(area.height.try_into().unwrap(), area.width.try_into().unwrap(), 0)
    }

    #[test]
    fn every_frame_shows_what_crossterms_own_backend_shows_in_fewer_bytes() {
        let (mut ours, mut theirs) = (0, 0);
        for (seed, size, wide) in
            [(1, (80, 24), false), (2, (7, 3), false), (3, (200, 50), false), (4, (1, 1), false), (5, (60, 15), true)]
        {
            let area = Rect::new(0, 0, size.0, size.1);
            let (mut shown, mut next, mut dice) = (Buffer::empty(area), Buffer::empty(area), Dice(seed));
            let (mut one, mut other) = (terminal(area), terminal(area));
            let mut encoder = Encoder::default();
            let mut bytes = Vec::new();
            encoder.clear(&mut bytes);
            one.process(&bytes);
            for frame in 0..300 {
                scribble(&mut next, &mut dice, wide);
                let mut bytes = Vec::new();
                encoder.frame(&shown, &next, None, &mut bytes);
                one.process(&bytes);
                let mut reference = Vec::new();
                CrosstermBackend::new(&mut reference).draw(shown.diff(&next).into_iter()).unwrap();
                other.process(&reference);
                (ours, theirs) = (ours + bytes.len(), theirs + reference.len());
                assert_eq!(one.screen().contents(), other.screen().contents());
                let (seen, wanted) = if wide { (vec![], vec![]) } else { (cells(&one, area), cells(&other, area)) };
                let differs = seen.iter().zip(&wanted).position(|(seen, wanted)| seen != wanted);
                let told =
                    differs.map(|at| (at % usize::from(size.0), &seen[at], &wanted[at], next.content()[at].clone()));
                assert!(told.is_none(), "frame {frame} at {size:?}: {told:?}");
                shown.clone_from(&next);
            }
        }
        assert!(ours * 10 < theirs * 9, "{ours} bytes against {theirs}");
    }

    type Seen = (String, vt100::Color, vt100::Color, [bool; 4]);

    fn cells(terminal: &vt100::Parser, area: Rect) -> Vec<Seen> {
        let cell = |position: ratatui::layout::Position| {
            let cell = terminal.screen().cell(position.y, position.x).unwrap();
            let text = if cell.has_contents() { cell.contents() } else { " " };
            let modes = [cell.bold(), cell.dim(), cell.underline(), cell.inverse()];
            (text.to_owned(), cell.fgcolor(), cell.bgcolor(), modes)
        };
        area.positions().map(cell).collect()
    }

    #[test]
    fn nothing_changed_is_nothing_written() {
        let buffer = Buffer::with_lines(["um1 200 OK", "um2 200 OK"]);
        let mut bytes = Vec::new();
        Encoder::default().frame(&buffer, &buffer, None, &mut bytes);
        assert!(bytes.is_empty());
    }
}
