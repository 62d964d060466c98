//! R14: a failure of one server or of one site, in each direction that the design has, can be carried now: a plan is made for
//! each, and preflighted.

use std::collections::BTreeSet;

use jiff::Timestamp;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// The site that would fail.
    pub site: SiteName,
    /// The site that would take over.
    pub to: Option<SiteName>,
    /// Whether a plan can be made for the site and for each of its servers, and nothing forbids it.
    pub ok: bool,
    /// When this was judged.
    pub checked: Timestamp,
    /// The first thing that says no.
    pub first_no: Option<String>,
}

/// Whether each site could be failed over now; sites that the design does not fail over are left out.
#[must_use]
pub fn ready(topology: &Topology, picture: &Picture, facts: &Facts) -> Vec<Ready> {
    let attempts = attempt::all(&Input { topology, picture, facts });
    let sites = topology.sites.iter().filter_map(|site| {
        let own: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.site == site.name).collect();
        let asked = || own.iter().filter(|attempt| attempt.answer != Answer::NotAsked);
        let to = asked().next()?.to.clone();
        let first_no = asked().find_map(|attempt| match &attempt.answer {
            Answer::No(why) | Answer::NotKnown(why) => Some(format!("{}: {why}", attempt.subject())),
            Answer::Yes(_) | Answer::NotAsked => None,
        });
        Some(Ready { site: site.name.clone(), to, ok: first_no.is_none(), checked: picture.at, first_no })
    });
    sites.collect()
}

/// Who has to be asked, as which name, for a rehearsal of the failovers that may come.
#[must_use]
pub fn targets(topology: &Topology, picture: &Picture, facts: &Facts) -> BTreeSet<SipTarget> {
    attempt::targets(&Input { topology, picture, facts })
}

pub(super) fn judge(input: &Input<'_>) -> Found {
    let attempts = attempt::all(input);
    let mut notes = Notes::default();
    for attempt in &attempts {
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
