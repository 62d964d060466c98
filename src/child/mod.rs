//! Runs a command as a child process: argument list, JSON on standard input, deadline, whole process group ended, output capped.
//!
//! Knows no shell, and nothing of what the command means. A grandchild that starts a session of its own (`setsid`)
//! escapes the group; it cannot hold a run up, but it is not ended either.

mod group;
mod pump;

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::domain::clean::Clean;
use crate::domain::observation::CommandFailure;

use group::Group;

/// From SIGTERM to SIGKILL, and how long a pipe that somebody else holds is read after the command ended.
const GRACE: Duration = Duration::from_millis(500);

/// Variables of the console's own environment that a command gets; nothing else is passed on.
const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "KRB5CCNAME",
    "KRB5_CLIENT_KTNAME",
    "KRB5_CONFIG",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
];

/// What to run and how far it may go.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Program and arguments, used as they are.
    pub argv: Vec<String>,
    /// Written to standard input, which is then closed.
    pub stdin: Vec<u8>,
    /// From start to end; then the whole group is ended.
    pub deadline: Duration,
    /// The most bytes of standard output that are taken.
    pub cap: usize,
}

/// What a command that came to its own end left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Exit code; absent when a signal ended it.
    pub code: Option<i32>,
    /// Standard output, whole.
    pub stdout: Vec<u8>,
    /// The end of standard error.
    pub stderr: Clean,
}

impl Output {
    /// Standard output of a command that ended with 0.
    ///
    /// # Errors
    /// [`CommandFailure::Exit`] for every other end.
    pub fn success(self) -> Result<Vec<u8>, CommandFailure> {
        match self.code {
            Some(0) => Ok(self.stdout),
            code => Err(CommandFailure::Exit { code, stderr: self.stderr }),
        }
    }
}

/// Why a command did not come to its own end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No such program, no permission, no process left.
    #[error("{program} could not be started: {why}")]
    NotStarted {
        /// The first argument.
        program: Clean,
        /// The system's words.
        why: Clean,
    },
    /// The deadline passed; its process group was ended.
    #[error("it did not end within {0:?} and was ended")]
    Timeout(Duration),
    /// It printed more than the cap; its process group was ended.
    #[error("it printed more than {0} bytes and was ended")]
    TooLong(usize),
}

impl From<Failure> for CommandFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotStarted { .. } => Self::NotStarted(failure.to_string().into()),
            Failure::Timeout(_) => Self::Timeout,
            Failure::TooLong(_) => Self::TooLong,
        }
    }
}

/// Runs a command to its end.
///
/// Dropping the future kills the whole process group.
///
/// # Errors
/// [`Failure`]; an exit code other than 0 is none.
pub async fn run(spec: Spec) -> Result<Output, Failure> {
    run_watched(spec, &Nobody).await
}

/// Somebody who wants to know of a command while it runs.
pub trait Watcher: Sync {
    /// It was started as this process, and gets its standard input when this returns; an error ends it at once.
    fn started(&self, pid: u32) -> BoxFuture<'_, Result<(), Clean>>;

    /// It has its standard input, whole.
    fn fed(&self) -> BoxFuture<'_, ()>;
}

struct Nobody;

impl Watcher for Nobody {
    fn started(&self, _pid: u32) -> BoxFuture<'_, Result<(), Clean>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn fed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Runs a command to its end, and tells somebody of it: it is held back at its standard input until they know.
///
/// # Errors
/// As [`run`]; [`Failure::NotStarted`] also when the watcher did not want it.
pub async fn run_watched(spec: Spec, watcher: &dyn Watcher) -> Result<Output, Failure> {
    let mut child = start(&spec.argv)?;
    let group = Group::of(&child);
    if let Err(why) = watcher.started(child.id().unwrap_or_default()).await {
        group.kill();
        let program = spec.argv.first().map_or("", String::as_str).into();
        return Err(Failure::NotStarted { program, why });
    }
    let result = match timeout(spec.deadline, converse(&mut child, &group, &spec, watcher)).await {
        Ok(result) => result,
        Err(_) => Err(Failure::Timeout(spec.deadline)),
    };
    if result.is_err() {
        end(&mut child, &group).await;
    }
    result
}

fn start(argv: &[String]) -> Result<Child, Failure> {
    let not_started = |why: Clean| Failure::NotStarted { program: argv.first().map_or("", String::as_str).into(), why };
    let (program, arguments) = argv.split_first().ok_or_else(|| not_started("no program is named".into()))?;
    Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| not_started(error.to_string().into()))
}

/// Feeds, reads and waits, all at once, so that no pipe fills up.
async fn converse(child: &mut Child, group: &Group, spec: &Spec, watcher: &dyn Watcher) -> Result<Output, Failure> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut printed, mut complained) = (Vec::new(), Vec::new());
    let status: Option<ExitStatus>;
    {
        let mut pumps = std::pin::pin!(async {
            tokio::try_join!(
                async {
                    pump::feed(stdin, &spec.stdin).await?;
                    watcher.fed().await;
                    Ok(())
                },
                pump::keep_all(stdout, &mut printed, spec.cap),
                pump::keep_end(stderr, &mut complained),
            )
        });
        let mut done = false;
        status = loop {
            tokio::select! {
                ended = child.wait() => break ended.ok(),
                result = &mut pumps, if !done => {
                    result?;
                    done = true;
                }
            }
        };
        // The command is over: what it left running would hold its pipes open for ever.
        group.kill();
        if !done && let Ok(result) = timeout(GRACE, pumps).await {
            result?;
        }
    }
    let code = status.and_then(|status| status.code());
    Ok(Output { code, stdout: printed, stderr: Clean::from_bytes(&complained) })
}

/// Ends the group: politely, then not.
async fn end(child: &mut Child, group: &Group) {
    group.terminate();
    if timeout(GRACE, child.wait()).await.is_err() {
        group.kill();
        // After SIGKILL only a process stuck in the kernel is still there; it is reaped later.
        let _ = timeout(GRACE, child.wait()).await;
    }
    group.kill();
}

#[cfg(test)]
mod tests;
