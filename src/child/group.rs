//! The process group of a child, killed when nobody waits for it any more.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// A child's own process group; the child leads it, so both have the same number.
#[derive(Debug)]
pub(super) struct Group(Option<Pid>);

impl Group {
    /// The group of a child that was just started.
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    /// Asks all of it to end.
    pub(super) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Ends all of it.
    pub(super) fn kill(&self) {
        self.send(Signal::KILL);
    }

    fn send(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // A group that is gone already is what is wanted.
            let _ = kill_process_group(group, signal);
        }
    }
}

/// A cancelled run leaves nothing behind.
impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
