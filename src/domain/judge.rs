//! The judged picture of a topology: what screens, reports and rules read.
//!
//! A [`Picture`] holds no rule of its own; `watch` makes it from observations.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::certificate::{Crl, Facts, Required, Revocation, Thumbprint, TrustVerdict, Uncovered};
use super::clean::Clean;
use super::finding::Finding;
use super::health::{Class, Health};
use super::name::{BackendName, DialPlanName, Fqdn, SiteName};
use super::observation::{Addresses, ComponentState, DnsFailure, DnsKind, TlsSession};
use super::place::Place;
use super::server::{Service, ServiceState, Transport};
use super::topology::FailoverMethod;

/// Everything that is known at one moment.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The moment.
    pub at: Timestamp,
    /// Whether everything fails at once, so that this console is probably the one cut off.
    pub isolated: bool,
    /// Age of the oldest result that a probe should have renewed; `None` before the first result of each.
    pub oldest: Option<Duration>,
    /// Probes that brought no result yet.
    pub waiting: usize,
    /// Sites, in the order of the topology.
    pub sites: Vec<SiteView>,
    /// Pools, in the order of the topology.
    pub pools: Vec<PoolView>,
    /// Dial plans, in the order of the topology.
    pub dial_plans: Vec<DialPlanView>,
    /// DNS servers, authoritative first.
    pub dns: Vec<DnsServerView>,
    /// State commands.
    pub states: Vec<StateView>,
    /// Places where revocation lists are read.
    pub crls: Vec<CrlView>,
    /// The lists themselves, for who has to judge another chain.
    pub lists: Vec<Arc<Crl>>,
    /// Findings, worst first, then longest-standing first.
    pub findings: Vec<Finding>,
}

/// A site.
#[derive(Debug, Clone)]
pub struct SiteView {
    /// Its name.
    pub name: SiteName,
    /// `active` or `standby`.
    pub standby: bool,
    /// Since when one of its names or servers is away from normal; `None` in normal operation.
    pub away: Option<Timestamp>,
    /// Servers that are Up.
    pub healthy: usize,
    /// Its servers.
    pub servers: Vec<ServerView>,
}

/// A UM server.
#[derive(Debug, Clone)]
pub struct ServerView {
    /// Its name.
    pub fqdn: Fqdn,
    /// The worst health of its services; Unknown while there is no result or it is stale.
    pub health: Health,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Where its name points.
    pub place: Place,
    /// Since when the name points there.
    pub place_since: Option<Timestamp>,
    /// Service state, as the state command says.
    pub state: Option<ServiceState>,
    /// Service state in normal operation.
    pub normal: ServiceState,
    /// Component states behind it.
    pub components: Vec<ComponentState>,
    /// Calls in progress.
    pub active_calls: Option<u32>,
    /// Its services, call router first.
    pub services: Vec<ServiceView>,
    /// What each DNS server answers for its name.
    pub dns: Vec<DnsAnswerView>,
}

impl ServerView {
    /// The service that is shown in one line: the worst one.
    #[must_use]
    pub fn lead(&self) -> Option<&ServiceView> {
        self.services.iter().max_by_key(|service| (service.health, service.class))
    }

    /// Whether it takes new calls, as far as known: up, in service and not refusing.
    #[must_use]
    pub fn in_service(&self) -> bool {
        let answering =
            self.services.iter().all(|service| service.health == Health::Up && service.class != Some(Class::Refusing));
        !self.services.is_empty() && answering && self.state.unwrap_or(self.normal) == ServiceState::Enabled
    }
}

/// A SIP service of a server or pool.
#[derive(Debug, Clone)]
pub struct ServiceView {
    /// Which service; a pool has none of the names and is shown as `um`.
    pub service: Service,
    /// How it is reached.
    pub transport: Transport,
    /// The declared address and port; absent for a pool without address.
    pub address: Option<SocketAddr>,
    /// Judged health.
    pub health: Health,
    /// Judged class; `None` before the first result.
    pub class: Option<Class>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Time of the newest result.
    pub at: Option<Timestamp>,
    /// Whether that is too long ago to be believed.
    pub stale: bool,
    /// Whether its results change all the time.
    pub flapping: bool,
    /// Whether it has ever given this console a SIP answer: then its silence is no matter of who asks.
    pub answered: bool,
    /// Status code of the newest result.
    pub code: Option<u16>,
    /// Reason phrase of the newest result.
    pub reason: Option<Clean>,
    /// Round-trip time of the newest answer.
    pub rtt: Option<Duration>,
    /// Round-trip times of the newest results, oldest first; `None` where there was no answer. At most 60.
    pub history: Vec<Option<Duration>>,
    /// What went wrong or is worth knowing, in one line: failure, diagnostics, redirect.
    pub detail: Option<String>,
    /// The peer's `Server` header.
    pub software: Option<Clean>,
    /// TLS version, suite and whether the key was proved.
    pub tls: Option<TlsView>,
    /// The leaf certificate.
    pub certificate: Option<Arc<CertificateView>>,
    /// Certificates that it should present, as it is configured and as the topology file declares.
    pub expected: Vec<ExpectedCertificate>,
    /// Whether it presents them; `None` where nobody says which, where none was presented, or where the handshake is older than
    /// what is expected.
    pub taken_up: Option<bool>,
}

/// A certificate that a service should present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedCertificate {
    /// Who says so.
    pub by: ExpectedBy,
    /// Which.
    pub thumbprint: Thumbprint,
}

/// Who says which certificate a service should present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedBy {
    /// The service's own configuration, as the state command reports it.
    StateCommand,
    /// The topology file.
    TopologyFile,
}

impl ExpectedBy {
    /// In words, after a thumbprint.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::StateCommand => "configured, by the state command",
            Self::TopologyFile => "declared in the topology file",
        }
    }
}

/// What was negotiated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsView {
    /// `1.0` to `1.3`.
    pub version: Clean,
    /// IANA name of the suite.
    pub suite: Clean,
    /// Whether the peer proved that it holds the key.
    pub proved: bool,
    /// Whether the peer asked for a certificate of ours.
    pub asks_certificate: bool,
    /// When the handshake was made.
    pub at: Timestamp,
}

impl TlsView {
    /// What was negotiated, in the same words for a server of any age.
    #[must_use]
    pub fn words(&self) -> String {
        let known = |text: &Clean| if text.is_empty() { "unknown".to_owned() } else { text.to_string() };
        let asks = if self.asks_certificate { ", asks for our certificate" } else { "" };
        format!("TLS {}, {}, {}{asks}", known(&self.version), known(&self.suite), self.proof())
    }

    /// Whether the key was proved, in words.
    #[must_use]
    pub fn proof(&self) -> &'static str {
        if self.proved { "the peer proved its key" } else { "read without proof of the key" }
    }
}

impl From<&TlsSession> for TlsView {
    fn from(session: &TlsSession) -> Self {
        let TlsSession { version, suite, proved, asks_certificate, at, .. } = session;
        let (version, suite) = (version.clone(), suite.clone());
        Self { version, suite, proved: *proved, asks_certificate: *asks_certificate, at: *at }
    }
}

/// A leaf certificate, judged for one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateView {
    /// What it says; the reason when it cannot be read.
    pub facts: Result<Facts, Clean>,
    /// What the certificates say that were sent with it, as far as they can be read.
    pub above: Vec<Facts>,
    /// How many certificates were presented.
    pub chain_length: usize,
    /// Each required name, and whether the SAN covers it.
    pub covers: BTreeMap<Fqdn, bool>,
    /// Trusted by the Lync side; `None` when its roots are not configured.
    pub lync: Option<TrustVerdict>,
    /// Trusted by the Exchange side.
    pub exchange: Option<TrustVerdict>,
    /// What revocation lists say of the chain's certificates, from the leaf up; `None` when no list is configured.
    pub revocation: Option<Vec<Revocation>>,
}

impl CertificateView {
    /// Names covered and names required.
    #[must_use]
    pub fn coverage(&self) -> (usize, usize) {
        (self.covers.values().filter(|covered| **covered).count(), self.covers.len())
    }

    /// Why a name is not covered; `None` for one that is.
    #[must_use]
    pub fn uncovered(&self, name: &Fqdn) -> Option<Uncovered> {
        match &self.facts {
            Ok(facts) => facts.coverage(&Required::Name(name.clone())).err(),
            Err(_) => Some(Uncovered::Unreadable),
        }
    }

    /// Until when a side trusts it: the first validity to end along the path, for the side where that is first.
    #[must_use]
    pub fn usable_until(&self) -> Option<Timestamp> {
        [self.lync, self.exchange].into_iter().flatten().filter(|verdict| verdict.ok).filter_map(|v| v.until).min()
    }
}

/// A Lync pool.
#[derive(Debug, Clone)]
pub struct PoolView {
    /// Its name.
    pub fqdn: Fqdn,
    /// Its site.
    pub site: SiteName,
    /// Its SIP listener.
    pub service: ServiceView,
}

/// A dial plan.
#[derive(Debug, Clone)]
pub struct DialPlanView {
    /// Its name.
    pub name: DialPlanName,
    /// Its home site.
    pub site: SiteName,
    /// How it fails over.
    pub method: FailoverMethod,
    /// Where it fails over to, when every home member has somewhere to go.
    pub to: Option<SiteName>,
    /// Declared and reported members.
    pub members: Vec<MemberView>,
    /// Servers that take its calls now, of the highest version only.
    pub in_service: usize,
}

/// A member of a dial plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Which server.
    pub fqdn: Fqdn,
    /// Whether the topology file says so.
    pub declared: bool,
    /// Whether the state command says so; `None` while that is not known.
    pub reported: Option<bool>,
    /// Whether it takes the plan's calls now.
    pub in_service: bool,
}

/// A DNS server.
#[derive(Debug, Clone)]
pub struct DnsServerView {
    /// Its declared address.
    pub server: SocketAddr,
    /// What it is asked as.
    pub kind: DnsKind,
    /// Judged health.
    pub health: Health,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Time of the newest round.
    pub at: Option<Timestamp>,
    /// Whether that is too long ago to be believed.
    pub stale: bool,
    /// SOA serial of each zone it holds.
    pub serials: BTreeMap<Fqdn, u32>,
    /// What went wrong.
    pub error: Option<String>,
}

/// What one DNS server answers for one name.
#[derive(Debug, Clone)]
pub struct DnsAnswerView {
    /// The DNS server's declared address.
    pub server: SocketAddr,
    /// What it is asked as.
    pub kind: DnsKind,
    /// Its answer.
    pub answer: Result<Addresses, DnsFailure>,
    /// Where that answer points.
    pub place: Place,
    /// When it answered; a TTL counts down from then at a resolver.
    pub at: Timestamp,
    /// SOA serial of the name's zone there.
    pub serial: Option<u32>,
}

impl DnsAnswerView {
    /// What went wrong, in plain words.
    #[must_use]
    pub fn error_words(&self) -> Option<String> {
        self.answer.as_ref().err().map(super::watch::dns_failure_words)
    }

    /// Seconds that caches hold the answer from `now` on: counted down at a resolver, constant at an authoritative server.
    #[must_use]
    pub fn ttl_left(&self, now: Timestamp) -> Option<u32> {
        let ttl = self.answer.as_ref().ok()?.ttl?;
        match self.kind {
            DnsKind::Authoritative => Some(ttl),
            DnsKind::Resolver => {
                let age = now.as_second().saturating_sub(self.at.as_second()).max(0);
                Some(ttl.saturating_sub(u32::try_from(age).unwrap_or(u32::MAX)))
            }
        }
    }
}

/// A state command.
#[derive(Debug, Clone)]
pub struct StateView {
    /// The backend.
    pub backend: BackendName,
    /// Judged health: Up when its newest runs could be read.
    pub health: Health,
    /// Time of the newest run.
    pub at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
}

/// A place where revocation lists are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlView {
    /// What it is called: as the topology file writes it.
    pub source: String,
    /// Judged health: Up when its newest readings gave lists.
    pub health: Health,
    /// Time of the newest reading.
    pub at: Option<Timestamp>,
    /// Time of the newest reading that gave lists.
    pub read_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
    /// The lists.
    pub lists: Vec<ListView>,
}

/// A revocation list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListView {
    /// Whose certificates it is about.
    pub issuer: Clean,
    /// When it was made.
    pub this_update: Timestamp,
    /// When a newer one was to be there.
    pub next_update: Option<Timestamp>,
    /// How many certificates it revokes.
    pub revoked: usize,
    /// Whether an authority that is known here signed it; `None` when none of that name and key is known.
    pub signed: Option<bool>,
}
