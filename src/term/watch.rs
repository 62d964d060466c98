//! Whether the terminal is still there, and what to do when it is not.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Signal, kill_current_process_group};

/// Whether keys come from a terminal and the screen goes to one.
#[must_use]
pub fn is_terminal() -> bool {
    rustix::termios::isatty(rustix::stdio::stdin()) && rustix::termios::isatty(rustix::stdio::stdout())
}

/// Whether the terminal hung up. crossterm does not tell, and SIGHUP does not come where something ignores it.
#[must_use]
pub fn hung_up() -> bool {
    let stdout = rustix::stdio::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    matches!(poll(&mut fds, Some(&now)), Ok(ready) if ready > 0) && fds[0].revents().intersects(gone)
}

/// Points standard input, output and error at nothing, so that a message to a dead terminal is no error any more.
pub fn abandon() {
    if let Ok(nothing) = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()) {
        let _ = rustix::stdio::dup2_stdin(&nothing);
        let _ = rustix::stdio::dup2_stdout(&nothing);
        let _ = rustix::stdio::dup2_stderr(&nothing);
    }
}

/// Stops this process and its group, as Ctrl-Z does elsewhere; comes back with the shell's `fg`.
///
/// SIGSTOP, because SIGTSTP is dropped in an orphaned process group.
pub fn stop_here() {
    let _ = kill_current_process_group(Signal::STOP);
}
