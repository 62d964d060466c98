//! DNS servers: whether they answer, follow, keep to the TTL, accept the key, hold the markers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Watch, age};
use crate::domain::clean::Clean;
use crate::domain::health::{Health, Tracker};
use crate::domain::judge::{DnsAnswerView, DnsServerView};
use crate::domain::name::Fqdn;
use crate::domain::observation::{DnsFailure, DnsKind, DnsOutcome, KeyFailure};
use crate::domain::place::Place;
use crate::domain::server::Server;

/// What one round of questions to a DNS server means; greater is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DnsClass {
    Answers,
    Failing,
    Silent,
}

/// What a signed question to a write primary means; greater is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum KeyClass {
    Accepted,
    Clock,
    Refused,
}

/// What stands at a marker's name; greater is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MarkerClass {
    Present,
    Absent,
    Malformed,
}

/// What is remembered of one DNS server.
#[derive(Debug, Clone)]
pub(super) struct DnsTrack {
    pub(super) tracker: Tracker<DnsClass>,
    pub(super) newest: DnsOutcome,
    pub(super) at: Timestamp,
    /// Whether its zone is older than another authoritative server's.
    pub(super) lags: Tracker<bool>,
    /// Whether it keeps answers longer than it should.
    pub(super) keeps: Tracker<bool>,
    pub(super) key: Option<Tracker<KeyClass>>,
    pub(super) markers: BTreeMap<Fqdn, Tracker<MarkerClass>>,
}

/// The newest state of a zone over all its servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct ZoneTrack {
    pub(super) serial: u32,
}

impl Watch {
    pub(super) fn absorb_dns(&mut self, server: SocketAddr, outcome: DnsOutcome, at: Timestamp) {
        if !self.topology.dns_servers().any(|(known, _)| known == server) {
            return;
        }
        self.follow_serials(&outcome);
        let round = Round {
            class: class_of(&outcome),
            lags: self.lags(&outcome),
            keeps: self.keeps_too_long(&outcome, at),
            key: outcome.key.as_ref().and_then(key_class),
        };
        let counts = self.counts();
        let track = self.dns.entry(server).or_insert_with(|| DnsTrack::new(&round, outcome.clone(), at));
        if track.at < at {
            track.tracker.absorb(round.class, at, counts);
        }
        track.lags.absorb(round.lags, at, counts);
        track.keeps.absorb(round.keeps, at, counts);
        if let Some(key) = round.key {
            track.key.get_or_insert_with(|| Tracker::new(key, at)).absorb(key, at, counts);
        }
        for (name, found) in &outcome.markers {
            if let Ok(values) = found {
                let class = marker_class(values);
                track.markers.entry(name.clone()).or_insert_with(|| Tracker::new(class, at)).absorb(class, at, counts);
            }
        }
        (track.newest, track.at) = (outcome, at);
        self.follow_names(at);
    }

    fn follow_serials(&mut self, outcome: &DnsOutcome) {
        for (zone, serial) in &outcome.serials {
            let Ok(serial) = *serial else { continue };
            let known = self.zones.entry(zone.clone()).or_insert(ZoneTrack { serial });
            if is_newer(serial, known.serial) {
                known.serial = serial;
            }
        }
    }

    fn lags(&self, outcome: &DnsOutcome) -> bool {
        outcome.serials.iter().any(|(zone, serial)| {
            let newest = self.zones.get(zone).map(|zone| zone.serial);
            matches!((serial, newest), (Ok(serial), Some(newest)) if is_newer(newest, *serial))
        })
    }

    /// The view of one DNS server, whether or not it was ever asked.
    fn dns_view(&self, server: SocketAddr, kind: DnsKind, now: Timestamp) -> DnsServerView {
        let track = self.dns.get(&server);
        let stale = track.is_some_and(|track| age(track.at, now) > self.too_old());
        let health = match track.map(|track| track.tracker.state) {
            Some(_) if stale => Health::Unknown,
            Some(DnsClass::Answers) => Health::Up,
            Some(DnsClass::Failing) => Health::Degraded,
            Some(DnsClass::Silent) => Health::Down,
            None => Health::Unknown,
        };
        let serials = track.into_iter().flat_map(|track| &track.newest.serials);
        DnsServerView {
            server,
            kind,
            health,
            since: track.map(|track| track.tracker.since),
            at: track.map(|track| track.at),
            stale,
            serials: serials.filter_map(|(zone, serial)| Some((zone.clone(), serial.clone().ok()?))).collect(),
            error: track.and_then(|track| first_failure(&track.newest)).map(failure_words),
        }
    }

    pub(super) fn dns_views(&self, now: Timestamp) -> Vec<DnsServerView> {
        self.topology.dns_servers().map(|(server, kind)| self.dns_view(server, kind, now)).collect()
    }

    /// What each DNS server answered for a server's name.
    pub(super) fn answers(&self, server: &Server) -> Vec<DnsAnswerView> {
        let topology = Arc::clone(&self.topology);
        let zone = topology.zone_of(&server.fqdn).map(|zone| &zone.name);
        let asked = topology.dns_servers().filter_map(|(address, kind)| Some((address, kind, self.dns.get(&address)?)));
        asked
            .filter_map(|(address, kind, track)| {
                let answer = track.newest.names.get(&server.fqdn)?.clone();
                let place =
                    answer.as_ref().map_or(Place::Unknown, |answer| Place::of_answer(&self.owners, server, answer));
                let serial = zone.and_then(|zone| track.newest.serials.get(zone)?.clone().ok());
                Some(DnsAnswerView { server: address, kind, answer, place, at: track.at, serial })
            })
            .collect()
    }
}

/// One round, judged.
struct Round {
    class: DnsClass,
    lags: bool,
    keeps: bool,
    key: Option<KeyClass>,
}

impl DnsTrack {
    fn new(round: &Round, newest: DnsOutcome, at: Timestamp) -> Self {
        Self {
            tracker: Tracker::new(round.class, at),
            newest,
            at,
            // A server that lags when it is first seen may be in the middle of a transfer.
            lags: Tracker::new(false, at),
            keeps: Tracker::new(false, at),
            key: None,
            markers: BTreeMap::new(),
        }
    }
}

impl DnsTrack {
    /// Whether the newest round speaks for a worse state than the judged one.
    pub(super) fn is_unsettled(&self) -> bool {
        self.tracker.worsens() || self.lags.worsens() || self.keeps.worsens()
    }

    /// Whether nothing comes back from it; a refusal does come back.
    pub(super) fn is_unreachable(&self) -> bool {
        self.tracker.state == DnsClass::Silent && first_failure(&self.newest) != Some(&DnsFailure::ConnectionRefused)
    }
}

/// Whether a serial is newer than another one (RFC 1982 §3.2).
fn is_newer(serial: u32, than: u32) -> bool {
    serial != than && serial.wrapping_sub(than) < 1 << 31
}

fn class_of(outcome: &DnsOutcome) -> DnsClass {
    let failures = outcome.names.values().map(|answer| answer.as_ref().err());
    let failures = failures.chain(outcome.serials.values().map(|serial| serial.as_ref().err()));
    let failures: Vec<Option<&DnsFailure>> = failures.collect();
    let silent = |failure: Option<&DnsFailure>| {
        matches!(failure, Some(DnsFailure::Timeout | DnsFailure::ConnectionRefused | DnsFailure::Local(_)))
    };
    if !failures.is_empty() && failures.iter().copied().all(silent) {
        DnsClass::Silent
    } else if failures.iter().any(Option::is_some) {
        DnsClass::Failing
    } else {
        DnsClass::Answers
    }
}

fn first_failure(outcome: &DnsOutcome) -> Option<&DnsFailure> {
    let names = outcome.names.values().filter_map(|answer| answer.as_ref().err());
    names.chain(outcome.serials.values().filter_map(|serial| serial.as_ref().err())).next()
}

/// `None` when the question was not answered at all: that is said of the server, not of the key.
fn key_class(result: &Result<(), KeyFailure>) -> Option<KeyClass> {
    match result {
        Ok(()) => Some(KeyClass::Accepted),
        Err(KeyFailure::Clock { .. }) => Some(KeyClass::Clock),
        Err(KeyFailure::NoAnswer(_)) => None,
        Err(_) => Some(KeyClass::Refused),
    }
}

/// Whether the text at a marker's name could be a marker at all; the fence itself reads it more closely.
fn marker_class(values: &[Clean]) -> MarkerClass {
    let has = |value: &Clean, field: &str| {
        let number = value.as_str().split(';').find_map(|part| part.strip_prefix(field)?.strip_prefix('='));
        number.is_some_and(|number| number.parse::<u64>().is_ok())
    };
    match values {
        [] => MarkerClass::Absent,
        [one] if has(one, "v") && has(one, "epoch") && has(one, "seq") => MarkerClass::Present,
        _ => MarkerClass::Malformed,
    }
}

/// A DNS failure in plain words.
#[must_use]
pub fn failure_words(failure: &DnsFailure) -> String {
    match failure {
        DnsFailure::Timeout => "no answer in time".to_owned(),
        DnsFailure::ConnectionRefused => "connection refused: nothing listens there".to_owned(),
        DnsFailure::Code(code) => format!("answered {code}"),
        DnsFailure::Malformed(what) => format!("answered what cannot be read: {what}"),
        DnsFailure::Lame => "is listed as authoritative and answers without authority".to_owned(),
        DnsFailure::Local(why) => format!("this console could not try: {why}"),
    }
}

/// A key's failure in plain words.
pub(super) fn key_words(failure: &KeyFailure) -> String {
    match failure {
        KeyFailure::UnknownKey => "BADKEY: the server does not know the key".to_owned(),
        KeyFailure::WrongSecret => "BADSIG: the server knows the key with another secret".to_owned(),
        KeyFailure::Clock { skew_seconds: Some(skew) } => {
            format!("BADTIME: the server's clock is {skew:+} s from this console's")
        }
        KeyFailure::Clock { skew_seconds: None } => "BADTIME: the clocks differ".to_owned(),
        KeyFailure::Refused { code, signed: true } => format!("{code}, signed: the key is known and not allowed"),
        KeyFailure::Refused { code, signed: false } => format!("{code}, unsigned"),
        KeyFailure::Unverified => "the answer's signature is missing or wrong".to_owned(),
        KeyFailure::NoAnswer(failure) => failure_words(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_compared_around_the_clock() {
        assert!(is_newer(8, 7) && !is_newer(7, 8) && !is_newer(7, 7));
        assert!(is_newer(3, u32::MAX) && !is_newer(u32::MAX, 3));
    }

    #[test]
    fn a_marker_is_one_text_with_version_epoch_and_sequence() {
        let class = |values: &[&str]| marker_class(&values.iter().map(|v| Clean::from(*v)).collect::<Vec<_>>());
        assert_eq!(class(&["v=1;epoch=1;seq=8;moved=;to=;run=;by=;exp=;head="]), MarkerClass::Present);
        assert_eq!(class(&[]), MarkerClass::Absent);
        assert_eq!(class(&["hello"]), MarkerClass::Malformed);
        assert_eq!(class(&["v=1;epoch=1;seq=8", "v=1;epoch=1;seq=9"]), MarkerClass::Malformed);
    }
}
