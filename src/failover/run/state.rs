//! Words for where a run is, what became of each step, and what is to be done next.

use jiff::Timestamp;

use super::event::{Ask, End, Way};
use crate::domain::act::Refusal;
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Confirmed; a second person has to agree before anything is sent.
    Blocked,
    /// Confirmed; nothing was sent yet.
    Armed,
    /// Side effects are being made.
    Executing,
    /// All side effects are made; caches, servers and the SIP path are being watched.
    Converging,
    /// It holds; it is watched for a while, or waits to be confirmed.
    Soaking,
    /// It waits for a decision.
    Halted,
    /// A side effect's end is not known; it is being observed.
    Reconciling,
    /// Side effects are being taken back.
    RollingBack,
    /// Taking back failed; there is a list for a person.
    Stuck,
    /// It is over.
    Ended(End),
}

impl State {
    /// The word of JSON and screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Armed => "armed",
            Self::Executing => "executing",
            Self::Converging => "converging",
            Self::Soaking => "soaking",
            Self::Halted => "halted",
            Self::Reconciling => "reconciling",
            Self::RollingBack => "rolling-back",
            Self::Stuck => "stuck",
            Self::Ended(end) => end.word(),
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Ended(_))
    }

    /// Whether somebody has to decide.
    #[must_use]
    pub fn waits_for_a_person(self) -> bool {
        matches!(self, Self::Blocked | Self::Halted | Self::Stuck)
    }
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Not begun, or to be tried again.
    Pending,
    /// Its intent is on disk, its outcome is not.
    InFlight,
    /// Its effect was seen.
    Applied,
    /// It stands in the directory; the host takes it up when it returns.
    Recorded,
    /// It did not happen.
    NotApplied(Refusal),
    /// Nobody knows.
    Unknown,
    /// It looked, and all was well, or excused.
    Passed,
    /// It looked, and nobody proved it.
    NotProven,
    /// It looked, and it was not well.
    Failed,
    /// An operator went on without it.
    LeftOut,
    /// Its effect was taken back.
    Undone,
    /// Its effect could not be taken back.
    NotUndone,
}

impl Status {
    /// Whether its effect stands.
    #[must_use]
    pub fn stands(&self) -> bool {
        matches!(self, Self::Applied | Self::Recorded | Self::NotUndone)
    }

    /// The word of timeline and JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InFlight => "in-flight",
            Self::Applied => "applied",
            Self::Recorded => "recorded",
            Self::NotApplied(_) => "not-applied",
            Self::Unknown => "unknown",
            Self::Passed => "passed",
            Self::NotProven => "not-proven",
            Self::Failed => "failed",
            Self::LeftOut => "left-out",
            Self::Undone => "undone",
            Self::NotUndone => "not-undone",
        }
    }
}

/// A step and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How far.
    pub status: Status,
    /// How often it was tried.
    pub attempts: u32,
    /// The last thing said about it.
    pub detail: Clean,
}

/// What is to be done next: data for whoever can do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Todo {
    /// Read again what the remaining steps start from.
    Recheck,
    /// Carry a step's side effect out, or take it back.
    Perform(Work),
    /// Observe a side effect whose end is not known until it is, or until the effect wait is over.
    Settle(Work),
    /// Carry out a step that only looks.
    Look {
        /// Index into the plan's steps.
        step: usize,
    },
    /// Read records that were put back where a step of the way has read them.
    LookBack {
        /// Index into the plan's steps.
        step: usize,
    },
    /// Wait for an operator to confirm; then roll back, if that is safe.
    AwaitConfirm {
        /// Until when.
        until: Timestamp,
    },
    /// Somebody has to decide; the executor ends.
    Ask(Vec<Ask>),
    /// Write the end down.
    Close(End),
    /// It is over.
    Nothing,
}

/// A side effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Index into the plan's steps.
    pub step: usize,
    /// Forwards or backwards.
    pub way: Way,
    /// From 1.
    pub attempt: u32,
}

/// An event that cannot follow the ones before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// The plan has no such step.
    #[error("the plan has no step {0}")]
    NoStep(String),
    /// It does not belong here.
    #[error("{event} cannot follow when the run is {state}")]
    OutOfOrder {
        /// What.
        event: &'static str,
        /// Where the run was.
        state: &'static str,
    },
    /// One person alone.
    #[error("{0} made or confirmed this plan: somebody else has to agree")]
    OwnApproval(Clean),
    /// Nobody agreed in time.
    #[error("the plan expired at {0:.0}, before a second person agreed: nothing was changed, make it again")]
    Expired(Timestamp),
    /// The server is in no pair of the plan, or cannot be left out any more.
    #[error("{0} cannot be left out: it is in no pair of this plan, or its name moves in one message with others")]
    NotSeparable(Fqdn),
}
