//! What became of every update, for tests and for the demo's own event list.

use std::collections::{BTreeSet, VecDeque};

use hickory_proto::rr::{Name, RecordType};
use jiff::Timestamp;

use super::zone::{RrSet, Zone};

/// How many entries are kept; the oldest go.
const LONGEST: usize = 20_000;

/// Who changed, or tried to change, the zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// An update signed with this key.
    Key(String),
    /// An update without a right signature.
    Unsigned,
    /// A host that registers its own address.
    Host(String),
    /// The demo itself, by a fault.
    Demo,
}

/// One update, applied or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was decided.
    pub at: Timestamp,
    /// The message's id; 0 when there was no message.
    pub id: u16,
    /// Who sent it.
    pub author: Author,
    /// The response code's IANA name.
    pub code: String,
    /// The zone's serial afterwards.
    pub serial: u32,
    /// What changed, SOA left out; empty when it was refused or changed nothing.
    pub changes: Vec<Change>,
}

/// One changed set of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The records' name, without trailing dot.
    pub name: String,
    /// `A`, `AAAA`, `TXT`, …
    pub kind: String,
    /// What was there.
    pub before: Option<Records>,
    /// What is there now.
    pub after: Option<Records>,
}

/// The records of a set, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// Seconds.
    pub ttl: u32,
    /// Sorted.
    pub values: Vec<String>,
}

/// The entries, oldest first.
#[derive(Debug, Default)]
pub(super) struct Ledger(VecDeque<Entry>);

impl Ledger {
    pub(super) fn push(&mut self, entry: Entry) {
        if self.0.len() == LONGEST {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.0.iter().cloned().collect()
    }
}

/// What differs between two states of a zone, SOA left out.
pub(super) fn changes(before: &Zone, after: &Zone) -> Vec<Change> {
    let places: BTreeSet<(&Name, RecordType)> = [before, after]
        .into_iter()
        .flat_map(|zone| zone.nodes.iter().flat_map(|(name, node)| node.keys().map(move |kind| (name, *kind))))
        .collect();
    let differs = |(name, kind): &(&Name, RecordType)| before.set(name, *kind) != after.set(name, *kind);
    let change = |(name, kind): (&Name, RecordType)| Change {
        name: plain(name),
        kind: kind.to_string(),
        before: before.set(name, kind).map(Records::of),
        after: after.set(name, kind).map(Records::of),
    };
    places.into_iter().filter(differs).map(change).collect()
}

impl Records {
    pub(super) fn of(set: &RrSet) -> Self {
        let mut values: Vec<String> = set.data.iter().map(ToString::to_string).collect();
        values.sort();
        Self { ttl: set.ttl, values }
    }
}

/// A name without its trailing dot.
pub(super) fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_owned()
}
