//! Signed writes that change nothing: where a zone's owner allows them, they prove key, update policy, clock and primary before they
//! are needed. What would be sent, and when; who sends it is elsewhere.
//!
//! Such a message rewrites each name that a failover would move, and each marker, as they stand, and requires exactly that they
//! stand so: whatever happens meanwhile, it either changes nothing or is refused. (A marker's TTL becomes the one that runs write.)

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Facts, Input};
use crate::domain::act::{MarkerChange, RecordChange, RecordKind, RrSet, Update};
use crate::domain::judge::Picture;
use crate::domain::marker::Marker;
use crate::domain::name::Fqdn;
use crate::domain::topology::{Backend, FailoverMethod, Topology, Zone};
use crate::failover::planner::{NameSeen, ZoneSeen, marker_ttl};

/// How a write test ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteTest {
    /// When.
    pub at: Timestamp,
    /// What the primary said.
    pub said: WriteSaid,
}

/// What a primary said to a write that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "kebab-case")]
pub enum WriteSaid {
    /// It took it.
    Accepted,
    /// It refused it, and why.
    Refused {
        /// Whether for the time.
        clock: bool,
        /// Its words.
        why: String,
    },
    /// No answer that proves anything: the records had changed, nobody answered.
    NotKnown {
        /// Why.
        why: String,
    },
}

/// The write tests that are due: of each zone whose owner allows them, where the last one is long enough ago, everything could be
/// read, and no run holds a fence there.
#[must_use]
pub fn write_tests(
    topology: &Topology,
    picture: &Picture,
    facts: &Facts,
    last: &BTreeMap<String, WriteTest>,
) -> Vec<Update> {
    let seen = super::zone_seen::seen(&Input { topology, picture, facts, attempts: &OnceCell::new() });
    let due = topology.zones.iter().filter_map(|zone| {
        let every = interval(topology, zone)?;
        let known = last.get(zone.name.as_str()).map(|test| test.at.duration_since(picture.at).abs());
        let rested = known.is_none_or(|age| Duration::try_from(age).is_ok_and(|age| age >= every));
        rested.then(|| update(topology, zone, seen.zones.get(&zone.name)?, picture.at)).flatten()
    });
    due.collect()
}

/// How often a zone's owner allows a write test.
pub(super) fn interval(topology: &Topology, zone: &Zone) -> Option<Duration> {
    match topology.backends.get(zone.backend.as_ref()?)? {
        Backend::DnsUpdate(update) => update.key_test,
        Backend::Command(_) => None,
    }
}

fn update(topology: &Topology, zone: &Zone, seen: &ZoneSeen, now: Timestamp) -> Option<Update> {
    let by_dns = |name: &Fqdn| topology.plans_of(name).any(|plan| plan.method == FailoverMethod::Dns);
    let mut records = Vec::new();
    for (name, found) in seen.names.iter().filter(|(name, _)| by_dns(name)) {
        records.extend(unchanged(name, found.as_ref().ok()?));
    }
    let texts = seen.markers.iter().map(|(name, found)| Some((name, found.as_ref().ok()?.as_slice())));
    let texts: Vec<(&Fqdn, &[String])> = texts.collect::<Option<_>>()?;
    if texts.iter().any(|(_, texts)| is_held(texts, now)) {
        return None;
    }
    let markers: Vec<MarkerChange> =
        texts.iter().filter_map(|(name, texts)| unchanged_marker(name, texts, marker_ttl(zone))).collect();
    let backend = zone.backend.clone()?;
    let writes = !records.is_empty() || markers.iter().any(|marker| marker.after.is_some());
    writes.then(|| Update { backend, zone: zone.name.clone(), primary: seen.primary, records, markers })
}

/// An alias is not what a failover changes.
fn unchanged(name: &Fqdn, found: &NameSeen) -> Vec<RecordChange> {
    if found.alias.is_some() {
        return Vec::new();
    }
    let change = |kind, set: &RrSet| RecordChange { name: name.clone(), kind, before: set.clone(), after: set.clone() };
    let sets = [(RecordKind::A, &found.a), (RecordKind::Aaaa, &found.aaaa)];
    sets.into_iter().filter(|(_, set)| !set.values.is_empty()).map(|(kind, set)| change(kind, set)).collect()
}

/// Whether a run holds the fence: nobody else writes then.
fn is_held(texts: &[String], now: Timestamp) -> bool {
    texts.iter().any(|text| Marker::parse(text).is_ok_and(|marker| marker.is_held(now)))
}

/// A marker as it stands; none where several texts stand.
fn unchanged_marker(name: &Fqdn, texts: &[String], ttl: u32) -> Option<MarkerChange> {
    let change =
        |text: Option<&String>| MarkerChange { name: name.clone(), ttl, before: text.cloned(), after: text.cloned() };
    (texts.len() <= 1).then(|| change(texts.first()))
}
