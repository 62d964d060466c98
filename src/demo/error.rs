//! Why a demo could not be started, reached or broken on request.

use std::io;
use std::path::PathBuf;

/// What went wrong with the embedded topology.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file of the demo's directory.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A socket on loopback.
    #[error("cannot {action} on loopback: {source}")]
    Socket {
        /// What was tried, as a verb.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A certificate of the demo's own authority.
    #[error("cannot make the demo's certificates: {0}")]
    Certificate(String),
    /// A living demo serves the directory.
    #[error("{path} is served by another demo that is still running: stop it, or take another directory", path = .0.display())]
    InUse(PathBuf),
    /// Nothing serves the directory.
    #[error("no demo serves {path}: start one with `switchboard demo --serve --dir {path}`", path = .0.display())]
    NotServed(PathBuf),
    /// The demo does not answer as one.
    #[error("the demo does not answer as it should: {0}")]
    Protocol(String),
    /// The demo refused a request.
    #[error("{0}")]
    Refused(String),
    /// One of its DNS servers.
    #[error("a DNS server of the demo: {0}")]
    Dns(String),
}

impl DemoError {
    /// For `map_err`: what was tried, on which file.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    /// For `map_err`: what was tried.
    pub fn socket(action: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Socket { action, source }
    }
}
