//! The executor: takes a run's directory and nothing else, and does what the run says next, until somebody has to decide or it is over.
//!
//! Every event is on disk before anything relies on it. It decides nothing itself: what comes next is the run's own answer.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;

use super::bare::Bare;
use super::crash::Crash;
use super::fence::Keeper;
use super::journal::{Journal, JournalError};
use super::lock::{self, Held, Holder, LockError};
use super::request::{self, Waiting};
use super::store::{RunDir, Store};
use crate::backend::Backends;
use crate::config::{self, Env};
use crate::domain::clean::Clean;
use crate::domain::topology::{Environment, Topology};
use crate::failover::plan::{Mode, Plan, PlanError, RunId};
use crate::failover::run::{Ask, Decision, End, Event, Illegal, Run, State, Todo};
use crate::probe::{Clock, ProbeError, SipProber};

/// How often an executor that waits looks for requests.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// What an executor is started with.
#[derive(Debug, Clone)]
pub struct Order {
    /// Where runs are kept.
    pub state_dir: PathBuf,
    /// Which one.
    pub run: RunId,
    /// Who starts it, on which machine.
    pub by: Clean,
    /// The machine.
    pub host: Clean,
    /// The value of `SWITCHBOARD_CRASH_AT`; counts on a demo only.
    pub crash: Option<String>,
    /// The value of `SWITCHBOARD_RENEW_AT`; counts on a demo only.
    pub renew_at: Option<String>,
}

/// Why an executor could not do its work. The run is as the journal has it.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The journal cannot be kept or relied on.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another executor carries this run out, or holds its targets.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The plan cannot be relied on.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The journal's events are not those of a run of its plan.
    #[error("the journal does not fit its plan: {0}")]
    Illegal(#[from] Illegal),
    /// An event that this program does not know.
    #[error("the journal has an event that this program does not know: {0}; go on with the program that wrote it")]
    Foreign(Clean),
    /// The topology file cannot be read as it is now.
    #[error("the topology file {path} cannot be used: {problems}")]
    Topology {
        /// Which file.
        path: String,
        /// What is wrong with it.
        problems: Clean,
    },
    /// Probes cannot be made ready.
    #[error(transparent)]
    Probe(#[from] ProbeError),
}

/// One executor at work.
pub(super) struct Executor {
    pub(super) store: Store,
    pub(super) dir: RunDir,
    pub(super) topology: Arc<Topology>,
    pub(super) backends: Backends,
    pub(super) sip: SipProber,
    pub(super) clock: Clock,
    pub(super) crash: Crash,
    pub(super) keeper: Keeper,
    holder: Holder,
    began: Timestamp,
    book: Mutex<Book>,
    targets: Mutex<Option<Vec<Held>>>,
}

/// Journal and state, which go together.
struct Book {
    journal: Journal,
    run: Run,
}

/// Rebuilds a run from its directory.
///
/// # Errors
/// [`ExecuteError`] when plan or journal are not what was written.
pub fn rebuild(dir: &RunDir, lines: &[super::chain::Line]) -> Result<Run, ExecuteError> {
    let text = dir.read_plan().map_err(|source| JournalError::Unreadable { path: dir.file("plan.json"), source })?;
    let plan = Arc::new(Plan::parse(&text)?);
    let mut events: Vec<(Timestamp, Event)> = Vec::with_capacity(lines.len());
    for line in lines {
        let event = serde_json::from_value(line.event.clone())
            .map_err(|error| ExecuteError::Foreign(format!("line {}: {error}", line.seq).into()))?;
        events.push((line.at, event));
    }
    Ok(Run::replay(plan, events.iter().map(|(at, event)| (*at, event)))?)
}

/// Carries a run on until somebody has to decide or it is over.
///
/// # Errors
/// [`ExecuteError`]; nothing is done that is not in the journal.
pub async fn execute(order: Order, env: &Env<'_>) -> Result<(), ExecuteError> {
    let clock = Clock::start();
    let store = Store::new(&order.state_dir);
    let dir = store.run(&order.run);
    let began = clock.now();
    let (run, pid) = (order.run.to_string(), std::process::id());
    let holder = Holder { run, pid, by: order.by.to_string(), since: began };
    if !dir.exists() {
        return Err(JournalError::Missing(order.run.to_string()).into());
    }
    let _alone = lock::executor(&dir, &holder).await?;
    let (mut journal, lines) = Journal::open(&dir)?;
    let mut run = rebuild(&dir, &lines)?;
    if run.state().is_over() {
        return Bare { dir: &dir, journal: &mut journal, run: &mut run, clock: &clock }.settle_afterwards();
    }
    if run.is_draft() {
        // Whoever typed the phrase died before it was on disk: nobody confirmed anything.
        let detail = "the confirmation was never written down".into();
        journal.append(clock.now(), &Event::Closed { end: End::Cancelled, detail })?;
        return Ok(());
    }
    let began_event = Event::Began { pid, host: order.host.clone(), cut: journal.cut() };
    journal.append(clock.now(), &began_event)?;
    run.apply(clock.now(), &began_event)?;
    let ready = load(&run, env).and_then(|topology| Ok((SipProber::new(&topology, clock.clone())?, topology)));
    let (sip, topology) = match ready {
        Ok((sip, topology)) => (sip.keeping(false), Arc::new(topology)),
        Err(error) => {
            return Bare { dir: &dir, journal: &mut journal, run: &mut run, clock: &clock }.give_up(error).await;
        }
    };
    let is_demo = topology.console.environment == Environment::Demo;
    let executor = Executor {
        backends: Backends::of(&topology),
        sip,
        crash: Crash::read(order.crash.as_deref(), is_demo),
        keeper: Keeper::read(order.renew_at.as_deref(), is_demo),
        topology,
        store,
        dir,
        clock,
        holder,
        began,
        book: Mutex::new(Book { journal, run }),
        targets: Mutex::new(None),
    };
    executor.work().await
}

fn load(run: &Run, env: &Env<'_>) -> Result<Topology, ExecuteError> {
    let path = run.config().to_owned();
    let unusable = |problems: Clean| ExecuteError::Topology { path: path.clone(), problems };
    let topology = config::load(std::path::Path::new(&path), env).map_err(|p| unusable(p.to_string().into()))?;
    let (plan, environment) = (run.plan(), topology.console.environment);
    if plan.environment != environment.word() || plan.console != topology.console.name {
        return Err(unusable(format!("it is {}, the plan is for {}", topology.console.name, plan.console).into()));
    }
    if plan.mode == Mode::Drill && environment != Environment::Demo {
        return Err(unusable("a drill runs on a demo only".into()));
    }
    Ok(topology)
}

impl Executor {
    async fn work(&self) -> Result<(), ExecuteError> {
        loop {
            self.take_requests().await?;
            self.mind_targets().await?;
            match self.run().next() {
                Todo::Nothing | Todo::Ask(_) => return Ok(()),
                Todo::Recheck => self.recheck().await?,
                Todo::Perform(work) => self.perform(work).await?,
                Todo::Settle(work) => self.settle(work).await?,
                Todo::Look { step } => self.look(step).await?,
                Todo::LookBack { step } => self.look_back(step).await?,
                Todo::AwaitConfirm { until } => self.await_confirmation(until).await?,
                Todo::Close(end) => self.close(end)?,
            }
        }
    }

    /// Writes an event down, then believes it.
    pub(super) fn write(&self, event: &Event) -> Result<(), ExecuteError> {
        let mut book = self.book();
        let now = self.clock.now();
        let mut next = book.run.clone();
        next.apply(now, event)?;
        book.journal.append(now, event)?;
        book.run = next;
        Ok(())
    }

    /// The run as it stands now.
    pub(super) fn run(&self) -> Run {
        self.book().run.clone()
    }

    /// The journal's head, as the marker keeps it.
    pub(super) fn head(&self) -> String {
        self.book().journal.head().to_owned()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, end: End) -> Result<(), ExecuteError> {
        let detail = self.run().why().cloned().unwrap_or_else(|| end.word().into());
        self.write(&Event::Closed { end, detail })
    }

    /// Holds the targets exactly as long as side effects may be made.
    async fn mind_targets(&self) -> Result<(), ExecuteError> {
        let run = self.run();
        let has = self.targets.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if !run.needs_lock() || run.state().is_over() {
            drop(self.targets.lock().unwrap_or_else(PoisonError::into_inner).take());
            return Ok(());
        }
        if has {
            return Ok(());
        }
        match lock::targets(&self.store, &run.targets(), &self.holder).await {
            Ok(held) => *self.targets.lock().unwrap_or_else(PoisonError::into_inner) = Some(held),
            Err(error) => self.write(&Event::BaseChanged { what: vec![error.to_string().into()] })?,
        }
        Ok(())
    }

    /// Takes up what operators ask for. Says whether anything was.
    pub(super) async fn take_requests(&self) -> Result<bool, ExecuteError> {
        let waiting = request::claimed(&self.dir);
        for one in &waiting {
            self.take(one).await?;
            drop(request::done(&self.dir, one));
        }
        Ok(!waiting.is_empty())
    }

    async fn take(&self, waiting: &Waiting) -> Result<(), ExecuteError> {
        let decision = self.weigh(waiting.decision()).await;
        let event = Event::Decided(decision.clone());
        // What does not fit any more is no decision; the operator sees the state and asks again.
        if self.run().apply(self.clock.now(), &event).is_err() {
            return Ok(());
        }
        let waited = self.run().state().waits_for_a_person();
        let stuck = self.run().state() == State::Stuck;
        self.write(&event)?;
        match decision.ask {
            Ask::Abandon if waited => {
                self.end_what_runs().await?;
                self.close(End::Abandoned)
            }
            Ask::Close if stuck => self.close(End::ClosedByHand),
            _ => Ok(()),
        }
    }

    /// Rolling back is judged like a run towards the site that it returns to: when that does not answer, a reason is wanted.
    async fn weigh(&self, decision: Decision) -> Decision {
        if decision.ask != Ask::RollBack || decision.reason.is_some() {
            return decision;
        }
        let run = self.run();
        let mut silent = Vec::new();
        for pair in &run.plan().pairs {
            if !self.is_alive(&pair.leaves).await {
                silent.push(pair.leaves.to_string());
            }
        }
        if silent.is_empty() {
            return decision;
        }
        let reason =
            format!("not rolled back: {} does not answer; give a reason to do it all the same", silent.join(", "));
        Decision { ask: Ask::Hold, reason: Some(reason.into()), ..decision }
    }

    /// Waits for somebody to confirm. Afterwards it turns back only if the site that was left is well at that moment, and only
    /// if this executor saw all of the wait.
    async fn await_confirmation(&self, until: Timestamp) -> Result<(), ExecuteError> {
        while self.clock.now() < until {
            self.mind_fence().await?;
            if self.take_requests().await? || self.run().state().is_over() {
                return Ok(());
            }
            sleep(LOOK).await;
        }
        let mut well = self.began < until;
        for pair in &self.run().plan().pairs {
            well = well && self.is_alive(&pair.leaves).await;
        }
        // Somebody may have confirmed while that site was asked.
        if self.take_requests().await? || self.run().state().is_over() {
            return Ok(());
        }
        let (ask, reason) = if well {
            (Ask::RollBack, "nobody confirmed in time, and the site that was left is well")
        } else {
            (Ask::Hold, "nobody confirmed in time, and turning back by itself is not safe")
        };
        let decision = Decision { ask, by: "commit-confirm".into(), account: None, reason: Some(reason.into()) };
        self.write(&Event::Decided(decision))
    }
}
