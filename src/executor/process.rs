//! Process groups of an executor that died: known by number and start, awaited for a while, then ended, all of them.
//!
//! A command's leader may be gone while something that it started goes on: only an empty group is over.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::time::{Instant, sleep};

use crate::domain::clean::Clean;

const LOOK: Duration = Duration::from_millis(50);
const GRACE: Duration = Duration::from_millis(500);
/// After SIGKILL only what is stuck in the kernel, or belongs to another account, is still there.
const LAST: Duration = Duration::from_secs(2);

/// What became of a process group that outlived its executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    /// Nobody of it was left, or all went by themselves.
    ByItself,
    /// It was ended.
    Ended,
    /// It could not be ended: it may still act.
    LivesOn,
}

impl Gone {
    /// What the timeline says of it; nothing where nothing was done.
    pub(super) fn words(self, pid: u32) -> Option<Clean> {
        let group = format!("process group {pid} of an executor that died");
        match self {
            Self::ByItself => None,
            Self::Ended => Some(format!("{group} was ended").into()),
            Self::LivesOn => Some(format!("{group} cannot be ended: look for it by hand").into()),
        }
    }
}

/// Waits until a command is gone, or ends it when it does not go within the wait. What its leader left behind is ended at once, as
/// a living executor would have done.
///
/// A process whose number now belongs to another one is gone.
pub(super) async fn await_or_end(pid: u32, start: Option<u64>, wait: Duration) -> Gone {
    // Where the system does not tell a start, nothing is known to be the same, and nothing is ended by mistake.
    let Some(start) = start else { return Gone::ByItself };
    let group = Group { id: pid, start };
    if within(wait, || !group.leader_lives()).await && group.is_empty() {
        return Gone::ByItself;
    }
    for (signal, patience) in [(Signal::TERM, GRACE), (Signal::KILL, LAST)] {
        group.send(signal);
        if within(patience, || group.is_empty()).await {
            return Gone::Ended;
        }
    }
    Gone::LivesOn
}

async fn within(wait: Duration, is_so: impl Fn() -> bool) -> bool {
    let until = Instant::now() + wait;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK).await;
    }
}

/// A group and its leader's start, in the system's ticks.
struct Group {
    id: u32,
    start: u64,
}

/// What `/proc/PID/stat` says of a process.
struct Stat {
    is_dead: bool,
    group: u32,
    session: u32,
    start: u64,
}

impl Group {
    fn leader_lives(&self) -> bool {
        stat(self.id).is_some_and(|leader| leader.start == self.start && !leader.is_dead)
    }

    /// The number stays taken as long as anybody is in the group. When it leads to another process, the group is no more.
    fn is_empty(&self) -> bool {
        if stat(self.id).is_some_and(|other| other.start != self.start) {
            return true;
        }
        let Ok(entries) = std::fs::read_dir("/proc") else { return !self.leader_lives() };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        !pids.filter_map(stat).any(|process| self.has(&process))
    }

    /// A command never leads a session, so a group that is its own session is somebody else's.
    fn has(&self, process: &Stat) -> bool {
        process.group == self.id && process.session != self.id && process.start >= self.start && !process.is_dead
    }

    fn send(&self, signal: Signal) {
        let group = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        if let Some(group) = group.filter(|_| !self.is_empty()) {
            let _gone_already = kill_process_group(group, signal);
        }
    }
}

/// Its name, field 2, may hold anything; state, group, session and start are fields 3, 5, 6 and 22.
fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).copied();
    Some(Stat {
        is_dead: matches!(field(3)?, "Z" | "X"),
        group: field(5)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        start: field(22)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command, Stdio};

    use super::*;
    use crate::backend::command::started;

    /// A command as an executor starts it, and what it printed first.
    fn group(script: &str) -> (Child, String) {
        let mut command = Command::new("sh");
        command.args(["-c", script]).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (child, line.trim().to_owned())
    }

    fn lives(pid: &str) -> bool {
        stat(pid.parse().unwrap()).is_some_and(|process| !process.is_dead)
    }

    const DEAF: &str = "sh -c 'trap \"\" TERM; echo $$; exec sleep 600 >/dev/null' &";

    #[tokio::test]
    async fn what_a_leader_leaves_behind_is_ended_with_it() {
        let (mut child, deaf) = group(&format!("{DEAF} wait"));
        let (pid, start) = (child.id(), started(child.id()));
        assert_eq!(await_or_end(pid, start, Duration::ZERO).await, Gone::Ended);
        assert!(!lives(&deaf), "the group's other half ignores TERM and lives on");
        child.wait().unwrap();
        assert_eq!(await_or_end(pid, start, Duration::ZERO).await, Gone::ByItself);
    }

    #[tokio::test]
    async fn a_group_whose_leader_went_by_itself_is_ended_too() {
        let (mut child, deaf) = group(&format!("{DEAF} read ready"));
        let (pid, start) = (child.id(), started(child.id()));
        child.wait().unwrap();
        assert!(lives(&deaf));
        let began = Instant::now();
        assert_eq!(await_or_end(pid, start, Duration::from_secs(60)).await, Gone::Ended);
        assert!(began.elapsed() < Duration::from_secs(20) && !lives(&deaf));
    }

    #[tokio::test]
    async fn a_group_of_the_same_number_with_another_start_is_left_alone() {
        let (mut child, _) = group("echo; exec sleep 600");
        let (pid, start) = (child.id(), started(child.id()).unwrap());
        for other in [Some(start - 1), Some(start + 1), None] {
            assert_eq!(await_or_end(pid, other, Duration::ZERO).await, Gone::ByItself);
        }
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
