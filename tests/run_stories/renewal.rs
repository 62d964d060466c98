//! A run that goes on puts the end of its claim off: what that changes, and what it leaves as it was.

use super::*;

/// A run of the first design that came so far.
fn come_to(is_it: impl Fn(&Sim) -> bool) -> Sim {
    (2..100)
        .find_map(|last| {
            let mut sim = Sim::new(dns_plan());
            sim.work(Death::AfterEvent(last));
            is_it(&sim).then_some(sim)
        })
        .unwrap()
}

/// It has claimed and waits for its standby: the moment at which claims are renewed.
fn waiting() -> Sim {
    come_to(|sim| matches!(sim.run.next(), Todo::Look { .. }))
}

fn renewal(sim: &Sim, second: i64) -> MarkerText {
    let claimed = &sim.run.claimed()[0];
    let update = sim.run.renewal(claimed, at(second)).unwrap();
    assert!(update.records.is_empty(), "the marker alone");
    assert_eq!(update.markers.len(), 2, "its own, and the partner's to be as it was");
    assert_eq!(update.markers[0].before.as_ref(), Some(&claimed.text));
    MarkerText { name: claimed.marker.clone(), text: update.markers[0].after.clone().unwrap() }
}

fn renewing(marker: &MarkerText) -> Event {
    Event::Renewing { marker: marker.clone(), digest: String::new(), destination: Clean::default() }
}

fn renewed(marker: &MarkerText, effect: Effect) -> Event {
    Event::Renewed { marker: marker.clone(), effect }
}

#[test]
fn a_renewal_changes_the_claims_end_and_nothing_else_and_the_next_message_replaces_it() {
    let mut sim = waiting();
    let first = Marker::parse(&sim.run.claimed()[0].text).unwrap();
    let marker = renewal(&sim, 600);
    let later = Marker::parse(&marker.text).unwrap();
    assert!(
        later.same_but_for_times(&first) && later.seq == first.seq && later.exp > first.exp && later.head.is_none()
    );
    sim.write(renewing(&marker));
    sim.write(renewed(&marker, applied("seen")));
    assert_eq!((&sim.run.claimed()[0].text, sim.run.claimed()[0].perhaps.len()), (&marker.text, 0));
    let index = sim.run.steps().position(|(step, _)| step.id.as_str() == "move").unwrap();
    let work = Work { step: index, way: Way::Do, attempt: 1 };
    let Ok(Act::DnsUpdate(update)) = sim.run.act(work, at(601), "") else { panic!("no update") };
    assert_eq!(update.markers[0].before.as_ref(), Some(&marker.text));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Ended(End::Completed));
    assert!(sim.run.claimed().is_empty(), "the close let it go");
}

#[test]
fn a_renewal_that_may_still_arrive_is_kept_in_mind_and_a_refused_one_is_not() {
    let unknown = || Effect::Unknown { detail: "no answer".into() };
    let refused = |why| Effect::NotApplied { why, detail: "no".into() };
    for (effect, kept) in [
        (unknown(), 1),
        (refused(Refusal::Lost), 1),
        (refused(Refusal::Unsigned), 1),
        (refused(Refusal::Silent), 1),
        (refused(Refusal::Fence), 0),
        (refused(Refusal::Auth), 0),
        (refused(Refusal::Local), 0),
    ] {
        let mut sim = waiting();
        let (before, marker) = (sim.run.claimed()[0].text.clone(), renewal(&sim, 600));
        sim.write(renewing(&marker));
        assert_eq!(
            sim.run.claimed()[0].perhaps,
            std::slice::from_ref(&marker.text),
            "not known from the moment of the intent"
        );
        sim.write(renewed(&marker, effect.clone()));
        assert_eq!((&sim.run.claimed()[0].text, sim.run.claimed()[0].perhaps.len()), (&before, kept), "{effect:?}");
        if kept == 1 {
            // It is found after all; what was sent later required the older text and can come no more.
            let second = renewal(&sim, 700);
            sim.write(renewing(&second));
            sim.restart();
            sim.write(renewed(&marker, applied("found")));
            assert_eq!((&sim.run.claimed()[0].text, sim.run.claimed()[0].perhaps.len()), (&marker.text, 0));
        }
    }
}

#[test]
fn no_renewal_is_written_without_a_claim_beside_an_update_or_without_its_intent() {
    let unclaimed = Sim::new(dns_plan());
    let sim = waiting();
    let marker = renewal(&sim, 600);
    assert!(unclaimed.run.claimed().is_empty());
    assert!(unclaimed.run.clone().apply(at(1), &renewing(&marker)).is_err());
    assert!(sim.run.clone().apply(at(99), &renewed(&marker, applied("x"))).is_err());
    let other = MarkerText { name: um(1), text: marker.text.clone() };
    assert!(sim.run.clone().apply(at(99), &renewing(&other)).is_err());
    let moving =
        come_to(|sim| matches!(sim.events.last(), Some(Event::Intent { step, .. }) if step.as_str() == "move"));
    assert!(moving.run.clone().apply(at(99), &renewing(&marker)).is_err(), "the move would find another text");
}
