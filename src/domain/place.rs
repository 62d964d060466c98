//! Where a server's name points now: at home, moved, somewhere foreign, or not the same everywhere.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::name::Fqdn;
use super::observation::Addresses;
use super::server::Server;

/// Where a name points, judged over all authoritative servers that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// At the server's own addresses.
    Home,
    /// At another server of the topology.
    Moved {
        /// Which one.
        to: Fqdn,
    },
    /// At an address that no server of the topology has.
    Foreign,
    /// Authoritative servers disagree.
    Split,
    /// No address at all.
    Missing,
    /// Its A and its AAAA records name different servers.
    Diverged,
    /// No authoritative server answered, or none is declared.
    Unknown,
}

impl Place {
    /// The word on screen and in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Moved { .. } => "moved",
            Self::Foreign => "foreign",
            Self::Split => "split",
            Self::Missing => "missing",
            Self::Diverged => "diverged",
            Self::Unknown => "unknown",
        }
    }

    /// Judges one server's name by what the authoritative servers answered; `owners` knows whose address is whose.
    pub fn judge<'a>(
        owners: &BTreeMap<IpAddr, Fqdn>,
        server: &Server,
        answers: impl IntoIterator<Item = &'a Addresses>,
    ) -> Self {
        let mut places = answers.into_iter().map(|answer| Self::of_answer(owners, server, answer));
        let Some(first) = places.next() else { return Self::Unknown };
        if places.all(|place| place == first) { first } else { Self::Split }
    }

    /// Where one answer points.
    #[must_use]
    pub fn of_answer(owners: &BTreeMap<IpAddr, Fqdn>, server: &Server, answer: &Addresses) -> Self {
        let a = Self::of_addresses(owners, server, answer.a.iter().map(|a| IpAddr::V4(*a)));
        let aaaa = Self::of_addresses(owners, server, answer.aaaa.iter().map(|a| IpAddr::V6(*a)));
        match (a, aaaa) {
            (None, None) => Self::Missing,
            (Some(place), None) | (None, Some(place)) => place,
            (Some(a), Some(aaaa)) if a == aaaa => a,
            _ => Self::Diverged,
        }
    }

    fn of_addresses(
        owners: &BTreeMap<IpAddr, Fqdn>,
        server: &Server,
        addresses: impl Iterator<Item = IpAddr>,
    ) -> Option<Self> {
        let mut places = addresses.map(|address| match owners.get(&address) {
            Some(owner) if *owner == server.fqdn => Self::Home,
            Some(owner) => Self::Moved { to: owner.clone() },
            None => Self::Foreign,
        });
        let first = places.next()?;
        // Several addresses of different owners are nobody's home.
        Some(if places.all(|place| place == first) { first } else { Self::Foreign })
    }
}
