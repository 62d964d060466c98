//! The fence around runs of commands, and how long a claim is held: live demos, the real program, the primary's own ledger.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod run_support;

use run_support::live::{Live, answer, bounded};
use serde_json::{Value, json};
use switchboard::demo::Design;
use switchboard::domain::marker::Marker;
use switchboard::domain::name::Fqdn;
use switchboard::domain::server::ServiceState;
use switchboard::executor::crash::{self, Point};
use switchboard::executor::fence;
use switchboard::failover::plan::Plan;
use switchboard::failover::planner::Request;

const MARKER: &str = "_switchboard.tukwila.contoso.com";
/// A claim is renewed as soon as less than this is left of it: one second after it was made.
const EARLY: &str = "899";

/// Every text that Tukwila's marker had, in order.
fn markers(live: &Live) -> Vec<Marker> {
    let ledger = live.demo.faults().primary().ledger();
    let changes = ledger.iter().flat_map(|entry| &entry.changes).filter(|change| change.name == MARKER);
    let texts = changes.filter_map(|change| change.after.as_ref().map(|after| after.values.join("")));
    texts.map(|text| Marker::parse(text.trim_matches('"')).unwrap()).collect()
}

fn sequences(live: &Live) -> Vec<u64> {
    markers(live).iter().map(|marker| marker.seq).collect()
}

async fn states(live: &Live) -> Vec<Option<ServiceState>> {
    let picture = live.picture().await;
    picture.sites.iter().flat_map(|site| &site.servers).map(|server| server.state).collect()
}

/// Waits until a run's timeline has a line.
async fn seen(live: &Live, plan: &Plan, what: &str, is_it: impl Fn(&Value) -> bool) {
    for _ in 0..600 {
        let (_, shown) = live.runs(&["show", plan.id.as_str()]).await;
        if shown["timeline"].as_array().is_some_and(|lines| lines.iter().any(&is_it)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never seen: {what}");
}

#[track_caller]
fn ended(answer: &(i32, Value), code: i32, state: &str) {
    assert_eq!((answer.0, answer.1["state"].as_str()), (code, Some(state)), "{:#}", answer.1);
}

/// Confirms a plan in the background.
fn start(live: &Live, plan: &Plan, variables: &[(&str, &str)]) -> tokio::task::JoinHandle<(i32, Value)> {
    let mut command = live.failover(live.state(), plan, &[]);
    command.envs(variables.iter().copied());
    tokio::spawn(async move { answer(&bounded(command).await) })
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_run_between_a_claim_and_a_close_over_and_back() {
    use ServiceState::{Disabled, Enabled};
    let live = Live::start_fenced().await;
    let over = live.plan(&Live::request("Tukwila")).await;
    ended(&live.carry_out(&over).await, 0, "completed");
    assert_eq!(states(&live).await, [Some(Disabled), Some(Disabled), Some(Enabled), Some(Enabled)]);
    let back = live.plan(&Request { back: true, ..Live::request("Tukwila") }).await;
    ended(&live.carry_out(&back).await, 0, "completed");
    assert_eq!(states(&live).await, [Some(Enabled), Some(Enabled), Some(Disabled), Some(Disabled)]);
    let said: Vec<(u64, String, bool)> =
        markers(&live).iter().map(|marker| (marker.seq, marker.moved.join(","), marker.run.is_some())).collect();
    let away = "um1,um2".to_owned();
    let none = String::new;
    assert_eq!(said, [(1, none(), true), (2, away.clone(), false), (3, away, true), (4, none(), false)]);
    let ledger = live.demo.faults().primary().ledger();
    assert!(ledger.iter().flat_map(|entry| &entry.changes).all(|change| change.kind == "TXT"), "no address changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hosts_with_one_zone_one_runs_its_commands_and_the_other_none() {
    let live = Live::start_fenced().await;
    let plans = [live.plan(&Live::request("Tukwila")).await, live.plan(&Live::request("Tukwila")).await];
    let mut running = Vec::new();
    for (host, plan) in ["one", "other"].iter().zip(&plans) {
        let state = live.state().join(host);
        running.push(tokio::spawn(bounded(live.failover(&state, plan, &[]))));
    }
    let mut answers = Vec::new();
    for one in running {
        answers.push(answer(&one.await.unwrap()));
    }
    answers.sort_by_key(|(code, _)| *code);
    ended(&answers[0], 0, "completed");
    assert_eq!((answers[1].0, &answers[1].1["changed"]), (1, &json!([])), "{:#}", answers[1].1);
    let runs: Vec<String> = live.demo.faults().effects().iter().map(|effect| effect.run.clone()).collect();
    let winner = answers[0].1["run"].as_str().unwrap();
    assert!(runs.iter().all(|run| run == winner), "{runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_goes_out_after_the_marker_became_somebody_elses() {
    use ServiceState::{Disabled, Enabled};
    let live = Live::start_fenced().await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("um3", "hang").await.unwrap();
    let run = start(&live, &plan, &[]);
    seen(&live, &plan, "the standby is waited for", |line| line["step"] == "verify-target" && line["event"] == "seen")
        .await;
    let name = Fqdn::parse(MARKER).unwrap();
    let theirs = "v=1;epoch=1;seq=9;moved=;to=;run=01KAX0000000000000000000ZZ;by=bob@other;exp=;head=";
    live.demo.faults().primary().delete_marker(&name);
    live.demo.faults().primary().edit(|zone| zone.add_text(&name, 0, theirs));
    live.demo.faults().heal("um3").await.unwrap();
    let ended_as = run.await.unwrap();
    assert_eq!(ended_as.1["state"], "superseded", "{:#}", ended_as.1);
    assert!(ended_as.1["why"].as_str().unwrap().contains("01KAX0000000000000000000ZZ"), "{:#}", ended_as.1);
    assert_eq!(live.demo.faults().effects().len(), 0, "no command was issued");
    assert_eq!(states(&live).await, [Some(Enabled), Some(Enabled), Some(Disabled), Some(Disabled)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_silent_while_the_claim_holds_stops_no_command_and_the_fence_is_left_to_expire() {
    use ServiceState::{Disabled, Enabled};
    let live = Live::start_fenced().await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("um3", "hang").await.unwrap();
    let run = start(&live, &plan, &[]);
    seen(&live, &plan, "the standby is waited for", |line| line["step"] == "verify-target" && line["event"] == "seen")
        .await;
    live.demo.faults().on("primary", "stop").await.unwrap();
    live.demo.faults().heal("um3").await.unwrap();
    let done = run.await.unwrap();
    ended(&done, 0, "completed");
    assert_eq!(states(&live).await, [Some(Disabled), Some(Disabled), Some(Enabled), Some(Enabled)]);
    let items = done.1["open_items"].as_array().unwrap();
    assert!(items.iter().any(|item| item["id"] == "fence-not-released"), "{:#}", done.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_goes_on_renews_its_claim_under_the_same_sequence() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("resolver", "stale").await.unwrap();
    let run = start(&live, &plan, &[(fence::VARIABLE, EARLY)]);
    seen(&live, &plan, "a renewal", |line| line["event"] == "renewed").await;
    live.demo.faults().heal("resolver").await.unwrap();
    ended(&run.await.unwrap(), 0, "completed");
    let mut sequences = sequences(&live);
    let markers = markers(&live);
    let ends: Vec<_> = markers.iter().filter(|marker| marker.seq == 2).map(|marker| marker.exp.unwrap()).collect();
    assert!(ends.len() > 1 && ends.windows(2).all(|two| two[0] < two[1]), "{ends:?}");
    assert!(
        markers.iter().filter(|marker| marker.seq == 2).all(|marker| marker.run.as_deref() == Some(plan.id.as_str()))
    );
    sequences.dedup();
    assert_eq!(sequences, [1, 2, 3], "claim, move, close; renewals in between count for nothing");
    let (code, verified) = live.runs(&["verify"]).await;
    assert_eq!(code, 0, "{verified:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_killed_at_any_point_of_a_renewal_is_resumed_to_the_end() {
    for point in Point::ALL {
        let live = Live::start_fenced().await;
        let plan = live.plan(&Live::request("Tukwila")).await;
        live.demo.faults().on("um3", "hang").await.unwrap();
        let at = format!("renew:{}", point.word());
        let (_, died) = start(&live, &plan, &[(fence::VARIABLE, EARLY), (crash::VARIABLE, &at)]).await.unwrap();
        let (_, shown) = live.runs(&["show", plan.id.as_str()]).await;
        assert_eq!(shown["interrupted"], true, "{at} did not kill: {died:#}");
        live.demo.faults().heal("um3").await.unwrap();
        ended(&live.runs(&["resume", plan.id.as_str()]).await, 0, "completed");
        let mut sequences = sequences(&live);
        sequences.dedup();
        assert_eq!(sequences, [1, 2], "{at}: claim and close");
        assert_eq!(
            live.demo.faults().effects().iter().filter(|effect| effect.applied).count(),
            6,
            "{at}: no command twice"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_finds_another_run_ends_this_one() {
    let live = Live::start_fenced().await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("um3", "hang").await.unwrap();
    let run = start(&live, &plan, &[(fence::VARIABLE, EARLY)]);
    seen(&live, &plan, "a renewal", |line| line["event"] == "renewed").await;
    live.demo.faults().on("marker", "delete").await.unwrap();
    let ended_as = run.await.unwrap();
    assert_eq!(ended_as.1["state"], "superseded", "{:#}", ended_as.1);
    assert!(ended_as.1["why"].as_str().unwrap().contains("is gone"), "{:#}", ended_as.1);
    assert_eq!(live.demo.faults().effects().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_waits_for_every_authoritative_server_before_it_lets_the_fence_go() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("resolver", "stale").await.unwrap();
    let run = start(&live, &plan, &[]);
    seen(&live, &plan, "the caches are waited for", |line| line["step"] == "caches" && line["event"] == "seen").await;
    live.runs(&["hold", plan.id.as_str()]).await;
    ended(&run.await.unwrap(), 2, "halted");
    live.demo.faults().on("ns2", "stale").await.unwrap();
    let command = live.command(live.state(), &["runs", "--json", "rollback", plan.id.as_str()]);
    let back = tokio::spawn(async move { answer(&bounded(command).await) });
    let lags = |line: &Value| {
        line["step"] == "authoritative"
            && line["event"] == "seen"
            && line["detail"].as_str().unwrap().contains("192.0.2.54")
    };
    seen(&live, &plan, "the secondary still shows the move", lags).await;
    assert!(markers(&live).last().unwrap().run.is_some(), "the fence is held until all agree");
    live.demo.faults().heal("ns2").await.unwrap();
    let done = back.await.unwrap();
    ended(&done, 0, "rolled-back");
    let lines = done.1["timeline"].as_array().unwrap();
    let place = |step: &str, event: &str| lines.iter().position(|l| l["step"] == step && l["event"] == event).unwrap();
    let order = [
        place("move", "undone"),
        place("read-back", "back-passed"),
        place("authoritative", "back-passed"),
        place("claim", "undone"),
    ];
    assert!(order.is_sorted(), "{lines:#?}");
    assert!(markers(&live).last().unwrap().run.is_none());
}
