//! Turns what changed between two buffers into the fewest bytes: shortest cursor moves, smallest style changes, small gaps
//! printed over. One synchronised update per frame, and nothing at all when nothing changed.

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::style::{Color, Modifier};

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
const ATTRIBUTES: &[(Modifier, u8, u8)] = &[
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::REVERSED, 7, 27),
];
const WEIGHT: Modifier = Modifier::BOLD.union(Modifier::DIM);

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
        for (x, y, cell) in changes(shown, next) {
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
        let plain = cell.symbol().chars().count() == 1 && columns_of(cell) == 1;
        self.at = self.at.map(|(x, y)| (x.saturating_add(1), y)).filter(|(x, _)| plain && *x < columns);
    }

    /// Moves the cursor the shortest way.
    fn go(&mut self, x: u16, y: u16, next: &Buffer, out: &mut Vec<u8>) {
        if self.at == Some((x, y)) {
            return;
        }
        let mut best = Short::sequence(&[y + 1, x + 1], b'H');
        if let Some((from, row)) = self.at {
            if row == y {
                best.or_shorter(if x == 0 { Short::of(b"\r") } else { Short::sequence(&[x + 1], b'G') });
                if x > from {
                    best.or_shorter(step(x - from, b'C'));
                    self.reprint(from, x, y, next, &mut best);
                } else {
                    best.or_shorter(step(from - x, b'D'));
                }
            } else if x == 0 && y == row + 1 {
                // Raw mode: no carriage return is added.
                best.or_shorter(Short::of(b"\r\n"));
            } else if x == from {
                best.or_shorter(if y > row { step(y - row, b'B') } else { step(row - y, b'A') });
            }
        }
        out.extend_from_slice(best.bytes());
        self.at = Some((x, y));
    }

    /// Writing a short gap over again is shorter than jumping over it, where it has the style in use.
    fn reprint(&self, from: u16, x: u16, y: u16, next: &Buffer, best: &mut Short) {
        let mut text = Short::default();
        for column in from..x {
            let Some(cell) = next.cell((column, y)) else { return };
            if Pen::of(cell) != self.pen || columns_of(cell) != 1 {
                return;
            }
            text.add(cell.symbol().as_bytes());
            if text.length >= best.length {
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
        let mut chosen = Short::default();
        difference(self.pen, pen, &mut chosen);
        let mut anew = Short::of(b"0");
        difference(Pen::default(), pen, &mut anew);
        chosen.or_shorter(anew);
        out.extend_from_slice(b"\x1b[");
        // A lone 0 need not be written.
        out.extend_from_slice(if chosen.bytes() == b"0" { b"" } else { chosen.bytes() });
        out.push(b'm');
        self.pen = pen;
    }
}

/// The cells that differ, row by row. What lies under the second half of a wide character is not looked at; what comes to light
/// where one stood is written whatever it is.
fn changes<'a>(shown: &'a Buffer, next: &'a Buffer) -> impl Iterator<Item = (u16, u16, &'a Cell)> {
    let columns = usize::from(next.area.width).max(1);
    let rows = next.content.chunks_exact(columns).zip(shown.content.chunks_exact(columns)).zip(0_u16..);
    rows.flat_map(|((next, shown), y)| {
        let (mut covered, mut bared) = (0, 0);
        next.iter().zip(shown).zip(0_u16..).filter_map(move |((cell, before), x)| {
            if x < covered {
                return None;
            }
            covered = x + columns_of(cell);
            let differs = cell != before;
            if differs {
                bared = bared.max(x + columns_of(before));
            }
            (differs || x < bared).then_some((x, y, cell))
        })
    })
}

/// Columns that a cell takes. Lines and blocks (U+2500 to U+25BF) are one column wide and half of all that is drawn: they are not
/// looked up.
fn columns_of(cell: &Cell) -> u16 {
    match cell.symbol().as_bytes() {
        [_] | [0xe2, 0x94..=0x96, _] => 1,
        _ => cell.cell_width().max(1),
    }
}

/// A few bytes that are put together and may be thrown away again, without asking for memory.
#[derive(Debug, Clone, Copy)]
struct Short {
    room: [u8; Self::MOST],
    /// How long it is; longer than the room where something did not fit, and no choice then.
    length: usize,
}

impl Default for Short {
    fn default() -> Self {
        Self { room: [0; Self::MOST], length: 0 }
    }
}

impl Short {
    /// The longest style has ten attributes and two colours of 16 bytes.
    const MOST: usize = 64;

    fn of(bytes: &[u8]) -> Self {
        let mut short = Self::default();
        short.add(bytes);
        short
    }

    /// A control sequence with its numbers.
    fn sequence(numbers: &[u16], letter: u8) -> Self {
        let mut short = Self::of(b"\x1b[");
        for (at, number) in numbers.iter().enumerate() {
            if at > 0 {
                short.add(b";");
            }
            short.number(*number);
        }
        short.add(&[letter]);
        short
    }

    fn bytes(&self) -> &[u8] {
        self.room.get(..self.length).unwrap_or_default()
    }

    fn add(&mut self, bytes: &[u8]) {
        if let Some(place) = self.room.get_mut(self.length..self.length + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        self.length += bytes.len();
    }

    fn number(&mut self, number: u16) {
        let mut power = 1;
        while number / power >= 10 {
            power *= 10;
        }
        while power > 0 {
            // A digit, always.
            self.add(&[b'0' + u8::try_from(number / power % 10).unwrap_or_default()]);
            power /= 10;
        }
    }

    /// Adds the code of an attribute or colour after what is there.
    fn code(&mut self, numbers: &[u8]) {
        for number in numbers {
            if self.length > 0 {
                self.add(b";");
            }
            self.number(u16::from(*number));
        }
    }

    fn or_shorter(&mut self, other: Self) {
        if other.length < self.length {
            *self = other;
        }
    }
}

fn step(count: u16, letter: u8) -> Short {
    Short::sequence(if count == 1 { &[] } else { std::slice::from_ref(&count) }, letter)
}

/// Adds the codes that lead from one style to another.
fn difference(from: Pen, to: Pen, codes: &mut Short) {
    let gone = from.modifier - to.modifier;
    let ends_weight = gone.intersects(WEIGHT);
    let mut last = 0;
    for (_, _, off) in ATTRIBUTES.iter().filter(|row| gone.contains(row.0)) {
        if last != *off {
            codes.code(&[*off]);
        }
        last = *off;
    }
    // The end of bold and dim is one: what stays of the two is switched on again.
    let again = if ends_weight { to.modifier & WEIGHT } else { Modifier::empty() };
    let on = (to.modifier - from.modifier) | again;
    for (_, on, _) in ATTRIBUTES.iter().filter(|row| on.contains(row.0)) {
        codes.code(&[*on]);
    }
    if from.fg != to.fg {
        color(to.fg, 30, codes);
    }
    if from.bg != to.bg {
        color(to.bg, 40, codes);
    }
}

/// Adds the code of a colour; `base` is 30 for the foreground, 40 for the background.
fn color(color: Color, base: u8, codes: &mut Short) {
    let palette = match color {
        Color::Reset => return codes.code(&[base + 9]),
        Color::Rgb(r, g, b) => return codes.code(&[base + 8, 2, r, g, b]),
        Color::Indexed(n) => n,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    match palette {
        0..=7 => codes.code(&[base + palette]),
        8..=15 => codes.code(&[base + 60 + palette - 8]),
        _ => codes.code(&[base + 8, 5, palette]),
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
