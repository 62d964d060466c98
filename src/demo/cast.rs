//! Who takes part in the demo: the source document's sites, servers, pool, zone and dial plans, in either of its designs.
//!
//! Data only. Addresses are of the documentation range (RFC 5737), numbers of the fictional range 555-01xx.

use std::net::{Ipv4Addr, SocketAddr};

use crate::domain::server::{Service, ServiceState, Transport, Version};

use super::sip::Strangers;

/// The source document's two designs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// All four servers are enabled; when a site fails, its names are pointed at the other one.
    Dns,
    /// One dial plan has all four; um3 and um4 are disabled until a failover enables them.
    EnableDisable,
}

/// How the servers treat a console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Everyone gets 200.
    Kind,
    /// As real sites are: 403 or silence to strangers, one TLS 1.0 server, TTL 1200, a lagging secondary, call routers and
    /// UM services on different hosts.
    Field,
}

/// A site and where its things stand.
#[derive(Debug, Clone)]
pub struct CastSite {
    /// Its name.
    pub name: &'static str,
    /// Who takes over.
    pub standby: &'static str,
    /// Its servers.
    pub hosts: Vec<Host>,
}

/// A server.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its first label, which is also its name on the fault board.
    pub token: &'static str,
    /// The domain of its site.
    pub domain: &'static str,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its version.
    pub version: &'static str,
    /// What it runs.
    pub service: Service,
    /// Who takes over from it.
    pub partner: Option<String>,
    /// How it treats strangers.
    pub strangers: Strangers,
    /// Whether it speaks TLS 1.0 only.
    pub old_tls: bool,
    /// Its service state in normal operation.
    pub normal: ServiceState,
}

impl Host {
    /// Its name.
    #[must_use]
    pub fn fqdn(&self) -> String {
        format!("{}.{}", self.token, self.domain)
    }

    /// Its declared SIP address over a transport.
    #[must_use]
    pub fn endpoint(&self, transport: Transport) -> SocketAddr {
        let version = Version::parse(self.version).unwrap_or(Version { major: 15, minor: 1 });
        SocketAddr::from((self.address, self.service.default_port(version, transport)))
    }
}

/// A dial plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its name on both sides.
    pub name: &'static str,
    /// Its home site.
    pub site: &'static str,
    /// Outlook Voice Access.
    pub access_number: &'static str,
    /// Auto attendant.
    pub auto_attendant: &'static str,
}

/// Everybody.
#[derive(Debug, Clone)]
pub struct Cast {
    /// Which design.
    pub design: Design,
    /// Which profile.
    pub profile: Profile,
    /// The two sites.
    pub sites: Vec<CastSite>,
    /// Dial plans; every server is a member of each.
    pub plans: Vec<Plan>,
}

/// The zone.
pub const ZONE: &str = "contoso.com";
/// The Lync pool, in Tukwila.
pub const POOL: (&str, Ipv4Addr) = ("fe01.contoso.com", Ipv4Addr::new(192, 0, 2, 41));
/// The primary name server, in Dublin.
pub const NS1: (&str, Ipv4Addr) = ("ns1.contoso.com", Ipv4Addr::new(192, 0, 2, 53));
/// The secondary name server, in Tukwila.
pub const NS2: (&str, Ipv4Addr) = ("ns2.contoso.com", Ipv4Addr::new(192, 0, 2, 54));
/// The resolver that the pool uses; it belongs to neither site.
pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 60);
/// The TSIG key.
pub const KEY_NAME: &str = "switchboard.";

const TUKWILA: (&str, &str) = ("Tukwila", "tukwila.contoso.com");
const DUBLIN: (&str, &str) = ("Dublin", "dublin.contoso.com");

/// Token, last byte of the address, token of the partner.
type Row = (&'static str, u8, &'static str);

impl Cast {
    /// The cast of a design and profile.
    #[must_use]
    pub fn new(design: Design, profile: Profile) -> Self {
        let one = Plan {
            name: "Tukwila.contoso.com",
            site: TUKWILA.0,
            access_number: "+14255550100",
            auto_attendant: "+14255550101",
        };
        let other = Plan {
            name: "Dublin.contoso.com",
            site: DUBLIN.0,
            access_number: "+14255550110",
            auto_attendant: "+14255550111",
        };
        let plans = if design == Design::Dns { vec![one, other] } else { vec![one] };
        let tukwila: &[Row] = &[("um1", 11, "um3"), ("um2", 12, "um4"), ("mbx1", 15, "mbx3"), ("mbx2", 16, "mbx4")];
        let dublin: &[Row] = &[("um3", 23, "um1"), ("um4", 24, "um2"), ("mbx3", 27, "mbx1"), ("mbx4", 28, "mbx2")];
        let sites =
            vec![site(TUKWILA, DUBLIN, tukwila, design, profile), site(DUBLIN, TUKWILA, dublin, design, profile)];
        Self { design, profile, sites, plans }
    }

    /// Every server.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.sites.iter().flat_map(|site| &site.hosts)
    }

    /// Names that a server's certificate has to cover: those of all servers that run the same service.
    #[must_use]
    pub fn names_for(&self, host: &Host) -> Vec<String> {
        let mut names = vec![host.fqdn()];
        names.extend(
            self.hosts().filter(|other| other.service == host.service && other.token != host.token).map(Host::fqdn),
        );
        names
    }
}

fn site(
    own: (&'static str, &str),
    other: (&'static str, &str),
    rows: &[Row],
    design: Design,
    profile: Profile,
) -> CastSite {
    let domain = if own.0 == TUKWILA.0 { TUKWILA.1 } else { DUBLIN.1 };
    let standby = design == Design::EnableDisable && own.0 == DUBLIN.0;
    let field = profile == Profile::Field;
    let host = |&(token, last, partner): &Row| Host {
        token,
        domain,
        address: Ipv4Addr::new(192, 0, 2, last),
        version: if field { "15.1" } else { "14.3" },
        service: if field && !token.starts_with("mbx") { Service::CallRouter } else { Service::Um },
        partner: Some(format!("{partner}.{}", other.1)),
        strangers: match (field, own.0 == TUKWILA.0) {
            (false, _) => Strangers::Welcome,
            (true, true) => Strangers::Forbidden,
            (true, false) => Strangers::Ignored,
        },
        old_tls: field && token == "um4",
        normal: if standby { ServiceState::Disabled } else { ServiceState::Enabled },
    };
    let hosts = rows.iter().filter(|row| field || !row.0.starts_with("mbx")).map(host).collect();
    CastSite { name: own.0, standby: other.0, hosts }
}
