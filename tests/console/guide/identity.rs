//! A list that is sorted anew under an open dialog: the dialog's target is the one that was meant.

use switchboard::app::finder::Target;
use switchboard::app::guide::{Asked, Item};
use switchboard::app::prompt::Purpose;
use switchboard::app::{Dialog, Effect, Event, Pane, Subject};
use switchboard::domain::attention::Said;
use switchboard::domain::name::Fqdn;
use switchboard::domain::observation::SipFailure;
use switchboard::domain::topology::FailoverMethod;
use switchboard::failover::plan::{Plan, RunId};
use switchboard::failover::run::Ask;

use super::office::Story;
use super::tale::Tale;
use crate::support::{after, bad_night, finding, large, press, round, watched, well};

#[test]
fn a_finding_that_sinks_under_the_prompt_is_the_one_that_is_acknowledged() {
    let mut model = bad_night(FailoverMethod::Dns);
    press(&mut model, "Tab Tab");
    let first = model.items(Pane::Findings)[0].clone();
    assert_eq!(model.selected(), Some(&first));
    press(&mut model, "a");
    let mut picture = model.picture.clone();
    for (host, at) in [("um1.tukwila.contoso.com", 100), ("um3.dublin.contoso.com", 101)] {
        picture.findings.insert(0, finding("server-down", host, "is down", after(at)));
    }
    model.show(picture);
    assert_ne!(model.items(Pane::Findings)[0], first, "another one stands where it stood");
    let now = model.now;
    for c in "INC-7".chars() {
        switchboard::app::update(&mut model, Event::Pressed(switchboard::app::Key::char(c)), now);
    }
    let effects = switchboard::app::update(&mut model, Event::Pressed("Enter".parse().unwrap()), now);
    let [Effect::Say(Said::Acknowledge(said))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(Subject::Finding { id: "server-down", subject: said.subject.clone() }, first);
    assert!(matches!(&first, Subject::Finding { subject, .. } if *subject == said.subject));
}

#[test]
fn a_site_that_sinks_under_the_failover_is_the_one_that_is_failed_over() {
    let mut model = watched(large(40, 120), 4, &well);
    press(&mut model, "Down Down f");
    let target = |model: &switchboard::app::Model| match &model.guide().unwrap().asked {
        Asked::Site { site, .. } => site.to_string(),
        Asked::Service { .. } => String::new(),
    };
    assert_eq!(target(&model), "Site02");
    let declared = model.topology.clone();
    let sick = |name: &Fqdn| name.as_str().contains("site31").then_some(Err(SipFailure::Refused));
    for number in 4..8 {
        let at = after(number * 5);
        switchboard::app::update(&mut model, Event::Observed(round(&declared, number, at, &sick)), at);
    }
    assert_eq!(model.items(Pane::Sites)[0], Subject::Site(crate::fixture::site("Site31")), "the list is another one");
    assert_eq!(target(&model), "Site02");
    let now = model.now;
    let effects = switchboard::app::update(&mut model, Event::Pressed("Enter".parse().unwrap()), now);
    let [Effect::MakePlan(ask)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(ask.request.site.as_str(), "Site02");
}

#[test]
fn a_run_that_sinks_under_the_prompt_is_the_one_that_is_asked() {
    let mut story = Story::new("dns");
    story.press("f");
    story.look("Enter");
    let content = (**story.plan()).clone();
    let mut older = Tale::moved(&Plan::seal(content.clone()), story.model.now);
    older.seen("caches", 10, "not yet");
    story.press("Esc Esc Esc");
    story.event(older.event());
    story.press("6 B");
    let newer = Tale::new(
        &Plan::seal(switchboard::failover::plan::Content { id: RunId::new(after(3600), 9), ..content.clone() }),
        story.model.now,
    );
    story.event(Event::RunsSeen(vec![older.seen_run(), newer.seen_run()]));
    assert_eq!(story.model.items(Pane::Runs)[0], Subject::Run(newer.plan().id.clone()));
    story.enter("INC-7: back");
    let effects = story.press("Enter");
    assert_eq!(effects, [Effect::AskRun { run: content.id, asked: Ask::RollBack, reason: Some("INC-7: back".into()) }]);
}

#[test]
fn the_palette_keeps_the_line_that_the_arrows_are_on() {
    let mut story = Story::new("dns");
    story.press(":");
    story.enter("um");
    story.press("Down Down");
    let chosen = |story: &Story| match story.model.dialogs.last() {
        Some(Dialog::Find(finder)) => finder.chosen.clone(),
        other => panic!("{other:?}"),
    };
    let before = chosen(&story);
    assert!(matches!(before, Some(Target::Go(_))), "{before:?}");
    story.observe(4, &|name: &Fqdn| (name.host() == "um1").then_some(Err(SipFailure::Refused)));
    assert_eq!(chosen(&story), before);
}

#[test]
fn a_window_is_declared_for_what_was_selected_when_it_was_asked_for() {
    let mut model = watched(large(40, 120), 4, &well);
    press(&mut model, "Down w");
    let declared = model.topology.clone();
    let sick = |name: &Fqdn| name.as_str().contains("site31").then_some(Err(SipFailure::Refused));
    for number in 4..8 {
        let at = after(number * 5);
        switchboard::app::update(&mut model, Event::Observed(round(&declared, number, at, &sick)), at);
    }
    let Some(Dialog::Prompt(prompt)) = model.dialogs.last() else { panic!() };
    assert!(matches!(&prompt.purpose, Purpose::Maintenance(scope) if scope.words() == "site Site01"));
}

#[test]
fn a_line_of_the_palette_that_went_away_in_the_moment_of_the_key_is_not_taken_for_another() {
    let mut model = watched(crate::support::contoso(FailoverMethod::Dns), 2, &well);
    let chosen = |model: &switchboard::app::Model| match model.dialogs.last() {
        Some(Dialog::Find(finder)) => finder.chosen.clone(),
        _ => None,
    };
    press(&mut model, ":");
    assert!(chosen(&model).is_some(), "the marked line is meant from the start");
    press(&mut model, "f a i l");
    assert_eq!(chosen(&model), Some(Target::FailOver(crate::fixture::site("Tukwila"))));
    // The topology file is read again and has no standby for Tukwila.
    let mut topology = (*model.topology).clone();
    topology.sites[0].standby = None;
    let reread = switchboard::app::event::Reread(std::sync::Arc::new(topology));
    let now = model.now;
    switchboard::app::update(&mut model, Event::TopologyRead(Ok(reread)), now);
    press(&mut model, "Enter");
    assert!(model.guide().is_none(), "Dublin's line stands there now");
    assert!(model.notice.as_ref().unwrap().0.contains("nothing was done"));
    assert_eq!(chosen(&model), Some(Target::FailOver(crate::fixture::site("Dublin"))), "seen before the next Enter");
    press(&mut model, "Enter");
    assert!(model.guide().is_some());
}

#[test]
fn a_newer_run_above_the_marked_one_does_not_take_the_palettes_enter() {
    let mut story = Story::new("dns");
    story.press("f");
    story.look("Enter");
    let content = (**story.plan()).clone();
    let older = Tale::moved(&Plan::seal(content.clone()), story.model.now);
    story.press("Esc Esc Esc");
    story.event(older.event());
    story.press(":");
    story.enter("run 0");
    let newer = switchboard::failover::plan::Content { id: RunId::new(after(3600), 9), ..content.clone() };
    let newer = Tale::new(&Plan::seal(newer), story.model.now);
    story.event(Event::RunsSeen(vec![older.seen_run(), newer.seen_run()]));
    story.press("Enter");
    assert_eq!(story.guide().run.as_ref(), Some(&content.id));
}

#[test]
fn a_rule_that_is_gone_from_the_review_is_not_taken_for_the_next_one() {
    let mut story = super::scenes::reviewed(&["fact rehearsal um4 silent", "fact rehearsal um3 silent"]);
    story.select(|item| matches!(item, Item::Rule { subject, .. } if subject.contains("um4")));
    let effects = story.press("r");
    story.find(&["fact rehearsal um3 silent"]);
    story.bring(&effects);
    assert_eq!(story.press("x"), [], "another line stands there now");
    assert!(story.told().contains("is not there any more"), "{}", story.told());
    assert!(story.guide().choices.map.is_empty());
}
