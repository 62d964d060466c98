//! What operators see and ask: runs from any process, one server's state, markers, confirmation, tampering, secrets.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod run_support;

use std::process::Stdio;
use std::time::Duration;

use run_support::live::{Live, PROGRAM, bounded};
use serde_json::Value;
use switchboard::demo::Design;
use switchboard::domain::place::Place;
use switchboard::domain::server::ServiceState;
use switchboard::failover::planner::Request;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

/// Runs `enable` or `disable`, types the phrase that it asks for, and gives exit code and output.
async fn typed(live: &Live, arguments: &[&str], wrong: bool) -> (i32, String) {
    let mut command = live.command(live.state(), arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        said += &line;
        said.push('\n');
        if let Some(phrase) = line.strip_prefix("Type ").and_then(|rest| rest.strip_suffix(" to confirm:")) {
            let phrase = if wrong { "Tukwila-zzzz" } else { phrase };
            child.stdin.take().unwrap().write_all(format!("{phrase}\n").as_bytes()).await.unwrap();
        }
    }
    let mut printed = String::new();
    child.stdout.take().unwrap().read_to_string(&mut printed).await.unwrap();
    (child.wait().await.unwrap().code().unwrap(), said + &printed)
}

async fn state_of(live: &Live, site: usize, server: usize) -> Option<ServiceState> {
    live.picture().await.sites[site].servers[server].state
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_is_taken_out_of_service_and_put_back_after_its_phrase_was_typed() {
    let live = Live::start(Design::Dns).await;
    let reason = ["um1.tukwila.contoso.com", "--override", "fence=INC-1: this is the only console"];
    let (disable, enable) = ([&["disable"][..], &reason].concat(), [&["enable"][..], &reason].concat());
    let (code, said) = typed(&live, &disable, true).await;
    assert_eq!((code, state_of(&live, 0, 0).await), (1, Some(ServiceState::Enabled)), "{said}");
    let (code, said) = typed(&live, &disable, false).await;
    assert_eq!((code, state_of(&live, 0, 0).await), (0, Some(ServiceState::Disabled)), "{said}");
    let (code, said) = typed(&live, &enable, false).await;
    assert_eq!((code, state_of(&live, 0, 0).await), (0, Some(ServiceState::Enabled)), "{said}");
    let (_, listed) = live.runs(&["list"]).await;
    assert_eq!(listed["runs"].as_array().unwrap().len(), 2, "{listed:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_outlives_the_command_that_confirmed_it_and_is_seen_from_another_one() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    let mut console =
        live.failover(live.state(), &plan, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let id = plan.id.as_str();
    let began =
        |shown: &Value| shown["timeline"].as_array().is_some_and(|lines| lines.iter().any(|l| l["event"] == "began"));
    for round in 0.. {
        let (_, shown) = live.runs(&["show", id]).await;
        if began(&shown) {
            break;
        }
        assert!(round < 200, "the run never began: {shown:#}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    console.kill().await.unwrap();
    let (code, ended) = live.runs(&["follow", id]).await;
    assert_eq!((code, ended["state"].as_str()), (0, Some("completed")), "{ended:#}");
    assert!(ended["say"].as_str().unwrap().starts_with("Tukwila to Dublin: 2 of 2 names moved"), "{ended:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_told_how_it_ended_is_told_that_something_may_have_changed() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    let file = live.write_plan(&plan);
    let arguments = ["failover", "--plan", file.to_str().unwrap(), "--confirm", &plan.confirm()];
    let mut command = live.command(live.state(), &arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next_line().await.unwrap().is_some(), "the run began");
    let (runs, away) = (live.state().join("runs"), live.state().join("away"));
    std::fs::rename(&runs, &away).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(2), "{said}");
    assert!(said.contains("may have changed something") && said.contains(plan.id.as_str()), "{said}");
    // Its executor ended, too, at the first line that it could not write; another one goes on from what is on disk.
    std::fs::rename(&away, &runs).unwrap();
    live.runs(&["follow", plan.id.as_str()]).await;
    let (code, ended) = live.runs(&["resume", plan.id.as_str()]).await;
    assert_eq!((code, ended["state"].as_str()), (0, Some("completed")), "{ended:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_confirms_turns_back_while_the_old_site_is_well() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    let failover = live.failover(live.state(), &plan, &["--commit-confirm", "0"]);
    let output = bounded(failover).await;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), answer["state"].as_str()), (Some(1), Some("rolled-back")), "{answer:#}");
    let picture = live.picture().await;
    assert_eq!(picture.sites[0].servers[0].place, Place::Home);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_confirms_stays_when_the_old_site_is_not_well() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("um1", "stop").await.unwrap();
    let output = bounded(live.failover(live.state(), &plan, &["--commit-confirm", "0"])).await;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), answer["state"].as_str()), (Some(2), Some("halted")), "{answer:#}");
    let (code, refused) = live.runs(&["rollback", plan.id.as_str()]).await;
    assert_eq!((code, refused["state"].as_str()), (2, Some("halted")), "{refused:#}");
    let (code, back) = live.runs(&["rollback", plan.id.as_str(), "--reason", "um1 is starting"]).await;
    assert_eq!((code, back["state"].as_str()), (0, Some("rolled-back")), "{back:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_made_closes_the_item_that_asked_for_one() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    let (_, answer) = live.carry_out(&plan).await;
    let asks =
        |answer: &Value| answer["open_items"].as_array().unwrap().iter().any(|i| i["id"] == "not-proven-by-a-call");
    assert!(asks(&answer), "{answer:#}");
    let (code, answer) = live.runs(&["confirm", plan.id.as_str()]).await;
    assert!(code == 0 && !asks(&answer), "{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn markers_are_shown_and_a_missing_one_is_written_once() {
    let live = Live::start(Design::Dns).await;
    let shown = live.switchboard(&["marker", "show", "--json"]).await;
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["markers"][0]["site"], "Tukwila", "{shown:#}");
    live.demo.faults().on("marker", "delete").await.unwrap();
    let written = live.switchboard(&["marker", "init", "Tukwila"]).await;
    assert_eq!(written.status.code(), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
    let again = live.switchboard(&["marker", "init", "Tukwila"]).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("stands there already"));
    // A text that is no marker is replaced, exactly that one, by a marker of a new epoch.
    let dublin = switchboard::domain::name::Fqdn::parse("_switchboard.dublin.contoso.com").unwrap();
    let primary = || live.demo.faults();
    primary().primary().delete_marker(&dublin);
    primary().primary().edit(|zone| zone.add_text(&dublin, 0, "hello"));
    let mended = live.switchboard(&["marker", "init", "Dublin"]).await;
    assert_eq!(mended.status.code(), Some(0), "{}", String::from_utf8_lossy(&mended.stderr));
    let shown = live.switchboard(&["marker", "show", "--json"]).await;
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!((&shown["markers"][1]["state"], &shown["markers"][1]["seq"]), (&"free".into(), &0.into()), "{shown:#}");
    assert!(shown["markers"][1]["text"].as_str().unwrap().starts_with("v=1;epoch=2;"), "{shown:#}");
    // Several texts cannot be told apart from here.
    primary().primary().edit(|zone| zone.add_text(&dublin, 0, "hello"));
    let several = live.switchboard(&["marker", "init", "Dublin"]).await;
    assert_eq!(several.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&several.stderr).contains("several texts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_names_the_line_that_somebody_changed_and_nobody_goes_on_from_it() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.carry_out(&plan).await;
    let journal = live.state().join("runs").join(plan.id.as_str()).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replacen("before-images", "after-images!", 1)).unwrap();
    let (code, verified) = live.runs(&["verify"]).await;
    let fault = verified["runs"][0]["faults"][0].as_str().unwrap();
    assert!(code == 1 && fault.starts_with("journal.jsonl line 3 was changed"), "{verified:#}");
    let shown = live.switchboard(&["runs", "show", plan.id.as_str()]).await;
    assert_eq!(shown.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_anything_that_a_run_leaves_behind() {
    let live = Live::start(Design::Dns).await;
    let secret = std::fs::read_to_string(live.demo.dir().join("tsig.key")).unwrap();
    let plan = live.plan(&Request { reason: Some("INC-7".into()), ..Live::request("Tukwila") }).await;
    let output = bounded(live.failover(live.state(), &plan, &[])).await;
    let mut left: Vec<u8> = [output.stdout, output.stderr].concat();
    for entry in std::fs::read_dir(live.state().join("runs").join(plan.id.as_str())).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            left.extend(std::fs::read(path).unwrap());
        }
    }
    assert!(left.len() > 1000);
    let hex = data_encoding_hex(secret.trim());
    for form in [secret.trim().as_bytes(), hex.as_bytes()] {
        assert!(!left.windows(form.len()).any(|window| window == form));
    }
}

fn data_encoding_hex(base64: &str) -> String {
    data_encoding::HEXLOWER.encode(&data_encoding::BASE64.decode(base64.as_bytes()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_does_not_exist_and_a_reason_that_is_wanting_are_told() {
    let live = Live::start(Design::Dns).await;
    assert!(std::path::Path::new(PROGRAM).exists());
    let missing = live.switchboard(&["runs", "show", "01KAAAAAAAAAAAAAAAAAAAAAAA"]).await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("runs list"));
    let wanting = live.switchboard(&["runs", "abandon", "01KAAAAAAAAAAAAAAAAAAAAAAA"]).await;
    assert_eq!(wanting.status.code(), Some(3), "{}", String::from_utf8_lossy(&wanting.stderr));
}
