//! A console on a pseudo-terminal, with the screen that it draws.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::LocalModes;

/// The longest that anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How soon a console that was told to end must be gone; the machine of the tests is busy with others.
pub(crate) const SOON: Duration = Duration::from_secs(3);

/// A terminal is close-on-exec only a moment after it was opened: no other test may start its console in between.
pub(crate) static STARTING: Mutex<()> = Mutex::new(());

pub(crate) struct Terminal {
    pub(crate) pty: Pty,
    pub(crate) child: Child,
    pub(crate) screen: vt100::Parser,
    pub(crate) bytes: usize,
    /// Everything that was written, as it was.
    pub(crate) raw: Vec<u8>,
    pub(crate) started: Instant,
}

impl Terminal {
    /// Starts `switchboard demo` on a terminal of this size.
    pub(crate) fn start(columns: u16, rows: u16) -> Self {
        Self::start_with(columns, rows, |command| command)
    }

    pub(crate) fn start_with(columns: u16, rows: u16, more: impl Fn(Command) -> Command) -> Self {
        Self::run(columns, rows, more(console(&["demo", "--interval", "200ms"])))
    }

    /// Runs a command on a terminal of this size.
    pub(crate) fn run(columns: u16, rows: u16, command: Command) -> Self {
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(rows, columns)).unwrap();
        let child = command.spawn(pts).unwrap();
        let screen = vt100::Parser::new(side(rows, 24), side(columns, 80), 0);
        Self { pty, child, screen, bytes: 0, raw: Vec::new(), started: Instant::now() }
    }

    /// Reads what is there, waiting a little for it. `false` at the end.
    pub(crate) fn pump(&mut self) -> bool {
        let mut fds = [PollFd::new(&self.pty, PollFlags::IN)];
        let moment = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        if matches!(poll(&mut fds, Some(&moment)), Ok(0)) {
            return true;
        }
        let mut buffer = [0; 16000];
        match self.pty.read(&mut buffer) {
            Ok(read) if read > 0 => {
                self.bytes += read;
                self.raw.extend_from_slice(&buffer[..read]);
                self.screen.process(&buffer[..read]);
                true
            }
            _ => false,
        }
    }

    /// Reads until something holds.
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < PATIENCE, "{what} never came; the screen:\n{}", self.text());
            self.pump();
        }
    }

    pub(crate) fn expect(&mut self, text: &str) {
        self.until(text, |terminal| terminal.text().contains(text));
    }

    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub(crate) fn send(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.screen_mut().set_size(side(rows, 24), side(columns, 80));
        self.pty.resize(pty_process::Size::new(rows, columns)).unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for the end; fails when it does not come soon.
    pub(crate) fn gone(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            let open = self.pump();
            if let Some(status) = self.child.try_wait().unwrap() {
                while open && self.pump() && start.elapsed() < SOON {}
                return status;
            }
            assert!(start.elapsed() < SOON, "still alive; the screen:\n{}", self.text());
        }
    }

    pub(crate) fn assert_restored(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert!(self.cooked(), "the line is raw");
    }

    fn cooked(&self) -> bool {
        let modes = rustix::termios::tcgetattr(&self.pty).unwrap().local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    pub(crate) fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        stat.rsplit(')').next().unwrap().trim_start().starts_with('T')
    }
}

impl Terminal {
    /// Closes the terminal, as a lost SSH session does.
    pub(crate) fn close(&mut self) {
        let (other, _) = {
            let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
            open().unwrap()
        };
        drop(std::mem::replace(&mut self.pty, other));
    }

    /// Waits for a console whose terminal was closed.
    pub(crate) fn assert_ends_by_itself(&mut self) {
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < SOON, "it lives on without a terminal");
            self.pump();
        }
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

/// A side of the terminal; of one that says 0 the usual one.
fn side(said: u16, usual: u16) -> NonZeroU16 {
    NonZeroU16::new(said).or(NonZeroU16::new(usual)).unwrap()
}

/// The program, in an environment that every test shares.
pub(crate) fn console(arguments: &[&str]) -> Command {
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(arguments)
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("RUST_BACKTRACE", "0")
        .env_remove("NO_COLOR")
        .env_remove("LC_ALL")
        // A person's own keymap is no part of the tests.
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env_remove("HOME")
        .env_remove("SSH_CONNECTION")
}

/// A console on the demo that another process serves from a directory.
pub(crate) fn console_on(dir: &std::path::Path, columns: u16, rows: u16) -> Terminal {
    let command =
        console(&[]).arg("--config").arg(dir.join("switchboard.toml")).arg("--state-dir").arg(dir.join("state"));
    Terminal::run(columns, rows, command)
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
