//! What the console sees of a plan's targets, in words: compared while a plan waits to be confirmed, so that a plan whose world
//! has moved on is disarmed at once and says what changed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::app::model::Model;
use crate::app::runs::Runs;
use crate::domain::judge::{Picture, ServerView};
use crate::domain::name::Fqdn;
use crate::domain::place::Place;
use crate::failover::plan::{Action, Plan};

/// Everything that was seen at one moment. What a plan is compared with is what was seen when it was asked for: whatever changes while
/// it is being made has changed since.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    picture: Picture,
    runs: Runs,
    read: Timestamp,
}

impl Sight {
    pub(super) fn of(model: &Model) -> Self {
        Self { picture: model.picture.clone(), runs: model.runs.clone(), read: model.read }
    }

    /// What is seen of everything that the plan touches, by subject.
    pub(super) fn facts(&self, plan: &Plan) -> BTreeMap<String, String> {
        seen(&self.picture, &self.runs, self.read, plan)
    }
}

/// What is seen now of everything that the plan touches, by subject.
pub(super) fn now(model: &Model, plan: &Plan) -> BTreeMap<String, String> {
    seen(&model.picture, &model.runs, model.read, plan)
}

fn seen(picture: &Picture, runs: &Runs, read: Timestamp, plan: &Plan) -> BTreeMap<String, String> {
    let targets = targets(plan);
    let servers = picture.sites.iter().flat_map(|site| &site.servers);
    let touched = |view: &&ServerView| targets.contains(&view.fqdn);
    let mut facts: BTreeMap<String, String> =
        servers.filter(touched).map(|view| (view.fqdn.to_string(), server(view))).collect();
    for dial_plan in picture.dial_plans.iter().filter(|view| plan.dial_plans.contains(&view.name)) {
        let hosts = |in_service: bool| {
            let members = dial_plan.members.iter().filter(|member| member.reported.unwrap_or(member.declared));
            let wanted = members.filter(|member| member.in_service || !in_service);
            wanted.map(|member| member.fqdn.host()).collect::<Vec<_>>().join(" ")
        };
        facts.insert(format!("dial plan {}", dial_plan.name), format!("in service: {}", hosts(true)));
        facts.insert(format!("members of dial plan {}", dial_plan.name), hosts(false));
    }
    let rival = runs.living().find(|run| run.run.targets().iter().any(|fqdn| targets.contains(fqdn)));
    if let Some(rival) = rival {
        facts.insert("another run".to_owned(), format!("{} goes on", rival.run.plan().id));
    }
    facts.insert("topology file".to_owned(), format!("read at {}", read.strftime("%H:%M:%S UTC")));
    facts
}

/// What is different, in words.
pub(super) fn differences(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<String> {
    let none = String::from("nothing");
    let subjects: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let changed = subjects.into_iter().filter(|subject| was.get(*subject) != is.get(*subject));
    changed
        .map(|subject| {
            let (before, after) = (was.get(subject).unwrap_or(&none), is.get(subject).unwrap_or(&none));
            format!("{subject}: {before} → {after}")
        })
        .collect()
}

fn targets(plan: &Plan) -> BTreeSet<&Fqdn> {
    let paired = plan.pairs.iter().flat_map(|pair| [&pair.server, &pair.leaves, &pair.enters]);
    let commanded = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Command(command) => Some(&command.call.server),
        _ => None,
    });
    paired.chain(commanded).collect()
}

fn server(view: &ServerView) -> String {
    let place = match &view.place {
        Place::Moved { to } => format!("at {}", to.host()),
        other => other.word().to_owned(),
    };
    let state = view.state.map_or_else(|| "state not told".to_owned(), |state| state.to_string());
    format!("{}, {state}, name {place}", view.health.word())
}
