//! What a run changed, what it did not, and what is not known: the words of the report, from the state alone.

use super::{Run, State, Status};
use crate::domain::clean::Clean;
use crate::failover::plan::Step;

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
        let effects = || self.steps().filter(|(step, _)| step.action.has_effect());
        let (done, all) = (effects().filter(|(_, p)| p.status.stands()).count(), effects().count());
        let so_far = format!("{from} to {to}: {done} of {all} changes stand");
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

    fn items(&self) -> String {
        match self.open_items.len() {
            0 => String::new(),
            1 => ", 1 thing left to do".to_owned(),
            count => format!(", {count} things left to do"),
        }
    }
}

fn check_by_hand(step: &Step) -> Clean {
    format!("{}: {}; it is done when {}", step.id, step.does, step.expect).into()
}
