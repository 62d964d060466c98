//! Keeping the fence while a run goes on: a claim is renewed before its time is over, and before each command the marker is read,
//! because no server stands between a command and its effect as it does with a record.

use std::future::pending;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::crash::Point;
use super::execute::{ExecuteError, Executor};
use crate::backend::{Backend, Process, Refused, Sent, Witness, settle};
use crate::domain::act::{Act, Effect, Refusal, Update};
use crate::domain::clean::Clean;
use crate::failover::plan::{Action, Mode, Step};
use crate::failover::run::{Claimed, Event, MarkerText};

/// The name of the variable that makes a demo renew earlier, in seconds before the claim ends.
pub const VARIABLE: &str = "SWITCHBOARD_RENEW_AT";

/// A claim that has no more left than this is renewed: a third of what it holds.
const LEFT: Duration = Duration::from_secs(300);
/// How often the time that is left is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How long nothing is tried after a renewal that came to nothing.
const AGAIN: Duration = Duration::from_secs(20);

/// When a claim is renewed.
#[derive(Debug)]
pub(super) struct Keeper {
    left: Duration,
    next: Mutex<Instant>,
}

/// What the zone shows of a fence.
enum Shown {
    /// What this run wrote.
    Ours,
    /// The text of a renewal whose end was not known.
    Renewed(String),
    /// Somebody else's, in words.
    Foreign(String),
    /// It could not be read.
    Unread(String),
}

/// Whether a side effect may go out.
pub(super) enum Hold {
    /// The fence is ours as far as anybody can tell.
    Held,
    /// It is not known to be.
    Refused(Refused),
    /// It is somebody else's; that has been written down.
    Lost,
}

impl Keeper {
    /// Reads the variable's value; on anything but a demo there is none.
    pub(super) fn read(value: Option<&str>, is_demo: bool) -> Self {
        let left = value.filter(|_| is_demo).and_then(|text| text.parse().ok()).map_or(LEFT, Duration::from_secs);
        Self { left, next: Mutex::new(Instant::now()) }
    }

    /// Whether it is time to look; the next time is not before a while.
    fn is_time(&self) -> bool {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = Instant::now() >= *next;
        if is_time {
            *next = Instant::now() + LOOK;
        }
        is_time
    }

    fn rest(&self) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + AGAIN;
    }

    fn is_due(&self, claimed: &Claimed, now: Timestamp) -> bool {
        claimed.until.is_some_and(|until| now.checked_add(self.left).is_ok_and(|soon| soon >= until))
    }
}

impl Executor {
    /// Renews what is about to run out. Called wherever the executor waits.
    pub(super) async fn mind_fence(&self) -> Result<(), ExecuteError> {
        // An update on its way writes the marker itself.
        if !self.keeper.is_time() || self.run().in_flight().is_some_and(|flight| flight.marker.is_some()) {
            return Ok(());
        }
        for claimed in self.run().claimed() {
            if self.keeper.is_due(&claimed, self.clock.now()) && !self.renew(&claimed).await? {
                self.keeper.rest();
            }
        }
        Ok(())
    }

    /// Does something long and minds the fence meanwhile. A renewal that the end of it cuts off is settled by reading.
    pub(super) async fn meanwhile<T>(&self, work: impl Future<Output = T>) -> T {
        let minding = async {
            loop {
                sleep(LOOK).await;
                if self.mind_fence().await.is_err() {
                    // A journal that could not be written takes nothing any more: whoever writes next ends the executor.
                    return pending::<T>().await;
                }
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            never = minding => never,
        }
    }

    /// Before a side effect: what is not known of the fence is read; for a command it has to be ours.
    pub(super) async fn hold_fence(&self, step: &Step) -> Result<Hold, ExecuteError> {
        let is_command = matches!(step.action, Action::Command(_));
        if is_command {
            self.mind_fence().await?;
        }
        for claimed in self.run().claimed() {
            if !is_command && (claimed.perhaps.is_empty() || !writes(step, &claimed)) {
                continue;
            }
            match self.shown(&claimed).await {
                Shown::Ours => {}
                Shown::Renewed(text) => self.found_renewed(&claimed, text)?,
                // The server refuses an update by itself.
                Shown::Foreign(_) if !is_command => {}
                Shown::Foreign(found) => {
                    self.write(&Event::Superseded { detail: found.into() })?;
                    return Ok(Hold::Lost);
                }
                // Nobody else may claim it yet; later, in an emergency, a reason was given for what cannot be read.
                Shown::Unread(_) if is_command && self.may_go_on_unread(&claimed) => {}
                Shown::Unread(why) => {
                    let detail = format!("the fence {} cannot be read: {why}", claimed.marker).into();
                    return Ok(Hold::Refused(Refused { why: Refusal::Local, detail }));
                }
            }
        }
        Ok(Hold::Held)
    }

    /// Reads markers of which a renewal's end is not known: what follows starts from what stands there.
    pub(super) async fn settle_renewals(&self) -> Result<(), ExecuteError> {
        for claimed in self.run().claimed().into_iter().filter(|claimed| !claimed.perhaps.is_empty()) {
            if let Shown::Renewed(text) = self.shown(&claimed).await {
                self.found_renewed(&claimed, text)?;
            }
        }
        Ok(())
    }

    fn may_go_on_unread(&self, claimed: &Claimed) -> bool {
        let now = self.clock.now();
        claimed.until.is_some_and(|until| now < until) || self.run().plan().mode == Mode::Emergency
    }

    fn found_renewed(&self, claimed: &Claimed, text: String) -> Result<(), ExecuteError> {
        let detail = format!("found: marker {text}").into();
        let marker = MarkerText { name: claimed.marker.clone(), text };
        self.write(&Event::Renewed { marker, effect: Effect::Applied { detail } })
    }

    /// One renewal: intent on disk, sent once, read back, outcome on disk. Says whether it stands.
    async fn renew(&self, claimed: &Claimed) -> Result<bool, ExecuteError> {
        self.crash.at("renew", Point::BeforeIntent, None);
        let Ok(update) = self.run().renewal(claimed, self.clock.now()) else { return Ok(false) };
        let after = update.markers.iter().find_map(|marker| marker.after.clone()).unwrap_or_default();
        let marker = MarkerText { name: claimed.marker.clone(), text: after };
        let act = Act::DnsUpdate(update);
        // What cannot even be sent is tried again later, and leaves no line for each time.
        let Ok(backend) = self.backends.of_act(&act).cloned() else { return Ok(false) };
        let Ok(prepared) = backend.prepare(&act).await else { return Ok(false) };
        let (digest, destination) = (prepared.digest.clone(), prepared.destination.clone());
        self.write(&Event::Renewing { marker: marker.clone(), digest, destination })?;
        self.crash.at("renew", Point::AfterIntent, None);
        let sent = backend.send(prepared, &Sending(self)).await;
        self.crash.at("renew", Point::AfterEffect, None);
        let effect = self.renewed(&*backend, &act, sent).await;
        self.crash.at("renew", Point::BeforeOutcome, None);
        let lost = match &effect {
            Effect::NotApplied { why: Refusal::Fence, detail } => {
                self.foreign_marker(&act).await.map(|found| format!("{detail}; {found}"))
            }
            _ => None,
        };
        let stands = matches!(effect, Effect::Applied { .. });
        self.write(&Event::Renewed { marker, effect })?;
        // A command on its way is brought to its end first; the next side effect finds the marker as it is.
        if let Some(detail) = lost.filter(|_| self.run().in_flight().is_none()) {
            self.write(&Event::Superseded { detail: detail.into() })?;
        }
        Ok(stands)
    }

    async fn renewed(&self, backend: &dyn Backend, act: &Act, sent: Sent) -> Effect {
        match sent {
            Sent::Refused(refused) => refused.into(),
            Sent::Unclear(detail) => Effect::Unknown { detail },
            Sent::Claimed(said) | Sent::Recorded(said) => {
                settle(Some(&said), self.look_until(backend, act, super::perform::UPDATE_SEEN).await)
            }
        }
    }

    async fn shown(&self, claimed: &Claimed) -> Shown {
        let Ok(update) = self.run().renewal(claimed, self.clock.now()) else { return Shown::Ours };
        let seen = match self.markers_now(&update).await {
            Ok(seen) => seen,
            Err(why) => return Shown::Unread(why),
        };
        let own = seen.get(&claimed.marker).map(Vec::as_slice).unwrap_or_default();
        let stands = |text: &&String| matches!(own, [one] if Clean::new(text) == *one);
        if let Some(text) = claimed.perhaps.iter().find(stands) {
            return Shown::Renewed(text.clone());
        }
        let before_alone =
            Update { markers: update.markers.iter().map(super::guard::before_alone).collect(), ..update };
        match super::guard::first_foreign(&before_alone, &seen) {
            Some(found) => Shown::Foreign(found),
            None => Shown::Ours,
        }
    }
}

/// Whether an update of this step writes the claimed marker.
fn writes(step: &Step, claimed: &Claimed) -> bool {
    match &step.action {
        Action::DnsUpdate(update) => update.marker.as_ref().is_some_and(|marker| marker.name == claimed.marker),
        _ => false,
    }
}

/// A renewal on its way.
struct Sending<'a>(&'a Executor);

impl Witness for Sending<'_> {
    fn started(&self, _process: Process) -> BoxFuture<'_, Result<(), Clean>> {
        std::future::ready(Ok(())).boxed()
    }

    fn sent(&self) -> BoxFuture<'_, ()> {
        self.0.crash.at("renew", Point::AfterSend, None);
        std::future::ready(()).boxed()
    }
}
