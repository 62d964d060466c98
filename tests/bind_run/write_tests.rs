//! Signed writes that change nothing: sent where the zone's owner allows them, as often as allowed, and telling before a run would.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use serde_json::Value;

use crate::capture::{Update, updates};
use crate::deployment::{Deployment, GRANTS};
use crate::wire::Gate;

impl Deployment {
    /// The zone's owner allows a write test every quarter of an hour.
    fn allow(&self) {
        let file = self.live.demo.topology_file();
        let text = std::fs::read_to_string(&file).unwrap();
        let allowed = text.replacen("type = \"dns-update\"\n", "type = \"dns-update\"\nkey_test = \"15m\"\n", 1);
        assert_ne!(text, allowed);
        std::fs::write(&file, allowed).unwrap();
    }

    /// What `check` says of R14 and of Tukwila, and the updates that it sent.
    async fn ready(&self) -> (Value, Value, Vec<Update>) {
        self.names.primary.take();
        let document = self.check().await;
        let ready = document["sites"][0]["ready"].clone();
        (document["readiness"][13].clone(), ready, updates(&self.names.primary.take()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_test_is_one_message_that_changes_nothing_and_is_not_repeated_before_its_time() {
    let Some(deployment) = Deployment::start(GRANTS).await else { return };
    let before = deployment.names.zone().await;
    let (fourteen, _, sent) = deployment.ready().await;
    assert_eq!((sent.len(), &fourteen["status"]), (0, &"ok".into()), "nobody allowed it: {fourteen}");

    deployment.allow();
    let (fourteen, ready, sent) = deployment.ready().await;
    let [test] = &sent[..] else { panic!("{sent:?}") };
    assert!(test.tcp && test.is_signed && test.answer == Some(ResponseCode::NoError), "{test:?}");
    assert_eq!((test.writes(RecordType::A).len(), test.writes(RecordType::TXT).len()), (4, 2), "{test:?}");
    assert_eq!((test.changes(RecordType::A).len(), test.changes(RecordType::TXT).len()), (0, 0), "{test:?}");
    assert_eq!(deployment.names.zone().await, before, "not even the serial");
    assert_eq!((&fourteen["status"], &ready["ok"]), (&"ok".into(), &true.into()), "{fourteen}");
    let (_, _, sent) = deployment.ready().await;
    assert_eq!(sent.len(), 0, "the last one is remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_update_policy_does_not_grant_is_known_before_a_run_needs_it() {
    let grants: Vec<&str> = GRANTS.iter().copied().filter(|grant| !grant.starts_with("um2")).collect();
    let Some(deployment) = Deployment::start(&grants).await else { return };
    let (fourteen, ..) = deployment.ready().await;
    assert_eq!(fourteen["status"], "ok", "a signed question cannot tell: {fourteen}");
    deployment.allow();
    let before = deployment.names.zone().await;
    for again in [false, true] {
        let (fourteen, ready, sent) = deployment.ready().await;
        let answers: Vec<_> = sent.iter().map(|test| test.answer.unwrap()).collect();
        assert_eq!(answers, if again { vec![] } else { vec![ResponseCode::Refused] });
        assert_eq!((&fourteen["status"], &ready["ok"]), (&"fail".into(), &false.into()), "{fourteen}");
        let said = fourteen["evidence"].as_str().unwrap();
        let words = ["a write that changes nothing was refused", "um2.tukwila.contoso.com A", "key-works"];
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
    }
    assert_eq!(deployment.names.zone().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_changes_meanwhile_makes_the_test_prove_nothing_and_is_left_alone() {
    let Some(deployment) = Deployment::start(GRANTS).await else { return };
    deployment.allow();
    let moved = "update delete um2.tukwila.contoso.com. A\nupdate add um2.tukwila.contoso.com. 2 A 192.0.2.99";
    deployment.names.primary.take();
    deployment.names.primary.set_gate(Gate { after: 0, script: moved.to_owned() });
    let document = deployment.check().await;
    let sent = updates(&deployment.names.primary.take());
    assert_eq!(sent.iter().map(|test| test.answer.unwrap()).collect::<Vec<_>>(), [ResponseCode::NXRRSet]);
    assert!(deployment.names.zone().await[2].contains("192.0.2.99"), "somebody else's change stands");
    let fourteen = &document["readiness"][13];
    assert!(!fourteen["evidence"].as_str().unwrap().contains("was refused"), "{fourteen}");
}
