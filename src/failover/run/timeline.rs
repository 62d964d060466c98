//! What happened to a run, in words: one line for each event.

use jiff::Timestamp;

use super::{Check, Event, Way};
use crate::domain::act::Effect;

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
        Event::Renewing { marker, destination, .. } => {
            (String::new(), "renewing", format!("the claim of {}, to {destination}", marker.name))
        }
        Event::Renewed { marker, effect } => (String::new(), "renewed", renewed(marker.name.as_str(), effect)),
        Event::Checked { step, check, detail } => {
            let word = match check {
                Check::Passed => "passed",
                Check::Excused => "excused",
                Check::NotProven => "not-proven",
                Check::Failed => "failed",
            };
            (step.to_string(), word, detail.to_string())
        }
        Event::CheckedBack { step, check, detail } => {
            let word = match check {
                Check::Passed => "back-passed",
                Check::Excused => "back-excused",
                Check::NotProven => "back-not-proven",
                Check::Failed => "back-failed",
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

fn renewed(marker: &str, effect: &Effect) -> String {
    match effect {
        Effect::Applied { .. } | Effect::Recorded { .. } => format!("the claim of {marker}"),
        Effect::NotApplied { why, detail } => format!("not {marker} ({}): {detail}", why.word()),
        Effect::Unknown { detail } => format!("perhaps {marker}: {detail}"),
    }
}

fn outcome(way: Way, effect: &Effect) -> (&'static str, String) {
    match (effect, way) {
        (Effect::Applied { detail }, Way::Do) => ("applied", detail.to_string()),
        (Effect::Applied { detail } | Effect::Recorded { detail }, Way::Undo) => ("undone", detail.to_string()),
        (Effect::Applied { detail } | Effect::Recorded { detail }, Way::Drain) => ("drained", detail.to_string()),
        (Effect::Recorded { detail }, Way::Do) => ("recorded", detail.to_string()),
        (Effect::NotApplied { why, detail }, _) => ("not-applied", format!("{}: {detail}", why.word())),
        (Effect::Unknown { detail }, _) => ("unknown", detail.to_string()),
    }
}
