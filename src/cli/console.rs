//! `switchboard`: the console on the topology file.

use anyhow::bail;

use super::context::Context;

/// The exit code of a console that could not start.
pub(crate) const FAILED: u8 = 1;

/// Arguments of the console.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Watch only: nothing can be changed from this console
    #[arg(long)]
    pub(crate) read_only: bool,
}

/// Opens the console.
#[expect(clippy::unused_async, reason = "commands share one shape")]
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let (_, _) = (args.read_only, context.topology(false)?);
    bail!("the console is not built yet; `switchboard check` gives the same answers without a screen")
}
