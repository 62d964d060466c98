//! Since when each site could be failed over, or could not, and when it last could: kept over rounds and restarts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Ready, WriteTest};
use crate::domain::name::Fqdn;

/// What is remembered of each site's answer, and of each zone's write test.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadyBook {
    /// By the site's name.
    sites: BTreeMap<String, Entry>,
    /// By the zone's name: how the newest write test ended.
    writes: BTreeMap<String, WriteTest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    answer: Answer,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_green: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    Yes,
    No,
    NotKnown,
}

impl ReadyBook {
    /// Takes new answers in, and tells each since when it holds and when the site was last ready.
    pub fn settle(&mut self, sites: &mut [Ready]) {
        for ready in sites {
            let (answer, now) = (answer(ready), ready.checked);
            // A clock that was set back must not make an answer begin in the future.
            let earlier = |at: Timestamp| at.min(now);
            let known = self.sites.get(ready.site.as_str());
            let last_green = if ready.ok { Some(now) } else { known.and_then(|entry| entry.last_green).map(earlier) };
            let since = known.filter(|entry| entry.answer == answer).map_or(now, |entry| earlier(entry.since));
            (ready.since, ready.last_green) = (Some(since), last_green);
            self.sites.insert(ready.site.to_string(), Entry { answer, since, last_green });
        }
    }
}

impl ReadyBook {
    /// How the newest write test of each zone ended.
    #[must_use]
    pub fn writes(&self) -> &BTreeMap<String, WriteTest> {
        &self.writes
    }

    /// Takes a write test in.
    pub fn note_write(&mut self, zone: &Fqdn, test: WriteTest) {
        self.writes.insert(zone.to_string(), test);
    }
}

fn answer(ready: &Ready) -> Answer {
    match (ready.ok, ready.known) {
        (true, _) => Answer::Yes,
        (false, true) => Answer::No,
        (false, false) => Answer::NotKnown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::SiteName;

    fn at(minute: i8) -> Timestamp {
        format!("2026-11-22T14:{minute:02}:00Z").parse().unwrap()
    }

    fn ready(minute: i8, ok: bool, known: bool) -> Ready {
        Ready {
            site: SiteName::new("Tukwila"),
            to: Some(SiteName::new("Dublin")),
            ok,
            known,
            checked: at(minute),
            first_no: (!ok).then(|| "um3 is down".to_owned()),
            reasons: vec![],
            waits: None,
            since: None,
            last_green: None,
        }
    }

    /// What is told of each answer in turn: minutes since when, and when it was last green.
    fn told(book: &mut ReadyBook, answer: Ready) -> (Option<Timestamp>, Option<Timestamp>) {
        let mut sites = [answer];
        book.settle(&mut sites);
        (sites[0].since, sites[0].last_green)
    }

    #[test]
    fn an_answer_holds_since_it_first_came_and_green_is_remembered() {
        let mut book = ReadyBook::default();
        assert_eq!(told(&mut book, ready(0, false, true)), (Some(at(0)), None));
        assert_eq!(told(&mut book, ready(1, true, true)), (Some(at(1)), Some(at(1))));
        assert_eq!(told(&mut book, ready(2, true, true)), (Some(at(1)), Some(at(2))));
        assert_eq!(told(&mut book, ready(3, false, true)), (Some(at(3)), Some(at(2))));
        assert_eq!(told(&mut book, ready(4, false, true)), (Some(at(3)), Some(at(2))));
        assert_eq!(told(&mut book, ready(5, false, false)), (Some(at(5)), Some(at(2))));
    }

    #[test]
    fn it_is_kept_over_restarts_and_never_begins_in_the_future() {
        let mut book = ReadyBook::default();
        told(&mut book, ready(9, true, true));
        let text = serde_json::to_string(&book).unwrap();
        let mut book: ReadyBook = serde_json::from_str(&text).unwrap();
        assert_eq!(told(&mut book, ready(5, true, true)), (Some(at(5)), Some(at(5))));
        assert_eq!(told(&mut book, ready(4, false, true)), (Some(at(4)), Some(at(4))));
    }
}
