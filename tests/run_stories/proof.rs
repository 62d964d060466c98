//! A run that paused proves again what it relies on, before anything is taken away.

use super::*;

/// What is to be done next, as `look x`, `do x`, `drain x`, `undo x`.
fn next(sim: &Sim) -> String {
    match sim.run.next() {
        Todo::Look { step } => format!("look {}", sim.id(step)),
        Todo::LookBack { step } => format!("look back {}", sim.id(step)),
        Todo::Perform(work) => format!("{:?} {}", work.way, sim.id(work.step)).to_lowercase(),
        other => format!("{other:?}"),
    }
}

/// A run that died when this was the next thing to do, and that somebody lets go on.
fn resumed_at(plan: &Arc<Plan>, at_step: &str) -> Sim {
    for last in 2..100 {
        let mut sim = Sim::new(plan.clone());
        sim.work(Death::AfterEvent(last));
        if next(&sim) == at_step {
            sim.restart();
            sim.write(decision(Ask::Resume));
            sim.write(Event::Rechecked { detail: "as planned".into() });
            return sim;
        }
    }
    panic!("it never came to {at_step}");
}

#[test]
fn a_run_that_goes_on_asks_the_standby_again_before_it_takes_anything_away() {
    for (plan, at_step, looks) in [
        (dns_plan(), "do move", vec!["verify-target"]),
        (toggle_plan(), "do drain-um1", vec!["prove-um3", "prove-um4"]),
        (toggle_plan(), "do disable-um2", vec!["prove-um3", "prove-um4"]),
    ] {
        let mut sim = resumed_at(&plan, at_step);
        for look in looks {
            assert_eq!(next(&sim), format!("look {look}"), "{at_step}");
            sim.write(Event::Checked { step: StepId::new(look), check: Check::Passed, detail: "200".into() });
        }
        assert_eq!(next(&sim), at_step);
        sim.work(Death::Never);
        assert_eq!(sim.state(), State::Ended(End::Completed));
        assert!(sim.world.ledger.values().all(|times| *times == 1));
    }
}

#[test]
fn a_standby_that_died_while_the_run_was_paused_stops_it_with_nothing_more_taken_away() {
    for (plan, at_step, look) in
        [(dns_plan(), "do move", "verify-target"), (toggle_plan(), "do drain-um1", "prove-um4")]
    {
        let mut sim = resumed_at(&plan, at_step);
        let stood = sim.world.stands.clone();
        sim.world.fails.insert(look.into());
        sim.work(Death::Never);
        assert_eq!((sim.state(), &sim.world.stands), (State::Halted, &stood));
        assert!(sim.run.why().unwrap().as_str().starts_with(look), "{:?}", sim.run.why());
        sim.world.fails.clear();
        sim.write(decision(Ask::Resume));
        sim.work(Death::Never);
        assert_eq!(sim.state(), State::Ended(End::Completed));
    }
}

#[test]
fn where_nothing_is_left_to_take_away_nothing_is_proven_again() {
    for (plan, at_step) in [(dns_plan(), "look read-back"), (toggle_plan(), "look soak"), (dns_plan(), "do close")] {
        assert_eq!(next(&resumed_at(&plan, at_step)), at_step);
    }
}

/// A journal of a program that did not look again reads as it did.
#[test]
fn an_older_journal_that_went_on_without_looking_is_what_it_was() {
    let mut sim = resumed_at(&toggle_plan(), "do drain-um1");
    let work = Work { step: 4, way: Way::Do, attempt: 1 };
    assert!(sim.perform(work, Death::Never));
    sim.restart();
    let passed = sim.run.steps().filter(|(step, _)| step.id.as_str().starts_with("prove"));
    assert!(passed.into_iter().all(|(_, progress)| progress.status == Status::Passed));
}
