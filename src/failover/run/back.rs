//! Records that were put back, and who has to show them: every server that a step of the way has read.

use super::{Check, Illegal, Run, Status};
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::failover::plan::{Action, DnsUpdate, Purpose, ReadBack, RecordSet, Step, StepId};

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

    pub(super) fn checked_back(&mut self, step: &StepId, check: Check, detail: &Clean) -> Result<(), Illegal> {
        let index = self.index(step)?;
        if !self.turning || !self.unread_back().any(|unread| unread == index) {
            return Err(self.out_of_order("a look at what was put back"));
        }
        match check {
            Check::Failed | Check::NotProven => {
                self.halt(format!("{} after putting the records back: {detail}", self.name(index)).into());
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
