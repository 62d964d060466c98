//! A person's own keymap and theme on a real terminal: obeyed, told, and never written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::terminal::{Terminal, console};

/// Every file below a directory, with its bytes and when it was written.
fn files(dir: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let written = entry.metadata().unwrap().modified().unwrap();
            all.insert(path.display().to_string(), (fs::read(&path).unwrap(), written));
        }
    }
    all
}

#[test]
fn keys_of_ones_own_do_what_they_say_old_ones_do_nothing_and_the_files_stay_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let own = home.path().join("switchboard");
    fs::create_dir_all(own.join("themes")).unwrap();
    let keymap = "[keys]\nquit = [\"ctrl-x q\"]\nhelp = [\"Space h\"]\nopen = [\"o\", \"Enter\"]\nevents = []\n";
    fs::write(own.join("keymap.toml"), keymap).unwrap();
    fs::write(own.join("themes/dark.toml"), "up = { fg = \"#00ff00\" }\n").unwrap();
    let before = files(home.path());
    let command = console(&["demo", "--interval", "200ms", "--theme", "dark"]).env("XDG_CONFIG_HOME", home.path());
    let mut terminal = Terminal::run(120, 34, command);
    terminal.expect("4/4 up");
    terminal.expect("o inspect");
    terminal.expect("Space h help");
    // Neither the old keys nor half of a new one do anything.
    terminal.send("q?7q");
    terminal.send(" h");
    terminal.expect("type to search");
    terminal.send("what changed");
    terminal.expect("the events: what changed, and when");
    terminal.send("\u{1b}");
    terminal.until("the closed help", |terminal| !terminal.text().contains("type to search"));
    // 7 is nobody's key now.
    terminal.expect("Needs attention");
    terminal.send("\u{18}q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();
    assert_eq!(files(home.path()), before, "what is a person's own is read and never written");
}

#[test]
fn a_wrong_keymap_stops_the_start_on_the_shells_screen_with_its_place() {
    let home = tempfile::tempdir().unwrap();
    let own = home.path().join("switchboard");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("keymap.toml"), "[keys]\nhelp = [\"x\"]\nsort = [\"x\"]\nquitt = [\"q\"]\n").unwrap();
    let mut terminal = Terminal::run(120, 34, console(&["demo"]).env("XDG_CONFIG_HOME", home.path()));
    let status = terminal.gone();
    assert_eq!(status.code(), Some(3));
    let text = terminal.text();
    for part in ["keymap.toml:3:9", "`x` stands for `sort` and for `help`", "keymap.toml:4:1", "did you mean `quit`?"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let raw = String::from_utf8_lossy(&terminal.raw).into_owned();
    assert!(!raw.contains("\u{1b}[?1049h"), "the screen was not taken at all");
}
