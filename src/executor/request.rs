//! What operators ask of a run: files in its directory, each put there whole. The executor takes them up and journals them.
//!
//! A request is no event: it counts from the moment that the executor wrote it down as a decision. Until the executor has claimed it,
//! whoever made it can withdraw it: nothing is obeyed that somebody was told is void.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lock::living;
use super::store::{REQUESTS, RunDir, sync_dir, write_new};
use crate::domain::clean::Clean;
use crate::failover::run::{Ask, Decision};

/// The largest request that is read, in bytes.
const LARGEST: u64 = 64 * 1024;
/// Before the name of a request that an executor has claimed; one that died before it wrote it down leaves it so.
const CLAIMED: &str = "claimed-";
/// Who reads a request whose owner cannot be changed: whoever can enter the run's directory.
const READABLE: u32 = 0o644;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// When it was made.
    pub at: Timestamp,
    /// What is asked for, by whom and why.
    pub decision: Decision,
}

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its file.
    pub file: String,
    /// What it asks for; or why nobody can tell.
    pub request: Result<Request, Clean>,
}

impl Waiting {
    /// What is decided because of it. What cannot be read may have been meant to stop the run.
    pub(super) fn decision(&self) -> Decision {
        match &self.request {
            Ok(request) => request.decision.clone(),
            Err(why) => {
                let reason = format!("{why}; whoever asked has to ask again").into();
                Decision {
                    ask: Ask::Hold,
                    by: "a request that cannot be read".into(),
                    account: None,
                    reason: Some(reason),
                }
            }
        }
    }
}

/// Puts a request into a run's directory, readable for the account that the run belongs to. Gives its file.
pub fn put(dir: &RunDir, request: &Request) -> io::Result<String> {
    let text = serde_json::to_vec(request)?;
    let (requests, name) =
        (dir.file(REQUESTS), format!("{:020}-{}.json", request.at.as_microsecond(), std::process::id()));
    let draft = requests.join(format!(".{name}.new"));
    drop(fs::remove_file(&draft));
    write_new(&draft, &text)?;
    hand_over(&requests, &draft)?;
    fs::rename(&draft, requests.join(&name))?;
    sync_dir(&requests)?;
    Ok(name)
}

/// The executor runs as whoever confirmed the plan, which need not be whoever asks.
fn hand_over(requests: &Path, draft: &Path) -> io::Result<()> {
    let (run, own) = (fs::metadata(requests)?, fs::metadata(draft)?);
    if run.uid() == own.uid() {
        return Ok(());
    }
    chown(draft, Some(run.uid()), Some(run.gid()))
        .or_else(|_| fs::set_permissions(draft, fs::Permissions::from_mode(READABLE)))
}

/// The requests that wait, oldest first. One that cannot be read is among them: somebody asked for something.
pub fn waiting(dir: &RunDir) -> io::Result<Vec<Waiting>> {
    let mut names: Vec<String> = fs::read_dir(dir.file(REQUESTS))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort_by(|a, b| made(a).cmp(made(b)));
    Ok(names.into_iter().filter_map(|file| read(dir, file)).collect())
}

fn made(file: &str) -> &str {
    file.strip_prefix(CLAIMED).unwrap_or(file)
}

/// `None`: it was withdrawn in this moment.
fn read(dir: &RunDir, file: String) -> Option<Waiting> {
    let path = dir.file(REQUESTS).join(&file);
    let text = super::journal::read_capped(&path, LARGEST).map_err(|error| Clean::from(error.to_string()));
    if text.is_err() && !path.exists() {
        return None;
    }
    let parsed = |text: Vec<u8>| {
        serde_json::from_slice(&text).map_err(|error| Clean::from(format!("request {file} cannot be read: {error}")))
    };
    Some(Waiting { request: text.and_then(parsed), file })
}

/// For the executor: the requests that wait, claimed one by one, so that nobody can withdraw them any more.
pub(super) fn claimed(dir: &RunDir) -> Vec<Waiting> {
    waiting(dir).unwrap_or_default().into_iter().filter_map(|one| claim(dir, one)).collect()
}

/// `None`: it was withdrawn. One that cannot be renamed counts all the same.
fn claim(dir: &RunDir, waiting: Waiting) -> Option<Waiting> {
    if waiting.file.starts_with(CLAIMED) {
        return Some(waiting);
    }
    let (requests, file) = (dir.file(REQUESTS), format!("{CLAIMED}{}", waiting.file));
    match fs::rename(requests.join(&waiting.file), requests.join(&file)) {
        Ok(()) => Some(Waiting { file, ..waiting }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(_) => Some(waiting),
    }
}

/// Takes a request away, after it was journaled. What nobody could read is kept out of sight.
pub(super) fn done(dir: &RunDir, waiting: &Waiting) -> io::Result<()> {
    let requests = dir.file(REQUESTS);
    let file = requests.join(&waiting.file);
    match &waiting.request {
        Ok(_) => fs::remove_file(file)?,
        Err(_) => fs::rename(file, requests.join(format!(".unread-{}", made(&waiting.file))))?,
    }
    sync_dir(&requests)
}

/// Whether a request still waits, claimed or not.
#[must_use]
pub fn is_waiting(dir: &RunDir, file: &str) -> bool {
    let requests = dir.file(REQUESTS);
    requests.join(file).exists() || requests.join(format!("{CLAIMED}{file}")).exists()
}

/// Whether no executor has claimed it yet.
#[must_use]
pub fn is_unclaimed(dir: &RunDir, file: &str) -> bool {
    dir.file(REQUESTS).join(file).exists()
}

/// Takes a request back. `false` when a living executor has claimed it.
pub fn withdraw(dir: &RunDir, file: &str) -> io::Result<bool> {
    let requests = dir.file(REQUESTS);
    let gone = |file: &str| match fs::remove_file(requests.join(file)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    };
    let is_gone = gone(file)? || (living(dir).is_none() && gone(&format!("{CLAIMED}{file}"))?);
    sync_dir(&requests)?;
    Ok(is_gone)
}
