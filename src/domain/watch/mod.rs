//! The memory behind the picture: takes observations in, keeps states with hysteresis and history, says what they mean.
//!
//! Asks nobody: observations and the time come in, a [`Picture`] goes out.

mod certificates;
mod crls;
mod dns;
mod findings;
mod names;
mod picture;
mod plans;
mod raw;
mod services;
mod since;
mod states;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::certificate::Crl;
use super::health::Hysteresis;
use super::judge::Picture;
use super::name::{BackendName, Fqdn};
use super::observation::{Observation, Outcome, ProbeId};
use super::server::Server;
use super::topology::Topology;

pub use crls::failure_words as crl_failure_words;
pub use dns::failure_words as dns_failure_words;
pub use raw::Lookup;
pub use services::{detail as sip_detail, failure_words as sip_failure_words};
pub use since::SinceBook;
pub use states::failure_words as command_failure_words;

/// What is remembered of everything that is probed.
#[derive(Debug, Clone)]
pub struct Watch {
    topology: Arc<Topology>,
    /// Whose address is whose, of servers: asked for every answer of every DNS server.
    owners: BTreeMap<IpAddr, Fqdn>,
    /// Servers and pools whose probes are taken in.
    known: BTreeSet<Fqdn>,
    services: BTreeMap<ProbeId, services::ServiceTrack>,
    dns: BTreeMap<SocketAddr, dns::DnsTrack>,
    zones: BTreeMap<Fqdn, dns::ZoneTrack>,
    names: BTreeMap<Fqdn, names::NameTrack>,
    states: BTreeMap<BackendName, states::StateTrack>,
    /// Authorities that were sent with any chain, DER.
    authorities: Vec<Vec<u8>>,
    crls: crls::CrlTracks,
    /// All lists of all places.
    lists: Vec<Arc<Crl>>,
    since: SinceBook,
}

impl Watch {
    /// Starts with nothing known; `since` is what an earlier console wrote down.
    #[must_use]
    pub fn new(topology: Arc<Topology>, since: SinceBook) -> Self {
        let owned = |server: &Server| {
            let fqdn = server.fqdn.clone();
            server.addresses.iter().map(move |address| (*address, fqdn.clone())).collect::<Vec<_>>()
        };
        let servers = topology.servers().map(|server| &server.fqdn);
        Self {
            owners: topology.servers().flat_map(owned).collect(),
            known: servers.chain(topology.pools.iter().map(|pool| &pool.fqdn)).cloned().collect(),
            topology,
            services: BTreeMap::new(),
            dns: BTreeMap::new(),
            zones: BTreeMap::new(),
            names: BTreeMap::new(),
            states: BTreeMap::new(),
            authorities: Vec::new(),
            crls: BTreeMap::new(),
            lists: Vec::new(),
            since,
        }
    }

    /// Watches another topology from now on; what is known of things that it still has is kept, and what was concluded from it with
    /// other roots, lists and names is concluded anew.
    pub fn adopt(&mut self, topology: Arc<Topology>, now: Timestamp) {
        let mut next = Self::new(topology, std::mem::take(&mut self.since));
        let listener = |probe: &ProbeId| match probe {
            ProbeId::Sip { server, service } => {
                next.topology.server(server).is_some_and(|server| server.listener(*service).is_some())
            }
            ProbeId::Pool { pool } => next.topology.pools.iter().any(|declared| declared.fqdn == *pool),
            ProbeId::Dns { .. } | ProbeId::State { .. } | ProbeId::Crl { .. } => false,
        };
        self.services.retain(|probe, _| listener(probe));
        let asked: BTreeSet<SocketAddr> = next.topology.dns_servers().map(|(server, _)| server).collect();
        self.dns.retain(|server, _| asked.contains(server));
        self.zones.retain(|zone, _| next.topology.zones.iter().any(|declared| declared.name == *zone));
        self.names.retain(|name, _| next.topology.server(name).is_some());
        self.states.retain(|backend, _| next.topology.backends.contains_key(backend));
        self.crls.retain(|source, _| next.topology.trust.crls.iter().any(|known| known.written == *source));
        next.crls = std::mem::take(&mut self.crls);
        next.services = std::mem::take(&mut self.services);
        next.dns = std::mem::take(&mut self.dns);
        next.zones = std::mem::take(&mut self.zones);
        next.names = std::mem::take(&mut self.names);
        next.states = std::mem::take(&mut self.states);
        next.authorities = std::mem::take(&mut self.authorities);
        *self = next;
        self.take_lists(now);
    }

    /// The topology that is watched.
    #[must_use]
    pub fn topology(&self) -> &Arc<Topology> {
        &self.topology
    }

    /// Since when each finding holds, to be kept for the next console.
    #[must_use]
    pub fn since(&self) -> &SinceBook {
        &self.since
    }

    /// Takes one result in. Results of probes that the topology does not know are dropped.
    pub fn absorb(&mut self, observation: Observation) {
        let Observation { probe, at, outcome, .. } = observation;
        match (&probe, outcome) {
            (ProbeId::Sip { .. } | ProbeId::Pool { .. }, Outcome::Sip(outcome)) => self.absorb_sip(probe, outcome, at),
            (ProbeId::Dns { server }, Outcome::Dns(outcome)) => self.absorb_dns(*server, outcome, at),
            (ProbeId::State { backend }, Outcome::State(result)) => self.absorb_state(backend.clone(), result, at),
            (ProbeId::Crl { source }, Outcome::Crl(result)) => self.absorb_crl(source.clone(), result, at),
            _ => {}
        }
    }

    /// The judged picture at a moment.
    pub fn picture(&mut self, now: Timestamp) -> Picture {
        let mut picture = self.observed_picture(now);
        let mut found = findings::collect(self, &picture);
        self.since.settle(&mut found, now);
        found.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.since.cmp(&b.since)).then(a.subject.cmp(&b.subject)));
        picture.findings = found;
        picture
    }

    /// Probes whose newest result speaks for a worse state than the judged one: what a single round asks again.
    #[must_use]
    pub fn unsettled(&self) -> Vec<ProbeId> {
        let services = self.services.iter().filter(|(_, track)| track.tracker.worsens());
        let services = services.map(|(probe, _)| probe.clone());
        let dns = self.dns.iter().filter(|(_, track)| track.is_unsettled());
        let dns = dns.map(|(server, _)| ProbeId::Dns { server: *server });
        let states = self.states.iter().filter(|(_, track)| track.is_unsettled());
        let states = states.map(|(backend, _)| ProbeId::State { backend: backend.clone() });
        let crls = self.crls.iter().filter(|(_, track)| track.is_unsettled());
        let crls = crls.map(|(source, _)| ProbeId::Crl { source: source.clone() });
        services.chain(dns).chain(states).chain(crls).collect()
    }

    fn counts(&self) -> Hysteresis {
        Hysteresis { fall: self.topology.console.fall, rise: self.topology.console.rise }
    }

    /// After how long without a new result a thing is no longer believed.
    fn too_old(&self) -> Duration {
        self.topology.console.interval * 3 + self.topology.console.timeout * self.topology.console.fall.max(1)
    }
}

/// Time from one moment to a later one; zero when it is not later.
fn age(from: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(from)).unwrap_or_default()
}
