//! Reads the topology file again when it was changed: a good one takes the old one's place, a bad one is told and the old one kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

use crate::app::Event;
use crate::app::event::Reread;
use crate::config;

/// How often the file is looked at. It is read when it was changed and then left alone for that long: no half of it is judged.
const LOOK: Duration = Duration::from_secs(1);

/// Watches a file until nobody listens any more.
pub(super) fn watch(file: PathBuf, environment: fn(&str) -> Option<String>, on: &Handle, inbox: Sender<Event>) {
    on.spawn(async move {
        let mut read = stamp(&file).ok();
        let mut last = read.clone();
        loop {
            tokio::time::sleep(LOOK).await;
            if inbox.is_closed() {
                return;
            }
            let now = stamp(&file).ok();
            let settled = now.is_some() && now == last && now != read;
            last.clone_from(&now);
            if !settled {
                continue;
            }
            read = now;
            let path = file.clone();
            let Ok(event) = tokio::task::spawn_blocking(move || reread(&path, environment)).await else { return };
            if inbox.send(event).await.is_err() {
                return;
            }
        }
    });
}

/// What tells whether a file was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    changed: Option<SystemTime>,
    inode: u64,
}

fn stamp(file: &Path) -> io::Result<Stamp> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = fs::metadata(file)?;
    Ok(Stamp { length: meta.len(), changed: meta.modified().ok(), inode: meta.ino() })
}

fn reread(file: &Path, environment: fn(&str) -> Option<String>) -> Event {
    Event::TopologyRead(match config::load(file, &environment) {
        Ok(topology) => Ok(Reread(Arc::new(topology))),
        Err(problems) => Err(problems.first_words()),
    })
}
