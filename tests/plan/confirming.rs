//! What forbids confirming a plan and can be known from the plan, the topology file and the clock.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use switchboard::domain::clean::Clean;
use switchboard::domain::topology::Topology;
use switchboard::executor::attach::Who;
use switchboard::executor::confirm::{ConfirmError, Confirmation, check};
use switchboard::failover::plan::Plan;

use crate::fixture::*;
use crate::world::World;

struct Confirming {
    topology: Topology,
    plan: Plan,
}

impl Confirming {
    fn new() -> Self {
        let mut world = World::new("dns", false, &[]);
        world.settle();
        let content = plan(&world.topology, &world.picture, &world.seen, &world.request).unwrap();
        let topology = world.topology.clone();
        Self { topology, plan: Plan::seal(world.judge_plan(content, &[], |_| true)) }
    }

    fn with(&self, phrase: &str, commit_confirm: Option<u64>, now: Timestamp) -> Result<(), ConfirmError> {
        let who = Who { by: Clean::new("ana@jump1"), host: Clean::new("jump1"), account: Clean::new("uid 1000") };
        let confirmation = Confirmation { phrase, commit_confirm, config: Path::new("test.toml"), who: &who };
        check(&self.plan, &self.topology, &confirmation, now)
    }
}

#[test]
fn it_is_confirmed_by_its_phrase_while_it_is_good() {
    let confirming = Confirming::new();
    let (phrase, made) = (confirming.plan.confirm(), confirming.plan.created);
    confirming.with(&phrase, Some(5), made).unwrap();
    confirming.with(&phrase, None, confirming.plan.expires - SignedDuration::from_nanos(1)).unwrap();
    let late = confirming.with(&phrase, None, confirming.plan.expires).unwrap_err();
    assert!(matches!(late, ConfirmError::Expired(_)), "{late}");
    let other = confirming.with("Tukwila-", None, made).unwrap_err();
    assert!(matches!(other, ConfirmError::Phrase(_)), "{other}");
}

#[test]
fn a_wait_for_confirmation_is_a_day_at_most() {
    let confirming = Confirming::new();
    let (phrase, made) = (confirming.plan.confirm(), confirming.plan.created);
    for minutes in [1441, 400_000_000_000_000_000, u64::MAX] {
        let refused = confirming.with(&phrase, Some(minutes), made).unwrap_err();
        assert!(matches!(refused, ConfirmError::Wait), "{refused}");
    }
    for minutes in [0, 1, 1440] {
        confirming.with(&phrase, Some(minutes), made).unwrap();
    }
}

/// Another host's clock, or this one's, set back since: nobody can tell how old the plan is.
#[test]
fn a_plan_that_was_made_later_than_now_says_so() {
    let confirming = Confirming::new();
    let now = confirming.plan.created - SignedDuration::from_secs(3);
    let early = confirming.with(&confirming.plan.confirm(), None, now).unwrap_err();
    assert!(matches!(early, ConfirmError::Early { .. }), "{early}");
    let text = early.to_string();
    assert!(text.contains("the clock here says") && text.contains("nothing was changed"), "{text}");
}

#[test]
fn another_deployments_plan_is_refused() {
    let mut confirming = Confirming::new();
    confirming.topology.console.name = "fabrikam.com".into();
    let other = confirming.with(&confirming.plan.confirm(), None, confirming.plan.created).unwrap_err();
    assert!(matches!(other, ConfirmError::OtherTopology { .. }), "{other}");
}
