//! Text from outside, made safe to show, write and send on.
//!
//! Every string that comes from the network or from a child process becomes [`Clean`] where it enters.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// Text without control characters, without characters that reorder or hide text, and of bounded length.
///
/// What was removed is shown as U+FFFD, so that a removal can be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Clean(String);

impl Clean {
    /// The longest text that is kept, in characters; the rest is cut with an ellipsis.
    pub const LONGEST: usize = 500;

    /// Cleans a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut kept: String = text.chars().take(Self::LONGEST).map(replaced).collect();
        if text.chars().nth(Self::LONGEST).is_some() {
            kept.push('…');
        }
        Self(kept)
    }

    /// Cleans bytes that should be UTF-8 and may not be.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(&String::from_utf8_lossy(bytes))
    }

    /// The clean text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left or was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Line ends and tabs become spaces; what controls the terminal or the direction of text becomes U+FFFD.
fn replaced(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() || is_format(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// Bidi controls, zero-width and invisible characters (Unicode general category Cf, line and paragraph separators).
fn is_format(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Clean {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Clean {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl<'de> Deserialize<'de> for Clean {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        let hostile = "ok\u{1b}]52;c;aGk=\u{7}\u{202e}drawkcab\u{9b}31m\u{0}";
        let clean = Clean::new(hostile);
        assert!(!clean.as_str().chars().any(|c| c.is_control() || is_format(c)));
        assert!(clean.as_str().starts_with("ok\u{fffd}]52"));
    }

    #[test]
    fn a_long_text_is_cut_visibly() {
        let clean = Clean::new(&"x".repeat(10_000));
        assert_eq!(clean.as_str().chars().count(), Clean::LONGEST + 1);
        assert!(clean.as_str().ends_with('…'));
    }
}
