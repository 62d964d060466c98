//! A move that is taken back: its records are read at every server before the fence is let go.

use super::*;

/// The lines that a roll back wrote: what was undone, and what was looked at.
fn after_turning(sim: &Sim) -> Vec<String> {
    let turned = sim.events.iter().position(|event| *event == decision(Ask::RollBack)).unwrap();
    let lines = sim.events[turned..].iter().filter_map(|event| match event {
        Event::Outcome { step, way: Way::Undo, .. } => Some(format!("undo {step}")),
        Event::CheckedBack { step, check, .. } => Some(format!("look {step} {check:?}")),
        Event::Closed { .. } => Some("closed".to_owned()),
        _ => None,
    });
    lines.collect()
}

/// A run whose caches never forget, so that it is halted after the move.
fn halted_after_the_move() -> Sim {
    let mut sim = Sim::new(dns_plan());
    sim.world.fails.insert("caches".into());
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Halted);
    sim
}

#[test]
fn what_was_put_back_is_read_where_it_was_read_on_the_way_and_then_the_fence_is_let_go() {
    let mut sim = halted_after_the_move();
    sim.write(decision(Ask::RollBack));
    sim.work(Death::Never);
    assert_eq!(after_turning(&sim), ["undo move", "look read-back Passed", "undo claim", "closed"]);
    assert_eq!(sim.state(), State::Ended(End::RolledBack));
}

#[test]
fn the_records_that_are_looked_for_are_those_before_values_and_ttls() {
    let mut sim = halted_after_the_move();
    let index = sim.run.steps().position(|(step, _)| step.id.as_str() == "read-back").unwrap();
    let records = |step: &switchboard::failover::plan::Step| match &step.action {
        switchboard::failover::plan::Action::ReadBack(read) => read.records.clone(),
        _ => panic!("it reads nothing"),
    };
    let forward = records(sim.run.step(index).unwrap());
    sim.write(decision(Ask::RollBack));
    while !matches!(sim.run.next(), Todo::LookBack { .. }) {
        let Todo::Perform(work) = sim.run.next() else { panic!("{:?}", sim.run.next()) };
        sim.perform(work, Death::Never);
    }
    let backward = records(&sim.run.reading_back(index).unwrap());
    let values = |sets: &[switchboard::failover::plan::RecordSet]| {
        sets.iter().map(|set| (set.name.to_string(), set.values.clone(), set.ttl)).collect::<Vec<_>>()
    };
    let home = |number: u8| (um(number).to_string(), vec![run_support::address(number)], 60);
    assert_eq!(values(&backward), [home(1), home(2)]);
    assert_ne!(values(&forward), values(&backward));
}

#[test]
fn a_server_that_does_not_follow_back_keeps_the_fence_and_asks_a_person() {
    let mut sim = halted_after_the_move();
    sim.world.fails.insert("read-back back".into());
    sim.write(decision(Ask::RollBack));
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Halted, 2));
    assert!(sim.run.why().unwrap().as_str().contains("after putting the records back"), "{:?}", sim.run.why());
    assert!(sim.world.stands.contains("claim") && !sim.run.offers().contains(&Ask::RollBack));
    sim.world.fails.clear();
    sim.restart();
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Ended(End::RolledBack));
    let lines = after_turning(&sim);
    assert_eq!(lines[lines.len() - 3..], ["look read-back Passed", "undo claim", "closed"]);
}

#[test]
fn where_nothing_moved_nothing_is_read_back() {
    let mut sim = Sim::new(dns_plan());
    sim.world.fails.insert("verify-target".into());
    sim.work(Death::Never);
    sim.write(decision(Ask::RollBack));
    sim.work(Death::Never);
    assert_eq!(after_turning(&sim), ["undo claim", "closed"]);
    let index = sim.run.steps().position(|(step, _)| step.id.as_str() == "read-back").unwrap();
    let look = Event::CheckedBack { step: sim.id(index), check: Check::Passed, detail: Clean::default() };
    assert!(sim.run.clone().apply(at(99), &look).is_err());
}

/// The message that puts the names back is fenced as the one that moved them: by the partner site's marker, too.
#[test]
fn the_partners_marker_fences_the_way_back_as_it_does_the_way_there() {
    let mut sim = halted_after_the_move();
    let index = sim.run.steps().position(|(step, _)| step.id.as_str() == "move").unwrap();
    let partner = |way| {
        let Ok(Act::DnsUpdate(update)) = sim.run.act(Work { step: index, way, attempt: 1 }, at(0), "") else {
            panic!("no update")
        };
        update.markers.get(1).cloned()
    };
    let there = partner(Way::Do).unwrap();
    assert_eq!((there.name.as_str(), &there.before, &there.after), ("_switchboard.dublin.contoso.com", &None, &None));
    assert_eq!(partner(Way::Undo), Some(there));
    // The fence that is let go requires its own text alone, as a close does.
    sim.write(decision(Ask::RollBack));
    let claim = Work { step: 0, way: Way::Undo, attempt: 1 };
    let Ok(Act::DnsUpdate(update)) = sim.run.act(claim, at(0), "") else { panic!("no update") };
    assert_eq!(update.markers.len(), 1);
}
