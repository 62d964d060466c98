//! Who is called what: names that are taken twice, and references to names that nobody has.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::net::IpAddr;

use crate::config::area::File;
use crate::config::area::backend::Kind;
use crate::config::area::dns::RawZone;
use crate::config::area::site::RawServer;
use crate::config::reader::{At, Bad, Reader};
use crate::config::suggest;
use crate::config::table::quoted;
use crate::domain::name::{Fqdn, SiteName};

/// Every name of the file.
pub(super) struct Names<'f> {
    /// Sites that have a name.
    pub(super) sites: BTreeSet<&'f str>,
    /// Servers, with the site where each stands.
    pub(super) servers: BTreeMap<&'f str, Option<&'f SiteName>>,
    /// Zones.
    pub(super) zones: Vec<&'f Fqdn>,
    pools: BTreeSet<&'f str>,
    forests: BTreeSet<&'f str>,
    backends: BTreeMap<&'f str, Option<Kind>>,
}

impl<'f> Names<'f> {
    pub(super) fn of(file: &'f File) -> Self {
        let mut servers = BTreeMap::new();
        for site in &file.sites {
            for fqdn in site.servers.iter().filter_map(|server| server.fqdn.as_ref()) {
                servers.entry(fqdn.value.as_str()).or_insert(site.name.as_ref().map(|name| &name.value));
            }
        }
        Self {
            sites: file.sites.iter().filter_map(|site| Some(site.name.as_ref()?.value.as_str())).collect(),
            servers,
            zones: file.dns.zones.iter().filter_map(|zone| Some(&zone.name.as_ref()?.value)).collect(),
            pools: file.pools.iter().filter_map(|pool| Some(pool.fqdn.as_ref()?.value.as_str())).collect(),
            forests: file.forests.iter().filter_map(|forest| Some(forest.name.as_ref()?.value.as_str())).collect(),
            backends: file.backends.iter().map(|backend| (backend.name.value.as_str(), backend.kind)).collect(),
        }
    }

    /// Reports references to names that nobody has.
    pub(super) fn references(&self, reader: &Reader<'_>, file: &File) {
        let site = |at: &At<SiteName>| missing(reader, "site", at.value.as_str(), at, &self.sites);
        file.console.site.iter().for_each(site);
        file.backends.iter().flat_map(|backend| &backend.sites).for_each(site);
        file.pools.iter().filter_map(|pool| pool.site.as_ref()).for_each(site);
        file.plans.iter().filter_map(|plan| plan.site.as_ref()).for_each(site);
        file.sites.iter().filter_map(|site| site.standby.as_ref()).for_each(site);
        file.sites.iter().flat_map(|site| site.delivers_for.iter().flatten()).for_each(site);
        file.freezes.iter().flat_map(|freeze| &freeze.sites).for_each(site);
        for gateway in file.plans.iter().flat_map(|plan| plan.gateways.iter().flatten()) {
            missing(reader, "pool", gateway.value.as_str(), gateway, &self.pools);
        }
        for backup in file.pools.iter().filter_map(|pool| pool.backup.as_ref()) {
            missing(reader, "pool", backup.value.as_str(), backup, &self.pools);
        }
        for partner in servers(file).filter_map(|server| server.partner.as_ref()) {
            self.server(reader, partner);
        }
        for member in file.plans.iter().flat_map(|plan| &plan.members) {
            self.server(reader, member);
        }
        self.forests(reader, file);
        self.backends(reader, file);
    }

    fn server(&self, reader: &Reader<'_>, at: &At<Fqdn>) {
        if !self.servers.contains_key(at.value.as_str()) {
            unknown(reader, "server", at.value.as_str(), at, self.servers.keys().copied());
        }
    }

    /// A forest that a site names has to be declared as soon as any is.
    fn forests(&self, reader: &Reader<'_>, file: &File) {
        let trusts = file.forests.iter().flat_map(|forest| &forest.trusts);
        let named = file.sites.iter().filter_map(|site| site.forest.as_ref()).filter(|_| !file.forests.is_empty());
        for at in trusts.chain(named) {
            missing(reader, "forest", at.value.as_str(), at, &self.forests);
        }
    }

    fn backends(&self, reader: &Reader<'_>, file: &File) {
        self.fences(reader, file);
        let zones = file.dns.zones.iter().filter_map(|zone| Some((zone.backend.as_ref()?, Kind::DnsUpdate)));
        let servers = servers(file).filter_map(|server| Some((server.backend.as_ref()?, Kind::Command)));
        for (at, wanted) in zones.chain(servers) {
            let name = at.value.as_str();
            match self.backends.get(name) {
                None => unknown(reader, "backend", name, at, self.backends.keys().copied()),
                Some(Some(kind)) if *kind != wanted => {
                    let user = if wanted == Kind::Command {
                        "a server wants a `command`"
                    } else {
                        "a zone wants a `dns-update`"
                    };
                    reader.unfit(&at.span, &Bad::new(format!("{user} backend, and {} is none", quoted(name))));
                }
                Some(_) => (),
            }
        }
    }
}

impl Names<'_> {
    /// A fence stands in a declared zone that somebody may write.
    fn fences(&self, reader: &Reader<'_>, file: &File) {
        for at in file.backends.iter().filter_map(|backend| backend.fence.as_ref()) {
            if !self.zones.iter().any(|zone| **zone == at.value) {
                let known = self.zones.iter().map(|zone| zone.as_str());
                unknown(reader, "zone", at.value.as_str(), at, known);
                continue;
            }
            let of_name = |zone: &&RawZone| zone.name.as_ref().is_some_and(|name| name.value == at.value);
            if file.dns.zones.iter().filter(of_name).all(|zone| zone.backend.is_none()) {
                let bad = Bad::new(format!("the zone {} has no `backend`: nobody could write a fence in it", at.value));
                reader.unfit(&at.span, &bad.help("give the [[dns.zone]] a `dns-update` backend"));
            }
        }
    }
}

/// Every server of the file.
pub(super) fn servers(file: &File) -> impl Iterator<Item = &RawServer> {
    file.sites.iter().flat_map(|site| &site.servers)
}

fn missing<T>(reader: &Reader<'_>, what: &str, name: &str, at: &At<T>, known: &BTreeSet<&str>) {
    if !known.contains(name) {
        unknown(reader, what, name, at, known.iter().copied());
    }
}

fn unknown<'a, T>(reader: &Reader<'_>, what: &str, name: &str, at: &At<T>, known: impl Iterator<Item = &'a str>) {
    let message = format!("no {what} {} in this file", quoted(name));
    reader.unfit(&at.span, &Bad { message, help: suggest::advice(name, known) });
}

/// Reports names and addresses that are taken twice.
pub(super) fn duplicates(reader: &Reader<'_>, file: &File) {
    twice(reader, "site", file.sites.iter().filter_map(|site| site.name.as_ref()));
    twice(reader, "zone", file.dns.zones.iter().filter_map(|zone| zone.name.as_ref()));
    twice(reader, "forest", file.forests.iter().filter_map(|forest| forest.name.as_ref()));
    twice(reader, "dial plan", file.plans.iter().filter_map(|plan| plan.name.as_ref()));
    let pools = file.pools.iter().filter_map(|pool| pool.fqdn.as_ref());
    twice(reader, "host", servers(file).filter_map(|server| server.fqdn.as_ref()).chain(pools));
    // The same host behind two names would make it undecidable whose address a record holds.
    let canonical = |at: &At<IpAddr>| At { value: at.value.to_canonical(), span: at.span.clone() };
    let addresses: Vec<At<IpAddr>> = servers(file).flat_map(|server| &server.addresses).map(canonical).collect();
    twice(reader, "address", addresses.iter());
    twice(reader, "resolver", file.dns.resolvers.iter());
    for zone in &file.dns.zones {
        twice(reader, "authoritative server", zone.authoritative.iter());
        twice(reader, "name", zone.other_names.iter().flatten());
    }
    for site in &file.sites {
        twice(reader, "site", site.delivers_for.iter().flatten());
    }
    for freeze in &file.freezes {
        twice(reader, "site", freeze.sites.iter());
    }
    for plan in &file.plans {
        twice(reader, "member", plan.members.iter());
        twice(reader, "number", plan.access_numbers.iter().chain(&plan.auto_attendants));
        twice(reader, "gateway", plan.gateways.iter().flatten());
    }
    for forest in &file.forests {
        twice(reader, "trust", forest.trusts.iter());
    }
}

/// Names are compared without case: two that differ in it alone would be taken for each other at night.
fn twice<'a, T: Display + 'a>(reader: &Reader<'_>, what: &str, items: impl Iterator<Item = &'a At<T>>) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for item in items {
        let written = item.value.to_string();
        if let Some(line) = seen.get(&written.to_lowercase()) {
            let bad = Bad::new(format!("the {what} {} is there twice", quoted(&written)));
            reader.unfit(&item.span, &bad.help(format!("it stands in line {line} already")));
        } else {
            seen.insert(written.to_lowercase(), reader.line(&item.span));
        }
    }
}
