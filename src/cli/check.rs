//! `switchboard check`: one round of every probe, findings, readiness; text or JSON, monitoring-plugin exit codes.

use std::io;
use std::sync::Arc;

use super::console::local_zone;
use super::context::Context;
use super::output;
use crate::domain::attention::Ear;
use crate::executor::round::one_round;
use crate::executor::ttls;
use crate::probe::Clock;
use crate::report::check::{Status, text};
use crate::report::{self, json};
use crate::runtime::Memory;
use crate::runtime::readiness::{Judge, Sight};

/// The exit code when the state is not known.
pub(crate) const FAILED: u8 = 3;

/// Probe everything once and say what needs a person
///
/// What was acknowledged in a console of the same state directory, or is expected while a maintenance window is open, is listed
/// apart and does not count.
///
/// Exit codes: 0 OK, 1 warning, 2 critical, 3 unknown or a wrong topology file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs one round.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let topology = Arc::new(context.topology(args.json)?);
    let clock = Clock::start();
    let memory = Memory::of(&context.state_dir()?, &topology.console.name);
    let since = remembered("since when findings hold", memory.load());
    let judge =
        Judge::new(Arc::clone(&topology), clock.clone(), remembered("when sites were ready", memory.load_ready()))?;
    // What is judged is the end of the round: a tool that takes longer makes no answer old.
    let round = async { one_round(&topology, &clock, since).await.map(|watch| (watch, clock.now())) };
    let (round, asked) = tokio::join!(round, judge.ask());
    let (mut watch, now) = round?;
    let picture = watch.picture(now);
    let judged = judge.judge(Sight::of(&watch, picture.clone(), &local_zone()), asked).await;
    let judged = judged.ok_or_else(|| anyhow::anyhow!("the guidelines could not be judged"))?;
    kept("since when findings hold", memory.store(watch.since()));
    // A lowering before a planned move counts from when it was seen first.
    ttls::remember(&context.state_dir()?, &topology, &ttls::of_picture(&topology, &picture), picture.at);
    kept("when sites were ready", memory.store_ready(&judge.book()));
    let attention = remembered("what operators said of findings", memory.load_attention());
    let ear = Ear { attention: &attention, topology: &topology, now: picture.at };
    if args.json {
        output::json(&json::check(&picture, &judged, ear))?;
    } else {
        output::print(&(text(&picture, ear) + &report::readiness::text(&judged)))?;
    }
    Ok(Status::of(&picture, ear).code())
}

/// What an earlier round or console wrote down; nothing, and a word about it, when that cannot be read.
fn remembered<T: Default>(what: &str, read: io::Result<T>) -> T {
    read.unwrap_or_else(|error| {
        output::note(&format!("switchboard: {what} is not known: {error}"));
        T::default()
    })
}

fn kept(what: &str, written: io::Result<()>) {
    if let Err(error) = written {
        output::note(&format!("switchboard: {what} cannot be kept: {error}"));
    }
}
