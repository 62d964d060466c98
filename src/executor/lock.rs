//! One executor for each run, one run for each target, among the consoles of one state directory.
//!
//! The kernel lets a lock go when its holder dies; what is written into the file only says who it is. Among hosts the marker in the
//! zone decides.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store::{EXECUTOR, RunDir, Store, private_dirs, private_file};
use crate::domain::name::Fqdn;

/// Somebody who only looks holds a lock for an instant; an executor waits that long before it believes that another one is at work.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(25);

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The run.
    pub run: String,
    /// Its executor's process.
    pub pid: u32,
    /// Who started it, on which machine.
    pub by: String,
    /// Since when.
    pub since: Timestamp,
}

/// Why a lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody living has it.
    #[error("{what} is held by {holder}; ask it to stop with `switchboard runs abort {run}`", run = holder_run(.holder.as_ref()), holder = holder_words(.holder.as_ref()))]
    Held {
        /// What.
        what: String,
        /// Who, as far as it is written down.
        holder: Option<Holder>,
    },
    /// The file cannot be used.
    #[error("{path} cannot be locked: {source}; use another state directory (--state-dir DIR)")]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

fn holder_run(holder: Option<&Holder>) -> &str {
    holder.map_or("ID", |holder| holder.run.as_str())
}

fn holder_words(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) => format!("run {} of {} (process {}, since {})", holder.run, holder.by, holder.pid, holder.since),
        None => "another run".to_owned(),
    }
}

/// A lock that is held until it is dropped or its process dies.
#[derive(Debug)]
pub struct Held {
    _file: File,
}

/// Takes the executor's lock of a run.
///
/// # Errors
/// [`LockError::Held`] when the run has a living executor.
pub async fn executor(dir: &RunDir, holder: &Holder) -> Result<Held, LockError> {
    take(&dir.file(EXECUTOR), &format!("run {}", dir.id), holder).await
}

/// Takes the locks of all targets, or none.
///
/// # Errors
/// [`LockError::Held`] when a living run has one of them.
pub async fn targets(store: &Store, servers: &[Fqdn], holder: &Holder) -> Result<Vec<Held>, LockError> {
    let dir = store.locks();
    let made = private_dirs().recursive(true).create(&dir);
    made.map_err(|source| LockError::Unusable { path: dir.clone(), source })?;
    // One order for everybody, so that two runs never wait for each other.
    let mut sorted: Vec<&Fqdn> = servers.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut held = Vec::with_capacity(sorted.len());
    for server in sorted {
        held.push(take(&dir.join(format!("{server}.lock")), server.as_str(), holder).await?);
    }
    Ok(held)
}

async fn take(path: &Path, what: &str, holder: &Holder) -> Result<Held, LockError> {
    let unusable = |source| LockError::Unusable { path: path.to_owned(), source };
    let mut file = private_file().read(true).create(true).truncate(false).open(path).map_err(unusable)?;
    for attempt in 0.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
            Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => tokio::time::sleep(PAUSE).await,
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held { what: what.to_owned(), holder: read_holder(&mut file) });
            }
        }
    }
    let text = serde_json::to_vec(holder).unwrap_or_default();
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(&text)).map_err(unusable)?;
    Ok(Held { _file: file })
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    Read::by_ref(file).take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// The run's living executor, when it has one.
#[must_use]
pub fn living(dir: &RunDir) -> Option<Holder> {
    let mut file = File::open(dir.file(EXECUTOR)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(read_holder(&mut file).unwrap_or_else(|| Holder {
            run: dir.id.to_string(),
            pid: 0,
            by: String::new(),
            since: Timestamp::UNIX_EPOCH,
        })),
        _ => None,
    }
}
