//! What the server refuses: a record or a marker that changed behind the plan's back, a name that the policy does not grant.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use serde_json::{Value, json};

use crate::bind::nsupdate;
use crate::capture::updates;
use crate::deployment::{Deployment, GRANTS};
use crate::wire::Gate;

/// Somebody points um2 elsewhere.
const ELSEWHERE: &str = "update delete um2.tukwila.contoso.com. A\nupdate add um2.tukwila.contoso.com. 2 A 192.0.2.99";
/// Somebody else claims the marker.
const CLAIMED: &str = "update delete _switchboard.tukwila.contoso.com. TXT\n\
     update add _switchboard.tukwila.contoso.com. 2 TXT \"v=1;epoch=1;seq=7;moved=;to=;run=01KAX0000000000000000000ZZ;by=bob@other;exp=;head=\"";

#[track_caller]
fn nothing_changed((code, run): &(i32, Value), state: &str) {
    assert_eq!((*code, run["state"].as_str()), (1, Some(state)), "{run:#}");
    assert_eq!((&run["changed"], &run["unknown"]), (&json!([]), &json!([])), "{run:#}");
}

#[track_caller]
fn why(run: &Value, words: &[&str]) {
    let why = run["why"].as_str().unwrap();
    assert!(words.iter().all(|word| why.contains(word)), "{why}");
}

fn answers(deployment: &Deployment) -> Vec<ResponseCode> {
    updates(&deployment.names.primary.take()).iter().map(|update| update.answer.unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_changed_behind_the_plans_back_is_refused_by_the_server_and_nothing_changes() {
    let Some(deployment) = Deployment::start(GRANTS).await else { return };
    let plan = deployment.plan("over", &[]).await;
    // After everything was read again, and before the first message arrives: only the server can tell.
    deployment.names.primary.set_gate(Gate { after: 0, script: ELSEWHERE.to_owned() });
    let before = deployment.names.marker("tukwila").await;
    let run = deployment.failover(&plan).await;
    nothing_changed(&run, "cancelled");
    why(&run.1, &["claim was not applied (fence)", "NXRRSET"]);
    assert_eq!(answers(&deployment), [ResponseCode::NXRRSet], "sent once, refused once, not tried again");
    let zone = deployment.names.zone().await;
    assert!(zone[0].contains("192.0.2.11") && zone[2].contains("192.0.2.99"), "{zone:?}");
    assert_eq!(deployment.names.marker("tukwila").await, before);
    // The next one sees it when everything is read again, and sends nothing at all.
    let alone = deployment.failover(&deployment.plan("alone", &["--server", "um1"]).await).await;
    assert_eq!(alone.0, 0, "um1 alone is as its plan has it: {:#}", alone.1);
    let third = deployment.plan("third", &["--server", "um1", "--back"]).await;
    nsupdate(deployment.names.primary.behind, &ELSEWHERE.replace("um2", "um1")).await;
    deployment.names.primary.take();
    let run = deployment.failover(&third).await;
    nothing_changed(&run, "cancelled");
    why(&run.1, &["not as the plan has it", "um1.tukwila.contoso.com A 192.0.2.99"]);
    assert_eq!(answers(&deployment), [], "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_changes_after_the_claim_stops_the_move_whole_and_the_fence_can_be_let_go() {
    let Some(deployment) = Deployment::start(GRANTS).await else { return };
    let plan = deployment.plan("over", &[]).await;
    deployment.names.primary.set_gate(Gate { after: 1, script: ELSEWHERE.to_owned() });
    let (code, run) = deployment.failover(&plan).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("halted")), "{run:#}");
    why(&run, &["move was not applied (fence)"]);
    assert_eq!(answers(&deployment), [ResponseCode::NoError, ResponseCode::NXRRSet]);
    let zone = deployment.names.zone().await;
    assert!(zone[0].contains("192.0.2.11") && zone[2].contains("192.0.2.99"), "not even um1 moved: {zone:?}");
    let (code, run) = deployment.live.runs(&["rollback", run["run"].as_str().unwrap()]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("rolled-back")), "{run:#}");
    assert!(deployment.names.marker("tukwila").await[0].contains(";run=;"));
    assert_eq!(deployment.names.zone().await[..8], zone[..8], "no address was touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_that_became_somebody_elses_ends_the_run_and_is_left_alone() {
    let Some(deployment) = Deployment::start(GRANTS).await else { return };
    let plan = deployment.plan("over", &[]).await;
    deployment.names.primary.set_gate(Gate { after: 1, script: CLAIMED.to_owned() });
    let (_, run) = deployment.failover(&plan).await;
    assert_eq!(run["state"], "superseded", "{run:#}");
    why(&run, &["01KAX0000000000000000000ZZ"]);
    assert_eq!(answers(&deployment), [ResponseCode::NoError, ResponseCode::NXRRSet], "no message after that");
    assert!(deployment.names.marker("tukwila").await[0].contains("seq=7"));
    let zone = deployment.names.zone().await;
    assert!(zone[0].contains("192.0.2.11") && zone[2].contains("192.0.2.12"), "{zone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_the_policy_does_not_grant_are_refused_before_anything_moves_and_the_run_says_which() {
    let without = |name: &str| GRANTS.iter().copied().filter(|grant| !grant.starts_with(name)).collect::<Vec<_>>();
    let Some(deployment) = Deployment::start(&without("um2")).await else { return };
    let (plan, before) = (deployment.plan("over", &[]).await, deployment.names.zone().await);
    let run = deployment.failover(&plan).await;
    nothing_changed(&run, "cancelled");
    why(&run.1, &["claim was not applied (policy)", "REFUSED by 192.0.2.53:53", "update policy of contoso.com"]);
    why(&run.1, &["um1.tukwila.contoso.com A", "um2.tukwila.contoso.com A", "_switchboard.tukwila.contoso.com TXT"]);
    assert_eq!(answers(&deployment), [ResponseCode::Refused]);
    assert_eq!(deployment.names.zone().await, before);
    // What is granted can be done.
    let alone = deployment.plan("alone", &["--server", "um1"]).await;
    let run = deployment.failover(&alone).await;
    assert_eq!((run.0, run.1["state"].as_str()), (0, Some("completed")), "{:#}", run.1);
    let went = updates(&deployment.names.primary.take());
    assert_eq!(went[1].changes(RecordType::A), ["um1.tukwila.contoso.com."]);
}
