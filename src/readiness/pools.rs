//! R2: a Lync pool is declared, its name resolves, and it answers on its SIP port.

use super::Input;
use super::notes::{Found, Notes, list};
use crate::domain::health::Health;
use crate::domain::judge::PoolView;
use crate::domain::observation::DnsKind;
use crate::domain::topology::Pool;
use crate::domain::watch::Lookup;

const DECLARE: &str = "declare the pool that sends the calls: [[pool]] in the topology file";
const RECORD: &str = "give the pool an address record where the resolvers look";
const START: &str = "start the pool's Front End services, and look at the way to its SIP port";
const LOOK: &str = "see whether this console is a known peer of the pool";
const WAIT: &str = "let the probes come to an end: `switchboard check`";

pub(super) fn judge(input: &Input<'_>) -> Found {
    let mut notes = Notes::default();
    if input.topology.pools.is_empty() {
        notes.unknown("no pool is declared", DECLARE);
    }
    for pool in &input.topology.pools {
        let lookups = input.facts.pools.get(&pool.fqdn).map(Vec::as_slice).unwrap_or_default();
        let resolved = resolve(&mut notes, pool, lookups);
        match input.picture.pools.iter().find(|view| view.fqdn == pool.fqdn) {
            Some(view) => answer(&mut notes, view, &resolved),
            None => notes.unknown(format!("{} was not asked", pool.fqdn), WAIT),
        }
    }
    Found::Seen(notes)
}

/// How the name resolves, in words. A name that does not is noted.
fn resolve(notes: &mut Notes, pool: &Pool, lookups: &[Lookup]) -> String {
    let addresses = |lookup: &Lookup| {
        let found = lookup.answer.as_ref().ok()?;
        let a = found.a.iter().map(ToString::to_string);
        let all: Vec<String> = a.chain(found.aaaa.iter().map(ToString::to_string)).collect();
        (!all.is_empty()).then(|| list(all))
    };
    let empty = |lookup: &&Lookup| lookup.answer.as_ref().is_ok_and(crate::domain::observation::Addresses::is_empty);
    if let Some(lookup) = lookups.iter().find(empty) {
        let who = if lookup.kind == DnsKind::Resolver { "resolver" } else { "name server" };
        notes.fail(format!("{}: {who} {} has no address for it", pool.fqdn, lookup.server), RECORD);
    }
    match lookups.iter().find_map(|lookup| Some((addresses(lookup)?, lookup.server))) {
        Some((addresses, server)) => format!("resolves to {addresses} at {server}"),
        None if lookups.is_empty() && pool.addresses.is_empty() => {
            notes.unknown(format!("{}: no DNS server was asked for it", pool.fqdn), WAIT);
            "not resolved".to_owned()
        }
        None if lookups.is_empty() => {
            notes.unknown(
                format!("{}: nobody was asked for its name; {} is declared", pool.fqdn, list(&pool.addresses)),
                WAIT,
            );
            "not resolved".to_owned()
        }
        None => {
            notes.unknown(format!("{}: no DNS server answered", pool.fqdn), WAIT);
            "not resolved".to_owned()
        }
    }
}

fn answer(notes: &mut Notes, view: &PoolView, resolved: &str) {
    let service = &view.service;
    let at = service.address.map_or_else(|| "its SIP port".to_owned(), |address| address.to_string());
    let detail = service.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    match service.health {
        Health::Up => {
            let code = service.code.map(|code| format!(" {code}")).unwrap_or_default();
            notes.fine(format!("{} {resolved} and answers{code} at {at}", view.fqdn));
        }
        Health::Degraded => notes.warn(format!("{} is alive at {at} and gives no SIP answer{detail}", view.fqdn), LOOK),
        Health::Down => notes.fail(format!("{} does not answer at {at}{detail}", view.fqdn), START),
        Health::Unknown => notes.unknown(format!("{} is not known to answer at {at}{detail}", view.fqdn), WAIT),
    }
}
