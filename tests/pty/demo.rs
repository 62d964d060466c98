//! An embedded topology of its own process, which outlives every console.

use std::path::Path;
use std::process::{Child, Command as Process, Stdio};

use crate::terminal::{Terminal, console_on};

/// A demo in a process of its own, which outlives every console.
pub(crate) struct Demo {
    child: Child,
    dir: tempfile::TempDir,
}

impl Demo {
    pub(crate) fn start(more: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Process::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["demo", "--serve", "--interval", "200ms", "--dir"])
            .arg(dir.path())
            .args(if more.contains(&"--ttl") { [].as_slice() } else { &["--ttl", "2s"] })
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        Self { child, dir }
    }

    pub(crate) fn console(&self, columns: u16, rows: u16) -> Terminal {
        console_on(self.dir.path(), columns, rows)
    }

    pub(crate) fn runs(&self) -> serde_json::Value {
        let output = Process::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["runs", "list", "--json", "--config"])
            .arg(self.dir.path().join("switchboard.toml"))
            .arg("--state-dir")
            .arg(self.dir.path().join("state"))
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Demo {
    /// Where its topology file is.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Switches a fault on.
    pub(crate) fn fault(&self, subject: &str, fault: &str) {
        let status = Process::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["demo", "fault", "--dir"])
            .arg(self.dir.path())
            .args([subject, fault])
            .status()
            .unwrap();
        assert!(status.success(), "{subject} {fault}");
    }
}

impl Demo {
    /// Everything that it serves is gone at once; its files stay.
    pub(crate) fn dies(mut self) -> Self {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
