//! Findings about names, DNS servers, keys and markers.

use super::Found;
use crate::domain::finding::Severity;
use crate::domain::health::Health;
use crate::domain::judge::{DnsServerView, Picture, ServerView};
use crate::domain::observation::DnsKind;
use crate::domain::place::Place;
use crate::domain::topology::Topology;
use crate::domain::watch::dns::{DnsTrack, KeyClass, MarkerClass, key_words};
use crate::domain::watch::{Watch, age};

pub(super) fn collect(watch: &Watch, picture: &Picture, found: &mut Found) {
    for server in picture.sites.iter().flat_map(|site| &site.servers) {
        name(watch, picture, server, found);
    }
    for server in &picture.dns {
        if let Some(track) = watch.dns.get(&server.server) {
            dns_server(server, track, found);
        }
    }
    markers(watch, found);
}

fn name(watch: &Watch, picture: &Picture, server: &ServerView, found: &mut Found) {
    let host = server.fqdn.host();
    let (fqdn, since) = (&server.fqdn, server.place_since);
    match &server.place {
        Place::Home | Place::Unknown => {}
        Place::Moved { to } => {
            let message = format!("the name {host} points at {}", to.host());
            found.add_since("name-moved", fqdn, message, answers(server), since);
        }
        Place::Foreign => {
            let message = format!("the name {host} points at an address that nobody here has");
            found.add_since("name-foreign", fqdn, message, answers(server), since);
        }
        // A zone transfer takes its time: only a lasting disagreement is a finding.
        Place::Split if since.is_none_or(|since| age(since, picture.at) < watch.too_old()) => {}
        Place::Split => {
            let message = format!("authoritative servers disagree about {host}");
            found.add_since("name-split", fqdn, message, answers(server), since);
        }
        Place::Missing => {
            found.add_since("name-missing", fqdn, format!("the name {host} has no address"), answers(server), since);
        }
        Place::Diverged => {
            let message = format!("A and AAAA records of {host} lead to different servers");
            found.add_since("name-diverged", fqdn, message, answers(server), since);
        }
    }
    if watch.topology().server(fqdn).is_some_and(|declared| watch.re_registered(declared)) {
        let message = format!("{host} registers its own DNS record");
        found.add("re-registered", fqdn, message, format!("the TTL is that of self-registration; {}", answers(server)));
    }
}

/// What each DNS server says of a name, in one line.
fn answers(server: &ServerView) -> String {
    let authoritative = server.dns.iter().filter(|answer| answer.kind == DnsKind::Authoritative);
    let said = authoritative.map(|view| match &view.answer {
        Ok(answer) => {
            let a = answer.a.iter().map(ToString::to_string).chain(answer.aaaa.iter().map(ToString::to_string));
            let addresses = a.collect::<Vec<_>>().join(" ");
            let ttl = answer.ttl.map(|ttl| format!(" TTL {ttl} s")).unwrap_or_default();
            format!("{} says {}{ttl}", view.server, if addresses.is_empty() { "nothing" } else { &addresses })
        }
        Err(failure) => format!("{}: {}", view.server, crate::domain::watch::dns::failure_words(failure)),
    });
    said.collect::<Vec<_>>().join(", ")
}

fn dns_server(view: &DnsServerView, track: &DnsTrack, found: &mut Found) {
    let server = view.server;
    let evidence = view.error.clone().unwrap_or_default();
    match view.health {
        Health::Down => {
            found.add_since("dns-silent", &server, format!("{server} answers no DNS question"), evidence, view.since);
            if view.kind == DnsKind::Resolver {
                found.graded("dns-silent", &server, Severity::Warning);
            }
            return;
        }
        Health::Degraded => {
            found.add_since(
                "dns-failing",
                &server,
                format!("{server} answers DNS questions with errors"),
                evidence,
                view.since,
            );
        }
        Health::Unknown => {
            if view.stale {
                found.add_since(
                    "stale",
                    &server,
                    format!("{server}: no DNS result for several rounds"),
                    evidence,
                    view.at,
                );
            }
            return;
        }
        Health::Up => {}
    }
    if track.lags.state {
        let serials = view.serials.iter().map(|(zone, serial)| format!("{zone} serial {serial}")).collect::<Vec<_>>();
        let message = format!("{server} lags behind the newest zone");
        found.add_since("dns-lagging", &server, message, serials.join(", "), Some(track.lags.since));
    }
    if track.keeps.state {
        let message = format!("{server} keeps answers longer than their TTL");
        found.add_since("resolver-stale", &server, message, kept(track), Some(track.keeps.since));
    }
    key(server, track, found);
}

fn kept(track: &DnsTrack) -> String {
    let ttls = track.newest.names.iter().filter_map(|(name, answer)| {
        let answer = answer.as_ref().ok()?;
        Some(format!("{} TTL {} s", name.host(), answer.ttl?))
    });
    ttls.take(4).collect::<Vec<_>>().join(", ")
}

fn key(server: std::net::SocketAddr, track: &DnsTrack, found: &mut Found) {
    let Some(tracker) = &track.key else { return };
    let evidence = match &track.newest.key {
        Some(Err(failure)) => key_words(failure),
        _ => String::new(),
    };
    let (id, message) = match tracker.state {
        KeyClass::Accepted => return,
        KeyClass::Clock => ("clock-skew", format!("{server}: its clock differs too much for signed updates")),
        KeyClass::Refused => ("key-refused", format!("{server} does not accept the update key")),
    };
    found.add_since(id, &server, message, evidence, Some(tracker.since));
}

/// Each fenced site's marker, as the zone's write primary shows it, or else the first server that knows.
fn markers(watch: &Watch, found: &mut Found) {
    let topology = watch.topology();
    let fenced = topology.sites.iter().flat_map(|site| topology.fenced_zones(site).into_iter().map(move |z| (site, z)));
    for (site, zone) in fenced {
        let Some(name) = Topology::marker_name_in(site, zone) else { continue };
        let primaries = topology.write_primaries(zone).iter().map(|primary| primary.address);
        let mut servers = primaries.chain(zone.authoritative.iter().copied());
        let Some(tracker) = servers.find_map(|server| watch.dns.get(&server)?.markers.get(&name)) else {
            continue;
        };
        let (id, message) = match tracker.state {
            MarkerClass::Present => continue,
            MarkerClass::Absent => ("marker-absent", format!("{} has no fence marker", site.name)),
            MarkerClass::Malformed => ("marker-malformed", format!("the fence marker of {} cannot be read", site.name)),
        };
        let evidence = format!("TXT {name}");
        match topology.fenced_zones(site).len() {
            1 => found.add_since(id, &site.name, message, evidence, Some(tracker.since)),
            _ => found.add_since(id, &name, message, evidence, Some(tracker.since)),
        }
    }
}
