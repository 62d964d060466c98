//! One failure that may come: whether a plan can be made for it now, and what a preflight of that plan says.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Input;
use super::world::{self, World};
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::topology::Site;
use crate::failover::plan::{Action, Column, Content, RuleOutcome, RunId, SipTarget, Verdict};
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
    "fence",
];

/// Who asks for these plans; nobody carries them out.
const BY: &str = "readiness";

/// The rule that judges a rehearsal, where there was one.
const REHEARSAL: &str = "standby-answers-as-name";

/// Of these, rules whose failure says that something is not known, not that it is wrong.
const OF_KNOWING: &[&str] = &["target-known", "console-not-isolated"];

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

impl Answer {
    /// Rules that would want a reason.
    pub(super) fn reasons(&self) -> &[String] {
        if let Self::Yes(reasons) = self { reasons } else { &[] }
    }
}

/// A failure and what came of planning for it.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) failure: Failure,
    pub(super) site: SiteName,
    pub(super) to: Option<SiteName>,
    pub(super) answer: Answer,
    /// How long the plan waits for caches and watches at its end, where there is a plan.
    pub(super) waits: Option<Duration>,
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
    let (facts, rehearsed) = (facts(input, &seen), input.facts.rehearsals.is_some());
    let tried = world::apart(input).into_iter().flat_map(|world| {
        let planner = Planner { world: &world, seen: &seen, facts: &facts, rehearsed };
        world.topology.sites.iter().flat_map(|site| planner.of_site(site)).collect::<Vec<_>>()
    });
    let mut attempts: Vec<Attempt> = tried.collect();
    let place = |site: &SiteName| input.topology.sites.iter().position(|known| known.name == *site);
    attempts.sort_by_key(|attempt| place(&attempt.site));
    attempts
}

/// Every host, service and inherited name that the plans for these failures would prove before they change anything.
#[must_use]
pub(super) fn targets(input: &Input<'_>) -> BTreeSet<SipTarget> {
    let seen = super::zone_seen::seen(input);
    let facts = rules::Facts::default();
    let targets = world::apart(input).into_iter().flat_map(|world| {
        let planner = Planner { world: &world, seen: &seen, facts: &facts, rehearsed: false };
        planner.targets()
    });
    targets.collect()
}

fn facts(input: &Input<'_>, seen: &Seen) -> rules::Facts {
    let rehearsals = input.facts.rehearsals.clone().unwrap_or_default();
    let keys = super::zone_seen::keys(input);
    rules::Facts { seen: Some(Ok(seen.clone())), keys, rehearsals, ..rules::Facts::standing(input.topology) }
}

/// Plans within a part of the topology.
struct Planner<'a> {
    world: &'a World,
    seen: &'a Seen,
    facts: &'a rules::Facts,
    /// Whether hosts were asked as the names that they would inherit.
    rehearsed: bool,
}

impl Planner<'_> {
    fn targets(&self) -> Vec<SipTarget> {
        let requests = self.world.topology.sites.iter().map(|site| Request::whole_site(site.name.clone(), BY));
        let plans = requests.filter_map(|request| self.plan_either_way(&request).ok());
        let steps = plans.flat_map(|content| content.steps);
        let checks = steps.filter_map(|step| match step.action {
            Action::SipCheck(check) => Some(check.targets),
            _ => None,
        });
        checks.flatten().collect()
    }

    fn of_site(&self, site: &Site) -> Vec<Attempt> {
        let whole = std::iter::once((Failure::Site(site.name.clone()), Vec::new()));
        let single =
            site.servers.iter().map(|server| (Failure::Server(server.fqdn.clone()), vec![server.fqdn.clone()]));
        let tried = whole.chain(single).map(|(failure, servers)| {
            let request = Request { servers, ..Request::whole_site(site.name.clone(), BY) };
            let planned = self.plan_either_way(&request);
            let waits = planned.as_ref().ok().map(waits);
            let answer = self.judge(planned);
            Attempt { failure, site: site.name.clone(), to: site.standby.clone(), answer, waits }
        });
        tried.collect()
    }

    /// Over; where the names or calls are over already, home.
    fn plan_either_way(&self, request: &Request) -> Result<Content, Refusal> {
        match self.plan(request) {
            Err(Refusal::NothingToDo(_)) => self.plan(&Request { back: true, ..request.clone() }),
            planned => planned,
        }
    }

    fn plan(&self, request: &Request) -> Result<Content, Refusal> {
        let World { topology, picture } = self.world;
        let making = Making { id: RunId::new(picture.at, 0), now: picture.at };
        planner::plan(topology, picture, self.seen, request, &making)
    }

    fn judge(&self, planned: Result<Content, Refusal>) -> Answer {
        match planned {
            Ok(content) => self.preflight(content),
            Err(Refusal::NothingMoves { .. } | Refusal::NotInvolved { .. } | Refusal::NothingToDo(_)) => {
                Answer::NotAsked
            }
            Err(refusal @ Refusal::NotRead { .. }) => Answer::NotKnown(refusal.to_string()),
            Err(refusal) => Answer::No(refusal.to_string()),
        }
    }

    /// By the stricter column, whatever has failed already: what an emergency passes over with a reason is not ready.
    fn preflight(&self, mut content: Content) -> Answer {
        content.column = Column::Planned;
        let World { topology, picture } = self.world;
        let input = rules::Input { topology, plan: &content, picture, facts: self.facts };
        let asked = |rule: &rules::Rule| STANDING.contains(&rule.id) || (self.rehearsed && rule.id == REHEARSAL);
        let said = rules::judge_some(&input, asked);
        let unread =
            |rule: &&RuleOutcome| rule.measured.starts_with(rules::UNREAD) || OF_KNOWING.contains(&rule.id.as_str());
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

/// The time that a plan lets pass, at most: for caches, for commands to take effect, for watching; asking takes seconds beside it.
fn waits(content: &Content) -> Duration {
    let seconds = content.steps.iter().map(|step| match &step.action {
        Action::CacheWait(wait) => wait.seconds,
        Action::Soak(soak) => soak.seconds,
        Action::Command(command) => command.effect_within_seconds,
        _ => 0,
    });
    Duration::from_secs(seconds.fold(0, u64::saturating_add))
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
