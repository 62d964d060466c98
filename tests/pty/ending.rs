//! What a console leaves on the shell's screen, read after the terminal was given back.

use crate::demo::Demo;
use crate::failover::{confirm, review};
use crate::terminal::Terminal;

/// What was written after the console's own screen was left.
fn afterwards(terminal: &Terminal) -> String {
    let text = String::from_utf8_lossy(&terminal.raw).into_owned();
    let (_, rest) = text.rsplit_once("\u{1b}[?1049l").unwrap();
    rest.to_owned()
}

/// Ends a console, and gives its last words, which are text alone.
fn last_words(terminal: &mut Terminal) -> String {
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
    let (_, words) =
        afterwards(terminal).split_once("switchboard ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(words.chars().all(|c| !c.is_control() || matches!(c, '\r' | '\n')), "{words:?}");
    words
}

#[test]
fn who_leaves_in_the_middle_of_a_run_reads_that_it_goes_on_and_who_comes_back_what_is_left_to_do() {
    let demo = Demo::start(&["--ttl", "6s"]);
    let mut terminal = demo.console(120, 34);
    terminal.expect("4/4");
    review(&mut terminal, "f");
    confirm(&mut terminal, "Tukwila");
    terminal.expect("◐ caches");
    terminal.send("q");
    terminal.expect("goes on without this console; the same key again quits");
    terminal.send("q");
    let words = last_words(&mut terminal);
    let id = demo.runs()["runs"][0]["run"].as_str().unwrap().to_owned();
    for part in ["watched for ", &format!("run {id} is open"), &format!("switchboard runs follow {id}"), "left to do"] {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
    let mut again = demo.console(120, 34);
    again.send("6");
    again.expect("Tukwila → Dublin");
    again.send("\r");
    again.expect("✔ completed");
    again.send("q");
    let words = last_words(&mut again);
    for part in [
        &format!("run {id}"),
        "turn off um1.tukwila.contoso.com's DNS registration",
        &format!("switchboard runs close {id}"),
    ] {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
    assert!(!words.contains("is open"), "{words}");
}

#[test]
fn a_console_that_is_told_to_end_says_the_same_in_the_characters_of_its_locale() {
    let demo = Demo::start(&[]);
    let command = crate::terminal::console(&[])
        .arg("--config")
        .arg(demo.dir().join("switchboard.toml"))
        .arg("--state-dir")
        .arg(demo.dir().join("state"))
        .env("LANG", "C");
    let mut terminal = Terminal::run(120, 34, command);
    terminal.expect("4/4 up");
    demo.fault("um2", "stop");
    terminal.expect("3/4 up");
    terminal.signal(rustix::process::Signal::TERM);
    let words = last_words(&mut terminal);
    assert!(words.contains("3 of 4 servers up") && words.contains("critical  um2.tukwila.contoso.com"), "{words}");
    assert!(words.is_ascii(), "{words}");
}
