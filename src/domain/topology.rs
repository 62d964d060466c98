//! Everything that the topology file declares, checked: sites, servers, dial plans, zones, pools, backends.
//!
//! Built by the configuration room, read by all others. Nothing in it was observed.

mod backend;
mod trust;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::name::{BackendName, DialPlanName, ForestName, Fqdn, SiteName};
use super::observation::DnsKind;
use super::policy::Policy;
use super::server::{Server, Service, ServiceState, Transport};

pub use backend::{Backend, Command, DnsUpdate, TsigAlgorithm, UpdateAuth, WritePrimary};
pub use trust::{CrlPlace, CrlSource, Roots, Trust};

/// A checked topology.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Topology {
    /// The console's own settings.
    pub console: Console,
    /// How probes introduce themselves.
    pub probe: ProbeIdentity,
    /// Resolvers of the sending pools.
    pub resolvers: Vec<SocketAddr>,
    /// Zones that hold the servers' names.
    pub zones: Vec<Zone>,
    /// The roots that each side trusts.
    pub trust: Trust,
    /// How the world is read and changed, by name.
    pub backends: BTreeMap<BackendName, Backend>,
    /// Where a declared address is really reached.
    pub map: AddressMap,
    /// Declared forests.
    pub forests: Vec<Forest>,
    /// Lync pools that send the calls.
    pub pools: Vec<Pool>,
    /// Sites, in the order of the file.
    pub sites: Vec<Site>,
    /// Dial plans, in the order of the file.
    pub dial_plans: Vec<DialPlan>,
    /// What its owners ask of every failover.
    pub policy: Policy,
}

/// The console's own settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Console {
    /// What the header calls this deployment.
    pub name: String,
    /// What kind of deployment it is; `demo` and `drill` fence backends to the demo.
    pub environment: Environment,
    /// The site where this console stands.
    pub site: Option<SiteName>,
    /// Time between two rounds of a probe.
    pub interval: Duration,
    /// Deadline of one probe.
    pub timeout: Duration,
    /// Failures in a row until a thing is Down.
    pub fall: u32,
    /// Successes in a row until it is Up again.
    pub rise: u32,
    /// A round-trip time over this is a finding.
    pub slow: Duration,
    /// A certificate that ends sooner than this is a warning.
    pub certificate_warning: Duration,
    /// A certificate that ends sooner than this is critical.
    pub certificate_critical: Duration,
}

/// What is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Environment {
    /// Real callers.
    Production,
    /// Real machines, no callers.
    Lab,
    /// The embedded topology.
    Demo,
}

impl Environment {
    /// The word of the file, in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Lab => "lab",
            Self::Demo => "demo",
        }
    }
}

/// How SIP probes introduce themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProbeIdentity {
    /// The host part of the From header; the machine's own name when absent.
    pub from: Option<Fqdn>,
    /// Certificate chain (PEM) shown on mutual TLS.
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM).
    pub key: Option<PathBuf>,
}

/// A zone that the console reads and may change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Zone {
    /// Its apex.
    pub name: Fqdn,
    /// Every authoritative server.
    pub authoritative: Vec<SocketAddr>,
    /// The backend that changes it.
    pub backend: Option<BackendName>,
    /// The TTL that records of the design have in normal operation, where it is declared.
    pub ttl: Option<Duration>,
    /// Whether the zone ages and scavenges stamped records (Windows DNS), where it is declared.
    pub scavenging: Option<bool>,
    /// Other names of the zone that lead callers to servers by SRV, CNAME or address records, where they are declared.
    pub other_names: Option<Vec<Fqdn>>,
}

/// Where a declared address is really reached: tunnels, address translation, the demo.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AddressMap(BTreeMap<SocketAddr, SocketAddr>);

impl AddressMap {
    /// Takes the pairs over.
    #[must_use]
    pub fn new(pairs: BTreeMap<SocketAddr, SocketAddr>) -> Self {
        Self(pairs)
    }

    /// The address to connect to for a declared one.
    #[must_use]
    pub fn route(&self, declared: SocketAddr) -> SocketAddr {
        self.0.get(&declared).copied().unwrap_or(declared)
    }

    /// The pairs, declared address first.
    pub fn iter(&self) -> impl Iterator<Item = (&SocketAddr, &SocketAddr)> {
        self.0.iter()
    }

    /// Whether no address is led elsewhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An Active Directory forest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forest {
    /// Its name.
    pub name: ForestName,
    /// Forests that it trusts.
    pub trusts: Vec<ForestName>,
    /// Whether users of this forest are enabled for Unified Messaging.
    pub um_users: bool,
    /// Tells when its users' settings last went into the Lync forest.
    pub sync: Option<Vec<String>>,
}

/// A Lync Standard Edition server or Front End pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its name.
    pub fqdn: Fqdn,
    /// The site where it stands.
    pub site: SiteName,
    /// Its addresses; looked up at the resolvers when none is declared.
    pub addresses: Vec<IpAddr>,
    /// How its SIP listener is reached.
    pub transport: Transport,
    /// Its SIP port.
    pub port: u16,
    /// The pool that stands in for it.
    pub backup: Option<Fqdn>,
}

/// Who carries out and answers for the steps at a site.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Owners {
    /// Changes DNS records.
    pub dns: Option<String>,
    /// Changes Exchange servers.
    pub exchange: Option<String>,
    /// Verifies on the Lync side.
    pub lync: Option<String>,
    /// The day on which both sides confirmed this (RFC 3339 date).
    pub confirmed: Option<jiff::civil::Date>,
}

/// A data centre with UM servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its name.
    pub name: SiteName,
    /// Its Exchange forest.
    pub forest: Option<ForestName>,
    /// The site that takes over from it.
    pub standby: Option<SiteName>,
    /// Who answers for what.
    pub owners: Owners,
    /// Sites whose mailboxes it can deliver messages to, where that is declared.
    pub delivers_for: Option<Vec<SiteName>>,
    /// Proves by a call that voice mail answers once this site serves: program and arguments.
    pub acceptance: Option<Vec<String>>,
    /// Its servers, in the order of the file.
    pub servers: Vec<Server>,
}

/// How a dial plan fails over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailoverMethod {
    /// The names of the failed servers are pointed at their partners.
    Dns,
    /// The standby's servers are enabled and the failed ones disabled.
    EnableDisable,
}

impl FailoverMethod {
    /// The word of the topology file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::EnableDisable => "enable-disable",
        }
    }
}

/// A SIP-URI dial plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialPlan {
    /// Its name on the Exchange side.
    pub name: DialPlanName,
    /// The site whose users it serves.
    pub site: SiteName,
    /// Its name on the Lync side.
    pub enterprise_voice: Option<String>,
    /// How it fails over.
    pub method: FailoverMethod,
    /// Declared members.
    pub members: Vec<Fqdn>,
    /// Outlook Voice Access numbers, as written.
    pub access_numbers: Vec<String>,
    /// Auto attendant numbers, as written.
    pub auto_attendants: Vec<String>,
    /// Pools that are enabled gateways of it, where that is declared.
    pub gateways: Option<Vec<Fqdn>>,
}

impl Topology {
    /// Every server of every site.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        self.sites.iter().flat_map(|site| &site.servers)
    }

    /// A server by name.
    #[must_use]
    pub fn server(&self, fqdn: &Fqdn) -> Option<&Server> {
        self.servers().find(|server| server.fqdn == *fqdn)
    }

    /// A site by name.
    #[must_use]
    pub fn site(&self, name: &SiteName) -> Option<&Site> {
        self.sites.iter().find(|site| site.name == *name)
    }

    /// Dial plans that a server is declared a member of.
    pub fn plans_of<'a>(&'a self, fqdn: &'a Fqdn) -> impl Iterator<Item = &'a DialPlan> {
        self.dial_plans.iter().filter(move |plan| plan.members.contains(fqdn))
    }

    /// The server that owns an address.
    #[must_use]
    pub fn owner_of(&self, address: IpAddr) -> Option<&Server> {
        self.servers().find(|server| server.addresses.contains(&address))
    }

    /// The zone of a name: the longest declared zone that holds it.
    #[must_use]
    pub fn zone_of(&self, name: &Fqdn) -> Option<&Zone> {
        self.zones.iter().filter(|zone| name.is_within(&zone.name)).max_by_key(|zone| zone.name.label_count())
    }

    /// Every DNS server that is asked, authoritative ones first, each once.
    pub fn dns_servers(&self) -> impl Iterator<Item = (SocketAddr, DnsKind)> {
        let mut servers: Vec<(SocketAddr, DnsKind)> = Vec::new();
        let authoritative = self.zones.iter().flat_map(|zone| &zone.authoritative);
        let all = authoritative.map(|server| (*server, DnsKind::Authoritative));
        for (server, kind) in all.chain(self.resolvers.iter().map(|server| (*server, DnsKind::Resolver))) {
            if !servers.iter().any(|(known, _)| *known == server) {
                servers.push((server, kind));
            }
        }
        servers.into_iter()
    }

    /// Servers that take updates of a zone, in the order in which the operator would use them.
    #[must_use]
    pub fn write_primaries(&self, zone: &Zone) -> &[WritePrimary] {
        match zone.backend.as_ref().and_then(|backend| self.backends.get(backend)) {
            Some(Backend::DnsUpdate(update)) => &update.write_primaries,
            _ => &[],
        }
    }

    /// The service state that a server has in normal operation.
    ///
    /// A standby of an enable/disable plan is disabled, unless another plan counts on it (guideline R13).
    #[must_use]
    pub fn normal_state(&self, server: &Server) -> ServiceState {
        let mut stands_by = false;
        for plan in self.plans_of(&server.fqdn) {
            if plan.site == server.site || plan.method == FailoverMethod::Dns {
                return ServiceState::Enabled;
            }
            stands_by = true;
        }
        if stands_by { ServiceState::Disabled } else { ServiceState::Enabled }
    }

    /// Whether names move in this topology, so that where they point matters.
    #[must_use]
    pub fn moves_names(&self) -> bool {
        self.dial_plans.iter().any(|plan| plan.method == FailoverMethod::Dns)
    }

    /// Whether a site stands by for another one and for itself takes no calls in normal operation.
    #[must_use]
    pub fn is_standby(&self, site: &Site) -> bool {
        !site.servers.is_empty()
            && site.servers.iter().all(|server| self.normal_state(server) == ServiceState::Disabled)
    }

    /// Names that a server's certificate has to cover: its own and that of every server whose name it may inherit;
    /// in a DNS design all names of the two sites, as the source document asks.
    #[must_use]
    pub fn required_names(&self, server: &Server) -> Vec<Fqdn> {
        if !self.plans_of(&server.fqdn).any(|plan| plan.method == FailoverMethod::Dns) {
            return vec![server.fqdn.clone()];
        }
        let mut names: Vec<Fqdn> = self
            .plans_of(&server.fqdn)
            .filter(|plan| plan.method == FailoverMethod::Dns)
            .flat_map(|plan| plan.members.iter().cloned())
            .collect();
        names.push(server.fqdn.clone());
        names.sort();
        names.dedup();
        names.retain(|name| self.same_service(server, name));
        names
    }

    /// A call router takes over from a call router: names are inherited between hosts that run the same services.
    fn same_service(&self, server: &Server, name: &Fqdn) -> bool {
        let services = |of: &Server| of.listeners.iter().map(|l| l.service).collect::<Vec<Service>>();
        self.server(name).is_some_and(|other| services(other) == services(server))
    }
}
