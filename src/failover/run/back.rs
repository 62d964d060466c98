//! The way back. Records that were put back are read at every server that a step of the way has read; servers that take calls again
//! are asked before the standby goes.

use super::{Check, Illegal, Run, Status, Todo, Way};
use crate::domain::act::Verb;
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::server::ServiceState;
use crate::failover::plan::{Action, DnsUpdate, Purpose, ReadBack, RecordSet, SipWant, Step, StepId};

impl Run {
    /// The step that reads a zone's records, with the records as they were before: values and TTLs.
    #[must_use]
    pub fn reading_back(&self, index: usize) -> Option<Step> {
        let step = self.step(index)?;
        let Action::ReadBack(read) = &step.action else { return None };
        let records = self.put_back(&read.zone).flat_map(|update| &update.changes).map(RecordSet::before).collect();
        Some(Step { action: Action::ReadBack(ReadBack { records, ..read.clone() }), ..step.clone() })
    }

    /// Steps that have read records which were put back since, and whose servers were not asked again.
    pub(super) fn unread_back(&self) -> impl Iterator<Item = usize> {
        let reads = self.plan.steps.iter().enumerate().filter(|(index, step)| match &step.action {
            Action::ReadBack(read) => !self.read_back.contains(index) && self.put_back(&read.zone).next().is_some(),
            _ => false,
        });
        reads.map(|(index, _)| index)
    }

    /// The updates of a zone's records that were taken back.
    fn put_back(&self, zone: &Fqdn) -> impl Iterator<Item = &DnsUpdate> {
        self.steps().filter_map(move |(step, progress)| match &step.action {
            Action::DnsUpdate(update)
                if update.purpose == Purpose::Move && update.zone == *zone && progress.status == Status::Undone =>
            {
                Some(&**update)
            }
            _ => None,
        })
    }

    pub(super) fn is_claim(&self, index: usize) -> bool {
        let action = self.plan.steps.get(index).map(|step| &step.action);
        matches!(action, Some(Action::DnsUpdate(update)) if update.purpose == Purpose::Claim)
    }

    /// The standby is the last to go: before the first of its servers is taken out of service again, those that a roll back returns
    /// to are seen to take calls; and each takes no new calls before it takes none.
    pub(super) fn take_back(&self, index: usize) -> Todo {
        if !self.puts_into_service(index) {
            return Todo::Perform(self.work(index, Way::Undo));
        }
        match self.unproven() {
            Some(step) => Todo::LookBack { step },
            None if self.is_to_be_drained(index) => Todo::Perform(self.work(index, Way::Drain)),
            None => Todo::Perform(self.work(index, Way::Undo)),
        }
    }

    /// Servers that take the calls again when this run is taken back: all that the plan leaves and found in service, or did not see.
    #[must_use]
    pub fn returns_to(&self) -> Vec<Fqdn> {
        let served = |host: &&Fqdn| {
            !matches!(self.plan.base.states.get(*host), Some(Some(state)) if *state != ServiceState::Enabled)
                && !self.left_out().any(|left| left == *host)
        };
        let mut hosts: Vec<Fqdn> = self.plan.pairs.iter().map(|pair| &pair.leaves).filter(served).cloned().collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }

    /// The step that proved the standby, until it has proved the other side.
    fn unproven(&self) -> Option<usize> {
        let proves = |step: &Step| matches!(&step.action, Action::SipCheck(check) if check.want == SipWant::InService);
        let look = self.plan.steps.iter().position(proves)?;
        (!self.read_back.contains(&look) && !self.returns_to().is_empty()).then_some(look)
    }

    fn puts_into_service(&self, index: usize) -> bool {
        let action = self.plan.steps.get(index).map(|step| &step.action);
        matches!(action, Some(Action::Command(command)) if command.call.verb == Verb::Enable)
    }

    fn is_to_be_drained(&self, index: usize) -> bool {
        self.plan.steps.get(index).is_some_and(|step| step.undo_drain.is_some()) && !self.drained.contains(&index)
    }

    pub(super) fn checked_back(&mut self, step: &StepId, check: Check, detail: &Clean) -> Result<(), Illegal> {
        let index = self.index(step)?;
        let is_due = self.unread_back().any(|unread| unread == index)
            || matches!(self.next_backwards(), Todo::LookBack { step } if step == index);
        if !self.turning || !is_due {
            return Err(self.out_of_order("a look at what was put back"));
        }
        match check {
            Check::Failed | Check::NotProven => {
                let when = match self.plan.steps.get(index).map(|step| &step.action) {
                    Some(Action::SipCheck(_)) => "before the standby is taken out of service again",
                    _ => "after putting the records back",
                };
                self.halt(format!("{} {when}: {detail}", self.name(index)).into());
            }
            Check::Excused => {
                self.read_back.insert(index);
                self.open("excused", step.as_str(), detail.as_str());
            }
            Check::Passed => drop(self.read_back.insert(index)),
        }
        Ok(())
    }
}
