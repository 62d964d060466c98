//! A key as the console means it, and its text form in the keymap: `q`, `?`, `Enter`, `ctrl-c`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::clean::Clean;

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character, as it was typed: `G` is not `g`.
    Char(char),
    /// A key with a name.
    Named(Named),
    /// F1 to F12.
    Function(u8),
}

/// A key with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those on the keyboard")]
pub enum Named {
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Delete,
    Insert,
    Space,
}

/// Names as the keymap writes them, and as the key bar shows them.
const NAMED: &[(Named, &str, &str)] = &[
    (Named::Enter, "Enter", "Enter"),
    (Named::Esc, "Esc", "Esc"),
    (Named::Tab, "Tab", "Tab"),
    (Named::BackTab, "BackTab", "Shift-Tab"),
    (Named::Backspace, "Backspace", "Backspace"),
    (Named::Up, "Up", "↑"),
    (Named::Down, "Down", "↓"),
    (Named::Left, "Left", "←"),
    (Named::Right, "Right", "→"),
    (Named::Home, "Home", "Home"),
    (Named::End, "End", "End"),
    (Named::PageUp, "PageUp", "PgUp"),
    (Named::PageDown, "PageDown", "PgDn"),
    (Named::Delete, "Delete", "Del"),
    (Named::Insert, "Insert", "Ins"),
    (Named::Space, "Space", "Space"),
];

/// A key with its modifiers. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Whether Ctrl was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
}

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no key; write a character, a name such as Enter, Esc, PageDown or F5, or ctrl-x, alt-x")]
pub struct KeyError(pub String);

impl Key {
    /// A character.
    #[must_use]
    pub fn char(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: false, alt: false }
    }

    /// A key with a name.
    #[must_use]
    pub fn named(name: Named) -> Self {
        Self { code: Code::Named(name), ctrl: false, alt: false }
    }

    /// A character with Ctrl.
    #[must_use]
    pub fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false }
    }

    /// How the key bar and the help show it; `arrows` says whether arrow glyphs can be shown.
    #[must_use]
    pub fn label(self, arrows: bool) -> String {
        match self.code {
            Code::Named(name) if arrows => {
                NAMED.iter().find(|row| row.0 == name).map_or_else(String::new, |row| row.2.to_owned())
            }
            Code::Char(c) if self.ctrl => format!("Ctrl-{}", c.to_ascii_uppercase()),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            Code::Function(n) => write!(f, "F{n}"),
            Code::Named(name) => f.write_str(NAMED.iter().find(|row| row.0 == name).map_or("", |row| row.1)),
        }
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for Key {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (ctrl, rest) = strip(text, "ctrl-");
        let (alt, rest) = strip(rest, "alt-");
        let code = code_of(rest).ok_or_else(|| KeyError(text.to_owned()))?;
        Ok(Self { code, ctrl, alt })
    }
}

/// Takes a modifier off; `ctrl-` alone is no modifier.
fn strip<'a>(text: &'a str, modifier: &str) -> (bool, &'a str) {
    match text.strip_prefix(modifier) {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, text),
    }
}

fn code_of(text: &str) -> Option<Code> {
    if let Some(row) = NAMED.iter().find(|row| row.1.eq_ignore_ascii_case(text)) {
        return Some(Code::Named(row.0));
    }
    let mut chars = text.chars();
    match (chars.next()?, chars.next()) {
        // What cannot be seen cannot be told in a help.
        (c, None) if !c.is_whitespace() && Clean::new(text).as_str() == text => Some(Code::Char(c)),
        ('F' | 'f', Some(_)) => text[1..].parse().ok().filter(|n| (1..=12).contains(n)).map(Code::Function),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_survives_its_text_form() {
        let codes = ('!'..='~')
            .chain("éßæžЖλ管コ👩§€".chars())
            .map(Code::Char)
            .chain(NAMED.iter().map(|row| Code::Named(row.0)))
            .chain((1..=12).map(Code::Function));
        for code in codes {
            for (ctrl, alt) in [(false, false), (true, false), (false, true), (true, true)] {
                let key = Key { code, ctrl, alt };
                assert_eq!(key.to_string().parse(), Ok(key), "{key}");
            }
        }
    }

    #[test]
    fn what_no_keyboard_has_is_refused() {
        for bad in [
            "", "ctrl-", "F13", "F0", "enterr", "ab", " ", "\t", "\u{a0}", "\u{202e}", "\u{200b}", "\u{1b}", "F1é",
            "Fé",
        ] {
            assert!(bad.parse::<Key>().is_err(), "{bad:?}");
        }
    }
}
