//! One failure that may come: whether a plan can be made for it now, and what a preflight of that plan says.

use super::Input;
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::topology::Site;
use crate::failover::plan::{Column, Content, RuleOutcome, RunId, Verdict};
use crate::failover::planner::{self, Making, Refusal, Request, Seen};
use crate::failover::rules;

/// Rules that speak of what is there now. The others judge one run: its operator, its journal, its moment.
const STANDING: &[&str] = &[
    "never-emptier",
    "marker-absent",
    "marker-free",
    "target-not-down",
    "target-known",
    "target-in-service",
    "target-at-home",
    "service-behind-router",
    "cert-covers",
    "cert-subject",
    "cert-valid",
    "cert-trusted",
    "gateway",
    "member",
    "same-major",
    "two-in-service",
    "capacity",
    "name-is-host",
    "not-by-moved-name",
    "ageing",
    "ttl",
    "key-works",
    "clock",
    "aaaa-too",
    "whole-server",
    "console-not-isolated",
];

/// What fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// All servers of a site.
    Site(SiteName),
    /// One server.
    Server(Fqdn),
}

/// What came of planning for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// A plan can be made, and nothing forbids it; rules that would want a reason.
    Yes(Vec<String>),
    /// It cannot be carried, and the first thing that says so.
    No(String),
    /// Something could not be read.
    NotKnown(String),
    /// The design does not carry it, or it has been carried already.
    NotAsked,
}

/// A failure and what came of planning for it.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) failure: Failure,
    pub(super) site: SiteName,
    pub(super) to: Option<SiteName>,
    pub(super) answer: Answer,
}

impl Attempt {
    /// What fails, in words.
    pub(super) fn subject(&self) -> String {
        match &self.failure {
            Failure::Site(site) => format!("site {site}"),
            Failure::Server(server) => server.to_string(),
        }
    }
}

/// Every failure of one site and of one server, site by site.
pub(super) fn all(input: &Input<'_>) -> Vec<Attempt> {
    let seen = super::zone_seen::seen(input);
    let planner = Planner { input, seen: &seen, facts: facts(input, &seen) };
    input.topology.sites.iter().flat_map(|site| planner.of_site(site)).collect()
}

fn facts(input: &Input<'_>, seen: &Seen) -> rules::Facts {
    rules::Facts { seen: Some(Ok(seen.clone())), keys: super::zone_seen::keys(input), ..rules::Facts::default() }
}

struct Planner<'a> {
    input: &'a Input<'a>,
    seen: &'a Seen,
    facts: rules::Facts,
}

impl Planner<'_> {
    fn of_site(&self, site: &Site) -> Vec<Attempt> {
        let whole = std::iter::once((Failure::Site(site.name.clone()), Vec::new()));
        let single =
            site.servers.iter().map(|server| (Failure::Server(server.fqdn.clone()), vec![server.fqdn.clone()]));
        let tried = whole.chain(single).map(|(failure, servers)| {
            let request = Request { servers, ..Request::whole_site(site.name.clone(), "readiness") };
            let answer = self.answer(&request);
            Attempt { failure, site: site.name.clone(), to: site.standby.clone(), answer }
        });
        tried.collect()
    }

    /// Over; where the names or calls are over already, home.
    fn answer(&self, request: &Request) -> Answer {
        match self.plan(request) {
            Err(Refusal::NothingToDo(_)) => match self.plan(&Request { back: true, ..request.clone() }) {
                Err(Refusal::NothingToDo(_)) => Answer::NotAsked,
                planned => self.judge(planned),
            },
            planned => self.judge(planned),
        }
    }

    fn plan(&self, request: &Request) -> Result<Content, Refusal> {
        let making = Making { id: RunId::new(self.input.picture.at, 0), now: self.input.picture.at };
        planner::plan(self.input.topology, self.input.picture, self.seen, request, &making)
    }

    fn judge(&self, planned: Result<Content, Refusal>) -> Answer {
        match planned {
            Ok(content) => self.preflight(content),
            Err(Refusal::NothingMoves { .. } | Refusal::NotInvolved { .. }) => Answer::NotAsked,
            Err(refusal @ Refusal::NotRead { .. }) => Answer::NotKnown(refusal.to_string()),
            Err(refusal) => Answer::No(refusal.to_string()),
        }
    }

    /// By the stricter column, whatever has failed already: what an emergency passes over with a reason is not ready.
    fn preflight(&self, mut content: Content) -> Answer {
        content.column = Column::Planned;
        let Input { topology, picture, .. } = *self.input;
        let input = rules::Input { topology, plan: &content, picture, facts: &self.facts };
        let said = rules::judge_some(&input, |rule| STANDING.contains(&rule.id));
        let unread = |rule: &&RuleOutcome| rule.measured.starts_with(rules::UNREAD);
        let blocks = || said.iter().filter(|rule| rule.outcome == Verdict::Block);
        if let Some(rule) = blocks().find(|rule| !unread(rule)) {
            return Answer::No(words(rule));
        }
        match blocks().next() {
            Some(rule) => Answer::NotKnown(words(rule)),
            None => Answer::Yes(reasons(&said)),
        }
    }
}

fn words(rule: &RuleOutcome) -> String {
    format!("{}: {} ({})", rule.subject, rule.measured, rule.id)
}

/// Names of rules that would want a reason, each once.
fn reasons(said: &[RuleOutcome]) -> Vec<String> {
    let mut names: Vec<String> =
        said.iter().filter(|rule| rule.outcome == Verdict::Reason).map(|rule| rule.id.clone()).collect();
    names.dedup();
    names
}
