//! The console as lines of plain text: on a terminal that can do nothing else, and in a pipe.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use crate::demo::Demo;
use crate::terminal::{PATIENCE, Terminal, console};

/// Every byte that a terminal got so far, as text.
fn raw(terminal: &Terminal) -> String {
    String::from_utf8_lossy(&terminal.raw).into_owned()
}

#[test]
fn a_dumb_terminal_gets_lines_of_words_without_one_escape() {
    let demo = Demo::start(&[]);
    let on = demo.dir();
    let command =
        console(&[]).arg("--config").arg(on.join("switchboard.toml")).arg("--state-dir").arg(on.join("state"));
    let mut terminal = Terminal::run(80, 24, command.env("TERM", "dumb").env("LANG", "C"));
    terminal.expect("4 of 4 servers up");
    demo.fault("um2", "stop");
    terminal.until("the change", |terminal| raw(terminal).contains("critical: um2 up to down"));
    terminal.send("server um2\n");
    terminal.until("the server", |terminal| raw(terminal).contains("um2.tukwila.contoso.com, down for"));
    terminal.send("findings\n");
    terminal.until("the finding", |terminal| raw(terminal).contains("[server-down]"));
    demo.fault("um2", "heal");
    terminal.until("the change back", |terminal| raw(terminal).contains("um2 down to up"));
    terminal.send("quit\n");
    assert_eq!(terminal.gone().code(), Some(0));
    let said = raw(&terminal);
    assert!(said.is_ascii(), "the locale has nothing else:\n{said}");
    assert!(said.chars().all(|c| !c.is_control() || matches!(c, '\r' | '\n')), "no escapes: {said:?}");
    // Every change is told once.
    assert_eq!(said.matches("critical: um2 up to down").count(), 1, "{said}");
    terminal.assert_restored();
}

#[test]
fn in_a_pipe_it_answers_what_is_typed_and_goes_on_when_nothing_more_comes() {
    let demo = Demo::start(&[]);
    let on = demo.dir();
    let mut child = Process::new(env!("CARGO_BIN_EXE_switchboard"))
        .arg("--config")
        .arg(on.join("switchboard.toml"))
        .arg("--state-dir")
        .arg(on.join("state"))
        .arg("--plain")
        .env("LANG", "C.UTF-8")
        .env_remove("LC_ALL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut typed = child.stdin.take().unwrap();
    let mut until = |part: &str| lines.find(|line| line.contains(part)).unwrap();
    until("4 of 4 servers up");
    until("Tukwila could fail over to Dublin now: yes");
    typed.write_all(b"failover\n\xff\xfe\nnonsense\nserver um9\n").unwrap();
    until("switchboard plan --from SITE");
    until("help              these lines");
    until("'nonsense' is no command");
    until("no server is called 'um9'; there are um1, um2");
    drop(typed);
    demo.fault("um1", "stop");
    until("critical: um1 up → down");
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    until("3 of 4 servers up");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_that_goes_away_or_stops_reading_keeps_it_from_nothing() {
    for stays in [false, true] {
        let mut child = Process::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["demo", "--interval", "200ms", "--plain"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        let mut typed = child.stdin.take().unwrap();
        if stays {
            // More than a pipe holds, and nobody reads.
            typed.write_all("help\n".repeat(3000).as_bytes()).unwrap();
            rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM)
                .unwrap();
        } else {
            drop(out);
            typed.write_all(b"help\nhelp\n").unwrap();
        }
        let start = Instant::now();
        while child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < PATIENCE, "stays: {stays}");
            rustix::event::poll(&mut [], Some(&Duration::from_millis(20).try_into().unwrap())).unwrap();
        }
        assert_eq!(child.wait().unwrap().code(), Some(0), "stays: {stays}");
    }
}
