//! The safety rules: a table of data, one pure function each, and how an answer becomes a verdict.
//!
//! A function only says what it found: it holds, it fails and how, it cannot tell, or nothing is configured to tell it by. What
//! that means for a plan is read from the table. There is no way to pass over all rules at once: each is overridden by its name.

mod certificate;
mod dialplan;
mod facts;
mod fence;
mod input;
mod names;
mod scope;
mod source;
mod table;
mod target;

use std::collections::BTreeMap;

use super::plan::{Column, RuleOutcome, Verdict};

pub use facts::{Facts, KeyFact, Known, LivingRun, PastRun, SecondPerson};
pub use input::Input;
pub use table::RULES;
pub use target::is_answered_for;

/// How the measurement of a rule begins that could not be read, and therefore counts as its worst.
pub const UNREAD: &str = "could not be read: ";

/// How much a failure matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Nothing.
    Nothing,
    /// W: worth knowing.
    Warn,
    /// R: needs a reason, by the rule's name.
    Reason,
    /// B: forbids the run.
    Block,
}

/// One way in which a rule fails.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What is wrong then.
    pub when: &'static str,
    /// In planned mode.
    pub planned: Grade,
    /// In emergency mode.
    pub emergency: Grade,
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, by which it is overridden.
    pub id: &'static str,
    /// What it demands, in one line.
    pub guards: &'static str,
    /// How it can fail.
    pub cases: &'static [Case],
    /// What it means, in plain words.
    pub words: &'static str,
    /// The kind of incident that taught it.
    pub taught_by: &'static str,
    /// Who mends it.
    pub who: &'static str,
    /// The exact command that helps, where there is one.
    pub command: Option<&'static str>,
    /// Whether what cannot be read forbids the run in an emergency, too.
    pub strict: bool,
    judge: fn(&Input<'_>) -> Vec<Judged>,
}

/// What a rule found about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) subject: String,
    pub(crate) said: Said,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// It holds.
    Holds(String),
    /// It fails, in this one of its cases.
    Fails(usize, String),
    /// It could not be read; what is known of it all the same.
    CannotTell(String),
    /// Nothing is configured to judge it by.
    NotChecked(String),
}

impl Judged {
    pub(crate) fn new(subject: &(impl ToString + ?Sized), said: Said) -> Self {
        Self { subject: subject.to_string(), said }
    }
}

/// Judges a plan by every rule.
#[must_use]
pub fn judge(input: &Input<'_>) -> Vec<RuleOutcome> {
    judge_some(input, |_| true)
}

/// Judges a plan by some rules only: for the tests which show that each one is needed, and for rules that are asked again while
/// a run goes on.
#[must_use]
pub fn judge_some(input: &Input<'_>, which: impl Fn(&Rule) -> bool) -> Vec<RuleOutcome> {
    let rules = RULES.iter().filter(|rule| which(rule));
    rules
        .flat_map(|rule| (rule.judge)(input).into_iter().map(|judged| rule.outcome(judged, input.plan.column)))
        .collect()
}

/// A rule by its name.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

impl Rule {
    fn outcome(&self, judged: Judged, column: Column) -> RuleOutcome {
        let (outcome, measured) = match judged.said {
            Said::Holds(measured) => (Verdict::Pass, measured),
            Said::Fails(case, measured) => (self.grade(case, column).verdict(), measured),
            Said::CannotTell(known) => (self.unread(column).verdict(), format!("{UNREAD}{known}")),
            Said::NotChecked(why) => (Verdict::NotChecked, why),
        };
        RuleOutcome { id: self.id.to_owned(), subject: judged.subject, outcome, measured, given: None }
    }

    /// What a failure comes to. A case that the table does not have is a mistake in the rule, and counts as its worst.
    fn grade(&self, case: usize, column: Column) -> Grade {
        self.cases.get(case).map_or_else(|| self.worst(column), |case| case.of(column))
    }

    fn worst(&self, column: Column) -> Grade {
        self.cases.iter().map(|case| case.of(column)).max().unwrap_or(Grade::Block)
    }

    /// What cannot be read counts as the worst case; in an emergency as a reason at most, but for the strict rules.
    fn unread(&self, column: Column) -> Grade {
        let worst = self.worst(column);
        if column == Column::Emergency && !self.strict { worst.min(Grade::Reason) } else { worst }
    }
}

impl Case {
    fn of(&self, column: Column) -> Grade {
        match column {
            Column::Planned => self.planned,
            Column::Emergency => self.emergency,
        }
    }
}

impl Grade {
    /// What it comes to, in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "says nothing",
            Self::Warn => "warns",
            Self::Reason => "needs a reason",
            Self::Block => "blocks",
        }
    }

    fn verdict(self) -> Verdict {
        match self {
            Self::Nothing => Verdict::Pass,
            Self::Warn => Verdict::Warn,
            Self::Reason => Verdict::Reason,
            Self::Block => Verdict::Block,
        }
    }
}

/// A reason that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// No such rule.
    #[error("no rule is named {0}; the rules are {names}", names = names())]
    Unknown(String),
    /// Blocked.
    #[error("{id} forbids this run and cannot be overridden: {measured}")]
    Blocks {
        /// The rule.
        id: String,
        /// What was measured.
        measured: String,
    },
    /// No sentence.
    #[error("the reason for {0} says nothing: write a sentence, with the incident's number where there is one")]
    Empty(String),
}

fn names() -> String {
    RULES.iter().map(|rule| rule.id).collect::<Vec<_>>().join(", ")
}

/// The fewest characters that can be a reason.
const SHORTEST_REASON: usize = 8;

/// Gives reasons to the rules that want one. A reason for a rule that does not want any is kept out of the plan: it would look as
/// if something had been passed over.
///
/// # Errors
/// [`OverrideError`] for an unknown rule, one that forbids the run, and a reason that says nothing.
pub fn give_reasons(outcomes: &mut [RuleOutcome], reasons: &BTreeMap<String, String>) -> Result<(), OverrideError> {
    for (id, reason) in reasons {
        if rule(id).is_none() {
            return Err(OverrideError::Unknown(id.clone()));
        }
        let reason = crate::domain::clean::Clean::new(reason.trim());
        if reason.as_str().chars().filter(|c| c.is_alphanumeric()).count() < SHORTEST_REASON {
            return Err(OverrideError::Empty(id.clone()));
        }
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.id == *id) {
            match outcome.outcome {
                Verdict::Block => {
                    return Err(OverrideError::Blocks { id: id.clone(), measured: outcome.measured.clone() });
                }
                Verdict::Reason => outcome.given = Some(reason.to_string()),
                Verdict::Pass | Verdict::NotChecked | Verdict::Warn => {}
            }
        }
    }
    Ok(())
}
