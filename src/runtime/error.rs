//! Why a console could not run.

use std::io;
use std::path::PathBuf;

use crate::domain::clean::Clean;

/// Why a console could not run.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// No terminal.
    #[error("the console needs a terminal; `switchboard --plain` and `switchboard check` do without one")]
    NoTerminal,
    /// The terminal does not do what it is asked.
    #[error("the terminal cannot be used: {0}; `switchboard check` gives the same answers without one")]
    Terminal(#[from] io::Error),
    /// The session cannot be recorded.
    #[error("cannot record the session in {}: {source}", Clean::new(&path.to_string_lossy()))]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The thread ended without an answer.
    #[error("the console's thread ended without a word")]
    Vanished,
}
