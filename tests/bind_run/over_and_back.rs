//! Over and back: what the zone shows, what the wire shows, and what becomes of each message when it comes again.

use std::collections::BTreeSet;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use serde_json::Value;
use switchboard::domain::marker::Marker;

use crate::bind::{host, over_tcp, records, until};
use crate::capture::{Update, updates};
use crate::deployment::{Deployment, GRANTS};
use crate::sign::{again, signed_code, without_marker};

const MARKER: &str = "_switchboard.tukwila.contoso.com.";

/// A trip's updates, which are three: the claim, the move, the close. Each sent once, to one server, over TCP, signed, accepted.
#[track_caller]
fn trip(deployment: &Deployment) -> [Update; 3] {
    for (other, wire) in [("secondary", &deployment.names.secondary), ("resolver", &deployment.names.resolver)] {
        assert_eq!(updates(&wire.take()).len(), 0, "the {other} got an update");
    }
    let went = updates(&deployment.names.primary.take());
    let bodies: BTreeSet<&[u8]> = went.iter().map(|update| update.bytes.as_slice()).collect();
    assert_eq!(bodies.len(), went.len(), "a message was sent twice");
    for update in &went {
        assert!(update.tcp && update.is_signed, "{update:?}");
        assert_eq!(update.answer, Some(ResponseCode::NoError), "{update:?}");
    }
    let trip: [Update; 3] = went.try_into().unwrap_or_else(|went| panic!("not three updates: {went:?}"));
    let [claim, moving, close] = &trip;
    let both = ["um1.tukwila.contoso.com.", "um2.tukwila.contoso.com."];
    assert_eq!((claim.changes(RecordType::A), claim.writes(RecordType::A)), (vec![], both.to_vec()));
    assert_eq!(moving.changes(RecordType::A), both, "one message changes the addresses");
    assert_eq!(close.writes(RecordType::A), Vec::<&str>::new());
    for update in &trip {
        assert_eq!(update.changes(RecordType::TXT), [MARKER], "each writes the site's own marker");
        assert_eq!(update.writes(RecordType::AAAA), Vec::<&str>::new(), "what is not there is not written");
    }
    trip
}

/// The sequence that an update's marker has, before and after.
fn sequence(update: &Update) -> (u64, u64) {
    let of = |sets: &crate::capture::Sets| {
        let texts = &sets[&(MARKER.to_owned(), RecordType::TXT)];
        Marker::parse(&texts[0]).unwrap().seq
    };
    (of(&update.required), of(&update.written))
}

#[track_caller]
fn verified((code, run): &(i32, Value)) {
    assert_eq!((*code, run["state"].as_str()), (0, Some("completed")), "{run:#}");
    let passed = |step: &str| {
        let lines = run["timeline"].as_array().unwrap();
        lines.iter().any(|line| line["step"] == step && line["event"] == "passed")
    };
    for step in ["verify-target", "read-back", "authoritative", "caches", "sip-path", "soak"] {
        assert!(passed(step), "{step}: {run:#}");
    }
}

/// Primary, secondary and resolver all give these addresses for um1 and um2.
async fn agreed(deployment: &Deployment, last: [u8; 2]) {
    for wire in [&deployment.names.primary, &deployment.names.secondary, &deployment.names.resolver] {
        for (number, last) in [(1, last[0]), (2, last[1])] {
            let shown = crate::bind::addresses(wire.behind, &host(number)).await;
            assert_eq!(shown, [format!("192.0.2.{last}")], "um{number} at {}", wire.address);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_moves_the_names_each_is_sent_once_and_none_can_come_again() {
    let Some(deployment) = Deployment::start(GRANTS).await else { return };
    assert_eq!(deployment.places().await, ["home"; 4]);

    let over = deployment.plan("over", &[]).await;
    assert_eq!(updates(&deployment.names.primary.take()).len(), 0, "planning changes nothing");
    verified(&deployment.failover(&over).await);
    let first = trip(&deployment);
    agreed(&deployment, [23, 24]).await;
    assert_eq!(deployment.places().await, ["moved", "moved", "home", "home"]);

    let back = deployment.plan("back", &["--back"]).await;
    verified(&deployment.failover(&back).await);
    let second = trip(&deployment);
    agreed(&deployment, [11, 12]).await;
    assert_eq!(deployment.places().await, ["home"; 4]);

    let all: Vec<Update> = first.into_iter().chain(second).collect();
    let steps: Vec<(u64, u64)> = all.iter().map(sequence).collect();
    assert_eq!(steps, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)], "claim +1, move +2, close +3, twice");
    let (code, verified) = deployment.live.runs(&["verify"]).await;
    assert_eq!((code, verified["runs"].as_array().unwrap().len()), (0, 2), "{verified:#}");
    none_comes_again(&deployment, &all).await;
}

/// Each message of both runs again, as it was and signed anew: the addresses may fit, the marker never does.
async fn none_comes_again(deployment: &Deployment, all: &[Update]) {
    let (primary, before) = (deployment.names.primary.behind, deployment.names.zone().await);
    for update in all {
        let answer = Message::from_vec(&over_tcp(primary, &update.bytes).await).unwrap();
        assert_eq!(answer.response_code, ResponseCode::NXRRSet, "the very bytes: {update:?}");
        // Signed anew, so that it is not the clock that refuses.
        let code = signed_code(primary, again(&update.bytes), &deployment.secret).await;
        assert_eq!(code, ResponseCode::NXRRSet, "signed anew: {update:?}");
    }
    assert_eq!(deployment.names.zone().await, before, "nothing changed, the serial included");
    // What refuses is the marker, and nothing else: without it the old move would go through.
    let unfenced = without_marker(&all[1].bytes);
    assert_eq!(signed_code(primary, unfenced, &deployment.secret).await, ResponseCode::NoError);
    until("the old move is done again", || async {
        records(primary, &host(1), RecordType::A).await.1 == ["192.0.2.23"]
    })
    .await;
}
