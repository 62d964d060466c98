//! What only people can do: agree as a second person, call and hear the greeting, take over from somebody who is gone.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod run_support;

use std::os::unix::fs::PermissionsExt as _;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use run_support::live::{Live, answer, bounded};
use serde_json::{Value, json};
use switchboard::demo::Design;
use switchboard::domain::name::Fqdn;
use switchboard::executor::crash::VARIABLE as CRASH;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

/// A demo whose topology file was changed by its owner, and the operators at their consoles.
struct House {
    live: Live,
}

impl House {
    async fn start(design: Design, edit: impl Fn(&str, &str) -> String) -> Self {
        let live = Live::start(design).await;
        let file = live.demo.topology_file();
        let text = std::fs::read_to_string(&file).unwrap();
        let dir = live.demo.dir().to_str().unwrap().to_owned();
        std::fs::write(&file, edit(&text, &dir)).unwrap();
        Self { live }
    }

    fn file(&self) -> String {
        self.live.demo.dir().join("plan.json").to_str().unwrap().to_owned()
    }

    /// The program, as somebody calls it.
    async fn ask(&self, who: &str, arguments: &[&str]) -> (i32, Value) {
        let mut command = self.live.command(self.live.state(), arguments);
        answer(&bounded(std::mem::replace(command.env("USER", who), tokio::process::Command::new("true"))).await)
    }

    async fn plan(&self, arguments: &[&str]) -> (i32, Value) {
        let file = self.file();
        self.ask("ana", &[&["plan", "--json", "--from", "Tukwila", "--out", &file][..], arguments].concat()).await
    }

    async fn confirm(&self, plan: &Value) -> (i32, Value) {
        let phrase = plan["confirm"].as_str().unwrap();
        self.ask("ana", &["failover", "--json", "--plan", &self.file(), "--confirm", phrase]).await
    }
}

fn rule<'a>(plan: &'a Value, id: &str) -> &'a Value {
    plan["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap()
}

fn items(run: &Value) -> Vec<&str> {
    run["open_items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

fn step<'a>(run: &'a Value, id: &str) -> Vec<(&'a str, &'a str)> {
    let lines = run["timeline"].as_array().unwrap().iter().filter(|line| line["step"] == id);
    lines.map(|line| (line["event"].as_str().unwrap(), line["detail"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_policy_asks_for_it_nothing_is_changed_before_another_user_agrees() {
    let house = House::start(Design::Dns, |text, _| format!("{text}\n[policy]\nsecond_person = true\n")).await;
    let (code, plan) = house.plan(&[]).await;
    assert_eq!((code, &rule(&plan, "second-person")["outcome"]), (0, &json!("block")), "{:#}", plan["rules"]);
    let (code, run) = house.confirm(&plan).await;
    assert_eq!((code, &run["state"], &run["changed"]), (1, &json!("blocked"), &json!([])), "{run:#}");
    assert_eq!(run["offers"], json!(["approve", "abort"]));
    let id = run["run"].as_str().unwrap();
    assert!(run["say"].as_str().unwrap().contains(&format!("switchboard runs approve {id}")), "{run:#}");
    let resumed = house.ask("bob", &["runs", "--json", "resume", id]).await;
    assert_eq!((resumed.0, &resumed.1["state"]), (1, &json!("blocked")), "to resume is not to agree");
    let (code, refused) = house.ask("ana", &["runs", "--json", "approve", id]).await;
    let told = refused["stderr"].as_str().unwrap();
    assert!(code == 1 && told.contains("somebody else has to agree"), "{refused:#}");
    assert_eq!(house.live.demo.faults().primary().ledger().len(), 0, "not one message was sent");
    let mut bob = house.live.command(house.live.state(), &["runs", "approve", id]);
    bob.env("USER", "bob");
    let output = bounded(bob).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("What will change") && said.contains("192.0.2.23"), "who agrees has seen what to: {said}");
    let (code, run) = house.ask("ana", &["runs", "--json", "show", id]).await;
    assert_eq!((code, &run["state"]), (0, &json!("completed")), "{run:#}");
    let approved = run["timeline"].as_array().unwrap().iter().find(|line| line["event"] == "approve").unwrap();
    assert!(approved["detail"].as_str().unwrap().starts_with("by bob@"), "{approved}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_agrees_to_is_aborted_and_an_emergency_may_do_without_by_name() {
    let house = House::start(Design::Dns, |text, _| format!("{text}\n[policy]\nsecond_person = true\n")).await;
    let (_, plan) = house.plan(&[]).await;
    let (_, run) = house.confirm(&plan).await;
    let (code, run) = house.ask("bob", &["runs", "--json", "abort", run["run"].as_str().unwrap()]).await;
    assert_eq!((code, &run["state"]), (1, &json!("cancelled")), "{run:#}");
    let word = "--override=seen-elsewhere=INC-42: I called, no answer";
    let hurried = ["--mode", "emergency", word, "--override=source-needs-it=INC-42: it burns"];
    let alone = "--override=second-person=INC-42: nobody else is awake";
    let (code, plan) = house.plan(&[&hurried[..], &[alone]].concat()).await;
    assert_eq!((code, &rule(&plan, "second-person")["outcome"]), (0, &json!("reason")));
    let (code, run) = house.confirm(&plan).await;
    assert_eq!((code, &run["state"]), (0, &json!("completed")), "{run:#}");
}

/// Writes an acceptance command that keeps what it was given and answers as its file says.
fn caller(text: &str, dir: &str) -> String {
    let script = format!("{dir}/call");
    let body = format!("#!/bin/sh\ncat > {dir}/heard\n. {dir}/answer\n");
    std::fs::write(&script, body).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    text.replace("name = \"Dublin\"\nforest", &format!("name = \"Dublin\"\nacceptance = [\"{script}\"]\nforest"))
}

impl House {
    fn answers(&self, how: &str) {
        std::fs::write(self.live.demo.dir().join("answer"), how).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_acceptance_command_of_the_site_that_serves_proves_it_by_a_call() {
    let house = House::start(Design::Dns, caller).await;
    house.answers("echo; echo 'greeting heard after 2 s'; exit 0");
    let (_, plan) = house.plan(&[]).await;
    let (code, run) = house.confirm(&plan).await;
    assert_eq!((code, &run["state"]), (0, &json!("completed")), "{run:#}");
    assert_eq!(step(&run, "acceptance"), [("passed", "the acceptance command passed: greeting heard after 2 s")]);
    assert!(!items(&run).contains(&"not-proven-by-a-call"), "{run:#}");
    let heard: Value = serde_json::from_slice(&std::fs::read(house.live.demo.dir().join("heard")).unwrap()).unwrap();
    assert_eq!(
        heard,
        json!({"run": run["run"], "site": "Dublin", "dial_plans": ["Tukwila.contoso.com", "Dublin.contoso.com"],
            "numbers": ["+14255550100", "+14255550110"], "servers": ["um3.dublin.contoso.com", "um4.dublin.contoso.com"]})
    );
    // Home again: Tukwila has no command, so somebody has to call.
    let (_, plan) = house.plan(&["--back"]).await;
    let (code, run) = house.confirm(&plan).await;
    assert_eq!(code, 0, "{run:#}");
    assert_eq!(step(&run, "acceptance"), [("not-proven", "answering, not proven by a call")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_answers_is_made_again_until_an_operator_steps_in() {
    let house = House::start(Design::Dns, caller).await;
    house.answers("echo 'it rings' >&2; exit 7");
    let (_, plan) = house.plan(&[]).await;
    let id = plan["id"].as_str().unwrap().to_owned();
    let confirming = async { house.confirm(&plan).await };
    let waiting = async {
        for _ in 0..200 {
            let (_, run) = house.ask("bob", &["runs", "--json", "show", &id]).await;
            let seen = ("seen", "the acceptance command ended with 7: it rings");
            if run["timeline"].is_array() && step(&run, "acceptance").contains(&seen) {
                let words = "I called from my own telephone";
                return house.ask("bob", &["runs", "--json", "confirm", &id, "--reason", words]).await.0;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        -1
    };
    let ((code, run), confirmed) = tokio::join!(confirming, waiting);
    assert_eq!((code, confirmed, &run["state"]), (0, 0, &json!("completed")), "{run:#}");
    let (event, detail) = *step(&run, "acceptance").last().unwrap();
    assert!(event == "passed" && detail.starts_with("bob@") && detail.contains("heard the greeting"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_holds_nobody_up_and_another_command_is_not_run() {
    let house = House::start(Design::Dns, caller).await;
    house.answers("sleep 600");
    let (_, plan) = house.plan(&[]).await;
    let id = plan["id"].as_str().unwrap().to_owned();
    let confirming = async { house.confirm(&plan).await };
    let waiting = async {
        while !house.live.demo.dir().join("heard").exists() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        house.ask("bob", &["runs", "--json", "hold", &id]).await
    };
    let ((code, run), _) = tokio::join!(confirming, waiting);
    assert_eq!((code, &run["state"]), (2, &json!("halted")), "{run:#}");
    // Somebody changes the command meanwhile: the plan's own is not run, and neither is the new one.
    let file = house.live.demo.topology_file();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("/call\"]", "/call\", \"--now\"]")).unwrap();
    std::fs::remove_file(house.live.demo.dir().join("heard")).unwrap();
    let (code, run) = house.ask("bob", &["runs", "--json", "resume", &id]).await;
    assert_eq!((code, &run["state"]), (0, &json!("completed")), "{run:#}");
    let (event, detail) = *step(&run, "acceptance").last().unwrap();
    assert!(event == "not-proven" && detail.contains("not the one that the topology file declares"), "{detail}");
    assert!(!house.live.demo.dir().join("heard").exists() && items(&run).contains(&"not-proven-by-a-call"), "{run:#}");
}

/// An operator at a console of their own: another host, as far as the program can tell.
struct Elsewhere<'a> {
    house: &'a House,
    state: PathBuf,
}

impl House {
    async fn open() -> Self {
        Self::start(Design::Dns, |text, _| text.to_owned()).await
    }

    fn elsewhere(&self) -> Elsewhere<'_> {
        Elsewhere { house: self, state: self.live.demo.dir().join("other-state") }
    }

    fn marker(&self) -> String {
        let ledger = self.live.demo.faults().primary().ledger();
        let mut texts = ledger.iter().flat_map(|entry| &entry.changes).filter(|change| change.kind == "TXT");
        let last = texts.rfind(|change| change.name.starts_with("_switchboard.tukwila"));
        last.and_then(|change| change.after.as_ref()).map(|records| records.values.concat()).unwrap_or_default()
    }

    /// Ana's run, whose executor dies right after its move has left.
    async fn dies_after_its_move(&self) -> String {
        let (code, plan) = self.plan(&[]).await;
        assert_eq!(code, 0);
        let phrase = plan["confirm"].as_str().unwrap();
        let mut failover =
            self.live.command(self.live.state(), &["failover", "--json", "--plan", &self.file(), "--confirm", phrase]);
        failover.env("USER", "ana").env(CRASH, "move:after-send");
        bounded(failover).await;
        plan["id"].as_str().unwrap().to_owned()
    }

    async fn places(&self) -> Vec<String> {
        let (_, check) = self.ask("ana", &["check", "--json"]).await;
        let servers = check["sites"].as_array().unwrap().iter().flat_map(|site| site["servers"].as_array().unwrap());
        servers.map(|server| server["place"].as_str().unwrap().to_owned()).collect()
    }
}

impl Elsewhere<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.house.live.command(&self.state, arguments);
        command.env("USER", "bob");
        command
    }

    async fn ask(&self, arguments: &[&str]) -> (i32, Value) {
        answer(&bounded(self.command(arguments)).await)
    }

    /// Types the phrase that is asked for; gives the exit code, what was said, and the run.
    async fn take_over(&self, run: &str, more: &[&str]) -> (i32, String, Value) {
        let arguments =
            [&["runs", "--json", "takeover", run, "--reason", "INC-42: jump is dead, nobody answers"], more];
        let mut command = self.command(&arguments.concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut lines, mut said) = (BufReader::new(child.stderr.take().unwrap()).lines(), String::new());
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(phrase) = line.strip_prefix("Type ").and_then(|rest| rest.strip_suffix(" to confirm:")) {
                child.stdin.take().unwrap().write_all(format!("{phrase}\n").as_bytes()).await.unwrap();
            }
            said += &(line + "\n");
        }
        let mut printed = String::new();
        child.stdout.take().unwrap().read_to_string(&mut printed).await.unwrap();
        let code = child.wait().await.unwrap().code().unwrap();
        (code, said, serde_json::from_str(printed.trim()).unwrap_or(Value::Null))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_another_host_is_taken_over_in_an_emergency_and_never_writes_again() {
    let house = House::open().await;
    let run = house.dies_after_its_move().await;
    let bob = house.elsewhere();
    // What bob sees: names that are away, and a fence that somebody holds.
    let (code, plan) = bob.ask(&["plan", "--json", "--from", "Tukwila", "--back"]).await;
    assert_eq!((code, &rule(&plan, "marker-free")["outcome"]), (1, &json!("block")));
    let wanting = bounded(bob.command(&["runs", "takeover", &run])).await;
    assert_eq!(wanting.status.code(), Some(3), "it needs a reason");
    let (code, said, _) = bob.take_over(&run, &[]).await;
    assert!(code == 1 && said.contains("marker-free") && said.contains("--emergency"), "{said}");
    let before = house.marker();
    assert!(before.contains(&format!("run={run};by=ana@")), "{before}");
    let (code, said, ended) = bob.take_over(&run[..12], &["--emergency"]).await;
    assert_eq!((code, &ended["state"]), (0, &json!("completed")), "{said}\n{ended:#}");
    for word in [&run, "of ana@", "um1, um2 away at dublin", "Takes the marker _switchboard.tukwila.contoso.com"] {
        assert!(said.contains(word), "{word:?} is not in\n{said}");
    }
    assert_eq!(items(&ended), ["taken-over"]);
    assert!(house.marker().contains("seq=4;moved=um1,um2;to=dublin;run=;by=bob@"), "{}", house.marker());
    // Ana's host comes back: whatever it wants, the server refuses.
    let changes = house.live.demo.faults().primary().ledger().len();
    let (code, resumed) = house.ask("ana", &["runs", "--json", "resume", &run]).await;
    assert_eq!((code, &resumed["state"]), (2, &json!("superseded")), "{resumed:#}");
    let (_, again) = house.ask("ana", &["runs", "--json", "rollback", &run]).await;
    assert!(again["stderr"].as_str().unwrap().contains("is over (superseded)"), "{again:#}");
    let taken = house.live.demo.faults().primary().ledger().split_off(changes);
    assert!(taken.iter().all(|entry| entry.changes.is_empty()), "{taken:#?}");
    // And bob brings the names home.
    let file = house.file();
    let (code, plan) = bob.ask(&["plan", "--json", "--from", "Tukwila", "--back", "--out", &file]).await;
    assert_eq!(code, 0, "{:#}", plan["rules"]);
    let (code, home) =
        bob.ask(&["failover", "--json", "--plan", &file, "--confirm", plan["confirm"].as_str().unwrap()]).await;
    assert_eq!((code, &home["state"]), (0, &json!("completed")), "{home:#}");
    assert_eq!(house.places().await, ["home", "home", "home", "home"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_paused_loses_its_fence_and_says_so_when_it_wakes() {
    let house = House::open().await;
    let (_, plan) = house.plan(&[]).await;
    let id = plan["id"].as_str().unwrap().to_owned();
    house.live.demo.faults().on("um4", "503").await.unwrap();
    let confirming = house.confirm(&plan);
    let pausing = async {
        for _ in 0..400 {
            let (_, run) = house.ask("ana", &["runs", "--json", "show", &id]).await;
            let looks = |line: &Value| line["step"] == "verify-target" && line["event"] == "seen";
            if run["timeline"].as_array().is_some_and(|lines| lines.iter().any(looks)) {
                let began = run["timeline"].as_array().unwrap().iter().find(|line| line["event"] == "began").unwrap();
                let pid: i32 = began["detail"].as_str().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
                let pid = rustix::process::Pid::from_raw(pid).unwrap();
                rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
                let (code, said, _) = house.elsewhere().take_over(&id, &["--emergency"]).await;
                house.live.demo.faults().heal_all().await.unwrap();
                rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
                return (code, said);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (-1, "the run never began".to_owned())
    };
    let ((code, run), (taken, said)) = tokio::join!(confirming, pausing);
    assert_eq!(taken, 0, "{said}");
    assert_eq!((code, &run["state"]), (2, &json!("superseded")), "its claim stood once: {run:#}");
    assert!(run["why"].as_str().unwrap().contains("by=bob@"), "{run:#}");
    assert_eq!(house.places().await, ["home", "home", "home", "home"], "no name has moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fence_whose_time_is_over_is_taken_without_an_emergency_and_a_name_that_nobody_has_is_told() {
    let house = House::open().await;
    let marker = Fqdn::parse("_switchboard.tukwila.contoso.com").unwrap();
    let run = "01KA00000000000000000000ZZ";
    let text = format!("v=1;epoch=1;seq=7;moved=;to=;run={run};by=ana@jump;exp=2020-01-01T00:00:00Z;head=");
    let primary = house.live.demo.faults();
    primary.primary().delete_marker(&marker);
    primary.primary().edit(|zone| zone.add_text(&marker, 0, &text));
    let bob = house.elsewhere();
    let (code, said, ended) = bob.take_over(run, &[]).await;
    assert_eq!((code, &ended["state"]), (0, &json!("completed")), "{said}");
    assert!(said.contains("until 2020-01-01T00:00:00Z, no name of the site is away"), "{said}");
    assert!(house.marker().contains("seq=9;moved=;to=;run=;by=bob@"), "{}", house.marker());
    let (code, said, _) = bob.take_over(run, &[]).await;
    assert!(code == 1 && said.contains("no marker names a run") && said.contains("marker show"), "{said}");
}
