//! Carries out the probes of a topology on the real network.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use tokio::runtime::Handle;

use super::dns::DnsQuestions;
use super::sip::{SipProber, Target};
use super::supervisor::{Ask, Scheduled, Supervisor, one_try};
use super::{Clock, ProbeError, crl, dns, membership};
use crate::domain::certificate::Thumbprint;
use crate::domain::health::{Class, Health};
use crate::domain::name::{BackendName, Fqdn};
use crate::domain::observation::{
    CommandFailure, CrlFailure, DnsKind, Observation, Outcome, ProbeId, SipFailure, SipOutcome, StateReport,
};
use crate::domain::server::Service;
use crate::domain::topology::{Backend, Pool, Topology};
use crate::wire::dns::TsigKey;

/// How many probes of one round are under way at once.
const AT_ONCE: usize = 256;

/// How long reading a revocation list may take.
const CRL_DEADLINE: Duration = Duration::from_secs(10);

/// What a deadline from outside adds to the probe's own, for the work after the last byte.
const GRACE: Duration = Duration::from_millis(500);

/// The probes of one topology.
#[derive(Debug)]
pub struct Network {
    topology: Arc<Topology>,
    sip: SipProber,
    clock: Clock,
    /// Certificates that services are configured with, as they were reported last.
    configured: Mutex<BTreeMap<(Fqdn, Service), Thumbprint>>,
}

impl Network {
    /// Reads what the probes need, for example the certificate that mutual TLS shows.
    ///
    /// # Errors
    /// [`ProbeError`] when a declared file cannot be used.
    pub fn new(topology: Arc<Topology>, clock: &Clock) -> Result<Self, ProbeError> {
        let sip = SipProber::new(&topology, clock.clone())?;
        Ok(Self { topology, sip, clock: clock.clone(), configured: Mutex::default() })
    }

    /// Everything that a topology asks for, with its interval.
    #[must_use]
    pub fn schedule(topology: &Topology) -> Vec<Scheduled> {
        let console = &topology.console;
        let network = |probe| Scheduled { probe, interval: console.interval, limit: console.timeout + GRACE };
        let services = topology.servers().flat_map(|server| {
            server.listeners.iter().map(|l| ProbeId::Sip { server: server.fqdn.clone(), service: l.service })
        });
        let pools = topology.pools.iter().map(|pool| ProbeId::Pool { pool: pool.fqdn.clone() });
        let dns = topology.dns_servers().map(|(server, _)| ProbeId::Dns { server });
        let states = topology.backends.iter().filter_map(|(name, backend)| match backend {
            Backend::Command(command) if !command.state.is_empty() => Some(Scheduled {
                probe: ProbeId::State { backend: name.clone() },
                interval: command.interval,
                limit: command.timeout + GRACE * 4,
            }),
            _ => None,
        });
        let crls = topology.trust.crls.iter().map(|source| Scheduled {
            probe: ProbeId::Crl { source: source.written.clone() },
            interval: source.interval(),
            limit: CRL_DEADLINE + GRACE,
        });
        services.chain(pools).chain(dns).map(network).chain(states).chain(crls).collect()
    }

    /// Keeps all probes going on a runtime.
    #[must_use]
    pub fn watch(self, on: &Handle) -> Supervisor {
        let (schedule, clock) = (Self::schedule(&self.topology), self.clock.clone());
        let network: Arc<dyn Ask> = Arc::new(self);
        Supervisor::start(&network, schedule, &clock, on)
    }

    /// One round of every probe. A probe that fails is repeated up to `fall` times, so that one lost packet is no finding.
    pub async fn round(&self) -> Vec<Observation> {
        let tries = stream::iter(Self::schedule(&self.topology)).map(|scheduled| self.settled(scheduled));
        tries.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
    }

    /// Asks some probes once more.
    pub async fn ask_again(&self, probes: &[ProbeId]) -> Vec<Observation> {
        let schedule = Self::schedule(&self.topology).into_iter().filter(|scheduled| probes.contains(&scheduled.probe));
        let tries = stream::iter(schedule).map(|scheduled| async move {
            let started = tokio::time::Instant::now();
            let outcome = one_try(self, &scheduled).await?;
            Some(Observation { probe: scheduled.probe, at: self.clock.now(), took: started.elapsed(), outcome })
        });
        tries.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
    }

    async fn settled(&self, scheduled: Scheduled) -> Option<Observation> {
        let started = tokio::time::Instant::now();
        let mut last = None;
        for _ in 0..self.topology.console.fall.max(1) {
            last = one_try(self, &scheduled).await;
            if last.as_ref().is_some_and(|outcome| self.is_good(outcome) || is_final(outcome)) {
                break;
            }
        }
        last.map(|outcome| Observation {
            probe: scheduled.probe,
            at: self.clock.now(),
            took: started.elapsed(),
            outcome,
        })
    }

    fn is_good(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Sip(sip) => Class::of(sip, self.topology.console.slow).health() == Health::Up,
            Outcome::Dns(dns) => dns.names.values().all(Result::is_ok) && dns.serials.values().all(Result::is_ok),
            Outcome::State(result) => result.is_ok(),
            Outcome::Crl(result) => result.is_ok(),
        }
    }

    async fn ask_server(&self, fqdn: &Fqdn, service: Service) -> Option<Outcome> {
        let target = self.server_target(fqdn, service)?;
        Some(self.ask_sip(&target).await)
    }

    fn server_target(&self, fqdn: &Fqdn, service: Service) -> Option<Target> {
        let server = self.topology.server(fqdn)?;
        let listener = server.listener(service)?;
        let address = server.endpoint(listener)?;
        Some(Target { name: fqdn.clone(), server_name: None, address, transport: listener.transport })
    }

    async fn ask_sip(&self, target: &Target) -> Outcome {
        Outcome::Sip(self.sip.probe(target, self.topology.console.timeout).await)
    }

    async fn ask_crl(&self, written: &str) -> Option<Outcome> {
        let source = self.topology.trust.crls.iter().find(|source| source.written == written)?;
        Some(Outcome::Crl(crl::read(&source.place, &self.topology.map, CRL_DEADLINE).await))
    }

    async fn ask_pool(&self, fqdn: &Fqdn) -> Option<Outcome> {
        let pool = self.topology.pools.iter().find(|pool| pool.fqdn == *fqdn)?;
        let declared = pool.addresses.first().copied();
        let address = match declared {
            Some(address) => address,
            None => match self.look_up(pool).await {
                Some(address) => address,
                None => return Some(Outcome::Sip(no_address(pool))),
            },
        };
        let address = SocketAddr::new(address, pool.port);
        let target = Target { name: fqdn.clone(), server_name: None, address, transport: pool.transport };
        Some(self.ask_sip(&target).await)
    }

    /// The pool's address as the first resolver that knows one says.
    async fn look_up(&self, pool: &Pool) -> Option<std::net::IpAddr> {
        for resolver in &self.topology.resolvers {
            let questions = DnsQuestions {
                server: *resolver,
                connect: self.topology.map.route(*resolver),
                kind: DnsKind::Resolver,
                names: vec![pool.fqdn.clone()],
                zones: vec![],
                markers: vec![],
                key: None,
            };
            let outcome = dns::probe(&questions, self.topology.console.timeout, &self.clock).await;
            if let Some(Ok(found)) = outcome.names.get(&pool.fqdn) {
                let v4 = found.a.first().map(|a| std::net::IpAddr::V4(*a));
                if let Some(address) = v4.or_else(|| found.aaaa.first().map(|a| std::net::IpAddr::V6(*a))) {
                    return Some(address);
                }
            }
        }
        None
    }

    async fn ask_dns(&self, server: SocketAddr) -> Option<Outcome> {
        let (_, kind) = self.topology.dns_servers().find(|(known, _)| *known == server)?;
        let questions = questions(&self.topology, server, kind);
        Some(Outcome::Dns(dns::probe(&questions, self.topology.console.timeout, &self.clock).await))
    }

    async fn ask_state(&self, backend: &BackendName) -> Option<Outcome> {
        match self.topology.backends.get(backend)? {
            Backend::Command(command) => {
                let result = membership::read(command).await;
                if let Ok(report) = &result {
                    self.follow_certificates(report);
                }
                Some(Outcome::State(result))
            }
            Backend::DnsUpdate(_) => None,
        }
    }

    /// A service that is configured with another certificate than before is asked in a fresh handshake next: a kept connection
    /// would show the old one for as long as it lives.
    fn follow_certificates(&self, report: &StateReport) {
        let mut known = self.configured.lock().unwrap_or_else(PoisonError::into_inner);
        for (fqdn, state) in &report.servers {
            for (service, thumbprint) in &state.certificates {
                let before = known.insert((fqdn.clone(), *service), thumbprint.clone());
                let changed = before.is_some_and(|before| before != *thumbprint);
                if let Some(target) = changed.then(|| self.server_target(fqdn, *service)).flatten() {
                    self.sip.forget(&target);
                }
            }
        }
    }
}

impl Ask for Network {
    fn ask<'a>(&'a self, probe: &'a ProbeId) -> BoxFuture<'a, Option<Outcome>> {
        match probe {
            ProbeId::Sip { server, service } => self.ask_server(server, *service).boxed(),
            ProbeId::Pool { pool } => self.ask_pool(pool).boxed(),
            ProbeId::Dns { server } => self.ask_dns(*server).boxed(),
            ProbeId::State { backend } => self.ask_state(backend).boxed(),
            ProbeId::Crl { source } => self.ask_crl(source).boxed(),
        }
    }
}

/// A command that hung for its whole deadline would hang for it again; a lost packet may be there the next time.
fn is_final(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::State(Err(CommandFailure::Timeout)) | Outcome::Crl(Err(CrlFailure::Unusable(_))))
}

fn no_address(pool: &Pool) -> SipOutcome {
    SipOutcome {
        transport: pool.transport,
        address: SocketAddr::new(std::net::Ipv4Addr::UNSPECIFIED.into(), pool.port),
        result: Err(SipFailure::NoAddress(pool.fqdn.as_str().into())),
        tls: None,
    }
}

/// What one DNS server is asked: an authoritative server its own zones' names, a resolver all of them.
fn questions(topology: &Topology, server: SocketAddr, kind: DnsKind) -> DnsQuestions {
    let holds = |name: &Fqdn| topology.zone_of(name).is_some_and(|zone| zone.authoritative.contains(&server));
    let names = topology.servers().map(|server| &server.fqdn).chain(topology.pools.iter().map(|pool| &pool.fqdn));
    let authoritative = kind == DnsKind::Authoritative;
    let zones = topology.zones.iter().filter(|zone| zone.authoritative.contains(&server));
    let markers = topology.sites.iter().flat_map(|site| {
        let here = topology.fenced_zones(site).into_iter().filter(|zone| zone.authoritative.contains(&server));
        here.filter_map(|zone| Topology::marker_name_in(site, zone)).collect::<Vec<_>>()
    });
    DnsQuestions {
        server,
        connect: topology.map.route(server),
        kind,
        names: names.filter(|name| !authoritative || holds(name)).cloned().collect(),
        zones: if authoritative { zones.map(|zone| zone.name.clone()).collect() } else { vec![] },
        markers: if authoritative { markers.collect() } else { vec![] },
        key: if authoritative { key(topology, server) } else { None },
    }
}

/// The key of a write primary, to be tried with a signed question.
fn key(topology: &Topology, server: SocketAddr) -> Option<TsigKey> {
    topology.backends.values().find_map(|backend| {
        let Backend::DnsUpdate(update) = backend else { return None };
        let is_primary = update.write_primaries.iter().any(|primary| primary.address == server);
        is_primary.then(|| TsigKey::of(&update.auth))?
    })
}
