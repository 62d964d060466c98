//! Runs, as the console sees them in the state directory: whoever started them, on whichever console.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::clean::Clean;
use crate::failover::plan::{Direction, RunId};
use crate::failover::run::{Ask, End, Event, Run, State};

/// A run as it was read last.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSeen {
    /// Which.
    pub id: RunId,
    /// What its journal says, or why that cannot be read.
    pub view: Result<RunView, Clean>,
}

/// A run whose journal could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct RunView {
    /// Its state.
    pub run: Arc<Run>,
    /// Everything that happened.
    pub events: Arc<Vec<(Timestamp, Event)>>,
    /// Who its living executor works for.
    pub living: Option<Clean>,
    /// What a dead executor said last.
    pub last_words: Option<Clean>,
}

impl RunView {
    /// Whether its executor died in the middle: nothing goes on until somebody says so.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        let state = self.run.state();
        self.living.is_none() && !state.is_over() && !state.waits_for_a_person()
    }

    /// Whether it goes on, or waits for somebody.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.run.state().is_over()
    }

    /// Whether it watches and no longer changes anything.
    #[must_use]
    pub fn only_watches(&self) -> bool {
        matches!(self.run.state(), State::Converging | State::Soaking | State::Ended(_))
    }

    /// What can be asked of it now, the safe one first.
    #[must_use]
    pub fn offers(&self) -> Vec<Ask> {
        let state = self.run.state();
        match state {
            _ if self.is_interrupted() && self.run.changed_nothing() => vec![Ask::Hold, Ask::Resume, Ask::Abandon],
            _ if self.is_interrupted() => vec![Ask::Hold, Ask::Resume, Ask::RollBack, Ask::Abandon],
            State::Blocked | State::Halted | State::Stuck => self.run.offers(),
            _ => Vec::new(),
        }
    }

    /// Whether its changes could be taken back by this run.
    #[must_use]
    pub fn can_roll_back(&self) -> bool {
        self.is_open() && !self.run.is_turning() && !self.run.changed_nothing()
    }
}

/// Runs, newest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Runs(Vec<RunSeen>);

impl Runs {
    /// Takes them as they were read, oldest first.
    #[must_use]
    pub fn new(mut seen: Vec<RunSeen>) -> Self {
        seen.sort_by(|a, b| b.id.cmp(&a.id));
        Self(seen)
    }

    /// All of them, newest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &RunSeen> + DoubleEndedIterator {
        self.0.iter()
    }

    /// A run that could be read.
    #[must_use]
    pub fn get(&self, id: &RunId) -> Option<&RunView> {
        self.0.iter().find(|seen| seen.id == *id)?.view.as_ref().ok()
    }

    fn readable(&self) -> impl Iterator<Item = &RunView> {
        self.0.iter().filter_map(|seen| seen.view.as_ref().ok())
    }

    /// Runs that are not over, newest first.
    pub fn open(&self) -> impl Iterator<Item = &RunView> {
        self.readable().filter(|view| view.is_open())
    }

    /// Runs whose executor lives.
    pub fn living(&self) -> impl Iterator<Item = &RunView> {
        self.open().filter(|view| view.living.is_some())
    }

    /// What was left to do by runs that are over, until it was settled.
    pub fn left_to_do(&self) -> impl Iterator<Item = (&RunView, &crate::failover::plan::OpenItem)> {
        self.readable().flat_map(|view| view.run.open_items().iter().map(move |item| (view, item)))
    }

    /// The run that carried a site's names or calls away, when it was the last one of that site that came to its end.
    #[must_use]
    pub fn carried_away(&self, site: &crate::domain::name::SiteName) -> Option<&RunView> {
        let mut of_site = self.readable().filter(|view| view.run.plan().site == *site);
        let newest = of_site.find(|view| view.run.state() == State::Ended(End::Completed) || view.is_open())?;
        (newest.run.plan().direction == Direction::Over).then_some(newest)
    }

    /// Whether any run carried a site away that no later run brought home.
    #[must_use]
    pub fn carried_anything_away(&self) -> bool {
        self.readable().any(|view| self.carried_away(&view.run.plan().site).is_some())
    }
}
