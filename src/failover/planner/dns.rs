//! The source document's first design: the names of the servers that are left are pointed at their partners, and home again.

use std::net::{IpAddr, SocketAddr};

use super::fence::{self, Fenced};
use super::steps::{Words, zone_step};
use super::{NameSeen, Refusal, Room, scope, steps};
use crate::domain::act::{RecordChange, RecordKind, RrSet};
use crate::domain::server::Server;
use crate::domain::topology::Zone;
use crate::failover::plan::{Fence, Pair, Path, Purpose, RecordSet, SipTarget, SipWant, Step, StepId};

/// The TTL of a record that there was none of before and for which nothing is declared, in seconds.
const NEW_TTL: u32 = 60;

/// One zone's part of the plan.
struct Part {
    fenced: Fenced,
    changes: Vec<RecordChange>,
}

pub(super) fn plan(room: &Room<'_>) -> Result<(Vec<Fence>, Vec<Step>), Refusal> {
    let parts = parts(room)?;
    let many = parts.len() > 1;
    let name = |word: &str, part: &Part| zone_step(word, &part.fenced, many);
    let claims: Vec<StepId> = parts.iter().filter(|p| p.fenced.marker.is_some()).map(|p| name("claim", p)).collect();
    let mut steps: Vec<Step> = parts.iter().filter_map(|part| claim(room, part, name("claim", part))).collect();
    steps.push(verify(room)?);
    for part in &parts {
        let id = name("move", part);
        steps.push(moving(room, part, id, claims.iter().find(|claim| **claim == name("claim", part))));
    }
    for part in &parts {
        steps.extend(reading(room, part, many));
    }
    let changes = || parts.iter().flat_map(|part| &part.changes);
    let horizon = changes().map(|change| u64::from(change.before.ttl)).max().unwrap_or_default();
    steps.push(room.cache_wait(horizon, changes().map(RecordSet::after).collect()));
    steps.push(path(room)?);
    let hosts = room.scope.pairs.iter().map(|pair| pair.enters.clone()).collect();
    steps.extend(room.proof(hosts));
    let zones: Vec<Fenced> = parts.into_iter().map(|part| part.fenced).collect();
    let last: Vec<StepId> = zones.iter().map(|zone| zone_step("move", zone, many)).collect();
    steps.extend(room.closing(&zones, &last, 2));
    let fences = zones.into_iter().filter_map(|zone| Some(zone.marker?.fence)).collect();
    Ok((fences, steps))
}

/// One part per zone, in the order of the topology file.
fn parts(room: &Room<'_>) -> Result<Vec<Part>, Refusal> {
    let mut parts: Vec<(&Zone, Vec<RecordChange>)> = Vec::new();
    for pair in &room.scope.pairs {
        let zone = room.topology.zone_of(&pair.server).ok_or_else(|| Refusal::NoZone(pair.server.clone()))?;
        let changes = changes(room, zone, pair)?;
        match parts.iter_mut().find(|(known, _)| known.name == zone.name) {
            Some((_, known)) => known.extend(changes),
            None => parts.push((zone, changes)),
        }
    }
    room.in_one_order(&mut parts, |(zone, _)| &zone.name);
    parts.into_iter().map(|(zone, changes)| Ok(Part { fenced: fence::of(room, zone)?, changes })).collect()
}

/// The A and AAAA records of one name, before and after. Both are in the plan when either stands there, so that both are fenced.
fn changes(room: &Room<'_>, zone: &Zone, pair: &Pair) -> Result<Vec<RecordChange>, Refusal> {
    let seen = scope::name_seen(room.topology, room.seen, &pair.server)?;
    let server = |name| room.topology.server(name).ok_or_else(|| Refusal::UnknownServer(Clone::clone(name)));
    let (host, leaves) = (server(&pair.enters)?, server(&pair.leaves)?);
    if host.addresses.is_empty() {
        return Err(Refusal::NoAddress(host.fqdn.clone()));
    }
    let ttl = |set: &RrSet| new_ttl(room.request.back, zone, seen, set);
    let make = |kind, before: &RrSet, wanted: bool| {
        let values = if wanted { of_kind(host, kind) } else { Vec::new() };
        let after = if values.is_empty() { RrSet::default() } else { RrSet { ttl: ttl(before), values } };
        RecordChange { name: pair.server.clone(), kind, before: before.clone(), after }
    };
    let (a, aaaa) = wanted(room.request.back, seen, host, leaves);
    let changes = vec![make(RecordKind::A, &seen.a, a), make(RecordKind::Aaaa, &seen.aaaa, aaaa)];
    if changes.iter().all(|change| change.after.values.is_empty()) {
        return Err(Refusal::Emptied { name: pair.server.clone(), host: host.fqdn.clone() });
    }
    // A family that neither was nor will be there is fenced as absent by the update's prerequisite all the same.
    Ok(changes)
}

/// Which families the name has afterwards. Away: those that it has now, as far as the stand-in has them too. Home: also the one
/// that the stand-in could not carry and that therefore had to go when the name left.
fn wanted(back: bool, seen: &NameSeen, host: &Server, leaves: &Server) -> (bool, bool) {
    let lost = |kind| back && of_kind(leaves, kind).is_empty() && !of_kind(host, kind).is_empty();
    let a = !seen.a.values.is_empty() || lost(RecordKind::A);
    let aaaa = !seen.aaaa.values.is_empty() || lost(RecordKind::Aaaa);
    let served =
        (a && !of_kind(host, RecordKind::A).is_empty()) || (aaaa && !of_kind(host, RecordKind::Aaaa).is_empty());
    // A name that would lose its last address takes whatever the host has.
    if served { (a, aaaa) } else { (true, true) }
}

/// Away a record keeps its TTL; home it gets the declared one back.
fn new_ttl(back: bool, zone: &Zone, seen: &NameSeen, set: &RrSet) -> u32 {
    let declared = zone.ttl.and_then(|ttl| u32::try_from(ttl.as_secs()).ok());
    let present = [set, &seen.a, &seen.aaaa].into_iter().find(|set| !set.values.is_empty()).map(|set| set.ttl);
    let order = if back { [declared, present] } else { [present, declared] };
    order.into_iter().flatten().next().unwrap_or(NEW_TTL)
}

fn of_kind(host: &Server, kind: RecordKind) -> Vec<IpAddr> {
    let mut values: Vec<IpAddr> =
        host.addresses.iter().filter(|address| address.is_ipv4() == (kind == RecordKind::A)).copied().collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn claim(room: &Room<'_>, part: &Part, id: StepId) -> Option<Step> {
    let markers = part.fenced.marker.as_ref()?;
    let unchanged =
        part.changes.iter().map(|change| RecordChange { after: change.before.clone(), ..change.clone() }).collect();
    let words = Words {
        does: format!(
            "Claims the marker {} and rewrites each planned record as it is: a rehearsal of key, policy, zone, clock and primary.",
            markers.fence.marker
        ),
        expect: "the marker names this run; no address has changed".to_owned(),
        undo: "the marker is closed; no record was changed".to_owned(),
    };
    Some(room.update(id, Purpose::Claim, &part.fenced, Some(markers.claim()), unchanged, words))
}

fn moving(room: &Room<'_>, part: &Part, id: StepId, claim: Option<&StepId>) -> Step {
    let pointed = |pair: &Pair| {
        let home = if pair.server == pair.enters { "home to" } else { "at" };
        format!("{} {home} {}", pair.server, pair.enters.host())
    };
    let told: Vec<String> = pairs_of(room, part).map(pointed).collect();
    let words = Words {
        does: format!("Points {}, in one message.", told.join(", ")),
        expect: told_after(&part.changes),
        undo: format!("one message that restores exactly: {}", told_before(&part.changes)),
    };
    let marker = part.fenced.marker.as_ref().zip(claim).map(|(markers, claim)| markers.moved(claim));
    room.update(id, Purpose::Move, &part.fenced, marker, part.changes.clone(), words)
}

fn pairs_of<'a>(room: &'a Room<'_>, part: &'a Part) -> impl Iterator<Item = &'a Pair> {
    let moves = |pair: &&Pair| part.changes.iter().any(|change| change.name == pair.server);
    room.scope.pairs.iter().filter(moves)
}

fn told_after(changes: &[RecordChange]) -> String {
    told(changes.iter().map(RecordSet::after))
}

fn told_before(changes: &[RecordChange]) -> String {
    told(changes.iter().map(RecordSet::before))
}

fn told(sets: impl Iterator<Item = RecordSet>) -> String {
    let one = |set: RecordSet| {
        let values: Vec<String> = set.values.iter().map(ToString::to_string).collect();
        let kind = if set.kind == RecordKind::A { "A" } else { "AAAA" };
        format!("{} {} {kind} {}", set.name, set.ttl, values.join(" "))
    };
    sets.filter(|set| !set.values.is_empty()).map(one).collect::<Vec<_>>().join("; ")
}

/// The host that will be pointed at, asked as the name that it inherits.
fn verify(room: &Room<'_>) -> Result<Step, Refusal> {
    let does = "Asks each host that takes over, at its own address, as the name that it inherits.".to_owned();
    Ok(room.sip_check("verify-target", inherited(room)?, SipWant::InService, Path::Address, does))
}

fn path(room: &Room<'_>) -> Result<Step, Refusal> {
    let does = "Asks each moved name at the address that the pools' resolvers give for it.".to_owned();
    Ok(room.sip_check("sip-path", inherited(room)?, SipWant::InService, Path::Resolvers, does))
}

fn inherited(room: &Room<'_>) -> Result<Vec<SipTarget>, Refusal> {
    let mut targets = Vec::new();
    for pair in &room.scope.pairs {
        let host = room.topology.server(&pair.enters).ok_or_else(|| Refusal::UnknownServer(pair.enters.clone()))?;
        targets.extend(steps::targets(&pair.server, host));
    }
    Ok(targets)
}

/// The primary first, which must show it; then all others of the zone.
fn reading(room: &Room<'_>, part: &Part, many: bool) -> Vec<Step> {
    let Fenced { zone, primary, .. } = &part.fenced;
    let rest: Vec<SocketAddr> = zone.authoritative.iter().filter(|server| *server != primary).copied().collect();
    let id = |word| zone_step(word, &part.fenced, many);
    let first = room.read_back(id("read-back"), zone, vec![*primary], false, &part.changes);
    let others = (!rest.is_empty()).then(|| room.read_back(id("authoritative"), zone, rest, true, &part.changes));
    [Some(first), others].into_iter().flatten().collect()
}
