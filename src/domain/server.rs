//! A UM server as the topology file declares it: names, addresses, version, services and their ports.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::certificate::Thumbprint;
use super::name::{BackendName, Fqdn, SiteName};

/// An Exchange version, `major.minor` as administrators write it: 14.3, 15.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// 8 = 2007, 14 = 2010, 15 = 2013 and 2016.
    pub major: u16,
    /// 15.0 = 2013, 15.1 = 2016; for 14 the service pack.
    pub minor: u16,
}

impl Version {
    /// Reads `15.1`, `15` or a longer build number whose tail is ignored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().map_or(Some(0), |minor| minor.parse().ok())?;
        parts.all(|rest| rest.parse::<u32>().is_ok()).then_some(Self { major, minor })
    }

    /// Exchange 2013 and later split Unified Messaging into a call router and a UM service.
    #[must_use]
    pub fn has_call_router(self) -> bool {
        self.major >= 15
    }

    /// Before Exchange 2010 SP1 the dial plan's name had to match on both sides.
    #[must_use]
    pub fn needs_matching_names(self) -> bool {
        self < Self { major: 14, minor: 1 }
    }

    /// The product's name, where the number says it.
    #[must_use]
    pub fn product(self) -> &'static str {
        match (self.major, self.minor) {
            (8, _) => "Exchange 2007",
            (14, _) => "Exchange 2010",
            (15, 0) => "Exchange 2013",
            (15, 1) => "Exchange 2016",
            _ => "Exchange",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A service that answers SIP on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Takes the calls first and redirects them, 2013 and later (5060 TCP, 5061 TLS).
    CallRouter,
    /// Answers the calls: 5062/5063 on 2013 and later, 5060/5061 before.
    Um,
}

impl Service {
    /// The port where Exchange listens unless it was changed.
    #[must_use]
    pub fn default_port(self, version: Version, transport: Transport) -> u16 {
        let plain = if self == Self::Um && version.has_call_router() { 5062 } else { 5060 };
        if transport.is_tls() { plain + 1 } else { plain }
    }

    /// The word used in files, JSON and on screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::CallRouter => "call-router",
            Self::Um => "um",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How SIP is carried (RFC 3261 §18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Datagrams; Exchange never listens there, other peers do.
    Udp,
    /// A plain stream.
    Tcp,
    /// TLS, the console shows no certificate.
    Tls,
    /// TLS, the console shows the certificate of `[probe]`.
    MutualTls,
}

impl Transport {
    /// Whether a certificate is presented on it.
    #[must_use]
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Tls | Self::MutualTls)
    }

    /// The word of the topology file and of JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::MutualTls => "mutual-tls",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One SIP listener of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listener {
    /// Which service answers.
    pub service: Service,
    /// How it is reached.
    pub transport: Transport,
    /// Its port, before the address map.
    pub port: u16,
}

/// The service state that an administrator gives a server (`Set-UMServer -Status`, Exchange 2010; later versions derive it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ServiceState {
    /// Takes calls.
    Enabled,
    /// Ends the calls it has, takes no new ones.
    NoNewCalls,
    /// Takes no calls.
    Disabled,
}

impl ServiceState {
    /// The field's own word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::NoNewCalls => "NoNewCalls",
            Self::Disabled => "Disabled",
        }
    }
}

impl fmt::Display for ServiceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A UM server of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its own name.
    pub fqdn: Fqdn,
    /// The site where it stands.
    pub site: SiteName,
    /// Its own addresses; the first is the one that probes use.
    pub addresses: Vec<IpAddr>,
    /// Its product version.
    pub version: Version,
    /// Where it answers SIP, call router first.
    pub listeners: Vec<Listener>,
    /// The server of the standby site that takes over from it.
    pub partner: Option<Fqdn>,
    /// The backend that reads and changes its service state.
    pub backend: Option<BackendName>,
    /// A name or address for management that does not move with the record.
    pub manage_as: Option<String>,
    /// Declared call capacity (`MaxCallsAllowed`).
    pub max_calls: Option<u32>,
    /// Declared calls at its busiest.
    pub peak_calls: Option<u32>,
    /// Declared UCMA version, for IPv6.
    pub ucma: Option<Version>,
    /// Declared certificates: the thumbprint that each service should present.
    pub thumbprints: BTreeMap<Service, Thumbprint>,
}

impl Server {
    /// Where probes reach a listener, before the address map.
    #[must_use]
    pub fn endpoint(&self, listener: &Listener) -> Option<SocketAddr> {
        self.addresses.first().map(|address| SocketAddr::new(*address, listener.port))
    }

    /// The listener of a service.
    #[must_use]
    pub fn listener(&self, service: Service) -> Option<&Listener> {
        self.listeners.iter().find(|listener| listener.service == service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_follow_version_service_and_transport() {
        let (old, new) = (Version::parse("14.3").unwrap(), Version::parse("15.1").unwrap());
        let port = |service: Service, version, transport| service.default_port(version, transport);
        assert_eq!(port(Service::Um, old, Transport::Tls), 5061);
        assert_eq!(port(Service::Um, old, Transport::Tcp), 5060);
        assert_eq!(port(Service::CallRouter, new, Transport::MutualTls), 5061);
        assert_eq!(port(Service::Um, new, Transport::Tls), 5063);
        assert_eq!(port(Service::Um, new, Transport::Tcp), 5062);
    }

    #[test]
    fn a_version_is_read_from_its_first_two_numbers() {
        assert_eq!(Version::parse("15.1.2507.6"), Version::parse("15.1"));
        assert_eq!(Version::parse("14"), Some(Version { major: 14, minor: 0 }));
        assert!(Version::parse("2013 CU23").is_none());
        assert!(Version::parse("14.0").unwrap().needs_matching_names());
        assert!(!Version::parse("14.1").unwrap().needs_matching_names());
    }
}
