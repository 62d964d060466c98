//! Keys pressed one after the other that stand for one action: `q`, `g g`, `Space f`; and the state between them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

use super::action::Id;
use super::key::{Key, KeyError};
use super::keymap::{Found, Keymap};

/// One key, or a few one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(Vec<Key>);

/// Nobody remembers more keys than these in a row.
const LONGEST: usize = 4;

/// Why a text is no sequence of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SequenceError {
    /// One of them is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is none.
    #[error("there is no key in it; an empty list of keys unbinds an action")]
    Empty,
    /// There are too many.
    #[error("more than {LONGEST} keys in a row are too many to remember")]
    Long,
}

impl Sequence {
    /// The keys, first one first.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// Whether this one is reached before the other can be: it starts the other, and is shorter.
    #[must_use]
    pub fn hides(&self, other: &Self) -> bool {
        self.0.len() < other.0.len() && other.0.starts_with(&self.0)
    }

    /// How the key bar and the help show it; `arrows` says whether arrow glyphs can be shown.
    #[must_use]
    pub fn label(&self, arrows: bool) -> String {
        self.0.iter().map(|key| key.label(arrows)).collect::<Vec<_>>().join(" ")
    }
}

impl From<Key> for Sequence {
    fn from(key: Key) -> Self {
        Self(vec![key])
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(Key::to_string).collect::<Vec<_>>().join(" "))
    }
}

impl FromStr for Sequence {
    type Err = SequenceError;

    fn from_str(text: &str) -> Result<Self, SequenceError> {
        let keys = text.split_whitespace().map(str::parse).collect::<Result<Vec<Key>, _>>()?;
        match keys.len() {
            0 => Err(SequenceError::Empty),
            1..=LONGEST => Ok(Self(keys)),
            _ => Err(SequenceError::Long),
        }
    }
}

/// The keys of a sequence that were pressed so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pending {
    keys: Vec<Key>,
    until: Option<Timestamp>,
}

/// What a key comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// It ends a sequence, or stands alone: this is to be done.
    Action(Id),
    /// More keys belong to it.
    Waiting,
    /// Nothing is bound to it. A key that ends a begun sequence in nothing does nothing by itself either: it was meant
    /// together with the keys before.
    Nothing,
}

impl Pending {
    /// How long the next key of a sequence may take. Long enough for a bad line.
    pub const PATIENCE: Duration = Duration::from_secs(2);

    /// Takes a key.
    pub fn press(&mut self, keymap: &Keymap, key: Key, now: Timestamp) -> Pressed {
        self.expire(now);
        self.keys.push(key);
        match keymap.find(&self.keys) {
            Found::Begins => {
                self.until = now.checked_add(Self::PATIENCE).ok();
                Pressed::Waiting
            }
            Found::Action(id) => {
                self.clear();
                Pressed::Action(id)
            }
            Found::Nothing => {
                self.clear();
                Pressed::Nothing
            }
        }
    }

    /// Forgets a sequence that was not gone on with in time. Says whether there was one.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let over = self.until.is_some_and(|until| until <= now);
        if over {
            self.clear();
        }
        over
    }

    /// Forgets what was pressed so far.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The keys that were pressed so far; none where no sequence is begun.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    fn keymap() -> Keymap {
        let keys =
            "quit = [\"q\"]\nclose = \"Esc\"\nfirst = [\"g g\", \"Home\"]\nlast = [\"g e\"]\nhelp = [\"Space h ?\"]";
        Keymap::parse(&format!("[keys]\n{keys}")).unwrap()
    }

    fn press(pending: &mut Pending, keys: &str, now: Timestamp) -> Vec<Pressed> {
        let keymap = keymap();
        keys.split_whitespace().map(|key| pending.press(&keymap, key.parse().unwrap(), now)).collect()
    }

    #[test]
    fn a_sequence_acts_at_its_last_key() {
        let mut pending = Pending::default();
        assert_eq!(press(&mut pending, "g g", at(0)), [Pressed::Waiting, Pressed::Action(Id::First)]);
        assert_eq!(press(&mut pending, "g e", at(0)), [Pressed::Waiting, Pressed::Action(Id::Last)]);
        assert_eq!(
            press(&mut pending, "Space h ?", at(0)),
            [Pressed::Waiting, Pressed::Waiting, Pressed::Action(Id::Help)]
        );
        assert_eq!(press(&mut pending, "Home", at(0)), [Pressed::Action(Id::First)]);
        assert_eq!(pending, Pending::default());
    }

    #[test]
    fn a_key_that_does_not_go_on_with_it_ends_it_and_does_nothing() {
        for ends in ["q", "Esc", "ctrl-c", "x", "Home"] {
            let mut pending = Pending::default();
            assert_eq!(
                press(&mut pending, &format!("g {ends}"), at(0)),
                [Pressed::Waiting, Pressed::Nothing],
                "{ends}"
            );
            assert_eq!(press(&mut pending, "q", at(0)), [Pressed::Action(Id::Quit)]);
        }
    }

    #[test]
    fn a_sequence_that_took_too_long_is_forgotten_and_the_late_key_counts_by_itself() {
        let mut pending = Pending::default();
        press(&mut pending, "g", at(0));
        assert!(!pending.expire(at(1999)));
        assert_eq!(pending.keys().len(), 1);
        assert_eq!(press(&mut pending, "q", at(2000)), [Pressed::Action(Id::Quit)]);
        press(&mut pending, "g", at(3000));
        assert!(pending.expire(at(5000)) && pending.keys().is_empty() && !pending.expire(at(5000)));
    }

    #[test]
    fn sequences_survive_their_text_form() {
        let keys = ["q", "G", "-", "ctrl--", "alt-ctrl", "\"", "コ", "Space", "F12", "ctrl-alt-PageDown", "BackTab"];
        let keys: Vec<Key> = keys.iter().filter_map(|key| key.parse().ok()).collect();
        for (one, other) in keys.iter().flat_map(|one| keys.iter().map(move |other| (*one, *other))) {
            let sequence = Sequence(vec![one, other, one]);
            assert_eq!(sequence.to_string().parse(), Ok(sequence));
        }
        for text in ["q", "g g", "Space f", "ctrl-x alt-k F5 ?", "ctrl-alt-Enter"] {
            assert_eq!(text.parse::<Sequence>().unwrap().to_string(), text);
        }
        assert_eq!("".parse::<Sequence>(), Err(SequenceError::Empty));
        assert_eq!("a b c d e".parse::<Sequence>(), Err(SequenceError::Long));
        assert!("g gg".parse::<Sequence>().is_err());
    }
}
