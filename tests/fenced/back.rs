//! A move that is taken back.

use crate::*;

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
