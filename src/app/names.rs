//! Short names of hosts: the first label where that tells hosts apart, more labels where it does not. And where each server stands
//! among the sites, so that nobody looks through all of them for one.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::topology::Topology;

/// The shortest name of each host that is still its own.
#[derive(Debug, Clone, Default)]
pub struct Names {
    short: BTreeMap<String, String>,
    /// The longest of them, in characters.
    longest: usize,
    /// The place of each server: of its site, and within that.
    places: BTreeMap<Fqdn, (usize, usize)>,
    /// The site of each pool.
    pools: BTreeMap<Fqdn, SiteName>,
    /// The dial plans that each server is declared a member of.
    plans: BTreeMap<Fqdn, Vec<DialPlanName>>,
}

impl Names {
    /// Names of all servers and pools of a topology.
    #[must_use]
    pub fn new(topology: &Topology) -> Self {
        let hosts: Vec<&Fqdn> =
            topology.servers().map(|server| &server.fqdn).chain(topology.pools.iter().map(|pool| &pool.fqdn)).collect();
        let mut names = BTreeMap::new();
        let mut labels = 1;
        let mut open: Vec<&Fqdn> = hosts;
        while !open.is_empty() {
            let mut by_name: BTreeMap<String, Vec<&Fqdn>> = BTreeMap::new();
            for fqdn in open {
                by_name.entry(head(fqdn, labels)).or_default().push(fqdn);
            }
            open = Vec::new();
            for (name, owners) in by_name {
                match owners.as_slice() {
                    [only] => drop(names.insert(only.as_str().to_owned(), name)),
                    many if many.iter().all(|fqdn| fqdn.label_count() > labels) => open.extend(many),
                    many => names.extend(many.iter().map(|fqdn| (fqdn.as_str().to_owned(), fqdn.to_string()))),
                }
            }
            labels += 1;
        }
        let servers = topology.sites.iter().enumerate().flat_map(|(site, declared)| {
            let servers = declared.servers.iter().enumerate();
            servers.map(move |(server, one)| (one.fqdn.clone(), (site, server)))
        });
        let longest = names.values().map(|name| name.chars().count()).max().unwrap_or(0);
        let mut plans: BTreeMap<Fqdn, Vec<DialPlanName>> = BTreeMap::new();
        for plan in &topology.dial_plans {
            for member in &plan.members {
                plans.entry(member.clone()).or_default().push(plan.name.clone());
            }
        }
        let pools = topology.pools.iter().map(|pool| (pool.fqdn.clone(), pool.site.clone())).collect();
        Self { short: names, longest, places: servers.collect(), pools, plans }
    }

    /// The site where a pool stands.
    pub(super) fn site_of_pool(&self, pool: &Fqdn) -> Option<&SiteName> {
        self.pools.get(pool)
    }

    /// The dial plans that a server is declared a member of.
    pub(super) fn plans(&self, server: &Fqdn) -> &[DialPlanName] {
        self.plans.get(server).map(Vec::as_slice).unwrap_or_default()
    }

    /// Where a server stands: the place of its site, and its own within that.
    pub(super) fn place(&self, server: &Fqdn) -> Option<(usize, usize)> {
        self.places.get(server).copied()
    }

    /// The short name of a host; of a DNS server its address, where its port goes without saying; of any other text the text itself.
    #[must_use]
    pub fn of<'a>(&'a self, name: &'a str) -> &'a str {
        let address = || name.strip_suffix(DNS_PORT).filter(|address| is_address(address)).unwrap_or(name);
        self.known(name).unwrap_or_else(address)
    }

    /// A text with the short name of each host in it, so that what differs fits on a line; of a DNS server the address alone, where
    /// its port goes without saying.
    #[must_use]
    pub fn shorten(&self, text: &str) -> String {
        let edge = |c: char| !(c.is_alphanumeric() || c == '.' || c == '-' || c == '_');
        let mut short = String::with_capacity(text.len());
        let mut pieces = text.split_inclusive(edge).peekable();
        while let Some(piece) = pieces.next() {
            let word = piece.trim_end_matches(edge);
            let (host, dot) = word.strip_suffix('.').map_or((word, ""), |host| (host, "."));
            if let Some(known) = self.known(host) {
                short.extend([known, dot, &piece[word.len()..]]);
                continue;
            }
            let port = |next: &&str| piece.ends_with(':') && next.trim_end_matches(edge).trim_end_matches('.') == "53";
            match pieces.next_if(|next| port(next) && is_address(word)) {
                Some(next) => short.extend([word, &next[2..]]),
                None => short.push_str(piece),
            }
        }
        short
    }

    fn known(&self, name: &str) -> Option<&str> {
        self.short.get(name).map(String::as_str)
    }

    /// The length of the longest short name, in characters.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }
}

/// What follows the address of a DNS server that is asked where such servers are asked.
const DNS_PORT: &str = ":53";

fn is_address(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

fn head(fqdn: &Fqdn, labels: usize) -> String {
    fqdn.as_str().split('.').take(labels).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shortened_by_its_hosts_and_nothing_else() {
        let known = [("um1.tukwila.contoso.com", "um1"), ("um2.tukwila.contoso.com", "um2")];
        let short = known.iter().map(|(full, short)| ((*full).to_owned(), (*short).to_owned())).collect();
        let names = Names { short, ..Names::default() };
        for (text, short) in [
            ("um1.tukwila.contoso.com A 192.0.2.11 (TTL 60)", "um1 A 192.0.2.11 (TTL 60)"),
            ("Points um1.tukwila.contoso.com at um3, um2.tukwila.contoso.com.", "Points um1 at um3, um2."),
            ("_switchboard.um1.tukwila.contoso.com stays", "_switchboard.um1.tukwila.contoso.com stays"),
            ("xum1.tukwila.contoso.com, contoso.com; é", "xum1.tukwila.contoso.com, contoso.com; é"),
            ("sent to 192.0.2.53:53, seen at 192.0.2.60:53", "sent to 192.0.2.53, seen at 192.0.2.60"),
            ("Reads it at 192.0.2.53:53.", "Reads it at 192.0.2.53."),
            ("192.0.2.53:5353 is asked, 12:53 is a time", "192.0.2.53:5353 is asked, 12:53 is a time"),
            ("2001:db8:53:0:53 stays", "2001:db8:53:0:53 stays"),
            ("", ""),
        ] {
            assert_eq!(names.shorten(text), short);
        }
        for (name, short) in
            [("192.0.2.54:53", "192.0.2.54"), ("[2001:db8::1]:53", "[2001:db8::1]:53"), ("x:53", "x:53")]
        {
            assert_eq!(names.of(name), short);
        }
    }
}
