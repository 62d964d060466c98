//! What changed and when, derived by comparing two pictures. Nothing is announced twice, nothing is lost when a dialog closes.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::domain::finding::{Finding, Severity};
use crate::domain::health::Health;
use crate::domain::judge::{Picture, ServerView};
use crate::domain::place::Place;
use crate::domain::server::ServiceState;

/// How the entry is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A finding came.
    Came(Severity),
    /// A finding went.
    Went,
    /// A thing's health is another one now.
    Health(Health),
    /// Something else changed.
    Changed,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts up from the first one on; names the entry.
    pub number: u64,
    /// When the console noticed.
    pub at: Timestamp,
    /// Its kind.
    pub mark: Mark,
    /// What changed: a full name.
    pub subject: String,
    /// What happened to it.
    pub text: String,
}

impl Entry {
    /// How bad it is, where it is about a finding or a health.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        match self.mark {
            Mark::Came(severity) => Some(severity),
            Mark::Health(Health::Down | Health::Degraded) => Some(Severity::Critical),
            _ => None,
        }
    }
}

/// The newest changes, newest first.
#[derive(Debug, Clone, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    /// How many there ever were.
    count: u64,
}

impl Log {
    /// How many changes are kept.
    pub const MOST: usize = 1000;

    /// Changes, newest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many are kept now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing changed yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// An entry by its number, while it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Entry> {
        let back = usize::try_from(self.count.checked_sub(number)?).ok()?;
        self.entries.get(back)
    }

    /// Takes one change.
    pub fn note(&mut self, at: Timestamp, mark: Mark, subject: &str, text: String) {
        self.count += 1;
        self.entries.push_front(Entry { number: self.count, at, mark, subject: subject.to_owned(), text });
        self.entries.truncate(Self::MOST);
    }

    /// Takes all changes from one picture to the next.
    pub fn compare(&mut self, old: &Picture, new: &Picture) {
        let mut note = |subject: &str, mark, text| {
            self.note(new.at, mark, subject, text);
        };
        compare_things(old, new, &mut note);
        compare_findings(&old.findings, &new.findings, &mut note);
    }
}

fn compare_findings(old: &[Finding], new: &[Finding], note: &mut impl FnMut(&str, Mark, String)) {
    let keys = |findings: &[Finding]| -> BTreeMap<(&'static str, String), Finding> {
        findings.iter().map(|finding| ((finding.id, finding.subject.clone()), finding.clone())).collect()
    };
    let (old, new) = (keys(old), keys(new));
    for (key, finding) in &old {
        if !new.contains_key(key) {
            note(&finding.subject, Mark::Went, format!("over: {}", finding.message));
        }
    }
    for (key, finding) in &new {
        if !old.contains_key(key) {
            note(&finding.subject, Mark::Came(finding.severity), finding.message.clone());
        }
    }
}

/// What a server, pool or DNS server looked like, as far as a change of it is an event.
#[derive(PartialEq)]
struct Look<'a> {
    health: Health,
    place: Option<&'a Place>,
    state: Option<ServiceState>,
}

fn looks(picture: &Picture) -> BTreeMap<String, Look<'_>> {
    let servers = picture.sites.iter().flat_map(|site| &site.servers).map(|server: &ServerView| {
        (server.fqdn.to_string(), Look { health: server.health, place: Some(&server.place), state: server.state })
    });
    let plain = |name: String, health| (name, Look { health, place: None, state: None });
    let pools = picture.pools.iter().map(|pool| plain(pool.fqdn.to_string(), pool.service.health));
    let dns = picture.dns.iter().map(|dns| plain(dns.server.to_string(), dns.health));
    servers.chain(pools).chain(dns).collect()
}

fn compare_things(old: &Picture, new: &Picture, note: &mut impl FnMut(&str, Mark, String)) {
    let before = looks(old);
    for (name, now) in looks(new) {
        let Some(was) = before.get(&name) else { continue };
        // The first answer of each thing after the start is no news.
        if was.health != now.health && !(was.health == Health::Unknown && now.health == Health::Up) {
            note(&name, Mark::Health(now.health), format!("{} → {}", was.health.word(), now.health.word()));
        }
        if let (Some(was), Some(now)) = (was.place, now.place)
            && was != now
            && *was != Place::Unknown
        {
            note(&name, Mark::Changed, format!("its name: {} → {}", place(was), place(now)));
        }
        if let (Some(was), Some(now)) = (was.state, now.state)
            && was != now
        {
            note(&name, Mark::Changed, format!("service state: {was} → {now}"));
        }
    }
}

fn place(place: &Place) -> String {
    match place {
        Place::Moved { to } => format!("at {}", to.host()),
        other => other.word().to_owned(),
    }
}
