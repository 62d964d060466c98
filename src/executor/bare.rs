//! An executor that cannot carry its run out: the run is over, or its topology file cannot be used. It takes what can be decided all
//! the same, and says what becomes of the rest: no request is left lying, to be obeyed on another day.

use std::time::Duration;

use super::execute::ExecuteError;
use super::journal::Journal;
use super::process::await_or_end;
use super::request::{self, Waiting};
use super::store::RunDir;
use crate::failover::run::{Ask, Decision, End, Event, Run, State, Todo};
use crate::probe::Clock;

/// Journal and state, and nothing to act with.
pub(super) struct Bare<'a> {
    pub(super) dir: &'a RunDir,
    pub(super) journal: &'a mut Journal,
    pub(super) run: &'a mut Run,
    pub(super) clock: &'a Clock,
}

impl Bare<'_> {
    /// A run that is over takes only afterthoughts: a call that was made, things that were done by hand.
    pub(super) fn settle_afterwards(&mut self) -> Result<(), ExecuteError> {
        for waiting in self.claimed() {
            if waiting.request.is_ok() {
                self.decide(waiting.decision())?;
            }
            drop(request::done(self.dir, &waiting));
        }
        Ok(())
    }

    /// Nothing can be done without a topology: a run that changed nothing is over, another one waits.
    ///
    /// # Errors
    /// The error that it was called with, unless somebody ended the run.
    pub(super) async fn give_up(&mut self, error: ExecuteError) -> Result<(), ExecuteError> {
        for waiting in self.claimed() {
            if !self.run.state().is_over() {
                self.take(&waiting, &error).await?;
            }
            drop(request::done(self.dir, &waiting));
        }
        if self.run.state().is_over() {
            return Ok(());
        }
        self.write(&Event::BaseChanged { what: vec![error.to_string().into()] })?;
        if let Todo::Close(end) = self.run.next() {
            self.write(&Event::Closed { end, detail: self.run.say() })?;
        }
        Err(error)
    }

    /// To stop and to let go needs nothing; whatever would change something is told to be void.
    async fn take(&mut self, waiting: &Waiting, error: &ExecuteError) -> Result<(), ExecuteError> {
        let decision = waiting.decision();
        let (waits, stuck) = (self.run.state().waits_for_a_person(), self.run.state() == State::Stuck);
        let end = match decision.ask {
            Ask::Abandon if waits => Some(End::Abandoned),
            Ask::Close if stuck => Some(End::ClosedByHand),
            Ask::Abort | Ask::Hold | Ask::Confirm | Ask::TakeOver => None,
            _ => {
                let reason = format!("`{}` is not done now, and not later: {error}", decision.ask.word());
                return self.decide(Decision { ask: Ask::Hold, reason: Some(reason.into()), ..decision });
            }
        };
        self.decide(decision)?;
        if let Some(end) = end {
            self.end_what_runs().await?;
            self.write(&Event::Closed { end, detail: self.run.why().cloned().unwrap_or_else(|| end.word().into()) })?;
        }
        Ok(())
    }

    /// What does not fit any more is no decision.
    fn decide(&mut self, decision: Decision) -> Result<(), ExecuteError> {
        let event = Event::Decided(decision);
        if self.run.clone().apply(self.clock.now(), &event).is_ok() {
            self.write(&event)?;
        }
        Ok(())
    }

    async fn end_what_runs(&mut self) -> Result<(), ExecuteError> {
        let Some((step, (pid, started))) = self.run.in_flight().and_then(|flight| {
            let step = self.run.step(flight.work.step)?;
            Some((step.id.clone(), flight.process?))
        }) else {
            return Ok(());
        };
        match await_or_end(pid, started, Duration::ZERO).await.words(pid) {
            Some(detail) => self.write(&Event::Seen { step, detail }),
            None => Ok(()),
        }
    }

    fn claimed(&self) -> Vec<Waiting> {
        request::claimed(self.dir)
    }

    fn write(&mut self, event: &Event) -> Result<(), ExecuteError> {
        let now = self.clock.now();
        let mut next = self.run.clone();
        next.apply(now, event)?;
        self.journal.append(now, event)?;
        *self.run = next;
        Ok(())
    }
}
