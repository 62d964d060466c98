//! An executor that waits has an ear for its operators and an eye on its fence.

use std::path::Path;
use std::time::Duration;

use switchboard::executor::attach::{Who, ask, spawn, view};
use switchboard::executor::confirm::{Confirmation, write};
use switchboard::executor::fence;
use switchboard::executor::store::Store;
use switchboard::failover::plan::Action;
use switchboard::failover::run::{Ask, Decision, Event};

use super::*;
use crate::run_support::live::PROGRAM;

/// A plan that watches for longer than anybody waits for this test.
async fn watching_for_ever(live: &Live) -> Plan {
    let (picture, seen) = (live.picture().await, live.seen().await);
    let mut content = live.plan_from(&picture, &seen, &Live::request("Tukwila"));
    for step in &mut content.steps {
        if let Action::Soak(soak) = &mut step.action {
            soak.seconds = 3600;
        }
    }
    Plan::seal(content)
}

fn say(live: &Live, plan: &Plan, asked: Ask) {
    let decision = Decision { ask: asked, by: "ana@jump".into(), account: None, reason: None };
    ask(&Store::new(live.state()).run(&plan.id), live.clock.now(), decision).unwrap();
}

/// Waits until the run's journal has it.
async fn until(live: &Live, plan: &Plan, what: impl Fn(&[Event]) -> bool) {
    let dir = Store::new(live.state()).run(&plan.id);
    for _ in 0..3000 {
        let events: Vec<Event> =
            view(&dir).map(|view| view.events.into_iter().map(|(_, event)| event).collect()).unwrap_or_default();
        if what(&events) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to that");
}

fn checked(events: &[Event], id: &str) -> Option<usize> {
    events.iter().position(|event| matches!(event, Event::Checked { step, .. } if step.as_str() == id))
}

fn decided(events: &[Event], asked: &Ask) -> bool {
    events.iter().any(|event| matches!(event, Event::Decided(decision) if decision.ask == *asked))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_watches_whether_it_holds_renews_its_fence_and_does_what_it_is_asked() {
    let live = Live::start(Design::Dns).await;
    let plan = watching_for_ever(&live).await;
    let mut failover = live.failover(live.state(), &plan, &[]);
    failover.env(fence::VARIABLE, "899");
    let run = tokio::spawn(async move { failover.output().await.unwrap() });
    let renewed = |events: &[Event]| {
        checked(events, "acceptance")
            .is_some_and(|at| events[at..].iter().any(|event| matches!(event, Event::Renewed { .. })))
    };
    until(&live, &plan, renewed).await;
    // A call that somebody made is taken down, and the watch goes on.
    say(&live, &plan, Ask::Confirm);
    until(&live, &plan, |events| decided(events, &Ask::Confirm)).await;
    let (_, held) = live.runs(&["hold", plan.id.as_str(), "--reason", "looking into it"]).await;
    assert_eq!(held["state"], "halted", "{held:#}");
    assert_eq!(run.await.unwrap().status.code(), Some(2));
}

/// The old site is asked whether it is well before the run turns back by itself; a confirmation may come meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_comes_while_the_old_site_is_asked_keeps_what_was_done() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    live.demo.faults().on("um1", "hang").await.unwrap();
    let store = Store::new(live.state());
    let who = Who { by: "ana@jump".into(), host: "jump".into(), account: "uid 1000".into() };
    let (phrase, config) = (plan.confirm(), live.demo.topology_file());
    let confirmation = Confirmation { phrase: &phrase, commit_confirm: Some(0), config: &config, who: &who };
    let dir = write(&store, &plan, &confirmation, live.clock.now()).unwrap();
    let mut executor = spawn(&store, &dir, &who, Path::new(PROGRAM)).unwrap();
    until(&live, &plan, |events| checked(events, "soak").is_some()).await;
    // No minute is waited for, and um1 until its time is out: a second, and the confirmation counts at any moment of it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    say(&live, &plan, Ask::Confirm);
    until(&live, &plan, |events| matches!(events.last(), Some(Event::Closed { .. } | Event::Decided(_)))).await;
    tokio::task::spawn_blocking(move || executor.wait()).await.unwrap().unwrap();
    let shown = live.runs(&["show", plan.id.as_str()]).await.1;
    assert_eq!(shown["state"].as_str(), Some("completed"), "{shown:#}");
    assert_eq!(places(&live).await[0], moved("um3.dublin.contoso.com"));
}
