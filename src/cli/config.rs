//! `switchboard config`: is the topology file right?

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::context::{Context, environment};
use super::{Usage, output};
use crate::config::{self, Problems};
use crate::domain::clean::Clean;
use crate::domain::topology::Topology;

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
    /// Each problem comes with its line, a caret under what is wrong and what to write instead. Secrets are never shown.
    /// Nothing is sent over the network.
    #[command(after_help = EXAMPLES)]
    Check(CheckArgs),
}

const EXAMPLES: &str = "\
Examples:
  switchboard config check                the file that the console would read
  switchboard config check site.toml      another one
  switchboard config check --json | jq    {\"version\":1,\"ok\":false,\"problems\":[{\"kind\",\"file\",\"line\",\"column\",\"message\",\"help\"}]}

Exit codes: 0 right, 1 problems, 3 wrong command line.";

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
    let file = match check.file {
        Some(_) if context.names_file() => {
            return Err(Usage("`config check FILE` and --config name a file each: which one?".to_owned()).into());
        }
        Some(file) => file,
        None => context.topology_file()?,
    };
    match config::load(&file, &environment) {
        Ok(topology) => {
            if check.json {
                output::json(&Problems::none())?;
            } else {
                output::line(&summary(&file, &topology))?;
            }
            Ok(0)
        }
        Err(problems) => {
            if check.json {
                output::json(&problems)?;
            } else {
                output::line(&problems.to_text(output::colours(std::io::stdout().is_terminal())))?;
            }
            Ok(FAILED)
        }
    }
}

/// What a right file declares, in one line.
fn summary(file: &Path, topology: &Topology) -> String {
    let servers = topology.servers().count();
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    format!(
        "{}: right; {}, {}, {}, {}",
        Clean::new(&file.to_string_lossy()),
        counted(topology.sites.len(), "site"),
        counted(servers, "server"),
        counted(topology.dial_plans.len(), "dial plan"),
        counted(topology.zones.len(), "zone"),
    )
}
