//! A plan whose world has moved on is disarmed, and says what changed.

use std::sync::Arc;

use switchboard::app::event::Reread;
use switchboard::app::guide::Step;
use switchboard::app::{Effect, Event};
use switchboard::domain::name::Fqdn;
use switchboard::domain::observation::{DnsKind, Outcome, SipFailure};
use switchboard::domain::server::ServiceState;
use switchboard::failover::plan::{Plan, RunId};

use super::office::Story;
use super::tale::Tale;
use crate::fixture::{UM1, UM2, UM3, name};
use crate::support::{answer, dns, states};

fn reviewed(design: &'static str) -> Story {
    let mut story = Story::new(design);
    if design == "enabling" {
        story.model.settings.operator = "ana@jump-dub1".into();
    }
    story.press("f");
    story.look("Enter");
    assert!(story.guide().changed.is_empty());
    story
}

fn changed(story: &Story) -> String {
    story.guide().changed.join("\n")
}

#[test]
fn a_stand_in_that_dies_disarms_the_plan_in_the_middle_of_the_phrase() {
    let mut story = reviewed("dns");
    story.press("Enter");
    story.enter("Tukwila-");
    story.observe(3, &|name: &Fqdn| (name.host() == "um4").then_some(Err(SipFailure::Refused)));
    let guide = story.guide();
    assert_eq!((guide.step, guide.phrase.value()), (Step::Review, ""));
    assert!(changed(&story).contains("um4.dublin.contoso.com: up, Enabled, name home → down, Enabled, name home"));
    let why = story.guide().not_ready(story.model.now);
    assert_eq!(why.as_deref(), Some("what the plan was made against has changed: look again"));
    assert!(matches!(&story.press("Enter")[..], [Effect::MakePlan(_)]), "Enter looks again, and confirms nothing");
}

#[test]
fn when_the_world_is_as_it_was_the_plan_is_armed_again() {
    let mut story = reviewed("dns");
    story.observe(3, &|name: &Fqdn| (name.host() == "um4").then_some(Err(SipFailure::Refused)));
    assert_eq!(story.guide().changed.len(), 1, "{}", changed(&story));
    story.observe(5, &|_| None);
    assert!(story.guide().changed.is_empty());
    assert_eq!(story.guide().not_ready(story.model.now), None);
}

#[test]
fn somebody_elses_server_disarms_nothing() {
    let mut story = Story::new("dns");
    story.press("f");
    story.select_pair("um2");
    story.press("x");
    story.look("Enter");
    story.observe(3, &|name: &Fqdn| (name.as_str() == "fe02.contoso.com").then_some(Err(SipFailure::Refused)));
    assert!(story.guide().changed.is_empty(), "{}", changed(&story));
}

#[test]
fn a_service_state_that_changes_is_told() {
    let mut story = reviewed("dns");
    let now = story.model.now;
    let mut report = states(&story.model.topology, now);
    if let Outcome::State(Ok(report)) = &mut report.outcome {
        report.servers.get_mut(&name(UM3)).unwrap().state = ServiceState::Disabled;
    }
    story.event(Event::Observed(vec![report]));
    assert!(changed(&story).contains("um3.dublin.contoso.com: up, Enabled, name home → up, Disabled, name home"));
    assert_eq!(story.guide().changed.len(), 1, "and once: {}", changed(&story));
}

#[test]
fn another_member_of_the_dial_plan_that_goes_out_of_service_is_told() {
    let mut story = Story::new("dns");
    story.press("f");
    story.select_pair("um2");
    story.press("x");
    story.look("Enter");
    story.observe(3, &|name: &Fqdn| (name.host() == "um4").then_some(Err(SipFailure::Refused)));
    let told = changed(&story);
    assert_eq!(told, "um4.dublin.contoso.com, another member of a dial plan: in service → not in service");
}

#[test]
fn a_name_that_somebody_else_moves_is_told() {
    let mut story = reviewed("dns");
    let now = story.model.now;
    let servers: Vec<_> =
        story.model.topology.dns_servers().filter(|server| server.1 == DnsKind::Authoritative).collect();
    let moved = servers.into_iter().map(|(server, kind)| {
        let mut said = dns(&story.model.topology, server, kind, now);
        if let Outcome::Dns(outcome) = &mut said.outcome {
            outcome.names.get_mut(&name(UM2)).unwrap().as_mut().unwrap().a = vec![[192, 0, 2, 24].into()];
        }
        said
    });
    let all = moved.collect();
    story.event(Event::Observed(all));
    let told = changed(&story);
    assert!(told.contains("um2.tukwila.contoso.com: up, Enabled, name home → up, Enabled, name at um4"), "{told}");
}

#[test]
fn a_member_that_is_taken_out_of_its_dial_plan_is_told() {
    let mut story = reviewed("dns");
    let now = story.model.now;
    let mut report = states(&story.model.topology, now);
    if let Outcome::State(Ok(report)) = &mut report.outcome {
        report.servers.get_mut(&name(UM3)).unwrap().dial_plans.retain(|plan| plan.as_str() != "Tukwila.contoso.com");
    }
    story.event(Event::Observed(vec![report]));
    let told = changed(&story);
    assert!(told.contains("members of dial plan Tukwila.contoso.com: um1 um2 um3 um4 → um1 um2 um4"), "{told}");
}

#[test]
fn another_run_over_the_same_servers_is_told_and_its_end_arms_the_plan_again() {
    let mut story = reviewed("dns");
    let mut content = (**story.plan()).clone();
    content.id = RunId::new(story.model.now, 7);
    let mut rival = Tale::new(&Plan::seal(content), story.model.now);
    story.event(rival.event());
    assert!(changed(&story).contains("another run goes on: "), "{}", changed(&story));
    rival.decided(switchboard::failover::run::Ask::Abort, "bob@other", "wrong site");
    rival.closed(switchboard::failover::run::End::Cancelled);
    story.event(rival.event());
    assert!(story.guide().changed.is_empty());
}

#[test]
fn a_topology_file_that_is_read_again_under_a_plan_is_told() {
    let mut story = reviewed("dns");
    story.later(5);
    let again = Arc::new((*story.model.topology).clone());
    story.event(Event::TopologyRead(Ok(Reread(again))));
    assert!(changed(&story).contains("the topology file was read again"), "{}", changed(&story));
}

#[test]
fn what_changes_while_the_plan_is_being_made_has_changed_since() {
    let mut story = Story::new("dns");
    story.press("f");
    let effects = story.press("Enter");
    story.observe(3, &|name: &Fqdn| (name.host() == "um4").then_some(Err(SipFailure::Refused)));
    story.bring(&effects);
    assert!(changed(&story).contains("um4.dublin.contoso.com"), "{}", changed(&story));
}

#[test]
fn what_was_not_known_when_the_plan_was_asked_for_and_is_as_the_plan_has_it_is_no_change() {
    // As after a start: the wire has answered, the state command has not.
    let mut story = Story::new("dns");
    let fresh = crate::support::model((*story.model.topology).clone());
    story.model = fresh;
    story.press("f");
    story.look("Enter");
    story.observe(1, &|_| None);
    assert_eq!(story.guide().changed, Vec::<String>::new());
    assert_eq!(story.guide().not_ready(story.model.now), None);
    let now = story.model.now;
    let mut report = states(&story.model.topology, now);
    if let Outcome::State(Ok(report)) = &mut report.outcome {
        report.servers.get_mut(&name(UM3)).unwrap().state = ServiceState::NoNewCalls;
    }
    story.event(Event::Observed(vec![report]));
    assert!(changed(&story).contains("um3.dublin.contoso.com: "), "{}", changed(&story));
}

#[test]
fn what_turns_out_dead_after_the_plan_was_asked_for_is_a_change() {
    let mut story = Story::new("dns");
    story.model = crate::support::model((*story.model.topology).clone());
    story.press("f");
    story.look("Enter");
    story.observe(1, &|name: &Fqdn| (name.host() == "um4").then_some(Err(SipFailure::Refused)));
    assert_eq!(story.guide().changed.len(), 1, "{}", changed(&story));
    assert!(changed(&story).starts_with("um4.dublin.contoso.com: unknown, state not known"), "{}", changed(&story));
}

#[test]
fn a_plan_that_goes_home_is_about_the_same_servers() {
    let mut story = reviewed("enabling");
    story.observe(3, &|name: &Fqdn| match name.host() {
        "um3" => Some(Ok(answer(200, "OK", 20))),
        _ => None,
    });
    assert!(story.guide().changed.iter().all(|told| !told.starts_with(UM1)), "{}", changed(&story));
}

#[test]
fn going_back_to_the_choices_forgets_what_changed_under_the_plan() {
    let mut story = reviewed("dns");
    story.observe(3, &|name: &Fqdn| (name.host() == "um4").then_some(Err(SipFailure::Refused)));
    story.press("Esc");
    assert!(story.guide().changed.is_empty());
    assert_eq!(story.guide().step, Step::Choose);
    assert!(story.guide().choices.servers.contains(&name(UM2)));
}
