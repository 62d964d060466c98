//! A statement that needs a person: what is wrong, where, since when, on what evidence, and what to do.

mod kinds;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use kinds::{KINDS, Kind};

/// How much it matters. Greater is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Something is worse than it should be.
    Warning,
    /// Calls are lost, or would be at the next failure.
    Critical,
}

impl Severity {
    /// The word on screen and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// One finding. Identified by its id and its subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable id, one of [`KINDS`].
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about: a server, pool, DNS server, dial plan, site, backend, or `console`.
    pub subject: String,
    /// Since when it holds.
    pub since: Timestamp,
    /// One line that says what is wrong.
    pub message: String,
    /// What was seen.
    pub evidence: String,
    /// What to do next.
    pub advice: &'static str,
}

/// The row of a kind.
#[must_use]
pub fn kind_of(id: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_what_it_means_what_taught_it_and_who_mends_it() {
        for Kind { id, means, taught_by, who, command, .. } in KINDS {
            for text in [means, taught_by, who] {
                assert!(text.len() > 8, "{id} says nothing: {text:?}");
            }
            assert!(means.ends_with('.') && !taught_by.ends_with('.'), "{id}");
            assert!(command.is_none_or(|command| !command.is_empty()), "{id}");
        }
    }

    #[test]
    fn every_kind_has_an_id_of_its_own_and_advice() {
        for (i, kind) in KINDS.iter().enumerate() {
            assert!(!kind.advice.is_empty(), "{}", kind.id);
            assert!(KINDS[i + 1..].iter().all(|other| other.id != kind.id), "{} twice", kind.id);
        }
    }
}
