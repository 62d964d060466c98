//! The grammar of the command line: what every command takes, and the verbs.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{cert, check, config, console, demo, enable, execute, failover, marker, plan, probe, replay, runs};

/// Watches the Unified Messaging servers behind Lync and Skype for Business, and carries a failed site over to another one.
///
/// Without a command it opens the console on the topology file.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(flatten)]
    pub(crate) console: console::Args,
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  switchboard demo                        try it: a whole topology inside this program
  switchboard config check site.toml      is my topology file right?
  switchboard check --json                one round of every probe, for programs
  switchboard --config site.toml          the console on that file

Exit codes: 0 yes or done, 1 no or failed, 3 wrong command line; `check` 0 OK, 1 warning, 2 critical, 3 unknown.";

const FILES: &str = "Files, for every command";

/// What every command takes, before or after the verb.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Shared {
    /// The topology file [default: $XDG_CONFIG_HOME/switchboard/switchboard.toml]
    #[arg(long, value_name = "FILE", global = true, help_heading = FILES)]
    pub(crate) config: Option<PathBuf>,
    /// Where runs and acknowledgements are kept [default: $XDG_STATE_HOME/switchboard]
    #[arg(long, value_name = "DIR", global = true, help_heading = FILES)]
    pub(crate) state_dir: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Demo(demo::Args),
    Check(check::Args),
    Plan(Box<plan::Args>),
    Failover(failover::Args),
    /// Put one server into service: a plan, its rules, a run
    Enable(enable::Args),
    /// Take one server out of service: a plan, its rules, a run
    Disable(enable::Args),
    Runs(runs::Args),
    Marker(marker::Args),
    #[command(hide = true)]
    Execute(execute::Args),
    Cert(cert::Args),
    Probe(probe::Args),
    Config(config::Args),
    Replay(replay::Args),
}
