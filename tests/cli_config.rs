//! `config check` and what every command says to a wrong topology file, through the real binary.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const RIGHT: &str = "[[site]]\nname = \"Tukwila\"\n[[site.server]]\nfqdn = \"um1.contoso.com\"\naddress = \"192.0.2.11\"\nversion = \"15.1\"\n";
const WRONG: &str = "[console]\nintreval = \"5s\"\n[[site]]\nname = \"Tukwila\"\nstandby = \"Tukwila\"\n";

/// A home of the test's own.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a Path>) -> Output {
        Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn line(&self, line: &str) -> Output {
        self.run(line.split(' ').map(Path::new))
    }
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_right_file_is_told_in_one_line_and_as_json() {
    let home = Home::new();
    home.file("t.toml", RIGHT);
    let output = home.line("config check t.toml");
    assert_eq!(code(&output), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "t.toml: right; 1 site, 1 server, 0 dial plans, 0 zones\n");
    let output = home.line("config check t.toml --json");
    assert_eq!(code(&output), Some(0));
    assert_eq!(json(&output), serde_json::json!({"version": 1, "ok": true, "problems": []}));
}

#[test]
fn a_wrong_file_is_told_whole_and_as_json() {
    let home = Home::new();
    home.file("t.toml", WRONG);
    let output = home.line("config check t.toml");
    assert_eq!(code(&output), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("--> t.toml:2:1") && text.contains("--> t.toml:5:11") && text.contains("2 problems"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "no colour into a pipe");
    let output = home.line("config check --json t.toml");
    assert_eq!(code(&output), Some(1));
    let problems = json(&output);
    assert_eq!((&problems["version"], &problems["ok"]), (&1.into(), &false.into()));
    let wanted = serde_json::json!({"kind": "topology", "file": "t.toml", "line": 2, "column": 1,
        "message": "[console] has no key `intreval`", "help": "did you mean `interval`?"});
    assert_eq!(problems["problems"][0], wanted);
    assert_eq!(problems["problems"][1]["help"], serde_json::Value::Null);
}

#[test]
fn broken_toml_is_told_apart_from_a_broken_topology() {
    let home = Home::new();
    home.file("t.toml", "[console]\nname = \n");
    let problems = json(&home.line("config check --json t.toml"));
    assert_eq!(problems["problems"][0]["kind"], "syntax");
}

#[test]
fn the_file_is_named_before_or_after_the_verb_or_found_in_its_place() {
    let home = Home::new();
    home.file("t.toml", RIGHT);
    assert_eq!(code(&home.line("--config t.toml config check")), Some(0));
    assert_eq!(code(&home.line("config check --config t.toml")), Some(0));
    assert_eq!(code(&home.line("config --config=t.toml check --state-dir s")), Some(0));
    home.file(".config/switchboard/switchboard.toml", RIGHT);
    assert_eq!(code(&home.line("config check")), Some(0));
}

#[test]
fn two_files_at_once_are_a_wrong_command_line() {
    let home = Home::new();
    home.file("t.toml", RIGHT);
    assert_eq!(code(&home.line("config check t.toml --config t.toml")), Some(3));
}

#[test]
fn without_any_file_it_says_where_it_looked_and_what_to_do() {
    let home = Home::new();
    for line in ["config check", "config check --json", "check", "check --json", "--read-only"] {
        let output = home.line(line);
        assert_eq!(code(&output), Some(3), "{line}");
        let text = String::from_utf8_lossy(&output.stderr);
        for part in [".config/switchboard/switchboard.toml", "--config", "config.example.toml", "switchboard demo"] {
            assert!(text.contains(part), "{line}: {text}");
        }
    }
}

#[test]
fn check_tells_a_wrong_file_in_the_same_json_and_ends_with_3() {
    let home = Home::new();
    home.file("t.toml", WRONG);
    let output = home.line("check --json --config t.toml");
    assert_eq!(code(&output), Some(3));
    assert_eq!(json(&output), json(&home.line("config check --json t.toml")));
    let output = home.line("check --config t.toml");
    assert_eq!(code(&output), Some(3));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--> t.toml:2:1"));
}

#[test]
fn a_file_that_is_not_there_is_a_problem_of_its_own() {
    let home = Home::new();
    let output = home.line("config check --json nowhere.toml");
    assert_eq!(code(&output), Some(1));
    let message = json(&output)["problems"][0]["message"].to_string();
    assert!(message.contains("cannot read") && message.contains("nowhere.toml"), "{message}");
}

#[test]
fn hostile_names_and_contents_never_reach_the_terminal_raw() {
    let home = Home::new();
    let hostile = "\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m.toml";
    home.file(
        hostile,
        "\u{1b}[2J = \"\u{202e}\"\n[\"\u{202e}\u{7}\"]\n\"a\\u001b[31m\" = 1\n[[site]]\nname = \"\\u001b[31m\"\n",
    );
    let broken: &[u8] = b"\xff\x1b[31m";
    let missing = Path::new(std::ffi::OsStr::from_bytes(broken));
    for file in [Path::new(hostile), missing] {
        for flag in ["--json", "--state-dir=unused"] {
            let output = home.run([Path::new("config"), Path::new("check"), Path::new(flag), file]);
            assert_eq!(code(&output), Some(1));
            let shown = [output.stdout, output.stderr].concat();
            let shown = String::from_utf8(shown).unwrap();
            let steers = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!shown.contains(steers), "{shown:?}");
        }
    }
}

#[test]
fn a_full_disk_is_not_taken_for_success() {
    let home = Home::new();
    home.file("t.toml", RIGHT);
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(["config", "check", "t.toml"])
        .current_dir(home.0.path())
        .stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(code(&output), Some(1));
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let home = Home::new();
    let fifo = home.0.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    home.file("t.toml", "[trust]\nlync = \"fifo\"\n");
    for line in ["config check fifo", "config check /dev/zero", "config check t.toml"] {
        // Ends with 124 where it hangs.
        let output = Command::new("timeout")
            .args(["20", env!("CARGO_BIN_EXE_switchboard")])
            .args(line.split(' '))
            .current_dir(home.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(code(&output), Some(1), "{told}");
        assert!(told.contains("it is no regular file"), "{told}");
    }
}

#[test]
fn a_wrong_keymap_of_ones_own_stops_the_console_with_its_place() {
    let home = Home::new();
    home.file(".config/switchboard/keymap.toml", "[keys]\nhelp = [\"?\"]\nredrew = [\"?\"]\n");
    home.file("t.toml", RIGHT);
    for line in ["demo", "--config t.toml"] {
        let output = home.line(line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(code(&output), Some(3), "{said}");
        for part in ["keymap.toml:3:1", "`redrew` is no action", "did you mean `redraw`?", "1 problem"] {
            assert!(said.contains(part), "{part} is not in\n{said}");
        }
    }
    home.file(".config/switchboard/keymap.toml", "[keys]\nhelp = [\"x\"]\nredraw = [\"x\"]\n");
    let said = String::from_utf8_lossy(&home.line("--config t.toml").stderr).into_owned();
    for part in ["keymap.toml:3:11", "keymap.toml:2:9", "stands for `redraw` and for `help`"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn a_keymap_that_cannot_be_read_is_not_passed_over() {
    let home = Home::new();
    home.file("t.toml", RIGHT);
    fs::create_dir_all(home.0.path().join(".config/switchboard/keymap.toml")).unwrap();
    let output = home.line("--config t.toml");
    assert_eq!(code(&output), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read the keymap"));
}

#[test]
fn a_wrong_theme_of_ones_own_stops_the_console_with_its_place_and_a_right_one_does_not() {
    let home = Home::new();
    home.file(".config/switchboard/themes/mine.toml", "base = \"dark\"\nupp = { fg = \"green\" }\n");
    home.file(".config/switchboard/themes/fine.toml", "up = { fg = \"green\" }\n");
    home.file("t.toml", RIGHT);
    let said = |line: &str| {
        let output = home.line(line);
        (code(&output), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, text) = said("--config t.toml --theme mine");
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("themes/mine.toml:2:1") && text.contains("did you mean `up`?"), "{text}");
    let (code, text) = said("--config t.toml --theme ../themes/fine");
    assert_eq!(code, Some(3), "a name and no path: {text}");
    let (code, text) = said("--config t.toml --theme fien");
    assert!(code == Some(3) && text.contains("high-contrast"), "{text}");
    let (code, text) = said("--config t.toml --theme fine");
    assert!(code == Some(1) && text.contains("needs a terminal"), "{text}");
}
