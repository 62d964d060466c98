//! The journal of a run: every event appended, bound to the one before, and on disk before anything relies on it.
//!
//! Knows the files and their order of writing; what an event means is the run's affair.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::chain::{Line, Link};
use super::store::{self, HEAD, JOURNAL, PLAN, RunDir, Store};
use super::verify::{self, Report};

/// Ways out of a journal that cannot be kept, said with every such error.
const WAYS_OUT: &str = "nothing is done without a journal: use another state directory (--state-dir DIR), \
                        or carry the plan out by hand from `switchboard plan --runbook`";

/// Why a journal cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk is full, read-only, gone; or the account may not write there.
    #[error("{path} cannot be made to last: {source}; {WAYS_OUT}")]
    NotDurable {
        /// Which file or directory.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The plan was confirmed before.
    #[error(
        "this plan was confirmed before: `switchboard runs show {0}` tells what became of it; a plan runs once, make it again"
    )]
    Exists(String),
    /// There is no such run here.
    #[error("no run {0} in this state directory: `switchboard runs list` shows those that are")]
    Missing(String),
    /// It cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// It is not what was written.
    #[error("the journal of this run was tampered with: {0}; what it says cannot be relied on")]
    Altered(String),
    /// An event that cannot be written as a line.
    #[error("an event cannot be written down: {0}")]
    Event(serde_json::Error),
}

/// A journal that is open for writing. Whoever has one holds the run's executor lock.
#[derive(Debug)]
pub struct Journal {
    dir: RunDir,
    lines: File,
    head: File,
    link: Link,
    /// The torn end that was cut off when it was opened, in bytes.
    cut: u64,
    /// An event could not be written: what stands at the end is not known, and nothing may be put behind it.
    broken: bool,
}

impl Journal {
    /// Begins the journal of a run: makes its directory, writes the plan, and makes all of it last.
    ///
    /// # Errors
    /// [`JournalError::Exists`] for a plan that was confirmed before; [`JournalError::NotDurable`].
    pub fn create(store: &Store, plan: &crate::failover::plan::Plan) -> Result<Self, JournalError> {
        let dir = store.create(&plan.id).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => JournalError::Exists(plan.id.to_string()),
            _ => JournalError::NotDurable { path: store.run(&plan.id).path().to_owned(), source },
        })?;
        let text = serde_json::to_vec_pretty(&plan.to_json()).map_err(JournalError::Event)?;
        let link = Link::to_plan(&text);
        for (name, bytes) in [(PLAN, text.as_slice()), (JOURNAL, b""), (HEAD, head_text(&link).as_bytes())] {
            durable(&dir.file(name), |path| store::write_new(path, bytes))?;
        }
        durable(dir.path(), store::sync_dir)?;
        Self::writable(dir, link, 0)
    }

    /// Opens the journal of a run that goes on: verified, a torn end cut off.
    ///
    /// # Errors
    /// [`JournalError::Altered`] when it is not what was written: then nobody may go on from it.
    pub fn open(dir: &RunDir) -> Result<(Self, Vec<Line>), JournalError> {
        let report = verify::check(dir)?;
        if let Some(fault) = report.faults.first() {
            return Err(JournalError::Altered(fault.to_string()));
        }
        let Report { lines, link, torn, whole, .. } = report;
        let mut journal = Self::writable(dir.clone(), link, torn)?;
        durable(&dir.file(JOURNAL), |_| {
            if torn > 0 {
                journal.lines.set_len(whole)?;
            }
            journal.lines.sync_all()
        })?;
        journal.write_head()?;
        Ok((journal, lines))
    }

    fn writable(dir: RunDir, link: Link, cut: u64) -> Result<Self, JournalError> {
        let mut head = None;
        durable(&dir.file(HEAD), |path| {
            head = Some(store::private_file().open(path)?);
            Ok(())
        })?;
        let mut lines = None;
        durable(&dir.file(JOURNAL), |path| {
            lines = Some(store::private_file().append(true).open(path)?);
            Ok(())
        })?;
        match (lines, head) {
            (Some(lines), Some(head)) => Ok(Self { dir, lines, head, link, cut, broken: false }),
            _ => Err(JournalError::Missing(dir.id.to_string())),
        }
    }

    /// Writes an event down. When this returns, it is on disk.
    ///
    /// # Errors
    /// [`JournalError::NotDurable`]: nothing that relies on the event may be done, and this journal takes no other one. Whoever opens
    /// it next cuts a torn end off, and goes on from what is whole.
    pub fn append<E: Serialize>(&mut self, at: Timestamp, event: &E) -> Result<(), JournalError> {
        if self.broken {
            let source = io::Error::other("an earlier event could not be written to it");
            return Err(JournalError::NotDurable { path: self.dir.file(JOURNAL), source });
        }
        let written = self.append_whole(at, event);
        self.broken = written.is_err();
        written
    }

    fn append_whole<E: Serialize>(&mut self, at: Timestamp, event: &E) -> Result<(), JournalError> {
        let (mut text, link) = self.link.write(at, event).map_err(JournalError::Event)?;
        text.push('\n');
        durable(&self.dir.file(JOURNAL), |_| {
            self.lines.write_all(text.as_bytes())?;
            self.lines.sync_data()
        })?;
        self.link = link;
        self.write_head()
    }

    /// Number and hash of the last event.
    #[must_use]
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The first 16 digits of the head: what is put into the marker when the run is closed.
    #[must_use]
    pub fn head(&self) -> &str {
        self.link.hash.get(..16).unwrap_or(&self.link.hash)
    }

    /// How many bytes of a torn last line were cut off when it was opened.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &RunDir {
        &self.dir
    }

    /// The text has always the same length, so that it is replaced by one write.
    fn write_head(&mut self) -> Result<(), JournalError> {
        durable(&self.dir.file(HEAD), |_| {
            self.head.write_all_at(head_text(&self.link).as_bytes(), 0)?;
            self.head.sync_data()
        })
    }
}

/// Number and hash, in a text of fixed length.
pub(super) fn head_text(link: &Link) -> String {
    format!("{:012} {}\n", link.count, link.hash)
}

/// Reads the journal as far as it is whole, for those who only look: a line that is just being written is left for the next look.
///
/// # Errors
/// [`JournalError`] when it cannot be read or is not what was written.
pub fn read(dir: &RunDir) -> Result<Vec<Line>, JournalError> {
    let report = verify::check(dir)?;
    match report.faults.first() {
        Some(fault) => Err(JournalError::Altered(fault.to_string())),
        None => Ok(report.lines),
    }
}

/// Reads a file of the run, at most so many bytes.
pub(super) fn read_capped(path: &Path, cap: u64) -> Result<Vec<u8>, JournalError> {
    let unreadable = |source| JournalError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(cap + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > cap {
        return Err(unreadable(io::Error::other("it is larger than any that this program writes")));
    }
    Ok(bytes)
}

fn durable(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), JournalError> {
    write(path).map_err(|source| JournalError::NotDurable { path: path.to_owned(), source })
}
