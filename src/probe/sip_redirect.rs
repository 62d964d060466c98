//! Where a redirect may lead: to servers of the topology, never elsewhere.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use crate::domain::name::Fqdn;
use crate::domain::server::Transport;
use crate::domain::topology::Topology;
use crate::wire::sip::Uri;

use super::sip::Target;

/// Names and addresses of the topology's servers.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    names: HashMap<Fqdn, IpAddr>,
    addresses: HashMap<IpAddr, Fqdn>,
}

impl Hosts {
    pub(super) fn of(topology: &Topology) -> Self {
        let first = |server: &crate::domain::server::Server| Some((server.fqdn.clone(), *server.addresses.first()?));
        let every = topology
            .servers()
            .flat_map(|server| server.addresses.iter().map(|address| (*address, server.fqdn.clone())));
        Self { names: topology.servers().filter_map(first).collect(), addresses: every.collect() }
    }

    /// The target that a contact names, when it is a server of the topology.
    ///
    /// The port is taken as it is: UM's worker processes listen on ports that nobody declares.
    pub(super) fn find(&self, contact: &str, asked: &Target) -> Option<Target> {
        let uri = Uri::parse(contact)?;
        let transport = transport(&uri, asked.transport)?;
        let port = uri.port.unwrap_or(if transport.is_tls() { 5061 } else { 5060 });
        let (name, address) = self.server(uri.destination())?;
        // With `maddr` the host part still is the name that the peer wants to be called by.
        let server_name = Fqdn::parse(uri.host).ok().filter(|host| self.names.contains_key(host) && *host != name);
        (port != 0).then(|| Target { name, server_name, address: SocketAddr::new(address, port), transport })
    }

    /// A server by name or by address.
    fn server(&self, host: &str) -> Option<(Fqdn, IpAddr)> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some((self.addresses.get(&address)?.clone(), address));
        }
        let name = Fqdn::parse(host).ok()?;
        let address = *self.names.get(&name)?;
        Some((name, address))
    }
}

/// The transport of the hop; as before where the contact does not say.
fn transport(uri: &Uri<'_>, before: Transport) -> Option<Transport> {
    let tls = if before == Transport::MutualTls { Transport::MutualTls } else { Transport::Tls };
    match uri.parameter("transport").map(str::to_ascii_lowercase).as_deref() {
        Some("tls") => Some(tls),
        // `sips:` with `transport=tcp` means TLS over TCP (RFC 3261 §26.2.2).
        Some("tcp") => Some(if uri.secure { tls } else { Transport::Tcp }),
        Some("udp") if !uri.secure => Some(Transport::Udp),
        Some(_) => None,
        None => Some(if uri.secure { tls } else { before }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        let name = Fqdn::parse("um1.contoso.com").unwrap();
        let addresses: [IpAddr; 2] = ["192.0.2.11".parse().unwrap(), "2001:db8::11".parse().unwrap()];
        Hosts {
            names: [(name.clone(), addresses[0])].into(),
            addresses: addresses.map(|address| (address, name.clone())).into(),
        }
    }

    fn found(contact: &str) -> Option<(String, String, Transport)> {
        let address = "192.0.2.10:5061".parse().unwrap();
        let name = Fqdn::parse("router.contoso.com").unwrap();
        let asked = Target { name, server_name: None, address, transport: Transport::MutualTls };
        hosts().find(contact, &asked).map(|hop| (hop.name.to_string(), hop.address.to_string(), hop.transport))
    }

    #[test]
    fn a_redirect_is_followed_to_names_and_addresses_of_the_topology() {
        for (contact, address, transport) in [
            ("sip:UM1.contoso.com.:5066;transport=Tls", "192.0.2.11:5066", Transport::MutualTls),
            ("sip:um1.contoso.com:5065;transport=TCP", "192.0.2.11:5065", Transport::Tcp),
            ("sips:um1.contoso.com", "192.0.2.11:5061", Transport::MutualTls),
            ("sip:anything@192.0.2.11", "192.0.2.11:5061", Transport::MutualTls),
            ("sip:[2001:db8::11]:5067;transport=tcp", "[2001:db8::11]:5067", Transport::Tcp),
            ("sip:um1.contoso.com:5062;maddr=192.0.2.11;transport=udp", "192.0.2.11:5062", Transport::Udp),
        ] {
            assert_eq!(found(contact), Some(("um1.contoso.com".into(), address.into(), transport)), "{contact}");
        }
    }

    #[test]
    fn a_redirect_out_of_the_topology_is_not_followed() {
        for contact in [
            "sip:evil.example:5061",
            "sip:198.51.100.1",
            "sip:um1.contoso.com;maddr=198.51.100.1",
            "sip:um1.contoso.com:0",
            "sip:um1.contoso.com;transport=sctp",
            "tel:+14255550100",
            "",
        ] {
            assert_eq!(found(contact), None, "{contact}");
        }
    }
}
