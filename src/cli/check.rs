//! `switchboard check`: one round of every probe, findings, readiness; text or JSON, monitoring-plugin exit codes.

use anyhow::bail;

use super::context::Context;

/// The exit code when the state is not known.
pub(crate) const FAILED: u8 = 3;

/// Probe everything once and say what needs a person
///
/// Exit codes: 0 OK, 1 warning, 2 critical, 3 unknown or a wrong topology file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs one round.
#[expect(clippy::unused_async, reason = "commands share one shape")]
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let _ = context.topology(args.json)?;
    bail!("`check` is not built yet")
}
