//! `switchboard failover`: confirms a plan and has it carried out. It never plans, and never recomputes.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use super::Usage;
use super::context::{Context, environment};
use super::follow::{follow, start, tell};
use crate::domain::topology::Topology;
use crate::executor::attach::Who;
use crate::executor::journal::Journal;
use crate::executor::store::{RunDir, Store};
use crate::failover::plan::{Column, Mode, Plan};
use crate::failover::run::{End, Event, State};
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
    check(&plan, &args, &topology, &clock)?;
    let config = context.topology_file()?.canonicalize()?;
    let store = Store::new(context.state_dir()?);
    let dir = confirm(&store, &plan, &config, args.commit_confirm, &clock)?;
    let child = start(&store, &dir)?;
    let view = follow(&dir, Some(child), args.json).await?;
    let code = tell(&dir, &view, args.json)?;
    // Rolled back is done for who asked for that, and not for who asked for a failover.
    Ok(if view.run.state() == State::Ended(End::RolledBack) { FAILED } else { code })
}

/// Everything that forbids this run and can be known without asking anybody.
fn check(plan: &Plan, args: &Args, topology: &Topology, clock: &Clock) -> anyhow::Result<()> {
    if args.commit_confirm.is_some() && (plan.mode == Mode::Emergency || plan.column == Column::Emergency) {
        return Err(
            Usage("--commit-confirm is for planned runs: an emergency never turns back by itself".into()).into()
        );
    }
    if !plan.is_confirmed_by(&args.confirm) {
        bail!("the phrase is not this plan's, which is {}: nothing was changed", plan.confirm());
    }
    if plan.environment != topology.console.environment.word() || plan.console != topology.console.name {
        bail!("the plan is for {} ({}), not for this topology file", plan.console, plan.environment);
    }
    let obstacles: Vec<String> =
        plan.obstacles().map(|rule| format!("{} ({}): {}", rule.id, rule.subject, rule.measured)).collect();
    if !obstacles.is_empty() {
        bail!("rules stand in the way, nothing was changed:\n  {}", obstacles.join("\n  "));
    }
    if plan.is_expired(clock.now()) {
        bail!("the plan expired at {}: make it again; nothing was changed", plan.expires);
    }
    Ok(())
}

/// Writes plan and confirmation down.
pub(crate) fn confirm(
    store: &Store,
    plan: &Plan,
    config: &Path,
    commit_confirm_minutes: Option<u64>,
    clock: &Clock,
) -> anyhow::Result<RunDir> {
    let config = config.to_str().ok_or_else(|| anyhow!("the topology file's path is no text"))?.to_owned();
    let mut journal = Journal::create(store, plan)?;
    let by = Who::am_i(&environment).by;
    journal
        .append(clock.now(), &Event::Confirmed { by, plan: plan.hash().to_owned(), config, commit_confirm_minutes })?;
    Ok(journal.dir().clone())
}
