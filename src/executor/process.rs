//! Processes of an executor that died: known by number and start, awaited for a while, then ended with their whole group.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::time::{Instant, sleep};

use crate::backend::command::started;

const LOOK: Duration = Duration::from_millis(50);
const GRACE: Duration = Duration::from_millis(500);

/// Waits until a process is gone, or ends it with its group when it does not go within the wait.
///
/// A process whose number now belongs to another one is gone.
pub(super) async fn await_or_end(pid: u32, start: Option<u64>, wait: Duration) {
    if gone_within(pid, start, wait).await {
        return;
    }
    for signal in [Signal::TERM, Signal::KILL] {
        if let Some(group) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            let _gone_already = kill_process_group(group, signal);
        }
        if gone_within(pid, start, GRACE).await {
            return;
        }
    }
}

async fn gone_within(pid: u32, start: Option<u64>, wait: Duration) -> bool {
    let until = Instant::now() + wait;
    loop {
        if !is_same(pid, start) {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK).await;
    }
}

/// Where the system does not tell a start, nothing is known to be the same, and nothing is ended by mistake.
fn is_same(pid: u32, start: Option<u64>) -> bool {
    start.is_some() && started(pid) == start && !is_dead(pid)
}

/// A process that ended and was not yet collected by its parent.
fn is_dead(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}
