//! Which signed writes that change nothing would be sent, and when none is.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::ToSpan;
use switchboard::domain::act::Update;
use switchboard::domain::topology::Backend;
use switchboard::readiness::{self, WriteSaid, WriteTest};

use crate::fixture::{UM1, server_mut};
use crate::world::World;

fn allowing() -> World {
    let mut world = World::by_dns();
    for backend in world.topology.backends.values_mut() {
        if let Backend::DnsUpdate(update) = backend {
            update.key_test = Some(Duration::from_secs(900));
        }
    }
    world
}

fn due(world: &World, last: &BTreeMap<String, WriteTest>) -> Vec<Update> {
    readiness::write_tests(&world.topology, &world.picture, &world.facts, last)
}

fn never() -> BTreeMap<String, WriteTest> {
    BTreeMap::new()
}

#[test]
fn each_name_that_would_move_is_rewritten_as_it_stands_and_required_to_stand_so() {
    assert!(due(&World::by_dns(), &never()).is_empty(), "nobody allowed it");
    let tests = due(&allowing(), &never());
    let [test] = &tests[..] else { panic!("{tests:?}") };
    assert_eq!(test.records.len(), 4);
    assert!(test.records.iter().all(|change| change.before == change.after && !change.before.values.is_empty()));
    assert_eq!(test.markers.len(), 2);
    assert!(test.markers.iter().all(|marker| marker.before == marker.after), "absent, and required to be");
}

#[test]
fn nothing_is_sent_before_its_time_or_about_what_was_not_read_or_while_a_run_holds_the_fence() {
    let world = allowing();
    let ended = |minutes: i64| {
        let at = world.picture.at - minutes.minutes();
        BTreeMap::from([("contoso.com".to_owned(), WriteTest { at, said: WriteSaid::Accepted })])
    };
    assert_eq!((due(&world, &ended(14)).len(), due(&world, &ended(15)).len()), (0, 1));

    let mut unread = allowing();
    server_mut(&mut unread.picture, UM1).dns.clear();
    assert!(due(&unread, &never()).is_empty());

    let marker = |run: &str, exp: &str| format!("v=1;epoch=1;seq=2;moved=;to=;run={run};by=ana@jump;exp={exp};head=");
    for (text, sent) in [
        (marker("01KAX0000000000000000000ZZ", "2099-01-01T00:00:00Z"), 0),
        (marker("01KAX0000000000000000000ZZ", "2020-01-01T00:00:00Z"), 1),
        (marker("", ""), 1),
        ("something else".to_owned(), 1),
    ] {
        let mut held = allowing();
        for texts in held.facts.markers.values_mut().flat_map(BTreeMap::values_mut) {
            *texts = Ok(vec![text.clone()]);
        }
        assert_eq!(due(&held, &never()).len(), sent, "{text}");
    }
}

#[test]
fn a_write_test_says_more_than_a_question_and_a_failing_question_more_than_an_old_test() {
    let told = |world: &World| {
        let checks = world.judge();
        let fourteen = checks.iter().find(|check| check.id == "R14").unwrap();
        (fourteen.status, fourteen.evidence.clone())
    };
    let with = |minutes: i64, said: WriteSaid| {
        let mut world = allowing();
        let at = world.picture.at - minutes.minutes();
        world.facts.writes = BTreeMap::from([("contoso.com".to_owned(), WriteTest { at, said })]);
        world
    };
    let refused = |clock| WriteSaid::Refused { clock, why: "REFUSED".to_owned() };
    assert_eq!(told(&with(1, WriteSaid::Accepted)).0, readiness::Status::Ok);
    let (status, evidence) = told(&with(1, refused(false)));
    assert!(status == readiness::Status::Fail && evidence.contains("key-works"), "{evidence}");
    let (status, evidence) = told(&with(1, refused(true)));
    assert!(status == readiness::Status::Fail && evidence.contains("(clock)"), "{evidence}");
    assert_eq!(told(&with(31, refused(false))).0, readiness::Status::Ok, "long forgotten");
    assert_eq!(told(&with(1, WriteSaid::NotKnown { why: "cut off".to_owned() })).0, readiness::Status::Ok);
    let mut world = with(1, WriteSaid::Accepted);
    crate::harm::refuse_key(&mut world);
    assert_eq!(told(&world).0, readiness::Status::Fail);
}
