//! How long a claim is held, and what a renewal that is cut off anywhere leaves behind.

use crate::*;

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
    let live = Live::start_fenced().await;
    // Over and back in turn; the host that takes over keeps the run waiting until it has died.
    for (point, (back, host)) in Point::ALL.iter().zip([(false, "um3"), (true, "um1")].into_iter().cycle()) {
        let before = sequences(&live).last().copied().unwrap_or_default();
        let plan = live.plan(&Request { back, ..Live::request("Tukwila") }).await;
        live.demo.faults().on(host, "hang").await.unwrap();
        let at = format!("renew:{}", point.word());
        let (_, died) = start(&live, &plan, &[(fence::VARIABLE, EARLY), (crash::VARIABLE, &at)]).await.unwrap();
        let (_, shown) = live.runs(&["show", plan.id.as_str()]).await;
        assert_eq!(shown["interrupted"], true, "{at} did not kill: {died:#}");
        live.demo.faults().heal(host).await.unwrap();
        ended(&live.runs(&["resume", plan.id.as_str()]).await, 0, "completed");
        let mut sequences: Vec<u64> = sequences(&live).into_iter().filter(|sequence| *sequence > before).collect();
        sequences.dedup();
        assert_eq!(sequences, [before + 1, before + 2], "{at}: claim and close");
        let effects = live.demo.faults().effects();
        let done = effects.iter().filter(|effect| effect.applied && effect.run == plan.id.as_str());
        assert_eq!(done.count(), 6, "{at}: each command once");
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
