//! Everything that can happen to a run, as the journal holds it. The run's state is the sum of these and of nothing else.

use serde::{Deserialize, Serialize};

use crate::domain::act::Effect;
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::failover::plan::{OpenItem, StepId};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The phrase was typed.
    Confirmed {
        /// By whom, on which machine.
        by: Clean,
        /// The account that the system vouched for; older journals have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<Clean>,
        /// The plan's hash.
        plan: String,
        /// The topology file that the executor reads.
        config: String,
        /// Rolls back by itself when nobody confirms within so many minutes after verification; planned runs only.
        commit_confirm_minutes: Option<u64>,
    },
    /// An executor took the run up; not the first when one died.
    Began {
        /// Its process.
        pid: u32,
        /// Its machine.
        host: Clean,
        /// Bytes of a torn last line that it cut off.
        cut: u64,
    },
    /// What the remaining steps start from was read again, and is as the plan has it.
    Rechecked {
        /// What was read.
        detail: Clean,
    },
    /// It is not as the plan has it.
    BaseChanged {
        /// What differs.
        what: Vec<Clean>,
    },
    /// A side effect is about to be sent. On disk before the first byte leaves.
    Intent {
        /// Which step.
        step: StepId,
        /// Done or undone.
        way: Way,
        /// From 1.
        attempt: u32,
        /// SHA-256 of what will be sent.
        digest: String,
        /// Where to.
        destination: Clean,
        /// The marker that it writes, exactly.
        marker: Option<MarkerText>,
    },
    /// The command's process was started and is held back until this is on disk.
    Child {
        /// Which step.
        step: StepId,
        /// Process and process group.
        pid: u32,
        /// Its start in the system's ticks.
        started: Option<u64>,
    },
    /// How a side effect ended.
    Outcome {
        /// Which step.
        step: StepId,
        /// Done or undone.
        way: Way,
        /// Which attempt.
        attempt: u32,
        /// How.
        effect: Effect,
    },
    /// The end of a claim's time is about to be put off. On disk before the first byte leaves.
    Renewing {
        /// The marker, exactly as it will stand: the same sequence, a later end.
        marker: MarkerText,
        /// SHA-256 of what will be sent.
        digest: String,
        /// Where to.
        destination: Clean,
    },
    /// How that ended. Without proof that it was refused it may still arrive: then either text may stand there.
    Renewed {
        /// Which one.
        marker: MarkerText,
        /// How.
        effect: Effect,
    },
    /// A step that only looks came to its end.
    Checked {
        /// Which step.
        step: StepId,
        /// What it found.
        check: Check,
        /// In words.
        detail: Clean,
    },
    /// The same, for records that were put back.
    CheckedBack {
        /// Which step read them on the way.
        step: StepId,
        /// What it found.
        check: Check,
        /// In words.
        detail: Clean,
    },
    /// Something worth a line of the timeline.
    Seen {
        /// During which step.
        step: StepId,
        /// In words.
        detail: Clean,
    },
    /// An operator decided.
    Decided(Decision),
    /// The marker is someone else's: no side effect after this.
    Superseded {
        /// Whose, and how that was seen.
        detail: Clean,
    },
    /// Something is left to do.
    ItemOpened {
        /// What.
        item: OpenItem,
    },
    /// It was read back, or attested.
    ItemSettled {
        /// Its stable word.
        id: String,
        /// About what.
        subject: String,
        /// How that is known.
        detail: Clean,
    },
    /// The run is over.
    Closed {
        /// How it ended.
        end: End,
        /// In words.
        detail: Clean,
    },
}

/// Forwards or backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// As planned.
    Do,
    /// Backwards, before a server is taken out of service again: no new calls.
    Drain,
    /// Back to the before-image.
    Undo,
}

/// A marker as it was written, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerText {
    /// The TXT record's name.
    pub name: Fqdn,
    /// Its text.
    pub text: String,
}

/// What a step that only looks found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It is as it should be.
    Passed,
    /// It is as it should be as far as could be asked; the rest is excused by name, and watched.
    Excused,
    /// Nobody proved it yet: no acceptance command, no call.
    NotProven,
    /// It is not as it should be.
    Failed,
}

/// What an operator asks of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What.
    pub ask: Ask,
    /// Who, on which machine.
    pub by: Clean,
    /// The account that the system vouched for; nobody's is asked for of what the executor decides itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Clean>,
    /// Why.
    pub reason: Option<Clean>,
}

/// The choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// No new side effect; those in flight are listed.
    Abort,
    /// Stop here and leave all as it is.
    Hold,
    /// Go on: settle what is unknown, then try again.
    Resume,
    /// Go on without this server and its partner.
    Without(Fqdn),
    /// Back to the before-images.
    RollBack,
    /// Leave it as it is, for good.
    Abandon,
    /// Another operator answers for it from now on.
    TakeOver,
    /// A second person agrees.
    Approve,
    /// "Called it, heard the greeting"; with commit-confirm: keep it.
    Confirm,
    /// What was left to do has been done by hand.
    Close,
}

impl Ask {
    /// The verb of `switchboard runs`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Abort => "abort",
            Self::Hold => "hold",
            Self::Resume | Self::Without(_) => "resume",
            Self::RollBack => "rollback",
            Self::Abandon => "abandon",
            Self::TakeOver => "takeover",
            Self::Approve => "approve",
            Self::Confirm => "confirm",
            Self::Close => "close",
        }
    }
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Done, maybe with open items.
    Completed,
    /// Everything that it changed is as before.
    RolledBack,
    /// Stuck, and mended by hand.
    ClosedByHand,
    /// Left as it was, for a reason.
    Abandoned,
    /// The marker became someone else's.
    Superseded,
    /// Ended before anything was changed.
    Cancelled,
}

impl End {
    /// The word of FAILOVER's diagram and of JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::RolledBack => "rolled-back",
            Self::ClosedByHand => "closed-by-hand",
            Self::Abandoned => "abandoned",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
        }
    }
}
