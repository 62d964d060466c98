//! `switchboard execute`: a run's executor. Started by `failover`, `runs` and the console; not for people.

use anyhow::Context as _;

use super::context::{Context, environment};
use crate::executor::crash;
use crate::executor::execute::{Order, execute};
use crate::executor::fence;
use crate::failover::plan::RunId;

/// The exit code of an executor that could not do its work; the journal says what became of the run.
pub(crate) const FAILED: u8 = 1;

/// Carry a confirmed run out
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run
    #[arg(long)]
    run: String,
    /// Who starts it
    #[arg(long)]
    by: String,
    /// On which machine
    #[arg(long)]
    host: String,
}

/// Leaves the terminal's session, then works.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    // A leader of a process group cannot leave it; then it has a session of its own already, or was started by hand.
    let _own_already = rustix::process::setsid();
    let order = Order {
        state_dir: context.state_dir()?,
        run: RunId::parse(&args.run)?,
        by: args.by.into(),
        host: args.host.into(),
        crash: environment(crash::VARIABLE),
        renew_at: environment(fence::VARIABLE),
    };
    execute(order, &environment).await.context("the run stands as its journal says")?;
    Ok(0)
}
