//! What was asked of a run is seen taken up, or taken back: no request is obeyed on another day by an executor that nobody awaits.

use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::time::{Instant, sleep};

use crate::cli::follow::{follow, start};
use crate::cli::output;
use crate::executor::attach::{last_words, view};
use crate::executor::lock::living;
use crate::executor::request::{is_unclaimed, is_waiting, withdraw};
use crate::executor::store::{RunDir, Store};

/// For how long a living executor that has nothing on its way may leave a request lying.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(100);
/// An executor that was just ending did not see the request; the next one does.
const EXECUTORS: u32 = 3;

/// A request that was put into a run's directory.
pub(super) struct Asked {
    pub(super) file: String,
    /// It only stops the run, so it does no harm when it is taken up late.
    pub(super) stops: bool,
}

/// Starts an executor when none lives, and follows until nothing goes on by itself.
///
/// # Errors
/// When nobody takes the request up: it is void, or said to be still waiting.
pub(super) async fn see_taken(store: &Store, dir: &RunDir, asked: &Asked, json: bool) -> anyhow::Result<()> {
    for _ in 0..EXECUTORS {
        let child = match living(dir) {
            Some(_) => None,
            None => match start(store, dir) {
                Ok(child) => Some(child),
                Err(error) => return Err(error.context(void(dir, asked)?)),
            },
        };
        tokio::select! {
            biased;
            followed = follow(dir, child, json) => drop(followed?),
            () = nobody_takes(dir, asked) => left_lying(dir, asked)?,
        }
        if !is_waiting(dir, &asked.file) {
            return Ok(());
        }
    }
    let words = last_words(dir).map(|words| format!("; its last words: {words}")).unwrap_or_default();
    bail!("no executor of run {} took this up{words}; {}", dir.id, void(dir, asked)?)
}

/// Comes back when a living executor has left the request lying for too long. What is on its way to a server is brought to its end
/// first, however long that takes.
async fn nobody_takes(dir: &RunDir, asked: &Asked) {
    let (mut since, mut told) = (Instant::now(), false);
    while since.elapsed() < PATIENCE {
        sleep(LOOK).await;
        if !is_unclaimed(dir, &asked.file) {
            return std::future::pending().await;
        }
        let busy = if since.elapsed() < PATIENCE / 3 { None } else { on_its_way(dir) };
        if let Some(step) = busy {
            if !told {
                output::note(&format!("switchboard: {step} is on its way; this is taken up when its end is known"));
            }
            (since, told) = (Instant::now(), true);
        }
    }
}

fn on_its_way(dir: &RunDir) -> Option<String> {
    let run = view(dir).ok()?.run;
    Some(run.step(run.in_flight()?.work.step)?.id.to_string())
}

fn left_lying(dir: &RunDir, asked: &Asked) -> anyhow::Result<()> {
    let who = living(dir).map(|holder| format!(" (process {})", holder.pid)).unwrap_or_default();
    let said = format!("the executor of run {}{who} did not take this up within {} s", dir.id, PATIENCE.as_secs());
    if asked.stops {
        bail!("{said}: it waits, and stops the run as soon as it is taken up");
    }
    if withdraw(dir, &asked.file).context("the request could not be taken back")? {
        bail!("{said}: it was taken back, and nothing comes of it later; ask again");
    }
    // It was claimed in this moment.
    Ok(())
}

fn void(dir: &RunDir, asked: &Asked) -> anyhow::Result<&'static str> {
    withdraw(dir, &asked.file).context("the request could not be taken back")?;
    Ok("it was taken back, and nothing comes of it later")
}
