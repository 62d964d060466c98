//! A DNS update, exactly: which records, from what to what, fenced by which marker (RFC 2136).
//!
//! Prerequisites, deletions and additions follow from the before- and after-images; they are not written down twice. A set
//! without values stands for "no such records".

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::id::StepId;
use crate::domain::act::{self, RecordChange, RecordKind, RrSet, Update};
use crate::domain::marker::Marker;
use crate::domain::name::{BackendName, Fqdn};

/// The records of one name and type, as servers should show them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordSet {
    /// Its name.
    pub name: Fqdn,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: RecordKind,
    /// Seconds that caches may hold it.
    pub ttl: u32,
    /// Its addresses, sorted; empty when there should be none.
    pub values: Vec<IpAddr>,
}

impl RecordSet {
    /// What should be there after a change.
    #[must_use]
    pub fn after(change: &RecordChange) -> Self {
        let RrSet { ttl, values } = change.after.clone();
        Self { name: change.name.clone(), kind: change.kind, ttl, values }
    }

    /// What was there before a change.
    #[must_use]
    pub fn before(change: &RecordChange) -> Self {
        Self::after(&inverse(change))
    }
}

/// A change, backwards.
#[must_use]
pub fn inverse(change: &RecordChange) -> RecordChange {
    RecordChange { before: change.after.clone(), after: change.before.clone(), ..change.clone() }
}

/// What an update is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Takes the fence and rewrites each planned record unchanged, which tests key, policy, zone, clock and primary.
    Claim,
    /// Changes the records.
    Move,
    /// Lets the fence go.
    Close,
}

/// One update message to one zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsUpdate {
    /// What it is for.
    pub purpose: Purpose,
    /// The backend that sends it.
    pub backend: BackendName,
    /// The zone.
    pub zone: Fqdn,
    /// The only server it is sent to, over TCP, once; before the address map.
    pub primary: SocketAddr,
    /// The key's name; absent with Kerberos.
    pub key: Option<Fqdn>,
    /// The records, in the order of the message. A claim rewrites them as they are, a close names none.
    pub changes: Vec<RecordChange>,
    /// The site's own marker; absent where the zone takes no TXT.
    pub marker: Option<MarkerChange>,
    /// The partner site's marker in the same zone, which must not have changed either.
    pub partner: Option<PartnerMarker>,
}

/// What becomes of the site's marker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerChange {
    /// Its name.
    pub name: Fqdn,
    /// Its TTL in seconds.
    pub ttl: u32,
    /// What must stand there.
    pub before: MarkerBefore,
    /// What is written, without `exp` and `head`, which the run fills in.
    pub after: Marker,
}

/// What must stand at a marker's name for an update to be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkerBefore {
    /// Nothing.
    Absent,
    /// Exactly this text.
    Exactly(String),
    /// Exactly what that step of this run wrote.
    WrittenBy(StepId),
}

/// The partner site's marker: exactly this text, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerMarker {
    /// Its name.
    pub name: Fqdn,
    /// Its exact text; `None` when it must not exist.
    pub text: Option<String>,
}

impl DnsUpdate {
    /// The side effect, once the run knows its own marker's exact texts: what stands there now (nothing: no marker), and what
    /// is written, with `exp` and `head`.
    #[must_use]
    pub fn act(&self, before: Option<&str>, after: &str) -> Update {
        let own = self.marker.iter().map(|marker| act::MarkerChange {
            name: marker.name.clone(),
            ttl: marker.ttl,
            before: before.map(str::to_owned),
            after: Some(after.to_owned()),
        });
        let partner = self.partner_as_it_was();
        Update {
            backend: self.backend.clone(),
            zone: self.zone.clone(),
            primary: self.primary,
            records: self.changes.clone(),
            markers: own.chain(partner).collect(),
        }
    }

    /// The partner site's marker, required to be what the plan saw.
    pub fn partner_as_it_was(&self) -> Option<act::MarkerChange> {
        let partner = self.partner.as_ref()?;
        Some(act::MarkerChange { name: partner.name.clone(), ttl: 0, before: partner.text.clone(), after: None })
    }
}
