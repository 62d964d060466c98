//! Judgements on a clock of their own: one at a time, never more often than the clock says, in the background.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::judge::{Judge, Sight};
use crate::domain::judge::Picture;
use crate::domain::topology::Topology;
use crate::readiness::{Readiness, ReadyBook};
use crate::runtime::Memory;

/// The shortest and the longest time from the beginning of one round to that of the next.
const EVERY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(30));
/// A round of readiness for so many rounds of the probes.
const PROBES: u32 = 3;
/// The first round waits so long for probes that have brought nothing yet.
const PATIENCE: Duration = Duration::from_secs(10);
/// A round that takes longer is given up; everything that it asks has a shorter deadline.
const LONGEST: Duration = Duration::from_secs(180);

/// Rounds of readiness for a console. The one that is under way ends when this is dropped.
#[derive(Debug)]
pub struct Rounds {
    judge: Arc<Judge>,
    memory: Option<Memory>,
    on: Handle,
    every: Duration,
    started: Instant,
    began: Option<Instant>,
    under_way: Option<JoinHandle<Option<Readiness>>>,
}

impl Rounds {
    /// Rounds that are carried out on a runtime, and remembered where there is a memory.
    #[must_use]
    pub fn new(judge: Judge, topology: &Topology, memory: Option<Memory>, on: Handle) -> Self {
        let every = (topology.console.interval * PROBES).clamp(EVERY.0, EVERY.1);
        let (judge, started) = (Arc::new(judge), Instant::now());
        Self { judge, memory, on, every, started, began: None, under_way: None }
    }

    /// What is remembered so far.
    #[must_use]
    pub fn book(&self) -> ReadyBook {
        self.judge.book()
    }

    /// Whether it is time for a round: none is under way, the last one began long enough ago, and the probes have brought what
    /// there is to see.
    #[must_use]
    pub fn is_due(&self, picture: &Picture) -> bool {
        let all = picture.waiting == 0 && picture.states.iter().all(|state| state.at.is_some());
        let seen = all || self.started.elapsed() >= PATIENCE;
        seen && self.under_way.is_none() && self.began.is_none_or(|began| began.elapsed() >= self.every)
    }

    /// Begins a round over what was seen; does nothing while one is under way.
    pub fn begin(&mut self, sight: Sight) {
        if self.under_way.is_some() {
            return;
        }
        self.began = Some(Instant::now());
        let round = round(Arc::clone(&self.judge), self.memory.clone(), sight);
        self.under_way = Some(self.on.spawn(async move { timeout(LONGEST, round).await.ok().flatten() }));
    }

    /// The result of the round that is under way, as soon as it is there; waits for ever while there is none. What is waited for
    /// is not lost when the waiting is given up.
    pub async fn finished(&mut self) -> Readiness {
        loop {
            let Some(task) = &mut self.under_way else { return std::future::pending().await };
            let ended = task.await;
            self.under_way = None;
            if let Ok(Some(readiness)) = ended {
                return readiness;
            }
        }
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        if let Some(task) = &self.under_way {
            task.abort();
        }
    }
}

async fn round(judge: Arc<Judge>, memory: Option<Memory>, sight: Sight) -> Option<Readiness> {
    let asked = judge.ask().await;
    let readiness = judge.judge(sight, asked).await?;
    if let Some(memory) = memory {
        let book = judge.book();
        // What cannot be written costs a date and is tried again after the next round.
        let _ = tokio::task::spawn_blocking(move || memory.store_ready(&book)).await;
    }
    Some(readiness)
}

/// Waits for the judgement that is under way; for ever where nothing is judged.
pub async fn judged(rounds: &mut Option<Rounds>) -> Readiness {
    match rounds {
        Some(rounds) => rounds.finished().await,
        None => std::future::pending().await,
    }
}
