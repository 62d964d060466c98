//! What the README lists is what the program has.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use switchboard::app::{Keymap, told};
use switchboard::domain::finding::KINDS;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

static WRITING: Mutex<()> = Mutex::new(());

/// The text between two marker comments.
fn between(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("<!-- {name}:")).unwrap();
    let (_, rest) = rest.split_once("-->\n").unwrap();
    rest.split_once(&format!("<!-- {name} end -->")).unwrap().0.to_owned()
}

#[test]
fn the_findings_of_the_readme_are_the_findings_of_the_program() {
    let mut expected = "| id | severity | what it means | what to do |\n|---|---|---|---|\n".to_owned();
    for kind in KINDS {
        writeln!(expected, "| `{}` | {} | {} | {} |", kind.id, kind.severity.word(), kind.means, kind.advice).unwrap();
    }
    kept("findings", &expected);
}

#[test]
fn the_keys_of_the_readme_are_the_keys_of_the_program() {
    kept("keys", &told::table(&Keymap::load(None).unwrap()));
}

/// Holds a table of the README against what the program has; writes it anew where that was asked for.
fn kept(name: &str, expected: &str) {
    let _one_at_a_time = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let readme = std::fs::read_to_string(README).unwrap();
    let written = between(&readme, name);
    if std::env::var_os("UPDATE_README").is_some() {
        let ends = format!("<!-- {name} end");
        std::fs::write(README, readme.replace(&format!("{written}{ends}"), &format!("{expected}{ends}"))).unwrap();
        return;
    }
    assert_eq!(written, expected, "run this test with UPDATE_README=1 to write the table anew");
}
