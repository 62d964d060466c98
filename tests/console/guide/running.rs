//! Run and Verify: followed to the end; what can be asked of a run, with a sentence that is kept.

use switchboard::app::guide::{Item, Step};
use switchboard::app::{Effect, Event, Page};
use switchboard::domain::act::Refusal;
use switchboard::failover::plan::Plan;
use switchboard::failover::run::{Ask, End, State};

use super::office::Story;
use super::tale::Tale;

/// A run that was confirmed here.
fn started() -> (Story, Tale) {
    let mut story = Story::new("dns");
    story.press("f");
    story.look("Enter");
    story.press("Enter");
    let plan: Plan = story.plan().clone();
    let effects = story.confirm();
    let [Effect::Confirm { ticket, .. }] = &effects[..] else { panic!("{effects:?}") };
    story.event(Event::Confirmed { ticket: *ticket, run: Ok(plan.id.clone()) });
    let tale = Tale::new(&plan, story.model.now);
    (story, tale)
}

/// A run whose move was refused, so that somebody has to decide.
fn halted() -> (Story, Tale) {
    let (mut story, mut tale) = started();
    tale.claimed();
    tale.checked("verify-target", 9, switchboard::failover::run::Check::Passed, "both answer");
    tale.refused("move", "192.0.2.53:53 over TCP", Refusal::Policy, "REFUSED");
    tale.living = false;
    assert_eq!(tale.state(), State::Halted);
    story.event(tale.event());
    (story, tale)
}

fn asks(effects: &[Effect]) -> Vec<(&Ask, Option<&str>)> {
    let ask = |effect: &Effect| matches!(effect, Effect::AskRun { .. });
    assert!(effects.iter().all(ask), "{effects:?}");
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::AskRun { asked, reason, .. } => Some((asked, reason.as_deref())),
            _ => None,
        })
        .collect()
}

#[test]
fn the_dialog_follows_its_run_from_run_to_verify_to_its_end() {
    let (mut story, tale) = started();
    assert_eq!(story.guide().step, Step::Run);
    story.event(tale.event());
    assert_eq!(story.guide().step, Step::Run);
    let mut tale = Tale::moved(&tale.plan(), tale.at());
    story.event(tale.event());
    assert_eq!(story.guide().step, Step::Verify, "from the last change on it only watches");
    tale.completes();
    story.event(tale.event());
    assert_eq!(story.guide().step, Step::Verify);
    assert_eq!(
        story.model.runs.carried_away(&crate::fixture::site("Tukwila")).map(|view| view.run.state()),
        Some(State::Ended(End::Completed))
    );
    story.press("Esc");
    assert!(story.model.guide().is_none());
    story.press("b");
    assert!(
        story.guide().asked
            == switchboard::app::guide::Asked::Site { site: crate::fixture::site("Tukwila"), back: true }
    );
}

#[test]
fn a_halted_run_offers_the_safe_thing_first_and_wants_a_sentence_for_the_others() {
    let (mut story, _) = halted();
    let items = story.guide().items(&story.model);
    let offers: Vec<&Ask> = items
        .iter()
        .map(|item| match item {
            Item::Offer(ask) => ask,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(offers, [&Ask::Hold, &Ask::Resume, &Ask::RollBack, &Ask::Abandon]);
    assert_eq!(asks(&story.press("Enter")), [(&Ask::Hold, None)]);
    assert_eq!(asks(&story.press("Down Enter")), [(&Ask::Resume, None)]);
    assert_eq!(story.press("Down Enter"), [], "asks again");
    assert_eq!(story.press("Enter"), [], "an empty sentence is none");
    assert_eq!(story.prompt().problem.as_deref(), Some("type something, or go back"));
    story.enter("INC-7: back to where it was");
    assert_eq!(asks(&story.press("Enter")), [(&Ask::RollBack, Some("INC-7: back to where it was"))]);
    story.press("End");
    story.press("Enter");
    story.press("Esc");
    assert_eq!(story.guide().step, Step::Run, "Esc leaves the run alone");
}

#[test]
fn every_key_about_a_run_asks_again_before_it_asks_the_run() {
    for (key, ask) in [("B", Ask::RollBack), ("X", Ask::Abort)] {
        let (mut story, tale) = started();
        let tale = Tale::moved(&tale.plan(), tale.at());
        story.event(tale.event());
        assert_eq!(story.press(key), []);
        story.enter("INC-7: wrong site");
        assert_eq!(asks(&story.press("Enter")), [(&ask, Some("INC-7: wrong site"))]);
    }
    let (mut story, tale) = started();
    story.event(tale.event());
    assert_eq!(story.press("C"), []);
    assert_eq!(story.notice(), "not now: no run here waits for a call");
    let tale = Tale::moved(&tale.plan(), tale.at());
    story.event(tale.event());
    assert_eq!(story.press("C"), []);
    story.enter("+1 425 555 0100, the greeting of Tukwila");
    assert_eq!(asks(&story.press("Enter")), [(&Ask::Confirm, Some("+1 425 555 0100, the greeting of Tukwila"))]);
}

#[test]
fn what_nothing_was_changed_by_cannot_be_rolled_back() {
    let (mut story, tale) = started();
    story.event(tale.event());
    assert_eq!(story.press("B"), []);
    assert_eq!(story.notice(), "not now: no run here can be rolled back");
}

#[test]
fn a_run_whose_executor_died_waits_for_a_word() {
    let (mut story, tale) = started();
    let mut tale = Tale::moved(&tale.plan(), tale.at());
    tale.living = false;
    tale.last_words = Some("killed");
    story.event(tale.event());
    let offers: Vec<Item> = story.guide().items(&story.model);
    assert_eq!(offers[0], Item::Offer(Ask::Hold));
    assert!(offers.contains(&Item::Offer(Ask::RollBack)));
}

#[test]
fn a_console_that_only_watches_follows_runs_and_asks_nothing_of_them() {
    let (mut story, tale) = halted();
    story.model.settings.read_only = true;
    assert!(story.guide().items(&story.model).is_empty());
    for key in ["Enter", "B", "X", "C", "Down", "Enter"] {
        assert_eq!(story.press(key), [], "{key}");
    }
    assert_eq!(story.model.dialogs.len(), 1);
    story.press("Esc 6");
    story.event(tale.event());
    story.press("Enter");
    assert_eq!(story.guide().step, Step::Run, "it can be opened");
}

#[test]
fn a_run_of_somebody_else_is_found_attached_to_and_taken_over_with_a_sentence() {
    let (mut story, tale) = halted();
    story.press("Esc");
    story.model.settings.operator = "bob@jump-tuk1".into();
    story.press("6 Enter");
    assert_eq!((story.model.page, story.guide().run.as_ref()), (Page::Runs, Some(&tale.plan().id)));
    story.select(|item| *item == Item::Offer(Ask::TakeOver));
    story.press("Enter");
    story.enter("INC-7: Ana went home");
    assert_eq!(asks(&story.press("Enter")), [(&Ask::TakeOver, Some("INC-7: Ana went home"))]);
}

#[test]
fn what_was_left_to_do_is_closed_by_hand_with_a_sentence() {
    let (mut story, tale) = started();
    let mut tale = Tale::moved(&tale.plan(), tale.at());
    tale.completes();
    story.event(tale.event());
    assert!(story.model.runs.left_to_do().count() > 0);
    assert_eq!(story.guide().items(&story.model), [Item::Offer(Ask::Close)]);
    story.press("Enter");
    story.enter("DNS registration is off on both");
    assert_eq!(asks(&story.press("Enter")), [(&Ask::Close, Some("DNS registration is off on both"))]);
}

#[test]
fn closing_the_dialog_leaves_the_run_running_and_quitting_asks_once() {
    let (mut story, tale) = started();
    story.event(tale.event());
    assert_eq!(story.press("Esc"), []);
    assert!(story.model.guide().is_none());
    assert_eq!(story.press("q"), []);
    assert!(story.notice().contains("goes on without this console"), "{}", story.notice());
    // Another key than the one that was warned of does not quit.
    assert_eq!(story.press("ctrl-c"), []);
    assert_eq!(story.press("q"), []);
    assert_eq!(story.press("q"), [Effect::Quit]);
}

#[test]
fn the_pages_of_a_timeline_go_back_in_time_upwards() {
    let (mut story, tale) = started();
    let mut tale = Tale::moved(&tale.plan(), tale.at());
    tale.waits_for_caches(40);
    story.event(tale.event());
    story.press("PageDown");
    assert_eq!(story.guide().top, 0, "there is nothing newer");
    story.press("PageUp");
    assert!(story.guide().top > 0);
    story.press("PageDown");
    assert_eq!(story.guide().top, 0);
}

#[test]
fn a_run_that_turns_back_unless_somebody_says_that_it_serves_says_so_when_its_console_ends() {
    let (mut story, tale) = started();
    let tale = Tale::confirmed_with(&tale.plan(), tale.at(), Some(10));
    story.event(tale.event());
    let text = switchboard::report::summary(&story.model);
    let id = tale.plan().id.clone();
    assert!(text.contains("turns back by itself after 10 min"), "{text}");
    assert!(text.contains(&format!("switchboard runs confirm {id}")), "{text}");
}
