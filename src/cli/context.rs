//! What commands share: the files that the command line and the environment name, and the topology read from them.

use std::io::IsTerminal;
use std::path::PathBuf;

use super::args::Shared;
use super::{Usage, output};
use crate::config::{self, paths};
use crate::domain::topology::Topology;

/// Where this call's files are.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    shared: Shared,
}

/// The problem has been printed in the form that was asked for; only the exit code is left to give.
#[derive(Debug, thiserror::Error)]
#[error("already told")]
pub(crate) struct Told;

impl Context {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared }
    }

    /// Whether `--config` names a topology file.
    pub(crate) fn names_file(&self) -> bool {
        self.shared.config.is_some()
    }

    /// The topology file: the one that `--config` names, or the one in the usual place.
    pub(crate) fn topology_file(&self) -> anyhow::Result<PathBuf> {
        paths::topology_file(self.shared.config.as_deref(), &environment)
            .map_err(|error| Usage(error.to_string()).into())
    }

    /// The state directory: the one that `--state-dir` names, or the usual place. It may not exist yet.
    pub(crate) fn state_dir(&self) -> anyhow::Result<PathBuf> {
        paths::state_dir(self.shared.state_dir.as_deref(), &environment)
            .map_err(|error| Usage(error.to_string()).into())
    }

    /// The topology. Problems of its file are printed here, as JSON where that was asked for; then the error is [`Told`].
    pub(crate) fn topology(&self, json: bool) -> anyhow::Result<Topology> {
        let file = self.topology_file()?;
        let problems = match config::load(&file, &environment) {
            Ok(topology) => return Ok(topology),
            Err(problems) => problems,
        };
        if json {
            output::json(&problems)?;
        } else {
            output::note(&problems.to_text(output::colours(std::io::stderr().is_terminal())));
        }
        Err(Told.into())
    }
}

/// The environment, for rooms that are handed it as a function.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
