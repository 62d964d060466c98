//! The guided failover: choose, review, confirm, run, verify. One dialog that owns what it is about: its site, its choices, its
//! plan, its run; never "the selected row".
//!
//! It never plans by itself: it asks for a plan ([`PlanAsk`]) and takes the answer whose number it waits for.

pub mod choices;
mod facts;
mod items;
mod keys;
mod phrase;
mod plan;
mod reasons;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tui_input::Input;

use crate::domain::act::Verb;
use crate::domain::name::{Fqdn, SiteName};
use crate::failover::plan::{Column, Plan, RunId};
use crate::failover::planner::Request;
use crate::failover::run::Ask;

pub use choices::Choices;
pub use items::Item;
pub(super) use keys::act;
pub(super) use phrase::{confirmed, not_confirmed, submit_phrase};
pub(super) use plan::{look_again, made};
pub(super) use reasons::take_reason;

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

/// A question that was asked and is not answered yet.
#[derive(Debug, Clone)]
pub struct Wait {
    /// The number by which its answer is known.
    pub ticket: u64,
    /// Since when.
    pub since: Timestamp,
    /// Whether something else was chosen meanwhile: its answer is asked for again. There is never more than one question on its way
    /// for what is chosen here, however fast the keys are.
    pub outdated: bool,
    /// What the console saw when it asked.
    sight: facts::Sight,
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
    /// The plan, or the confirmation, that it waits for.
    pub waits: Option<Wait>,
    /// Its plan.
    pub made: Option<Box<Made>>,
    /// What the console saw of the plan's targets when the plan was asked for.
    seen: facts::Facts,
    /// What is different now; the plan cannot be confirmed then.
    pub changed: Vec<String>,
    /// What the last answer or key came to, in one line.
    pub told: Option<String>,
    /// What rules said, and about what, when they were given a reason. A reason answers what was read, and no more.
    answered: BTreeSet<(String, String)>,
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
            seen: facts::Facts::default(),
            changed: Vec::new(),
            told: None,
            answered: BTreeSet::new(),
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

    /// Whether closing it would lose what was chosen, typed or read: nothing was started yet.
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        self.run.is_none()
    }

    /// Something else was chosen: what is on its way is an answer to something else.
    fn choose_again(&mut self) {
        self.waits = None;
        self.made = None;
        self.changed.clear();
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
            () if self.choices.commit_confirm.is_some() && plan.column == Column::Emergency => {
                Some("an emergency never turns back by itself: go back, and choose that it stays".to_owned())
            }
            () => None,
        }
    }
}

/// Whether a request wants a sentence that is kept in the journal before it is put. Holding changes nothing, and going on is what was
/// confirmed already.
#[must_use]
pub fn wants_reason(ask: &Ask) -> bool {
    !matches!(ask, Ask::Hold | Ask::Resume)
}
