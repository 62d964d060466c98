//! The zone as a witness of journals: a marker that was closed keeps the head that the journal had at that moment, where nobody who
//! rewrites a state directory can reach it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::chain::Line;
use crate::domain::clean::Clean;
use crate::domain::marker::Marker;
use crate::domain::name::Fqdn;
use crate::domain::observation::DnsKind;
use crate::domain::topology::Topology;
use crate::domain::watch::dns_failure_words;
use crate::failover::plan::Action;
use crate::failover::run::{Event, Run};
use crate::probe::Clock;
use crate::probe::dns::{DnsQuestions, probe};

/// A marker as a run wrote it last, by its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrote {
    /// The marker's name.
    pub marker: Fqdn,
    /// Where it was written, before the address map.
    pub primary: SocketAddr,
    text: String,
    /// What the journal comes to just before that message; absent where its intent is not found.
    head: Option<String>,
}

/// What the zone says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// The marker stands as the journal has it.
    Agrees,
    /// It was written again since: nothing can be compared.
    Later,
    /// It contradicts the journal.
    Differs(String),
    /// It could not be read, or is gone.
    Unread(String),
}

/// Texts at markers, by primary and name.
pub type Shown = BTreeMap<(SocketAddr, Fqdn), Result<Vec<Clean>, String>>;

impl Says {
    /// The word of JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Later => "later",
            Self::Differs(_) => "differs",
            Self::Unread(_) => "unread",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Agrees => "as the journal has it".to_owned(),
            Self::Later => "written again since".to_owned(),
            Self::Differs(why) => why.clone(),
            Self::Unread(why) => format!("not compared: {why}"),
        }
    }
}

/// The markers that a run wrote, each as it did last.
#[must_use]
pub fn wrote(run: &Run, lines: &[Line]) -> Vec<Wrote> {
    let primary = |name: &Fqdn| {
        run.plan().steps.iter().find_map(|step| match &step.action {
            Action::DnsUpdate(update) => {
                update.marker.as_ref().filter(|marker| marker.name == *name).map(|_| update.primary)
            }
            _ => None,
        })
    };
    let all = run.markers().filter_map(|(name, text)| {
        let (marker, text) = (name.clone(), text.to_owned());
        Some(Wrote { primary: primary(name)?, head: head_before(&text, lines), marker, text })
    });
    all.collect()
}

/// The head that the journal had when the message with this text was made: the line before its intent.
fn head_before(text: &str, lines: &[Line]) -> Option<String> {
    let writes = |line: &Line| match serde_json::from_value(line.event.clone()) {
        Ok(Event::Intent { marker: Some(marker), .. }) => marker.text == text,
        _ => false,
    };
    let before = lines.iter().rposition(writes)?.checked_sub(1)?;
    lines.get(before)?.hash.get(..16).map(str::to_owned)
}

/// Reads every marker once.
pub async fn read(topology: &Topology, wrote: &[Wrote], clock: &Clock) -> Shown {
    let mut by_primary: BTreeMap<SocketAddr, BTreeSet<Fqdn>> = BTreeMap::new();
    for one in wrote {
        by_primary.entry(one.primary).or_default().insert(one.marker.clone());
    }
    let mut shown = Shown::new();
    for (server, markers) in by_primary {
        let (connect, kind) = (topology.map.route(server), DnsKind::Authoritative);
        let markers = markers.into_iter().collect();
        let questions = DnsQuestions { server, connect, kind, names: vec![], zones: vec![], markers, key: None };
        let outcome = probe(&questions, topology.console.timeout * 2, clock).await;
        shown.extend(outcome.markers.into_iter().map(|(name, texts)| {
            let told = |failure| format!("{server}: {}", dns_failure_words(&failure));
            ((server, name), texts.map_err(told))
        }));
    }
    shown
}

impl Wrote {
    /// Compares the journal with the zone, and the head in its own last marker with what it comes to.
    #[must_use]
    pub fn compare(&self, shown: &Shown) -> Says {
        let Ok(ours) = Marker::parse(&self.text) else {
            return Says::Differs("the journal says that something was written which is no marker".to_owned());
        };
        if let (Some(closed), Some(head)) = (&ours.head, &self.head)
            && closed != head
        {
            return Says::Differs(format!(
                "it was closed over the head {closed}, and the journal comes to {head} there"
            ));
        }
        match shown.get(&(self.primary, self.marker.clone())) {
            None => Says::Unread("nobody was asked".to_owned()),
            Some(Err(why)) => Says::Unread(why.clone()),
            Some(Ok(texts)) => match texts.as_slice() {
                [] => Says::Unread("no marker stands there any more".to_owned()),
                [one] if *one == Clean::new(&self.text) => Says::Agrees,
                [one] => other(&ours, one),
                _ => Says::Unread("several texts stand there".to_owned()),
            },
        }
    }
}

fn other(ours: &Marker, stands: &Clean) -> Says {
    let Ok(theirs) = Marker::parse(stands.as_str()) else {
        return Says::Unread("what stands there is no marker".to_owned());
    };
    let place = |marker: &Marker| (marker.epoch, marker.seq);
    match place(&theirs).cmp(&place(ours)) {
        std::cmp::Ordering::Greater => Says::Later,
        // A renewal that arrived late: another end, and nothing else.
        std::cmp::Ordering::Equal if theirs.same_but_for_times(ours) && theirs.head == ours.head => Says::Agrees,
        std::cmp::Ordering::Equal => Says::Differs(format!("the zone has {stands}, the journal {ours}")),
        std::cmp::Ordering::Less => Says::Differs(format!(
            "the zone stands at sequence {}, the journal says that {} was written",
            theirs.seq, ours.seq
        )),
    }
}
