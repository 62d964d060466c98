//! `switchboard failover`: confirms a plan and has it carried out. It never plans, and never recomputes.

use std::path::PathBuf;

use anyhow::Context as _;

use super::Usage;
use super::context::{Context, environment};
use super::follow::{followed, start};
use crate::executor::attach::Who;
use crate::executor::confirm::{ConfirmError, Confirmation, check, write};
use crate::executor::store::Store;
use crate::failover::plan::Plan;
use crate::failover::run::{End, State};
use crate::probe::Clock;

/// The exit code when nothing was changed.
pub(crate) const FAILED: u8 = 1;

/// Carry a plan out, after its phrase was typed
///
/// Exit codes: 0 done, 1 refused and nothing changed, 2 changed but not finished or not known, 3 wrong command line. The run goes
/// on if this command is stopped.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The plan, as `switchboard plan --out FILE` wrote it
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,
    /// The plan's phrase: the site that is left, a dash, four characters of the hash
    #[arg(long, value_name = "PHRASE")]
    pub(crate) confirm: String,
    /// Roll back when nobody runs `runs confirm` within so many minutes after verification (planned runs)
    #[arg(long, value_name = "MINUTES")]
    pub(crate) commit_confirm: Option<u64>,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Confirms, starts the executor, follows it.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let clock = Clock::start();
    let text = std::fs::read(&args.plan).with_context(|| format!("cannot read {}", args.plan.display()))?;
    let plan = Plan::parse(&text)?;
    let topology = context.topology(args.json)?;
    let config = context.topology_file()?.canonicalize()?;
    let store = Store::new(context.state_dir()?);
    let who = Who::am_i(&environment);
    let confirmation =
        Confirmation { phrase: &args.confirm, commit_confirm: args.commit_confirm, config: &config, who: &who };
    check(&plan, &topology, &confirmation, clock.now()).map_err(told)?;
    let dir = write(&store, &plan, &confirmation, clock.now())?;
    let child = start(&store, &dir)?;
    let (state, code) = followed(&dir, child, args.json).await;
    // Rolled back is done for who asked for that, and not for who asked for a failover.
    Ok(if state == Some(State::Ended(End::RolledBack)) { FAILED } else { code })
}

/// An option that does not go with the plan is a wrong command line; everything else is a refusal.
fn told(error: ConfirmError) -> anyhow::Error {
    match error {
        ConfirmError::NeverTurnsBack | ConfirmError::Wait => Usage(error.to_string()).into(),
        error => error.into(),
    }
}
