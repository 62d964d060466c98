//! What the console sees of a plan's targets, in words: compared while a plan waits to be confirmed, so that a plan whose world
//! has moved on is disarmed at once and says what changed.

use std::collections::BTreeMap;

use crate::app::runs::Runs;
use crate::domain::judge::{Picture, ServerView};
use crate::domain::place::Place;
use crate::failover::plan::{Action, Plan};

/// What is seen of everything that the plan touches, by subject.
pub(super) fn seen(picture: &Picture, runs: &Runs, plan: &Plan) -> BTreeMap<String, String> {
    let servers = picture.sites.iter().flat_map(|site| &site.servers);
    let touched = |view: &&ServerView| targets(plan).contains(&view.fqdn.as_str());
    let mut facts: BTreeMap<String, String> =
        servers.filter(touched).map(|view| (view.fqdn.to_string(), server(view))).collect();
    for dial_plan in picture.dial_plans.iter().filter(|view| plan.dial_plans.contains(&view.name)) {
        let members: Vec<&str> =
            dial_plan.members.iter().filter(|member| member.in_service).map(|member| member.fqdn.host()).collect();
        facts.insert(format!("dial plan {}", dial_plan.name), format!("in service: {}", members.join(" ")));
    }
    let rival = runs.living().find(|run| run.run.targets().iter().any(|fqdn| targets(plan).contains(&fqdn.as_str())));
    if let Some(rival) = rival {
        facts.insert("another run".to_owned(), format!("{} goes on", rival.run.plan().id));
    }
    facts
}

/// What is different, in words.
pub(super) fn differences(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<String> {
    let none = String::from("nothing");
    let subjects: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let changed = subjects.into_iter().filter(|subject| was.get(*subject) != is.get(*subject));
    changed
        .map(|subject| {
            let (before, after) = (was.get(subject).unwrap_or(&none), is.get(subject).unwrap_or(&none));
            format!("{subject}: {before} → {after}")
        })
        .collect()
}

fn targets(plan: &Plan) -> Vec<&str> {
    let paired = plan.pairs.iter().flat_map(|pair| [&pair.server, &pair.leaves, &pair.enters]);
    let commanded = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Command(command) => Some(&command.call.server),
        _ => None,
    });
    paired.chain(commanded).map(crate::domain::name::Fqdn::as_str).collect()
}

fn server(view: &ServerView) -> String {
    let place = match &view.place {
        Place::Moved { to } => format!("at {}", to.host()),
        other => other.word().to_owned(),
    };
    let state = view.state.map_or_else(|| "state not told".to_owned(), |state| state.to_string());
    format!("{}, {state}, name {place}", view.health.word())
}
