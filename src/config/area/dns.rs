//! `[dns]`: the resolvers of the sending pools, and the zones that hold the servers' names.

use std::net::SocketAddr;
use std::time::Duration;

use super::name;
use crate::config::keys;
use crate::config::reader::{At, Bad};
use crate::config::table::Table;
use crate::config::values;
use crate::domain::name::{BackendName, Fqdn};

/// `[dns]`.
#[derive(Default)]
pub(in crate::config) struct RawDns {
    pub(in crate::config) resolvers: Vec<At<SocketAddr>>,
    pub(in crate::config) zones: Vec<RawZone>,
}

/// `[[dns.zone]]`.
pub(in crate::config) struct RawZone {
    pub(in crate::config) name: Option<At<Fqdn>>,
    pub(in crate::config) authoritative: Vec<At<SocketAddr>>,
    pub(in crate::config) backend: Option<At<BackendName>>,
    pub(in crate::config) ttl: Option<Duration>,
    pub(in crate::config) scavenging: Option<bool>,
    pub(in crate::config) other_names: Option<Vec<At<Fqdn>>>,
}

pub(in crate::config) fn read(table: Option<&Table<'_>>) -> RawDns {
    let Some(table) = table else { return RawDns::default() };
    RawDns {
        resolvers: servers(table, "resolvers"),
        zones: table.tables("zone", keys::ZONE).iter().map(read_zone).collect(),
    }
}

fn read_zone(table: &Table<'_>) -> RawZone {
    table.require(&["name", "authoritative"]);
    if table.is_empty_list("authoritative") {
        let bad = Bad::new("`authoritative` is empty: nobody could be asked where a name points")
            .help("list every authoritative server of the zone: [\"192.0.2.53:53\", \"192.0.2.54:53\"]");
        table.reader.unfit(&table.span_of("authoritative"), &bad);
    }
    RawZone {
        name: super::host(table, "name"),
        authoritative: servers(table, "authoritative"),
        backend: name(table, "backend", BackendName::new),
        ttl: ttl(table),
        scavenging: table.flag("scavenging"),
        other_names: table.has("other_names").then(|| table.list("other_names", "names", values::fqdn)),
    }
}

/// A TTL has whole seconds (RFC 2181 §8).
fn ttl(table: &Table<'_>) -> Option<Duration> {
    let ttl = table.duration("ttl", Duration::ZERO..=Duration::from_secs(604_800))?;
    if ttl.subsec_nanos() == 0 {
        return Some(ttl);
    }
    table.reader.bad(&table.span_of("ttl"), &Bad::new("`ttl` wants whole seconds"));
    None
}

/// DNS servers, port 53 unless written.
fn servers(table: &Table<'_>, key: &str) -> Vec<At<SocketAddr>> {
    table.list(key, "addresses", |text| values::endpoint(text, Some(53)))
}
