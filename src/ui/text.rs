//! Text measured in terminal columns, and cut into what goes into each of them.
//!
//! Terminals differ in what they make of joined emoji, flags, skin tones and variation selectors, and a terminal that
//! counts otherwise than we do puts everything after it into the wrong place. So only what all of them show alike is drawn:
//! one character with its marks for each one or two columns, the rest left out.

use std::borrow::Cow;

use ratatui::buffer::CellWidth;
use unicode_width::UnicodeWidthChar;

use crate::domain::clean::is_invisible;

/// More marks on one character would only smear over the lines above and below.
const MARKS: usize = 3;

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { cells(text).map(|cell| cell.1).sum() }
}

/// Whether each byte of a text is a character of one column.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// What is drawn for a text: one character with its marks each, and the one or two columns that it takes.
pub(super) fn cells(text: &str) -> Cells<'_> {
    Cells { rest: text }
}

/// The parts of a text, each for one or two columns.
pub(super) struct Cells<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Cells<'a> {
    type Item = (Cow<'a, str>, usize);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let base = self.rest.chars().next()?;
            let (head, rest) = self.rest.split_at(base.len_utf8());
            self.rest = rest;
            if base.is_ascii() {
                if base.is_ascii_control() {
                    continue;
                }
                if rest.bytes().next().is_none_or(|next| next.is_ascii()) {
                    return Some((Cow::Borrowed(head), 1));
                }
            }
            let Some(shown) = shown(base) else { continue };
            let symbol = self.with_marks(head, base, shown);
            let columns = usize::from(symbol.cell_width());
            if columns > 0 {
                return Some((symbol, columns));
            }
        }
    }
}

impl<'a> Cells<'a> {
    /// Takes the marks that follow a character; `head` is that character as it was written.
    fn with_marks(&mut self, head: &'a str, base: char, shown: char) -> Cow<'a, str> {
        let mut symbol = if base == shown { Cow::Borrowed(head) } else { Cow::Owned(shown.to_string()) };
        let mut marks = 0;
        while let Some(next) = self.rest.chars().next().filter(|next| takes_no_column(*next)) {
            self.rest = self.rest.split_at(next.len_utf8()).1;
            if is_mark(next) && marks < MARKS {
                symbol.to_mut().push(next);
                marks += 1;
            }
        }
        symbol
    }
}

/// The character that is drawn for one that takes columns by itself; `None`: it takes none, or nothing is drawn for it.
fn shown(c: char) -> Option<char> {
    match c {
        // The letters that flags are made of.
        '\u{1F1E6}'..='\u{1F1FF}' => char::from_u32(u32::from('A') + (u32::from(c) - 0x1F1E6)),
        // Sound marks of half width: full ones, because tables and terminals count these differently.
        '\u{FF9E}' => Some('\u{309B}'),
        '\u{FF9F}' => Some('\u{309C}'),
        c if takes_no_column(c) => None,
        // Wide in newer tables of Unicode only, or wider than any terminal draws it.
        '\u{17A4}'
        | '\u{17D8}'
        | '\u{2630}'..='\u{2637}'
        | '\u{268A}'..='\u{268F}'
        | '\u{4DC0}'..='\u{4DFF}'
        | '\u{1D300}'..='\u{1D356}'
        | '\u{1D360}'..='\u{1D378}' => Some(char::REPLACEMENT_CHARACTER),
        c => match c.width() {
            Some(1 | 2) => Some(c),
            Some(_) => Some(char::REPLACEMENT_CHARACTER),
            None => None,
        },
    }
}

/// Whether a character belongs to the one before it, or to none.
fn takes_no_column(c: char) -> bool {
    is_skin_tone(c) || is_invisible(c) || c.width() == Some(0)
}

fn is_mark(c: char) -> bool {
    !is_skin_tone(c) && !is_invisible(c)
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

/// The text for a terminal that shows ASCII alone, as wide as it was.
pub(super) fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::new();
    for (symbol, columns) in cells(text) {
        match symbol.as_ref() {
            symbol if symbol.is_ascii() => plain.push_str(symbol),
            symbol => plain.push_str(&stand_in(symbol).repeat(columns)),
        }
    }
    Cow::Owned(plain)
}

/// The character of ASCII that is read in the place of another.
fn stand_in(symbol: &str) -> &'static str {
    match symbol {
        "→" => ">",
        "–" | "—" | "−" => "-",
        "…" | "·" => ".",
        "’" | "‘" | "´" => "'",
        "“" | "”" | "„" => "\"",
        _ => "?",
    }
}

/// The text, cut with an ellipsis where it is wider than `columns`.
pub(super) fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut kept = String::new();
    let mut used = 0;
    for (symbol, columns) in cells(text) {
        used += columns;
        if used > room {
            break;
        }
        kept.push_str(&symbol);
    }
    if columns >= width(ellipsis) {
        kept.truncate(kept.trim_end().len());
        kept.push_str(ellipsis);
    }
    kept
}

/// The longest of some wordings that fits; they come longest first. The last one is cut when none does.
pub(super) fn longest<'a>(wordings: &[&'a str], columns: usize) -> &'a str {
    wordings.iter().copied().find(|text| width(text) <= columns).or(wordings.last().copied()).unwrap_or("")
}

/// The text in lines of at most `columns`, broken at blanks, inside a word only where it is longer than a line.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        for part in pieces(word, columns) {
            let Some(line) = lines.last_mut() else { break };
            if line.is_empty() {
                line.push_str(&part);
            } else if width(line) + 1 + width(&part) <= columns {
                line.push(' ');
                line.push_str(&part);
            } else {
                lines.push(part);
            }
        }
    }
    lines
}

/// A word in pieces of at most `columns`; what is wider than that by itself is left out.
fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for (symbol, wide) in cells(word).filter(|cell| cell.1 <= columns) {
        if used + wide > columns {
            pieces.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(&symbol);
        }
    }
    pieces
}

#[cfg(test)]
mod tests;
