//! A move that is taken back: its records are read at every server before the fence is let go.

use super::*;

/// The lines that a roll back wrote: what was undone, and what was looked at.
fn after_turning(sim: &Sim) -> Vec<String> {
    let turned = sim.events.iter().position(|event| *event == decision(Ask::RollBack)).unwrap();
    let lines = sim.events[turned..].iter().filter_map(|event| match event {
        Event::Outcome { step, way: Way::Undo, .. } => Some(format!("undo {step}")),
        Event::Outcome { step, way: Way::Drain, .. } => Some(format!("drain {step}")),
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

/// A run of commands that is halted when all of it stands.
fn halted_at_the_soak(plan: Arc<Plan>) -> Sim {
    let mut sim = Sim::new(plan);
    sim.world.fails.insert("soak".into());
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Halted);
    sim
}

#[test]
fn the_standby_goes_last_drained_and_not_before_the_others_are_seen_to_take_calls() {
    let mut sim = halted_at_the_soak(toggle_plan());
    sim.write(decision(Ask::RollBack));
    assert_eq!(sim.run.returns_to(), [um(1), um(2)]);
    sim.work(Death::Never);
    let lines = [
        "undo disable-um2",
        "undo disable-um1",
        "undo drain-um2",
        "undo drain-um1",
        "look prove-um3 Passed",
        "drain enable-um4",
        "undo enable-um4",
        "drain enable-um3",
        "undo enable-um3",
        "closed",
    ];
    assert_eq!(after_turning(&sim), lines);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Ended(End::RolledBack), 0));
}

#[test]
fn where_those_that_a_roll_back_returns_to_take_no_calls_the_standby_stays_until_they_do() {
    let mut sim = halted_at_the_soak(toggle_plan());
    sim.world.fails.insert("prove-um3 back".into());
    sim.write(decision(Ask::RollBack));
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Halted, 2));
    assert!(sim.run.why().unwrap().as_str().contains("before the standby is taken out"), "{:?}", sim.run.why());
    let stands: Vec<&str> = sim.world.stands.iter().map(String::as_str).collect();
    assert_eq!((stands, sim.world.drained.len()), (vec!["enable-um3", "enable-um4"], 0));
    sim.world.fails.clear();
    sim.restart();
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Ended(End::RolledBack));
}

#[test]
fn a_roll_back_that_died_asks_again_before_it_takes_out_the_rest_of_the_standby() {
    let mut sim = halted_at_the_soak(toggle_plan());
    sim.write(decision(Ask::RollBack));
    let came = |sim: &Sim| after_turning(sim).last().map(String::as_str) == Some("drain enable-um4");
    let mut left = 100;
    while !came(&sim) {
        let now = sim.events.len();
        sim.work(Death::AfterEvent(now + 2));
        left -= 1;
        assert!(left > 0, "it was never drained: {:?}", after_turning(&sim));
    }
    sim.restart();
    sim.world.fails.insert("prove-um3 back".into());
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Halted);
    assert!(sim.world.stands.contains("enable-um3") && sim.world.stands.contains("enable-um4"));
    sim.world.fails.clear();
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.world.stands.len()), (State::Ended(End::RolledBack), 0));
}

/// The plan of a program that knew no drain on the way back is carried out as it was approved.
#[test]
fn an_older_plan_is_taken_back_by_what_it_says() {
    let mut content = toggle_content(7, true);
    content.steps.iter_mut().for_each(|step| step.undo_drain = None);
    let mut sim = halted_at_the_soak(Arc::new(Plan::seal(content)));
    sim.write(decision(Ask::RollBack));
    sim.work(Death::Never);
    let lines = after_turning(&sim);
    assert_eq!(lines[lines.len() - 4..], ["look prove-um3 Passed", "undo enable-um4", "undo enable-um3", "closed"]);
}
