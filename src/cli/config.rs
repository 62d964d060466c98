//! `switchboard config`: is the topology file right?

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;

use super::context::Context;
use super::output;

/// The exit code of a file that could not be checked.
pub(crate) const FAILED: u8 = 1;

/// Look after the topology file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What is done with it.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Read the file and tell every problem in it
    ///
    /// Exit codes: 0 right, 1 problems, 3 wrong command line.
    Check(CheckArgs),
}

/// Arguments of `config check`.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The file; the one that the console would read when absent
    pub(crate) file: Option<PathBuf>,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Checks the file.
#[expect(clippy::unused_async, reason = "commands share one shape")]
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let Verb::Check(check) = args.verb;
    let file = check.file.as_ref().or(context.config());
    if check.json {
        output::json(&serde_json::json!({"version": 1, "ok": false, "problems": []}))?;
    }
    bail!("`config check` is not built yet ({file:?})")
}
