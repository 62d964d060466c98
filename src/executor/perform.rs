//! One side effect: intent on disk, sent once, read back, outcome on disk. And settling one whose end is not known.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep};

use super::crash::Point;
use super::execute::{ExecuteError, Executor, LOOK};
use super::fence::Hold;
use super::process::{Gone, await_or_end};
use crate::backend::{Backend, Process, Refused, Sent, UPDATE_DEADLINE, Witness, settle};
use crate::domain::act::{Act, Effect, Observed, Refusal};
use crate::domain::clean::Clean;
use crate::failover::plan::{Action, Mode, Purpose, Step, StepId};
use crate::failover::run::{Event, InFlight, MarkerText, NoAct, Run, Way, Work};

/// How long the effect of an update may take to be seen at the server that said NOERROR.
pub(super) const UPDATE_SEEN: Duration = Duration::from_secs(3);

/// How long an update of an executor that died is waited for. One that comes later finds its prerequisites gone, or finds the
/// fence as it was and is then found done.
const UPDATE_QUIET: Duration = Duration::from_secs(2);

/// A step on its way.
struct Try<'a> {
    step: &'a Step,
    work: Work,
    child: Mutex<Option<u32>>,
    executor: &'a Executor,
}

impl Executor {
    /// Carries a side effect out.
    pub(super) async fn perform(&self, work: Work) -> Result<(), ExecuteError> {
        let run = self.run();
        let Some(step) = run.step(work.step) else { return Ok(()) };
        let this = Try { step, work, child: Mutex::new(None), executor: self };
        this.crash(Point::BeforeIntent);
        match self.hold_fence(step).await? {
            Hold::Held => {}
            Hold::Refused(refused) => return this.without_sending(refused.into()),
            Hold::Lost => return Ok(()),
        }
        let act = match self.run().act(work, self.clock.now(), &self.head()) {
            Ok(act) => act,
            Err(NoAct::Nothing) => {
                return this.without_sending(Effect::Applied { detail: "nothing to take back".into() });
            }
            Err(NoAct::Impossible(why)) => return this.without_sending(refusal(Refusal::Local, why)),
        };
        if let Some(refused) = self.guard(&act).await {
            return this.without_sending(refused.into());
        }
        let backend = match self.backends.of_act(&act) {
            Ok(backend) => backend.clone(),
            Err(error) => return this.without_sending(refusal(Refusal::Local, error.to_string().into())),
        };
        if let Act::Command(_) = &act {
            match backend.observe(&act).await {
                Observed::After { detail } => {
                    return this.without_sending(Effect::Applied { detail: format!("already so: {detail}").into() });
                }
                Observed::Other { detail } if self.is_out_already(&run, &*backend, work).await => {
                    return this.without_sending(Effect::Applied { detail });
                }
                Observed::Other { detail } if self.is_somebody_elses(work) => {
                    let why = format!("not as this run left it: {detail}").into();
                    return this.without_sending(refusal(Refusal::Fence, why));
                }
                _ => {}
            }
        }
        let prepared = match backend.prepare(&act).await {
            Ok(prepared) => prepared,
            Err(refused) => return this.without_sending(refused.into()),
        };
        this.intend(prepared.digest.clone(), prepared.destination.clone(), marker_of(&act))?;
        this.crash(Point::AfterIntent);
        let sent = self.meanwhile(backend.send(prepared, &this)).await;
        this.crash(Point::AfterEffect);
        let effect = self.meanwhile(self.effect_of(&*backend, &act, sent, work, step)).await?;
        this.crash(Point::BeforeOutcome);
        match effect {
            Some(effect) => this.end(effect),
            None => Ok(()),
        }
    }

    /// Nobody drains a server that is out of service already.
    async fn is_out_already(&self, run: &Run, backend: &dyn Backend, work: Work) -> bool {
        if work.way != Way::Drain {
            return false;
        }
        match run.act(Work { way: Way::Undo, ..work }, self.clock.now(), "") {
            Ok(act) => matches!(backend.observe(&act).await, Observed::After { .. }),
            Err(_) => false,
        }
    }

    /// Whether a state that is neither what a command starts from nor what it leads to is the doing of somebody else. In an emergency
    /// a state may be read from a directory that is behind; what a command of this run has begun may be anything.
    fn is_somebody_elses(&self, work: Work) -> bool {
        let run = self.run();
        work.way == Way::Do && run.plan().mode != Mode::Emergency && !run.has_issued(work.step)
    }

    /// What came of it. `None`: the marker is somebody else's, and that has been written down.
    async fn effect_of(
        &self,
        backend: &dyn Backend,
        act: &Act,
        sent: Sent,
        work: Work,
        step: &Step,
    ) -> Result<Option<Effect>, ExecuteError> {
        match sent {
            Sent::Refused(Refused { why: Refusal::Fence, detail }) => self.fence_lost(act, work, step, detail).await,
            Sent::Refused(refused) => Ok(Some(refused.into())),
            Sent::Unclear(detail) => Ok(Some(Effect::Unknown { detail })),
            Sent::Claimed(said) => {
                let effect = self.effect_seen(backend, act, work, &said).await;
                self.if_in_vain(act, work, step, &effect)?;
                Ok(Some(effect))
            }
            Sent::Recorded(said) => {
                let effect = self.effect_seen(backend, act, work, &said).await.only_recorded();
                self.if_in_vain(act, work, step, &effect)?;
                Ok(Some(effect))
            }
        }
    }

    async fn effect_seen(&self, backend: &dyn Backend, act: &Act, work: Work, said: &Clean) -> Effect {
        settle(Some(said), self.look_until(backend, act, self.effect_wait(work, act)).await)
    }

    /// A command that is not seen to have worked was looked for as long as that may take: it is unknown, and what follows says that
    /// looking was in vain, so that a person decides without waiting as long again.
    fn if_in_vain(&self, act: &Act, work: Work, step: &Step, effect: &Effect) -> Result<(), ExecuteError> {
        if !matches!((act, effect), (Act::Command(_), Effect::Unknown { .. })) {
            return Ok(());
        }
        let Work { way, attempt, .. } = work;
        let effect = Effect::Unknown { detail: "it was said to be done, and is not seen".into() };
        self.write(&Event::Outcome { step: step.id.clone(), way, attempt, effect })
    }

    /// A prerequisite failed. When a marker is not what it should be the run is superseded; otherwise a record was changed.
    async fn fence_lost(
        &self,
        act: &Act,
        work: Work,
        step: &Step,
        detail: Clean,
    ) -> Result<Option<Effect>, ExecuteError> {
        let is_close = matches!(&step.action, Action::DnsUpdate(update) if update.purpose == Purpose::Close);
        match self.foreign_marker(act).await {
            Some(found) if !is_close => {
                let Work { way, attempt, .. } = work;
                let effect = refusal(Refusal::Fence, detail.clone());
                self.write(&Event::Outcome { step: step.id.clone(), way, attempt, effect })?;
                self.write(&Event::Superseded { detail: format!("{detail}; {found}").into() })?;
                Ok(None)
            }
            Some(found) => Ok(Some(refusal(Refusal::Fence, format!("{detail}; {found}").into()))),
            None => Ok(Some(refusal(Refusal::Fence, detail))),
        }
    }

    /// Settles a side effect whose end is not known, by looking and by nothing else.
    pub(super) async fn settle(&self, work: Work) -> Result<(), ExecuteError> {
        let run = self.run();
        let (Some(step), Some(flight)) = (run.step(work.step), run.in_flight().cloned()) else { return Ok(()) };
        let this = Try { step, work, child: Mutex::new(None), executor: self };
        let act = match run.act(work, flight.at, &self.head()) {
            Ok(act) => with_marker(act, flight.marker.as_ref()),
            Err(NoAct::Nothing) => return this.end(Effect::Applied { detail: "nothing to take back".into() }),
            Err(NoAct::Impossible(why)) => return this.end(refusal(Refusal::Local, why)),
        };
        if self.meanwhile(self.end_process(step, &flight, call_wait(&act))).await? == Gone::LivesOn {
            let what = format!("{}: the process that an earlier executor started cannot be ended", step.id);
            return self.write(&Event::BaseChanged { what: vec![what.into()] });
        }
        let backend = match self.backends.of_act(&act) {
            Ok(backend) => backend.clone(),
            Err(error) => return this.end(Effect::Unknown { detail: error.to_string().into() }),
        };
        // A command that never got its standard input, which comes after its process is written down, did nothing.
        let began = flight.process.is_some() || matches!(act, Act::DnsUpdate(_));
        let wait = if began { self.quiet(work, &act) } else { Duration::ZERO };
        match self.meanwhile(self.look_until(&*backend, &act, wait)).await {
            // What has left this machine, or may have, can still come: nobody but an operator says that it is sent once more.
            Observed::Before { detail } if began && !run.may_send_again(work) => {
                this.end(Effect::Unknown { detail: format!("no effect is seen: {detail}").into() })
            }
            Observed::Before { detail } => this.end(refusal(Refusal::Lost, detail)),
            Observed::Other { detail } => match self.foreign_marker(&act).await {
                Some(found) => self.write(&Event::Superseded { detail: format!("{detail}; {found}").into() }),
                None => this.end(Effect::Unknown { detail }),
            },
            seen => this.end(settle(None, seen)),
        }
    }

    /// Awaits the process of a side effect whose executor died, or ends it with all that it started.
    async fn end_process(&self, step: &Step, flight: &InFlight, wait: Duration) -> Result<Gone, ExecuteError> {
        let Some((pid, started)) = flight.process else { return Ok(Gone::ByItself) };
        let gone = await_or_end(pid, started, wait).await;
        if let Some(detail) = gone.words(pid) {
            self.write(&Event::Seen { step: step.id.clone(), detail })?;
        }
        Ok(gone)
    }

    /// Before a run is left as it is: nothing of it goes on behind the operator's back.
    pub(super) async fn end_what_runs(&self) -> Result<(), ExecuteError> {
        let run = self.run();
        if let Some((step, flight)) = run.in_flight().and_then(|flight| Some((run.step(flight.work.step)?, flight))) {
            self.end_process(step, flight, Duration::ZERO).await?;
        }
        Ok(())
    }

    /// Looks until the effect is seen or the wait is over; gives the last look.
    pub(super) async fn look_until(&self, backend: &dyn Backend, act: &Act, wait: Duration) -> Observed {
        let until = Instant::now() + wait;
        let pause = match act {
            Act::DnsUpdate(_) => LOOK,
            Act::Command(_) => self.topology.console.interval.min(Duration::from_secs(5)),
        };
        loop {
            let seen = backend.observe(act).await;
            if matches!(seen, Observed::After { .. } | Observed::Recorded { .. }) || Instant::now() >= until {
                return seen;
            }
            sleep(pause.min(until.saturating_duration_since(Instant::now()).max(LOOK))).await;
        }
    }

    fn effect_wait(&self, work: Work, act: &Act) -> Duration {
        match (self.run().command(work), act) {
            (Some(command), Act::Command(_)) => Duration::from_secs(command.effect_within_seconds),
            _ => UPDATE_SEEN,
        }
    }

    fn quiet(&self, work: Work, act: &Act) -> Duration {
        match act {
            Act::DnsUpdate(_) => UPDATE_QUIET,
            Act::Command(_) => self.effect_wait(work, act),
        }
    }
}

/// How long a command, or an update's program, that outlived its executor may go on.
fn call_wait(act: &Act) -> Duration {
    match act {
        Act::Command(call) => Duration::from_secs(call.timeout_seconds),
        Act::DnsUpdate(_) => UPDATE_DEADLINE,
    }
}

impl Try<'_> {
    fn crash(&self, point: Point) {
        let child = *self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let step = match self.work.way {
            Way::Do => self.step.id.to_string(),
            Way::Drain => format!("undo-drain-{}", self.step.id),
            Way::Undo => format!("undo-{}", self.step.id),
        };
        self.executor.crash.at(&step, point, child);
    }

    fn intend(&self, digest: String, destination: Clean, marker: Option<MarkerText>) -> Result<(), ExecuteError> {
        let (step, Work { way, attempt, .. }) = (self.id(), self.work);
        self.executor.write(&Event::Intent { step, way, attempt, digest, destination, marker })
    }

    fn end(&self, effect: Effect) -> Result<(), ExecuteError> {
        let (step, Work { way, attempt, .. }) = (self.id(), self.work);
        self.executor.write(&Event::Outcome { step, way, attempt, effect })
    }

    /// Nothing leaves the machine; that, too, is written down.
    fn without_sending(&self, effect: Effect) -> Result<(), ExecuteError> {
        self.intend(String::new(), "nowhere".into(), None)?;
        self.end(effect)
    }

    fn id(&self) -> StepId {
        self.step.id.clone()
    }
}

impl Witness for Try<'_> {
    fn started(&self, process: Process) -> BoxFuture<'_, Result<(), Clean>> {
        let Process { pid, started } = process;
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(pid);
        let written = self.executor.write(&Event::Child { step: self.id(), pid, started });
        std::future::ready(written.map_err(|error| error.to_string().into())).boxed()
    }

    fn sent(&self) -> BoxFuture<'_, ()> {
        self.crash(Point::AfterSend);
        std::future::ready(()).boxed()
    }
}

fn refusal(why: Refusal, detail: Clean) -> Effect {
    Effect::NotApplied { why, detail }
}

/// The marker that an update writes.
fn marker_of(act: &Act) -> Option<MarkerText> {
    let Act::DnsUpdate(update) = act else { return None };
    let written = |marker: &crate::domain::act::MarkerChange| {
        Some(MarkerText { name: marker.name.clone(), text: marker.after.clone()? })
    };
    update.markers.iter().find_map(written)
}

/// The act as it was sent: with the marker that its intent has, to the letter.
fn with_marker(act: Act, marker: Option<&MarkerText>) -> Act {
    let (Act::DnsUpdate(mut update), Some(marker)) = (act.clone(), marker) else { return act };
    for change in update.markers.iter_mut().filter(|change| change.name == marker.name && change.after.is_some()) {
        change.after = Some(marker.text.clone());
    }
    Act::DnsUpdate(update)
}
