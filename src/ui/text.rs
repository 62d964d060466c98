//! Text measured in terminal columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut with an ellipsis where it is wider than `columns`.
pub(super) fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut used = 0;
    let mut kept: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect();
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

fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in word.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > columns {
            pieces.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_is_never_wider_than_its_room() {
        for text in ["", "um1", "コンソール管理者", "e\u{301}e\u{301}e\u{301}", "a long plain text"] {
            for columns in 0..20 {
                assert!(width(&fit(text, columns, "…")) <= columns, "{text:?} in {columns}");
                assert!(wrap(text, columns.max(2)).iter().all(|line| width(line) <= columns.max(2)));
            }
        }
    }

    #[test]
    fn wrapping_keeps_every_word() {
        let text = "renew the certificate with every name of the design in its SAN";
        for columns in 12..70 {
            assert_eq!(wrap(text, columns).join(" "), text);
        }
    }
}
