//! A run as text and JSON: what it changed, what it did not, what is not known, and what happened when.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::act::Effect;
use crate::failover::run::{Check, Event, Run, Way};

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// During which step; empty where it is about the run.
    pub step: String,
    /// In one word.
    pub event: &'static str,
    /// In words.
    pub detail: String,
}

/// The timeline of a run.
#[must_use]
pub fn timeline(events: &[(Timestamp, Event)]) -> Vec<Line> {
    events.iter().map(|(at, event)| line(*at, event)).collect()
}

/// The documented JSON of `failover` and `runs show`.
#[must_use]
pub fn json(run: &Run, events: &[(Timestamp, Event)], interrupted: bool) -> Value {
    let summary = run.summary();
    let plan = run.plan();
    let timeline: Vec<Value> = timeline(events)
        .into_iter()
        .map(|line| json!({"at": line.at, "step": line.step, "event": line.event, "detail": line.detail}))
        .collect();
    json!({
        "version": 1,
        "run": plan.id,
        "state": run.state().word(),
        "interrupted": interrupted,
        "mode": plan.mode, "direction": plan.direction, "from": plan.from, "to": plan.to, "hash": plan.hash(),
        "operator": run.operator(),
        "why": run.why(),
        "say": run.say(),
        "offers": offers(run),
        "changed": summary.changed, "not_changed": summary.not_changed, "unknown": summary.unknown,
        "open_items": run.open_items(),
        "timeline": timeline,
    })
}

/// The verbs that an operator can choose from, the safe one first.
fn offers(run: &Run) -> Vec<String> {
    let offers = if run.state().waits_for_a_person() { run.offers() } else { Vec::new() };
    let word = |ask: &crate::failover::run::Ask| match ask {
        crate::failover::run::Ask::Without(server) => format!("resume --without {server}"),
        other => other.word().to_owned(),
    };
    offers.iter().map(word).collect()
}

/// A run for people.
#[must_use]
pub fn text(run: &Run, events: &[(Timestamp, Event)], interrupted: bool) -> String {
    let (plan, summary) = (run.plan(), run.summary());
    let mut lines = vec![format!("run {}  {} → {}  {}", plan.id, plan.from, plan.to, run.state().word())];
    if interrupted {
        lines.push("its executor is gone: nothing goes on until somebody says so".to_owned());
    }
    lines.extend(timeline(events).iter().map(text_line));
    for (title, all) in
        [("changed", &summary.changed), ("not changed", &summary.not_changed), ("not known", &summary.unknown)]
    {
        lines.extend(all.iter().map(|line| format!("{title}: {line}")));
    }
    let items = run.open_items().iter();
    lines.extend(items.map(|item| format!("left to do: {} {}: {}", item.id, item.subject, item.says)));
    lines.extend(run.why().map(|why| format!("why: {why}")));
    let offers = offers(run);
    if !offers.is_empty() {
        lines.push(format!("choose: {} (switchboard runs VERB {})", offers.join(" · "), plan.id));
    }
    lines.push(format!("say on the bridge: {}", run.say()));
    lines.join("\n") + "\n"
}

/// One line of the timeline for people.
#[must_use]
pub fn text_line(line: &Line) -> String {
    format!("  {:.3}  {:<16} {:<12} {}", line.at, line.step, line.event, line.detail)
}

fn line(at: Timestamp, event: &Event) -> Line {
    let (step, word, detail): (String, &'static str, String) = match event {
        Event::Confirmed { by, .. } => (String::new(), "confirmed", format!("by {by}")),
        Event::Began { pid, host, cut } => {
            let torn = if *cut > 0 { format!(", {cut} bytes of a torn line cut off") } else { String::new() };
            (String::new(), "began", format!("executor {pid} on {host}{torn}"))
        }
        Event::Rechecked { detail } => (String::new(), "rechecked", detail.to_string()),
        Event::BaseChanged { what } => {
            (String::new(), "base-changed", what.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
        Event::Intent { step, way, attempt, destination, .. } => {
            let again = if *attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
            let word = if *way == Way::Do { "intent" } else { "undo-intent" };
            (step.to_string(), word, format!("to {destination}{again}"))
        }
        Event::Child { step, pid, .. } => (step.to_string(), "started", format!("process {pid}")),
        Event::Outcome { step, way, effect, .. } => {
            let (word, detail) = outcome(*way, effect);
            (step.to_string(), word, detail)
        }
        Event::Checked { step, check, detail } => {
            let word = match check {
                Check::Passed => "passed",
                Check::Excused => "excused",
                Check::NotProven => "not-proven",
                Check::Failed => "failed",
            };
            (step.to_string(), word, detail.to_string())
        }
        Event::Seen { step, detail } => (step.to_string(), "seen", detail.to_string()),
        Event::Decided(decision) => {
            let why = decision.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            (String::new(), decision.ask.word(), format!("by {}{why}", decision.by))
        }
        Event::Superseded { detail } => (String::new(), "superseded", detail.to_string()),
        Event::ItemOpened { item } => (item.subject.clone(), "open-item", item.says.clone()),
        Event::ItemSettled { subject, detail, .. } => (subject.clone(), "settled", detail.to_string()),
        Event::Closed { end, detail } => (String::new(), end.word(), detail.to_string()),
    };
    Line { at, step, event: word, detail }
}

fn outcome(way: Way, effect: &Effect) -> (&'static str, String) {
    match (effect, way) {
        (Effect::Applied { detail }, Way::Do) => ("applied", detail.to_string()),
        (Effect::Applied { detail } | Effect::Recorded { detail }, Way::Undo) => ("undone", detail.to_string()),
        (Effect::Recorded { detail }, Way::Do) => ("recorded", detail.to_string()),
        (Effect::NotApplied { why, detail }, _) => ("not-applied", format!("{}: {detail}", why.word())),
        (Effect::Unknown { detail }, _) => ("unknown", detail.to_string()),
    }
}
