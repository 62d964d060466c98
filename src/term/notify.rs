//! Calls for attention: the bell, and a desktop notification where the terminal is known to show one.
//!
//! A terminal that does not know a notification sequence should swallow it; since not all do, it goes to known ones only.

use crate::domain::clean::Clean;

use super::multiplexer::{Multiplexer, passed_through};

/// The bell. Every terminal knows it, and what it does there is the person's own choice.
pub const BELL: &[u8] = b"\x07";

/// How a terminal is told to show a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notifier {
    /// `OSC 9 ; text`: iTerm2, kitty, `WezTerm`, Ghostty.
    Osc9,
    /// `OSC 777 ; notify ; title ; text`: foot, rxvt-unicode, VTE.
    Osc777,
}

/// Names of terminals in TERM (their start) and in TERM_PROGRAM, and what they know.
const KNOWN: &[(&str, Notifier)] = &[
    ("xterm-kitty", Notifier::Osc9),
    ("xterm-ghostty", Notifier::Osc9),
    ("wezterm", Notifier::Osc9),
    ("ghostty", Notifier::Osc9),
    ("iterm.app", Notifier::Osc9),
    ("foot", Notifier::Osc777),
    ("rxvt-unicode", Notifier::Osc777),
];

impl Notifier {
    /// What the terminal knows, as the environment says; `None` where nothing is known of it.
    #[must_use]
    pub fn of(env: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let name = |variable: &str| env(variable).unwrap_or_default().to_ascii_lowercase();
        let names = [name("TERM"), name("TERM_PROGRAM"), name("LC_TERMINAL")];
        let known = KNOWN.iter().find(|known| names.iter().any(|name| name.starts_with(known.0)));
        let vte = || (!name("VTE_VERSION").is_empty()).then_some(Self::Osc777);
        known.map(|known| known.1).or_else(vte)
    }

    /// The sequence that shows a title and a text.
    #[must_use]
    pub fn sequence(self, title: &Clean, text: &Clean, within: Multiplexer) -> Vec<u8> {
        // A semicolon would end the title.
        let title = title.as_str().replace(';', ",");
        let plain = match self {
            Self::Osc9 => format!("\x1b]9;{title}: {text}\x07"),
            Self::Osc777 => format!("\x1b]777;notify;{title};{text}\x07"),
        };
        match within {
            Multiplexer::None => plain.into_bytes(),
            Multiplexer::Tmux => passed_through(plain.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &'static [(&'static str, &'static str)]) -> Option<Notifier> {
        Notifier::of(&|name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned()))
    }

    #[test]
    fn only_a_terminal_that_is_known_to_show_notifications_gets_one() {
        assert_eq!(of(&[("TERM", "xterm-kitty")]), Some(Notifier::Osc9));
        assert_eq!(of(&[("TERM", "foot-extra")]), Some(Notifier::Osc777));
        assert_eq!(of(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7200")]), Some(Notifier::Osc777));
        assert_eq!(of(&[("TERM", "tmux-256color"), ("LC_TERMINAL", "iTerm.app")]), Some(Notifier::Osc9));
        for unknown in ["linux", "vt220", "xterm", "xterm-256color", "screen", "dumb", ""] {
            assert_eq!(Notifier::of(&|name| (name == "TERM").then(|| unknown.to_owned())), None, "{unknown}");
        }
    }

    #[test]
    fn hostile_text_stays_inside_the_sequence() {
        let (title, text) = (Clean::new("switch;board"), Clean::new("um1 down\u{7}\u{1b}]52;c;aGk=\u{9c}"));
        for (notifier, start) in
            [(Notifier::Osc9, "\x1b]9;switch,board: "), (Notifier::Osc777, "\x1b]777;notify;switch,board;")]
        {
            let sequence = String::from_utf8(notifier.sequence(&title, &text, Multiplexer::None)).unwrap();
            assert!(sequence.starts_with(start) && sequence.ends_with('\x07'), "{sequence:?}");
            assert_eq!(sequence.chars().filter(|c| c.is_control()).count(), 2, "{sequence:?}");
        }
        let wrapped = Notifier::Osc9.sequence(&title, &text, Multiplexer::Tmux);
        assert!(wrapped.starts_with(b"\x1bPtmux;\x1b\x1b]9;") && wrapped.ends_with(b"\x07\x1b\\"));
    }
}
