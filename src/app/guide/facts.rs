//! What the console sees of a plan's targets: compared while a plan waits to be confirmed, so that a plan whose world has moved on
//! is disarmed at once and says what changed.
//!
//! What was not known when the plan was asked for, and turns out to be as the plan has it, is no change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::app::model::Model;
use crate::app::runs::Runs;
use crate::domain::health::Health;
use crate::domain::judge::{Picture, ServerView};
use crate::domain::name::{DialPlanName, Fqdn};
use crate::domain::place::Place;
use crate::domain::server::ServiceState;
use crate::failover::plan::{Action, Plan, RunId};

/// Everything that was seen at one moment. What a plan is compared with is what was seen when it was asked for: whatever changes while
/// it is being made has changed since.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    picture: Picture,
    runs: Runs,
    read: Timestamp,
}

/// What is seen of everything that a plan touches.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    servers: BTreeMap<Fqdn, Looks>,
    /// Other members of its dial plans that are in service.
    others: BTreeSet<Fqdn>,
    members: BTreeMap<DialPlanName, Vec<Fqdn>>,
    rival: Option<RunId>,
    /// When the topology file was read.
    read: Option<Timestamp>,
}

/// How a server looks.
#[derive(Debug, Clone, PartialEq)]
struct Looks {
    health: Health,
    state: Option<ServiceState>,
    place: Place,
}

impl Sight {
    pub(super) fn of(model: &Model) -> Self {
        Self { picture: model.picture.clone(), runs: model.runs.clone(), read: model.read }
    }

    pub(super) fn facts(&self, plan: &Plan) -> Facts {
        facts(&self.picture, &self.runs, self.read, plan)
    }
}

/// What is seen now.
pub(super) fn now(model: &Model, plan: &Plan) -> Facts {
    facts(&model.picture, &model.runs, model.read, plan)
}

fn facts(picture: &Picture, runs: &Runs, read: Timestamp, plan: &Plan) -> Facts {
    let targets = targets(plan);
    let servers = picture.sites.iter().flat_map(|site| &site.servers);
    let touched = servers.filter(|view| targets.contains(&view.fqdn));
    let looks = |view: &ServerView| Looks { health: view.health, state: view.state, place: view.place.clone() };
    let mut seen = Facts {
        servers: touched.map(|view| (view.fqdn.clone(), looks(view))).collect(),
        read: Some(read),
        ..Facts::default()
    };
    for dial_plan in picture.dial_plans.iter().filter(|view| plan.dial_plans.contains(&view.name)) {
        let members: Vec<_> =
            dial_plan.members.iter().filter(|member| member.reported.unwrap_or(member.declared)).collect();
        seen.members.insert(dial_plan.name.clone(), members.iter().map(|member| member.fqdn.clone()).collect());
        let others = members.iter().filter(|member| member.in_service && !targets.contains(&member.fqdn));
        seen.others.extend(others.map(|member| member.fqdn.clone()));
    }
    let rival = runs.living().find(|run| run.run.targets().iter().any(|fqdn| targets.contains(fqdn)));
    seen.rival = rival.map(|rival| rival.run.plan().id.clone());
    seen
}

impl Facts {
    /// What is different now, in words.
    pub(super) fn differences(&self, now: &Self, plan: &Plan) -> Vec<String> {
        let mut told = Vec::new();
        for (fqdn, was) in &self.servers {
            let planned = plan.base.states.get(fqdn).copied().flatten();
            match now.servers.get(fqdn) {
                Some(is) if was.became(is, planned) => told.push(format!("{fqdn}: {} → {}", was.words(), is.words())),
                Some(_) => {}
                None => told.push(format!("{fqdn}: is not watched any more")),
            }
        }
        let gone = self.others.difference(&now.others);
        told.extend(gone.map(|fqdn| format!("{fqdn}, another member of a dial plan: in service → not in service")));
        for (name, was) in &self.members {
            let is = now.members.get(name).map(Vec::as_slice).unwrap_or_default();
            if was.as_slice() != is {
                told.push(format!("members of dial plan {name}: {} → {}", hosts(was), hosts(is)));
            }
        }
        match &now.rival {
            Some(run) if self.rival.as_ref() != Some(run) => told.push(format!("another run goes on: {run}")),
            _ => {}
        }
        if self.read != now.read {
            told.push("the topology file was read again".to_owned());
        }
        told
    }
}

impl Looks {
    /// Whether it is another one now. Nothing known before is no change as long as all is as the plan has it.
    fn became(&self, is: &Self, planned: Option<ServiceState>) -> bool {
        let health = match self.health {
            Health::Unknown => !matches!(is.health, Health::Unknown | Health::Up),
            was => was != is.health,
        };
        let state = match self.state.or(planned) {
            Some(was) => is.state.map_or(self.state.is_some(), |is| is != was),
            None => false,
        };
        let place = match &self.place {
            Place::Unknown => !matches!(is.place, Place::Unknown | Place::Home | Place::Moved { .. }),
            was => *was != is.place,
        };
        health || state || place
    }

    fn words(&self) -> String {
        let place = match &self.place {
            Place::Moved { to } => format!("at {}", to.host()),
            other => other.word().to_owned(),
        };
        let state = self.state.map_or_else(|| "state not known".to_owned(), |state| state.to_string());
        format!("{}, {state}, name {place}", self.health.word())
    }
}

fn hosts(all: &[Fqdn]) -> String {
    if all.is_empty() {
        return "none".to_owned();
    }
    all.iter().map(Fqdn::host).collect::<Vec<_>>().join(" ")
}

fn targets(plan: &Plan) -> BTreeSet<&Fqdn> {
    let paired = plan.pairs.iter().flat_map(|pair| [&pair.server, &pair.leaves, &pair.enters]);
    let commanded = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Command(command) => Some(&command.call.server),
        _ => None,
    });
    paired.chain(commanded).collect()
}
