//! Remembers in the state directory which TTL each name was served with, and since when. Losing it costs a reason, never a decision:
//! what cannot be read or written is begun anew.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::journal::read_capped;
use super::store::{private_dirs, write_whole};
use crate::domain::judge::Picture;
use crate::domain::name::Fqdn;
use crate::domain::observation::DnsKind;
use crate::domain::topology::Topology;
use crate::domain::ttl_book::TtlBook;
use crate::failover::planner::Seen;

/// The directory of the books; each deployment has one of its own.
const DIR: &str = "ttls";

/// The largest book that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// Takes in what the write primaries show, keeps it, and gives the names whose TTL was lowered: since when, and from what.
pub fn remember(
    state_dir: &Path,
    topology: &Topology,
    served: &BTreeMap<Fqdn, u32>,
    now: Timestamp,
) -> BTreeMap<Fqdn, (Timestamp, u32)> {
    let (dir, name) = (state_dir.join(DIR), file_name(&topology.console.name));
    let text = read_capped(&dir.join(&name), LARGEST).unwrap_or_default();
    let mut book: TtlBook = serde_json::from_slice(&text).unwrap_or_default();
    let before = book.clone();
    for (name, ttl) in served {
        let declared = topology.zone_of(name).and_then(|zone| zone.ttl);
        let usual = declared.and_then(|ttl| u32::try_from(ttl.as_secs()).ok());
        book.see(name, *ttl, usual, now);
    }
    if book != before && private_dirs().recursive(true).create(&dir).is_ok() {
        let _counts_from_the_next_time = write_whole(&dir, &name, &serde_json::to_vec(&book).unwrap_or_default());
    }
    book.lowered()
}

fn file_name(console: &str) -> String {
    let name: String =
        console.chars().map(|c| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' }).collect();
    format!("{}.json", name.trim_start_matches('.'))
}

/// TTLs as the write primaries show them.
#[must_use]
pub fn of_zones(seen: &Seen) -> BTreeMap<Fqdn, u32> {
    let names = seen.zones.values().flat_map(|zone| &zone.names);
    let ttl = |shown: &crate::failover::planner::NameSeen| {
        let sets = [&shown.a, &shown.aaaa].into_iter().filter(|set| !set.values.is_empty());
        sets.map(|set| set.ttl).max()
    };
    names.filter_map(|(name, shown)| Some((name.clone(), ttl(shown.as_ref().ok()?)?))).collect()
}

/// The same, as a round of probes has seen them at the first write primary of each zone.
#[must_use]
pub fn of_picture(topology: &Topology, picture: &Picture) -> BTreeMap<Fqdn, u32> {
    let mut served = BTreeMap::new();
    for view in picture.sites.iter().flat_map(|site| &site.servers) {
        let zone = topology.zone_of(&view.fqdn);
        let Some(primary) = zone.and_then(|zone| topology.write_primaries(zone).first()) else { continue };
        let shown = view.dns.iter().find(|d| d.kind == DnsKind::Authoritative && d.server == primary.address);
        served.extend(shown.and_then(|shown| Some((view.fqdn.clone(), shown.ttl_left(picture.at)?))));
    }
    served
}
