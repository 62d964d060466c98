//! One line that an operator types: a reason, a sentence, a file's name. It owns what it is for.

use tui_input::Input;

use super::effect::{Effect, WhatFile};
use super::guide;
use super::model::Model;
use crate::domain::attention::Scope;
use crate::failover::plan::RunId;
use crate::failover::run::Ask;

/// What the line is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// A reason for a rule, or for the whole run.
    Reason {
        /// The rule.
        rule: Option<String>,
    },
    /// Why a finding needs nobody now.
    Acknowledge {
        /// Its kind.
        id: &'static str,
        /// What it is about.
        subject: String,
    },
    /// How long a maintenance window lasts, and why.
    Maintenance(Scope),
    /// Something that is asked of a run, and why.
    AskRun {
        /// The run.
        run: RunId,
        /// What.
        asked: Ask,
    },
    /// Where a file goes.
    Write(WhatFile),
}

/// The dialog of one line.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// The line.
    pub input: Input,
    /// Why the line was not taken.
    pub problem: Option<String>,
}

impl Prompt {
    /// A line that says something already.
    #[must_use]
    pub fn new(purpose: Purpose, text: &str) -> Self {
        Self { purpose, input: Input::new(text.to_owned()), problem: None }
    }

    /// What stands in its border, and what is to be typed.
    #[must_use]
    pub fn words(&self) -> (String, &'static str) {
        match &self.purpose {
            Purpose::Reason { rule: Some(rule) } => (
                format!("A reason for {rule}"),
                "one sentence with the incident's number; kept in the plan and the journal",
            ),
            Purpose::Reason { rule: None } => {
                ("A sentence for the whole run".to_owned(), "with the incident's number; kept first in every summary")
            }
            Purpose::Acknowledge { subject, .. } => (
                format!("Acknowledge: {subject}"),
                "why it needs nobody now; every console of this state directory shows it",
            ),
            Purpose::Maintenance(scope) => {
                (format!("Maintenance of {}", scope.words()), "for how long, and why: `90m replace the power supply`")
            }
            Purpose::AskRun { run, asked: Ask::Confirm } => (
                format!("Called it, heard the greeting: run {run}"),
                "which number was called and what was heard; kept in the journal. Going back says nothing",
            ),
            Purpose::AskRun { run, asked } => (
                format!("{} run {run}", verb(asked)),
                "why; kept in the journal. Enter asks for it, going back leaves the run alone",
            ),
            Purpose::Write(what) => {
                (format!("Write {}", what.words()), "the file's name; an existing file is never overwritten")
            }
        }
    }
}

fn verb(asked: &Ask) -> String {
    let word = match asked {
        Ask::RollBack => "Roll back",
        Ask::Abort => "Abort",
        Ask::Abandon => "Abandon",
        Ask::Close => "Close what is left to do of",
        Ask::TakeOver => "Take over",
        Ask::Hold => "Hold",
        Ask::Approve => "Approve",
        Ask::Confirm => "Confirm",
        Ask::Resume => "Resume",
        Ask::Without(server) => return format!("Without {}, go on with", server.host()),
    };
    word.to_owned()
}

/// Takes the line; what is wrong with it otherwise.
pub(super) fn submit(model: &mut Model, prompt: &Prompt) -> Result<Vec<Effect>, String> {
    let text = prompt.input.value().trim();
    match &prompt.purpose {
        Purpose::Reason { rule } => guide::take_reason(model, rule.as_deref(), text),
        _ if text.is_empty() => Err("type something, or go back".to_owned()),
        Purpose::Acknowledge { id, subject } => Ok(super::attend::acknowledge(model, id, subject, text)),
        Purpose::Maintenance(scope) => super::attend::declare(model, scope, text),
        Purpose::AskRun { run, asked } => {
            let reason = Some(text.to_owned());
            Ok(vec![Effect::AskRun { run: run.clone(), asked: asked.clone(), reason }])
        }
        Purpose::Write(what) => Ok(vec![Effect::Write { path: text.to_owned(), what: what.clone() }]),
    }
}
