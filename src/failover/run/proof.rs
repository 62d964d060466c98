//! Proof grows old: what was seen before a run paused is seen again before anything is taken away because of it.

use super::{Run, Status, is_change};
use crate::domain::act::Verb;
use crate::domain::name::Fqdn;
use crate::failover::plan::{Action, Purpose};

impl Run {
    /// A run goes on, a minute or a night after it stopped: who answered then need not answer now.
    pub(super) fn doubt(&mut self) {
        let proved = self.steps().enumerate().filter(|(_, (step, progress))| {
            matches!(step.action, Action::SipCheck(_)) && progress.status == Status::Passed
        });
        self.doubted = proved.map(|(index, _)| index).collect();
        let plan = self.plan.clone();
        let sip = |index: &usize| plan.steps.get(*index).is_some_and(|step| matches!(step.action, Action::SipCheck(_)));
        self.read_back.retain(|index| !sip(index));
        // Nor need a drained server be drained still; drained twice is drained.
        let on_its_way = self.in_flight.as_ref().map(|flight| flight.work.step);
        self.drained.retain(|index| Some(*index) == on_its_way);
    }

    /// The first look that has to be made again: one that something relies on which is still to be taken away.
    pub(super) fn to_prove_again(&self) -> Option<usize> {
        let last = self.pending().filter(|index| self.takes_away(*index)).last()?;
        self.doubted.iter().copied().find(|index| *index < last)
    }

    /// Whether a command was issued, so that a state between its images may be its own doing.
    #[must_use]
    pub fn has_issued(&self, index: usize) -> bool {
        self.issued.contains(&index)
    }

    /// Whether anything of the plan is still to be changed, letting the fence go not counted.
    #[must_use]
    pub fn has_changes_to_make(&self) -> bool {
        self.pending().filter_map(|index| self.step(index)).any(is_change)
    }

    /// Whether a server takes no new calls because this run said so.
    #[must_use]
    pub fn has_drained(&self, server: &Fqdn) -> bool {
        self.steps().enumerate().any(|(index, (step, progress))| match &step.action {
            Action::Command(command) if command.call.server == *server && command.call.verb == Verb::Drain => {
                progress.status.stands()
            }
            Action::Command(command) if command.call.server == *server => self.drained.contains(&index),
            _ => false,
        })
    }

    /// Whether callers lose what they had by this step: a name leads elsewhere, a server takes no more calls.
    fn takes_away(&self, index: usize) -> bool {
        match self.step(index).map(|step| &step.action) {
            Some(Action::DnsUpdate(update)) => update.purpose == Purpose::Move,
            Some(Action::Command(command)) => command.call.verb != Verb::Enable,
            _ => false,
        }
    }
}
