//! Following a run from a command: print what happens until nothing goes on by itself, then say how it stands.

use std::process::Child;
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::sleep;

use super::context::environment;
use super::output;
use crate::executor::attach::{View, Who, last_words, spawn, view};
use crate::executor::store::{RunDir, Store};
use crate::failover::run::{State, timeline};
use crate::report::run::{json, text, text_line};

/// The exit code when something may have changed.
const UNKNOWN: u8 = 2;
/// How often the journal is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Starts the executor of a run.
pub(crate) fn start(store: &Store, dir: &RunDir) -> anyhow::Result<Child> {
    let program = std::env::current_exe().context("this program does not find itself")?;
    spawn(store, dir, &Who::am_i(&environment), &program).context("the executor could not be started")
}

/// Prints what happens until the run is over, waits for a person, or has nobody who carries it out.
pub(crate) async fn follow(dir: &RunDir, mut child: Option<Child>, quiet: bool) -> anyhow::Result<View> {
    let mut printed = 0;
    loop {
        // Whether it has ended is asked before the journal is read, so that its last event is never missed.
        let ended = match &mut child {
            Some(child) => child.try_wait()?.is_some(),
            None => crate::executor::lock::living(dir).is_none(),
        };
        let now = view(dir)?;
        if !quiet {
            for line in timeline(&now.events).iter().skip(printed) {
                output::line(&text_line(line))?;
            }
        }
        printed = now.events.len();
        if ended {
            return Ok(now);
        }
        sleep(LOOK).await;
    }
}

/// Follows a run whose executor was started. What cannot be read of it may have changed anything.
pub(crate) async fn followed(dir: &RunDir, child: Child, as_json: bool) -> (Option<State>, u8) {
    let told = async {
        let view = follow(dir, Some(child), as_json).await?;
        let code = tell(dir, &view, as_json)?;
        anyhow::Ok((Some(view.run.state()), code))
    };
    told.await.unwrap_or_else(|error| {
        let id = &dir.id;
        output::note(&output::clean_lines(&format!(
            "switchboard: {error:#}\nswitchboard: run {id} was started and may have changed something: `switchboard runs show {id}`"
        )));
        (None, UNKNOWN)
    })
}

/// Says how a run stands, and gives the exit code for it.
pub(crate) fn tell(dir: &RunDir, view: &View, as_json: bool) -> anyhow::Result<u8> {
    if as_json {
        output::json(&json(&view.run, &view.events, view.is_interrupted()))?;
    } else {
        let whole = text(&view.run, &view.events, view.is_interrupted());
        // The timeline was printed while it happened.
        let rest: Vec<&str> = whole.lines().filter(|line| !line.starts_with("  ")).collect();
        output::print(&format!("{}\n", rest.join("\n")))?;
    }
    if view.is_interrupted()
        && let Some(words) = last_words(dir)
    {
        output::note(&format!("its executor's last words: {words}"));
    }
    Ok(view.run.exit_code())
}
