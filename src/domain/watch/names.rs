//! Names: where each one points, since when, and whether a resolver or a host works against it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Watch, age};
use crate::domain::name::Fqdn;
use crate::domain::observation::{Addresses, DnsKind, DnsOutcome};
use crate::domain::place::Place;
use crate::domain::server::Server;

/// The TTL that a Windows host gives the record it registers for itself, in seconds.
pub(super) const SELF_REGISTERED_TTL: u32 = 1200;

/// What is remembered of one server's name.
#[derive(Debug, Clone)]
pub(super) struct NameTrack {
    pub(super) place: Place,
    pub(super) since: Timestamp,
    /// The newest authoritative answer, and since when it is the same.
    authoritative: Option<(Addresses, Timestamp)>,
    /// The longest TTL that caches may still hold from before the last change, and when that change was.
    before: Option<(u32, Timestamp)>,
}

impl Watch {
    /// Judges all names again after a DNS server answered.
    pub(super) fn follow_names(&mut self, at: Timestamp) {
        let topology = Arc::clone(&self.topology);
        for server in topology.servers() {
            let answers = self.authoritative_answers(&server.fqdn, at);
            let place = Place::judge(&self.owners, server, answers.iter());
            let track = self.names.entry(server.fqdn.clone()).or_insert_with(|| NameTrack::new(at));
            if track.place != place {
                // What an unreachable server said before still holds until somebody says otherwise.
                (track.place, track.since) = (place, at);
            }
            if let Some(answer) = answers.into_iter().next() {
                track.follow(answer, at);
            }
        }
    }

    /// What authoritative servers that were asked lately say, the write primary's answer first.
    fn authoritative_answers(&self, name: &Fqdn, now: Timestamp) -> Vec<Addresses> {
        let Some(zone) = self.topology.zone_of(name) else { return Vec::new() };
        let primary = self.topology.write_primaries(zone).first().map(|primary| primary.address);
        let mut servers = zone.authoritative.clone();
        servers.sort_by_key(|server| Some(*server) != primary);
        let fresh = servers
            .into_iter()
            .filter_map(|server| self.dns.get(&server))
            .filter(|track| age(track.at, now) <= self.too_old());
        fresh.filter_map(|track| track.newest.names.get(name)?.clone().ok()).collect()
    }

    /// Whether a resolver gives an answer that it should have let go of.
    pub(super) fn keeps_too_long(&self, outcome: &DnsOutcome, at: Timestamp) -> bool {
        outcome.kind == DnsKind::Resolver
            && outcome.names.iter().any(|(name, answer)| {
                let (Ok(answer), Some(track)) = (answer, self.names.get(name)) else { return false };
                track.outlived_by(answer, at)
            })
    }

    /// Whether a host has taken its record back: the TTL is the one of self-registration, not the declared one.
    pub(super) fn re_registered(&self, server: &Server) -> bool {
        let declared = self.topology.zone_of(&server.fqdn).and_then(|zone| zone.ttl);
        let seen = self.names.get(&server.fqdn).and_then(|track| track.authoritative.as_ref()?.0.ttl);
        let registered = Duration::from_secs(SELF_REGISTERED_TTL.into());
        declared.is_some_and(|declared| declared != registered) && seen == Some(SELF_REGISTERED_TTL)
    }
}

impl NameTrack {
    fn new(at: Timestamp) -> Self {
        Self { place: Place::Unknown, since: at, authoritative: None, before: None }
    }

    fn follow(&mut self, answer: Addresses, at: Timestamp) {
        match &self.authoritative {
            Some((known, _)) if *known == answer => {}
            Some((known, _)) => {
                let held = known.ttl.unwrap_or(0);
                let still = self.before.map_or(0, |(ttl, since)| ttl.saturating_sub(seconds(age(since, at))));
                self.before = Some((held.max(still), at));
                self.authoritative = Some((answer, at));
            }
            None => self.authoritative = Some((answer, at)),
        }
    }

    /// Whether a cached answer has outlived the TTL with which it can have been taken.
    fn outlived_by(&self, cached: &Addresses, at: Timestamp) -> bool {
        let Some((authoritative, _)) = &self.authoritative else { return false };
        let grace = 2;
        let before = self.before.map_or(0, |(ttl, since)| (ttl + grace).saturating_sub(seconds(age(since, at))));
        let longest = authoritative.ttl.unwrap_or(0).max(before);
        let differs = (&cached.a, &cached.aaaa) != (&authoritative.a, &authoritative.aaaa);
        (differs && before == 0) || cached.ttl.is_some_and(|ttl| ttl > longest.saturating_add(grace))
    }
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn answer(last: u8, ttl: u32) -> Addresses {
        Addresses { a: vec![[192, 0, 2, last].into()], ttl: Some(ttl), ..Addresses::default() }
    }

    #[test]
    fn a_resolver_may_keep_the_old_address_for_the_old_ttl_and_no_longer() {
        let mut track = NameTrack::new(at(0));
        track.follow(answer(11, 60), at(0));
        assert!(!track.outlived_by(&answer(11, 41), at(1)));
        track.follow(answer(23, 60), at(10));
        assert!(!track.outlived_by(&answer(11, 20), at(50)));
        assert!(track.outlived_by(&answer(11, 20), at(75)));
        assert!(!track.outlived_by(&answer(23, 60), at(75)));
    }

    #[test]
    fn a_resolver_that_stretches_the_ttl_is_noticed_before_anything_moves() {
        let mut track = NameTrack::new(at(0));
        track.follow(answer(11, 20), at(0));
        assert!(track.outlived_by(&answer(11, 3600), at(5)));
    }
}
