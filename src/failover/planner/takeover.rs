//! Takes the fence from a run of somebody else, on another host or without its journal: its marker is replaced by one of the next
//! sequence, so that whatever it would still write is refused. No record and no server changes: what to do about what it left is
//! another plan's affair, made from what is seen then.

use super::fence::{self, Fenced};
use super::scope::Scope;
use super::steps::{Words, zone_step};
use super::{Making, Refusal, Request, Room, Seen};
use crate::domain::judge::Picture;
use crate::domain::marker::Marker;
use crate::domain::topology::{FailoverMethod, Site, Topology, Zone};
use crate::failover::plan::{Content, OpenItem, Purpose, Step};

/// A marker that a run holds, or has left behind.
struct Held<'a> {
    site: &'a Site,
    zone: &'a Zone,
    marker: Marker,
}

/// Plans to take the fence from a run. Of the request only mode, primary, reason, attestation and who asks count; `run` may be the
/// beginning of its name.
///
/// # Errors
/// [`Refusal::NoSuchRun`] when no marker names it; others when the zone could not be read.
pub fn takeover_plan(
    topology: &Topology,
    picture: &Picture,
    seen: &Seen,
    run: &str,
    request: &Request,
    making: &Making,
) -> Result<Content, Refusal> {
    let held = held(topology, seen, run);
    let Some(first) = held.first() else { return Err(Refusal::NoSuchRun(run.to_owned())) };
    let (name, by) = (first.marker.run.clone().unwrap_or_default(), first.marker.by.clone());
    if let Some(other) = held.iter().find(|other| other.marker.run.as_deref() != Some(&name)) {
        let other = other.marker.run.clone().unwrap_or_default();
        return Err(Refusal::SeveralRuns { first: name, second: other });
    }
    let site = first.site;
    let scope = Scope {
        site: site.name.clone(),
        other: site.standby.clone().unwrap_or_else(|| site.name.clone()),
        from: site.name.clone(),
        to: site.name.clone(),
        method: FailoverMethod::Dns,
        dial_plans: Vec::new(),
        pairs: Vec::new(),
        left_out: Vec::new(),
    };
    let room = Room { topology, picture, seen, request, making, scope: &scope };
    let zones = held.iter().map(|held| fence::of(&room, held.zone)).collect::<Result<Vec<Fenced>, Refusal>>()?;
    let claims = room.takings(&zones, &name, &by);
    let (fences, steps) = room.fenced_in(zones, claims);
    let mut content = room.content(fences, steps);
    content.notes.insert(0, told(first, &name));
    content.open_items.push(OpenItem {
        id: "taken-over".to_owned(),
        subject: name.clone(),
        says: format!(
            "run {name} of {by} was cut off at the fence: see what it left (switchboard check), plan from there, and end it where its journal is (switchboard runs abandon {name})"
        ),
    });
    Ok(content)
}

/// Every marker that names the run.
fn held<'a>(topology: &'a Topology, seen: &Seen, run: &str) -> Vec<Held<'a>> {
    let mut held = Vec::new();
    for site in &topology.sites {
        for zone in topology.fenced_zones(site) {
            let name = Topology::marker_name_in(site, zone);
            let texts = name.and_then(|name| seen.zones.get(&zone.name)?.markers.get(&name)?.as_ref().ok());
            let [text] = texts.map(Vec::as_slice).unwrap_or_default() else { continue };
            let named = |marker: &Marker| !run.is_empty() && marker.run.as_ref().is_some_and(|of| of.starts_with(run));
            held.extend(Marker::parse(text).ok().filter(named).map(|marker| Held { site, zone, marker }));
        }
    }
    held
}

/// What the marker itself says of the run: all that is known where its journal is not.
fn told(held: &Held<'_>, run: &str) -> String {
    let marker = &held.marker;
    let until = marker.exp.map_or_else(|| "without end".to_owned(), |exp| format!("until {exp:.0}"));
    let stands = if marker.moved.is_empty() {
        "no name of the site is away".to_owned()
    } else {
        format!("{} away at {}", marker.moved.join(", "), marker.to)
    };
    format!(
        "the marker of {} says: run {run} of {} holds it {until}, {stands}; its journal is in the state directory of {}",
        held.site.name, marker.by, marker.by
    )
}

impl Room<'_> {
    /// One message per zone that replaces the other run's marker, and nothing else.
    fn takings(&self, fenced: &[Fenced], run: &str, by: &str) -> Vec<Step> {
        let taking = |zone: &Fenced| {
            let markers = zone.marker.as_ref()?;
            let words = Words {
                does: format!("Takes the marker {} from run {run} of {by}.", markers.fence.marker),
                expect: "the marker names this run, so that the server refuses whatever the other one still writes"
                    .to_owned(),
                undo: "the marker is closed; it does not go back to the other run".to_owned(),
            };
            let id = zone_step("claim", zone, fenced.len() > 1);
            Some(self.update(id, Purpose::Claim, zone, Some(markers.claim()), Vec::new(), words))
        };
        fenced.iter().filter_map(taking).collect()
    }
}
