//! What a run changed, what it did not, and what is not known: the words of the report, from the state alone.

use std::collections::BTreeSet;

use super::{Run, State, Status};
use crate::domain::clean::Clean;
use crate::failover::plan::{Action, DnsUpdate, Purpose, Step};

/// The three lists that every report of a run begins with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Side effects that stand.
    pub changed: Vec<Clean>,
    /// Side effects that do not: refused, taken back, left out, not begun.
    pub not_changed: Vec<Clean>,
    /// Side effects of which nobody knows yet, and how to find out.
    pub unknown: Vec<Clean>,
}

impl Run {
    /// What it changed, what it did not, what is not known.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for (step, progress) in self.steps().filter(|(step, _)| step.action.has_effect()) {
            let line = |end: &str| Clean::from(format!("{}: {}{end}", step.id, step.does));
            match &progress.status {
                Status::Applied => summary.changed.push(line("")),
                Status::Recorded => summary.changed.push(line(" (in the directory; the host takes it up on return)")),
                Status::NotUndone => summary.changed.push(line(" (could not be taken back)")),
                Status::InFlight | Status::Unknown => summary.unknown.push(check_by_hand(step)),
                Status::NotApplied(why) => summary.not_changed.push(line(&format!(" (refused: {})", why.word()))),
                Status::Undone => summary.not_changed.push(line(" (taken back)")),
                Status::LeftOut => summary.not_changed.push(line(" (left out)")),
                _ => summary.not_changed.push(line("")),
            }
        }
        summary
    }

    /// The exit code of `failover` and `runs`: 0 done, 1 refused and nothing changed, 2 changed but not finished, or not known.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let unknown = self.steps().any(|(_, progress)| progress.status == Status::Unknown);
        match self.state() {
            State::Ended(super::End::ClosedByHand) => 0,
            State::Ended(super::End::Completed | super::End::RolledBack) if !unknown => 0,
            _ if self.changed_nothing() && self.unread_back().next().is_none() => 1,
            _ => 2,
        }
    }

    /// One sentence that can be said on the bridge.
    #[must_use]
    pub fn say(&self) -> Clean {
        let (from, to) = (&self.plan.from, &self.plan.to);
        let so_far = format!("{from} to {to}: {}", self.so_far());
        let text = match self.state() {
            State::Blocked => format!(
                "{from} to {to}: confirmed, nothing changed yet; a second person has to agree (switchboard runs approve {})",
                self.plan.id
            ),
            State::Armed => format!("{from} to {to}: confirmed, nothing changed yet"),
            State::Ended(end) => format!("{so_far}, run {}{}", end.word(), self.items()),
            state => match &self.why {
                Some(why) => format!("{so_far}, {}: {why}", state.word()),
                None => format!("{so_far}, {}", state.word()),
            },
        };
        text.into()
    }

    /// How much of what callers notice stands: names, commands, and not what was written about the run itself.
    fn so_far(&self) -> String {
        let (mut names, mut commands) = ((0, 0), (0, 0));
        for (step, progress) in self.steps() {
            let (counted, weight) = match &step.action {
                Action::DnsUpdate(update) if update.purpose == Purpose::Move => (&mut names, moved(update)),
                Action::Command(_) => (&mut commands, 1),
                _ => continue,
            };
            counted.1 += weight;
            counted.0 += if progress.status.stands() { weight } else { 0 };
        }
        let told = |(done, all): (usize, usize), what: &str| format!("{done} of {all} {what}");
        match (names, commands) {
            ((_, 0), commands) => told(commands, "commands in effect"),
            (names, (_, 0)) => told(names, "names moved"),
            (names, commands) => [told(names, "names moved"), told(commands, "commands in effect")].join(", "),
        }
    }

    fn items(&self) -> String {
        match self.open_items.len() {
            0 => String::new(),
            1 => ", 1 thing left to do".to_owned(),
            count => format!(", {count} things left to do"),
        }
    }
}

/// Names whose records an update changes.
fn moved(update: &DnsUpdate) -> usize {
    let changes = update.changes.iter().filter(|change| change.before != change.after);
    changes.map(|change| &change.name).collect::<BTreeSet<_>>().len()
}

fn check_by_hand(step: &Step) -> Clean {
    format!("{}: {}; it is done when {}", step.id, step.does, step.expect).into()
}
