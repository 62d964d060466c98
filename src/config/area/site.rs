//! `[[site]]` and `[[site.server]]`: the data centres and their UM servers.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::backend::argv;
use super::pool::{addresses, port, transport};
use super::{host, name};
use crate::config::keys;
use crate::config::reader::{At, Bad};
use crate::config::source::Span;
use crate::config::table::Table;
use crate::config::values;
use crate::domain::certificate::Thumbprint;
use crate::domain::name::{BackendName, ForestName, Fqdn, SiteName};
use crate::domain::server::{Listener, Service, Transport, Version};
use crate::domain::topology::Owners;

/// `[[site]]`.
pub(in crate::config) struct RawSite {
    pub(in crate::config) name: Option<At<SiteName>>,
    pub(in crate::config) forest: Option<At<ForestName>>,
    pub(in crate::config) standby: Option<At<SiteName>>,
    pub(in crate::config) owners: Owners,
    pub(in crate::config) delivers_for: Option<Vec<At<SiteName>>>,
    pub(in crate::config) acceptance: Option<Vec<String>>,
    pub(in crate::config) servers: Vec<RawServer>,
}

/// `[[site.server]]`.
pub(in crate::config) struct RawServer {
    pub(in crate::config) span: Span,
    pub(in crate::config) fqdn: Option<At<Fqdn>>,
    pub(in crate::config) addresses: Vec<At<IpAddr>>,
    pub(in crate::config) version: Option<At<Version>>,
    pub(in crate::config) transport: At<Transport>,
    pub(in crate::config) listeners: Vec<Listener>,
    pub(in crate::config) partner: Option<At<Fqdn>>,
    pub(in crate::config) backend: Option<At<BackendName>>,
    pub(in crate::config) manage_as: Option<String>,
    pub(in crate::config) max_calls: Option<u32>,
    pub(in crate::config) peak_calls: Option<u32>,
    pub(in crate::config) ucma: Option<Version>,
    pub(in crate::config) thumbprints: BTreeMap<Service, Thumbprint>,
}

const ROLES: &[(&str, Service)] = &[("call-router", Service::CallRouter), ("um", Service::Um)];

pub(in crate::config) fn read(table: &Table<'_>) -> RawSite {
    table.require(&["name"]);
    RawSite {
        name: name(table, "name", SiteName::new),
        forest: name(table, "forest", ForestName::new),
        standby: name(table, "standby", SiteName::new),
        owners: table.table("owners", keys::OWNERS).map(|owners| read_owners(&owners)).unwrap_or_default(),
        delivers_for: table.has("delivers_for").then(|| sites(table, "delivers_for")),
        acceptance: argv(table, "acceptance"),
        servers: table.tables("server", keys::SERVER).iter().map(read_server).collect(),
    }
}

fn sites(table: &Table<'_>, key: &str) -> Vec<At<SiteName>> {
    table.list(key, "sites", values::shown).into_iter().map(|site| site.map(SiteName::new)).collect()
}

fn read_owners(table: &Table<'_>) -> Owners {
    let text = |key| table.text(key).map(|text| text.value);
    Owners {
        dns: text("dns"),
        exchange: text("exchange"),
        lync: text("lync"),
        confirmed: table.date("confirmed").map(|day| day.value),
    }
}

fn read_server(table: &Table<'_>) -> RawServer {
    table.require(&["fqdn", "version"]);
    if !table.has("address") && !table.has("addresses") {
        let bad = Bad::new("[[site.server]] needs `address`")
            .help("its own address, not one that is looked up: names move, and probes have to reach the host itself");
        table.reader.unfit(&table.span, &bad);
    } else if table.is_empty_list("addresses") {
        table.reader.unfit(&table.span_of("addresses"), &Bad::new("`addresses` is empty"));
    }
    let version = table.parsed("version", "a version in quotes such as \"15.1\"", values::version);
    let transport = transport(table);
    let listeners = listeners(table, version.as_ref().map(|version| version.value), transport.value);
    RawServer {
        span: table.span.clone(),
        fqdn: host(table, "fqdn"),
        addresses: addresses(table),
        thumbprints: thumbprints(table, &listeners),
        listeners,
        version,
        transport,
        partner: host(table, "partner"),
        backend: name(table, "backend", BackendName::new),
        manage_as: table.text("manage_as").map(|text| text.value),
        max_calls: table.number("max_calls", 1..=1_000_000).map(|number| number.value),
        peak_calls: table.number("peak_calls", 0..=1_000_000).map(|number| number.value),
        ucma: table.parsed("ucma", "a version in quotes such as \"4.0\"", values::ucma).map(|ucma| ucma.value),
    }
}

/// Which certificate each service should present.
fn thumbprints(table: &Table<'_>, listeners: &[Listener]) -> BTreeMap<Service, Thumbprint> {
    let Some(written) = table.table("thumbprints", keys::THUMBPRINTS) else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for (word, service) in ROLES {
        let Some(thumbprint) = written.parsed(word, "a thumbprint in quotes", values::thumbprint) else { continue };
        if !listeners.is_empty() && !listeners.iter().any(|listener| listener.service == *service) {
            let bad = Bad::new(format!("`thumbprints` names the role {word}, which this server does not have"));
            table.reader.unfit(&thumbprint.span, &bad);
        }
        found.insert(*service, thumbprint.value);
    }
    found
}

/// What answers SIP on the server, call router first.
fn listeners(table: &Table<'_>, version: Option<Version>, transport: Transport) -> Vec<Listener> {
    let written = roles(table, version);
    let ports = table.table("ports", keys::PORTS);
    let Some(version) = version else { return Vec::new() };
    let mut services: Vec<Service> = match &written {
        Some(roles) => roles.clone(),
        None if version.has_call_router() => vec![Service::CallRouter, Service::Um],
        None => vec![Service::Um],
    };
    services.sort_unstable();
    let own_port = |service: Service| ports.as_ref().and_then(|ports| port(ports, service.word()));
    for role in
        ROLES.iter().filter(|(word, role)| ports.as_ref().is_some_and(|p| p.has(word)) && !services.contains(role))
    {
        let bad = Bad::new(format!("`ports` names the role {}, which this server does not have", role.0));
        table.reader.unfit(&table.span_of("ports"), &bad);
    }
    let listener = |service: Service| {
        let port = own_port(service).unwrap_or_else(|| service.default_port(version, transport));
        Listener { service, transport, port }
    };
    let listeners: Vec<Listener> = services.into_iter().map(listener).collect();
    if let [one, other] = listeners[..]
        && one.port == other.port
    {
        let bad = Bad::new(format!("call router and UM service both listen on port {}", one.port));
        table.reader.unfit(&table.span_of("ports"), &bad);
    }
    listeners
}

/// The roles that are written and that the version can have; `None` when none are written.
fn roles(table: &Table<'_>, version: Option<Version>) -> Option<Vec<Service>> {
    if !table.has("roles") {
        return None;
    }
    if table.is_empty_list("roles") {
        table
            .reader
            .unfit(&table.span_of("roles"), &Bad::new("`roles` is empty: a server without a role answers nothing"));
    }
    let mut kept = Vec::new();
    for role in table.list("roles", "roles", |text| values::word("roles", text, ROLES)) {
        if kept.contains(&role.value) {
            table.reader.unfit(&role.span, &Bad::new(format!("the role {} is listed twice", role.value)));
        } else if role.value == Service::CallRouter && version.is_some_and(|version| !version.has_call_router()) {
            let bad = Bad::new("a server before Exchange 2013 has no call router");
            table.reader.unfit(&role.span, &bad.help("leave `roles` out: such a server has the UM role alone"));
        } else {
            kept.push(role.value);
        }
    }
    Some(kept)
}
