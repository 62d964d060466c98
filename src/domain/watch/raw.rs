//! Newest answers that no view of the picture holds, for who has to look at one of them. What is too old is left out.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::Timestamp;

use super::dns::DnsTrack;
use super::{Watch, age, dns_failure_words};
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::observation::{Addresses, DnsFailure, DnsKind, KeyFailure};

/// What one DNS server answers for a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// Its declared address.
    pub server: SocketAddr,
    /// What it is asked as.
    pub kind: DnsKind,
    /// Its answer.
    pub answer: Result<Addresses, DnsFailure>,
}

impl Watch {
    /// What each DNS server that is asked for a name answers.
    #[must_use]
    pub fn lookups(&self, name: &Fqdn, now: Timestamp) -> Vec<Lookup> {
        let servers = self.topology.dns_servers();
        let found = servers.filter_map(|(server, kind)| {
            let answer = self.fresh(server, now)?.newest.names.get(name)?.clone();
            Some(Lookup { server, kind, answer })
        });
        found.collect()
    }

    /// The texts at each marker's name, as one DNS server shows them.
    #[must_use]
    pub fn markers(&self, server: SocketAddr, now: Timestamp) -> BTreeMap<Fqdn, Result<Vec<String>, String>> {
        let shown = self.fresh(server, now).into_iter().flat_map(|track| &track.newest.markers);
        shown.map(|(name, found)| (name.clone(), texts(found))).collect()
    }

    /// The texts at one marker's name, as one DNS server shows them; `None` where it was not asked lately.
    #[must_use]
    pub fn marker(&self, server: SocketAddr, name: &Fqdn, now: Timestamp) -> Option<Result<Vec<String>, String>> {
        self.fresh(server, now)?.newest.markers.get(name).map(texts)
    }

    /// What a write primary said to a signed question.
    #[must_use]
    pub fn key(&self, server: SocketAddr, now: Timestamp) -> Option<Result<(), KeyFailure>> {
        self.fresh(server, now)?.newest.key.clone()
    }

    fn fresh(&self, server: SocketAddr, now: Timestamp) -> Option<&DnsTrack> {
        self.dns.get(&server).filter(|track| age(track.at, now) <= self.too_old())
    }
}

fn texts(found: &Result<Vec<Clean>, DnsFailure>) -> Result<Vec<String>, String> {
    let texts = found.as_ref().map(|texts| texts.iter().map(ToString::to_string).collect());
    texts.map_err(dns_failure_words)
}
