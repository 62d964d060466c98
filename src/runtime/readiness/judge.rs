//! One judgement: asks what no probe asks, then judges.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::domain::judge::Picture;
use crate::domain::name::BackendName;
use crate::domain::observation::CommandFailure;
use crate::domain::topology::{Environment, FailoverMethod, Topology};
use crate::domain::watch::Watch;
use crate::executor::survey;
use crate::probe::{Clock, ProbeError, SipProber, check_tools};
use crate::readiness::{self, Facts, NumberBook, Readiness, ReadyBook};

/// A management shell takes seconds to start: its presence is asked for this often at most. In the demo always.
const TOOLS_REST: Duration = Duration::from_secs(5 * 60);

/// What the probes have seen, as readiness looks at it.
#[derive(Debug, Clone)]
pub struct Sight {
    picture: Picture,
    facts: Facts,
}

impl Sight {
    /// Takes what is needed out of what was observed; `picture` is the watch's own of this moment.
    #[must_use]
    pub fn of(watch: &Watch, picture: Picture) -> Self {
        let today = picture.at.to_zoned(TimeZone::system()).date();
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
    tools: Tools,
    numbers: Option<NumberBook>,
}

type Tools = BTreeMap<BackendName, Result<(), CommandFailure>>;

/// Judges a topology's readiness, as often as it is asked.
#[derive(Debug)]
pub struct Judge {
    topology: Arc<Topology>,
    prober: SipProber,
    numbers: OnceCell<NumberBook>,
    tools: Mutex<Option<(Instant, Tools)>>,
    book: Mutex<ReadyBook>,
}

impl Judge {
    /// A judge who remembers what `book` does.
    ///
    /// # Errors
    /// [`ProbeError`] when a declared file cannot be used.
    pub fn new(topology: Arc<Topology>, clock: Clock, book: ReadyBook) -> Result<Self, ProbeError> {
        // A rehearsal proves the handshake that callers will make: a fresh one.
        let prober = SipProber::new(&topology, clock)?.keeping(false);
        Ok(Self { topology, prober, numbers: OnceCell::new(), tools: Mutex::new(None), book: Mutex::new(book) })
    }

    /// Asks what no probe asks; may go on beside a round of probes. Each thing that is asked has a deadline of its own.
    pub async fn ask(&self) -> Asked {
        let (tools, numbers) = tokio::join!(self.ask_tools(), self.read_numbers());
        Asked { tools, numbers }
    }

    /// Rehearses the failovers that may come, and judges. `None` when the judgement itself came to no end.
    pub async fn judge(&self, sight: Sight, asked: Asked) -> Option<Readiness> {
        let Sight { picture, mut facts } = sight;
        (facts.tools, facts.numbers) = (asked.tools, asked.numbers);
        let topology = Arc::clone(&self.topology);
        // Planning for every server of a large deployment takes longer than a probe may be kept waiting.
        let planned = spawn_blocking(move || (readiness::targets(&topology, &picture, &facts), picture, facts)).await;
        let (targets, picture, mut facts) = planned.ok()?;
        if !picture.isolated {
            facts.rehearsals = Some(survey::rehearse_all(&self.topology, &self.prober, targets).await);
        }
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

    /// How each backend's own `check` command ended; none is run where no failover manages servers.
    async fn ask_tools(&self) -> Tools {
        let manages = self.topology.dial_plans.iter().any(|plan| plan.method == FailoverMethod::EnableDisable);
        if !manages {
            return Tools::new();
        }
        let rest = if self.topology.console.environment == Environment::Demo { Duration::ZERO } else { TOOLS_REST };
        let known = self.tools.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, tools)) = known.filter(|(at, _)| at.elapsed() < rest) {
            return tools;
        }
        let tools = check_tools(&self.topology).await;
        *self.tools.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), tools.clone()));
        tools
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
