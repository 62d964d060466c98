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
        c if c.is_control() || is_invisible(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// Whether a character shows nothing by itself and steers or hides something: bidi controls (embeddings, overrides,
/// isolates, marks), joiners and other zero-width ones, fillers, variation selectors, tags, line and paragraph separators.
///
/// These are the default-ignorable code points of Unicode (UAX #44), with U+2028, U+2029 and the interlinear annotations.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A text of any length and many lines, made safe to write: its line ends are kept, everything else is as in [`Clean`].
#[must_use]
pub fn clean_lines(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { replaced(c) }).collect()
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
        assert!(!clean.as_str().chars().any(|c| c.is_control() || is_invisible(c)));
        assert!(clean.as_str().starts_with("ok\u{fffd}]52"));
    }

    #[test]
    fn nothing_that_reorders_or_hides_text_survives() {
        // Embeddings and overrides, isolates, marks (UAX #9); zero-width characters; variation selectors; tags.
        let bidi = "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}";
        let hidden = "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{34f}\u{fe0f}\u{e0041}\u{e0100}\u{3164}\u{2028}";
        for c in bidi.chars().chain(hidden.chars()) {
            assert_eq!(Clean::new(&format!("a{c}b")).as_str(), "a\u{fffd}b", "{:04x}", u32::from(c));
        }
        for kept in ["München", "e\u{301}", "コンソール", "مرحبا", "👩", "Ἀθῆναι", "한국"] {
            assert_eq!(Clean::new(kept).as_str(), kept);
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(clean_lines("a\r\nb\u{1b}[31m\tc\n"), "a \nb\u{fffd}[31m c\n");
        assert_eq!(clean_lines(&"x".repeat(10_000)).len(), 10_000);
    }

    #[test]
    fn a_long_text_is_cut_visibly() {
        let clean = Clean::new(&"x".repeat(10_000));
        assert_eq!(clean.as_str().chars().count(), Clean::LONGEST + 1);
        assert!(clean.as_str().ends_with('…'));
    }
}
