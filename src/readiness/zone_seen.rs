//! Records and markers as the write primary showed them last, in the planner's terms.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::Input;
use super::write_test::WriteSaid;
use crate::domain::act::RrSet;
use crate::domain::judge::DnsAnswerView;
use crate::domain::name::Fqdn;
use crate::domain::observation::{Addresses, DnsKind, KeyFailure};
use crate::domain::server::Server;
use crate::domain::topology::{Topology, Zone};
use crate::failover::planner::{NameSeen, Seen, ZoneSeen};
use crate::failover::rules::KeyFact;

/// Every zone that a backend may change.
pub(super) fn seen(input: &Input<'_>) -> Seen {
    let zones = input.topology.zones.iter().filter_map(|zone| {
        let primary = input.topology.write_primaries(zone).first()?.address;
        Some((zone.name.clone(), zone_seen(input, zone, primary)))
    });
    Seen { zones: zones.collect() }
}

fn zone_seen(input: &Input<'_>, zone: &Zone, primary: SocketAddr) -> ZoneSeen {
    let here = |server: &&Server| input.topology.zone_of(&server.fqdn).is_some_and(|of| of.name == zone.name);
    let names = input.topology.servers().filter(here).map(|server| (server.fqdn.clone(), name(input, server, primary)));
    let shown = input.facts.markers.get(&primary);
    let markers = input.topology.sites.iter().filter_map(|site| {
        let marker = Topology::marker_name_in(site, zone)?;
        let texts = shown.and_then(|shown| shown.get(&marker)).cloned();
        Some((marker, texts?))
    });
    let at = input.picture.dns.iter().find(|view| view.server == primary).and_then(|view| view.at);
    ZoneSeen { primary, at: at.unwrap_or(input.picture.at), names: names.collect(), markers: markers.collect() }
}

/// The records of one name at the primary; where it is not watched itself, at another authoritative server.
fn name(input: &Input<'_>, server: &Server, primary: SocketAddr) -> Result<NameSeen, String> {
    let stale = |of: SocketAddr| input.picture.dns.iter().any(|view| view.server == of && view.stale);
    let watched = input.topology.dns_servers().any(|(server, _)| server == primary);
    let answers = input.view(&server.fqdn).into_iter().flat_map(|view| &view.dns);
    let mut answers = answers.filter(|answer| answer.kind == DnsKind::Authoritative && !stale(answer.server));
    let usable = |answer: &&DnsAnswerView| if watched { answer.server == primary } else { answer.answer.is_ok() };
    let answer = answers.find(usable).ok_or_else(|| "it has not answered lately".to_owned())?;
    match &answer.answer {
        Ok(addresses) => Ok(records(addresses)),
        Err(_) => Err(answer.error_words().unwrap_or_default()),
    }
}

fn records(addresses: &Addresses) -> NameSeen {
    let ttl = addresses.ttl.unwrap_or_default();
    let set = |values: Vec<std::net::IpAddr>| if values.is_empty() { RrSet::default() } else { RrSet { ttl, values } };
    NameSeen {
        a: set(addresses.a.iter().map(|a| (*a).into()).collect()),
        aaaa: set(addresses.aaaa.iter().map(|aaaa| (*aaaa).into()).collect()),
        alias: addresses.alias.clone(),
    }
}

/// By zone: what the write primary said to a signed question.
pub(super) fn keys(input: &Input<'_>) -> BTreeMap<Fqdn, Result<KeyFact, String>> {
    let zones = input.topology.zones.iter().filter_map(|zone| {
        let primary = input.topology.write_primaries(zone).first()?.address;
        Some((zone.name.clone(), of_zone(input, zone, input.facts.keys.get(&primary)?)))
    });
    zones.collect()
}

/// A write test says more than a signed question; a question that fails is newer than any write test.
fn of_zone(input: &Input<'_>, zone: &Zone, said: &Result<(), KeyFailure>) -> Result<KeyFact, String> {
    let asked = key_fact(said);
    let written = input.facts.writes.get(zone.name.as_str());
    let every = super::write_test::interval(input.topology, zone);
    let (Ok(()), Some(test), Some(every)) = (said, written, every) else { return asked };
    // One that should have been repeated by now is forgotten.
    let fresh = i128::from(input.picture.at.as_second() - test.at.as_second()) <= i128::from(every.as_secs()) * 2;
    match &test.said {
        WriteSaid::Accepted if fresh => {
            let how = format!("a write that changes nothing was accepted at {}", test.at.strftime("%F %H:%M UTC"));
            Ok(KeyFact { accepted: Ok(how), bad_time: false, skew_seconds: None })
        }
        WriteSaid::Refused { clock, why } if fresh => {
            let why =
                format!("a write that changes nothing was refused at {}: {why}", test.at.strftime("%F %H:%M UTC"));
            Ok(KeyFact { accepted: Err(why), bad_time: *clock, skew_seconds: None })
        }
        _ => asked,
    }
}

fn key_fact(said: &Result<(), KeyFailure>) -> Result<KeyFact, String> {
    let refused = |why: String, bad_time, skew_seconds| KeyFact { accepted: Err(why), bad_time, skew_seconds };
    match said {
        Ok(()) => Ok(KeyFact {
            accepted: Ok("a signed question was answered; the claim tests each name".to_owned()),
            bad_time: false,
            skew_seconds: None,
        }),
        Err(KeyFailure::UnknownKey) => Ok(refused("the primary does not know the key".to_owned(), false, None)),
        Err(KeyFailure::WrongSecret) => Ok(refused("the key's secret is another one there".to_owned(), false, None)),
        Err(KeyFailure::Clock { skew_seconds }) => Ok(refused("the clocks differ".to_owned(), true, *skew_seconds)),
        Err(KeyFailure::Refused { code, .. }) => {
            Ok(refused(format!("signed messages are refused: {code}"), false, None))
        }
        Err(KeyFailure::Unverified) => Err("the answer's signature is missing or wrong".to_owned()),
        Err(KeyFailure::NoAnswer(failure)) => Err(crate::domain::watch::dns_failure_words(failure)),
    }
}
