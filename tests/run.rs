//! The run's state machine against a world made of a set: every failure at every step, every death between any two events.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "run_stories/back.rs"]
mod back;
#[path = "run_stories/proof.rs"]
mod proof;
#[path = "run_stories/renewal.rs"]
mod renewal;
mod run_support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use run_support::{at, dns_content, dns_plan, toggle_content, toggle_plan, um};
use switchboard::domain::act::{Act, Effect, Refusal};
use switchboard::domain::clean::Clean;
use switchboard::domain::marker::Marker;
use switchboard::failover::plan::{Plan, RuleOutcome, StepId, Verdict};
use switchboard::failover::run::*;

/// What stands, as the world itself knows it, and how often each thing was done.
#[derive(Clone, Default)]
struct World {
    stands: BTreeSet<String>,
    /// Steps whose server takes no new calls, before they are taken back.
    drained: BTreeSet<String>,
    ledger: BTreeMap<String, u32>,
    /// What a step answers instead of doing its work, by step and way.
    refuse: BTreeMap<(String, Way), Effect>,
    fails: BTreeSet<String>,
    /// Steps of which nobody can see whether they took effect.
    hidden: BTreeSet<String>,
    /// Whether a command that enables is started as a process.
    starts: bool,
}

/// One executor after another, writing one journal.
struct Sim {
    run: Run,
    events: Vec<Event>,
    world: World,
}

/// Where an executor dies, counted in events and in effects.
#[derive(Clone, Copy, PartialEq)]
enum Death {
    Never,
    AfterEvent(usize),
    /// After the effect of the last intent, before its outcome.
    AfterEffect(usize),
}

fn applied(detail: &str) -> Effect {
    Effect::Applied { detail: detail.into() }
}

fn decision(ask: Ask) -> Event {
    Event::Decided(Decision { ask, by: "ana@jump".into(), account: None, reason: Some("because".into()) })
}

fn confirmed() -> Event {
    Event::Confirmed {
        by: "ana".into(),
        account: None,
        plan: String::new(),
        config: String::new(),
        commit_confirm_minutes: None,
    }
}

impl Sim {
    fn new(plan: Arc<Plan>) -> Self {
        let mut sim = Self { run: Run::new(plan), events: Vec::new(), world: World::default() };
        sim.write(confirmed());
        sim.write(Event::Began { pid: 1, host: "jump".into(), cut: 0 });
        sim
    }

    fn write(&mut self, event: Event) {
        let time = at(i64::try_from(self.events.len()).unwrap());
        self.run.apply(time, &event).unwrap_or_else(|error| panic!("{event:?}: {error}"));
        self.events.push(event);
    }

    fn id(&self, step: usize) -> StepId {
        self.run.step(step).unwrap().id.clone()
    }

    /// Works until somebody has to decide, the run is over, or death comes.
    fn work(&mut self, death: Death) -> bool {
        for _ in 0..200 {
            if death == Death::AfterEvent(self.events.len()) {
                return false;
            }
            match self.run.next() {
                Todo::Nothing | Todo::Ask(_) => return true,
                Todo::Recheck => self.write(Event::Rechecked { detail: "as planned".into() }),
                Todo::Look { step } => self.look(step),
                Todo::LookBack { step } => self.look_back(step),
                Todo::AwaitConfirm { .. } => self.write(decision(Ask::Confirm)),
                Todo::Close(end) => self.write(Event::Closed { end, detail: Clean::default() }),
                Todo::Settle(work) => self.settle(work),
                Todo::Perform(work) => {
                    if !self.perform(work, death) {
                        return false;
                    }
                }
            }
        }
        panic!("the run never ends: {:?}", self.run.state());
    }

    fn look(&mut self, step: usize) {
        let id = self.id(step);
        let check = if self.world.fails.contains(id.as_str()) { Check::Failed } else { Check::Passed };
        self.write(Event::Checked { step: id, check, detail: "looked".into() });
    }

    fn look_back(&mut self, step: usize) {
        let id = self.id(step);
        let check = if self.world.fails.contains(&format!("{id} back")) { Check::Failed } else { Check::Passed };
        self.write(Event::CheckedBack { step: id, check, detail: "looked".into() });
    }

    fn perform(&mut self, work: Work, death: Death) -> bool {
        let step = self.id(work.step);
        let marker = match self.run.act(work, at(0), "0123456789abcdef") {
            Ok(Act::DnsUpdate(update)) => update
                .markers
                .first()
                .and_then(|marker| Some(MarkerText { name: marker.name.clone(), text: marker.after.clone()? })),
            Ok(Act::Command(_)) => None,
            Err(error) => panic!("{step}: {error}"),
        };
        let (digest, destination) = (String::new(), Clean::default());
        let Work { way, attempt, .. } = work;
        self.write(Event::Intent { step: step.clone(), way, attempt, digest, destination, marker });
        if death == Death::AfterEvent(self.events.len()) {
            return false;
        }
        if self.world.starts && step.as_str().starts_with("enable") {
            self.write(Event::Child { step: step.clone(), pid: 3, started: Some(1) });
        }
        let effect = self.world.refuse.remove(&(step.as_str().to_owned(), way)).unwrap_or_else(|| {
            self.world.change(step.as_str(), way);
            applied("done")
        });
        if death == Death::AfterEffect(self.events.len()) {
            return false;
        }
        self.write(Event::Outcome { step, way, attempt, effect });
        true
    }

    fn settle(&mut self, work: Work) {
        let step = self.id(work.step);
        let there = match work.way {
            Way::Do => self.world.stands.contains(step.as_str()),
            Way::Drain => self.world.drained.contains(step.as_str()),
            Way::Undo => !self.world.stands.contains(step.as_str()),
        };
        if self.world.hidden.contains(step.as_str()) {
            let effect = Effect::Unknown { detail: "neither here nor there".into() };
            return self.write(Event::Outcome { step, way: work.way, attempt: work.attempt, effect });
        }
        let lost = Effect::NotApplied { why: Refusal::Lost, detail: "as before".into() };
        let effect = if there { applied("seen") } else { lost };
        self.write(Event::Outcome { step, way: work.way, attempt: work.attempt, effect });
    }

    /// The machine starts again: the journal is all that is left.
    fn restart(&mut self) {
        let times = (0..).map(at);
        let plan = self.run.plan().clone();
        let rebuilt = Run::replay(plan, times.zip(&self.events)).unwrap();
        assert_eq!(rebuilt, self.run, "the journal rebuilds the state exactly");
        self.run = rebuilt;
        self.write(Event::Began { pid: 2, host: "jump".into(), cut: 0 });
    }

    fn state(&self) -> State {
        self.run.state()
    }
}

impl World {
    fn change(&mut self, step: &str, way: Way) {
        match way {
            Way::Do => assert!(self.stands.insert(step.to_owned()), "{step} took effect twice"),
            Way::Drain => {
                assert!(self.stands.contains(step), "{step} was drained and did not stand");
                self.drained.insert(step.to_owned());
            }
            Way::Undo => assert!(self.stands.remove(step), "{step} was taken back and did not stand"),
        }
        *self.ledger.entry(format!("{step} {way:?}")).or_default() += 1;
    }

    fn in_service(&self) -> usize {
        let on = |step: &str| usize::from(self.stands.contains(step) && !self.drained.contains(step));
        let off = |step: &str| usize::from(!self.stands.contains(step));
        on("enable-um3")
            + on("enable-um4")
            + off("drain-um1").min(off("disable-um1"))
            + off("drain-um2").min(off("disable-um2"))
    }
}

fn both() -> [Arc<Plan>; 2] {
    [dns_plan(), toggle_plan()]
}

#[test]
fn a_run_goes_from_armed_to_completed_and_writes_down_every_step() {
    for plan in both() {
        let mut sim = Sim::new(plan);
        assert_eq!(sim.state(), State::Armed);
        sim.work(Death::Never);
        assert_eq!(sim.state(), State::Ended(End::Completed));
        assert_eq!(sim.run.exit_code(), 0);
        assert!(sim.run.summary().unknown.is_empty() && sim.run.summary().not_changed.is_empty());
        assert!(sim.world.ledger.values().all(|times| *times == 1));
    }
}

#[test]
fn a_run_that_dies_anywhere_goes_on_to_its_end_and_does_nothing_twice() {
    for plan in both() {
        let mut whole = Sim::new(plan.clone());
        whole.work(Death::Never);
        for last in 2..whole.events.len() {
            for death in [Death::AfterEvent(last), Death::AfterEffect(last)] {
                let mut sim = Sim::new(plan.clone());
                if sim.work(death) {
                    continue;
                }
                sim.restart();
                assert!(matches!(sim.run.next(), Todo::Ask(_)), "nothing goes on by itself after a death");
                let told = sim.run.summary();
                for step in &sim.world.stands {
                    let known = |line: &Clean| line.as_str().starts_with(&format!("{step}:"));
                    assert!(told.changed.iter().chain(&told.unknown).any(known), "{step} stands and nobody says so");
                }
                sim.write(decision(Ask::Resume));
                sim.work(Death::Never);
                assert_eq!(sim.state(), State::Ended(End::Completed), "died at {last}");
                assert!(sim.world.ledger.values().all(|times| *times == 1));
            }
        }
    }
}

#[test]
fn a_run_that_dies_anywhere_can_be_rolled_back() {
    for plan in both() {
        let mut whole = Sim::new(plan.clone());
        whole.work(Death::Never);
        for last in 2..whole.events.len() - 1 {
            for death in [Death::AfterEvent(last), Death::AfterEffect(last)] {
                let mut sim = Sim::new(plan.clone());
                if sim.work(death) {
                    continue;
                }
                sim.restart();
                sim.write(decision(Ask::RollBack));
                sim.work(Death::Never);
                assert_eq!(sim.state(), State::Ended(End::RolledBack), "died at {last}");
                assert!(sim.world.stands.is_empty(), "{:?}", sim.world.stands);
            }
        }
    }
}

#[test]
fn no_dial_plan_is_ever_without_a_server_forwards_or_backwards() {
    let mut whole = Sim::new(toggle_plan());
    whole.work(Death::Never);
    for last in 2..whole.events.len() {
        let mut sim = Sim::new(toggle_plan());
        sim.work(Death::AfterEvent(last));
        assert!(sim.world.in_service() >= 2);
        sim.restart();
        if sim.state().is_over() {
            continue;
        }
        sim.write(decision(Ask::RollBack));
        for round in 0..100 {
            let before = sim.events.len();
            // Outcome, look, intent: three in a row would die at the same intent for ever.
            let settled = sim.work(Death::AfterEvent(before + 1 + round % 4));
            assert!(sim.world.in_service() >= 2, "after {:?}", sim.events.last());
            if !settled && matches!(sim.events.last(), Some(Event::Intent { .. })) {
                sim.restart();
                sim.write(decision(Ask::Resume));
            }
        }
        assert_eq!(sim.state(), State::Ended(End::RolledBack));
    }
}

#[test]
fn a_claim_that_is_refused_ends_the_run_with_nothing_changed() {
    let mut sim = Sim::new(dns_plan());
    let refusal = Effect::NotApplied { why: Refusal::Auth, detail: "BADKEY".into() };
    sim.world.refuse.insert(("claim".into(), Way::Do), refusal);
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Ended(End::Cancelled), 1));
    assert!(sim.world.stands.is_empty());
}

#[test]
fn every_refusal_after_the_first_change_halts_and_says_what_stands() {
    for plan in both() {
        for step in plan.steps.iter().filter(|step| step.action.has_effect()).skip(1) {
            let mut sim = Sim::new(plan.clone());
            let refusal = Effect::NotApplied { why: Refusal::Policy, detail: "no".into() };
            sim.world.refuse.insert((step.id.as_str().into(), Way::Do), refusal);
            sim.work(Death::Never);
            if step.id.as_str() == "close" {
                assert_eq!(sim.state(), State::Ended(End::Completed));
                assert_eq!(sim.run.open_items().last().unwrap().id, "fence-not-released");
                continue;
            }
            assert_eq!((sim.state(), sim.run.exit_code()), (State::Halted, 2), "{}", step.id);
            assert_eq!(sim.run.offers().first(), Some(&Ask::Hold));
            assert!(sim.run.offers().contains(&Ask::RollBack));
            assert_eq!(sim.run.summary().changed.len(), sim.world.stands.len());
            sim.write(decision(Ask::Resume));
            sim.work(Death::Never);
            assert_eq!(sim.state(), State::Ended(End::Completed));
        }
    }
}

#[test]
fn an_unknown_end_is_settled_by_looking_and_never_by_sending_again() {
    for (really, state) in [(true, State::Ended(End::Completed)), (false, State::Halted)] {
        let mut sim = Sim::new(dns_plan());
        let unknown = Effect::Unknown { detail: "no answer".into() };
        sim.world.refuse.insert(("move".into(), Way::Do), unknown);
        if really {
            sim.world.stands.insert("move".into());
        }
        sim.work(Death::Never);
        assert_eq!(sim.state(), state);
        assert_eq!(sim.world.ledger.get("move Do"), None, "it was sent once, in vain or not");
    }
}

#[test]
fn a_command_that_is_not_idempotent_is_never_issued_again() {
    let mut sim = Sim::new(Arc::new(Plan::seal(toggle_content(3, false))));
    sim.world.starts = true;
    let lost = Effect::Unknown { detail: "no answer".into() };
    sim.world.refuse.insert(("enable-um4".into(), Way::Do), lost);
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Halted);
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Halted);
    assert!(sim.run.why().unwrap().as_str().contains("not marked idempotent"));
    assert_eq!(sim.world.ledger.get("enable-um4 Do"), None);
    sim.write(decision(Ask::Without(um(4))));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Ended(End::Completed));
}

#[test]
fn a_command_that_had_no_process_did_nothing_and_is_begun_whatever_it_is_declared_to_be() {
    for starts in [false, true] {
        let mut sim = Sim::new(Arc::new(Plan::seal(toggle_content(3, false))));
        sim.world.starts = starts;
        // Confirmed, began, rechecked, intended.
        sim.work(Death::AfterEvent(4));
        assert!(matches!(sim.events.last(), Some(Event::Intent { step, .. }) if step.as_str() == "enable-um3"));
        if starts {
            sim.write(Event::Child { step: StepId::new("enable-um3"), pid: 3, started: Some(1) });
        }
        sim.restart();
        sim.write(decision(Ask::Resume));
        sim.work(Death::Never);
        assert_eq!(sim.state() == State::Ended(End::Completed), !starts, "{:?}", sim.run.why());
    }
}

/// A standby's command was taken, and its state is neither what it was nor what it should be.
fn hidden(dies: bool) -> Sim {
    let mut sim = Sim::new(toggle_plan());
    let unknown = Effect::Unknown { detail: "NoNewCalls".into() };
    sim.world.refuse.insert(("enable-um4".into(), Way::Do), unknown);
    sim.world.hidden.insert("enable-um4".into());
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Halted, 2));
    assert!(sim.run.offers().contains(&Ask::Without(um(2))) && sim.run.offers().contains(&Ask::RollBack));
    if dies {
        sim.restart();
    }
    sim
}

#[test]
fn a_server_whose_end_is_not_known_can_be_left_out_and_stays_unknown() {
    for dies in [false, true] {
        let mut sim = hidden(dies);
        sim.write(decision(Ask::Without(um(2))));
        sim.work(Death::Never);
        assert_eq!((sim.state(), sim.run.exit_code()), (State::Ended(End::Completed), 2), "not all of it is known");
        assert!(sim.run.summary().unknown[0].as_str().starts_with("enable-um4:"));
        let items: Vec<&str> = sim.run.open_items().iter().map(|item| item.id.as_str()).collect();
        assert_eq!(items, ["left-out", "not-known"]);
        let stands: Vec<&str> = sim.world.stands.iter().map(String::as_str).collect();
        assert_eq!(stands, ["disable-um1", "drain-um1", "enable-um3"]);
    }
}

#[test]
fn what_may_stand_is_taken_back_as_if_it_stood() {
    for dies in [false, true] {
        let mut sim = hidden(dies);
        sim.world.stands.insert("enable-um4".into());
        sim.write(decision(Ask::RollBack));
        sim.work(Death::Never);
        assert_eq!((sim.state(), sim.run.exit_code()), (State::Ended(End::RolledBack), 0));
        assert!(sim.world.stands.is_empty());
    }
}

#[test]
fn an_idempotent_command_whose_end_was_looked_for_in_vain_is_issued_again_when_somebody_says_so() {
    let mut sim = hidden(false);
    sim.world.hidden.clear();
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Ended(End::Completed), 0));
    assert_eq!(sim.world.ledger.get("enable-um4 Do"), Some(&1));
    // Nobody has looked since the executor died: looking comes first.
    let mut sim = hidden(true);
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.world.ledger.get("enable-um4 Do")), (State::Halted, None));
}

/// A plan whose policy wants a second person.
fn of_two() -> Arc<Plan> {
    let mut content = toggle_content(5, true);
    content.rules.push(second_person());
    Arc::new(Plan::seal(content))
}

fn second_person() -> RuleOutcome {
    RuleOutcome {
        id: "second-person".into(),
        subject: "plan".into(),
        outcome: Verdict::Block,
        measured: "wanting".into(),
        given: None,
    }
}

fn approval(by: &str) -> Event {
    Event::Decided(Decision { ask: Ask::Approve, by: by.into(), account: None, reason: None })
}

/// The name in the environment is anybody's; the account is not.
#[test]
fn one_account_under_two_names_is_one_person() {
    let mut content = toggle_content(5, true);
    content.rules.push(second_person());
    let said = |by: &str, account: &str| {
        Event::Decided(Decision { ask: Ask::Approve, by: by.into(), account: Some(account.into()), reason: None })
    };
    for (environment, same) in [("production", true), ("demo", false)] {
        content.environment = environment.into();
        let mut run = Run::new(Arc::new(Plan::seal(content.clone())));
        let account = Some("uid 1000".into());
        let (by, plan, config) = ("ana@jump".into(), String::new(), String::new());
        run.apply(at(1), &Event::Confirmed { by, account, plan, config, commit_confirm_minutes: None }).unwrap();
        let refused = run.clone().apply(at(2), &said("bob@jump", "uid 1000"));
        assert_eq!(refused.is_err(), same, "{environment}: {refused:?}");
        run.apply(at(2), &said("bob@jump", "uid 1001")).unwrap();
    }
}

#[test]
fn a_second_person_agrees_before_anything_is_sent_and_nobody_is_two_persons() {
    let plan = of_two();
    assert!(plan.obstacles().next().is_none() && plan.wants_second_person());
    let mut sim = Sim::new(plan);
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Blocked, 1));
    assert_eq!(sim.run.next(), Todo::Ask(vec![Ask::Approve, Ask::Abort]));
    assert!(!sim.run.needs_lock() && sim.state().waits_for_a_person() && sim.world.ledger.is_empty());
    for own in ["ana@jump", "ana@other-host", "Ana@jump", "ana"] {
        let refused = sim.run.clone().apply(at(9), &approval(own)).unwrap_err();
        assert_eq!(refused, Illegal::OwnApproval(own.into()));
    }
    let late = sim.run.clone().apply(at(600), &approval("bob@other")).unwrap_err();
    assert!(matches!(late, Illegal::Expired(_)), "{late}");
    sim.restart();
    assert_eq!(sim.state(), State::Blocked, "no executor that ends takes the choice away");
    sim.write(approval("bob@other"));
    assert_eq!(sim.state(), State::Armed);
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Ended(End::Completed));
}

#[test]
fn a_run_that_waits_for_a_second_person_can_be_aborted_and_changed_nothing() {
    let mut sim = Sim::new(of_two());
    sim.write(decision(Ask::Abort));
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Ended(End::Cancelled), 1));
    // Whoever resumes it does not approve it.
    let mut sim = Sim::new(of_two());
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Blocked);
    // One that was given a reason instead, as an emergency allows, waits for nobody.
    let mut content = (**of_two()).clone();
    (content.rules[0].outcome, content.rules[0].given) = (Verdict::Reason, Some("INC-1: nobody else is awake".into()));
    let mut sim = Sim::new(Arc::new(Plan::seal(content)));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Ended(End::Completed));
}

#[test]
fn a_pair_can_be_left_out_of_commands_and_not_of_one_message() {
    let refused = || Effect::NotApplied { why: Refusal::Command, detail: "no".into() };
    let mut sim = Sim::new(toggle_plan());
    sim.world.refuse.insert(("enable-um4".into(), Way::Do), refused());
    sim.work(Death::Never);
    assert!(sim.run.offers().contains(&Ask::Without(um(2))), "{:?}", sim.run.offers());
    sim.write(decision(Ask::Without(um(2))));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Ended(End::Completed));
    let stands: Vec<&str> = sim.world.stands.iter().map(String::as_str).collect();
    assert_eq!(stands, ["disable-um1", "drain-um1", "enable-um3"]);
    assert!(sim.run.open_items().iter().any(|item| item.id == "left-out"));

    let mut sim = Sim::new(dns_plan());
    sim.world.refuse.insert(("move".into(), Way::Do), refused());
    sim.work(Death::Never);
    assert!(!sim.run.offers().iter().any(|offer| matches!(offer, Ask::Without(_))));
    let event = decision(Ask::Without(um(2)));
    assert_eq!(sim.run.clone().apply(at(99), &event), Err(Illegal::NotSeparable(um(2))));
}

#[test]
fn an_undo_that_fails_is_stuck_and_can_be_closed_by_hand() {
    let mut sim = Sim::new(toggle_plan());
    sim.world.fails.insert("prove-um4".into());
    sim.work(Death::Never);
    let refused = Effect::NotApplied { why: Refusal::Command, detail: "no".into() };
    sim.world.refuse.insert(("enable-um3".into(), Way::Undo), refused);
    sim.write(decision(Ask::RollBack));
    sim.work(Death::Never);
    assert_eq!((sim.state(), sim.run.exit_code()), (State::Stuck, 2));
    assert!(sim.run.summary().changed[0].as_str().contains("could not be taken back"));
    sim.write(decision(Ask::Resume));
    sim.work(Death::Never);
    assert_eq!(sim.state(), State::Ended(End::RolledBack));
}

#[test]
fn nothing_goes_on_after_an_abort_a_changed_base_or_a_foreign_marker() {
    let mut sim = Sim::new(dns_plan());
    sim.write(decision(Ask::Abort));
    assert_eq!(sim.run.next(), Todo::Close(End::Cancelled));

    let mut sim = Sim::new(dns_plan());
    sim.write(Event::BaseChanged { what: vec!["um1 points elsewhere".into()] });
    assert_eq!(sim.run.next(), Todo::Close(End::Cancelled));
    assert_eq!(sim.run.exit_code(), 1);

    let mut sim = Sim::new(dns_plan());
    sim.write(Event::Superseded { detail: "the marker is run 01J…'s".into() });
    assert_eq!((sim.state(), sim.run.next()), (State::Ended(End::Superseded), Todo::Nothing));
    assert!(sim.run.apply(at(99), &Event::Rechecked { detail: "x".into() }).is_err());
}

#[test]
fn a_run_that_nobody_confirmed_can_only_be_closed() {
    let mut run = Run::new(dns_plan());
    assert!(run.is_draft() && run.next() == Todo::Nothing);
    let began = Event::Began { pid: 1, host: "jump".into(), cut: 0 };
    assert!(run.apply(at(1), &began).is_err(), "no executor goes on from a draft");
    run.apply(at(2), &Event::Closed { end: End::Cancelled, detail: Clean::default() }).unwrap();
    assert_eq!((run.state(), run.exit_code()), (State::Ended(End::Cancelled), 1));
}

#[test]
fn a_drained_server_is_disabled_from_where_the_drain_led() {
    let mut sim = Sim::new(toggle_plan());
    sim.work(Death::Never);
    let index = sim.run.steps().position(|(step, _)| step.id.as_str() == "disable-um1").unwrap();
    let work = Work { step: index, way: Way::Do, attempt: 1 };
    let Ok(Act::Command(call)) = sim.run.act(work, at(0), "") else { panic!("no command") };
    assert_eq!(call.before, switchboard::domain::server::ServiceState::NoNewCalls);
}

#[test]
fn each_message_of_a_run_replaces_the_marker_that_the_one_before_wrote() {
    let plan = dns_plan();
    let mut sim = Sim::new(plan.clone());
    sim.world.fails.insert("caches".into());
    sim.work(Death::Never);
    sim.write(decision(Ask::RollBack));
    sim.work(Death::Never);
    let texts: Vec<Marker> = sim
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Intent { marker: Some(marker), .. } => Some(Marker::parse(&marker.text).unwrap()),
            _ => None,
        })
        .collect();
    assert_eq!(texts.iter().map(|marker| marker.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(texts[2].moved, Vec::<String>::new(), "the names are at home again");
    assert_eq!((texts[3].run.as_deref(), texts[3].head.as_deref()), (None, Some("0123456789abcdef")));
    assert!(texts[0].exp.is_some() && texts[3].exp.is_none());
}

#[test]
fn what_an_operator_left_out_is_named_and_a_call_can_be_proven_later() {
    let mut sim = Sim::new(Arc::new(Plan::seal(dns_content(9))));
    let step = StepId::new("acceptance");
    for _ in 0..100 {
        if matches!(sim.run.next(), Todo::Look { step } if sim.id(step).as_str() == "acceptance") {
            break;
        }
        let now = sim.events.len();
        sim.work(Death::AfterEvent(now + 1));
    }
    sim.write(Event::Checked { step, check: Check::NotProven, detail: "answering, not proven by a call".into() });
    sim.work(Death::Never);
    assert_eq!(sim.run.open_items()[0].id, "not-proven-by-a-call");
    sim.write(decision(Ask::Confirm));
    assert!(sim.run.open_items().is_empty());
}

#[test]
fn a_wait_for_confirmation_beyond_all_time_is_a_wait() {
    for minutes in [u64::MAX, u64::MAX / 60, 1 << 40] {
        let mut sim = Sim { run: Run::new(dns_plan()), events: Vec::new(), world: World::default() };
        let mut confirmed = confirmed();
        if let Event::Confirmed { commit_confirm_minutes, .. } = &mut confirmed {
            *commit_confirm_minutes = Some(minutes);
        }
        sim.write(confirmed);
        sim.work(Death::Never);
        assert!(sim.events.contains(&decision(Ask::Confirm)), "{minutes}: nobody was waited for");
    }
}
