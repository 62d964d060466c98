//! What each event does to the run. An event that does not belong is refused and changes nothing.

use std::time::Duration;

use jiff::Timestamp;

use super::{Ask, Check, Decision, End, Event, Illegal, InFlight, MarkerText, Phase, Run, Status, Way, Work};
use crate::domain::act::{Effect, Refusal};
use crate::domain::clean::Clean;
use crate::domain::topology::Environment;
use crate::failover::plan::{Action, OpenItem, Purpose, StepId};

impl Run {
    /// Applies one event.
    ///
    /// # Errors
    /// [`Illegal`], and the run is as it was.
    pub fn apply(&mut self, at: Timestamp, event: &Event) -> Result<(), Illegal> {
        if self.state().is_over() && !is_afterthought(event) {
            return Err(self.out_of_order("a further event"));
        }
        match event {
            Event::Confirmed { by, account, config, commit_confirm_minutes, .. } => {
                if self.phase != Phase::Draft {
                    return Err(self.out_of_order("a confirmation"));
                }
                self.phase = Phase::Going;
                self.confirmed_by = Some(by.clone());
                self.confirmed_as.clone_from(account);
                self.config.clone_from(config);
                self.commit_confirm =
                    commit_confirm_minutes.map(|minutes| Duration::from_secs(minutes.saturating_mul(60)));
                self.open_items.clone_from(&self.plan.open_items);
                self.started = Some(at);
            }
            Event::Began { .. } => self.begin()?,
            Event::Rechecked { .. } => self.rechecked = true,
            Event::BaseChanged { what } => self.base_changed(what),
            Event::Intent { step, way, attempt, marker, .. } => {
                let work = Work { step: self.index(step)?, way: *way, attempt: *attempt };
                self.intend(at, work, marker.as_ref())?;
            }
            Event::Child { step, pid, started } => self.child(step, (*pid, *started))?,
            Event::Outcome { step, way, effect, .. } => self.outcome(at, step, *way, effect)?,
            Event::Renewing { marker, .. } => self.renewing(marker)?,
            Event::Renewed { marker, effect } => self.renewed(marker, effect)?,
            Event::Checked { step, check, detail } => self.checked(at, step, *check, detail)?,
            Event::CheckedBack { step, check, detail } => self.checked_back(step, *check, detail)?,
            Event::Seen { step, .. } => drop(self.index(step)?),
            Event::Decided(decision) => self.decided(at, decision)?,
            Event::Superseded { detail } => {
                self.why = Some(detail.clone());
                self.end(End::Superseded);
            }
            Event::ItemOpened { item } => self.open(&item.id, &item.subject, &item.says),
            Event::ItemSettled { id, subject, .. } => {
                self.open_items.retain(|item| item.id != *id || item.subject != *subject);
            }
            Event::Closed { end, .. } => self.end(*end),
        }
        self.last = Some(at);
        Ok(())
    }

    /// A further executor finds a run that another one left: nothing goes on until somebody says so.
    fn begin(&mut self) -> Result<(), Illegal> {
        if self.phase == Phase::Draft {
            return Err(self.out_of_order("an executor's beginning"));
        }
        self.began += 1;
        self.rechecked = false;
        if let Some(flight) = &mut self.in_flight {
            flight.in_vain = false;
            let index = flight.work.step;
            self.set(index, Status::Unknown, &"the executor died before its end was written down".into());
        }
        if self.began > 1 && self.phase == Phase::Going && !self.wants_approval() {
            self.halt("the executor that carried this run out is gone".into());
        }
        Ok(())
    }

    fn intend(&mut self, at: Timestamp, work: Work, marker: Option<&MarkerText>) -> Result<(), Illegal> {
        if self.in_flight.is_some() || self.phase != Phase::Going {
            return Err(self.out_of_order("an intent"));
        }
        self.in_flight = Some(InFlight { work, at, marker: marker.cloned(), process: None, in_vain: false });
        self.set(work.step, Status::InFlight, &Clean::default());
        if let Some(progress) = self.steps.get_mut(work.step) {
            progress.attempts = work.attempt;
        }
        Ok(())
    }

    fn child(&mut self, step: &StepId, process: (u32, Option<u64>)) -> Result<(), Illegal> {
        let index = self.index(step)?;
        match &mut self.in_flight {
            Some(flight) if flight.work.step == index => flight.process = Some(process),
            _ => return Err(self.out_of_order("a child process")),
        }
        self.issued.insert(index);
        Ok(())
    }

    /// What the plan leaves to do is nobody's business when nothing of it stands.
    fn end(&mut self, end: End) {
        if self.changed_nothing() {
            self.open_items.retain(|item| !self.plan.open_items.contains(item));
        }
        self.in_flight = None;
        self.phase = Phase::Ended(end);
    }

    fn base_changed(&mut self, what: &[Clean]) {
        self.refused = self.changed_nothing();
        let text = what.iter().map(Clean::as_str).collect::<Vec<_>>().join("; ");
        self.halt(format!("not as the plan has it: {text}").into());
    }

    fn outcome(&mut self, at: Timestamp, step: &StepId, way: Way, effect: &Effect) -> Result<(), Illegal> {
        let index = self.index(step)?;
        let flight = match &self.in_flight {
            Some(flight) if flight.work.step == index && flight.work.way == way => flight.clone(),
            _ => return Err(self.out_of_order("an outcome")),
        };
        if !matches!(effect, Effect::Unknown { .. }) {
            self.in_flight = None;
        }
        let moves = matches!(self.step(index).map(|step| &step.action), Some(Action::DnsUpdate(update)) if update.purpose == Purpose::Move);
        if moves && matches!(effect, Effect::Applied { .. }) {
            self.records_changed = Some(at);
        }
        match way {
            Way::Do => self.done(&flight, effect),
            Way::Drain | Way::Undo => self.undone(&flight, effect),
        }
        Ok(())
    }

    fn done(&mut self, flight: &InFlight, effect: &Effect) {
        let index = flight.work.step;
        match effect {
            Effect::Applied { detail } => {
                self.remember_marker(flight);
                self.set(index, Status::Applied, detail);
            }
            Effect::Recorded { detail } => {
                self.set(index, Status::Recorded, detail);
                if !self.recorded_is_enough(index) {
                    self.halt(format!("{} stands in the directory only: {detail}", self.name(index)).into());
                }
            }
            Effect::NotApplied { detail, .. } if self.is_left_out(index) => self.set(index, Status::LeftOut, detail),
            Effect::NotApplied { why: Refusal::Lost, detail } if self.begins_anew(flight) => {
                self.set(index, Status::Pending, detail);
            }
            Effect::NotApplied { why, detail } if self.is_close(index) => self.keep_fence(index, *why, detail),
            Effect::NotApplied { why, detail } => {
                self.set(index, Status::NotApplied(*why), detail);
                self.halt(format!("{} was not applied ({}): {detail}", self.name(index), why.word()).into());
            }
            Effect::Unknown { detail } => self.unknown(index, detail),
        }
        self.resuming = false;
    }

    /// Everything is done; that the fence could not be let go changes nothing of it. It ends by itself.
    fn keep_fence(&mut self, index: usize, why: Refusal, detail: &Clean) {
        self.set(index, Status::NotApplied(why), detail);
        let says = format!("the marker could not be let go ({}): {detail}; it expires by itself", why.word());
        self.open("fence-not-released", "marker", &says);
    }

    fn undone(&mut self, flight: &InFlight, effect: &Effect) {
        let index = flight.work.step;
        match effect {
            Effect::Applied { detail } | Effect::Recorded { detail } if flight.work.way == Way::Drain => {
                self.drained.insert(index);
                self.set(index, Status::Applied, detail);
            }
            Effect::Applied { detail } | Effect::Recorded { detail } => {
                self.remember_marker(flight);
                self.set(index, Status::Undone, detail);
            }
            Effect::NotApplied { why: Refusal::Lost, detail } if self.begins_anew(flight) => {
                self.set(index, Status::Applied, detail);
            }
            Effect::NotApplied { why, detail } => {
                self.set(index, Status::NotUndone, detail);
                self.why =
                    Some(format!("{} could not be taken back ({}): {detail}", self.name(index), why.word()).into());
                self.phase = Phase::Stuck;
            }
            Effect::Unknown { detail } => self.unknown(index, detail),
        }
        self.resuming = false;
    }

    fn checked(&mut self, at: Timestamp, step: &StepId, check: Check, detail: &Clean) -> Result<(), Illegal> {
        let index = self.index(step)?;
        self.doubted.remove(&index);
        let status = match check {
            Check::Passed | Check::Excused => Status::Passed,
            Check::NotProven => Status::NotProven,
            Check::Failed => Status::Failed,
        };
        self.set(index, status, detail);
        match check {
            Check::Failed => self.halt(format!("{}: {detail}", self.name(index)).into()),
            Check::NotProven => self.open("not-proven-by-a-call", "call", detail.as_str()),
            Check::Excused => self.open("excused", step.as_str(), detail.as_str()),
            Check::Passed => {}
        }
        if self.pending().next().is_none_or(|next| self.is_close(next)) {
            // A wait beyond all time is a long one, not none.
            self.confirm_until = self.commit_confirm.map(|wait| at.checked_add(wait).unwrap_or(Timestamp::MAX));
        }
        Ok(())
    }

    /// Another person than whoever made or confirmed the plan agrees, in time. Machines do not make one person two, nor do two
    /// names of one account; in a drill they do, where there is one account and nothing real to lose.
    fn approve(&mut self, at: Timestamp, decision: &Decision) -> Result<(), Illegal> {
        let by = &decision.by;
        let is_drill = self.plan.environment == Environment::Demo.word();
        if !is_drill && decision.account.is_some() && decision.account == self.confirmed_as {
            return Err(Illegal::OwnApproval(by.clone()));
        }
        let person = |who: &str| who.split('@').next().unwrap_or_default().to_ascii_lowercase();
        let same = |other: &str| person(other) == person(by.as_str());
        if same(&self.plan.by) || self.confirmed_by.as_ref().is_some_and(|who| same(who.as_str())) {
            return Err(Illegal::OwnApproval(by.clone()));
        }
        if self.plan.is_expired(at) {
            return Err(Illegal::Expired(self.plan.expires));
        }
        self.approved_by = Some(by.clone());
        Ok(())
    }

    fn decided(&mut self, at: Timestamp, decision: &Decision) -> Result<(), Illegal> {
        match &decision.ask {
            Ask::Without(server) => self.leave_out(server)?,
            Ask::Approve if self.wants_approval() => self.approve(at, decision)?,
            _ => {}
        }
        match &decision.ask {
            Ask::Abort | Ask::Hold => {
                self.refused = decision.ask == Ask::Abort && self.changed_nothing();
                self.halt(format!("{} asked for {}", decision.by, decision.ask.word()).into());
            }
            Ask::Resume => {
                self.issue_again();
                self.go_on();
            }
            Ask::Without(_) => self.go_on(),
            Ask::RollBack => {
                self.turning = true;
                self.let_go();
                self.go_on();
            }
            Ask::TakeOver => self.operator = Some(decision.by.clone()),
            Ask::Confirm => {
                self.kept_by = Some(decision.by.clone());
                self.open_items.retain(|item| item.id != "not-proven-by-a-call");
            }
            Ask::Close if self.phase == Phase::Stuck || self.state().is_over() => self.open_items.clear(),
            // A run that can go on is not closed: what was left out of it is still needed.
            Ask::Close | Ask::Abandon | Ask::Approve => {}
        }
        Ok(())
    }

    /// What failed is tried again; what is unknown is observed first.
    fn go_on(&mut self) {
        if self.state().is_over() {
            return;
        }
        self.phase = Phase::Going;
        self.refused = false;
        self.why = None;
        self.rechecked = false;
        self.resuming = self.in_flight.is_some();
        for index in 0..self.steps.len() {
            self.try_again(index);
        }
        self.doubt();
    }

    fn try_again(&mut self, index: usize) {
        let repeatable = self.may_repeat(index);
        let Some(progress) = self.steps.get_mut(index) else { return };
        match progress.status {
            // What could not be taken back still stands; it is tried once more.
            Status::NotUndone => progress.status = Status::Applied,
            Status::NotApplied(Refusal::Lost) if !self.turning && !repeatable => {
                let why = format!("{} is not marked idempotent, so it is not issued again", self.name(index));
                self.halt(why.into());
            }
            Status::NotApplied(_) | Status::Failed if !self.turning => progress.status = Status::Pending,
            _ => {}
        }
    }

    fn leave_out(&mut self, server: &crate::domain::name::Fqdn) -> Result<(), Illegal> {
        let steps = self.separable(server).ok_or_else(|| Illegal::NotSeparable(server.clone()))?;
        for index in steps {
            let settled = |status: &Status| !status.stands() && *status != Status::Unknown;
            if self.steps.get(index).is_some_and(|p| settled(&p.status)) {
                self.set(index, Status::LeftOut, &"left out by an operator".into());
            }
        }
        self.open(
            "left-out",
            server.as_str(),
            "was left out of this run; its partner goes on serving nobody but itself",
        );
        self.let_go();
        Ok(())
    }

    pub(super) fn open(&mut self, id: &str, subject: &str, says: &str) {
        let item = OpenItem { id: id.to_owned(), subject: subject.to_owned(), says: says.to_owned() };
        if !self.open_items.contains(&item) {
            self.open_items.push(item);
        }
    }

    fn remember_marker(&mut self, flight: &InFlight) {
        let step = self.plan.steps.get(flight.work.step).map(|step| step.id.clone());
        if let (Some(step), Some(marker)) = (step, &flight.marker) {
            self.markers.insert(marker.name.clone(), marker.text.clone());
            self.renewing.remove(&marker.name);
            self.written.insert(step, marker.clone());
        }
    }

    fn recorded_is_enough(&self, index: usize) -> bool {
        let action = self.plan.steps.get(index).map(|step| &step.action);
        matches!(action, Some(Action::Command(command)) if command.recorded_is_enough)
    }

    pub(super) fn set(&mut self, index: usize, status: Status, detail: &Clean) {
        if let Some(progress) = self.steps.get_mut(index) {
            progress.status = status;
            progress.detail = detail.clone();
        }
    }

    pub(super) fn halt(&mut self, why: Clean) {
        self.why = Some(why);
        self.phase = Phase::Halted;
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.plan.steps.get(index).map_or("a step", |step| step.id.as_str())
    }

    pub(super) fn out_of_order(&self, event: &'static str) -> Illegal {
        Illegal::OutOfOrder { event, state: self.state().word() }
    }

    /// Whether the first thing this run wanted to change was refused, so that it ends as if it had not begun.
    pub(super) fn was_refused_at_the_door(&self) -> bool {
        // What was sent and never seen, or accepted and never seen, was not refused.
        let refused = |status: &Status| matches!(status, Status::NotApplied(why) if !matches!(why, Refusal::Lost | Refusal::Silent));
        let refused = self.refused || self.steps.iter().any(|p| refused(&p.status));
        refused && self.changed_nothing() && !self.turning
    }
}

/// What may still be said of a run that is over: what was left to do, a call that was made.
fn is_afterthought(event: &Event) -> bool {
    match event {
        Event::ItemOpened { .. } | Event::ItemSettled { .. } => true,
        Event::Decided(decision) => matches!(decision.ask, Ask::Confirm | Ask::Close),
        _ => false,
    }
}
