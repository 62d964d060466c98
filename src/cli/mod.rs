//! The command line: arguments, and one short file per command.
//!
//! Adding a command is one file here, one variant of [`args::Verb`] and one line of [`dispatch`]. A command's file holds its
//! own arguments (`Args`), the exit code of its failures (`FAILED`) and `run`.

mod args;
mod cert;
mod check;
mod config;
mod console;
mod context;
mod demo;
mod enable;
mod execute;
mod failover;
mod follow;
mod marker;
mod output;
mod plain;
mod plan;
mod probe;
mod replay;
mod runs;
mod settings;
mod terms;
mod value;
mod verify;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use clap::error::ErrorKind;

use crate::domain::act;
use args::{Cli, Verb};
use context::{Context, Told};

/// A wrong command line, in every command.
const USAGE: u8 = 3;

/// How long what still runs in the background may take to end after the command itself has ended.
const LINGER: Duration = Duration::from_millis(300);

/// Reads a command line, runs its command and gives the exit code of the process.
pub fn run(line: impl IntoIterator<Item = OsString>) -> u8 {
    match Cli::try_parse_from(line) {
        Ok(cli) => execute(cli),
        Err(error) => explain(&error),
    }
}

/// What the command's answer means for the process.
fn execute(cli: Cli) -> u8 {
    let failed = failed_code(cli.verb.as_ref());
    match in_runtime(cli) {
        Ok(code) => code,
        Err(error) if error.is::<Told>() => failed,
        Err(error) if error.is::<settings::Wrong>() => USAGE,
        Err(error) if error.is::<Usage>() => {
            output::error(&error);
            USAGE
        }
        Err(error) => {
            output::error(&error);
            failed
        }
    }
}

fn in_runtime(cli: Cli) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads that wait for the network")?;
    let answer = runtime.block_on(dispatch(cli));
    // A name lookup or a read of standard input that still blocks must not hold the process.
    runtime.shutdown_timeout(LINGER);
    answer
}

async fn dispatch(cli: Cli) -> anyhow::Result<u8> {
    if let Some(verb) = &cli.verb
        && let Some(option) = cli.console.given()
    {
        return Err(misplaced(option, verb).into());
    }
    let context = Context::new(cli.shared);
    match cli.verb {
        None => console::run(cli.console, &context).await,
        Some(Verb::Demo(args)) => demo::run(args, &context).await,
        Some(Verb::Check(args)) => check::run(args, &context).await,
        Some(Verb::Plan(args)) => plan::run(*args, &context).await,
        Some(Verb::Failover(args)) => failover::run(args, &context).await,
        Some(Verb::Enable(args)) => enable::run(args, act::Verb::Enable, &context).await,
        Some(Verb::Disable(args)) => enable::run(args, act::Verb::Disable, &context).await,
        Some(Verb::Marker(args)) => marker::run(args, &context).await,
        Some(Verb::Runs(args)) => runs::run(args, &context).await,
        Some(Verb::Replay(args)) => replay::run(args, &context).await,
        Some(Verb::Execute(args)) => execute::run(args, &context).await,
        Some(Verb::Cert(args)) => cert::run(args, &context).await,
        Some(Verb::Probe(args)) => probe::run(args, &context).await,
        Some(Verb::Config(args)) => config::run(args, &context).await,
    }
}

/// An option of the console, before a verb: it would be dropped without a word.
fn misplaced(option: &str, verb: &Verb) -> Usage {
    let hint = if matches!(verb, Verb::Demo(_) | Verb::Replay(_)) { "; what the verb takes goes after it" } else { "" };
    Usage(format!("{option} belongs to the console, which opens without a verb{hint}"))
}

/// The exit code of a command that could not do its work.
fn failed_code(verb: Option<&Verb>) -> u8 {
    match verb {
        None => console::FAILED,
        Some(Verb::Demo(_)) => demo::FAILED,
        Some(Verb::Check(_)) => check::FAILED,
        Some(Verb::Plan(_)) => plan::FAILED,
        Some(Verb::Failover(_)) => failover::FAILED,
        Some(Verb::Enable(_) | Verb::Disable(_)) => enable::FAILED,
        Some(Verb::Marker(_)) => marker::FAILED,
        Some(Verb::Runs(_)) => runs::FAILED,
        Some(Verb::Replay(_)) => replay::FAILED,
        Some(Verb::Execute(_)) => execute::FAILED,
        Some(Verb::Cert(_)) => cert::FAILED,
        Some(Verb::Probe(_)) => probe::FAILED,
        Some(Verb::Config(_)) => config::FAILED,
    }
}

/// The command line is wrong in a way that its grammar cannot tell; ends with [`USAGE`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Help and version are answers; everything else is a wrong command line.
fn explain(error: &clap::Error) -> u8 {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = error.render();
        let shown = if output::colours(std::io::stdout().is_terminal()) {
            output::print(&text.ansi().to_string())
        } else {
            output::print(&text.to_string())
        };
        return shown.map_or(USAGE, |()| 0);
    }
    // The message repeats what was typed, or what a script passed on.
    output::note(&output::clean_lines(error.render().to_string().trim_end()));
    USAGE
}
