//! Since when a name's records have the TTL that they have: whether a lowering before a planned move is old enough to count.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::name::Fqdn;

/// What was seen of each name, as consoles of one state directory remember it for each other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TtlBook(BTreeMap<Fqdn, Served>);

/// The TTL that a name is served with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Served {
    /// Seconds.
    ttl: u32,
    /// When that was seen first.
    since: Timestamp,
    /// The longest that caches may hold an answer from before, in seconds.
    before: u32,
}

impl TtlBook {
    /// Takes in that a name is served with a TTL now. `usual` is the declared one of normal operation: what is lower when it is seen
    /// first was lowered from that, nobody knows when.
    pub fn see(&mut self, name: &Fqdn, ttl: u32, usual: Option<u32>, now: Timestamp) {
        let seen = match self.0.get(name) {
            Some(known) if known.ttl == ttl => return,
            None => Served { ttl, since: now, before: usual.unwrap_or(ttl).max(ttl) },
            Some(known) if ttl > known.ttl => Served { ttl, since: now, before: ttl },
            Some(known) => {
                // Lowered in two steps: answers from before the first may still be held.
                let held = now.as_second() - known.since.as_second() < i64::from(known.before);
                Served { ttl, since: now, before: if held { known.before.max(known.ttl) } else { known.ttl } }
            }
        };
        self.0.insert(name.clone(), seen);
    }

    /// Names whose TTL was lowered: since when, and the TTL before.
    #[must_use]
    pub fn lowered(&self) -> BTreeMap<Fqdn, (Timestamp, u32)> {
        let lowered = self.0.iter().filter(|(_, served)| served.before > served.ttl);
        lowered.map(|(name, served)| (name.clone(), (served.since, served.before))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn seen(all: &[(u32, i64)], usual: Option<u32>) -> Option<(Timestamp, u32)> {
        let name = Fqdn::parse("um1.contoso.com").unwrap();
        let mut book = TtlBook::default();
        for (ttl, second) in all {
            book.see(&name, *ttl, usual, at(*second));
        }
        book.lowered().remove(&name)
    }

    #[test]
    fn a_lowering_counts_from_when_it_was_seen_first() {
        assert_eq!(seen(&[(3600, 0), (3600, 50), (60, 100), (60, 5000)], None), Some((at(100), 3600)));
        assert_eq!(seen(&[(3600, 0)], None), None);
        assert_eq!(seen(&[(60, 7), (60, 90)], Some(3600)), Some((at(7), 3600)), "lowered before anybody looked");
        assert_eq!(seen(&[(60, 7)], Some(60)), None);
    }

    #[test]
    fn a_lowering_in_two_steps_is_as_old_as_its_last_and_as_long_as_its_longest() {
        assert_eq!(seen(&[(3600, 0), (600, 100), (60, 200)], None), Some((at(200), 3600)));
        assert_eq!(seen(&[(3600, 0), (600, 100), (60, 4000)], None), Some((at(4000), 600)));
    }

    #[test]
    fn a_ttl_that_was_raised_again_is_not_lowered() {
        assert_eq!(seen(&[(3600, 0), (60, 100), (3600, 200)], None), None);
    }
}
