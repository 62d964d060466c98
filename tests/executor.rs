//! Runs on the live demo, by the real program: over and back in both designs, refusals, halts, roll back, confirmation.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "run_stories/paused.rs"]
mod paused;
mod run_support;
#[path = "run_stories/waiting.rs"]
mod waiting;

use run_support::live::Live;
use serde_json::Value;
use switchboard::demo::Design;
use switchboard::domain::act::Verb;
use switchboard::domain::name::{BackendName, Fqdn};
use switchboard::domain::place::Place;
use switchboard::domain::server::ServiceState;
use switchboard::domain::topology::Backend;
use switchboard::failover::plan::{Mode, Plan};
use switchboard::failover::planner::{Request, service_plan};
use tokio::io::AsyncWriteExt as _;

async fn places(live: &Live) -> Vec<Place> {
    let picture = live.picture().await;
    picture.sites.iter().flat_map(|site| &site.servers).map(|server| server.place.clone()).collect()
}

async fn states(live: &Live) -> Vec<Option<ServiceState>> {
    let picture = live.picture().await;
    picture.sites.iter().flat_map(|site| &site.servers).map(|server| server.state).collect()
}

fn moved(to: &str) -> Place {
    Place::Moved { to: Fqdn::parse(to).unwrap() }
}

#[track_caller]
fn completed(answer: &(i32, Value)) {
    assert_eq!((answer.0, answer.1["state"].as_str()), (0, Some("completed")), "{:#}", answer.1);
    assert_eq!(answer.1["unknown"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_move_over_and_come_back_and_every_server_agrees() {
    let live = Live::start(Design::Dns).await;
    completed(&live.carry_out(&live.plan(&Live::request("Tukwila")).await).await);
    let away = [moved("um3.dublin.contoso.com"), moved("um4.dublin.contoso.com"), Place::Home, Place::Home];
    assert_eq!(places(&live).await, away);
    let back = Request { back: true, ..Live::request("Tukwila") };
    completed(&live.carry_out(&live.plan(&back).await).await);
    assert_eq!(places(&live).await, [Place::Home, Place::Home, Place::Home, Place::Home]);
    let (code, verified) = live.runs(&["verify"]).await;
    assert_eq!((code, &verified["ok"], verified["runs"].as_array().unwrap().len()), (0, &true.into(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standby_is_enabled_before_the_failed_site_is_disabled_and_it_comes_back() {
    use ServiceState::{Disabled, Enabled};
    let live = Live::start(Design::EnableDisable).await;
    let over = live.carry_out(&live.plan(&Live::request("Tukwila")).await).await;
    completed(&over);
    assert_eq!(states(&live).await, [Some(Disabled), Some(Disabled), Some(Enabled), Some(Enabled)]);
    let back = Request { back: true, ..Live::request("Tukwila") };
    completed(&live.carry_out(&live.plan(&back).await).await);
    assert_eq!(states(&live).await, [Some(Enabled), Some(Enabled), Some(Disabled), Some(Disabled)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_alone_moves() {
    let live = Live::start(Design::Dns).await;
    let um1 = Fqdn::parse("um1.tukwila.contoso.com").unwrap();
    let request = Request { servers: vec![um1], ..Live::request("Tukwila") };
    completed(&live.carry_out(&live.plan(&request).await).await);
    assert_eq!(places(&live).await[..2], [moved("um3.dublin.contoso.com"), Place::Home]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_made_before_somebody_else_moved_the_names_changes_nothing() {
    let live = Live::start(Design::Dns).await;
    let stale = live.plan(&Live::request("Tukwila")).await;
    completed(&live.carry_out(&live.plan(&Live::request("Tukwila")).await).await);
    let back = Request { back: true, ..Live::request("Tukwila") };
    completed(&live.carry_out(&live.plan(&back).await).await);
    // The records are as the plan saw them; the marker is not.
    let (code, answer) = live.carry_out(&stale).await;
    assert_eq!(code, 1, "{answer:#}");
    assert_eq!(answer["changed"], serde_json::json!([]));
    assert_eq!(places(&live).await[0], Place::Home);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_phrase_and_a_second_confirmation_are_refused() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    let file = live.write_plan(&plan);
    let wrong = live.switchboard(&["failover", "--plan", file.to_str().unwrap(), "--confirm", "Tukwila-zzzz"]).await;
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains(&plan.confirm()));
    completed(&live.carry_out(&plan).await);
    let (code, answer) = live.carry_out(&plan).await;
    assert_eq!(code, 1);
    assert!(answer["stderr"].as_str().unwrap().contains("confirmed before"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_refuses_calls_halts_the_run_before_a_name_moves_and_it_is_rolled_back() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("um4", "503").await.unwrap();
    let state = live.state().to_owned();
    let mut failover = live.failover(&state, &plan, &[]);
    let run = tokio::spawn(async move { failover.output().await.unwrap() });
    let id = plan.id.as_str().to_owned();
    let held = held_while(&live, &id, "verify-target").await;
    assert_eq!(held.1["state"], "halted", "{:#}", held.1);
    let code = run.await.unwrap().status.code();
    assert_eq!(code, Some(2), "the marker is claimed, the run is not finished");
    assert_eq!(places(&live).await[0], Place::Home);
    let (code, answer) = live.runs(&["rollback", &id]).await;
    assert_eq!((code, answer["state"].as_str()), (0, Some("rolled-back")), "{answer:#}");
}

/// Asks a run to hold once a step is being looked at.
async fn held_while(live: &Live, id: &str, step: &str) -> (i32, Value) {
    held_when(live, id, step, "").await
}

/// The same, once something was seen there that has these words.
async fn held_when(live: &Live, id: &str, step: &str, words: &str) -> (i32, Value) {
    for _ in 0..300 {
        let (_, shown) = live.runs(&["show", id]).await;
        let says = |line: &Value| line["detail"].as_str().is_some_and(|detail| detail.contains(words));
        let at_it = |line: &Value| line["step"] == step && line["event"] == "seen" && says(line);
        if shown["timeline"].as_array().is_some_and(|lines| lines.iter().any(at_it)) {
            return live.runs(&["hold", id, "--reason", "looking into it"]).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the run never came to {step}");
}

fn emergency(site: &str) -> Request {
    let attested = Some("INC-42: the building has no power".to_owned());
    Request { mode: Mode::Emergency, attested, ..Live::request(site) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dark_site_with_its_name_server_is_left_by_dns_and_what_could_not_be_asked_is_named() {
    let live = Live::start(Design::Dns).await;
    live.demo.faults().on("Tukwila", "dark").await.unwrap();
    let (code, answer) = live.carry_out(&live.plan(&emergency("Tukwila")).await).await;
    assert_eq!((code, answer["state"].as_str()), (0, Some("completed")), "{answer:#}");
    assert_eq!(places(&live).await[..2], [moved("um3.dublin.contoso.com"), moved("um4.dublin.contoso.com")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dark_site_is_left_by_enabling_the_standby() {
    let live = Live::start(Design::EnableDisable).await;
    live.demo.faults().on("Tukwila", "dark").await.unwrap();
    let (code, answer) = live.carry_out(&live.plan(&emergency("Tukwila")).await).await;
    assert_eq!((code, answer["state"].as_str()), (0, Some("completed")), "{answer:#}");
    assert_eq!(states(&live).await[2..], [Some(ServiceState::Enabled), Some(ServiceState::Enabled)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_never_answers_halts_the_run_and_is_left_out_with_its_partner() {
    use ServiceState::{Disabled, Enabled};
    let live = Live::start(Design::EnableDisable).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("um4", "stop").await.unwrap();
    let state = live.state().to_owned();
    let mut failover = live.failover(&state, &plan, &[]);
    let run = tokio::spawn(async move { failover.output().await.unwrap() });
    let (_, held) = held_while(&live, plan.id.as_str(), "verify-target").await;
    assert_eq!(held["changed"], serde_json::json!([]), "{held:#}");
    assert_eq!(run.await.unwrap().status.code(), Some(1), "nothing was changed");
    let (code, answer) = live.runs(&["resume", plan.id.as_str(), "--without", "um2.tukwila.contoso.com"]).await;
    assert_eq!((code, answer["state"].as_str()), (0, Some("completed")), "{answer:#}");
    assert_eq!(states(&live).await, [Some(Disabled), Some(Enabled), Some(Enabled), Some(Disabled)]);
    assert!(answer["open_items"].as_array().unwrap().iter().any(|item| item["id"] == "left-out"), "{answer:#}");
}
