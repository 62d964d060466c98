//! A DNS update, exactly: which records, from what to what, fenced by which marker (RFC 2136).
//!
//! Prerequisites, deletions and additions follow from the before- and after-images; they are not written down twice.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::id::StepId;
use crate::domain::marker::Marker;
use crate::domain::name::{BackendName, Fqdn};

/// The record types that a plan touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RrType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

impl RrType {
    /// The type as DNS writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
        }
    }

    /// Whether an address belongs into records of this type.
    #[must_use]
    pub fn holds(self, address: &IpAddr) -> bool {
        address.is_ipv4() == (self == Self::A)
    }
}

impl fmt::Display for RrType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The records of one name and type. There is no empty one: absence is `None` where one may be absent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RrSet {
    /// Its name.
    pub name: Fqdn,
    /// Its type.
    #[serde(rename = "type")]
    pub rtype: RrType,
    /// Seconds that caches may hold it.
    pub ttl: u32,
    /// Its addresses, sorted.
    pub values: Vec<IpAddr>,
}

/// Values and TTL of a record set whose name and type stand beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Image {
    /// Seconds that caches may hold it.
    pub ttl: u32,
    /// Its addresses, sorted, at least one.
    pub values: Vec<IpAddr>,
}

/// What becomes of the records of one name and type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The name.
    pub name: Fqdn,
    /// The type.
    #[serde(rename = "type")]
    pub rtype: RrType,
    /// What stands there now; absent when there is none.
    pub before: Option<Image>,
    /// What stands there afterwards; absent when there is none.
    pub after: Option<Image>,
}

impl Change {
    /// Whether values or TTL change.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.before != self.after
    }

    /// The record set afterwards.
    #[must_use]
    pub fn after_set(&self) -> Option<RrSet> {
        self.after.as_ref().map(|image| self.set(image))
    }

    /// The record set before.
    #[must_use]
    pub fn before_set(&self) -> Option<RrSet> {
        self.before.as_ref().map(|image| self.set(image))
    }

    fn set(&self, image: &Image) -> RrSet {
        RrSet { name: self.name.clone(), rtype: self.rtype, ttl: image.ttl, values: image.values.clone() }
    }

    /// The same, backwards.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { before: self.after.clone(), after: self.before.clone(), ..self.clone() }
    }
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
    pub changes: Vec<Change>,
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
    /// Record sets that must stand exactly so.
    pub fn must_exist(&self) -> impl Iterator<Item = RrSet> {
        self.changes.iter().filter_map(Change::before_set)
    }

    /// Names and types that must not exist.
    pub fn must_not_exist(&self) -> impl Iterator<Item = (&Fqdn, RrType)> {
        self.changes.iter().filter(|change| change.before.is_none()).map(|change| (&change.name, change.rtype))
    }

    /// Record sets that are deleted as a whole, in the order of the message.
    pub fn deletions(&self) -> impl Iterator<Item = (&Fqdn, RrType)> {
        self.changes.iter().filter(|change| change.before.is_some()).map(|change| (&change.name, change.rtype))
    }

    /// Record sets that are added after the deletions, in the order of the message.
    pub fn additions(&self) -> impl Iterator<Item = RrSet> {
        self.changes.iter().filter_map(Change::after_set)
    }
}
