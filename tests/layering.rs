//! The law of imports: who may use whom. Read from the source itself, so that nobody has to remember it.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A room and the rooms that it may use; every room may use `domain` and itself.
const LAW: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("wire", &[]),
    ("failover", &[]),
    ("config", &[]),
    ("readiness", &["failover"]),
    ("child", &[]),
    ("probe", &["wire", "config", "child"]),
    ("backend", &["wire", "config", "child"]),
    ("executor", &["failover", "backend", "probe", "config", "child", "wire"]),
    ("app", &["failover", "readiness", "config"]),
    ("ui", &["app", "failover"]),
    ("term", &["app"]),
    ("report", &["app", "failover", "readiness"]),
    ("demo", &["wire", "config", "child"]),
    (
        "runtime",
        &[
            "wire",
            "failover",
            "config",
            "readiness",
            "child",
            "probe",
            "backend",
            "executor",
            "app",
            "ui",
            "term",
            "report",
            "demo",
        ],
    ),
    (
        "cli",
        &[
            "wire",
            "failover",
            "config",
            "readiness",
            "child",
            "probe",
            "backend",
            "executor",
            "app",
            "ui",
            "term",
            "report",
            "demo",
            "runtime",
        ],
    ),
];

/// Rooms without I/O, clock, environment or threads.
const PURE: &[&str] = &["domain", "wire", "readiness", "failover", "app"];

/// What a pure room must not name.
const IMPURE: &[&str] = &[
    "tokio",
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::net::Tcp",
    "std::net::Udp",
    "Instant::now",
    "Timestamp::now",
    "SystemTime::now",
];

/// Crates that one room alone may name.
const OWNED: &[(&str, &str)] = &[("ratatui", "ui"), ("crossterm", "term")];

struct Source {
    path: PathBuf,
    room: String,
    /// The code without comments and without its tests.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    assert!(found.len() > 20, "the sources are where they were");
    found
}

fn collect(root: &Path, dir: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(root).unwrap();
            let mut parts = relative.components();
            let first = parts.next().unwrap().as_os_str().to_string_lossy().into_owned();
            if parts.next().is_none() || relative.ends_with("tests.rs") {
                continue;
            }
            let code = without_tests_and_comments(&std::fs::read_to_string(&path).unwrap());
            found.push(Source { room: first, code, path });
        }
    }
}

fn without_tests_and_comments(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Rooms that a source names as `crate::room`, in groups too.
fn used_rooms(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let names = group.split([',', '}', ';']).filter_map(|part| part.trim().split("::").next());
            rooms.extend(names.map(str::to_owned));
        } else {
            rooms.extend(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned));
        }
    }
    rooms
}

#[test]
fn every_room_uses_only_the_rooms_that_it_may() {
    let known: BTreeSet<&str> = LAW.iter().map(|(room, _)| *room).collect();
    let mut broken = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = LAW.iter().find(|(room, _)| *room == source.room) else {
            broken.push(format!("{} is in no room that the law knows", source.path.display()));
            continue;
        };
        for used in used_rooms(&source.code) {
            let fine = used == source.room || used == "domain" || allowed.contains(&used.as_str());
            if known.contains(used.as_str()) && !fine {
                broken.push(format!("{} uses {used}", source.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_terminal_learns_nothing_of_the_console_but_its_keys() {
    let uses_more = |source: &Source| {
        source.code.match_indices("crate::app::").any(|(at, _)| !source.code[at..].starts_with("crate::app::key"))
    };
    let broken: Vec<_> =
        sources().into_iter().filter(|source| source.room == "term" && uses_more(source)).map(|s| s.path).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn pure_rooms_wait_for_nothing_and_read_no_clock() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.room.as_str())) {
        for impure in IMPURE {
            let named = source.code.match_indices(impure).any(|(at, _)| {
                let before = source.code[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            });
            if named {
                broken.push(format!("{} names {impure}", source.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn each_terminal_crate_is_named_in_one_room_only() {
    for (name, owner) in OWNED {
        let strangers: Vec<_> = sources()
            .into_iter()
            .filter(|source| source.room != *owner)
            .filter(|source| source.code.contains(&format!("{name}::")))
            .map(|source| source.path)
            .collect();
        assert!(strangers.is_empty(), "{name} belongs to {owner}: {strangers:?}");
    }
}

#[test]
fn a_broken_law_would_be_seen() {
    assert!(used_rooms("use crate::ui::Screen;").contains("ui"));
    assert!(used_rooms("use crate::{domain::name, term::Guard};").contains("term"));
    assert!(
        !without_tests_and_comments("// tokio\nfn a() {}\n#[cfg(test)]\nmod tests { use tokio; }").contains("tokio")
    );
}
