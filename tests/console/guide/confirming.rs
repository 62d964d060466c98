//! Confirm: nothing but the plan's own phrase, once.

use switchboard::app::guide::Step;
use switchboard::app::{Effect, Event};

use super::office::Story;

fn at_the_phrase() -> Story {
    let mut story = Story::new("dns");
    story.press("f");
    story.look("Enter");
    story.press("Enter");
    assert_eq!(story.guide().step, Step::Confirm);
    story
}

#[test]
fn enter_alone_never_confirms_however_often_it_is_pressed() {
    let mut story = Story::new("dns");
    story.press("f");
    let mut sent = story.look("Enter");
    for _ in 0..10 {
        sent.extend(story.press("Enter"));
    }
    assert_eq!(sent, []);
    let phrase = story.plan().confirm();
    assert_eq!(story.told(), format!("that is not the phrase of this plan, {phrase}; nothing was changed"));
}

#[test]
fn the_phrase_confirms_exactly_the_plan_that_was_read() {
    let mut story = Story::new("dns");
    story.press("f");
    story.select(|item| *item == switchboard::app::guide::Item::CommitConfirm);
    story.press("Right");
    story.look("Enter");
    let plan = story.plan().clone();
    story.press("Enter");
    let effects = story.confirm();
    let [Effect::Confirm { plan: sent, phrase, commit_confirm, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((&**sent, phrase, *commit_confirm), (&plan, &plan.confirm(), Some(10)));
}

#[test]
fn another_phrase_does_not() {
    let mut story = at_the_phrase();
    let right = story.plan().confirm();
    let (site, digits) = right.split_once('-').unwrap();
    let turned: String = digits.chars().rev().collect();
    for wrong in [
        site.to_owned(),
        format!("{site}-"),
        digits.to_owned(),
        format!("tukwila-{digits}"),
        format!("Dublin-{digits}"),
        format!("{site}-{turned}"),
        format!("{right}0"),
    ] {
        if wrong == right {
            continue;
        }
        story.enter(&wrong);
        assert_eq!(story.press("Enter"), [], "{wrong}");
        assert!(story.told().contains("nothing was changed"), "{wrong}");
        story.press("ctrl-u");
    }
    story.enter(&format!(" {site}-{} ", digits.to_uppercase()));
    assert_eq!(story.press("Enter").len(), 1, "blanks around it and capital digits are no other phrase");
}

#[test]
fn the_phrase_of_an_older_plan_does_not() {
    let mut story = at_the_phrase();
    let older = story.plan().confirm();
    story.press("Esc");
    story.later(60);
    story.look("r");
    story.press("Enter");
    assert_ne!(story.plan().confirm(), older);
    story.enter(&older);
    assert_eq!(story.press("Enter"), []);
    assert!(story.told().starts_with("that is not the phrase of this plan"), "{}", story.told());
}

#[test]
fn pasted_text_is_text_and_never_a_key() {
    let mut story = at_the_phrase();
    let phrase = story.plan().confirm();
    assert_eq!(story.event(Event::Pasted(format!("{phrase}\r\n"))), [], "the line's end confirms nothing");
    assert_eq!(story.guide().phrase.value(), phrase);
    assert_eq!(story.press("Enter").len(), 1);
    let mut story = at_the_phrase();
    assert_eq!(story.event(Event::Pasted("q\u{1b}[A\u{3}x".into())), []);
    assert_eq!((story.guide().step, story.guide().phrase.value()), (Step::Confirm, "q[Ax"));
}

#[test]
fn a_confirmation_is_sent_once_and_no_key_does_anything_until_its_answer() {
    let mut story = at_the_phrase();
    let sent = story.confirm();
    assert_eq!(sent.len(), 1);
    for key in ["Enter", "r", "x", "t", "M", "o", "D", "1", "f"] {
        assert_eq!(story.press(key), [], "{key}");
        assert!(story.guide().sent && story.guide().waits.is_some(), "{key}");
    }
    assert_eq!(story.press("q"), [], "a run is being started");
    assert!(story.notice().starts_with("a run is being started"), "{}", story.notice());
    let (ticket, run) = answered(&sent);
    story.event(Event::Confirmed { ticket, run: Ok(run.clone()) });
    assert_eq!((story.guide().step, story.guide().run.as_ref()), (Step::Run, Some(&run)));
}

fn answered(sent: &[Effect]) -> (u64, switchboard::failover::plan::RunId) {
    match sent {
        [Effect::Confirm { ticket, plan, .. }] => (*ticket, plan.id.clone()),
        other => panic!("nothing was confirmed: {other:?}"),
    }
}

#[test]
fn a_refusal_leads_back_to_the_review_and_says_why() {
    let mut story = at_the_phrase();
    let (ticket, _) = answered(&story.confirm());
    story.event(Event::Confirmed { ticket, run: Err("the journal cannot be fsynced: disk full".into()) });
    let guide = story.guide();
    assert_eq!((guide.step, guide.sent, guide.phrase.value()), (Step::Review, false, ""));
    assert_eq!(story.told(), "the journal cannot be fsynced: disk full");
    story.press("Enter");
    assert_eq!(story.confirm().len(), 1, "it can be confirmed again");
}

#[test]
fn whoever_closes_the_dialog_before_the_answer_is_told_all_the_same() {
    for (run, told) in
        [(true, "was started; the screen Runs shows it"), (false, "the failover was not started: no room")]
    {
        let mut story = at_the_phrase();
        let (ticket, id) = answered(&story.confirm());
        story.press("Esc");
        assert!(story.model.guide().is_none());
        let run = if run { Ok(id) } else { Err("no room".to_owned()) };
        story.event(Event::Confirmed { ticket, run });
        assert!(story.notice().contains(told), "{}", story.notice());
    }
}

#[test]
fn a_run_that_could_not_turn_back_by_itself_is_not_confirmed_with_that_wish() {
    let mut story = Story::without("dns", &["um1", "um2"]).finding(&["um1 down refused", "um2 down refused"]);
    story.press("f M");
    story.select(|item| *item == switchboard::app::guide::Item::CommitConfirm);
    story.press("Right");
    story.look("Enter");
    let why = story.guide().not_ready(story.model.now).unwrap();
    assert!(why.contains("rule") || why.contains("never turns back"), "{why}");
    for rule in ["source-needs-it", "seen-elsewhere"] {
        let items = story.guide().items(&story.model);
        if items.iter().any(|item| matches!(item, switchboard::app::guide::Item::Rule { id, .. } if id == rule)) {
            story.select_rule(rule);
            story.press("o");
            story.enter("INC-7: callers get nothing");
            let effects = story.press("Enter");
            story.bring(&effects);
        }
    }
    let why = story.guide().not_ready(story.model.now).unwrap_or_default();
    assert_eq!(why, "an emergency never turns back by itself: go back, and choose that it stays");
}

#[test]
fn the_plan_expires_under_the_phrase_too() {
    let mut story = at_the_phrase();
    let phrase = story.plan().confirm();
    story.enter(&phrase);
    story.watch(600);
    assert_eq!((story.guide().step, story.guide().phrase.value()), (Step::Review, ""));
    assert!(story.guide().not_ready(story.model.now).unwrap().contains("older than 10 minutes"));
}
