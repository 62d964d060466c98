//! How a check comes from what was found about each of its subjects.

use super::Status;

/// How many findings of a check are told in full.
const MOST: usize = 4;

/// What a check found.
#[derive(Debug)]
pub(super) enum Found {
    /// It does not concern this design, and why.
    NotApplicable(String),
    /// What was seen of each subject.
    Seen(Notes),
}

/// What was seen, subject by subject. The worst decides.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

#[derive(Debug)]
struct Note {
    status: Status,
    evidence: String,
    advice: Option<String>,
}

impl Notes {
    pub(super) fn fine(&mut self, evidence: impl Into<String>) {
        self.0.push(Note { status: Status::Ok, evidence: evidence.into(), advice: None });
    }

    pub(super) fn unknown(&mut self, evidence: impl Into<String>, advice: impl Into<String>) {
        self.note(Status::Unknown, evidence, advice);
    }

    pub(super) fn warn(&mut self, evidence: impl Into<String>, advice: impl Into<String>) {
        self.note(Status::Warning, evidence, advice);
    }

    pub(super) fn fail(&mut self, evidence: impl Into<String>, advice: impl Into<String>) {
        self.note(Status::Fail, evidence, advice);
    }

    pub(super) fn note(&mut self, status: Status, evidence: impl Into<String>, advice: impl Into<String>) {
        self.0.push(Note { status, evidence: evidence.into(), advice: Some(advice.into()) });
    }

    /// Whether nothing was looked at.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Status, evidence and advice: those of the worst. Nothing seen is Unknown, never Ok.
    pub(super) fn settle(self) -> (Status, String, Option<String>) {
        let Some(status) = self.0.iter().map(|note| note.status).max() else {
            return (Status::Unknown, "nothing was there to judge".to_owned(), None);
        };
        let worst: Vec<&Note> = self.0.iter().filter(|note| note.status == status).collect();
        let mut told: Vec<&str> = worst.iter().take(MOST).map(|note| note.evidence.as_str()).collect();
        let rest = worst.len().saturating_sub(MOST);
        let more = format!("and {rest} more");
        if rest > 0 {
            told.push(&more);
        }
        let advice = worst.iter().find_map(|note| note.advice.clone());
        (status, told.join("; "), advice)
    }
}

/// Joins names for a sentence.
pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
