//! The way in from other processes, and several demos side by side.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use switchboard::demo::{Demo, DemoError, Design};
use switchboard::domain::observation::{CommandFailure, StateReport};
use switchboard::domain::server::ServiceState;
use switchboard::domain::topology;
use switchboard::probe::membership;

use super::client::{Seen, options as ask};
use super::{Bench, map_of, options};

const UM1: &str = "192.0.2.11:5061";
const UM3: &str = "192.0.2.23:5061";

fn switchboard(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(words);
    command
}

/// Runs to the end: success, standard output, standard error.
async fn run(words: &[&str], stdin: &str) -> (bool, String, String) {
    let mut command = switchboard(words);
    let stdin = stdin.to_owned();
    let run = move || {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

async fn state(dir: &Path) -> Result<StateReport, CommandFailure> {
    let program = env!("CARGO_BIN_EXE_switchboard");
    let argv = [program, "demo", "um", "--dir", dir.to_str().unwrap(), "state"];
    let state = argv.map(str::to_owned).to_vec();
    membership::read(&topology::Command { state, timeout: Duration::from_millis(1500), ..Default::default() }).await
}

fn states(report: &StateReport) -> Vec<ServiceState> {
    report.servers.values().map(|server| server.state).collect()
}

#[tokio::test]
async fn the_real_child_reports_the_states_of_the_design_and_a_server_acts_by_them() {
    let bench = Bench::start(|options| options.design = Design::EnableDisable).await;
    let dir = bench.demo.dir().to_str().unwrap().to_owned();
    let report = state(bench.demo.dir()).await.unwrap();
    let (on, off) = (ServiceState::Enabled, ServiceState::Disabled);
    assert_eq!(states(&report), [on, on, off, off], "um1, um2, um3, um4");
    assert!(report.servers.values().all(|server| server.dial_plans.len() == 1));
    assert_eq!(ask(bench.at(UM3)).await, Seen::Code(503));
    let order = r#"{"server":"um3.dublin.contoso.com","run":"01J"}"#;
    let (ok, printed, _) = run(&["demo", "um", "--dir", &dir, "enable"], order).await;
    assert!(ok && printed.contains(r#""after":"Enabled","applied":true"#), "{printed}");
    assert_eq!(ask(bench.at(UM3)).await, Seen::Code(200), "it acts by its state at once");
    assert_eq!(states(&state(bench.demo.dir()).await.unwrap()), [on, on, on, off]);
    let (ok, _, said) = run(&["demo", "um", "--dir", &dir, "disable"], r#"{"server":"um9","run":"01J"}"#).await;
    assert!(!ok && said.contains("um9 could not be found"), "{said}");
    let (ok, _, said) = run(&["demo", "um", "--dir", &dir, "disable"], "um3").await;
    assert!(!ok && said.contains("standard input is not"), "{said}");
    assert_eq!(bench.demo.faults().effects().len(), 1);
}

#[tokio::test]
async fn the_state_command_fails_hangs_and_lies_when_told_to() {
    let bench = Bench::start(|_| {}).await;
    let faults = bench.demo.faults();
    faults.on("state-command", "fail").await.unwrap();
    let failed = state(bench.demo.dir()).await.unwrap_err();
    let CommandFailure::Exit { code: Some(1), stderr } = failed else { panic!("{failed:?}") };
    assert!(stderr.as_str().contains("domain controller"), "{stderr}");
    faults.on("state-command", "hang").await.unwrap();
    assert_eq!(state(bench.demo.dir()).await, Err(CommandFailure::Timeout));
    faults.heal("state-command").await.unwrap();
    faults.on("state-command", "lie").await.unwrap();
    assert_eq!(states(&state(bench.demo.dir()).await.unwrap()), [ServiceState::Disabled; 4]);
    assert_eq!(ask(bench.at(UM1)).await, Seen::Code(200), "the wire does not lie");
    faults.heal_all().await.unwrap();
    assert_eq!(states(&state(bench.demo.dir()).await.unwrap()), [ServiceState::Enabled; 4]);
}

#[tokio::test]
async fn a_second_process_switches_lists_and_heals() {
    let bench = Bench::start(|_| {}).await;
    let dir = bench.demo.dir().to_str().unwrap().to_owned();
    let fault = async |words: &[&str]| run(&[&["demo", "fault", "--dir", &dir], words].concat(), "").await;
    assert!(fault(&["um1", "stop"]).await.0);
    assert_eq!(ask(bench.at(UM1)).await, Seen::Refused);
    let (_, listed, _) = fault(&[]).await;
    let on: Vec<&str> = listed.lines().filter(|line| line.starts_with("ON")).collect();
    assert!(on.len() == 1 && on[0].contains("um1") && on[0].contains("stop"), "{listed}");
    assert!(listed.lines().any(|line| line.contains("marker") && line.contains("delete")), "{listed}");
    let (ok, _, said) = fault(&["um1", "stpo"]).await;
    assert!(!ok && said.contains("did you mean stop?"), "{said}");
    assert!(fault(&["um1", "heal"]).await.0);
    assert_eq!(ask(bench.at(UM1)).await, Seen::Code(200));
    assert!(fault(&["Dublin", "dark"]).await.0 && fault(&["heal", "all"]).await.0);
    assert!(!fault(&[]).await.1.contains("ON "));
}

#[tokio::test]
async fn nobody_gets_in_without_the_token() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::start(|_| {}).await;
    for secret in ["control", "tsig.key", "gateway-key.pem"] {
        let mode = std::fs::metadata(bench.demo.dir().join(secret)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
    let control = bench.demo.dir().join("control");
    let text = std::fs::read_to_string(&control).unwrap();
    let stranger = bench.dir.path().join("stranger");
    std::fs::create_dir(&stranger).unwrap();
    let token = text.split(r#""token":""#).nth(1).unwrap().split('"').next().unwrap();
    std::fs::write(stranger.join("control"), text.replace(token, "0000")).unwrap();
    let (ok, _, said) = run(&["demo", "fault", "--dir", stranger.to_str().unwrap(), "um1", "stop"], "").await;
    assert!(!ok && said.contains("token is wrong"), "{said}");
    assert_eq!(ask(bench.at(UM1)).await, Seen::Code(200));
}

#[tokio::test]
async fn several_demos_live_side_by_side_and_one_directory_has_one() {
    let benches = [Bench::start(|_| {}).await, Bench::start(|_| {}).await, Bench::start(|_| {}).await];
    benches[1].demo.faults().on("um1", "stop").await.unwrap();
    for (at, expected) in [Seen::Code(200), Seen::Refused, Seen::Code(200)].into_iter().enumerate() {
        assert_eq!(ask(benches[at].at(UM1)).await, expected);
    }
    let dir = benches[0].demo.dir().to_owned();
    assert!(matches!(Demo::start(options(dir.clone())).await, Err(DemoError::InUse(_))));
    let [first, ..] = benches;
    drop(first.demo);
    Demo::start(options(dir)).await.map(|_| ()).expect("the directory is free again");
}

/// A demo in a process of its own; told to end when dropped.
struct Served {
    child: Child,
    dir: PathBuf,
}

impl Served {
    fn start(dir: PathBuf) -> Self {
        let words = ["demo", "--serve", "--dir", dir.to_str().unwrap(), "--ttl", "30s", "--interval", "200ms"];
        let mut child = switchboard(&words).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("switchboard.toml, next: switchboard --config "), "{line}");
        Self { child, dir }
    }

    fn terminate(&mut self) -> std::process::ExitStatus {
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        self.child.wait().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_demo_alone_serves_until_it_is_told_to_stop() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("demo");
    let mut served = tokio::task::spawn_blocking(move || Served::start(path)).await.unwrap();
    let file = std::fs::read_to_string(served.dir.join("switchboard.toml")).unwrap();
    assert!(file.contains("ttl = \"30s\"") && file.contains("interval = \"200ms\""), "{file}");
    let um1 = map_of(&file)[&UM1.parse().unwrap()];
    assert_eq!(ask(um1).await, Seen::Code(200));
    let again = run(&["demo", "--serve", "--dir", served.dir.to_str().unwrap()], "").await;
    assert!(!again.0 && again.2.contains("still running"), "{}", again.2);
    assert!(served.terminate().success());
    assert_eq!(ask(um1).await, Seen::Refused);
    assert!(!served.dir.join("control").exists() && served.dir.join("switchboard.toml").exists());
    let (ok, _, said) = run(&["demo", "fault", "--dir", served.dir.to_str().unwrap()], "").await;
    assert!(!ok && said.contains("no demo serves"), "{said}");
}
