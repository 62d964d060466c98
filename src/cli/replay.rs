//! `switchboard replay`: a recorded session again, in the same console.

use std::path::PathBuf;
use std::time::Duration;

use super::context::Context;
use super::{console, output, settings};
use crate::app::Model;
use crate::report::plain;
use crate::runtime::record::{Player, Recording};
use crate::runtime::run_replay;
use crate::ui::LookOptions;

/// The exit code of a recording that cannot be played.
pub(crate) const FAILED: u8 = 1;

/// Play a recorded session in the same console
///
/// Nothing is probed and nothing is changed: what happened then is shown again. Space pauses, the arrows go 10 seconds back and
/// on, + and - change the speed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What `switchboard --record FILE` wrote
    pub(crate) file: PathBuf,
    /// Theme: one of the console's, or one of your own
    #[arg(long, value_name = "THEME")]
    pub(crate) theme: Option<String>,
    /// Plain ASCII signs and lines
    #[arg(long)]
    pub(crate) ascii: bool,
    /// Print what changed, line by line, and the last state; needs no terminal
    #[arg(long)]
    pub(crate) plain: bool,
}

const EXAMPLES: &str = "\
Examples:
  switchboard --record night.log          the console, and a recording of it
  switchboard replay night.log            that session again
  switchboard replay --plain night.log    what changed in it, as lines";

/// Plays a recording.
pub(crate) async fn run(args: Args, _context: &Context) -> anyhow::Result<u8> {
    let recording = Recording::read(&args.file)?;
    if args.plain {
        return lines(Player::new(recording)?);
    }
    let options = LookOptions { theme: args.theme, ascii: args.ascii.then_some(true) };
    run_replay(recording, settings::look(&options)?, console::frame()).await?;
    Ok(0)
}

/// Prints every change and the last state.
fn lines(mut player: Player) -> anyhow::Result<u8> {
    let (mut told, mut to) = (0, Duration::ZERO);
    loop {
        player.seek(to)?;
        output::print(&changes(player.model(), &mut told))?;
        if player.is_over() {
            break;
        }
        // In steps, because the console keeps no more than the newest changes.
        to += Duration::from_secs(10);
    }
    output::print(&plain::state(player.model()))?;
    if let Some(damage) = player.damage() {
        output::note(&format!("switchboard: {damage}"));
        return Ok(FAILED);
    }
    Ok(0)
}

fn changes(model: &Model, told: &mut u64) -> String {
    let fresh: Vec<_> = model.log.iter().take_while(|entry| entry.number > *told).collect();
    *told = fresh.first().map_or(*told, |newest| newest.number);
    fresh.into_iter().rev().map(|entry| plain::change(model, entry)).collect()
}
