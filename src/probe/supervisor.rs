//! Keeps every probe of a topology going: on its interval, jittered, each result in a slot where a newer one replaces it.
//!
//! A probe that fails, hangs or even panics ends its try and nothing else.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Clock;
use crate::domain::clean::Clean;
use crate::domain::observation::{Observation, Outcome, ProbeId};

/// Something that can carry out probes. `None` when the probe could not even be started, so that there is nothing to report.
pub trait Ask: Send + Sync + 'static {
    /// Carries one probe out, within its deadline.
    fn ask<'a>(&'a self, probe: &'a ProbeId) -> BoxFuture<'a, Option<Outcome>>;
}

/// One probe and how often it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// What is probed.
    pub probe: ProbeId,
    /// From the start of one try to the start of the next.
    pub interval: Duration,
    /// After which a try is given up from outside; the probe's own deadline is shorter.
    pub limit: Duration,
}

/// Running probes. They end when it is dropped.
#[derive(Debug)]
pub struct Supervisor {
    slots: Arc<Slots>,
    _stop: DropGuard,
}

/// The newest result of each probe that nobody has taken yet.
#[derive(Debug, Default)]
struct Slots {
    newest: Mutex<BTreeMap<ProbeId, Observation>>,
    filled: Notify,
}

impl Supervisor {
    /// Starts all probes on a runtime.
    #[must_use]
    pub fn start(ask: &Arc<dyn Ask>, schedule: Vec<Scheduled>, clock: &Clock, on: &Handle) -> Self {
        let (slots, stop) = (Arc::new(Slots::default()), CancellationToken::new());
        let spread = spread(schedule.len());
        for scheduled in schedule {
            let probe = keep_probing(Arc::clone(ask), scheduled, spread, clock.clone(), Arc::clone(&slots));
            on.spawn(stop.clone().run_until_cancelled_owned(probe));
        }
        Self { slots, _stop: stop.drop_guard() }
    }

    /// Waits until a result is there that was not taken.
    pub async fn changed(&self) {
        loop {
            let filled = self.slots.filled.notified();
            if !self.slots.lock().is_empty() {
                return;
            }
            filled.await;
        }
    }

    /// Takes the newest results, at most one of each probe.
    #[must_use]
    pub fn take(&self) -> Vec<Observation> {
        std::mem::take(&mut *self.slots.lock()).into_values().collect()
    }
}

impl Slots {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ProbeId, Observation>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, observation: Observation) {
        self.lock().insert(observation.probe.clone(), observation);
        self.filled.notify_one();
    }
}

/// How long the first tries are spread over: many targets are not asked in one instant.
fn spread(probes: usize) -> Duration {
    Duration::from_micros(500 * u64::try_from(probes).unwrap_or(u64::MAX)).min(Duration::from_secs(2))
}

async fn keep_probing(ask: Arc<dyn Ask>, scheduled: Scheduled, spread: Duration, clock: Clock, slots: Arc<Slots>) {
    let mut next = Instant::now() + spread.mul_f64(rand::random());
    loop {
        tokio::time::sleep_until(next).await;
        let started = Instant::now();
        if let Some(outcome) = one_try(&*ask, &scheduled).await {
            slots.put(Observation {
                probe: scheduled.probe.clone(),
                at: clock.now(),
                took: started.elapsed(),
                outcome,
            });
        }
        next = (started + jittered(scheduled.interval)).max(Instant::now());
    }
}

/// One try, which ends whatever happens in it.
pub(super) async fn one_try(ask: &dyn Ask, scheduled: &Scheduled) -> Option<Outcome> {
    let guarded = AssertUnwindSafe(ask.ask(&scheduled.probe)).catch_unwind();
    match tokio::time::timeout(scheduled.limit, guarded).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => super::failed_inside(&scheduled.probe, &Clean::new("the probe failed inside the console")),
        Err(_) => super::failed_inside(&scheduled.probe, &Clean::new("the probe overran its deadline")),
    }
}

/// The interval, a tenth shorter or longer by chance, so that probes do not march in step.
fn jittered(interval: Duration) -> Duration {
    interval.mul_f64(0.9 + 0.2 * rand::random::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::BackendName;
    use crate::domain::observation::StateReport;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Counts its tries; every third one panics, every third one hangs.
    struct Wild(AtomicU32);

    impl Ask for Wild {
        fn ask<'a>(&'a self, _: &'a ProbeId) -> BoxFuture<'a, Option<Outcome>> {
            let n = self.0.fetch_add(1, Ordering::SeqCst);
            async move {
                match n % 3 {
                    0 => panic!("as it happens"),
                    1 => std::future::pending().await,
                    _ => Some(Outcome::State(Ok(StateReport::default()))),
                }
            }
            .boxed()
        }
    }

    fn scheduled() -> Scheduled {
        Scheduled {
            probe: ProbeId::State { backend: BackendName::new("exchange") },
            interval: Duration::from_millis(10),
            limit: Duration::from_millis(5),
        }
    }

    #[tokio::test]
    async fn a_panic_or_a_hang_ends_the_try_and_not_the_probe() {
        let ask = Arc::new(Wild(AtomicU32::new(0)));
        let asked: Arc<dyn Ask> = ask.clone();
        let supervisor = Supervisor::start(&asked, vec![scheduled()], &Clock::start(), &Handle::current());
        let mut good = 0;
        let mut bad = 0;
        while good < 2 {
            supervisor.changed().await;
            for observation in supervisor.take() {
                match observation.outcome {
                    Outcome::State(Ok(_)) => good += 1,
                    _ => bad += 1,
                }
            }
        }
        assert!(bad >= 2, "panics and hangs are results, too");
    }

    #[tokio::test]
    async fn only_the_newest_result_of_a_probe_is_kept_and_dropping_ends_it() {
        let ask = Arc::new(Wild(AtomicU32::new(0)));
        let asked: Arc<dyn Ask> = ask.clone();
        let supervisor = Supervisor::start(&asked, vec![scheduled()], &Clock::start(), &Handle::current());
        while ask.0.load(Ordering::SeqCst) < 9 {
            supervisor.changed().await;
            tokio::task::yield_now().await;
        }
        assert_eq!(supervisor.take().len(), 1);
        drop((supervisor, asked));
        // The task lets go of what it asks with when it has ended.
        while Arc::strong_count(&ask) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
