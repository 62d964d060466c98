//! The state machine of a run: events in, what is to be done out. Pure: no clock, no file, no network.
//!
//! The journal's events, applied in order, rebuild the state exactly; that is how a run is resumed. Nothing is ever assumed: a
//! side effect with an intent and no outcome is unknown until it was observed.

mod apply;
mod back;
mod choose;
mod event;
mod message;
mod proof;
mod renewal;
mod state;
mod summary;
mod timeline;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::plan::{Action, OpenItem, Plan, Purpose, Step, StepId};
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;

pub use event::{Ask, Check, Decision, End, Event, MarkerText, Way};
pub use message::NoAct;
pub use renewal::Claimed;
pub use state::{Illegal, Progress, State, Status, Todo, Work};
pub use summary::Summary;
pub use timeline::{Line, timeline};

/// One run of one plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    plan: Arc<Plan>,
    steps: Vec<Progress>,
    phase: Phase,
    rechecked: bool,
    /// The side effect whose intent is on disk and whose outcome is not.
    in_flight: Option<InFlight>,
    /// Backwards: side effects are taken back, last one first.
    turning: bool,
    /// An operator said to go on while a side effect was unknown: if it never happened it is made again.
    resuming: bool,
    /// The exact text of each marker as this run wrote it last.
    markers: BTreeMap<Fqdn, String>,
    /// The exact text that each step wrote.
    written: BTreeMap<StepId, MarkerText>,
    /// By marker: texts of renewals that were sent and may stand there, now or later, in place of the one above.
    renewing: BTreeMap<Fqdn, Vec<String>>,
    /// Looks on the way back that were well: servers show the records as they were put back, or take the calls again.
    read_back: BTreeSet<usize>,
    /// Steps whose server takes no new calls any more, before it is taken out of service again.
    drained: BTreeSet<usize>,
    /// Commands that got what they act upon, and may have begun.
    issued: BTreeSet<usize>,
    /// Looks that were well before the run paused, and say nothing of now.
    doubted: BTreeSet<usize>,
    open_items: Vec<OpenItem>,
    /// Why it waits for a person.
    why: Option<Clean>,
    confirmed_by: Option<Clean>,
    /// The account that the system vouched for then.
    confirmed_as: Option<Clean>,
    /// A second person who agreed, where the plan wants one.
    approved_by: Option<Clean>,
    operator: Option<Clean>,
    config: String,
    commit_confirm: Option<Duration>,
    confirm_until: Option<Timestamp>,
    kept_by: Option<Clean>,
    began: u32,
    started: Option<Timestamp>,
    records_changed: Option<Timestamp>,
    refused: bool,
    last: Option<Timestamp>,
}

/// What the plan's own progress does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not confirmed yet.
    Draft,
    /// Going on.
    Going,
    /// Somebody has to decide.
    Halted,
    /// Taking back failed.
    Stuck,
    /// Over.
    Ended(End),
}

/// A side effect on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// Which.
    pub work: Work,
    /// When its intent was written.
    pub at: Timestamp,
    /// The marker that it writes.
    pub marker: Option<MarkerText>,
    /// The command's process, once it was started: number and start.
    pub process: Option<(u32, Option<u64>)>,
    /// It was looked for until the wait was over, and is still not known.
    pub in_vain: bool,
}

impl Run {
    /// A run that nothing happened to yet.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let fresh = Progress { status: Status::Pending, attempts: 0, detail: Clean::default() };
        Self {
            steps: vec![fresh; plan.steps.len()],
            plan,
            phase: Phase::Draft,
            rechecked: false,
            in_flight: None,
            turning: false,
            resuming: false,
            markers: BTreeMap::new(),
            written: BTreeMap::new(),
            renewing: BTreeMap::new(),
            read_back: BTreeSet::new(),
            drained: BTreeSet::new(),
            issued: BTreeSet::new(),
            doubted: BTreeSet::new(),
            open_items: Vec::new(),
            why: None,
            confirmed_by: None,
            confirmed_as: None,
            approved_by: None,
            operator: None,
            config: String::new(),
            commit_confirm: None,
            confirm_until: None,
            kept_by: None,
            began: 0,
            started: None,
            records_changed: None,
            refused: false,
            last: None,
        }
    }

    /// Rebuilds a run from its journal.
    ///
    /// # Errors
    /// [`Illegal`] when the events are not those of a run of this plan.
    pub fn replay<'a>(
        plan: Arc<Plan>,
        events: impl IntoIterator<Item = (Timestamp, &'a Event)>,
    ) -> Result<Self, Illegal> {
        let mut run = Self::new(plan);
        for (at, event) in events {
            run.apply(at, event)?;
        }
        Ok(run)
    }

    /// Takes an event and says what is to be done next.
    ///
    /// # Errors
    /// [`Illegal`], and the run is as it was.
    pub fn handle(&mut self, at: Timestamp, event: &Event) -> Result<Todo, Illegal> {
        self.apply(at, event)?;
        Ok(self.next())
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Where it is.
    #[must_use]
    pub fn state(&self) -> State {
        match self.phase {
            Phase::Ended(end) => State::Ended(end),
            Phase::Stuck => State::Stuck,
            Phase::Halted => State::Halted,
            Phase::Draft => State::Armed,
            Phase::Going if self.wants_approval() => State::Blocked,
            Phase::Going if self.in_flight_is_unknown() => State::Reconciling,
            Phase::Going if self.turning => State::RollingBack,
            Phase::Going if !self.rechecked && self.changed_nothing() => State::Armed,
            Phase::Going => self.forward_state(),
        }
    }

    fn forward_state(&self) -> State {
        let pending = || self.pending().filter_map(|index| self.plan.steps.get(index));
        if self.in_flight.is_some() || pending().any(is_change) {
            return State::Executing;
        }
        match pending().next().map(|step| &step.action) {
            Some(Action::Soak(_) | Action::DnsUpdate(_)) | None => State::Soaking,
            Some(_) => State::Converging,
        }
    }

    /// How far each step is, in the plan's order.
    pub fn steps(&self) -> impl Iterator<Item = (&Step, &Progress)> {
        self.plan.steps.iter().zip(&self.steps)
    }

    /// A step by its place.
    #[must_use]
    pub fn step(&self, index: usize) -> Option<&Step> {
        self.plan.steps.get(index)
    }

    /// The side effect on its way.
    #[must_use]
    pub fn in_flight(&self) -> Option<&InFlight> {
        self.in_flight.as_ref()
    }

    /// What is left to do.
    #[must_use]
    pub fn open_items(&self) -> &[OpenItem] {
        &self.open_items
    }

    /// Why it waits for a person.
    #[must_use]
    pub fn why(&self) -> Option<&Clean> {
        self.why.as_ref()
    }

    /// Whether it was confirmed and waits for a second person.
    #[must_use]
    pub fn wants_approval(&self) -> bool {
        self.plan.wants_second_person() && self.approved_by.is_none()
    }

    /// Who answers for it now.
    #[must_use]
    pub fn operator(&self) -> Option<&Clean> {
        self.operator.as_ref().or(self.confirmed_by.as_ref())
    }

    /// The topology file that its executor reads.
    #[must_use]
    pub fn config(&self) -> &str {
        &self.config
    }

    /// Whether somebody called, or decided to keep it, and who.
    #[must_use]
    pub fn kept_by(&self) -> Option<&Clean> {
        self.kept_by.as_ref()
    }

    /// When it was confirmed, and when the last thing happened.
    #[must_use]
    pub fn times(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.started, self.last)
    }

    /// Whether its confirmation never came to be written down.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        self.phase == Phase::Draft
    }

    /// Whether any side effect was tried.
    #[must_use]
    pub fn has_tried(&self) -> bool {
        self.steps.iter().any(|progress| progress.attempts > 0)
    }

    /// When an address record was changed last: old answers live on from then.
    #[must_use]
    pub fn records_changed(&self) -> Option<Timestamp> {
        self.records_changed
    }

    /// Whether side effects may still be made, so that nobody else may touch the targets: the time for which a living executor
    /// holds the lock.
    #[must_use]
    pub fn needs_lock(&self) -> bool {
        matches!(self.state(), State::Armed | State::Executing | State::Reconciling | State::RollingBack)
    }

    /// Whether side effects are being taken back.
    #[must_use]
    pub fn is_turning(&self) -> bool {
        self.turning
    }

    fn index(&self, id: &StepId) -> Result<usize, Illegal> {
        let found = self.plan.steps.iter().position(|step| step.id == *id);
        found.ok_or_else(|| Illegal::NoStep(id.to_string()))
    }

    /// Steps that are still to be done, in order.
    fn pending(&self) -> impl Iterator<Item = usize> {
        let open = |progress: &Progress| progress.status == Status::Pending;
        self.steps.iter().enumerate().filter(move |(_, progress)| open(progress)).map(|(index, _)| index)
    }

    fn in_flight_is_unknown(&self) -> bool {
        let unknown = |work: Work| self.steps.get(work.step).is_some_and(|p| p.status == Status::Unknown);
        self.in_flight.as_ref().is_some_and(|flight| unknown(flight.work))
    }

    /// Whether no side effect of this run stands or may stand.
    #[must_use]
    pub fn changed_nothing(&self) -> bool {
        self.in_flight.is_none() && self.steps.iter().all(|p| !p.status.stands() && p.status != Status::Unknown)
    }
}

/// Whether a step makes a change that callers could notice, or prepares one: everything but letting the fence go.
fn is_change(step: &Step) -> bool {
    match &step.action {
        Action::DnsUpdate(update) => update.purpose != Purpose::Close,
        action => action.has_effect(),
    }
}
