//! A program on a terminal of its own: what it writes and when; its questions to the terminal are answered.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, tcgetattr};

use super::Program;

pub(crate) const COLUMNS: u16 = 200;
pub(crate) const ROWS: u16 = 50;

/// What a program asks, and what a terminal like xterm answers.
const QUESTIONS: &[(&[u8], &[u8])] = &[
    (b"\x1b[6n", b"\x1b[1;1R"),
    (b"\x1b[c", b"\x1b[?62;22c"),
    (b"\x1b[0c", b"\x1b[?62;22c"),
    (b"\x1b[>c", b"\x1b[>41;354;0c"),
    (b"\x1b[5n", b"\x1b[0n"),
    (b"\x1b[14t", b"\x1b[4;800;1600t"),
    (b"\x1b]11;?\x07", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (b"\x1b]11;?\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (b"\x1b]10;?\x07", b"\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\"),
    (b"\x1b]10;?\x1b\\", b"\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\"),
];

pub(crate) struct Session {
    pub(crate) pty: Option<Pty>,
    pub(crate) child: Child,
    pub(crate) started: Instant,
    /// Every byte, and after which time how many were there.
    pub(crate) bytes: Vec<u8>,
    pub(crate) reads: Vec<(Duration, usize)>,
    before: Termios,
    _home: tempfile::TempDir,
}

impl Session {
    /// Starts a program; `ignoring_hup` as under nohup.
    pub(crate) fn start(program: &Program, ignoring_hup: bool, panics: bool) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(ROWS, COLUMNS)).unwrap();
        let before = tcgetattr(&pty).unwrap();
        let command = if ignoring_hup {
            Command::new("sh").args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(&program.file)
        } else {
            Command::new(&program.file)
        };
        let command = command
            .args(&program.arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            .env("LANG", "C.UTF-8")
            .env("SHELL", "/bin/sh");
        let command = if panics { command.env("SWITCHBOARD_TEST_PANIC", "1") } else { command };
        let child = command.spawn(pts).unwrap();
        let started = Instant::now();
        Self { pty: Some(pty), child, started, bytes: Vec::new(), reads: Vec::new(), before, _home: home }
    }

    /// Reads for a while, or until something holds; `false` when the program has ended.
    pub(crate) fn read(&mut self, time: Duration, mut until: impl FnMut(&Self) -> bool) -> bool {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || until(self) {
                return self.is_alive();
            }
            if !self.take(left.min(Duration::from_millis(20))) && !self.is_alive() {
                return false;
            }
        }
    }

    /// Takes what is there, waiting a little for it; `false` when nothing can come any more.
    fn take(&mut self, wait: Duration) -> bool {
        let Some(pty) = &mut self.pty else { return false };
        let mut fds = [PollFd::new(&*pty, PollFlags::IN)];
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(wait.subsec_nanos()) };
        if matches!(poll(&mut fds, Some(&wait)), Ok(0)) {
            return true;
        }
        let mut buffer = vec![0; 65_536];
        let Ok(read) = pty.read(&mut buffer) else { return false };
        self.reads.push((self.started.elapsed(), read));
        self.bytes.extend_from_slice(&buffer[..read]);
        for (question, answer) in QUESTIONS {
            let asked = buffer[..read].windows(question.len()).filter(|window| window == question).count();
            for _ in 0..asked {
                let _ = pty.write_all(answer);
            }
        }
        read > 0
    }

    pub(crate) fn send(&mut self, keys: &str) {
        if let Some(pty) = &mut self.pty {
            let _ = pty.write_all(keys.as_bytes());
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill_process(self.pid(), signal);
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Closes the terminal, as a lost SSH session does.
    pub(crate) fn close(&mut self) {
        self.pty = None;
    }

    /// How it ended, within a time; `None`: it lives on.
    pub(crate) fn ended(&mut self, within: Duration) -> Option<(ExitStatus, Duration)> {
        let start = Instant::now();
        while start.elapsed() < within {
            if let Some(status) = self.child.try_wait().unwrap() {
                let took = start.elapsed();
                while self.take(Duration::from_millis(50)) && start.elapsed() < within {}
                return Some((status, took));
            }
            if !self.take(Duration::from_millis(2)) {
                poll(&mut [], Some(&Timespec { tv_sec: 0, tv_nsec: 1_000_000 })).unwrap();
            }
        }
        None
    }

    /// Modes that are still on, and whether the line is another one.
    pub(crate) fn left_on(&self) -> Vec<String> {
        let mut left = super::modes::left_on(&self.bytes);
        if let Some(now) = self.pty.as_ref().and_then(|pty| tcgetattr(pty).ok()) {
            let same = now.local_modes == self.before.local_modes
                && now.input_modes == self.before.input_modes
                && now.output_modes == self.before.output_modes
                && now.control_modes == self.before.control_modes;
            if !same {
                left.push("raw line".into());
            }
        }
        left
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a process ended, in a word.
pub(crate) fn word(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "ended".into(),
    }
}
