//! Where runs are kept: `STATE_DIR/runs/<id>/`. Knows paths and how to make a directory last, not what is written there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::failover::plan::RunId;

/// The plan, as it was confirmed.
pub const PLAN: &str = "plan.json";
/// Everything that happened, one event a line.
pub const JOURNAL: &str = "journal.jsonl";
/// Number and hash of the journal's last event.
pub const HEAD: &str = "head";
/// What operators ask of a run.
pub const REQUESTS: &str = "requests";
/// Held by the run's living executor.
pub const EXECUTOR: &str = "executor.lock";

/// Nobody but the operator's account reads what is in the journal.
const PRIVATE_DIR: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// The runs of a state directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    state_dir: PathBuf,
}

/// The directory of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir {
    /// The run's name.
    pub id: RunId,
    path: PathBuf,
}

impl Store {
    /// The runs below a state directory, which need not exist yet.
    #[must_use]
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self { state_dir: state_dir.into() }
    }

    /// The state directory itself.
    #[must_use]
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// Where the locks of targets are.
    #[must_use]
    pub fn locks(&self) -> PathBuf {
        self.state_dir.join("locks")
    }

    /// The directory of a run, which need not exist.
    #[must_use]
    pub fn run(&self, id: &RunId) -> RunDir {
        RunDir { id: id.clone(), path: self.runs().join(id.as_str()) }
    }

    /// Every run, oldest first.
    pub fn list(&self) -> io::Result<Vec<RunDir>> {
        let entries = match fs::read_dir(self.runs()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            if let Ok(id) = RunId::parse(&entry?.file_name().to_string_lossy()) {
                found.push(self.run(&id));
            }
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// Makes the directory of a new run and makes it last.
    pub(crate) fn create(&self, id: &RunId) -> io::Result<RunDir> {
        private_dirs().recursive(true).create(self.runs())?;
        sync_dir(&self.state_dir)?;
        let run = self.run(id);
        private_dirs().create(&run.path)?;
        private_dirs().create(run.file(REQUESTS))?;
        sync_dir(&self.runs())?;
        Ok(run)
    }

    fn runs(&self) -> PathBuf {
        self.state_dir.join("runs")
    }
}

impl RunDir {
    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether the run exists.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.is_dir()
    }

    /// The plan's text.
    pub fn read_plan(&self) -> io::Result<Vec<u8>> {
        fs::read(self.file(PLAN))
    }
}

/// Makes a directory and what is above it, for the operator's account alone.
pub(crate) fn private_dirs() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(PRIVATE_DIR);
    builder
}

/// Opens a file for writing that only the operator's account can read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(PRIVATE_FILE);
    options
}

/// Makes the names in a directory last.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Writes a new file and makes it last; its name lasts when the directory is synced.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_file().create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts a file into a directory whole or not at all.
pub(crate) fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let draft = dir.join(format!(".{name}.new"));
    drop(fs::remove_file(&draft));
    write_new(&draft, bytes)?;
    fs::rename(&draft, dir.join(name))?;
    sync_dir(dir)
}
