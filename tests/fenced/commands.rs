//! Runs of commands that are fenced: claim, commands, close; one host wins; nothing goes out once the marker is somebody else's.

use crate::*;

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
