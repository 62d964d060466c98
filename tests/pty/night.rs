//! A bad night: everything that is watched dies or hangs, and the terminal answers nothing. The console stays, and answers its keys.

use std::time::{Duration, Instant};

use crate::demo::Demo;
use crate::terminal::{SOON, Terminal};

impl Terminal {
    /// Presses a key and waits for what it shows; gives how long that took.
    fn answered(&mut self, key: &str, shows: &str) -> Duration {
        let start = Instant::now();
        self.send(key);
        self.expect(shows);
        start.elapsed()
    }
}

#[test]
fn a_console_outlives_everything_that_it_watches() {
    let demo = Demo::start(&[]);
    let mut terminal = demo.console(120, 34);
    terminal.expect("4/4 up");
    // The whole topology is gone from one moment to the next: servers, DNS, resolvers; the file and the state directory stay.
    let gone = demo.dies();
    terminal.expect("0/4 up");
    terminal.expect("down refused");
    assert!(terminal.answered("?", "Help") < SOON);
    assert!(terminal.answered("\u{1b}", "Needs attention") < SOON);
    // It asks on, and not the harder for it.
    let busy = terminal.computes_in_a_second();
    assert!(busy < Duration::from_millis(500), "{busy:?} in a second, for servers that are not there");
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
    drop(gone);
}

#[test]
fn keys_are_answered_while_everything_that_is_asked_hangs() {
    let demo = Demo::start(&[]);
    let mut terminal = demo.console(120, 34);
    terminal.expect("4/4 up");
    for (subject, fault) in [
        ("state-command", "hang"),
        ("um1", "hang"),
        ("um2", "slow"),
        ("um3", "hang"),
        ("primary", "stop"),
        ("resolver", "stop"),
    ] {
        demo.fault(subject, fault);
    }
    // A plan is made meanwhile: a round of every probe, the zones, the rehearsal, each of which waits for somebody who is silent.
    terminal.send("f");
    terminal.expect("Enter look and review");
    let waits = [
        terminal.answered("\r", "Looking: one round of every probe"),
        terminal.answered("?", "type to search"),
        terminal.answered("quit", ": quit"),
        terminal.answered("\u{1b}", "Looking: one round"),
        terminal.answered("\u{1b}", "Needs attention"),
        terminal.answered("7", "Events"),
        terminal.answered("1", "Needs attention"),
    ];
    assert!(waits.iter().all(|wait| *wait < SOON), "{waits:?}");
    let start = Instant::now();
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    assert!(start.elapsed() < SOON, "its end waits for nobody either: {:?}", start.elapsed());
    terminal.assert_restored();
}

/// Sequences that ask the terminal something: device attributes, cursor position and status, modes, colours, keyboard flags, names.
fn is_question(sequence: &str) -> bool {
    let body = sequence.trim_start_matches(['\u{1b}', '[', ']', 'P']);
    match sequence.as_bytes().get(1) {
        Some(b'[') => {
            let last = sequence.chars().last().unwrap_or_default();
            matches!(last, 'c' | 'n' | 'x')
                || (last == 'p' && body.contains('$'))
                || (last == 'u' && body.contains('?'))
                || (last == 't')
                || (last == 'q' && body.starts_with('>'))
        }
        Some(b']') => body.contains('?'),
        Some(b'P') => body.starts_with("+q") || body.starts_with("$q"),
        Some(b'Z') => true,
        _ => false,
    }
}

/// Every escape sequence of what was written.
fn sequences(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let ends = |rest: &str| {
        let kind = rest.chars().next().unwrap_or_default();
        match kind {
            '[' => rest[1..].find(|c: char| ('@'..='~').contains(&c)).map_or(rest.len(), |at| at + 2),
            ']' | 'P' => rest.find(['\u{7}', '\u{1b}']).unwrap_or(rest.len()),
            _ => kind.len_utf8(),
        }
    };
    text.split('\u{1b}').skip(1).map(|rest| format!("\u{1b}{}", &rest[..ends(rest).min(rest.len())])).collect()
}

#[test]
fn nothing_is_asked_of_the_terminal() {
    for question in [
        "\u{1b}[c",
        "\u{1b}[6n",
        "\u{1b}[?6n",
        "\u{1b}[>c",
        "\u{1b}[?2026$p",
        "\u{1b}[?u",
        "\u{1b}]11;?",
        "\u{1b}[>0q",
        "\u{1b}[18t",
        "\u{1b}Z",
    ] {
        assert!(is_question(question), "{question:?}");
    }
    // Nobody answers on this terminal; what was written is everything, from the first byte to the shell's prompt.
    let mut terminal = Terminal::start(120, 34);
    terminal.expect("4/4 up");
    assert!(terminal.answered("?", "Help") < SOON);
    assert!(terminal.answered("\u{1b}", "Needs attention") < SOON);
    terminal.until("the closed help", |terminal| !terminal.text().contains("type to search"));
    terminal.send("mm");
    terminal.expect("mouse off");
    terminal.send("y\u{1a}");
    terminal.until("the stop", |terminal| terminal.is_stopped());
    terminal.signal(rustix::process::Signal::CONT);
    terminal.expect("Needs attention");
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    let sequences = sequences(&terminal.raw);
    assert!(sequences.len() > 100 && sequences.iter().any(|one| one == "\u{1b}[?1049h"), "{}", sequences.len());
    let asked: Vec<&String> = sequences.iter().filter(|sequence| is_question(sequence)).collect();
    assert!(asked.is_empty(), "{asked:?}");
}
