//! Text that would steer a terminal, from everywhere where text comes in: server names, reason phrases, headers, certificates, command
//! output, records, arguments, files. It never reaches a terminal, a program or a file as it came.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod bench;
mod commands;
mod console;
mod peers;
#[path = "../run_support/mod.rs"]
mod run_support;

/// Title, clipboard, cursor report, colours, screen cleared, C1 controls, bidi controls, invisible characters, tags, line breaks, DEL.
const EVIL: &str = "EVIL\u{1b}]0;owned\u{7}\u{1b}]52;c;aGk=\u{7}\u{1b}[6n\u{1b}[31m\u{1b}[2J\u{9b}31m\u{9d}0;owned\u{9c}\u{202e}drawkcab\u{2066}\u{200b}\u{feff}\u{e0041}\u{8}\u{8}\u{7f}\u{2028}LIVE";

/// The same without line breaks of any kind, for what ends at one.
fn one_line() -> String {
    EVIL.replace('\u{2028}', "")
}

/// Whether a character steers a terminal, or hides or reorders text.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The longest answer that a person or program should ever get to hostile text, in bytes.
const BOUND: usize = 200_000;

/// Checks that a text for people holds nothing but text and line feeds.
#[track_caller]
fn tame(what: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{what} is no UTF-8"));
    if let Some((at, c)) = text.char_indices().find(|(_, c)| steers(*c) && *c != '\n') {
        panic!("{what} lets {c:?} through: {:?}", text[..at].chars().rev().take(80).collect::<Vec<_>>());
    }
    assert!(bytes.len() < BOUND, "{what} has {} bytes", bytes.len());
}

/// The same for JSON, whose own escapes must not bring back what they hide.
#[track_caller]
fn tame_json(what: &str, value: &serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::String(text) => tame(what, text.as_bytes()),
        Value::Array(items) => items.iter().for_each(|item| tame_json(what, item)),
        Value::Object(map) => map.iter().for_each(|(key, item)| {
            tame(what, key.as_bytes());
            tame_json(what, item);
        }),
        _ => {}
    }
}

#[test]
fn what_steers_is_noticed() {
    let seen = |text: &str| std::panic::catch_unwind(|| tame("a text", text.as_bytes())).is_err();
    assert!(!seen("um1 is up\nÜber 5 ms …\n") && seen(EVIL));
    for c in EVIL.chars().filter(|c| steers(*c)) {
        assert!(seen(&format!("a{c}b")), "{c:?}");
    }
    let hidden = serde_json::json!({"a": [{"b": "x\u{1b}y"}]});
    assert!(std::panic::catch_unwind(|| tame_json("a document", &hidden)).is_err());
}
