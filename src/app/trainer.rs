//! The demo's fault panel: which faults there are, which are on.

use serde::{Deserialize, Serialize};

/// One fault of the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRow {
    /// Token of the thing, `um2`.
    pub subject: String,
    /// Token of the fault, `stop`.
    pub fault: String,
    /// Whether it is on.
    pub on: bool,
}

/// State of the panel. Present only while the embedded topology is watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trainer {
    /// Every fault, grouped by subject.
    pub rows: Vec<FaultRow>,
    /// The selected one, by its two tokens.
    pub chosen: Option<(String, String)>,
    /// Why the last switch was refused.
    pub refused: Option<String>,
}

impl Trainer {
    /// Takes the faults as they are now; keeps the selection.
    pub fn show(&mut self, rows: Vec<FaultRow>) {
        self.rows = rows;
        self.refused = None;
        if self.selected().is_none() {
            self.chosen = self.rows.first().map(tokens);
        }
    }

    /// How many are on.
    #[must_use]
    pub fn switched_on(&self) -> usize {
        self.rows.iter().filter(|row| row.on).count()
    }

    /// Position of the selection in `rows`.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        let (subject, fault) = self.chosen.as_ref()?;
        self.rows.iter().position(|row| row.subject == *subject && row.fault == *fault)
    }

    /// The selected fault.
    #[must_use]
    pub fn selected(&self) -> Option<&FaultRow> {
        self.rows.get(self.position()?)
    }

    /// Moves the selection by a number of rows; stops at the ends.
    pub fn step(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        let at = self.position().unwrap_or(0).saturating_add_signed(by).min(last);
        self.chosen = self.rows.get(at).map(tokens);
    }

    /// Moves the selection to the first fault of the next or previous subject.
    pub fn leap(&mut self, forward: bool) {
        let Some(at) = self.position() else { return };
        let here = &self.rows[at].subject;
        let target = if forward {
            self.rows[at..].iter().position(|row| row.subject != *here).map(|offset| at + offset)
        } else {
            let before = self.rows[..at].iter().rfind(|row| row.subject != *here).map(|row| row.subject.clone());
            before.and_then(|subject| self.rows.iter().position(|row| row.subject == subject))
        };
        if let Some(row) = target.and_then(|at| self.rows.get(at)) {
            self.chosen = Some(tokens(row));
        }
    }
}

fn tokens(row: &FaultRow) -> (String, String) {
    (row.subject.clone(), row.fault.clone())
}
