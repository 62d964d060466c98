//! The guided failover: choose, review, confirm, run, verify. One dialog that owns what it is about: its site, its choices, its
//! plan, its run; never "the selected row".
//!
//! It never plans by itself: it asks for a plan ([`PlanAsk`]) and takes the answer whose number it waits for.

pub mod choices;
mod facts;
mod items;
mod keys;
mod plan;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tui_input::Input;

use crate::domain::act::Verb;
use crate::domain::name::{Fqdn, SiteName};
use crate::failover::plan::{Plan, RunId};
use crate::failover::planner::Request;
use crate::failover::run::Ask;

pub use choices::Choices;
pub use items::Item;
pub(super) use keys::{act, submit_phrase};
pub(super) use plan::{confirmed, look_again, made, not_confirmed, take_reason};

/// What is to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A site's names and dial plans.
    Site {
        /// Whose.
        site: SiteName,
        /// Home instead of away.
        back: bool,
    },
    /// One server's service state.
    Service {
        /// The server.
        server: Fqdn,
        /// What becomes of it.
        verb: Verb,
    },
}

/// A plan that somebody shall make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanAsk {
    /// The number by which the answer is known.
    pub ticket: u64,
    /// What it is about.
    pub asked: Asked,
    /// The request, in the planner's words.
    pub request: Request,
    /// Reasons, by rule.
    pub reasons: BTreeMap<String, String>,
}

/// A plan that was made, rehearsed and judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// The plan.
    pub plan: Plan,
    /// Why a reason was not taken.
    pub not_taken: Option<String>,
    /// The exact messages and commands, as they would be sent: what a dry run shows.
    pub script: Vec<String>,
}

/// Where the dialog is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What shall move, and how.
    Choose,
    /// What exactly would change, rehearsed and judged.
    Review,
    /// The phrase is typed.
    Confirm,
    /// Changes are being made.
    Run,
    /// It is watched until servers, resolvers and the SIP path agree.
    Verify,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 5] = [Self::Choose, Self::Review, Self::Confirm, Self::Run, Self::Verify];

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Choose => "Choose",
            Self::Review => "Review",
            Self::Confirm => "Confirm",
            Self::Run => "Run",
            Self::Verify => "Verify",
        }
    }
}

/// The dialog.
#[derive(Debug, Clone)]
pub struct Guide {
    /// What it is about.
    pub asked: Asked,
    /// What was chosen.
    pub choices: Choices,
    /// Where it is; of a run that is attached the run itself says whether it is Run or Verify.
    pub step: Step,
    /// The plan that it waits for, and since when.
    pub waits: Option<(u64, Timestamp)>,
    /// Its plan.
    pub made: Option<Box<Made>>,
    /// What the console saw of the plan's targets when the plan came.
    pub seen: BTreeMap<String, String>,
    /// What is different now; the plan cannot be confirmed then.
    pub changed: Vec<String>,
    /// What the last answer or key came to, in one line.
    pub told: Option<String>,
    /// The line that the arrows are on.
    pub chosen: Option<Item>,
    /// The first line shown.
    pub top: usize,
    /// Whether the exact messages are shown in place of the review.
    pub script: bool,
    /// The phrase, as far as it was typed.
    pub phrase: Input,
    /// Whether the confirmation is on its way.
    pub sent: bool,
    /// Its run.
    pub run: Option<RunId>,
}

impl Guide {
    fn new(asked: Asked, choices: Choices) -> Self {
        Self {
            asked,
            choices,
            step: Step::Choose,
            waits: None,
            made: None,
            seen: BTreeMap::new(),
            changed: Vec::new(),
            told: None,
            chosen: None,
            top: 0,
            script: false,
            phrase: Input::default(),
            sent: false,
            run: None,
        }
    }

    /// The dialog on a run that somebody started.
    #[must_use]
    pub fn attached(run: RunId, plan: &Plan) -> Self {
        let asked = Asked::Site { site: plan.site.clone(), back: false };
        let choices = Choices::of_plan(plan);
        Self { step: Step::Run, run: Some(run), ..Self::new(asked, choices) }
    }

    /// Its plan.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.made.as_ref().map(|made| &made.plan)
    }

    /// Why the plan cannot be confirmed now; `None` when it can.
    #[must_use]
    pub fn not_ready(&self, now: Timestamp) -> Option<String> {
        if self.waits.is_some() {
            return Some("it is being looked at".to_owned());
        }
        let Some(plan) = self.plan() else { return Some("there is no plan yet".to_owned()) };
        let obstacles = plan.obstacles().count();
        match () {
            () if !self.changed.is_empty() => Some("what the plan was made against has changed: look again".to_owned()),
            () if plan.is_expired(now) => Some("the plan is older than 10 minutes: look again".to_owned()),
            () if obstacles == 1 => Some("one rule stands in the way".to_owned()),
            () if obstacles > 1 => Some(format!("{obstacles} rules stand in the way")),
            () => None,
        }
    }
}

/// Whether a request wants a sentence that is kept in the journal before it is put.
#[must_use]
pub fn wants_reason(ask: &Ask) -> bool {
    matches!(ask, Ask::Abandon | Ask::Close | Ask::RollBack | Ask::Abort | Ask::TakeOver)
}
