//! One judgement: asks what no probe asks, then judges.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::write_test;
use crate::backend::Backends;
use crate::domain::act::Update;
use crate::domain::judge::Picture;
use crate::domain::name::{BackendName, ForestName};
use crate::domain::observation::{CommandFailure, Sync};
use crate::domain::topology::{Environment, FailoverMethod, Topology};
use crate::domain::watch::Watch;
use crate::executor::survey;
use crate::probe::{Clock, ProbeError, SipProber, check_tools, read_syncs};
use crate::readiness::{self, Facts, NumberBook, Readiness, ReadyBook};

/// A management shell takes seconds to start: whether it is there, and what it says of forests, is asked this often at most. In the
/// demo always.
const COMMANDS_REST: Duration = Duration::from_secs(5 * 60);

/// What the probes have seen, as readiness looks at it.
#[derive(Debug, Clone)]
pub struct Sight {
    picture: Picture,
    facts: Facts,
}

impl Sight {
    /// Takes what is needed out of what was observed; `picture` is the watch's own of this moment, `zone` tells which day it is.
    #[must_use]
    pub fn of(watch: &Watch, picture: Picture, zone: &TimeZone) -> Self {
        let today = picture.at.to_zoned(zone.clone()).date();
        Self { facts: Facts::of(watch, today, picture.at), picture }
    }

    /// The moment that it shows.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.picture.at
    }
}

/// What no probe asks.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    commands: Commands,
    numbers: Option<NumberBook>,
}

/// What commands said that no probe runs.
#[derive(Debug, Clone, Default)]
struct Commands {
    /// How each backend's own `check` command ended.
    tools: BTreeMap<BackendName, Result<(), CommandFailure>>,
    /// What each forest's `sync` command told.
    syncs: BTreeMap<ForestName, Result<Sync, CommandFailure>>,
}

/// Judges a topology's readiness, as often as it is asked.
#[derive(Debug)]
pub struct Judge {
    topology: Arc<Topology>,
    clock: Clock,
    backends: Backends,
    read_only: bool,
    prober: SipProber,
    numbers: OnceCell<NumberBook>,
    commands: Mutex<Option<(Instant, Commands)>>,
    book: Mutex<ReadyBook>,
}

impl Judge {
    /// A judge who remembers what `book` does.
    ///
    /// # Errors
    /// [`ProbeError`] when a declared file cannot be used.
    pub fn new(topology: Arc<Topology>, clock: Clock, book: ReadyBook) -> Result<Self, ProbeError> {
        // A rehearsal proves the handshake that callers will make: a fresh one.
        let prober = SipProber::new(&topology, clock.clone())?.keeping(false);
        let backends = Backends::of(&topology);
        Ok(Self {
            topology,
            clock,
            backends,
            read_only: false,
            prober,
            numbers: OnceCell::new(),
            commands: Mutex::new(None),
            book: Mutex::new(book),
        })
    }

    /// Sends no write test when `true`, whatever a zone's owner allows.
    #[must_use]
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Asks what no probe asks; may go on beside a round of probes. Each thing that is asked has a deadline of its own.
    pub async fn ask(&self) -> Asked {
        let (commands, numbers) = tokio::join!(self.run_commands(), self.read_numbers());
        Asked { commands, numbers }
    }

    /// Rehearses the failovers that may come, and judges. `None` when the judgement itself came to no end.
    pub async fn judge(&self, sight: Sight, asked: Asked) -> Option<Readiness> {
        let Sight { picture, mut facts } = sight;
        (facts.tools, facts.sync, facts.numbers) = (asked.commands.tools, asked.commands.syncs, asked.numbers);
        let topology = Arc::clone(&self.topology);
        // Planning for every server of a large deployment takes longer than a probe may be kept waiting.
        let last = self.book().writes().clone();
        let planned = spawn_blocking(move || {
            let targets = readiness::targets(&topology, &picture, &facts);
            let tests = readiness::write_tests(&topology, &picture, &facts, &last);
            (targets, tests, picture, facts)
        });
        let (targets, tests, picture, mut facts) = planned.await.ok()?;
        if !picture.isolated {
            let rehearsals = survey::rehearse_all(&self.topology, &self.prober, targets);
            let (rehearsals, ()) = tokio::join!(rehearsals, self.test_writes(tests));
            facts.rehearsals = Some(rehearsals);
        }
        facts.writes.clone_from(self.book().writes());
        let topology = Arc::clone(&self.topology);
        let judged = spawn_blocking(move || Readiness::judge(&topology, &picture, &facts)).await;
        let mut judged = judged.ok()?;
        self.book.lock().unwrap_or_else(PoisonError::into_inner).settle(&mut judged.sites);
        Some(judged)
    }

    /// What is to be remembered over restarts.
    #[must_use]
    pub fn book(&self) -> ReadyBook {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn test_writes(&self, tests: Vec<Update>) {
        if self.read_only {
            return;
        }
        for (zone, test) in write_test::send(&self.backends, tests, &self.clock).await {
            self.book.lock().unwrap_or_else(PoisonError::into_inner).note_write(&zone, test);
        }
    }

    async fn run_commands(&self) -> Commands {
        let demo = self.topology.console.environment == Environment::Demo;
        let rest = if demo { Duration::ZERO } else { COMMANDS_REST };
        let known = self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, commands)) = known.filter(|(at, _)| at.elapsed() < rest) {
            return commands;
        }
        let (tools, syncs) = tokio::join!(self.check_tools(), read_syncs(&self.topology));
        let commands = Commands { tools, syncs };
        *self.commands.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), commands.clone()));
        commands
    }

    /// None is run where no failover manages servers.
    async fn check_tools(&self) -> BTreeMap<BackendName, Result<(), CommandFailure>> {
        let manages = self.topology.dial_plans.iter().any(|plan| plan.method == FailoverMethod::EnableDisable);
        if manages { check_tools(&self.topology).await } else { BTreeMap::new() }
    }

    /// The declared numbers; the numbering library takes its time when it is asked first.
    async fn read_numbers(&self) -> Option<NumberBook> {
        let read = || async {
            let topology = Arc::clone(&self.topology);
            spawn_blocking(move || NumberBook::read(&topology)).await
        };
        self.numbers.get_or_try_init(read).await.ok().cloned()
    }
}
