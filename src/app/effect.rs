//! What is to be done outside: data, carried out by the runtime.

use crate::domain::attention::Said;
use crate::failover::plan::{Plan, RunId};
use crate::failover::run::Ask;

use super::guide::PlanAsk;

/// Something for the runtime to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// End the console.
    Quit,
    /// Give the terminal back and stop, until the shell's `fg`.
    Suspend,
    /// Forget what the terminal shows and draw everything anew.
    Redraw,
    /// Look, plan, rehearse, judge; the answer is [`super::Event::PlanMade`].
    MakePlan(Box<PlanAsk>),
    /// Write plan and confirmation down and start the executor; the answer is [`super::Event::Confirmed`].
    Confirm {
        /// The number by which the answer is known.
        ticket: u64,
        /// The plan, exactly as it was reviewed.
        plan: Box<Plan>,
        /// What was typed.
        phrase: String,
        /// Minutes after which an unconfirmed run turns back.
        commit_confirm: Option<u64>,
    },
    /// Ask something of a run; start an executor where none lives.
    AskRun {
        /// The run.
        run: RunId,
        /// What.
        asked: Ask,
        /// Why; kept in the journal.
        reason: Option<String>,
    },
    /// Keep what an operator said for every console.
    Say(Said),
    /// Put a text into the clipboard of the operator's terminal.
    Copy(String),
    /// Ring, and show a notification where the terminal can.
    Notify(String),
    /// Write a new file; the answer is [`super::Event::Told`].
    Write {
        /// Its name, as it was typed.
        path: String,
        /// What goes into it.
        what: WhatFile,
    },
    /// Take the mouse, or give it back.
    Mouse(bool),
    /// Switch a fault of the demo.
    SwitchFault {
        /// Token of the thing, `um2`.
        subject: String,
        /// Token of the fault, `stop`.
        fault: String,
        /// On or off.
        on: bool,
    },
    /// Switch every fault of the demo off.
    HealAll,
}

/// What goes into a file.
#[derive(Debug, Clone, PartialEq)]
pub enum WhatFile {
    /// A plan's steps, for doing them by hand.
    Runbook {
        /// The plan.
        plan: Box<Plan>,
    },
    /// Lines of text.
    Events {
        /// One event a line.
        text: String,
    },
}

impl WhatFile {
    /// What it is, in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Runbook { .. } => "the runbook",
            Self::Events { .. } => "the events",
        }
    }
}
