//! Side effects of which nobody knows whether they stand, and how a run goes on from one that cannot be settled by looking.

use super::choose::hosts;
use super::{InFlight, Run, Status, Way, Work};
use crate::domain::clean::Clean;
use crate::failover::plan::Action;

impl Run {
    /// The first time it is observed further; when that was in vain, a person decides, or has decided.
    pub(super) fn unknown(&mut self, index: usize, detail: &Clean) {
        let observed = self.steps.get(index).is_some_and(|p| p.status == Status::Unknown);
        self.set(index, Status::Unknown, detail);
        if !observed {
            return;
        }
        if let Some(flight) = &mut self.in_flight {
            flight.in_vain = true;
        }
        if !self.give_up_looking(index) {
            self.halt(format!("whether {} took effect is not known: {detail}", self.name(index)).into());
        }
    }

    /// Whether nobody has to wait any longer for a command whose end cannot be seen: its server is left out, or it is taken back
    /// whether it stands or not. It stays unknown.
    fn give_up_looking(&mut self, index: usize) -> bool {
        let in_vain = |flight: &InFlight| flight.in_vain && flight.work.step == index && flight.work.way == Way::Do;
        if !self.in_flight.as_ref().is_some_and(in_vain) {
            return false;
        }
        let (server, undone) = match self.plan.steps.get(index) {
            Some(step) => match &step.action {
                Action::Command(command) => (command.call.server.to_string(), step.undo_command.is_some()),
                _ => return false,
            },
            None => return false,
        };
        if self.turning && undone {
            self.in_flight = None;
            return true;
        }
        if self.is_left_out(index) {
            let says = format!("whether {} took effect is not known: read its state", self.name(index));
            self.open("not-known", &server, &says);
            self.in_flight = None;
            return true;
        }
        false
    }

    pub(super) fn is_left_out(&self, index: usize) -> bool {
        let hosts = self.plan.steps.get(index).map(hosts).unwrap_or_default();
        !hosts.is_empty() && hosts.iter().all(|host| self.left_out().any(|left| left == host))
    }

    /// What was looked for in vain already is not looked for once more when the choice makes that needless.
    pub(super) fn let_go(&mut self) {
        if let Some(index) = self.in_flight.as_ref().map(|flight| flight.work.step) {
            self.give_up_looking(index);
        }
    }

    /// A command that is marked idempotent and was looked for in vain is issued again, when somebody says so.
    pub(super) fn issue_again(&mut self) {
        let Some(work) = self.in_flight.as_ref().filter(|flight| flight.in_vain).map(|flight| flight.work) else {
            return;
        };
        let is_command = matches!(self.plan.steps.get(work.step).map(|step| &step.action), Some(Action::Command(_)));
        if is_command && self.may_repeat(work.step) {
            let status = if work.way == Way::Do { Status::Pending } else { Status::Applied };
            self.in_flight = None;
            self.set(work.step, status, &"not seen in time; issued again".into());
        }
    }

    /// Whether an operator said to go on, and a side effect that was looked for in vain may be sent once more.
    #[must_use]
    pub fn may_send_again(&self, work: Work) -> bool {
        self.resuming && self.may_repeat(work.step)
    }

    /// Whether what never took effect is begun anew. A command that had no process did nothing, whatever it is declared to be.
    pub(super) fn begins_anew(&self, flight: &InFlight) -> bool {
        let is_command =
            matches!(self.plan.steps.get(flight.work.step).map(|step| &step.action), Some(Action::Command(_)));
        self.resuming && (self.may_repeat(flight.work.step) || (is_command && flight.process.is_none()))
    }

    /// A fenced update can be sent again: the server refuses the second of two. A command must be declared so.
    pub(super) fn may_repeat(&self, index: usize) -> bool {
        match self.plan.steps.get(index).map(|step| &step.action) {
            Some(Action::Command(command)) => command.idempotent,
            Some(_) => true,
            None => false,
        }
    }
}
