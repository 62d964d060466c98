//! Sites and servers: standby, partners, the backend that a server means when it names none.

use super::names::{Names, servers};
use super::{value, values};
use crate::config::area::File;
use crate::config::area::backend::Kind;
use crate::config::area::site::{RawServer, RawSite};
use crate::config::reader::{Bad, Reader};
use crate::domain::name::{BackendName, SiteName};
use crate::domain::server::Server;
use crate::domain::topology::Site;

pub(super) fn check(reader: &Reader<'_>, file: &File, names: &Names<'_>) {
    for site in &file.sites {
        let Some(name) = site.name.as_ref().map(|name| &name.value) else { continue };
        if let Some(standby) = site.standby.as_ref().filter(|standby| standby.value == *name) {
            reader.unfit(&standby.span, &Bad::new(format!("the site {name} cannot be its own standby")));
        }
        for server in &site.servers {
            check_partner(reader, server, name, names);
        }
    }
    check_backup(reader, file);
    check_backends(reader, file);
}

fn check_partner(reader: &Reader<'_>, server: &RawServer, site: &SiteName, names: &Names<'_>) {
    let Some(partner) = &server.partner else { return };
    let problem = if server.fqdn.as_ref().is_some_and(|own| own.value == partner.value) {
        Some("a server cannot be its own partner".to_owned())
    } else if names.servers.get(partner.value.as_str()) == Some(&Some(site)) {
        Some(format!("the partner {} stands in {site} too: it would fail with the site", partner.value))
    } else {
        None
    };
    if let Some(message) = problem {
        reader
            .unfit(&partner.span, &Bad::new(message).help("a partner is the server of the other site that takes over"));
    }
}

fn check_backup(reader: &Reader<'_>, file: &File) {
    for pool in &file.pools {
        if let (Some(own), Some(backup)) = (&pool.fqdn, &pool.backup)
            && own.value == backup.value
        {
            reader.unfit(&backup.span, &Bad::new("a pool cannot be its own backup"));
        }
    }
}

/// A server may leave its backend out only when there is no choice.
fn check_backends(reader: &Reader<'_>, file: &File) {
    let commands: Vec<&str> = commands(file).map(BackendName::as_str).collect();
    if commands.len() < 2 {
        return;
    }
    for server in servers(file).filter(|server| server.backend.is_none()) {
        let bad = Bad::new("[[site.server]] needs `backend`: the file has several of type `command`");
        reader.unfit(&server.span, &bad.help(format!("one of {}", commands.join(", "))));
    }
}

fn commands(file: &File) -> impl Iterator<Item = &BackendName> {
    file.backends.iter().filter(|backend| backend.kind == Some(Kind::Command)).map(|backend| &backend.name.value)
}

/// The command backend that servers mean when they name none.
pub(super) fn only_command(file: &File) -> Option<&BackendName> {
    let mut all = commands(file);
    all.next().filter(|_| all.next().is_none())
}

pub(super) fn build(raw: RawSite, usual: Option<&BackendName>) -> Option<Site> {
    let name = raw.name?.value;
    let servers = raw.servers.into_iter().map(|server| build_server(server, &name, usual)).collect::<Option<_>>()?;
    Some(Site {
        forest: raw.forest.map(value),
        standby: raw.standby.map(value),
        owners: raw.owners,
        delivers_for: raw.delivers_for.map(values),
        acceptance: raw.acceptance,
        servers,
        name,
    })
}

fn build_server(raw: RawServer, site: &SiteName, usual: Option<&BackendName>) -> Option<Server> {
    Some(Server {
        fqdn: raw.fqdn?.value,
        site: site.clone(),
        addresses: values(raw.addresses),
        version: raw.version?.value,
        listeners: raw.listeners,
        partner: raw.partner.map(value),
        backend: raw.backend.map(value).or_else(|| usual.cloned()),
        manage_as: raw.manage_as,
        max_calls: raw.max_calls,
        peak_calls: raw.peak_calls,
        ucma: raw.ucma,
        thumbprints: raw.thumbprints,
    })
}
