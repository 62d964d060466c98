//! What a plan means to people: why its mode, what callers meet meanwhile, how long it takes, how it is taken back. From the plan
//! alone, so that the console and the command say the same.

use super::plan::{Action, Column, Content, Mode, Plan, Purpose, StepId};
use crate::domain::act::Verb;
use crate::domain::name::Fqdn;
use crate::domain::topology::FailoverMethod;

/// The rule that knows how the site that is left is.
const SOURCE: &str = "source-needs-it";

/// The mode and why, in one line.
#[must_use]
pub fn mode(plan: &Content) -> String {
    let word = plan.mode.word();
    let source = plan.rules.iter().find(|rule| rule.id == SOURCE);
    let Some(source) = source else { return format!("{word}: one server's service state") };
    match (plan.mode, plan.column, &source.given) {
        (Mode::Emergency, Column::Emergency, Some(given)) => format!("{word}, by a person's word: {given}"),
        (Mode::Emergency, Column::Planned, _) => {
            format!("{word}, graded as a planned one: {}", source.measured)
        }
        (Mode::Planned | Mode::Drill, Column::Emergency, _) => {
            format!("{word}, graded as an emergency: {}", source.measured)
        }
        _ => format!("{word}: {}", source.measured),
    }
}

/// What callers meet while it goes on.
#[must_use]
pub fn callers(plan: &Content) -> String {
    if plan.pairs.is_empty() {
        return of_service(plan);
    }
    let (leaves, enters) = (hosts(plan, |pair| &pair.leaves), hosts(plan, |pair| &pair.enters));
    let dead = plan.column == Column::Emergency;
    match (plan.method, dead) {
        (FailoverMethod::Dns, false) => format!(
            "Calls in progress go on. New ones reach {leaves} until each cache follows, {} at most, and {enters} from then on.",
            span(plan.caches.seconds)
        ),
        (FailoverMethod::Dns, true) => format!(
            "Until each cache follows, {} at most, Lync still tries {leaves}; {TRIED}",
            span(plan.caches.seconds)
        ),
        (FailoverMethod::EnableDisable, false) => format!(
            "{enters} come into service first, then {leaves} are drained: calls there end by themselves, new ones go on to the next server."
        ),
        (FailoverMethod::EnableDisable, true) => {
            format!("Until {enters} have taken the change up, Lync still tries {leaves}; {TRIED}")
        }
    }
}

/// Lync goes through the servers of the dial plan ([MS-EUMR]).
const TRIED: &str = "where it meets a dead one it goes on to the next server of the dial plan, and where none answers there is no voice mail.";

fn of_service(plan: &Content) -> String {
    let told = plan.steps.iter().find_map(|step| match &step.action {
        Action::Command(command) => Some((command.call.verb, command.call.server.host())),
        _ => None,
    });
    match told {
        Some((Verb::Enable, host)) => format!("{host} gets calls as soon as it has taken the change up."),
        Some((_, host)) => {
            format!(
                "Calls in progress at {host} go on; new ones are refused there, and Lync goes on to the next server."
            )
        }
        None => "Nothing changes for callers.".to_owned(),
    }
}

/// How long it takes, and of what that is made.
#[must_use]
pub fn takes(plan: &Content) -> String {
    let soak: u64 =
        plan.steps.iter().map(|step| if let Action::Soak(soak) = &step.action { soak.seconds } else { 0 }).sum();
    let commands: Vec<u64> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Command(command) => Some(command.effect_within_seconds),
            _ => None,
        })
        .collect();
    let mut parts = Vec::new();
    if let Some(longest) = commands.iter().max() {
        parts.push(format!("{}, each seen within {}", count(commands.len(), "command"), span(*longest)));
    }
    let moves = plan.steps.iter().filter(|step| is_move(&step.action)).count();
    if moves > 0 {
        parts.push(format!("{}, at once", count(moves, "message")));
        parts.push(format!("caches up to {}", span(plan.caches.seconds)));
    }
    if soak > 0 {
        parts.push(format!("watched for {}", span(soak)));
    }
    let all = commands.iter().sum::<u64>() + if moves > 0 { plan.caches.seconds } else { 0 } + soak;
    format!("at most about {}: {}", span(all), parts.join(", "))
}

/// How it is taken back, and until when.
#[must_use]
pub fn undo(plan: &Content) -> String {
    let moves: Vec<&str> =
        plan.steps.iter().filter(|step| is_move(&step.action)).map(|step| step.undo.as_str()).collect();
    let how = match moves.as_slice() {
        [] => "every command backwards, the last one first".to_owned(),
        moves => moves.join("; "),
    };
    let place = |id: &StepId| plan.steps.iter().position(|step| step.id == *id).map_or(0, |at| at + 1);
    match &plan.last_return {
        Some(id) => format!("{how}. Last point of return: step {}, {id}", place(id)),
        None => format!("{how}. At any time"),
    }
}

/// Who does which steps, in the order in which they come in.
#[must_use]
pub fn owners(plan: &Content) -> Vec<(&str, Vec<&str>)> {
    let mut owners: Vec<(&str, Vec<&str>)> = Vec::new();
    for step in &plan.steps {
        match owners.iter_mut().find(|(owner, _)| *owner == step.owner) {
            Some((_, steps)) => steps.push(step.id.as_str()),
            None => owners.push((&step.owner, vec![step.id.as_str()])),
        }
    }
    owners
}

/// The same lines for a text: label and sentence.
#[must_use]
pub fn in_short(plan: &Plan) -> [(&'static str, String); 5] {
    let plans: Vec<&str> = plan.dial_plans.iter().map(crate::domain::name::DialPlanName::as_str).collect();
    [
        ("mode", mode(plan)),
        ("hits", format!("every user of {}", plans.join(", "))),
        ("callers", callers(plan)),
        ("takes", takes(plan)),
        ("undo", undo(plan)),
    ]
}

fn is_move(action: &Action) -> bool {
    matches!(action, Action::DnsUpdate(update) if update.purpose == Purpose::Move)
}

fn hosts(plan: &Content, of: impl Fn(&super::plan::Pair) -> &Fqdn) -> String {
    let mut hosts: Vec<&str> = plan.pairs.iter().map(|pair| of(pair).host()).collect();
    hosts.dedup();
    match hosts.as_slice() {
        [one, other] => format!("{one} and {other}"),
        hosts => hosts.join(", "),
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Seconds, in the unit that a person would say.
#[must_use]
pub fn span(seconds: u64) -> String {
    match seconds {
        0..=120 => format!("{seconds} s"),
        121..=7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}
