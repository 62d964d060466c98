//! The plan: immutable, complete, and sealed with a hash of all that it says.
//!
//! A [`Plan`] can only come from [`Plan::seal`] or, checked, from a file. Nothing here decides what belongs into one.

mod file;
mod id;
mod parts;
mod renewal;
mod step;
mod update;

use std::ops::Deref;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::topology::FailoverMethod;

pub use file::PlanError;
pub use id::{RunId, RunIdError, StepId};
pub use parts::{
    Base, Caches, Column, Direction, Evidence, Fence, LeftOut, Mode, OpenItem, Pair, RuleOutcome, Verdict,
};
pub use step::{Acceptance, Action, CacheWait, CommandStep, Path, ReadBack, SipCheck, SipTarget, SipWant, Soak, Step};
pub use update::{DnsUpdate, MarkerBefore, MarkerChange, PartnerMarker, Purpose, RecordSet, inverse};

/// The version of the plan file that this program writes and reads.
pub const VERSION: u32 = 1;

/// How long a plan may be confirmed after it was made. Guards arming only.
pub const GOOD_FOR: std::time::Duration = std::time::Duration::from_secs(600);

/// The rule that asks for a second person.
const SECOND_PERSON: &str = "second-person";

/// How long a claim holds the fence.
pub const CLAIM_HOLDS: std::time::Duration = std::time::Duration::from_secs(900);

/// What a plan says. Only a sealed [`Plan`] is worth anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The run that this plan is for.
    pub id: RunId,
    /// How much care there is time for.
    pub mode: Mode,
    /// Which column of the rules holds.
    pub column: Column,
    /// Where it leads.
    pub direction: Direction,
    /// How.
    pub method: FailoverMethod,
    /// The site whose names and dial plans move.
    pub site: SiteName,
    /// The site that is left.
    pub from: SiteName,
    /// The site that serves afterwards.
    pub to: SiteName,
    /// `production`, `lab` or `demo`.
    pub environment: String,
    /// The deployment's name.
    pub console: String,
    /// Who made it, and on which machine.
    pub by: String,
    /// One sentence and one incident reference for the whole run, where given.
    pub reason: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it may be confirmed.
    pub expires: Timestamp,
    /// Dial plans whose calls it moves.
    pub dial_plans: Vec<DialPlanName>,
    /// Servers and who takes over from them.
    pub pairs: Vec<Pair>,
    /// Servers that stay where they are, and why.
    pub left_out: Vec<LeftOut>,
    /// Service states and membership that it was made against.
    pub base: Base,
    /// The fence in each zone, in the order in which they are claimed; empty when the fence is this host's lock alone.
    pub fences: Vec<Fence>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The last step after which everything can still be put back without the old site being missed.
    pub last_return: Option<StepId>,
    /// What the rules said, with overrides.
    pub rules: Vec<RuleOutcome>,
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// How long old answers live on.
    pub caches: Caches,
    /// What does not move with it.
    pub stays: Vec<String>,
    /// What will be left to do.
    pub open_items: Vec<OpenItem>,
    /// What a person should know before confirming.
    pub notes: Vec<String>,
}

impl Content {
    /// What an acceptance command gets on standard input.
    #[must_use]
    pub fn call_stdin(&self, acceptance: &Acceptance) -> serde_json::Value {
        let servers: Vec<&Fqdn> = self.pairs.iter().map(|pair| &pair.enters).collect();
        serde_json::json!({
            "run": self.id, "site": self.to, "dial_plans": self.dial_plans, "numbers": acceptance.numbers, "servers": servers,
        })
    }
}

/// A sealed plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    content: Content,
    hash: String,
}

impl Plan {
    /// Seals what was planned.
    #[must_use]
    pub fn seal(content: Content) -> Self {
        let hash = file::hash_of(&content);
        Self { content, hash }
    }

    /// SHA-256 over everything that the plan says, 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The phrase that a person types: the site that is left, a dash, four characters of the hash.
    #[must_use]
    pub fn confirm(&self) -> String {
        format!("{}-{}", self.content.from, self.hash.get(..4).unwrap_or(&self.hash))
    }

    /// Whether a typed phrase is this plan's. The site is compared as it is written; the digits may be capitals.
    #[must_use]
    pub fn is_confirmed_by(&self, phrase: &str) -> bool {
        let wanted = self.confirm();
        let tail = wanted.len() - 4;
        let typed = phrase.trim();
        let parts = (typed.get(..tail), typed.get(tail..));
        parts.0 == wanted.get(..tail)
            && parts.1.is_some_and(|d| Some(d.to_ascii_lowercase().as_str()) == wanted.get(tail..))
    }

    /// Whether it may no longer be confirmed.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.content.expires || now < self.content.created
    }

    /// A hash of what would be done: equal for two plans with byte for byte the same actions, whenever they were made.
    #[must_use]
    pub fn actions_hash(&self) -> String {
        file::actions_hash_of(&self.content)
    }

    /// Rules that still stand in the way of confirming it. A second person agrees to what was confirmed, and so stands in nobody's
    /// way here.
    pub fn obstacles(&self) -> impl Iterator<Item = &RuleOutcome> {
        self.content.rules.iter().filter(|rule| rule.stands_in_the_way() && rule.id != SECOND_PERSON)
    }

    /// Whether a second person has to agree, after it was confirmed and before anything is changed.
    #[must_use]
    pub fn wants_second_person(&self) -> bool {
        self.content.rules.iter().any(|rule| rule.stands_in_the_way() && rule.id == SECOND_PERSON)
    }

    /// A step by its name.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.content.steps.iter().find(|step| step.id == *id)
    }

    /// The plan as the JSON of its file.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        file::to_json(self)
    }

    /// Reads a plan's file.
    ///
    /// # Errors
    /// [`PlanError`] for another version, for anything that this version would not have written, and for a wrong hash.
    pub fn parse(text: &[u8]) -> Result<Self, PlanError> {
        file::parse(text)
    }
}

impl Deref for Plan {
    type Target = Content;
    fn deref(&self) -> &Content {
        &self.content
    }
}

#[cfg(test)]
mod tests;
