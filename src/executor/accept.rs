//! Proof by a call: the acceptance command of the site that took over, again and again until it says yes, its time is over, or an
//! operator steps in. Without a command nothing is proven until somebody says that they called.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::execute::{ExecuteError, Executor, LOOK};
use crate::child::{self, Failure, Output, Spec};
use crate::domain::clean::Clean;
use crate::failover::plan::{Acceptance, Step};
use crate::failover::run::{Check, Event};

/// How long one call may take: such a test rings, waits for a greeting and hangs up.
const CALL: Duration = Duration::from_secs(300);

/// The most that the command may print, in bytes.
const CAP: usize = 64 * 1024;

/// What is said where nobody called.
const NOT_PROVEN: &str = "answering, not proven by a call";

/// What came of a call.
enum Called {
    /// Somebody or something heard the greeting.
    Heard(Clean),
    /// It rang, and there was no greeting.
    Unheard(Clean),
    /// Nobody called.
    Nobody(Clean),
}

impl Executor {
    /// Calls, and writes down what was heard.
    pub(super) async fn accept(&self, step: &Step, acceptance: &Acceptance) -> Result<(), ExecuteError> {
        let until = Instant::now() + Duration::from_secs(step.deadline_seconds);
        let mut last = Clean::default();
        loop {
            let Some(called) = self.unless_asked(self.call(acceptance)).await? else { return Ok(()) };
            let (check, detail) = match called {
                Called::Heard(detail) => (Check::Passed, detail),
                Called::Nobody(detail) => (Check::NotProven, detail),
                Called::Unheard(detail) if Instant::now() >= until => (Check::Failed, detail),
                Called::Unheard(detail) => {
                    if detail != last {
                        self.write(&Event::Seen { step: step.id.clone(), detail: detail.clone() })?;
                        last = detail;
                    }
                    if self.pause(until).await? {
                        return Ok(());
                    }
                    continue;
                }
            };
            return self.write(&Event::Checked { step: step.id.clone(), check, detail });
        }
    }

    /// Something that takes its time, given up as soon as an operator asks for anything.
    async fn unless_asked<T>(&self, work: impl Future<Output = T>) -> Result<Option<T>, ExecuteError> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(Some(done)),
                () = sleep(LOOK) => {
                    self.mind_fence().await?;
                    if self.take_requests().await? || self.run().state().is_over() {
                        return Ok(None);
                    }
                }
            }
        }
    }

    async fn call(&self, acceptance: &Acceptance) -> Called {
        let run = self.run();
        if let Some(by) = run.kept_by() {
            return Called::Heard(format!("{by}: {}", acceptance.attest).into());
        }
        if acceptance.argv.is_empty() {
            return Called::Nobody(NOT_PROVEN.into());
        }
        let declared = self.topology.site(&run.plan().to).and_then(|site| site.acceptance.as_ref());
        if declared != Some(&acceptance.argv) {
            let why = "the plan's acceptance command is not the one that the topology file declares";
            return Called::Nobody(format!("{NOT_PROVEN}: {why}").into());
        }
        let stdin = run.plan().call_stdin(acceptance).to_string().into_bytes();
        let spec = Spec { argv: acceptance.argv.clone(), stdin, deadline: CALL, cap: CAP };
        match child::run(spec).await {
            Ok(output) => heard(&output),
            Err(failure @ Failure::NotStarted { .. }) => Called::Nobody(format!("{NOT_PROVEN}: {failure}").into()),
            Err(failure) => Called::Unheard(format!("the acceptance command: {failure}").into()),
        }
    }
}

fn heard(output: &Output) -> Called {
    let first = String::from_utf8_lossy(&output.stdout);
    let first = first.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    match output.code {
        Some(0) if first.is_empty() => Called::Heard("the acceptance command passed".into()),
        Some(0) => Called::Heard(format!("the acceptance command passed: {first}").into()),
        code => {
            let code = code.map_or_else(|| "by a signal".to_owned(), |code| format!("with {code}"));
            let said =
                [first, output.stderr.as_str().trim()].into_iter().find(|said| !said.is_empty()).unwrap_or("no word");
            Called::Unheard(format!("the acceptance command ended {code}: {said}").into())
        }
    }
}
