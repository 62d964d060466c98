//! The fence of a plan: which marker texts it is made against and which it will write, zone by zone.

use std::net::SocketAddr;

use super::{Refusal, Room, ZoneSeen};
use crate::domain::marker::{LONGEST, Marker};
use crate::domain::name::Fqdn;
use crate::domain::topology::{Backend, Site, Topology, UpdateAuth, Zone};
use crate::failover::plan::{Fence, MarkerBefore, MarkerChange, PartnerMarker, StepId};

/// The TTL of a marker where the zone declares none, in seconds.
const MARKER_TTL: u32 = 60;

/// A zone that is written, and its markers at each message.
pub(super) struct Fenced {
    pub(super) zone: Zone,
    pub(super) primary: SocketAddr,
    pub(super) key: Option<Fqdn>,
    /// `None` where the operator does without a marker.
    pub(super) marker: Option<Markers>,
}

/// Marker texts, message by message.
pub(super) struct Markers {
    pub(super) fence: Fence,
    name: Fqdn,
    ttl: u32,
    found: MarkerBefore,
    base: Marker,
    after: Marker,
    pub(super) partner: Option<PartnerMarker>,
}

impl Markers {
    /// Takes the fence: seq + 1, nothing moved yet.
    pub(super) fn claim(&self) -> MarkerChange {
        let Marker { moved, to, .. } = self.base.clone();
        self.change(self.found.clone(), Marker { seq: self.after.seq + 1, moved, to, ..self.after.clone() })
    }

    /// Changes the records: seq + 2.
    pub(super) fn moved(&self, claim: &StepId) -> MarkerChange {
        let before = MarkerBefore::WrittenBy(claim.clone());
        self.change(before, Marker { seq: self.after.seq + 2, ..self.after.clone() })
    }

    /// Lets the fence go: one more than the step before, run emptied.
    pub(super) fn close(&self, last: &StepId, steps: u64) -> MarkerChange {
        let before = MarkerBefore::WrittenBy(last.clone());
        self.change(before, Marker { seq: self.after.seq + steps, run: None, ..self.after.clone() })
    }

    fn change(&self, before: MarkerBefore, after: Marker) -> MarkerChange {
        MarkerChange { name: self.name.clone(), ttl: self.ttl, before, after }
    }
}

/// The fence in one zone.
pub(super) fn of(room: &Room<'_>, zone: &Zone) -> Result<Fenced, Refusal> {
    let primary = primary(room, zone)?;
    let seen = room.seen.zones.get(&zone.name).filter(|seen| seen.primary == primary);
    let unread = || Refusal::NotRead {
        name: zone.name.clone(),
        primary: primary.to_string(),
        why: "it was not asked".to_owned(),
    };
    let seen = seen.ok_or_else(unread)?;
    let marker = if room.request.without_marker { None } else { Some(markers(room, zone, primary, seen)?) };
    Ok(Fenced { zone: zone.clone(), primary, key: key(room.topology, zone), marker })
}

/// The server that is written: the first that the backend lists, unless the operator chose another.
fn primary(room: &Room<'_>, zone: &Zone) -> Result<SocketAddr, Refusal> {
    let listed = room.topology.write_primaries(zone);
    let first = listed.first().ok_or_else(|| Refusal::NoPrimary(zone.name.clone()))?;
    match room.request.primary {
        None => Ok(first.address),
        Some(asked) if listed.iter().any(|primary| primary.address == asked) => Ok(asked),
        Some(asked) => Err(Refusal::OtherPrimary {
            primary: asked,
            zone: zone.name.clone(),
            listed: listed.iter().map(|primary| primary.address.to_string()).collect::<Vec<_>>().join(", "),
        }),
    }
}

fn key(topology: &Topology, zone: &Zone) -> Option<Fqdn> {
    match topology.backends.get(zone.backend.as_ref()?)? {
        Backend::DnsUpdate(update) => match &update.auth {
            UpdateAuth::Tsig { key, .. } => Some(key.clone()),
            UpdateAuth::Gss => None,
        },
        Backend::Command(_) => None,
    }
}

fn markers(room: &Room<'_>, zone: &Zone, primary: SocketAddr, seen: &ZoneSeen) -> Result<Markers, Refusal> {
    let site = room.site(&room.scope.site)?;
    let other = room.site(&room.scope.other)?;
    let name = Topology::marker_name_in(site, zone).ok_or_else(|| Refusal::NoZone(zone.name.clone()))?;
    let (found, mut base) = found(room, site, &name, seen)?;
    let changed = room.topology.write_primaries(zone).first().is_some_and(|first| first.address != primary);
    base.epoch += u32::from(changed);
    let after = after(room, site, &base);
    let partner = partner(room, other, zone, seen)?;
    if after.to_string().len() + "2026-11-22T14:02:11Z0123456789abcdef".len() > LONGEST {
        return Err(Refusal::MarkerTooLong { site: site.name.clone(), count: after.moved.len() });
    }
    let partner_seq = partner.iter().filter_map(|partner| Marker::parse(partner.text.as_deref()?).ok()).map(|m| m.seq);
    let fence = Fence {
        zone: zone.name.clone(),
        primary,
        marker: name.clone(),
        seq: base.seq,
        epoch: base.epoch,
        partner: partner.as_ref().map(|partner| partner.name.clone()),
        partner_seq: partner_seq.into_iter().next(),
    };
    let ttl = marker_ttl(zone);
    Ok(Markers { fence, name, ttl, found, base, after, partner })
}

/// The TTL that runs write at a zone's markers, in seconds.
#[must_use]
pub fn marker_ttl(zone: &Zone) -> u32 {
    zone.ttl.and_then(|ttl| u32::try_from(ttl.as_secs()).ok()).unwrap_or(MARKER_TTL)
}

/// What stands at the marker's name now. A text that cannot be read is replaced, exactly, by a marker of a new epoch.
fn found(room: &Room<'_>, site: &Site, name: &Fqdn, seen: &ZoneSeen) -> Result<(MarkerBefore, Marker), Refusal> {
    let away = || room.away(site);
    match texts(seen, name)? {
        [] => Ok((MarkerBefore::Absent, Marker { moved: away(), ..Marker::first() })),
        [text] => {
            let marker = Marker::parse(text).unwrap_or_else(|_| Marker { epoch: 2, moved: away(), ..Marker::first() });
            Ok((MarkerBefore::Exactly(text.clone()), marker))
        }
        many => Err(Refusal::ManyMarkers { marker: name.clone(), count: many.len(), site: site.name.clone() }),
    }
}

fn texts<'a>(seen: &'a ZoneSeen, name: &Fqdn) -> Result<&'a [String], Refusal> {
    let unread =
        |why: &str| Refusal::NotRead { name: name.clone(), primary: seen.primary.to_string(), why: why.to_owned() };
    let found = seen.markers.get(name).ok_or_else(|| unread("it was not asked"))?;
    found.as_ref().map(Vec::as_slice).map_err(|why| unread(why))
}

/// The partner site's marker must stand as it does, so that two runs in opposite directions cannot both win. It is where the
/// partner site has servers' names, or the fence of its commands.
fn partner(room: &Room<'_>, other: &Site, zone: &Zone, seen: &ZoneSeen) -> Result<Option<PartnerMarker>, Refusal> {
    let here = |server: &crate::domain::server::Server| {
        room.topology.zone_of(&server.fqdn).map(|z| &z.name) == Some(&zone.name)
    };
    let fenced = |of: &Site| room.topology.fenced_zones(of).iter().any(|fenced| fenced.name == zone.name);
    let stands = other.name != room.scope.site && (other.servers.iter().any(here) || fenced(other));
    let Some(name) = Topology::marker_name_in(other, zone).filter(|_| stands) else {
        return Ok(None);
    };
    match texts(seen, &name)? {
        [] => Ok(Some(PartnerMarker { name, text: None })),
        [text] => Ok(Some(PartnerMarker { text: Some(text.clone()), name })),
        many => Err(Refusal::ManyMarkers { marker: name, count: many.len(), site: other.name.clone() }),
    }
}

/// What the marker says while the run is open and the records have moved; `seq` is the one that it was made against.
fn after(room: &Room<'_>, site: &Site, base: &Marker) -> Marker {
    let labels: Vec<String> = room.scope.pairs.iter().map(|pair| label(site, &pair.server)).collect();
    let leads_away = !room.request.back && !labels.is_empty();
    let mut moved: Vec<String> = base.moved.iter().filter(|name| !labels.contains(name)).cloned().collect();
    if !room.request.back {
        moved.extend(labels);
        moved.sort();
    }
    let to = match moved.is_empty() {
        true => String::new(),
        false if leads_away => Marker::site_label(&room.scope.to),
        false => base.to.clone(),
    };
    Marker {
        moved,
        to,
        run: Some(room.making.id.to_string()),
        by: Marker::by_label(&room.request.by),
        exp: None,
        head: None,
        ..base.clone()
    }
}

/// A server as markers write it: its host label, or its whole name where another server of the site has the same.
pub(super) fn label(site: &Site, server: &Fqdn) -> String {
    let same = site.servers.iter().filter(|other| other.fqdn.host() == server.host()).count();
    if same > 1 { server.to_string() } else { server.host().to_owned() }
}

impl Room<'_> {
    /// Zones in the order of the topology file: runs in opposite directions claim theirs in the same order, so that one of them
    /// is refused with nothing claimed.
    pub(super) fn in_one_order<T>(&self, parts: &mut [T], zone: impl Fn(&T) -> &Fqdn) {
        parts.sort_by_key(|part| self.topology.zones.iter().position(|declared| declared.name == *zone(part)));
    }

    pub(super) fn site(&self, name: &crate::domain::name::SiteName) -> Result<&Site, Refusal> {
        self.topology.site(name).ok_or_else(|| Refusal::UnknownSite(name.clone(), String::new()))
    }

    /// Names of a site that are away as the primaries show it: what a marker should say where there is none.
    fn away(&self, site: &Site) -> Vec<String> {
        let away = |server: &&crate::domain::server::Server| {
            let shown = super::scope::name_seen(self.topology, self.seen, &server.fqdn);
            shown.is_ok_and(|seen| {
                let mut addresses = seen.a.values.iter().chain(&seen.aaaa.values).peekable();
                addresses.peek().is_some() && addresses.all(|address| !server.addresses.contains(address))
            })
        };
        site.servers.iter().filter(away).map(|server| label(site, &server.fqdn)).collect()
    }
}
