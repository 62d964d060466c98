//! What terminals and lines do to a program that did not expect it: stalls, sequences in pieces, no size.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Signal;

use crate::terminal::{PATIENCE, Terminal, console};

impl Terminal {
    /// Has whole frames drawn while nobody reads, until the line holds no more.
    pub(crate) fn stall(&mut self) {
        let mut held = 0;
        let mut tried = 0;
        while tried < 3 {
            self.send("\u{c}");
            let moment = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
            let start = Instant::now();
            let mut holds = held;
            while holds == held && start.elapsed() < Duration::from_millis(500) {
                poll(&mut [PollFd::new(&self.pty, PollFlags::PRI)], Some(&moment)).unwrap();
                holds = rustix::io::ioctl_fionread(&self.pty).unwrap();
            }
            tried = if holds == held { tried + 1 } else { 0 };
            held = holds;
        }
        assert!(held > 1000, "the line holds {held} bytes only");
    }

    /// How long this process has computed, in all its threads.
    fn computed(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("schedstat")).ok();
        let nanoseconds = tasks.flatten().filter_map(of).filter_map(|text| text.split(' ').next()?.parse::<u64>().ok());
        Duration::from_nanos(nanoseconds.sum())
    }

    /// How long it computes within a second.
    pub(crate) fn computes_in_a_second(&self) -> Duration {
        let before = self.computed();
        let second = Timespec { tv_sec: 1, tv_nsec: 0 };
        poll(&mut [], Some(&second)).unwrap();
        self.computed().saturating_sub(before)
    }

    /// Whether the line of a server is marked as selected.
    fn is_marked(&self, name: &str) -> bool {
        self.text().lines().any(|line| line.contains('▌') && line.contains(name))
    }
}

#[test]
fn a_stalled_line_costs_next_to_nothing() {
    let mut terminal = Terminal::run(200, 60, console(&["demo", "--interval", "5s"]));
    terminal.expect("4/4 up");
    terminal.stall();
    // What was typed is worked off first.
    let start = Instant::now();
    while terminal.computes_in_a_second() > Duration::from_millis(300) {
        assert!(start.elapsed() < PATIENCE, "it computes while nothing can be written");
    }
    // The newest state is drawn when the line takes bytes again.
    terminal.until("the frame", |terminal| terminal.text().contains("4/4 up"));
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
}

#[test]
fn a_closed_terminal_that_was_stalled_ends_the_console_too() {
    let mut terminal = Terminal::start(200, 60);
    terminal.expect("4/4 up");
    terminal.stall();
    terminal.close();
    terminal.assert_ends_by_itself();
}

#[test]
fn an_escape_sequence_in_two_packets_closes_nothing_but_what_esc_closes_and_still_moves() {
    let mut terminal = Terminal::start(120, 34);
    terminal.expect("4/4 up");
    terminal.until("the selection", |terminal| terminal.is_marked("um1"));
    terminal.send("?");
    terminal.expect("Help");
    terminal.send("\u{1b}");
    terminal.until("the closed help", |terminal| !terminal.text().contains("Help"));
    // The rest of the arrow comes after Esc was taken for a key.
    terminal.send("[B");
    terminal.until("the next one", |terminal| terminal.is_marked("um2"));
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
}

#[test]
fn a_terminal_that_says_no_size_is_drawn_on_as_80_by_24() {
    let mut terminal = Terminal::start(0, 0);
    terminal.expect("Needs attention");
    terminal.resize(120, 34);
    terminal.expect("4/4 up");
    terminal.resize(0, 0);
    // Drawn anew for its size before the next key.
    terminal.expect("2Plans");
    terminal.send("?");
    terminal.expect("Enter does it");
    terminal.send("\u{1b}");
    terminal.until("the closed help", |terminal| {
        let text = terminal.text();
        text.contains("Needs attention") && !text.contains("Enter does it")
    });
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
}

#[test]
fn a_panic_in_another_thread_ends_nothing_and_is_told_at_the_end() {
    let panics = |command: pty_process::blocking::Command| command.env("SWITCHBOARD_TEST_PANIC", "elsewhere");
    let mut terminal = Terminal::start_with(120, 34, panics);
    terminal.expect("4/4 up");
    let before = terminal.text();
    terminal.send("P");
    // The next key is answered, on the same screen, and nothing was written over it.
    terminal.send("7");
    terminal.until("the events", |terminal| terminal.text() != before);
    assert!(terminal.screen.screen().alternate_screen() && !terminal.text().contains("panicked"));
    terminal.send("1");
    terminal.expect("Needs attention");
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
    terminal.expect("a defect of the program, please report it");
}

#[test]
fn the_mouse_is_given_back_on_every_way_out_and_taken_again_on_the_way_in() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut terminal = with_mouse();
        terminal.signal(signal);
        assert_eq!(terminal.gone().code(), Some(0), "{signal:?}");
        terminal.assert_restored();
    }
    let mut terminal = with_mouse();
    terminal.send("\u{1a}");
    terminal.until("the stop", |terminal| terminal.is_stopped());
    terminal.until("the shell's screen", |terminal| !terminal.screen.screen().alternate_screen());
    terminal.assert_restored();
    terminal.signal(Signal::CONT);
    terminal.until("the mouse again", has_mouse);
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
}

/// A console that has taken the mouse.
fn with_mouse() -> Terminal {
    let mut terminal = Terminal::start(80, 24);
    terminal.expect("4/4");
    terminal.send("m");
    terminal.until("the mouse", has_mouse);
    terminal
}

fn has_mouse(terminal: &mut Terminal) -> bool {
    terminal.screen.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None
}
