//! The sections of the file, one file each: what is written there, with its place, types checked, references not yet.
//!
//! A value that was wrong has been reported and is absent here.

pub(super) mod backend;
pub(super) mod console;
pub(super) mod dns;
pub(super) mod network;
pub(super) mod plan;
pub(super) mod policy;
pub(super) mod pool;
pub(super) mod site;

use toml::de::DeTable;

use super::keys;
use super::reader::{At, Reader};
use super::table::Table;
use super::values;
use crate::domain::name::Fqdn;
use crate::domain::topology::{AddressMap, ProbeIdentity, Trust};

/// Everything that the file says.
pub(super) struct File {
    pub(super) console: console::RawConsole,
    pub(super) probe: ProbeIdentity,
    /// Whether `[probe]` names a certificate, right or wrong.
    pub(super) probe_written: bool,
    pub(super) dns: dns::RawDns,
    pub(super) trust: Trust,
    pub(super) backends: Vec<backend::RawBackend>,
    pub(super) map: AddressMap,
    pub(super) forests: Vec<pool::RawForest>,
    pub(super) pools: Vec<pool::RawPool>,
    pub(super) sites: Vec<site::RawSite>,
    pub(super) plans: Vec<plan::RawPlan>,
    pub(super) second_person: bool,
    pub(super) freezes: Vec<policy::RawFreeze>,
    /// Whether a site is declared, right or wrong.
    pub(super) has_site: bool,
}

/// Reads every section.
pub(super) fn read<'r>(reader: &'r Reader<'r>, entries: &'r DeTable<'r>) -> File {
    let root = Table::new(reader, 0..0, entries, keys::ROOT);
    let probe = root.table("probe", keys::PROBE);
    File {
        console: console::read(root.table("console", keys::CONSOLE).as_ref()),
        probe: console::read_probe(probe.as_ref()),
        probe_written: probe.is_some_and(|probe| probe.has("certificate")),
        dns: dns::read(root.table("dns", keys::DNS).as_ref()),
        trust: console::read_trust(root.table("trust", keys::TRUST).as_ref()),
        backends: backend::read(&root),
        map: network::read(root.table("network", keys::NETWORK).as_ref()),
        forests: root.tables("forest", keys::FOREST).iter().map(pool::read_forest).collect(),
        pools: root.tables("pool", keys::POOL).iter().map(pool::read_pool).collect(),
        sites: root.tables("site", keys::SITE).iter().map(site::read).collect(),
        plans: root.tables("dial_plan", keys::DIAL_PLAN).iter().map(plan::read).collect(),
        second_person: policy::second_person(root.table("policy", keys::POLICY).as_ref()),
        freezes: root.tables("freeze", keys::FREEZE).iter().map(policy::read_freeze).collect(),
        has_site: root.has("site"),
    }
}

/// A name that is compared as it was written.
fn name<T>(table: &Table<'_>, key: &str, make: impl FnOnce(String) -> T) -> Option<At<T>> {
    table.text(key).map(|text| text.map(make))
}

/// A host name.
fn host(table: &Table<'_>, key: &str) -> Option<At<Fqdn>> {
    table.parsed(key, "a host name in quotes", values::fqdn)
}
