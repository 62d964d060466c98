//! A whole failover by keys alone, on the live demo: over and home again.

use crate::demo::Demo;
use crate::terminal::Terminal;

/// The phrase that the screen asks for.
fn phrase(terminal: &Terminal, site: &str) -> String {
    let text = terminal.text();
    let mut words = text.split_whitespace().filter(|word| {
        word.strip_prefix(site).and_then(|rest| rest.strip_prefix('-')).is_some_and(|hex| hex.len() == 4)
    });
    let found = words.next().map(str::to_owned);
    assert!(found.is_some(), "no phrase for {site} on the screen:\n{text}");
    found.unwrap()
}

/// From the home screen to the phrase.
pub(crate) fn review(terminal: &mut Terminal, key: &str) {
    terminal.send(key);
    terminal.expect("1 Choose");
    terminal.expect("Enter look and review");
    terminal.send("\r");
    terminal.expect("READY to be confirmed");
    terminal.send("\r");
    terminal.expect("Type the site that is left");
}

/// Types the phrase.
pub(crate) fn confirm(terminal: &mut Terminal, site: &str) {
    let phrase = phrase(terminal, site);
    terminal.send(&phrase);
    terminal.send("\r");
    terminal.expect("Say on the bridge");
}

/// From the home screen to a run that is over.
pub(crate) fn carry_out(terminal: &mut Terminal, key: &str, site: &str) {
    review(terminal, key);
    // Enter alone never confirms.
    terminal.send("\r");
    terminal.expect("that is not the phrase");
    confirm(terminal, site);
    terminal.expect("✔ completed");
}

#[test]
fn a_site_is_failed_over_and_brought_home_by_keys() {
    let demo = Demo::start(&[]);
    let mut terminal = demo.console(120, 34);
    terminal.expect("4/4 up");
    carry_out(&mut terminal, "f", "Tukwila");
    terminal.send("\u{1b}");
    terminal.until("the dialog to close", |terminal| !terminal.text().contains("5 Verify"));
    carry_out(&mut terminal, "b", "Dublin");
    terminal.send("\u{1b}");
    terminal.until("the dialog to close", |terminal| !terminal.text().contains("5 Verify"));
    terminal.send("6");
    terminal.expect("2 runs");
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
}

#[test]
fn a_site_fails_over_by_commands_with_a_reason_on_a_small_terminal() {
    let demo = Demo::start(&["--design", "enable-disable"]);
    let mut terminal = demo.console(80, 24);
    terminal.expect("4/4");
    terminal.send("f");
    terminal.expect("1 Choose");
    terminal.send("\r");
    // Without a fence zone the lock of this host is all that there is.
    terminal.expect("fence needs a reason");
    terminal.send("o");
    terminal.expect("A reason for fence");
    terminal.send("INC-42: no other console is open\r");
    terminal.expect("READY to be confirmed");
    terminal.send("\r");
    terminal.expect("Type the site that is left");
    let phrase = phrase(&terminal, "Tukwila");
    terminal.send(&phrase);
    terminal.send("\r");
    terminal.expect("✔ completed");
    let run = demo.runs()["runs"][0].clone();
    assert_eq!(run["state"], "completed", "{run}");
}

#[test]
fn a_run_goes_on_when_its_terminal_closes_and_a_new_console_sees_it() {
    let demo = Demo::start(&["--ttl", "6s"]);
    let mut terminal = demo.console(80, 24);
    terminal.expect("4/4");
    terminal.send("f");
    terminal.expect("1 Choose");
    terminal.send("\r");
    terminal.expect("READY to be confirmed");
    terminal.send("\r");
    terminal.expect("Type the site that is left");
    let phrase = phrase(&terminal, "Tukwila");
    for (columns, rows) in [(60, 15), (200, 50), (40, 10), (80, 24)] {
        terminal.resize(columns, rows);
        terminal.pump();
    }
    terminal.send(&phrase);
    terminal.expect(&phrase);
    terminal.send("\r");
    for (columns, rows) in [(1, 1), (300, 90), (61, 15), (120, 34)] {
        terminal.resize(columns, rows);
        terminal.pump();
    }
    terminal.expect("◐ caches");
    terminal.close();
    terminal.assert_ends_by_itself();
    assert_ne!(demo.runs()["runs"][0]["state"], "completed", "it was closed in the middle");
    let mut again = demo.console(120, 34);
    again.send("6");
    again.expect("Tukwila → Dublin");
    again.send("\r");
    again.expect("5 Verify");
    again.expect("✔ completed");
    let runs = demo.runs();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1, "{runs}");
    assert_eq!(runs["runs"][0]["state"], "completed", "{runs}");
}

#[test]
fn a_plan_whose_world_changes_is_disarmed_and_says_what_changed() {
    let demo = Demo::start(&[]);
    let mut terminal = demo.console(120, 34);
    terminal.expect("4/4 up");
    terminal.send("f");
    terminal.expect("1 Choose");
    terminal.send("\r");
    terminal.expect("READY to be confirmed");
    terminal.send("\r");
    terminal.expect("Type the site that is left");
    demo.fault("um4", "stop");
    terminal.expect("CHANGED since this plan was made");
    terminal.expect("NOT READY");
    terminal.send("r");
    terminal.expect("target-not-down BLOCKED");
    assert_eq!(demo.runs()["runs"].as_array().unwrap().len(), 0);
}
