//! The exact command for what is wrong: a row's command with the names and addresses of its subject in it.

use std::net::SocketAddr;

use super::model::Model;
use crate::domain::name::Fqdn;
use crate::domain::server::Server;
use crate::domain::topology::Topology;

/// The command for a subject: a host, a site, a DNS server, or a rule's `um4 um as um2`. What the subject does not tell stays as it is
/// written in the table.
#[must_use]
pub fn exact(model: &Model, command: &str, subject: &str) -> String {
    let topology = &*model.topology;
    let about = About::of(topology, subject);
    let mut text = command.to_owned();
    for (word, value) in about.values(topology) {
        text = text.split(' ').map(|token| replaced(token, word, &value)).collect::<Vec<_>>().join(" ");
    }
    text
}

/// Words stand alone, or at the end of what they are a part of: `sips:HOST:PORT`, `@PRIMARY`.
fn replaced(token: &str, word: &str, value: &str) -> String {
    match token.split_once(word) {
        Some((before, after)) if edge(before.chars().next_back()) && edge(after.chars().next()) => {
            format!("{before}{value}{after}")
        }
        _ => token.to_owned(),
    }
}

fn edge(c: Option<char>) -> bool {
    c.is_none_or(|c| !c.is_ascii_alphanumeric())
}

/// What a subject tells.
struct About<'a> {
    host: Option<&'a Server>,
    pool: Option<&'a crate::domain::topology::Pool>,
    /// The name as which the host is asked.
    name: Option<Fqdn>,
    site: Option<String>,
    dns: Option<SocketAddr>,
}

impl<'a> About<'a> {
    fn of(topology: &'a Topology, subject: &str) -> Self {
        let words = || subject.split([' ', ',']);
        let fqdns = || words().filter_map(|word| Fqdn::parse(word).ok());
        let host = fqdns().find_map(|fqdn| topology.server(&fqdn));
        let pool = topology.pools.iter().find(|pool| pool.fqdn.as_str() == subject);
        let named = subject.split_once(" as ").and_then(|(_, name)| Fqdn::parse(name).ok());
        let name = named.or_else(|| fqdns().find(|fqdn| topology.server(fqdn).is_some()));
        let plan = topology.dial_plans.iter().find(|plan| plan.name.as_str() == subject);
        let site = topology.sites.iter().find(|site| site.name.as_str() == subject).map(|site| &site.name);
        let site = site.or_else(|| plan.map(|plan| &plan.site)).or_else(|| host.map(|host| &host.site));
        Self { host, pool, name, site: site.map(ToString::to_string), dns: subject.parse().ok() }
    }

    /// The words of the tables, and what they stand for here; the longer ones first.
    fn values(&self, topology: &Topology) -> Vec<(&'static str, String)> {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        if let Some(host) = self.host {
            if let Some(port) = host.listeners.iter().map(|listener| listener.port).min() {
                values.push(("HOST:PORT", format!("{}:{port}", host.fqdn)));
            }
            values.extend(["FQDN", "HOST"].map(|word| (word, host.fqdn.to_string())));
        } else if let Some(pool) = self.pool {
            values.push(("HOST:PORT", format!("{}:{}", pool.fqdn, pool.port)));
            values.extend(["FQDN", "HOST"].map(|word| (word, pool.fqdn.to_string())));
        }
        if let Some(name) = &self.name {
            values.push(("NAME", name.to_string()));
        }
        let site = self.site.as_ref().filter(|site| !site.contains(' '));
        values.extend(site.map(|site| ("SITE", site.clone())));
        values.extend(self.zone(topology));
        values.extend(
            self.dns.into_iter().flat_map(|dns| ["SERVER", "RESOLVER"].map(|word| (word, dns.ip().to_string()))),
        );
        values
    }

    /// The zone of the name, or of the DNS server, and its write primary.
    fn zone(&self, topology: &Topology) -> Vec<(&'static str, String)> {
        let of_server = |dns: SocketAddr| topology.zones.iter().find(|zone| zone.authoritative.contains(&dns));
        let zone = self.name.as_ref().and_then(|name| topology.zone_of(name)).or_else(|| self.dns.and_then(of_server));
        let Some(zone) = zone else { return Vec::new() };
        let mut values = vec![("ZONE", zone.name.to_string())];
        if let Some(primary) = topology.write_primaries(zone).first() {
            values.push(("PRIMARY", primary.address.ip().to_string()));
        }
        values
    }
}
