//! The journal on disk: every kind of tampering is named, a torn end is cut and no more, a full disk is said with ways out.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod run_support;

use std::fs;
use std::path::Path;

use run_support::{at, dns_content, dns_plan};
use switchboard::executor::journal::{Journal, JournalError, read};
use switchboard::executor::store::{HEAD, JOURNAL, PLAN, RunDir, Store};
use switchboard::executor::verify::{Fault, check};
use switchboard::failover::plan::{Plan, StepId};
use switchboard::failover::run::Event;

fn seen(detail: &str) -> Event {
    Event::Seen { step: StepId::new("claim"), detail: detail.into() }
}

/// A run with four events.
fn written(state: &Path) -> RunDir {
    let store = Store::new(state);
    let mut journal = Journal::create(&store, &dns_plan()).unwrap();
    for (second, detail) in [(1, "one"), (2, "two"), (3, "three"), (4, "four")] {
        journal.append(at(second), &seen(detail)).unwrap();
    }
    journal.dir().clone()
}

fn faults(dir: &RunDir) -> Vec<Fault> {
    check(dir).unwrap().faults
}

/// Puts a changed file in place, looks, and puts the right one back.
fn with(dir: &RunDir, file: &str, bytes: &[u8]) -> Vec<Fault> {
    let path = dir.file(file);
    let right = fs::read(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    let found = faults(dir);
    fs::write(&path, right).unwrap();
    found
}

#[test]
fn an_untouched_journal_is_read_back_whole() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    assert_eq!(faults(&dir), []);
    let lines = read(&dir).unwrap();
    let events: Vec<Event> = lines.iter().map(|line| serde_json::from_value(line.event.clone()).unwrap()).collect();
    assert_eq!(events, ["one", "two", "three", "four"].map(seen));
    assert_eq!(lines[3].at, at(4));
}

#[test]
fn every_changed_byte_of_the_journal_is_named_by_its_line() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    let right = fs::read(dir.file(JOURNAL)).unwrap();
    let mut line = 1;
    for index in 0..right.len() {
        let mut bytes = right.clone();
        bytes[index] ^= 0x01 << (index % 8);
        let found = with(&dir, JOURNAL, &bytes);
        let first = found.first().unwrap_or_else(|| panic!("byte {index} of the journal was changed unnoticed"));
        assert_eq!((first.file, first.line), (JOURNAL, Some(line)), "byte {index}: {first}");
        line += u64::from(right[index] == b'\n');
    }
}

#[test]
fn every_changed_byte_of_plan_and_head_is_named() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    for file in [PLAN, HEAD] {
        let right = fs::read(dir.file(file)).unwrap();
        // The plan is held by one hash: a sample of its bytes will do.
        for index in (0..right.len()).step_by(if file == PLAN { 31 } else { 1 }) {
            let mut bytes = right.clone();
            bytes[index] ^= 0x01;
            let found = with(&dir, file, &bytes);
            assert!(found.iter().any(|fault| fault.file == file), "byte {index} of {file}: {found:?}");
        }
    }
}

#[test]
fn every_line_that_is_deleted_doubled_swapped_or_put_in_is_named() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    let text = fs::read_to_string(dir.file(JOURNAL)).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let other = tempfile::tempdir().unwrap();
    let foreign = Journal::create(&Store::new(other.path()), &Plan::seal(dns_content(77))).unwrap();
    let (strange, _) = foreign.link().write(at(1), &seen("strange")).unwrap();
    let named = |lines: &[&str], line: usize, what: &str| {
        let found = with(&dir, JOURNAL, lines.concat().as_bytes());
        let first = found.first().unwrap_or_else(|| panic!("{what} {line} went unnoticed"));
        assert_eq!((first.file, first.line), (JOURNAL, Some(line as u64 + 1)), "{what} {line}: {first}");
    };
    for index in 0..lines.len() {
        let mut deleted = lines.clone();
        deleted.remove(index);
        named(&deleted, index, "deleting");
        let mut doubled = lines.clone();
        doubled.insert(index, lines[index]);
        named(&doubled, index + 1, "doubling");
        let mut inserted = lines.clone();
        let strange = format!("{strange}\n");
        inserted.insert(index, &strange);
        named(&inserted, index, "inserting");
        for second in index + 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(index, second);
            named(&swapped, index, "swapping");
        }
        named(&lines[..index], index, "cutting before");
    }
}

#[test]
fn every_cut_within_the_journal_is_told_from_a_torn_end() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    let right = fs::read(dir.file(JOURNAL)).unwrap();
    for length in (0..right.len()).step_by(7) {
        let line = right[..length].split(|byte| *byte == b'\n').count() as u64;
        let found = with(&dir, JOURNAL, &right[..length]);
        assert_eq!(found.first().and_then(|fault| fault.line), Some(line), "cut at {length}");
    }
}

#[test]
fn a_line_torn_by_the_death_of_its_writer_is_incomplete_and_not_altered() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    let (journal, _) = Journal::open(&dir).unwrap();
    let (next, _) = journal.link().write(at(5), &seen("five")).unwrap();
    drop(journal);
    let right = fs::read(dir.file(JOURNAL)).unwrap();
    for length in (0..next.len()).step_by(7) {
        fs::write(dir.file(JOURNAL), [&right, &next.as_bytes()[..length]].concat()).unwrap();
        let report = check(&dir).unwrap();
        assert_eq!((report.faults.len(), report.torn, report.lines.len()), (0, length as u64, 4));
        let (journal, lines) = Journal::open(&dir).unwrap();
        assert_eq!((journal.cut(), lines.len()), (length as u64, 4));
        assert_eq!(fs::read(dir.file(JOURNAL)).unwrap(), right, "the torn end is cut off and nothing else");
    }
}

#[test]
fn a_writer_that_died_before_it_moved_the_head_goes_on() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    let old_head = fs::read(dir.file(HEAD)).unwrap();
    let (mut journal, _) = Journal::open(&dir).unwrap();
    journal.append(at(5), &seen("five")).unwrap();
    drop(journal);
    fs::write(dir.file(HEAD), old_head).unwrap();
    let (mut journal, lines) = Journal::open(&dir).unwrap();
    assert_eq!(lines.len(), 5);
    journal.append(at(6), &seen("six")).unwrap();
    assert_eq!(faults(&dir), []);
    assert_eq!(read(&dir).unwrap().len(), 6);
}

#[test]
fn nobody_goes_on_from_a_journal_that_was_tampered_with() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    let text = fs::read_to_string(dir.file(JOURNAL)).unwrap().replace("two", "too");
    fs::write(dir.file(JOURNAL), text).unwrap();
    let error = Journal::open(&dir).unwrap_err();
    assert!(error.to_string().contains("journal.jsonl line 2 was changed after it was written"), "{error}");
}

#[test]
fn a_plan_is_confirmed_once() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    let error = Journal::create(&Store::new(state.path()), &dns_plan()).unwrap_err();
    assert!(matches!(error, JournalError::Exists(id) if id == dir.id.as_str()));
}

#[test]
fn a_place_that_cannot_hold_a_journal_is_an_error_with_ways_out() {
    let state = tempfile::tempdir().unwrap();
    let file_in_place_of_a_directory = state.path().join("file");
    fs::write(&file_in_place_of_a_directory, "").unwrap();
    let error = Journal::create(&Store::new(&file_in_place_of_a_directory), &dns_plan()).unwrap_err();
    assert!(matches!(error, JournalError::NotDurable { .. }));
    assert!(error.to_string().contains("--state-dir") && error.to_string().contains("--runbook"), "{error}");
}

/// The disk is full for a moment: the write is cut short, and soon there would be room again.
#[test]
fn after_a_write_that_was_cut_short_the_journal_takes_nothing_more() {
    let state = tempfile::tempdir().unwrap();
    let dir = written(state.path());
    let blocks = fs::metadata(dir.file(JOURNAL)).unwrap().len().div_ceil(512) + 1;
    let script = format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" --exact cut_short --ignored");
    let writer = std::process::Command::new("dash")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env("JOURNAL_STATE", state.path())
        .output()
        .unwrap();
    assert!(writer.status.success(), "{}", String::from_utf8_lossy(&writer.stdout));
    let report = check(&dir).unwrap();
    assert!(report.faults.is_empty() && report.torn > 0, "incomplete, not altered: {report:?}");
    let (journal, lines) = Journal::open(&dir).unwrap();
    assert_eq!((lines.len(), journal.cut()), (4, report.torn));
    drop(journal);
    assert_eq!(read(&dir).unwrap().len(), 4);
}

#[test]
#[ignore = "the writer of the test above, which limits the size of its files"]
fn cut_short() {
    let Some(state) = std::env::var_os("JOURNAL_STATE") else { return };
    let store = Store::new(state);
    let (mut journal, _) = Journal::open(&store.list().unwrap()[0]).unwrap();
    let torn = journal.append(at(5), &seen(&"five".repeat(500))).unwrap_err();
    assert!(matches!(torn, JournalError::NotDurable { .. }), "{torn}");
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Fsize);
    limit.current = limit.maximum;
    rustix::process::setrlimit(rustix::process::Resource::Fsize, limit).unwrap();
    let later = journal.append(at(6), &seen("six")).unwrap_err();
    assert!(later.to_string().contains("an earlier event could not be written"), "{later}");
}

#[test]
fn what_is_kept_is_for_the_operators_account_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let state = tempfile::tempdir().unwrap();
    let dir = written(&state.path().join("new"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir.path()), 0o700);
    for file in [PLAN, JOURNAL, HEAD] {
        assert_eq!(mode(&dir.file(file)), 0o600, "{file}");
    }
}

#[test]
fn a_reader_beside_a_busy_writer_never_calls_the_journal_changed() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::new(state.path());
    let mut journal = Journal::create(&store, &dns_plan()).unwrap();
    let dir = journal.dir().clone();
    let writer = std::thread::spawn(move || {
        for second in 1..=400 {
            journal.append(at(second), &seen("busy")).unwrap();
        }
    });
    // A short journal is read often, so that many looks fall into the instant in which the head is written over.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !writer.is_finished() {
                    assert_eq!(faults(&dir), []);
                }
            });
        }
    });
    writer.join().unwrap();
    assert_eq!(read(&dir).unwrap().len(), 400);
}
