//! What the README lists is what the program has.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write as _;

use switchboard::domain::finding::KINDS;

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
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let written = between(&readme, "findings");
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(
            path,
            readme.replace(&format!("-->\n{written}<!-- findings end"), &format!("-->\n{expected}<!-- findings end")),
        )
        .unwrap();
        return;
    }
    assert_eq!(written, expected, "run the test with UPDATE_README=1 to write the table anew");
}
