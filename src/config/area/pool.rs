//! `[[pool]]` and `[[forest]]`: the Lync side, and the directories on both sides.

use std::net::IpAddr;

use super::backend::argv;
use super::{host, name};
use crate::config::reader::{At, Bad};
use crate::config::table::Table;
use crate::config::values;
use crate::domain::name::{ForestName, Fqdn, SiteName};
use crate::domain::server::Transport;

/// `[[pool]]`.
pub(in crate::config) struct RawPool {
    pub(in crate::config) fqdn: Option<At<Fqdn>>,
    pub(in crate::config) site: Option<At<SiteName>>,
    pub(in crate::config) addresses: Vec<At<IpAddr>>,
    pub(in crate::config) transport: At<Transport>,
    pub(in crate::config) port: Option<u16>,
    pub(in crate::config) backup: Option<At<Fqdn>>,
}

/// `[[forest]]`.
pub(in crate::config) struct RawForest {
    pub(in crate::config) name: Option<At<ForestName>>,
    pub(in crate::config) trusts: Vec<At<ForestName>>,
    pub(in crate::config) um_users: bool,
    pub(in crate::config) sync: Option<Vec<String>>,
}

const TRANSPORTS: &[(&str, Transport)] =
    &[("udp", Transport::Udp), ("tcp", Transport::Tcp), ("tls", Transport::Tls), ("mutual-tls", Transport::MutualTls)];

pub(in crate::config) fn read_pool(table: &Table<'_>) -> RawPool {
    table.require(&["fqdn", "site"]);
    RawPool {
        fqdn: host(table, "fqdn"),
        site: name(table, "site", SiteName::new),
        addresses: addresses(table),
        transport: transport(table),
        port: port(table, "port"),
        backup: host(table, "backup"),
    }
}

pub(in crate::config) fn read_forest(table: &Table<'_>) -> RawForest {
    table.require(&["name"]);
    let trusts = table.list("trusts", "forests", values::shown);
    RawForest {
        name: name(table, "name", ForestName::new),
        trusts: trusts.into_iter().map(|trust| trust.map(ForestName::new)).collect(),
        um_users: table.flag("um_users").unwrap_or(true),
        sync: argv(table, "sync"),
    }
}

/// `address` for one, `addresses` for several.
pub(super) fn addresses(table: &Table<'_>) -> Vec<At<IpAddr>> {
    if table.has("address") && table.has("addresses") {
        let bad = Bad::new("both `address` and `addresses` are written: one of them is enough");
        table.reader.unfit(&table.span_of("addresses"), &bad);
    }
    let mut found: Vec<At<IpAddr>> =
        table.parsed("address", "an IP address in quotes", values::address).into_iter().collect();
    found.extend(table.list("addresses", "addresses", values::address));
    found
}

/// TLS unless written.
pub(super) fn transport(table: &Table<'_>) -> At<Transport> {
    table.word("transport", TRANSPORTS).unwrap_or(At { value: Transport::Tls, span: table.span.clone() })
}

pub(super) fn port(table: &Table<'_>, key: &str) -> Option<u16> {
    table.number(key, 1..=65_535).and_then(|port| u16::try_from(port.value).ok())
}
