//! Whatever is drawn takes exactly the columns that were computed, and no half of a wide character is ever left.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::depth::Depth;
use super::super::encode::Encoder;
use super::super::look::{Look, Role};
use super::super::pen::Pen;
use super::*;

/// Numbers that look random and are the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn column(&mut self, limit: u16) -> u16 {
        u16::try_from(self.below(usize::from(limit))).unwrap()
    }

    /// A text of awkward parts.
    fn text(&mut self) -> String {
        (0..self.below(7)).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }
}

/// Plain, wide, composed, joined, reordering, invisible, steering, and unassigned.
const PARTS: [&str; 36] = [
    "u",
    "m1",
    " ",
    "~",
    "é",
    "e\u{301}",
    "\u{301}",
    "n\u{303}\u{302}\u{301}\u{300}\u{30f}",
    "コ",
    "管理",
    "한",
    "\u{1112}\u{1161}\u{11ab}",
    "👩",
    "👩\u{200d}👩\u{200d}👧",
    "👍🏽",
    "🏽",
    "🇮🇪",
    "🇮",
    "✖\u{fe0f}",
    "1\u{fe0f}\u{20e3}",
    "ｶﾞ",
    "ﾟ",
    "لا",
    "مرحبا",
    "नि",
    "क्ष",
    "ก็",
    "\u{202e}abc",
    "\u{2067}x\u{2069}",
    "\u{200b}",
    "\u{1b}[31m",
    "\u{7}",
    "\t",
    "\u{9b}2J",
    "\u{e0041}",
    "\u{10ffff}",
];

const SIZE: (u16, u16) = (24, 3);

fn buffer() -> Buffer {
    Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1))
}

/// What a terminal shows after a frame: each column's text, and whether it is the second half of a wide character.
fn shown_by_terminal(from: &Buffer, to: &Buffer, terminal: &mut vt100::Parser) -> Vec<(String, bool)> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::default();
    encoder.frame(from, to, None, &mut bytes);
    terminal.process(&bytes);
    let cell = |place: ratatui::layout::Position| {
        let cell = terminal.screen().cell(place.y, place.x).unwrap();
        (cell.contents().trim_end().to_owned(), cell.is_wide_continuation())
    };
    to.area.positions().map(cell).collect()
}

/// The same as it should be: a wide character is followed by its second half and nothing else.
fn shown_in_buffer(buffer: &Buffer) -> Vec<(String, bool)> {
    let mut shown = Vec::new();
    for row in buffer.content().chunks(usize::from(SIZE.0)) {
        let mut second_half = false;
        for cell in row {
            let symbol = if second_half { "" } else { cell.symbol().trim_end() };
            shown.push((symbol.to_owned(), second_half));
            second_half = !second_half && cell.cell_width() == 2;
        }
        assert!(!second_half, "a wide character at the end of a row");
    }
    shown
}

#[test]
fn a_text_takes_exactly_its_columns_and_the_rest_of_the_line_stays() {
    let look = Look::named("auto", Depth::Indexed, false).unwrap();
    let mut dice = Dice(7);
    for _ in 0..4000 {
        let text = dice.text();
        let place = Rect::new(dice.column(SIZE.0), dice.column(SIZE.1), dice.column(SIZE.0 + 2), 1);
        let mut buffer = buffer();
        for position in buffer.area.positions() {
            buffer[position].set_symbol("#");
        }
        Pen::new(&mut buffer, &look).put(place, &text, Role::Text);
        let place = place.intersection(buffer.area);
        let columns = usize::from(place.width);
        let used = width(&text).min(columns);
        let drawn = if width(&text) <= columns { text.clone() } else { fit(&text, columns, "…") };
        assert!(width(&drawn) <= columns, "{text:?}");
        for position in buffer.area.positions() {
            let inside = position.y == place.y
                && (place.left()..place.left() + u16::try_from(width(&drawn)).unwrap()).contains(&position.x);
            assert_eq!(buffer[position].symbol() != "#", inside && used > 0, "{text:?} at {place:?}: {position:?}");
        }
    }
}

#[test]
fn a_terminal_shows_what_was_drawn_however_texts_lie_over_each_other() {
    let look = Look::named("dark", Depth::Rgb, false).unwrap();
    let mut dice = Dice(11);
    let mut terminal = vt100::Parser::new(SIZE.1.try_into().unwrap(), SIZE.0.try_into().unwrap(), 0);
    let mut shown = buffer();
    for frame in 0..3000 {
        let mut next = if dice.below(3) == 0 { buffer() } else { shown.clone() };
        let mut told = Vec::new();
        for _ in 0..=dice.below(4) {
            let place = Rect::new(dice.column(SIZE.0), dice.column(SIZE.1), dice.column(SIZE.0), 1 + dice.column(2));
            let text = dice.text();
            let mut pen = Pen::new(&mut next, &look);
            if dice.below(4) == 0 {
                pen.clear(place);
            }
            pen.put(place, &text, [Role::Text, Role::Selected, Role::Down][dice.below(3)]);
            told.push((place, text));
        }
        let wanted = shown_in_buffer(&next);
        let seen = shown_by_terminal(&shown, &next, &mut terminal);
        let differs = seen.iter().zip(&wanted).position(|(seen, wanted)| seen != wanted);
        assert!(differs.is_none(), "frame {frame}, {differs:?}: {told:?}\n{seen:?}\n{wanted:?}");
        shown = next;
    }
}

#[test]
fn every_character_takes_the_columns_that_are_computed_for_it() {
    let look = Look::named("mono", Depth::Mono, false).unwrap();
    let area = Rect::new(0, 0, 8, 1);
    let odd = |c: &char| is_invisible(*c) || c.width() != Some(1) || u32::from(*c).is_multiple_of(97);
    for c in ('\u{0}'..=char::MAX).filter(odd) {
        let text = format!("a{c}b");
        let mut buffer = Buffer::empty(area);
        Pen::new(&mut buffer, &look).put(area, &text, Role::Text);
        let b = buffer.content().iter().position(|cell| cell.symbol() == "b");
        assert_eq!(b, Some(width(&text) - 1), "U+{:04X}", u32::from(c));
        assert!(width(&text) <= 4, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn what_terminals_do_not_agree_on_is_not_drawn() {
    let drawn = |text: &str| cells(text).map(|cell| cell.0).collect::<String>();
    assert_eq!(drawn("👩\u{200d}👩\u{200d}👧!"), "👩👩👧!");
    assert_eq!(drawn("👍🏽 🇮🇪 ✖\u{fe0f}"), "👍 IE ✖");
    assert_eq!(drawn("a\u{202e}b\u{2066}c\u{200b}"), "abc");
    assert_eq!(drawn("\u{1b}[31mx\u{7}\u{9b}"), "[31mx");
    assert_eq!(drawn(&format!("o{}k", "\u{301}".repeat(100))), format!("o{}k", "\u{301}".repeat(3)));
}

#[test]
fn a_cut_text_is_never_wider_than_its_room() {
    for text in ["", "um1", "コンソール管理者", "e\u{301}e\u{301}e\u{301}", "a long plain text"] {
        for columns in 0..20 {
            assert!(width(&fit(text, columns, "…")) <= columns, "{text:?} in {columns}");
            assert!(wrap(text, columns.max(2)).iter().all(|line| width(line) <= columns.max(2)));
        }
    }
    let mut dice = Dice(3);
    for columns in (0..30).cycle().take(3000) {
        let text = dice.text();
        assert!(width(&fit(&text, columns, "…")) <= columns, "{text:?} in {columns}");
        assert!(wrap(&text, columns).iter().all(|line| width(line) <= columns.max(1)), "{text:?} in {columns}");
    }
}

#[test]
fn wrapping_keeps_every_word() {
    let text = "renew the certificate with every name of the design in its SAN";
    for columns in 12..70 {
        assert_eq!(wrap(text, columns).join(" "), text);
    }
}

#[test]
fn a_text_in_ascii_is_ascii_and_as_wide_as_it_was() {
    for text in ["", "um1 → um3", "answers – 3 of 4 …", "コンソール管理者", "e\u{301}👩‍👩‍👧 \u{202e}x"]
    {
        let plain = ascii(text);
        assert!(plain.is_ascii(), "{plain}");
        assert_eq!(width(&plain), width(text), "{text:?}");
    }
    assert_eq!(ascii("home → at um4"), "home > at um4");
}
