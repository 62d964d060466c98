//! The command line through the real binary: exit codes, where text goes, closed pipes.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::process::{Command, Output, Stdio};

fn switchboard(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_switchboard")).args(arguments).env_clear().stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_wrong_command_line_ends_with_3_and_speaks_on_standard_error() {
    let wrong: &[&[&str]] = &[
        &["nonsense"],
        &["--nonsense"],
        &["check", "--nonsense"],
        &["probe"],
        &["config"],
        &["demo", "--design", "magic"],
        &["demo", "--ttl", "soon"],
        &["demo", "--serve"],
        &["demo", "fault", "--dir", "x", "um1"],
        &["probe", "sips:um1:5061", "--cert", "a.pem"],
        &["--config"],
        // Options of the console, before a verb that would not see them.
        &["--read-only", "demo"],
        &["--theme", "light", "demo"],
        &["--plain", "check"],
        &["--record", "night.tape", "replay", "x"],
    ];
    for arguments in wrong {
        let output = switchboard(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_answers() {
    for arguments in [&["--help"][..], &["--version"], &["check", "--help"], &["demo", "fault", "--help"], &["help"]] {
        let output = switchboard(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_was_typed_never_reaches_the_terminal_raw() {
    let output = switchboard(&["\u{1b}]0;owned\u{7}\u{202e}"]);
    let shown = text(&output.stderr);
    assert!(!shown.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{shown:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .arg("--help")
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}
