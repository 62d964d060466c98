//! Tells whether a run's plan, journal and head are what was written: any edit, deletion, insertion, swap or truncation is named.
//!
//! A last line without its end, which the head does not know yet, was torn by the death of its writer: incomplete, not altered.

use std::fmt;

use super::chain::{Broken, Line, Link};
use super::journal::{JournalError, head_text, read_capped};
use super::store::{HEAD, JOURNAL, PLAN, RunDir};
use crate::failover::plan::Plan;

const LARGEST_PLAN: u64 = 16 << 20;
const LARGEST_JOURNAL: u64 = 256 << 20;
const LARGEST_HEAD: u64 = 1 << 10;

/// How often a head that does not fit is looked at before it counts as changed.
const LOOKS: usize = 20;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `plan.json`, `journal.jsonl`, `head`.
    pub file: &'static str,
    /// From 1; absent where it is not one line.
    pub line: Option<u64>,
    /// In words.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} line {line} {}", self.file, self.what),
            None => write!(f, "{} {}", self.file, self.what),
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// Lines that are as they were written, up to the first that is not.
    pub lines: Vec<Line>,
    /// The last of them.
    pub link: Link,
    /// Bytes of a torn last line.
    pub torn: u64,
    /// Bytes of all whole lines.
    pub whole: u64,
    /// What is wrong; empty when nothing is.
    pub faults: Vec<Fault>,
}

/// Checks a run.
///
/// # Errors
/// [`JournalError::Missing`], [`JournalError::Unreadable`]; what is wrong with the content is in the report.
pub fn check(dir: &RunDir) -> Result<Report, JournalError> {
    let mut report = look(dir)?;
    for _ in 1..LOOKS {
        // A head that is being written over may be read half old, half new. A head that was changed stays as it is.
        if !report.faults.iter().any(|fault| fault.file == HEAD) {
            break;
        }
        report = look(dir)?;
    }
    Ok(report)
}

fn look(dir: &RunDir) -> Result<Report, JournalError> {
    if !dir.exists() {
        return Err(JournalError::Missing(dir.id.to_string()));
    }
    let plan = read_capped(&dir.file(PLAN), LARGEST_PLAN)?;
    // The head is read first: a writer who goes on meanwhile only makes the journal longer than it.
    let head = read_capped(&dir.file(HEAD), LARGEST_HEAD)?;
    let journal = read_capped(&dir.file(JOURNAL), LARGEST_JOURNAL)?;
    let mut report = read_lines(&plan, &journal);
    if report.faults.is_empty() {
        check_plan(dir, &plan, &mut report);
    }
    check_head(&head, &plan, &mut report);
    Ok(report)
}

fn read_lines(plan: &[u8], journal: &[u8]) -> Report {
    let mut report = Report { lines: Vec::new(), link: Link::to_plan(plan), torn: 0, whole: 0, faults: Vec::new() };
    let mut rest = journal;
    while !rest.is_empty() {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            report.torn = rest.len() as u64;
            break;
        };
        let number = report.link.count + 1;
        match report.link.read(&rest[..end]) {
            Ok(line) => {
                report.link = line.link();
                report.lines.push(line);
            }
            Err(broken) => {
                report.fault(JOURNAL, Some(number), broken.to_string());
                if number == 1 && broken == Broken::OutOfPlace {
                    report.fault(
                        PLAN,
                        None,
                        "does not belong to the first line: one of the two was changed".to_owned(),
                    );
                }
                break;
            }
        }
        report.whole += end as u64 + 1;
        rest = &rest[end + 1..];
    }
    report
}

fn check_plan(dir: &RunDir, plan: &[u8], report: &mut Report) {
    match Plan::parse(plan) {
        Err(error) => report.fault(PLAN, None, format!("cannot be relied on: {error}")),
        Ok(plan) if plan.id != dir.id => {
            report.fault(PLAN, None, format!("is the plan of the run {}", plan.id));
        }
        Ok(_) => {}
    }
}

/// The head is written after the line that it names: it is at that line or one behind, never ahead.
fn check_head(head: &[u8], plan: &[u8], report: &mut Report) {
    let Some(named) = parse_head(head) else {
        return report.fault(HEAD, None, "was changed after it was written".to_owned());
    };
    let last = report.link.count;
    if !report.faults.is_empty() {
        return;
    }
    if named.count > last && named.hash != report.link.hash {
        let what = if report.torn > 0 {
            "was cut short after it was written"
        } else {
            "is missing: the journal was cut short"
        };
        return report.fault(JOURNAL, Some(last + 1), what.to_owned());
    }
    let at_head = match named.count.checked_sub(1).and_then(|index| report.lines.get(usize::try_from(index).ok()?)) {
        Some(line) => line.link(),
        None => Link::to_plan(plan),
    };
    // A writer may add lines between the two readings; the chain itself holds those.
    if at_head != named {
        report.fault(HEAD, None, format!("does not fit line {} of the journal", named.count));
    }
}

fn parse_head(head: &[u8]) -> Option<Link> {
    let text = std::str::from_utf8(head).ok()?;
    let (count, hash) = text.strip_suffix('\n')?.split_once(' ')?;
    let link = Link { count: count.parse().ok()?, hash: hash.to_owned() };
    (head_text(&link) == text).then_some(link)
}

impl Report {
    fn fault(&mut self, file: &'static str, line: Option<u64>, what: String) {
        self.faults.push(Fault { file, line, what });
    }
}
