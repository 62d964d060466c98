//! The timeline of a run as the screen tells it: one line for each step, done, going on or to come, with how long it waited and how
//! long it may; the journal keeps every event as it is.

use jiff::Timestamp;

use crate::app::names::Names;
use crate::app::runs::RunView;
use crate::domain::marker::Marker;
use crate::failover::outlook::span;
use crate::failover::plan::{Action, Step, StepId};
use crate::failover::run::{Check, Event, Todo, Way, timeline};

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It came to a good end.
    Well,
    /// It came to an end that somebody should know of.
    Noted,
    /// It did not come to a good end.
    Badly,
    /// It goes on.
    Going,
    /// It went on when its executor died.
    Unsure,
    /// Something that happened, neither good nor bad.
    Told,
    /// It is to come.
    Coming,
}

/// A line of the timeline.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// When it ended, or began where it goes on; absent where it is to come.
    pub(super) at: Option<Timestamp>,
    pub(super) standing: Standing,
    /// The step; empty where it is about the run.
    pub(super) step: String,
    pub(super) says: String,
    /// How long it took, or has left.
    pub(super) note: String,
    since: Timestamp,
}

/// The timeline, oldest line first, and the number of the line that goes on or was the last one.
pub(super) fn entries(view: &RunView, now: Timestamp, names: &Names) -> (Vec<Entry>, usize) {
    let mut told = Told { view, names, entries: Vec::new() };
    let mut before = None;
    for (at, event) in view.events.iter() {
        told.event(*at, event, before.unwrap_or(*at));
        before = Some(*at);
    }
    if view.is_open() {
        told.going_on(before.unwrap_or(now), now);
        let at = told.entries.len().saturating_sub(1);
        told.coming();
        return (told.entries, at);
    }
    let at = told.entries.len().saturating_sub(1);
    (told.entries, at)
}

/// The newest lines that are told in short.
const LATELY: usize = 8;

/// The end of the timeline in short: when, and what was said.
pub(in crate::ui::screens) fn lately(view: &RunView, now: Timestamp, names: &Names) -> Vec<(Timestamp, String)> {
    let (all, _) = entries(view, now, names);
    let mut told: Vec<_> = all
        .iter()
        .filter_map(|entry| {
            let step = if entry.step.is_empty() { String::new() } else { format!("{}: ", entry.step) };
            Some((entry.at?, step + &entry.says))
        })
        .collect();
    told.split_off(told.len().saturating_sub(LATELY))
}

struct Told<'a> {
    view: &'a RunView,
    names: &'a Names,
    entries: Vec<Entry>,
}

impl Told<'_> {
    fn event(&mut self, at: Timestamp, event: &Event, before: Timestamp) {
        match event {
            Event::Intent { step, way, attempt, destination, .. } => {
                let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
                let says = format!("sent to {destination}{again}");
                self.push(at, Standing::Going, name(step, *way), says, at);
            }
            Event::Child { pid, .. } => self.renew(|entry| entry.says = format!("process {pid} runs")),
            Event::Seen { step, detail } => {
                let says = self.short(detail.as_str());
                self.look(step, before, at, Standing::Going, says);
            }
            Event::Outcome { step, way, .. } => self.end(at, &name(step, *way), step, event, before),
            Event::Checked { step, .. } => self.end(at, step.as_str(), step, event, before),
            other => self.tell(at, other),
        }
    }

    /// What is told of the run, and not of a step.
    fn tell(&mut self, at: Timestamp, event: &Event) {
        let Some(line) = timeline(&[(at, event.clone())]).into_iter().next() else { return };
        let standing = match event {
            Event::BaseChanged { .. } | Event::Superseded { .. } => Standing::Badly,
            Event::ItemOpened { .. } => Standing::Noted,
            Event::Decided(_) | Event::Began { .. } | Event::Confirmed { .. } => Standing::Told,
            _ => Standing::Well,
        };
        let about = if line.step.is_empty() { String::new() } else { format!("{}: ", self.names.of(&line.step)) };
        let detail = self.short(&line.detail);
        let same = detail.is_empty() || detail == line.event;
        let says = match event {
            // That something is otherwise would be told by an event of its own.
            Event::Rechecked { .. } => "looked again: all is still as planned".to_owned(),
            _ if same => format!("{about}{}", line.event),
            _ if detail.starts_with("by ") => format!("{about}{} {detail}", line.event),
            _ => format!("{about}{}: {detail}", line.event),
        };
        self.push(at, standing, String::new(), says, at);
    }

    fn end(&mut self, at: Timestamp, step: &str, id: &StepId, event: &Event, before: Timestamp) {
        let Some(line) = timeline(&[(at, event.clone())]).into_iter().next() else { return };
        let standing = standing(line.event);
        let detail = self.short(&line.detail);
        // What could not be proven says so itself.
        let plain = standing == Standing::Well || matches!(event, Event::Checked { check: Check::NotProven, .. });
        let says = if plain { detail } else { format!("{}: {detail}", line.event) };
        self.look(&StepId::new(step), before, at, standing, says);
        let limit = self.step(id).and_then(|step| limit(&step.action));
        if let Some(entry) = self.entries.last_mut() {
            entry.note = took(entry.since, at, limit);
        }
    }

    /// One line for a step, renewed while it goes on.
    fn look(&mut self, step: &StepId, before: Timestamp, at: Timestamp, standing: Standing, says: String) {
        match self.entries.last_mut() {
            Some(entry) if entry.step == step.as_str() && entry.standing == Standing::Going => {
                (entry.standing, entry.says, entry.at) = (standing, says, Some(at));
            }
            _ => self.push(at, standing, step.to_string(), says, before),
        }
    }

    /// What went on before goes on no more.
    fn push(&mut self, at: Timestamp, standing: Standing, step: String, says: String, since: Timestamp) {
        self.renew(|entry| {
            if entry.standing == Standing::Going {
                entry.standing = Standing::Told;
            }
        });
        self.entries.push(Entry { at: Some(at), standing, step, says, note: String::new(), since });
    }

    fn renew(&mut self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.last_mut() {
            change(entry);
        }
    }

    /// What goes on now, and how long it may.
    fn going_on(&mut self, last: Timestamp, now: Timestamp) {
        let run = &self.view.run;
        if self.view.living.is_none() {
            return self.renew(|entry| {
                if entry.standing == Standing::Going {
                    entry.standing = Standing::Unsure;
                }
            });
        }
        let (index, id) = match run.next() {
            Todo::Look { step } => (step, run.step(step).map(|step| step.id.to_string())),
            Todo::Perform(work) | Todo::Settle(work) => {
                (work.step, run.step(work.step).map(|step| name(&step.id, work.way)))
            }
            Todo::AwaitConfirm { until } => {
                self.push(last, Standing::Going, String::new(), "waits for somebody who called: C".to_owned(), last);
                let left = left(now, until.as_second());
                return self.renew(|entry| entry.note = format!("turns back in {left}"));
            }
            _ => return,
        };
        let (Some(id), Some(step)) = (id, run.step(index)) else { return };
        let goes_on = |entry: &Entry| entry.step == id && entry.standing == Standing::Going;
        if !self.entries.last().is_some_and(goes_on) {
            let says = if run.is_turning() { &step.undo } else { &step.does };
            let says = self.names.shorten(&first_sentence(says));
            self.push(last, Standing::Going, id, says, last);
        }
        let moved = run.records_changed();
        self.renew(|entry| entry.note = waits(&step.action, step.deadline_seconds, entry.since, moved, now));
    }

    /// What is to come, in the order of the plan; backwards where it is taken back.
    fn coming(&mut self) {
        let run = &self.view.run;
        let last = self.entries.last();
        let last = last.filter(|entry| matches!(entry.standing, Standing::Going | Standing::Unsure));
        let goes_on = |id: &str| last.is_some_and(|entry| entry.step == id);
        let mut coming: Vec<(String, String)> = Vec::new();
        for (step, progress) in run.steps() {
            use crate::failover::run::Status;
            let (id, wanted) = if run.is_turning() {
                (name(&step.id, Way::Undo), progress.status.stands() && step.action.has_effect())
            } else {
                (step.id.to_string(), progress.status == Status::Pending)
            };
            if wanted && !goes_on(&id) {
                let says = if run.is_turning() { &step.undo } else { &step.does };
                coming.push((id, first_sentence(says)));
            }
        }
        if run.is_turning() {
            coming.reverse();
        }
        let since = Timestamp::UNIX_EPOCH;
        self.entries.extend(coming.into_iter().map(|(step, says)| Entry {
            at: None,
            standing: Standing::Coming,
            step,
            says: self.names.shorten(&says),
            note: String::new(),
            since,
        }));
    }

    fn step(&self, id: &StepId) -> Option<&Step> {
        self.view.run.steps().map(|(step, _)| step).find(|step| step.id == *id)
    }

    /// A detail as the screen tells it: hosts by their short names, markers by their number, and nothing about what is not there.
    fn short(&self, detail: &str) -> String {
        // How long it may still take is counted down beside it.
        let detail = detail.split_once(" (at most ").map_or(detail, |(said, _)| said);
        let parts = detail.split("; ").filter(|part| !part.ends_with(" has no AAAA")).map(|part| {
            let marker = part.strip_prefix("marker ").and_then(|text| Marker::parse(text).ok());
            marker.map_or_else(|| self.names.shorten(part), |marker| numbered(&marker))
        });
        parts.collect::<Vec<_>>().join("; ")
    }
}

fn numbered(marker: &Marker) -> String {
    let head = marker.head.as_ref().map(|head| format!(", head {head}")).unwrap_or_default();
    format!("marker {}{head}", marker.seq)
}

fn name(step: &StepId, way: Way) -> String {
    match way {
        Way::Do => step.to_string(),
        Way::Drain | Way::Undo => format!("undo {step}"),
    }
}

fn standing(event: &str) -> Standing {
    match event {
        "applied" | "passed" | "drained" | "undone" => Standing::Well,
        "recorded" | "excused" | "not-proven" => Standing::Noted,
        _ => Standing::Badly,
    }
}

fn first_sentence(text: &str) -> String {
    let first = text.split_once(": ").map_or(text, |(first, _)| first);
    first.trim_end_matches('.').trim_end_matches(", in one message").to_owned()
}

/// How long a step may take that waits for something else.
fn limit(action: &Action) -> Option<u64> {
    match action {
        Action::CacheWait(wait) => Some(wait.seconds),
        Action::Command(command) => Some(command.effect_within_seconds),
        _ => None,
    }
}

/// How long it took, where that is worth a word.
fn took(since: Timestamp, at: Timestamp, limit: Option<u64>) -> String {
    let seconds = at.as_second() - since.as_second();
    match (seconds, limit) {
        (2.., Some(limit)) => format!("waited {seconds} s of {}", span(limit)),
        _ => String::new(),
    }
}

/// How long it has waited, or has left.
fn waits(action: &Action, deadline: u64, since: Timestamp, moved: Option<Timestamp>, now: Timestamp) -> String {
    let seconds = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    match action {
        Action::CacheWait(wait) => match moved.map(|at| at.as_second().saturating_add(seconds(wait.seconds))) {
            Some(until) if until > now.as_second() => format!("{} left", left(now, until)),
            _ => "longer than its TTL allows".to_owned(),
        },
        Action::Soak(soak) => format!("{} left", left(now, since.as_second().saturating_add(seconds(soak.seconds)))),
        action => {
            let limit = limit(action).unwrap_or(deadline);
            let waited = now.as_second() - since.as_second();
            if waited < 2 { String::new() } else { format!("waited {waited} s of {}", span(limit)) }
        }
    }
}

fn left(now: Timestamp, until: i64) -> String {
    let seconds = until.saturating_sub(now.as_second()).max(0);
    if seconds < 600 { format!("{seconds} s") } else { format!("{} min", seconds / 60) }
}
