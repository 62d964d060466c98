//! Confirming a plan: everything that forbids it and can be known without asking anybody, then plan and confirmation, written down.

use std::path::Path;

use jiff::Timestamp;

use super::attach::Who;
use super::journal::{Journal, JournalError};
use super::store::{RunDir, Store};
use crate::domain::topology::Topology;
use crate::failover::plan::{Column, Mode, Plan};
use crate::failover::run::Event;

/// The longest that a run may wait for its confirmation, in minutes: a day.
const LONGEST_WAIT: u64 = 24 * 60;

/// Why a plan was not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// An emergency run was to turn back by itself.
    #[error("--commit-confirm is for planned runs: an emergency never turns back by itself")]
    NeverTurnsBack,
    /// Nobody waits so long for a confirmation.
    #[error("--commit-confirm takes {LONGEST_WAIT} minutes at most")]
    Wait,
    /// Another phrase was typed.
    #[error("the phrase is not this plan's, which is {0}: nothing was changed")]
    Phrase(String),
    /// Another topology's plan.
    #[error("the plan is for {console} ({environment}), not for this topology file")]
    OtherTopology {
        /// The deployment's name.
        console: String,
        /// Its environment.
        environment: String,
    },
    /// Rules forbid it, or want a reason.
    #[error("rules stand in the way, nothing was changed:\n  {}", .0.join("\n  "))]
    Obstacles(Vec<String>),
    /// Ten minutes are over.
    #[error(
        "the plan expired at {0}; nothing was changed. `switchboard plan --renew FILE --out FILE` keeps its choices and reasons if all is as it was"
    )]
    Expired(Timestamp),
    /// It was made later than it is now.
    #[error(
        "the plan was made at {made:.0} and the clock here says {now:.0}: one of the two is wrong, and nothing was changed. Set the clock right, or make the plan again here"
    )]
    Early {
        /// When, by the clock that made it.
        made: Timestamp,
        /// By the clock here.
        now: Timestamp,
    },
    /// The path is no UTF-8, and so no text of the journal.
    #[error("the topology file's path is no text")]
    Path,
    /// It cannot be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A confirmation, as an operator gives it.
#[derive(Debug, Clone, Copy)]
pub struct Confirmation<'a> {
    /// What was typed.
    pub phrase: &'a str,
    /// Minutes after which an unconfirmed run turns back.
    pub commit_confirm: Option<u64>,
    /// The topology file, by its whole path: the executor reads it again.
    pub config: &'a Path,
    /// Who confirms.
    pub who: &'a Who,
}

/// Everything that forbids this run and can be known without asking anybody.
///
/// # Errors
/// The first [`ConfirmError`].
pub fn check(
    plan: &Plan,
    topology: &Topology,
    confirmation: &Confirmation<'_>,
    now: Timestamp,
) -> Result<(), ConfirmError> {
    let hurried = plan.mode == Mode::Emergency || plan.column == Column::Emergency;
    if confirmation.commit_confirm.is_some() && hurried {
        return Err(ConfirmError::NeverTurnsBack);
    }
    if confirmation.commit_confirm.is_some_and(|minutes| minutes > LONGEST_WAIT) {
        return Err(ConfirmError::Wait);
    }
    if !plan.is_confirmed_by(confirmation.phrase) {
        return Err(ConfirmError::Phrase(plan.confirm()));
    }
    if plan.environment != topology.console.environment.word() || plan.console != topology.console.name {
        let (console, environment) = (plan.console.clone(), plan.environment.clone());
        return Err(ConfirmError::OtherTopology { console, environment });
    }
    let obstacles: Vec<String> =
        plan.obstacles().map(|rule| format!("{} ({}): {}", rule.id, rule.subject, rule.measured)).collect();
    if !obstacles.is_empty() {
        return Err(ConfirmError::Obstacles(obstacles));
    }
    if now < plan.created {
        return Err(ConfirmError::Early { made: plan.created, now });
    }
    if plan.is_expired(now) {
        return Err(ConfirmError::Expired(plan.expires));
    }
    Ok(())
}

/// Writes plan and confirmation down; [`check`] comes before.
///
/// # Errors
/// [`ConfirmError`] when they cannot be made to last, or the plan was confirmed before.
pub fn write(
    store: &Store,
    plan: &Plan,
    confirmation: &Confirmation<'_>,
    now: Timestamp,
) -> Result<RunDir, ConfirmError> {
    let config = confirmation.config.to_str().ok_or(ConfirmError::Path)?.to_owned();
    let mut journal = Journal::create(store, plan)?;
    let confirmed = Event::Confirmed {
        by: confirmation.who.by.clone(),
        account: Some(confirmation.who.account.clone()),
        plan: plan.hash().to_owned(),
        config,
        commit_confirm_minutes: confirmation.commit_confirm,
    };
    journal.append(now, &confirmed)?;
    Ok(journal.dir().clone())
}
