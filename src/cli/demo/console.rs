//! `switchboard demo`: the console on an embedded topology of its own.

use std::fs::{DirBuilder, read_dir, remove_dir_all, symlink_metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::cli::console::{self, open};
use crate::cli::context::environment;
use crate::cli::output;
use crate::config;
use crate::demo::{Demo, is_abandoned};
use crate::probe::Clock;

use super::Args;

/// Starts a topology, opens the console on it, and takes everything away again at the end.
pub(crate) async fn run(args: Args) -> anyhow::Result<u8> {
    let dir = Scratch::new()?;
    let demo = Demo::start(args.options(dir.0.clone())?).await?;
    let topology = config::load(&demo.topology_file(), &environment)
        .map_err(|problems| anyhow::anyhow!("the demo's own topology is wrong:\n{}", problems.to_text(false)))?;
    let look = console::Args {
        theme: args.theme,
        ascii: args.ascii,
        plain: args.plain,
        record: args.record,
        ..console::Args::default()
    };
    // Runs are kept beside the topology, and go with it.
    let state = dir.0.join("state");
    open(look, Arc::new(topology), Clock::start(), &demo.topology_file(), &state, Some(demo.faults())).await
}

/// What the names of such directories start with; the process id follows.
const PREFIX: &str = "switchboard-demo-";

/// Takes away what demos left behind that were killed, or crashed. What cannot be taken away is not this run's business.
fn sweep(temp: &Path) {
    let Ok(entries) = read_dir(temp) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(process_of) else { continue };
        let dir = entry.path();
        // One that just starts has no lock yet, but its process lives.
        if rustix::process::test_kill_process(process).is_err() && is_own(&dir) && is_abandoned(&dir) {
            let _ = remove_dir_all(&dir);
        }
    }
}

/// The process that made a directory, by its name.
fn process_of(name: &str) -> Option<rustix::process::Pid> {
    let (process, _) = name.strip_prefix(PREFIX)?.split_once('-')?;
    rustix::process::Pid::from_raw(process.parse().ok().filter(|id| *id > 0)?)
}

/// Whether this is a directory, no link to one, and this user's: everybody may write to a directory of temporary files.
fn is_own(dir: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    symlink_metadata(dir).is_ok_and(|meta| meta.is_dir() && meta.uid() == user)
}

/// A directory for this run alone.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        sweep(&std::env::temp_dir());
        let name = format!("{PREFIX}{}-{:08x}", std::process::id(), rand::random::<u32>());
        let dir = std::env::temp_dir().join(name);
        DirBuilder::new()
            .mode(0o700)
            .create(&dir)
            .with_context(|| format!("cannot make a directory for the demo: {}", dir.display()))?;
        Ok(Self(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove_dir_all(&self.0) {
            output::note(&left(&self.0, &error));
        }
    }
}

fn left(dir: &Path, error: &std::io::Error) -> String {
    format!("switchboard: the demo's files in {} are left behind: {error}", dir.display())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_what_a_dead_demo_left_behind_is_swept_away() {
        let temp = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let (dead, living) = (child.id(), std::process::id());
        let make = |name: String| {
            let dir = temp.path().join(name);
            fs::create_dir(&dir).unwrap();
            fs::write(dir.join("lock"), "").unwrap();
            dir
        };
        let left = make(format!("{PREFIX}{dead}-1"));
        let held = make(format!("{PREFIX}{dead}-2"));
        let lock = fs::File::open(held.join("lock")).unwrap();
        lock.lock().unwrap();
        let starting = make(format!("{PREFIX}{living}-3"));
        let foreign = make("another-program-1".into());
        let linked = temp.path().join(format!("{PREFIX}{dead}-4"));
        std::os::unix::fs::symlink(&foreign, &linked).unwrap();
        sweep(temp.path());
        assert!(!left.exists());
        assert!([held, starting, linked].iter().all(|dir| dir.exists()) && foreign.join("lock").exists());
    }
}
