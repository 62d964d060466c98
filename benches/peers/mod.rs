//! Programs to measure, and how they are driven.

pub(crate) mod figures;
mod modes;
mod process;
mod session;

use std::ffi::OsString;
use std::path::PathBuf;

/// A program and its keys.
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) help: &'static str,
    pub(crate) close: &'static str,
    pub(crate) quit: &'static str,
}

/// A peer that may be there.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) install: &'static str,
    binary: &'static str,
    arguments: &'static [&'static str],
    help: &'static str,
    close: &'static str,
}

/// The full-screen programs of this kind that are held up most.
pub(crate) const PEERS: &[Peer] = &[
    Peer { name: "btop", install: "Debian: btop", binary: "btop", arguments: &[], help: "h", close: "\u{1b}" },
    Peer {
        name: "bottom",
        install: "cargo install bottom --locked",
        binary: "btm",
        arguments: &[],
        help: "?",
        close: "\u{1b}",
    },
    Peer {
        name: "trippy",
        install: "cargo install trippy --locked; it needs the right to open raw sockets",
        binary: "trip",
        arguments: &["127.0.0.1"],
        help: "h",
        close: "\u{1b}",
    },
];

impl Peer {
    /// The program, where it is on PATH.
    pub(crate) fn found(&self) -> Option<Program> {
        let path = std::env::var_os("PATH")?;
        let file = std::env::split_paths(&path).map(|dir| dir.join(self.binary)).find(|file| file.is_file())?;
        Some(Program {
            name: self.name.to_owned(),
            file,
            arguments: self.arguments.iter().map(Into::into).collect(),
            help: self.help,
            close: self.close,
            quit: "q",
        })
    }
}
