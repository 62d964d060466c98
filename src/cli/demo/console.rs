//! `switchboard demo`: the console on an embedded topology of its own.

use std::fs::{DirBuilder, remove_dir_all};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::cli::console::{self, open};
use crate::cli::context::environment;
use crate::cli::output;
use crate::config;
use crate::demo::Demo;
use crate::probe::Clock;

use super::Args;

/// Starts a topology, opens the console on it, and takes everything away again at the end.
pub(crate) async fn run(args: Args) -> anyhow::Result<u8> {
    let dir = Scratch::new()?;
    let demo = Demo::start(args.options(dir.0.clone())?).await?;
    let topology = config::load(&demo.topology_file(), &environment)
        .map_err(|problems| anyhow::anyhow!("the demo's own topology is wrong:\n{}", problems.to_text(false)))?;
    let look = console::Args { theme: args.theme, ascii: args.ascii, ..console::Args::default() };
    open(look, Arc::new(topology), Clock::start(), None, Some(demo.faults())).await
}

/// A directory for this run alone.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let name = format!("switchboard-demo-{}-{:08x}", std::process::id(), rand::random::<u32>());
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
