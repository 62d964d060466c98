//! What only the whole file can tell: duplicates, references, things that exclude each other. Then the topology.

mod names;
mod plans;
mod sites;

use std::net::SocketAddr;

use super::area::File;
use super::area::dns::RawZone;
use super::area::policy::RawFreeze;
use super::area::pool::{RawForest, RawPool};
use super::reader::{At, Bad, Reader};
use crate::domain::policy::{Freeze, Policy};
use crate::domain::server::Transport;
use crate::domain::topology::{Console, Forest, Pool, ProbeIdentity, Topology, Zone};
use names::Names;

/// Checks a file and builds its topology. `None` only when something was reported.
pub(super) fn validate(reader: &Reader<'_>, file: File) -> Option<Topology> {
    let names = Names::of(&file);
    names::duplicates(reader, &file);
    names.references(reader, &file);
    sites::check(reader, &file, &names);
    plans::check(reader, &file, &names);
    check_mutual_tls(reader, &file);
    if !file.has_site {
        let bad = Bad::new("the file declares no [[site]]: there is nothing to watch");
        reader.unfit(&(0..0), &bad.help("config.example.toml shows a whole topology"));
    }
    let plan_sites = plans::sites(reader, &file, &names);
    drop(names);
    build(file, plan_sites)
}

fn build(file: File, plan_sites: Vec<Option<crate::domain::name::SiteName>>) -> Option<Topology> {
    let only_command = sites::only_command(&file).cloned();
    Some(Topology {
        console: Console { site: file.console.site.map(value), ..file.console.console },
        probe: file.probe,
        resolvers: values(file.dns.resolvers),
        zones: file.dns.zones.into_iter().map(zone).collect::<Option<_>>()?,
        trust: file.trust,
        backends: file.backends.into_iter().map(|raw| Some((raw.name.value, raw.backend?))).collect::<Option<_>>()?,
        map: file.map,
        forests: file.forests.into_iter().map(forest).collect::<Option<_>>()?,
        pools: file.pools.into_iter().map(pool).collect::<Option<_>>()?,
        sites: file.sites.into_iter().map(|raw| sites::build(raw, only_command.as_ref())).collect::<Option<_>>()?,
        dial_plans: file
            .plans
            .into_iter()
            .zip(plan_sites)
            .map(|(raw, site)| plans::build(raw, site?))
            .collect::<Option<_>>()?,
        policy: Policy {
            second_person: file.second_person,
            freezes: file.freezes.into_iter().map(freeze).collect::<Option<_>>()?,
        },
    })
}

fn value<T>(at: At<T>) -> T {
    at.value
}

fn values<T>(list: Vec<At<T>>) -> Vec<T> {
    list.into_iter().map(value).collect()
}

fn zone(raw: RawZone) -> Option<Zone> {
    let authoritative: Vec<SocketAddr> = values(raw.authoritative);
    Some(Zone {
        name: raw.name?.value,
        authoritative,
        backend: raw.backend.map(value),
        ttl: raw.ttl,
        scavenging: raw.scavenging,
        other_names: raw.other_names.map(values),
    })
}

fn freeze(raw: RawFreeze) -> Option<Freeze> {
    Some(Freeze { sites: values(raw.sites), from: raw.from?.value, until: raw.until?.value, reason: raw.reason?.value })
}

fn forest(raw: RawForest) -> Option<Forest> {
    Some(Forest { name: raw.name?.value, trusts: values(raw.trusts), um_users: raw.um_users, sync: raw.sync })
}

fn pool(raw: RawPool) -> Option<Pool> {
    let transport = raw.transport.value;
    Some(Pool {
        fqdn: raw.fqdn?.value,
        site: raw.site?.value,
        addresses: values(raw.addresses),
        transport,
        port: raw.port.unwrap_or(if transport.is_tls() { 5061 } else { 5060 }),
        backup: raw.backup.map(value),
    })
}

/// Mutual TLS needs a certificate to show.
fn check_mutual_tls(reader: &Reader<'_>, file: &File) {
    let ProbeIdentity { certificate, key, .. } = &file.probe;
    if file.probe_written || (certificate.is_some() && key.is_some()) {
        return;
    }
    let servers = file.sites.iter().flat_map(|site| &site.servers).map(|server| &server.transport);
    for at in servers.chain(file.pools.iter().map(|pool| &pool.transport)) {
        if at.value == Transport::MutualTls {
            let bad = Bad::new("mutual TLS needs the console's own certificate, and [probe] names none");
            reader.unfit(&at.span, &bad.help("[probe] certificate = \"console.pem\", key = \"console.key\""));
        }
    }
}
