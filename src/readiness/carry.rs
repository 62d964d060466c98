//! R14: a failure of one server or of one site, in each direction that the design has, can be carried now: a plan is made for
//! each, and preflighted.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::attempt::{self, Answer, Attempt, Failure};
use super::notes::{Found, Notes, list};
use super::{Facts, Input};
use crate::domain::judge::Picture;
use crate::domain::name::SiteName;
use crate::domain::topology::Topology;
use crate::failover::plan::SipTarget;

const MEND: &str = "mend what says no before it is needed; the whole answer: `switchboard plan --from SITE`";
const READ: &str = "see why it could not be read: `switchboard check`";

/// Whether a site could be failed over now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The site that would fail.
    pub site: SiteName,
    /// The site that would take over.
    pub to: Option<SiteName>,
    /// Whether a plan can be made for the site and for each of its servers, and nothing forbids it.
    pub ok: bool,
    /// Whether that is known: `false` where nothing says no and something could not be read.
    pub known: bool,
    /// When this was judged.
    pub checked: Timestamp,
    /// The first thing that says no, or else the first one that could not be read.
    pub first_no: Option<String>,
    /// Names of rules that would want a reason in writing when the whole site is failed over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// How long the plan for the site waits for caches and watches at its end, where a plan can be made: about what a failover takes.
    pub waits: Option<Duration>,
    /// Since when the answer is this one, as far as anybody remembers; see [`super::ReadyBook`].
    pub since: Option<Timestamp>,
    /// When it was last yes.
    pub last_green: Option<Timestamp>,
}

/// Whether each site could be failed over now; sites that the design does not fail over are left out.
#[must_use]
pub fn ready(topology: &Topology, picture: &Picture, facts: &Facts) -> Vec<Ready> {
    of_sites(&Input { topology, picture, facts, attempts: &OnceCell::new() })
}

pub(super) fn of_sites(input: &Input<'_>) -> Vec<Ready> {
    let attempts = input.attempts();
    let sites = input.topology.sites.iter().filter_map(|site| {
        let own = attempts.iter().filter(|attempt| attempt.site == site.name && attempt.answer != Answer::NotAsked);
        of_site(&own.collect::<Vec<_>>(), input.picture.at)
    });
    sites.collect()
}

/// What the failures of one site and of its servers come to; `None` where the design carries none of them.
fn of_site(attempts: &[&Attempt], at: Timestamp) -> Option<Ready> {
    let first = attempts.first()?;
    let told = |attempt: &Attempt, why: &str| format!("{}: {why}", attempt.subject());
    let no = attempts.iter().find_map(|attempt| match &attempt.answer {
        Answer::No(why) => Some(told(attempt, why)),
        _ => None,
    });
    let not_known = attempts.iter().find_map(|attempt| match &attempt.answer {
        Answer::NotKnown(why) => Some(told(attempt, why)),
        _ => None,
    });
    let ok = no.is_none() && not_known.is_none();
    let whole = attempts.iter().find(|attempt| !is_server(attempt));
    Some(Ready {
        site: first.site.clone(),
        to: first.to.clone(),
        ok,
        known: ok || no.is_some(),
        checked: at,
        first_no: no.or(not_known),
        reasons: whole.map(|attempt| attempt.answer.reasons().to_vec()).unwrap_or_default(),
        waits: whole.and_then(|attempt| attempt.waits),
        since: None,
        last_green: None,
    })
}

/// Who has to be asked, as which name, for a rehearsal of the failovers that may come.
#[must_use]
pub fn targets(topology: &Topology, picture: &Picture, facts: &Facts) -> BTreeSet<SipTarget> {
    attempt::targets(&Input { topology, picture, facts, attempts: &OnceCell::new() })
}

pub(super) fn judge(input: &Input<'_>) -> Found {
    let attempts = input.attempts();
    let mut notes = Notes::default();
    for attempt in attempts {
        let subject = attempt.subject();
        match &attempt.answer {
            Answer::No(why) => notes.fail(format!("{subject}: {why}"), MEND),
            Answer::NotKnown(why) => notes.unknown(format!("{subject}: {why}"), READ),
            Answer::Yes(_) | Answer::NotAsked => {}
        }
    }
    let sites: Vec<String> = attempts.iter().filter_map(carried).collect();
    if !sites.is_empty() {
        let servers = attempts.iter().filter(|a| is_server(a) && matches!(a.answer, Answer::Yes(_))).count();
        let rehearsed = if input.facts.rehearsals.is_some() { "rehearsed" } else { "not rehearsed" };
        notes.fine(format!("{}, and {servers} single servers: planned, {rehearsed}, nothing forbids it", list(sites)));
    }
    if notes.is_empty() {
        return Found::NotApplicable("no site fails over to another one".to_owned());
    }
    Found::Seen(notes)
}

fn is_server(attempt: &Attempt) -> bool {
    matches!(attempt.failure, Failure::Server(_))
}

/// A site that can be carried, with the rules that would want a reason.
fn carried(attempt: &Attempt) -> Option<String> {
    let (Failure::Site(site), Answer::Yes(reasons)) = (&attempt.failure, &attempt.answer) else { return None };
    let to = attempt.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
    let reasons = if reasons.is_empty() { String::new() } else { format!(" (with a reason for {})", list(reasons)) };
    Some(format!("{site}{to}{reasons}"))
}
