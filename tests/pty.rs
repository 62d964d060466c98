//! The console on a real terminal, watching a demo of its own: every way out leaves the terminal as it was found.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::io::{Read, Write};
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::LocalModes;

/// The longest that anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);
/// How soon a console that was told to end must be gone; the machine of the tests is busy with others.
const SOON: Duration = Duration::from_secs(3);

/// A terminal is close-on-exec only a moment after it was opened: no other test may start its console in between.
static STARTING: Mutex<()> = Mutex::new(());

struct Terminal {
    pty: Pty,
    child: Child,
    screen: vt100::Parser,
    bytes: usize,
}

impl Terminal {
    /// Starts `switchboard demo` on a terminal of this size.
    fn start(columns: u16, rows: u16) -> Self {
        Self::start_with(columns, rows, |command| command)
    }

    fn start_with(columns: u16, rows: u16, more: impl Fn(Command) -> Command) -> Self {
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(rows, columns)).unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["demo", "--interval", "200ms"])
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("RUST_BACKTRACE", "0")
            .env_remove("NO_COLOR")
            .env_remove("LC_ALL")
            .env_remove("SSH_CONNECTION");
        let child = more(command).spawn(pts).unwrap();
        let screen = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
        Self { pty, child, screen, bytes: 0 }
    }

    /// Reads what is there, waiting a little for it. `false` at the end.
    fn pump(&mut self) -> bool {
        let mut fds = [PollFd::new(&self.pty, PollFlags::IN)];
        let moment = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        if matches!(poll(&mut fds, Some(&moment)), Ok(0)) {
            return true;
        }
        let mut buffer = [0; 16000];
        match self.pty.read(&mut buffer) {
            Ok(read) if read > 0 => {
                self.bytes += read;
                self.screen.process(&buffer[..read]);
                true
            }
            _ => false,
        }
    }

    /// Reads until something holds.
    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < PATIENCE, "{what} never came; the screen:\n{}", self.text());
            self.pump();
        }
    }

    fn expect(&mut self, text: &str) {
        self.until(text, |terminal| terminal.text().contains(text));
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn send(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.screen_mut().set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        self.pty.resize(pty_process::Size::new(rows, columns)).unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for the end; fails when it does not come soon.
    fn gone(&mut self) -> ExitStatus {
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

    fn assert_restored(&self) {
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

    fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        stat.rsplit(')').next().unwrap().trim_start().starts_with('T')
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn quitting_restores_the_terminal_and_leaves_a_summary() {
    let mut terminal = Terminal::start(120, 34);
    terminal.expect("4/4 up");
    assert!(terminal.screen.screen().alternate_screen() && terminal.screen.screen().hide_cursor());
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
    terminal.expect("4 of 4 servers up");
}

#[test]
fn each_signal_that_ends_restores_the_terminal() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut terminal = Terminal::start(80, 24);
        terminal.expect("Tukwila");
        terminal.signal(signal);
        assert_eq!(terminal.gone().code(), Some(0), "{signal:?}");
        terminal.assert_restored();
    }
}

#[test]
fn a_panic_restores_the_terminal_shows_its_message_and_ends_with_101() {
    let mut terminal = Terminal::start_with(120, 34, |command| command.env("SWITCHBOARD_TEST_PANIC", "1"));
    terminal.expect("4/4 up");
    terminal.send("P");
    assert_eq!(terminal.gone().code(), Some(101));
    terminal.assert_restored();
    terminal.expect("ended by a defect of its own");
}

#[test]
fn without_being_asked_for_the_panic_key_does_nothing() {
    let mut terminal = Terminal::start(120, 34);
    terminal.expect("4/4 up");
    terminal.send("P?");
    terminal.expect("Help");
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_returns() {
    let mut terminal = Terminal::start(80, 24);
    terminal.expect("4/4");
    terminal.send("\u{1a}");
    terminal.until("the stop", |terminal| terminal.is_stopped());
    terminal.until("the shell's screen", |terminal| !terminal.screen.screen().alternate_screen());
    terminal.assert_restored();
    terminal.signal(Signal::CONT);
    terminal.until("the console", |terminal| terminal.screen.screen().alternate_screen());
    terminal.expect("Needs attention");
    // The first key after it is not lost.
    terminal.send("?");
    terminal.expect("Help");
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
}

#[test]
fn a_stop_from_outside_gives_the_terminal_back_too() {
    let mut terminal = Terminal::start(80, 24);
    terminal.expect("4/4");
    terminal.signal(Signal::TSTP);
    terminal.until("the stop", |terminal| terminal.is_stopped());
    terminal.until("the shell's screen", |terminal| !terminal.screen.screen().alternate_screen());
    terminal.signal(Signal::CONT);
    terminal.expect("Needs attention");
}

#[test]
fn a_storm_of_sizes_ends_with_the_last_one_drawn() {
    let mut terminal = Terminal::start(160, 50);
    terminal.expect("4/4 up");
    for (columns, rows) in [(80, 24), (60, 15), (20, 5), (300, 100), (1, 1), (61, 16), (200, 50), (59, 14)] {
        terminal.resize(columns, rows);
        terminal.pump();
    }
    terminal.expect("needs 60x15, this is 59x14");
    terminal.resize(120, 34);
    terminal.expect("um1.tukwila.contoso.com");
    terminal.expect("q quit");
}

#[test]
fn a_closed_terminal_ends_the_console() {
    for ignored in [false, true] {
        let mut terminal = if ignored {
            // As under nohup: the signal never comes, the console has to see for itself.
            Terminal::start_with(80, 24, |_| {
                let script = format!("trap '' HUP; exec {} demo", env!("CARGO_BIN_EXE_switchboard"));
                Command::new("sh").args(["-c", &script]).env("TERM", "xterm-256color").env("LANG", "C.UTF-8")
            })
        } else {
            Terminal::start(80, 24)
        };
        terminal.expect("Tukwila");
        let (other, _) = {
            let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
            open().unwrap()
        };
        drop(std::mem::replace(&mut terminal.pty, other));
        let start = Instant::now();
        while terminal.child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < SOON, "it lives on without a terminal");
            terminal.pump();
        }
        assert_eq!(terminal.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_stalled_line_stops_neither_the_loop_nor_its_end() {
    let mut terminal = Terminal::start(200, 60);
    terminal.expect("4/4 up");
    // Nobody reads: every frame below is more than the line holds.
    for _ in 0..200 {
        terminal.send("?\u{c}");
    }
    terminal.signal(Signal::TERM);
    let start = Instant::now();
    while terminal.child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < SOON, "it waits for the line");
        std::thread::yield_now();
    }
    while terminal.pump() && start.elapsed() < PATIENCE {
        if !terminal.screen.screen().alternate_screen() {
            break;
        }
    }
    terminal.assert_restored();
}

#[test]
fn faults_are_switched_from_the_console_and_seen_on_it() {
    let mut terminal = Terminal::start(120, 34);
    terminal.expect("4/4 up");
    terminal.send("!");
    terminal.expect("Break it");
    terminal.send("\r");
    terminal.expect("1 fault switched on");
    terminal.expect("3/4 up");
    terminal.send("H");
    terminal.expect("4/4 up");
}

#[test]
fn without_a_terminal_it_says_what_to_do_instead() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .arg("demo")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("switchboard check"));
}
