//! What the console says to the terminal beside its frames: the clipboard, the bell, the mouse.

use crate::demo::Demo;
use crate::terminal::Terminal;

fn wrote(terminal: &Terminal, sequence: &[u8]) -> bool {
    terminal.raw.windows(sequence.len()).any(|window| window == sequence)
}

#[test]
fn what_is_selected_is_sent_to_the_clipboard_and_no_more_is_claimed() {
    let mut terminal = Terminal::start(120, 34);
    terminal.expect("4/4 up");
    terminal.send("y");
    terminal.expect("whether it took them cannot be known");
    // `um1.tukwila.contoso.com`
    assert!(wrote(&terminal, b"\x1b]52;c;dW0xLnR1a3dpbGEuY29udG9zby5jb20=\x07"));
}

#[test]
fn a_new_critical_finding_rings_once_and_not_when_that_is_switched_off() {
    let demo = Demo::start(&[]);
    let mut terminal = demo.console(120, 34);
    terminal.expect("4/4 up");
    terminal.send("n");
    terminal.expect("nothing rings");
    terminal.send("n");
    terminal.expect("new critical findings ring");
    // Nothing rings in the first moments, when everything is new.
    terminal.until("a while", |terminal| {
        terminal.pump();
        terminal.started.elapsed() > std::time::Duration::from_secs(22)
    });
    assert!(!wrote(&terminal, b"\x07"));
    demo.fault("um2", "stop");
    terminal.until("the bell", |terminal| wrote(terminal, b"\x07"));
    terminal.expect("3/4 up");
}

#[test]
fn the_mouse_is_the_terminals_until_it_is_asked_for_and_given_back_at_the_end() {
    let mut terminal = Terminal::start(120, 34);
    terminal.expect("4/4 up");
    assert!(!wrote(&terminal, b"\x1b[?1000h"));
    terminal.send("m");
    terminal.until("the mouse", |terminal| wrote(terminal, b"\x1b[?1000h\x1b[?1006h"));
    // The tab of the certificates.
    let row = terminal.text().lines().position(|line| line.contains("3 Certificates")).unwrap() + 1;
    let line = terminal.text().lines().nth(row - 1).unwrap().to_owned();
    let column = line.find("Certificates").unwrap() + 1;
    terminal.send(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
    terminal.until("the certificates", |terminal| !terminal.text().contains("Needs attention"));
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
}
