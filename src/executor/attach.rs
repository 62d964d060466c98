//! Seeing a run from any process, and starting its executor. A follower only reads; closing it changes nothing.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use jiff::Timestamp;

use super::execute::{ExecuteError, rebuild};
use super::lock::{Holder, living};
use super::store::{RunDir, Store};
use super::{journal, request};
use crate::config::Env;
use crate::domain::clean::Clean;
use crate::failover::run::{Decision, Event, Run};

/// Where an executor's last words go.
pub const LOG: &str = "executor.log";

/// A run as it is now.
#[derive(Debug, Clone)]
pub struct View {
    /// Its state.
    pub run: Run,
    /// Everything that happened.
    pub events: Vec<(Timestamp, Event)>,
    /// Its living executor.
    pub living: Option<Holder>,
}

impl View {
    /// Whether its executor died in the middle: nothing goes on until somebody says so.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        let state = self.run.state();
        self.living.is_none() && !state.is_over() && !state.waits_for_a_person()
    }
}

/// Reads a run.
///
/// # Errors
/// [`ExecuteError`] when there is none, or it is not what was written.
pub fn view(dir: &RunDir) -> Result<View, ExecuteError> {
    // Whoever lives now may write more; whoever is dead has written all.
    let living = living(dir);
    let lines = journal::read(dir)?;
    let run = rebuild(dir, &lines)?;
    let read = |line: &super::chain::Line| Some((line.at, serde_json::from_value(line.event.clone()).ok()?));
    Ok(View { run, events: lines.iter().filter_map(read).collect(), living })
}

/// Asks something of a run; its executor takes it up. Gives the request's file.
pub fn ask(dir: &RunDir, at: Timestamp, decision: Decision) -> io::Result<String> {
    request::put(dir, &request::Request { at, decision })
}

/// Starts a run's executor: this program, in a session of its own, without a terminal.
///
/// # Errors
/// When the program cannot be started.
pub fn spawn(store: &Store, dir: &RunDir, who: &Who, program: &Path) -> io::Result<Child> {
    let log = OpenOptions::new().append(true).create(true).mode(0o600).open(dir.file(LOG))?;
    Command::new(program)
        .arg("execute")
        .arg("--state-dir")
        .arg(store.state_dir())
        .args(["--run", dir.id.as_str(), "--by", who.by.as_str(), "--host", who.host.as_str()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
}

/// What an executor said before it ended without more.
#[must_use]
pub fn last_words(dir: &RunDir) -> Option<Clean> {
    let text = journal::read_capped(&dir.file(LOG), 1 << 20).ok()?;
    let text = String::from_utf8_lossy(&text);
    text.lines().rfind(|line| !line.trim().is_empty()).map(Clean::new)
}

/// The user id; of whoever became root by sudo, the one from before: sudo sets it, and only root can set it otherwise.
fn account(is_root: bool, before_sudo: Option<&str>) -> Clean {
    match before_sudo.and_then(|uid| uid.parse::<u32>().ok()) {
        Some(uid) if is_root => format!("uid {uid}").into(),
        _ => format!("uid {}", rustix::process::getuid().as_raw()).into(),
    }
}

/// Who works at this console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// `user@host`
    pub by: Clean,
    /// The machine.
    pub host: Clean,
    /// The account that the system vouches for: a name in the environment can be anything.
    pub account: Clean,
}

impl Who {
    /// As the environment and the machine say.
    #[must_use]
    pub fn am_i(env: &Env<'_>) -> Self {
        // An empty one names nobody.
        let user = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| env(name).filter(|user| !user.is_empty()));
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| env("HOSTNAME"));
        let host = Clean::new(host.as_deref().map_or("this-host", str::trim));
        let account = account(rustix::process::getuid().is_root(), env("SUDO_UID").as_deref());
        Self { by: format!("{}@{host}", user.as_deref().unwrap_or("somebody")).into(), host, account }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_name_names_nobody() {
        let who = |all: &'static [(&str, &str)]| {
            let env = |name: &str| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Who::am_i(&env).by.as_str().split('@').next().unwrap_or_default().to_owned()
        };
        assert_eq!(who(&[("SUDO_USER", "bob"), ("USER", "root")]), "bob");
        assert_eq!(who(&[("SUDO_USER", ""), ("USER", "ana")]), "ana");
        assert_eq!(who(&[("USER", ""), ("LOGNAME", "")]), "somebody");
    }
}
