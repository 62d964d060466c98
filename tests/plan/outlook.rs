//! What a plan means to people, from the plan alone.

use switchboard::domain::act::Verb;
use switchboard::failover::outlook;
use switchboard::failover::plan::{Content, Plan};
use switchboard::failover::planner::service_plan;

use crate::fixture::*;
use crate::world::World;

fn judged(design: &str, emergency: bool, words: &[&str]) -> Content {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    let mut world = World::new(design, emergency, &words);
    world.settle();
    let content = plan(&world.topology, &world.picture, &world.seen, &world.request).unwrap();
    world.judge_plan(content, &words, |_| true)
}

#[test]
fn a_planned_move_by_dns_says_why_what_callers_meet_and_how_long() {
    let plan = judged("dns", false, &[]);
    assert_eq!(outlook::mode(&plan), "planned: Tukwila is up");
    assert_eq!(
        outlook::callers(&plan),
        "Calls in progress go on. New ones reach um1 and um2 until each cache follows, 60 s at most, and um3 and um4 from then on."
    );
    assert_eq!(outlook::takes(&plan), "at most about 3 min: 1 message, at once, caches up to 60 s, watched for 120 s");
    assert_eq!(
        outlook::undo(&plan),
        "one message that restores exactly: um1.tukwila.contoso.com 60 A 192.0.2.11; um2.tukwila.contoso.com 60 A 192.0.2.12. At any time"
    );
}

#[test]
fn a_dead_site_is_left_with_other_words() {
    let plan = judged("dns", true, &[]);
    assert_eq!(outlook::mode(&plan), "emergency: Tukwila is down");
    assert!(
        outlook::callers(&plan).starts_with("Until each cache follows, 60 s at most, Lync still tries um1 and um2;")
    );
    let plan = judged("enabling", true, &[]);
    assert!(
        outlook::callers(&plan)
            .starts_with("Until um3 and um4 have taken the change up, Lync still tries um1 and um2;")
    );
}

#[test]
fn a_mode_that_the_site_does_not_bear_out_says_so() {
    let plan = judged("dns", true, &["ask mode planned"]);
    assert_eq!(
        outlook::mode(&plan),
        "planned, graded as an emergency: Tukwila is down: this is an emergency (--mode emergency)"
    );
    let plan = judged("dns", true, &["um1 up", "um2 up"]);
    assert_eq!(outlook::mode(&plan), "emergency, graded as a planned one: Tukwila is up: say why this is an emergency");
}

#[test]
fn commands_are_counted_with_their_longest_wait_and_their_last_point_of_return() {
    let plan = judged("enabling", false, &[]);
    assert_eq!(outlook::takes(&plan), "at most about 74 min: 6 commands, each seen within 12 min, watched for 120 s");
    assert_eq!(
        outlook::undo(&plan),
        "every command backwards, the last one first. Last point of return: step 6, drain-um2"
    );
    assert!(outlook::callers(&plan).starts_with("um3 and um4 come into service first, then um1 and um2 are drained"));
}

#[test]
fn one_servers_service_state_is_a_plan_of_its_own() {
    let world = World::new("enabling", false, &[]);
    let (server, request) = (name(UM3), over("Dublin"));
    let plan =
        service_plan(&world.topology, &world.picture, &world.seen, &server, Verb::Enable, &request, &making()).unwrap();
    assert_eq!(outlook::mode(&plan), "planned: one server's service state");
    assert_eq!(outlook::callers(&plan), "um3 gets calls as soon as it has taken the change up.");
}

#[test]
fn the_text_of_a_plan_says_it_too() {
    let plan = Plan::seal(judged("dns", false, &[]));
    let text = switchboard::failover::runbook::review(&plan);
    for (_, said) in outlook::in_short(&plan) {
        assert!(text.contains(&said), "{said}\n{text}");
    }
    assert_eq!(outlook::owners(&plan)[0].0, "DNS team +1 425 555 0120");
}
