//! The second design, fenced in a zone where the key may write nothing but the two markers.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use serde_json::json;

use crate::bind::nsupdate;
use crate::capture::updates;
use crate::deployment::Deployment;

const MARKERS_ALONE: &[&str] = &["_switchboard.tukwila.contoso.com. TXT", "_switchboard.dublin.contoso.com. TXT"];

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_fenced_by_a_zone_in_which_the_key_may_write_nothing_but_markers() {
    let Some(deployment) = Deployment::start_fenced(MARKERS_ALONE).await else { return };
    let zone = deployment.names.zone().await;
    let over = deployment.plan("over", &[]).await;
    let (code, run) = deployment.failover(&over).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("completed")), "{run:#}");
    let went = updates(&deployment.names.primary.take());
    let answers: Vec<_> = went.iter().map(|update| update.answer.unwrap()).collect();
    assert_eq!(answers, [ResponseCode::NoError, ResponseCode::NoError], "the claim and the close");
    for update in &went {
        assert_eq!(update.changes(RecordType::TXT), ["_switchboard.tukwila.contoso.com."]);
        assert_eq!(update.written.len(), 1, "the marker alone: {update:?}");
    }
    assert_eq!(deployment.names.zone().await[..8], zone[..8], "no address was touched");
    // Another host's run since the plan was made: refused by the zone, and no command goes out.
    let back = deployment.plan("back", &["--back"]).await;
    let theirs = "update delete _switchboard.tukwila.contoso.com. TXT\n\
        update add _switchboard.tukwila.contoso.com. 2 TXT \"v=1;epoch=1;seq=7;moved=;to=;run=;by=bob@other;exp=;head=\"";
    nsupdate(deployment.names.primary.behind, theirs).await;
    let effects = deployment.live.demo.faults().effects().len();
    let (code, run) = deployment.failover(&back).await;
    assert_eq!((code, &run["changed"]), (1, &json!([])), "{run:#}");
    assert_eq!(deployment.live.demo.faults().effects().len(), effects);
}
