//! Review: the plan as it would run; leaving out, mapping, reasons, looking again.

use switchboard::app::guide::{Item, Step};
use switchboard::app::{Effect, Event};
use switchboard::failover::plan::{Column, Mode, Verdict};

use super::office::{Story, asked};
use crate::fixture::{UM2, UM3, name};

/// A plan in review, with a standby that keeps silent: a reason is wanted.
fn with_silent_standby() -> Story {
    let mut story = Story::new("dns").finding(&["fact rehearsal um4 silent"]);
    story.press("f");
    story.look("Enter");
    story
}

fn reason(story: &mut Story, rule: &str, text: &str) -> Vec<Effect> {
    story.select_rule(rule);
    story.press("o");
    (0..80).for_each(|_| drop(story.press("Backspace")));
    story.enter(text);
    story.press("Enter")
}

fn outcome<'a>(story: &'a Story, rule: &str) -> Vec<(&'a str, Option<&'a str>)> {
    let outcomes = story.plan().rules.iter().filter(|outcome| outcome.id == rule);
    let wanting = outcomes.filter(|outcome| outcome.outcome == Verdict::Reason);
    wanting.map(|outcome| (outcome.subject.as_str(), outcome.given.as_deref())).collect()
}

#[test]
fn what_was_planned_is_reviewed_and_enter_goes_on_to_the_phrase() {
    let mut story = Story::new("dns");
    story.press("f");
    story.look("Enter");
    assert_eq!((story.guide().step, story.guide().not_ready(story.model.now)), (Step::Review, None));
    assert_eq!(story.press("Enter"), []);
    assert_eq!(story.guide().step, Step::Confirm);
    story.press("Esc");
    assert_eq!(story.guide().step, Step::Review);
    story.press("Esc");
    assert_eq!(story.guide().step, Step::Choose);
    story.press("Esc");
    assert!(story.model.guide().is_none());
}

#[test]
fn rules_in_the_way_keep_enter_from_going_on() {
    let mut story = with_silent_standby();
    assert_eq!(story.press("Enter"), []);
    assert_eq!((story.guide().step, story.told()), (Step::Review, "one rule stands in the way"));
}

#[test]
fn a_server_is_left_out_and_taken_in_again_from_the_line_of_its_rule() {
    let mut story = with_silent_standby();
    story.select_rule("standby-answers-as-name");
    story.look("x");
    let out: Vec<&str> = story.plan().left_out.iter().map(|out| out.server.host()).collect();
    assert_eq!((out, story.guide().not_ready(story.model.now)), (vec!["um2"], None));
    story.select_pair("um2");
    story.look("x");
    assert!(story.plan().left_out.is_empty());
    story.select_rule("standby-answers-as-name");
    story.look("t");
    let pair = story.plan().pairs.iter().find(|pair| pair.server == name(UM2)).unwrap();
    assert_eq!(pair.enters, name(UM3), "mapped to the one that answers");
}

#[test]
fn a_key_that_is_held_down_looks_once_and_the_newest_choice_is_looked_at_next() {
    let mut story = with_silent_standby();
    let first = story.press("r");
    assert_eq!(story.press("r r r r"), [], "one look after the other");
    story.select_pair("um2");
    assert_eq!(story.press("x x x"), [], "what was asked is still on its way");
    let next = story.bring(&first);
    assert_eq!(asked(&next).request.leave_out, [name(UM2)].into(), "asked for again, as it was chosen since");
    assert!(story.plan().left_out.is_empty(), "the answer to the older question is not taken");
    story.bring(&next);
    assert_eq!(story.plan().left_out.len(), 1);
}

#[test]
fn a_plan_that_comes_late_is_not_taken_for_the_one_that_is_waited_for() {
    let mut story = Story::new("dns");
    story.press("f");
    let older = story.press("Enter");
    story.press("Esc f");
    story.select_pair("um1");
    story.press("x");
    let newer = story.press("Enter");
    assert!(asked(&newer).ticket > asked(&older).ticket);
    story.bring(&older);
    assert!(story.guide().plan().is_none() && story.guide().waits.is_some());
    story.bring(&newer);
    assert_eq!(story.plan().left_out.len(), 1);
    let hash = story.plan().hash().to_owned();
    story.bring(&older);
    assert_eq!(story.plan().hash(), hash);
}

#[test]
fn a_reason_is_sealed_into_the_plan_at_once_and_the_phrase_is_another_one_then() {
    let mut story = with_silent_standby();
    let before = story.plan().confirm();
    assert_eq!(reason(&mut story, "standby-answers-as-name", "INC-7: we called it, it is well"), [], "nobody is asked");
    assert_eq!(
        outcome(&story, "standby-answers-as-name"),
        [("um4.dublin.contoso.com um as um2.tukwila.contoso.com", Some("INC-7: we called it, it is well"))]
    );
    assert_eq!(story.guide().not_ready(story.model.now), None);
    assert_ne!(story.plan().confirm(), before);
    let effects = story.press("r");
    assert_eq!(asked(&effects).reasons.len(), 1, "and it goes along with the next look");
}

#[test]
fn a_reason_that_says_nothing_is_refused_and_the_line_stays_to_be_mended() {
    let mut story = with_silent_standby();
    for nothing in ["", "x", "no"] {
        reason(&mut story, "standby-answers-as-name", nothing);
        let problem = story.prompt().problem.clone().unwrap();
        assert!(problem.contains("says nothing"), "{problem}");
        story.press("Esc");
        assert!(story.plan().obstacles().count() == 1 && story.guide().choices.reasons.is_empty());
    }
}

#[test]
fn no_reason_is_asked_for_where_none_could_be_taken() {
    let mut story = Story::new("dns").finding(&["later um4 down refused", "fact completed unread"]);
    story.press("f");
    story.look("Enter");
    story.select_rule("target-not-down");
    story.press("o");
    assert!(story.told().starts_with("target-not-down forbids this run"), "{}", story.told());
    assert!(!matches!(story.model.dialogs.last(), Some(switchboard::app::Dialog::Prompt(_))));
}

#[test]
fn a_word_about_the_site_itself_changes_how_everything_is_judged_so_it_is_planned_anew() {
    let mut story = Story::new("dns");
    story.press("f M");
    story.look("Enter");
    assert_eq!((story.plan().mode, story.plan().column), (Mode::Emergency, Column::Planned));
    let effects = reason(&mut story, "source-needs-it", "INC-7: callers get nothing, I called");
    let ask = asked(&effects);
    assert_eq!(ask.request.attested.as_deref(), Some("INC-7: callers get nothing, I called"));
    story.bring(&effects);
    assert_eq!(story.plan().column, Column::Emergency);
    assert_eq!(outcome(&story, "source-needs-it"), [("Tukwila", Some("INC-7: callers get nothing, I called"))]);
}

#[test]
fn what_was_answered_for_one_mode_is_no_answer_for_the_other() {
    let mut story = Story::new("dns");
    story.press("f M");
    story.look("Enter");
    let effects = reason(&mut story, "source-needs-it", "INC-7: callers get nothing, I called");
    story.bring(&effects);
    story.look("M");
    assert!(story.guide().choices.reasons.is_empty());
    let effects = story.press("M");
    assert_eq!(asked(&effects).request.attested, None);
}

#[test]
fn a_reason_is_taken_back_when_its_rule_says_more_than_what_was_answered() {
    let mut story = with_silent_standby();
    reason(&mut story, "standby-answers-as-name", "INC-7: we called it, it is well");
    story.look("r");
    assert!(story.told().starts_with("looked again: nothing has changed"), "{}", story.told());
    assert_eq!(story.guide().not_ready(story.model.now), None, "the reason holds for what it was given for");
    story.find(&["fact rehearsal um4 silent", "fact rehearsal um3 silent"]);
    story.look("r");
    assert!(story.told().starts_with("standby-answers-as-name says more now"), "{}", story.told());
    assert!(outcome(&story, "standby-answers-as-name").iter().all(|said| said.1.is_none()));
    assert_eq!(story.guide().not_ready(story.model.now).as_deref(), Some("2 rules stand in the way"));
}

#[test]
fn a_reason_that_is_typed_while_it_is_looked_again_is_given_to_the_plan_that_comes() {
    let mut story = with_silent_standby();
    let effects = story.press("r");
    reason(&mut story, "standby-answers-as-name", "INC-7: we called it, it is well");
    story.bring(&effects);
    assert_eq!(story.guide().not_ready(story.model.now), None);
}

#[test]
fn a_reason_for_a_plan_that_went_away_meanwhile_is_not_swallowed() {
    let mut story = with_silent_standby();
    let effects = story.press("r");
    story.select_rule("standby-answers-as-name");
    story.press("o");
    story.enter("INC-7: we called it");
    let ticket = asked(&effects).ticket;
    story.event(Event::PlanMade { ticket, made: Err("the primary did not answer".into()) });
    story.press("Enter");
    assert_eq!(story.prompt().problem.as_deref(), Some("there is no plan any more: look again"));
    assert_eq!(story.prompt().input.value(), "INC-7: we called it");
    story.press("Esc");
    assert_eq!((story.guide().step, story.told()), (Step::Choose, "the primary did not answer"));
}

#[test]
fn a_plan_expires_and_one_key_renews_it_with_its_reasons() {
    let mut story = with_silent_standby();
    reason(&mut story, "standby-answers-as-name", "INC-7: we called it, it is well");
    let older = story.plan().confirm();
    story.watch(595);
    assert_eq!(story.guide().not_ready(story.model.now), None);
    story.later(5);
    assert_eq!(
        story.guide().not_ready(story.model.now).as_deref(),
        Some("the plan is older than 10 minutes: look again")
    );
    story.look("Enter");
    assert_eq!(story.told(), "looked again: nothing has changed; type the new phrase");
    assert_eq!(story.guide().not_ready(story.model.now), None);
    assert_ne!(story.plan().confirm(), older);
}

#[test]
fn what_a_second_look_finds_is_told() {
    let mut story = Story::new("dns");
    story.press("f");
    story.look("Enter");
    story.find(&["fact rehearsal um4 silent"]);
    story.look("r");
    assert_eq!(story.told(), "looked again: a rule says something worse now");
    story.find(&["record um2 ttl 30"]);
    story.look("r");
    assert_eq!(story.told(), "looked again: the plan is another one now, read it again");
}

#[test]
fn the_dry_run_shows_the_exact_messages_and_enter_there_goes_nowhere() {
    let mut story = Story::new("dns");
    story.press("f D p");
    assert_eq!(story.notice(), "not now: there is no plan yet");
    story.look("Enter");
    story.press("D");
    assert!(story.guide().script);
    let script = story.guide().made.as_ref().unwrap().script.join("\n");
    assert!(script.contains("update add um1.tukwila.contoso.com. 60 A 192.0.2.23"), "{script}");
    story.press("Enter");
    assert_eq!((story.guide().step, story.guide().script), (Step::Review, false));
    story.press("D Esc");
    assert_eq!((story.guide().step, story.guide().script), (Step::Review, false));
}

#[test]
fn the_runbook_is_written_where_it_is_said() {
    let mut story = Story::new("dns");
    story.press("f");
    story.look("Enter");
    story.press("p");
    let name = format!("runbook-{}.txt", story.plan().confirm());
    assert_eq!(story.prompt().input.value(), name);
    let effects = story.press("Enter");
    assert!(matches!(&effects[..], [Effect::Write { path, .. }] if *path == name), "{effects:?}");
}

#[test]
fn a_plan_made_anew_keeps_the_line_that_is_meant() {
    let mut story = with_silent_standby();
    story.select_pair("um2");
    story.find(&["fact rehearsal um4 silent", "fact rehearsal um3 silent"]);
    story.look("r");
    assert_eq!(story.guide().chosen, Some(Item::Pair(name(UM2))));
}

#[test]
fn a_plan_that_is_prepared_is_left_on_purpose_only() {
    let mut story = Story::new("dns");
    story.press("f");
    story.look("Enter");
    for key in ["3", "/", "6", "z"] {
        assert_eq!(story.press(key), []);
        assert_eq!(story.guide().step, Step::Review, "{key}");
        assert!(story.notice().starts_with("not now: a failover is being prepared"), "{key}: {}", story.notice());
    }
    story.press(":");
    story.enter("server um1");
    story.press("Enter");
    assert!(story.notice().contains("a failover is being prepared"), "{}", story.notice());
    story.press("Esc");
    assert_eq!(story.guide().step, Step::Review);
    assert_eq!(story.press("q"), [], "it would be lost");
    assert_eq!(story.press("q"), [Effect::Quit]);
}

#[test]
fn keys_do_nothing_to_what_lies_hidden_under_the_dialog() {
    let mut story = Story::without("dns", &["um4"]);
    story.press("Tab Tab");
    assert!(story.model.finding_in_hand().is_some());
    story.press("f");
    assert_eq!(story.press("a"), []);
    assert_eq!((story.model.finding_in_hand(), story.notice()), (None, "not now: select a finding first"));
    assert_eq!(story.press("w"), []);
    assert_eq!(story.model.dialogs.len(), 1);
}
