//! `switchboard demo`: the embedded topology, with a console on it or alone; its faults.

mod console;
mod fault;
mod serve;
mod um;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};

use super::context::Context;
use super::value::duration;
use crate::demo;
use crate::probe::Clock;

/// The exit code of a demo that could not start, or a fault that could not be switched.
pub(crate) const FAILED: u8 = 1;

/// Run the embedded topology: two sites, four servers, real sockets on loopback
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
    /// How its dial plans fail over: names move, or servers are enabled and disabled
    #[arg(long, value_enum, default_value_t = Design::Dns)]
    pub(crate) design: Design,
    /// Servers that answer everyone, or servers as real sites have them
    #[arg(long, value_enum, default_value_t = Profile::Kind)]
    pub(crate) profile: Profile,
    /// TTL of the servers' records
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) ttl: Option<Duration>,
    /// Time between two rounds of a probe
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) interval: Option<Duration>,
    /// Run the topology alone, without a screen, until told to stop
    #[arg(long, requires = "dir")]
    pub(crate) serve: bool,
    /// Theme of the console: auto, dark, light, high-contrast, ansi16, mono, or one of your own
    #[arg(long, value_name = "THEME", conflicts_with = "serve")]
    pub(crate) theme: Option<String>,
    /// Plain ASCII signs and lines in the console
    #[arg(long, conflicts_with = "serve")]
    pub(crate) ascii: bool,
    /// Record the session in a new file, for `switchboard replay`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["serve", "plain"])]
    pub(crate) record: Option<PathBuf>,
    /// Lines of plain text instead of a screen
    #[arg(long, conflicts_with = "serve")]
    pub(crate) plain: bool,
    /// Where --serve writes switchboard.toml
    #[arg(long, value_name = "DIR", requires = "serve")]
    pub(crate) dir: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  switchboard demo                                        the console on the embedded topology
  switchboard demo --serve --dir /tmp/demo                the topology alone
  switchboard --config /tmp/demo/switchboard.toml         the console on it, from another terminal
  switchboard demo fault --dir /tmp/demo um1 stop         break something
  switchboard demo fault --dir /tmp/demo um1 heal         mend it";

/// What is done to a demo that runs in another process.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Switch a fault of a running demo, or list them
    Fault(FaultArgs),
    /// The demo's UM tool: reads and changes service states, JSON on standard input and output
    #[command(hide = true)]
    Um(UmArgs),
}

/// Arguments of `demo fault`.
#[derive(Debug, clap::Args)]
pub(crate) struct FaultArgs {
    /// The directory of `demo --serve`
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// um1 … um4, ns2, primary, resolver, pool, state-command, Tukwila, Dublin, console, marker, or `heal` before `all`
    #[arg(requires = "fault")]
    pub(crate) subject: Option<String>,
    /// What happens to it, or `heal`
    pub(crate) fault: Option<String>,
}

/// Arguments of `demo um`.
#[derive(Debug, clap::Args)]
pub(crate) struct UmArgs {
    /// The directory of the demo
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// What to read or change
    #[arg(value_enum)]
    pub(crate) verb: Tool,
}

/// What the UM tool does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// Print the state of all servers
    State,
    /// Put the server named on standard input into service
    Enable,
    /// Take it out of service
    Disable,
    /// Let it take no new calls
    Drain,
    /// Prove that the tool is there
    Check,
}

/// The source document's two designs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Design {
    /// All four servers are enabled; names move
    Dns,
    /// um3 and um4 are disabled until a failover enables them
    EnableDisable,
}

/// How the demo's servers behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Everyone gets 200
    Kind,
    /// 403 or silence to strangers, an old TLS server, long TTLs, a lagging DNS server
    Field,
}

impl Args {
    /// What the demo needs to start in a directory.
    pub(crate) fn options(&self, dir: PathBuf) -> anyhow::Result<demo::Options> {
        let program =
            std::env::current_exe().context("cannot find this program, which the demo uses as its UM tool")?;
        let clock = Clock::start();
        let mut options = demo::Options::new(dir, program, Arc::new(move || clock.now()));
        options.design = match self.design {
            Design::Dns => demo::Design::Dns,
            Design::EnableDisable => demo::Design::EnableDisable,
        };
        options.profile = match self.profile {
            Profile::Kind => demo::Profile::Kind,
            Profile::Field => demo::Profile::Field,
        };
        options.ttl = self.ttl;
        options.interval = self.interval.unwrap_or(options.interval);
        Ok(options)
    }
}

/// Runs the demo, or speaks to a running one.
pub(crate) async fn run(args: Args, _context: &Context) -> anyhow::Result<u8> {
    match (&args.verb, &args.dir) {
        (Some(Verb::Fault(fault)), _) => fault::run(fault).await,
        (Some(Verb::Um(um)), _) => um::run(um).await,
        (None, Some(dir)) if args.serve => serve::run(args.options(dir.clone())?).await,
        (None, _) => console::run(args).await,
    }
}
