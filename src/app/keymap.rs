//! Which key stands for which action, read from text. The console's own keymap goes through the same reader as a user's.

use std::collections::BTreeMap;

use super::action::{self, Id};
use super::key::{Key, KeyError};

/// The keymap that the console brings along.
pub const DEFAULT: &str = include_str!("../../assets/keymap.toml");

/// Which key stands for which action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    by_key: BTreeMap<Key, Id>,
    by_action: BTreeMap<Id, Vec<Key>>,
}

/// Why a text is no keymap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// Not TOML, or not of the shape `[keys] action = ["key"]`.
    #[error("the keymap cannot be read: {0}")]
    Syntax(String),
    /// No action has this name.
    #[error("'{0}' is no action; see the help for their names")]
    UnknownAction(String),
    /// A key is no key.
    #[error("action '{action}': {source}")]
    Key {
        /// The action.
        action: String,
        /// What is wrong.
        source: KeyError,
    },
    /// One key for two actions.
    #[error("key '{key}' stands for '{first}' and for '{second}'; give one of them another key")]
    Twice {
        /// The key.
        key: Key,
        /// One action.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// Nobody could leave.
    #[error("no key stands for 'quit'")]
    NoQuit,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: BTreeMap<String, Vec<String>>,
}

impl Keymap {
    /// Reads a keymap.
    ///
    /// # Errors
    /// The first [`KeymapError`].
    pub fn parse(text: &str) -> Result<Self, KeymapError> {
        let file: File = toml::from_str(text).map_err(|error| KeymapError::Syntax(error.message().to_owned()))?;
        let mut keymap = Self::default();
        for (name, keys) in file.keys {
            let row = action::named(&name).ok_or_else(|| KeymapError::UnknownAction(name.clone()))?;
            for key in keys {
                let key = key.parse().map_err(|source| KeymapError::Key { action: name.clone(), source })?;
                keymap.bind(key, row)?;
            }
        }
        if keymap.keys(Id::Quit).is_empty() { Err(KeymapError::NoQuit) } else { Ok(keymap) }
    }

    fn bind(&mut self, key: Key, row: &'static action::Action) -> Result<(), KeymapError> {
        if let Some(other) = self.by_key.insert(key, row.id) {
            let first = action::action(other).map_or("", |other| other.name);
            return Err(KeymapError::Twice { key, first, second: row.name });
        }
        self.by_action.entry(row.id).or_default().push(key);
        Ok(())
    }

    /// What a key stands for.
    #[must_use]
    pub fn action(&self, key: Key) -> Option<Id> {
        self.by_key.get(&key).copied()
    }

    /// Keys of an action, in the order of the file.
    #[must_use]
    pub fn keys(&self, id: Id) -> &[Key] {
        self.by_action.get(&id).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keymap_that_comes_along_binds_every_action() {
        let keymap = Keymap::parse(DEFAULT).unwrap();
        for action in action::ACTIONS {
            assert!(!keymap.keys(action.id).is_empty(), "{} has no key", action.name);
        }
    }

    #[test]
    fn a_bad_keymap_is_refused_with_its_reason() {
        let wrong = |text: &str| Keymap::parse(text).unwrap_err().to_string();
        assert!(wrong("[keys]\nquit = [\"q\"]\nhelp = [\"q\"]").contains("'q' stands for 'help' and for 'quit'"));
        assert!(wrong("[keys]\nquitt = [\"q\"]").contains("'quitt' is no action"));
        assert!(wrong("[keys]\nquit = [\"qq\"]").contains("'qq' is no key"));
        assert!(wrong("[keys]\nhelp = [\"?\"]").contains("no key stands for 'quit'"));
        assert!(wrong("keys = 3").contains("cannot be read"));
    }
}
