//! The command backend against small real programs.

use std::path::Path;
use std::sync::Mutex;

use super::*;
use crate::backend::{NoWitness, settle};
use crate::domain::act::Effect;
use crate::domain::name::Fqdn;

fn name() -> BackendName {
    BackendName::new("exchange")
}

fn shell(script: &str, dir: &Path) -> Vec<String> {
    ["/bin/sh", "-c", script, "sh"].into_iter().map(str::to_owned).chain([dir.display().to_string()]).collect()
}

/// A tool whose state is a file, and a `disable` command.
fn tool(dir: &Path, disable: &str) -> Commands {
    std::fs::write(dir.join("state"), "Enabled").unwrap();
    let state = r#"printf '{"version":1,"servers":[{"server":"um1.contoso.com","service":"um","status":"%s","dial_plans":[]}]}' "$(cat "$1/state")""#;
    let command = Command {
        state: shell(state, dir),
        disable: Some(shell(disable, dir)),
        timeout: Duration::from_secs(10),
        ..Command::default()
    };
    Commands { name: name(), command }
}

fn call(argv: Vec<String>, timeout_seconds: u64) -> Act {
    Act::Command(Call {
        backend: name(),
        verb: Verb::Disable,
        server: Fqdn::parse("um1.contoso.com").unwrap(),
        argv,
        run: "01K0000000000000000000000A".into(),
        before: ServiceState::Enabled,
        after: ServiceState::Disabled,
        timeout_seconds,
    })
}

async fn carry_out(disable: &str, timeout: u64) -> (Sent, Observed, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let tool = tool(dir.path(), disable);
    let act = call(shell(disable, dir.path()), timeout);
    let prepared = tool.prepare(&act).await.unwrap();
    let sent = tool.send(prepared, &NoWitness).await;
    (sent, tool.observe(&act).await, dir)
}

#[tokio::test]
async fn a_command_gets_its_variables_on_standard_input_and_its_effect_is_read() {
    let (sent, seen, dir) = carry_out(r#"cat > "$1/input"; echo Disabled > "$1/state""#, 10).await;
    assert_eq!(sent, Sent::Claimed("exit code 0".into()));
    assert!(
        matches!(&seen, Observed::After { detail } if detail.as_str() == "um1.contoso.com is Disabled"),
        "{seen:?}"
    );
    let input = std::fs::read_to_string(dir.path().join("input")).unwrap();
    assert_eq!(input, r#"{"run":"01K0000000000000000000000A","server":"um1.contoso.com"}"#);
}

#[tokio::test]
async fn success_without_effect_is_not_known() {
    let (sent, seen, _dir) = carry_out("cat > /dev/null; exit 0", 10).await;
    assert!(matches!(sent, Sent::Claimed(_)));
    let Effect::Unknown { detail } = settle(Some(&"exit code 0".into()), seen) else { panic!("it may still come") };
    assert!(detail.as_str().contains("exit code 0") && detail.as_str().contains("is Enabled"), "{detail}");
}

#[tokio::test]
async fn a_failure_says_nothing_about_the_effect() {
    let (sent, seen, _dir) =
        carry_out(r#"cat > /dev/null; echo Disabled > "$1/state"; echo 'lost the DC' >&2; exit 7"#, 10).await;
    assert!(matches!(&sent, Sent::Unclear(said) if said.as_str().contains("lost the DC")), "{sent:?}");
    assert!(matches!(settle(None, seen), Effect::Applied { .. }));
}

#[tokio::test]
async fn a_command_that_hangs_is_ended_and_its_end_is_unknown() {
    let (sent, seen, _dir) = carry_out("cat > /dev/null; exec sleep 600", 1).await;
    assert!(matches!(sent, Sent::Unclear(_)), "{sent:?}");
    assert!(matches!(settle(None, seen), Effect::Unknown { .. }));
}

#[tokio::test]
async fn a_refusal_in_the_documented_json_is_believed() {
    let script = r#"cat > /dev/null; printf '{"outcome":"refused","detail":"held by HealthAPI\033[2J"}'"#;
    let (sent, _, _dir) = carry_out(&script.replace(r"\033", r"\\u001b"), 10).await;
    let Sent::Refused(refused) = sent else { panic!("{sent:?}") };
    assert_eq!(refused.why, Refusal::Command);
    assert!(!refused.detail.as_str().chars().any(char::is_control));
}

#[tokio::test]
async fn what_only_the_directory_holds_is_recorded_and_not_applied() {
    let script =
        r#"cat > /dev/null; echo Disabled > "$1/state"; printf '{"outcome":"recorded","detail":"um1 is away"}'"#;
    let (sent, seen, _dir) = carry_out(script, 10).await;
    assert_eq!(sent, Sent::Recorded("um1 is away".into()));
    assert!(matches!(settle(Some(&"x".into()), seen).only_recorded(), Effect::Recorded { .. }));
}

#[tokio::test]
async fn only_the_topology_files_own_command_is_run() {
    let dir = tempfile::tempdir().unwrap();
    let tool = tool(dir.path(), "true");
    let evil = call(shell(r#"touch "$1/evil""#, dir.path()), 10);
    let refused = tool.prepare(&evil).await.unwrap_err();
    assert_eq!(refused.why, Refusal::Local);
    assert!(refused.detail.as_str().contains("make the plan again"));
}

/// Refuses to let the command go on.
struct Cautious(Mutex<Option<Process>>);

impl Witness for Cautious {
    fn started(&self, process: Process) -> BoxFuture<'_, Result<(), Clean>> {
        *self.0.lock().unwrap() = Some(process);
        Box::pin(std::future::ready(Err("the disk is full".into())))
    }

    fn sent(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_command_whose_process_cannot_be_written_down_does_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let disable = r#"read line && echo Disabled > "$1/state""#;
    let tool = tool(dir.path(), disable);
    let act = call(shell(disable, dir.path()), 10);
    let prepared = tool.prepare(&act).await.unwrap();
    let witness = Cautious(Mutex::new(None));
    let sent = tool.send(prepared, &witness).await;
    assert!(matches!(&sent, Sent::Refused(refused) if refused.why == Refusal::Local), "{sent:?}");
    let process = witness.0.lock().unwrap().clone().unwrap();
    assert!(process.started.is_some(), "a process is told from a later one of the same number");
    assert!(matches!(tool.observe(&act).await, Observed::Before { .. }));
}
