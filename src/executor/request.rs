//! What operators ask of a run: files in its directory, each put there whole. The executor takes them up and journals them.
//!
//! A request is no event: it counts from the moment that the executor wrote it down as a decision.

use std::fs;
use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store::{REQUESTS, RunDir, sync_dir, write_whole};
use crate::failover::run::Decision;

/// The largest request that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

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
    /// What it asks for.
    pub request: Request,
}

/// Puts a request into a run's directory.
pub fn put(dir: &RunDir, request: &Request) -> io::Result<()> {
    let text = serde_json::to_vec(request)?;
    let name = format!("{:020}-{}.json", request.at.as_microsecond(), std::process::id());
    write_whole(&dir.file(REQUESTS), &name, &text)
}

/// The requests that wait, oldest first. What cannot be read is no request and is left where it is.
pub fn waiting(dir: &RunDir) -> io::Result<Vec<Waiting>> {
    let mut names: Vec<String> = fs::read_dir(dir.file(REQUESTS))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    Ok(names.into_iter().filter_map(|file| read(dir, file)).collect())
}

fn read(dir: &RunDir, file: String) -> Option<Waiting> {
    let text = super::journal::read_capped(&dir.file(REQUESTS).join(&file), LARGEST).ok()?;
    Some(Waiting { request: serde_json::from_slice(&text).ok()?, file })
}

/// Takes a request away, after it was journaled.
pub fn done(dir: &RunDir, waiting: &Waiting) -> io::Result<()> {
    let requests = dir.file(REQUESTS);
    fs::remove_file(requests.join(&waiting.file))?;
    sync_dir(&requests)
}
