//! What commands share: the files that the command line and the environment name, and the topology read from them.

use std::path::PathBuf;

use super::args::Shared;

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

    /// The topology file named with `--config`.
    pub(crate) fn config(&self) -> Option<&PathBuf> {
        self.shared.config.as_ref()
    }

    /// The state directory named with `--state-dir`.
    pub(crate) fn state_dir(&self) -> Option<&PathBuf> {
        self.shared.state_dir.as_ref()
    }
}

/// The environment, for rooms that are handed it as a function.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
