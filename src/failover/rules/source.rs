//! Rules about the site that is left, this console, and the people.

use super::input::{Input, list, told};
use super::{Judged, Said};
use crate::domain::health::Health;
use crate::failover::plan::{Column, Mode};

/// What is known of the hosts that are left.
enum Left {
    Up,
    Down,
    Mixed(String),
}

fn left(input: &Input<'_>) -> Left {
    let hosts = input.plan.pairs.iter().map(|pair| {
        let health = input.view(&pair.leaves).map_or(Health::Unknown, |view| view.health);
        (&pair.leaves, health)
    });
    let mut hosts: Vec<_> = hosts.collect();
    hosts.sort();
    hosts.dedup();
    if hosts.iter().all(|(_, health)| *health == Health::Up) {
        Left::Up
    } else if hosts.iter().all(|(_, health)| *health == Health::Down) {
        Left::Down
    } else {
        Left::Mixed(list(hosts.iter().map(|(host, health)| format!("{} {}", host.host(), health.word()))))
    }
}

/// A planned run leaves a site that is Up, an emergency one a site that is not.
///
/// The emergency column wants more than "not Up": every host Down, or a person's word. That word is the reason given here.
pub(super) fn source_needs_it(input: &Input<'_>) -> Vec<Judged> {
    if input.plan.pairs.is_empty() {
        return Vec::new();
    }
    let from = &input.plan.from;
    let emergency = input.plan.mode == Mode::Emergency;
    let said = match left(input) {
        Left::Up if emergency => Said::Fails(1, format!("{from} is up: say why this is an emergency")),
        Left::Up => Said::Holds(format!("{from} is up")),
        Left::Down if emergency => Said::Holds(format!("{from} is down")),
        Left::Down => Said::Fails(0, format!("{from} is down: this is an emergency (--mode emergency)")),
        Left::Mixed(how) if emergency => {
            Said::Fails(1, format!("{from} is not down as a whole: {how}; say why this is an emergency"))
        }
        Left::Mixed(how) => {
            Said::Fails(0, format!("{from} is not up: {how}; this may be an emergency (--mode emergency)"))
        }
    };
    vec![Judged::new(from, said)]
}

/// Down is not seen from here alone.
pub(super) fn seen_elsewhere(input: &Input<'_>) -> Vec<Judged> {
    if input.plan.column != Column::Emergency || input.plan.pairs.is_empty() {
        return Vec::new();
    }
    let said = match (&input.facts.attested, &input.facts.seen_elsewhere) {
        (Some(word), _) => Said::Holds(format!("attested: {word}")),
        (None, Some(Ok(true))) => Said::Holds("seen from elsewhere, too".to_owned()),
        (None, Some(Err(why))) => Said::CannotTell(why.clone()),
        (None, Some(Ok(false)) | None) => Said::Fails(
            0,
            "seen from here only: ask a second vantage, or call: \"I called, no answer\" is a reason".to_owned(),
        ),
    };
    vec![Judged::new(&input.plan.from, said)]
}

/// Not every site is unreachable at once.
pub(super) fn console_not_isolated(input: &Input<'_>) -> Vec<Judged> {
    let said = if input.picture.isolated {
        Said::Fails(0, "nothing at all answers: most likely this console is the one cut off".to_owned())
    } else if input.picture.oldest.is_none() && input.picture.waiting > 0 {
        Said::CannotTell("no probe has answered yet".to_owned())
    } else {
        Said::Holds("something answers".to_owned())
    };
    vec![Judged::new("console", said)]
}

/// This console does not stand in the site that is left.
pub(super) fn console_in_source(input: &Input<'_>) -> Vec<Judged> {
    let said = match &input.topology.console.site {
        None => Said::NotChecked("where this console stands is not declared (console.site)".to_owned()),
        Some(site) if input.topology.site(site).is_none() => Said::CannotTell(format!("site {site} is not declared")),
        Some(site) if *site == input.plan.from && !input.plan.pairs.is_empty() => {
            Said::Fails(0, format!("it stands in {site}: what takes that site down takes this run along"))
        }
        Some(site) => Said::Holds(format!("it stands in {site}")),
    };
    vec![Judged::new("console", said)]
}

/// No credential, and no process, dies with the login.
pub(super) fn outlives_login(input: &Input<'_>) -> Vec<Judged> {
    let said =
        told(input.facts.outlives_login.as_ref(), "what the login leaves behind was not looked at", |outlives| {
            match outlives {
                Ok(()) => Said::Holds("credentials and process outlive the login".to_owned()),
                Err(why) => Said::Fails(0, why.clone()),
            }
        });
    vec![Judged::new("console", said)]
}

/// Somebody is there to call.
pub(super) fn caller_alive(input: &Input<'_>) -> Vec<Judged> {
    if input.plan.pairs.is_empty() {
        return Vec::new();
    }
    let pools = &input.picture.pools;
    let is = |health| pools.iter().filter(move |pool| pool.service.health == health).map(|pool| &pool.fqdn);
    let said = if pools.is_empty() {
        Said::NotChecked("no pool is declared".to_owned())
    } else if is(Health::Down).count() == pools.len() {
        Said::Fails(0, format!("{} down: nobody will call", list(is(Health::Down))))
    } else if is(Health::Unknown).count() == pools.len() {
        Said::CannotTell("whether any sending pool is up".to_owned())
    } else {
        Said::Holds("a sending pool is up".to_owned())
    };
    vec![Judged::new("pools", said)]
}

/// No completed run on these targets within the hold-down.
pub(super) fn hold_down(input: &Input<'_>) -> Vec<Judged> {
    let said = told(input.facts.completed.as_ref(), "earlier runs were not looked at", |runs| {
        let targets = input.targets();
        let now = input.picture.at.as_second();
        let held = i64::try_from(input.facts.hold_down.as_secs()).unwrap_or(i64::MAX);
        let recent = runs.iter().filter(|run| run.targets.iter().any(|target| targets.contains(&target)));
        match recent.filter(|run| now - run.at.as_second() < held).max_by_key(|run| run.at) {
            Some(run) => {
                Said::Fails(0, format!("run {} was completed {} min ago", run.id, (now - run.at.as_second()) / 60))
            }
            None => Said::Holds("no run on these servers was completed lately".to_owned()),
        }
    });
    vec![Judged::new("plan", said)]
}

/// No freeze is declared. A maintenance window is none.
pub(super) fn freeze(input: &Input<'_>) -> Vec<Judged> {
    let said =
        told(input.facts.freeze.as_ref(), "no freeze is declared for any time ([[freeze]])", |freeze| match freeze {
            Some(words) => Said::Fails(0, format!("no changes: {words}")),
            None => Said::Holds("no freeze is declared".to_owned()),
        });
    vec![Judged::new("plan", said)]
}

/// A second operator, where policy asks for one.
pub(super) fn second_person(input: &Input<'_>) -> Vec<Judged> {
    let said = told(
        input.facts.second_person.as_ref(),
        "no policy asks for a second operator ([policy] second_person)",
        |second| match &second.approved_by {
            Some(who) if *who != input.plan.by => Said::Holds(format!("approved by {who}")),
            Some(who) if second.required => Said::Fails(0, format!("approved by {who}, who made the plan")),
            None if second.required => {
                Said::Fails(0, format!("`switchboard runs approve {}` by another user is wanting", input.plan.id))
            }
            _ => Said::Holds("no second operator is asked for".to_owned()),
        },
    );
    vec![Judged::new("plan", said)]
}
