//! A run as text and JSON: what it changed, what it did not, what is not known, and what happened when.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::failover::run::{Event, Line, Run, timeline};

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
