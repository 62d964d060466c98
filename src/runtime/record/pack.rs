//! Events as lines and back: what repeats itself is written once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::line::{Line, RunLine, RunNews};
use crate::app::Event;
use crate::app::runs::{RunSeen, RunView};
use crate::domain::clean::Clean;
use crate::domain::observation::{Observation, Outcome, TlsSession};
use crate::failover::plan::{Plan, RunId};
use crate::failover::run::Run;

/// Hashes stand in for certificates; no certificate is so short.
const HASH: usize = 32;

fn hash(der: &[u8]) -> Vec<u8> {
    Sha256::digest(der).to_vec()
}

/// Turns events into lines; knows what was written already.
#[derive(Debug, Default)]
pub(super) struct Packer {
    certificates: BTreeSet<Vec<u8>>,
    runs: BTreeMap<RunId, RunSeen>,
}

impl Packer {
    /// The lines of an event.
    pub(super) fn pack(&mut self, event: Event, ns: i64) -> Vec<Line> {
        let mut lines = Vec::new();
        let event = match event {
            Event::Observed(observations) => {
                let packed = observations.into_iter().map(|one| self.without_chain(one, ns, &mut lines)).collect();
                Some(Event::Observed(packed))
            }
            Event::RunsSeen(seen) => {
                lines.push(Line { ns, runs: Some(self.news(seen)), ..Line::default() });
                None
            }
            other => Some(other),
        };
        lines.extend(event.map(|event| Line { ns, event: Some(event), ..Line::default() }));
        lines
    }

    /// Puts hashes in the place of certificates, and writes those that are new.
    fn without_chain(&mut self, mut observation: Observation, ns: i64, lines: &mut Vec<Line>) -> Observation {
        replace_chain(&mut observation, |der| {
            let hash = hash(der);
            if self.certificates.insert(hash.clone()) {
                lines.push(Line { ns, certificate: Some(BASE64.encode(der)), ..Line::default() });
            }
            Some(hash)
        });
        observation
    }

    fn news(&mut self, seen: Vec<RunSeen>) -> Vec<RunLine> {
        let lines =
            seen.iter().map(|now| RunLine { id: now.id.clone(), new: news(self.runs.get(&now.id), now) }).collect();
        self.runs = seen.into_iter().map(|seen| (seen.id.clone(), seen)).collect();
        lines
    }
}

/// What is new in a run since it was seen last.
fn news(before: Option<&RunSeen>, now: &RunSeen) -> Option<RunNews> {
    if before == Some(now) {
        return None;
    }
    let view = match &now.view {
        Ok(view) => view,
        Err(why) => return Some(RunNews::Unreadable(why.clone())),
    };
    let before = before.and_then(|seen| seen.view.as_ref().ok()).filter(|old| old.run.plan() == view.run.plan());
    let keep = before.map_or(0, |old| old.events.iter().zip(view.events.iter()).take_while(|(a, b)| a == b).count());
    Some(RunNews::Seen {
        plan: before.is_none().then(|| Box::new(Plan::clone(view.run.plan()))),
        keep,
        events: view.events[keep..].to_vec(),
        living: view.living.clone(),
        last_words: view.last_words.clone(),
    })
}

/// Turns lines into events; knows what was read already.
#[derive(Debug, Clone, Default)]
pub(super) struct Unpacker {
    certificates: BTreeMap<Vec<u8>, Arc<Vec<u8>>>,
    runs: BTreeMap<RunId, RunSeen>,
}

/// A line that does not fit to those before it.
pub(super) type Misfit = &'static str;

impl Unpacker {
    /// The event of a line; `None` when it only prepares later ones.
    pub(super) fn unpack(&mut self, line: Line) -> Result<Option<Event>, Misfit> {
        if let Some(text) = line.certificate {
            let der = BASE64.decode(text.as_bytes()).map_err(|_| "a certificate is no base64")?;
            self.certificates.insert(hash(&der), Arc::new(der));
        }
        if let Some(runs) = line.runs {
            return self.runs(runs).map(|seen| Some(Event::RunsSeen(seen)));
        }
        match line.event {
            Some(Event::Observed(packed)) => {
                let whole = packed.into_iter().map(|one| self.with_chain(one)).collect::<Result<_, _>>()?;
                Ok(Some(Event::Observed(whole)))
            }
            other => Ok(other),
        }
    }

    fn with_chain(&self, mut observation: Observation) -> Result<Observation, Misfit> {
        let known = |der: &[u8]| self.certificates.get(der).map(|der| Vec::clone(der));
        let whole = |part: &[u8]| if part.len() == HASH { known(part) } else { Some(part.to_vec()) };
        if replace_chain(&mut observation, whole) { Ok(observation) } else { Err("a certificate is missing") }
    }

    fn runs(&mut self, lines: Vec<RunLine>) -> Result<Vec<RunSeen>, Misfit> {
        let mut seen = Vec::with_capacity(lines.len());
        for line in lines {
            let before = self.runs.remove(&line.id);
            let now = match line.new {
                None => before.ok_or("a run is missing")?,
                Some(news) => RunSeen { id: line.id, view: view(before, news)? },
            };
            seen.push(now);
        }
        self.runs = seen.iter().map(|seen| (seen.id.clone(), seen.clone())).collect();
        Ok(seen)
    }
}

fn view(before: Option<RunSeen>, news: RunNews) -> Result<Result<RunView, Clean>, Misfit> {
    let (plan, keep, added, living, last_words) = match news {
        RunNews::Unreadable(why) => return Ok(Err(why)),
        RunNews::Seen { plan, keep, events, living, last_words } => (plan, keep, events, living, last_words),
    };
    let before = before.and_then(|seen| seen.view.ok());
    let plan = match (plan, &before) {
        (Some(plan), _) => Arc::new(*plan),
        (None, Some(old)) => Arc::clone(old.run.plan()),
        (None, None) => return Err("the plan of a run is missing"),
    };
    let kept = before.as_ref().map_or(&[][..], |old| old.events.as_slice());
    let mut events = kept.get(..keep).ok_or("events of a run are missing")?.to_vec();
    events.extend(added);
    let run = Run::replay(plan, events.iter().map(|(at, event)| (*at, event))).map_err(|_| "a run is out of order")?;
    Ok(Ok(RunView { run: Arc::new(run), events: Arc::new(events), living, last_words }))
}

/// Replaces each certificate of an observation's chain. `false`, and all as it was, where one cannot be.
fn replace_chain(observation: &mut Observation, mut replace: impl FnMut(&[u8]) -> Option<Vec<u8>>) -> bool {
    let Outcome::Sip(sip) = &mut observation.outcome else { return true };
    let Some(tls) = &sip.tls else { return true };
    let Some(chain) = tls.chain.iter().map(|der| replace(der)).collect::<Option<Vec<_>>>() else { return false };
    sip.tls = Some(Arc::new(TlsSession { chain, ..TlsSession::clone(tls) }));
    true
}

/// Nanoseconds from one moment to another.
pub(super) fn since(start: Timestamp, at: Timestamp) -> i64 {
    i64::try_from(at.duration_since(start).as_nanos()).unwrap_or(i64::MAX)
}

/// The moment so many nanoseconds after another.
pub(super) fn after(start: Timestamp, ns: i64) -> Option<Timestamp> {
    start.checked_add(SignedDuration::from_nanos(ns)).ok()
}
