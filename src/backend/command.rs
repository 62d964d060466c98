//! The `command` backend: one argument list of the topology file, every variable as JSON on standard input, no shell anywhere.
//!
//! Exit code 0 proves nothing: the effect is read with the backend's own `state` command. A command that has not got its standard
//! input has done nothing, so it is held back there until its process is written down.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Backend, BackendError, Prepared, Process, Refused, Sent, Witness};
use crate::child::{self, Failure, Output, Spec, Watcher};
use crate::domain::act::{Act, Call, Observed, Refusal, Verb};
use crate::domain::clean::Clean;
use crate::domain::name::BackendName;
use crate::domain::observation::{ServerState, StateReport};
use crate::domain::server::ServiceState;
use crate::domain::topology::{self, Command, Topology};
use crate::wire::um_state;

/// The most that a changing command may print, and a state command, in bytes.
const CAP: usize = 64 * 1024;
const STATE_CAP: usize = 4 * 1024 * 1024;

/// Makes the backend when the settings are its own.
pub(super) fn make(
    _topology: &Topology,
    name: &BackendName,
    settings: &topology::Backend,
) -> Option<Result<Arc<dyn Backend>, BackendError>> {
    let topology::Backend::Command(command) = settings else { return None };
    Some(Ok(Arc::new(Commands { name: name.clone(), command: (**command).clone() })))
}

struct Commands {
    name: BackendName,
    command: Command,
}

/// What a changing command may print, as JSON; anything else, or nothing, claims plain success.
#[derive(Debug, Deserialize)]
struct Printed {
    /// `applied`, `recorded` or `refused`.
    #[serde(default)]
    outcome: Option<String>,
    #[serde(default)]
    detail: Option<String>,
}

impl Backend for Commands {
    fn prepare<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Result<Prepared, Refused>> {
        std::future::ready(self.ready(act)).boxed()
    }

    fn send<'a>(&'a self, prepared: Prepared, witness: &'a dyn Witness) -> BoxFuture<'a, Sent> {
        async move {
            match prepared.content.downcast::<Spec>() {
                Ok(spec) => run(*spec, witness).await,
                Err(_) => Sent::Refused(local("the call was prepared by another backend")),
            }
        }
        .boxed()
    }

    fn observe<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Observed> {
        async move {
            match act {
                Act::Command(call) => self.look(call).await,
                Act::DnsUpdate(_) => Observed::Unreadable { detail: "an update is not read back by a command".into() },
            }
        }
        .boxed()
    }
}

impl Commands {
    fn ready(&self, act: &Act) -> Result<Prepared, Refused> {
        let Act::Command(call) = act else { return Err(local("an update is not carried out by a command")) };
        let declared = match call.verb {
            Verb::Drain => &self.command.drain,
            Verb::Enable => &self.command.enable,
            Verb::Disable => &self.command.disable,
        };
        if declared.as_ref() != Some(&call.argv) {
            let verb = call.verb.word();
            return Err(local(&format!(
                "the plan's `{verb}` command is not the one that the topology file declares for {}: make the plan again",
                self.name
            )));
        }
        let stdin = call.stdin().to_string().into_bytes();
        let mut hash = Sha256::new();
        for part in call.argv.iter().map(String::as_bytes).chain([stdin.as_slice()]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest = data_encoding::HEXLOWER.encode(&hash.finalize());
        let destination = Clean::from(format!("`{}` of {} for {}", call.verb.word(), self.name, call.server));
        let deadline = Duration::from_secs(call.timeout_seconds.max(1));
        let spec = Spec { argv: call.argv.clone(), stdin, deadline, cap: CAP };
        Ok(Prepared { digest, destination, content: Box::new(spec) })
    }

    async fn look(&self, call: &Call) -> Observed {
        let report = match self.state().await {
            Ok(report) => report,
            Err(detail) => return Observed::Unreadable { detail },
        };
        match report.servers.get(&call.server) {
            Some(server) => compare(call, server),
            None => Observed::Unreadable { detail: format!("the state command does not know {}", call.server).into() },
        }
    }

    async fn state(&self) -> Result<StateReport, Clean> {
        let spec = Spec {
            argv: self.command.state.clone(),
            stdin: Vec::new(),
            deadline: self.command.timeout,
            cap: STATE_CAP,
        };
        let printed = child::run(spec).await.map_err(|failure| Clean::from(failure.to_string()))?;
        let code = printed.code;
        let Ok(text) = printed.success() else { return Err(format!("the state command ended with {code:?}").into()) };
        um_state::parse(&text).map_err(|error| error.to_string().into())
    }
}

/// The server is where the call leads when all requesters agree, locally and in the directory.
fn compare(call: &Call, server: &ServerState) -> Observed {
    let detail: Clean = describe(call, server).into();
    if server.state == call.after {
        return Observed::After { detail };
    }
    if server.state == call.before {
        return Observed::Before { detail };
    }
    // Asked out of service and still taking the calls that it has: on its way. Anything else is somebody else's doing.
    Observed::Other { detail }
}

/// Who stands in the way is the useful half of the sentence.
fn describe(call: &Call, server: &ServerState) -> String {
    let held: Vec<String> = server
        .components
        .iter()
        .filter(|part| call.after == ServiceState::Enabled && !part.state.as_str().eq_ignore_ascii_case("active"))
        .map(|part| format!("{} {} by {}", part.component, part.state, part.requester))
        .collect();
    let held = if held.is_empty() { String::new() } else { format!(" ({})", held.join(", ")) };
    let calls = server.active_calls.map(|calls| format!(", {calls} calls in progress")).unwrap_or_default();
    format!("{} is {}{held}{calls}", call.server, server.state)
}

async fn run(spec: Spec, witness: &dyn Witness) -> Sent {
    match child::run_watched(spec, &Told(witness)).await {
        Ok(output) => judge(&output),
        Err(failure @ Failure::NotStarted { .. }) => Sent::Refused(local(&failure.to_string())),
        Err(failure) => Sent::Unclear(failure.to_string().into()),
    }
}

/// A command that failed may have done half of it: only reading the state tells.
fn judge(output: &Output) -> Sent {
    let printed: Option<Printed> = serde_json::from_slice(&output.stdout).ok();
    let said = |printed: &Printed| Clean::from(printed.detail.clone().unwrap_or_default());
    match (output.code, printed) {
        (Some(0), Some(printed)) if printed.outcome.as_deref() == Some("refused") => {
            Sent::Refused(Refused { why: Refusal::Command, detail: said(&printed) })
        }
        (Some(0), Some(printed)) if printed.outcome.as_deref() == Some("recorded") => Sent::Recorded(said(&printed)),
        (Some(0), Some(printed)) => Sent::Claimed(said(&printed)),
        (Some(0), None) => Sent::Claimed("exit code 0".into()),
        (Some(code), _) => Sent::Unclear(format!("exit code {code}: {}", output.stderr).into()),
        (None, _) => Sent::Unclear(format!("ended by a signal: {}", output.stderr).into()),
    }
}

fn local(why: &str) -> Refused {
    Refused { why: Refusal::Local, detail: why.into() }
}

/// Passes the child's news on to the witness.
pub(super) struct Told<'a>(pub(super) &'a dyn Witness);

impl Watcher for Told<'_> {
    fn started(&self, pid: u32) -> BoxFuture<'_, Result<(), Clean>> {
        self.0.started(Process { pid, started: started(pid) })
    }

    fn fed(&self) -> BoxFuture<'_, ()> {
        self.0.sent()
    }
}

/// When a process was started, in the system's own ticks (`/proc/PID/stat`, field 22). Its name, field 2, may hold anything.
#[must_use]
pub fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
