//! Since when each finding holds: kept over restarts, forgotten when the finding is gone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::finding::Finding;

/// First sighting of each finding that holds, by id and subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SinceBook(BTreeMap<String, BTreeMap<String, Timestamp>>);

impl SinceBook {
    /// Gives each finding its earliest known time, and forgets findings that no longer hold.
    pub(super) fn settle(&mut self, findings: &mut [Finding], now: Timestamp) {
        let mut next = Self::default();
        for finding in findings {
            let known = self.0.get(finding.id).and_then(|subjects| subjects.get(&finding.subject));
            // A clock that was set back must not make a finding begin in the future.
            finding.since = known.copied().unwrap_or(finding.since).min(finding.since).min(now);
            next.0.entry(finding.id.to_owned()).or_default().insert(finding.subject.clone(), finding.since);
        }
        *self = next;
    }
}
