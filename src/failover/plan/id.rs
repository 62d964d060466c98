//! Names of runs and steps.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The name of a run, made with its plan: a ULID, 26 characters of Crockford's base 32, sorting by the time it was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

/// A text that is no run's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a run: 26 characters, digits and capital letters without I, L, O, U")]
pub struct RunIdError(String);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl RunId {
    /// Makes a name from the time and 80 bits of randomness; the upper bits of `random` are not used.
    #[must_use]
    pub fn new(at: Timestamp, random: u128) -> Self {
        let millis = u128::try_from(at.as_millisecond().max(0)).unwrap_or_default() & ((1 << 48) - 1);
        let bits = (millis << 80) | (random & ((1 << 80) - 1));
        let letter = |i: u32| {
            let index = usize::try_from((bits >> (5 * (25 - i))) & 31).unwrap_or_default();
            char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
        };
        Self((0..26).map(letter).collect())
    }

    /// Reads a run's name, in capital letters as it was written.
    ///
    /// # Errors
    /// [`RunIdError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, RunIdError> {
        let bytes = text.as_bytes();
        let fits = bytes.len() == 26 && bytes.iter().all(|b| ALPHABET.contains(b)) && bytes.first() <= Some(&b'7');
        if fits { Ok(Self(text.to_owned())) } else { Err(RunIdError(text.chars().take(60).collect())) }
    }

    /// Its text, safe as a file name and in a marker.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for RunId {
    type Error = RunIdError;
    fn try_from(text: String) -> Result<Self, RunIdError> {
        Self::parse(&text)
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}

/// The name of a step, unique within its plan: `claim`, `move`, `enable-um3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    /// Takes a name over.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_run_sorts_after_an_earlier_one_and_reads_back() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let early = RunId::new(at("2026-11-22T14:02:11Z"), u128::MAX);
        let late = RunId::new(at("2026-11-22T14:02:12Z"), 0);
        assert!(early < late);
        assert_eq!(RunId::parse(early.as_str()).unwrap(), early);
        assert!(early.as_str().starts_with("01") && early.as_str().ends_with("ZZZZZZZZZZZZZZZZ"));
    }

    #[test]
    fn no_path_and_no_marker_field_passes_for_a_run() {
        for bad in ["", "../../../../etc/passwd0000", "01KA;seq=9;run=00000000000", "01ka0000000000000000000000"] {
            assert!(RunId::parse(bad).is_err(), "{bad}");
        }
    }
}
