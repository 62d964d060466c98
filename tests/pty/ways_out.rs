//! Every way out leaves the terminal as it was found, and nothing behind.

use std::time::Instant;

use pty_process::blocking::Command;
use rustix::process::Signal;

use crate::terminal::{PATIENCE, SOON, Terminal};

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
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
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
    terminal.send("\u{1b}");
    terminal.until("the help to close", |terminal| !terminal.text().contains("Help"));
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
                Command::new("sh")
                    .args(["-c", &script])
                    .env("TERM", "xterm-256color")
                    .env("LANG", "C.UTF-8")
                    .env("XDG_CONFIG_HOME", "/nonexistent")
                    .env_remove("HOME")
            })
        } else {
            Terminal::start(80, 24)
        };
        terminal.expect("Tukwila");
        terminal.close();
        terminal.assert_ends_by_itself();
    }
}

#[test]
fn a_stalled_line_stops_neither_the_loop_nor_its_end() {
    let mut terminal = Terminal::start(200, 60);
    terminal.expect("4/4 up");
    terminal.stall();
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
