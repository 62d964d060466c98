//! Stories of the core: events in, model and effects out. No terminal, no clock.

use std::cell::Cell;

use jiff::ToSpan;
use switchboard::app::hit::Hit;
use switchboard::app::log::Mark;
use switchboard::app::trainer::FaultRow;
use switchboard::app::{Dialog, Effect, Event, Key, Keymap, Model, Page, Pane, Subject, update};
use switchboard::domain::finding::Severity;
use switchboard::domain::health::Health;
use switchboard::domain::observation::SipFailure;
use switchboard::domain::topology::FailoverMethod;

use crate::support::{FOUR, after, bad_night, contoso, fqdn, large, model, press, round, watched, well};

fn server(at: usize) -> Subject {
    Subject::Server(fqdn(FOUR[at].0))
}

#[test]
fn arrows_move_the_selection_and_stop_at_the_ends() {
    let mut model = watched(contoso(FailoverMethod::Dns), 2, &well);
    assert_eq!(model.selected(), Some(&server(0)));
    press(&mut model, "Up Down");
    assert_eq!(model.selected(), Some(&server(1)));
    press(&mut model, "l");
    assert_eq!(model.selected(), Some(&server(3)), "the site beside it, at the same height");
    press(&mut model, "Right h G");
    assert_eq!(model.selected(), Some(&Subject::Pool(fqdn("fe02.contoso.com"))));
    press(&mut model, "Down Down g");
    assert_eq!(model.selected(), Some(&server(0)));
}

#[test]
fn a_screen_begins_with_what_is_worst_until_somebody_selects_something_there() {
    let mut model = watched(contoso(FailoverMethod::Dns), 2, &well);
    press(&mut model, "3");
    let first = model.selected().cloned();
    press(&mut model, "1");
    let mut picture = model.picture.clone();
    picture
        .findings
        .insert(0, crate::support::finding("cert-expired", FOUR[3].0, "um4: certificate expired", after(100)));
    model.show(picture);
    press(&mut model, "3");
    let worst = model.selected().cloned();
    assert!(matches!(&worst, Some(Subject::Certificate { host, .. }) if *host == fqdn(FOUR[3].0)), "{worst:?}");
    press(&mut model, "Down Down");
    let chosen = model.selected().cloned();
    assert_eq!(chosen, first, "what was first comes after what is worst");
    press(&mut model, "4 3");
    assert_eq!(model.selected(), chosen.as_ref(), "what somebody selected stays selected");
}

#[test]
fn the_selection_stays_on_its_finding_when_a_worse_one_comes_above_it() {
    let mut model = bad_night(FailoverMethod::Dns);
    press(&mut model, "Tab Tab Down Down");
    let chosen = model.selected().cloned();
    assert!(matches!(&chosen, Some(Subject::Finding { id: "cert-expiring", .. })));
    let mut picture = model.picture.clone();
    picture.findings.insert(0, crate::support::finding("server-down", FOUR[0].0, "um1 is down", after(100)));
    model.show(picture);
    assert_eq!(model.selected().cloned(), chosen);
}

#[test]
fn a_selection_whose_thing_is_gone_falls_back_and_an_open_dialog_keeps_its_own() {
    let mut model = bad_night(FailoverMethod::Dns);
    press(&mut model, "Tab Tab Enter");
    let Some(Dialog::Inspect { subject, .. }) = model.dialogs.last().cloned() else {
        unreachable!("the dialog is open")
    };
    let mut picture = model.picture.clone();
    picture.findings.clear();
    model.show(picture);
    assert_eq!(model.selected(), None);
    assert!(matches!(model.dialogs.last(), Some(Dialog::Inspect { subject: same, .. }) if *same == subject));
}

#[test]
fn what_changed_is_logged_once_with_its_time() {
    let sick = Cell::new(false);
    let mut model = model(contoso(FailoverMethod::Dns));
    let declared = model.topology.clone();
    for number in 0..24 {
        sick.set((6..14).contains(&number));
        let answers = |name: &switchboard::domain::name::Fqdn| {
            (sick.get() && name.host() == "um2").then_some(Err(SipFailure::Refused))
        };
        let at = after(number * 5);
        update(&mut model, Event::Observed(round(&declared, number, at, &answers)), at);
        update(&mut model, Event::Ticked, at);
    }
    let of_um2 = |mark: &dyn Fn(Mark) -> bool| {
        model
            .log
            .iter()
            .filter(|entry| entry.subject == FOUR[1].0 && mark(entry.mark))
            .map(|entry| entry.at)
            .collect::<Vec<_>>()
    };
    assert_eq!(of_um2(&|mark| mark == Mark::Health(Health::Down)), [after(8 * 5)], "after three failures in a row");
    assert_eq!(of_um2(&|mark| mark == Mark::Health(Health::Up)), [after(18 * 5)], "after five answers in a row");
    assert_eq!(of_um2(&|mark| matches!(mark, Mark::Came(Severity::Critical))).len(), 1);
    assert_eq!(of_um2(&|mark| mark == Mark::Went).len(), 1);
}

#[test]
fn the_first_answers_after_the_start_are_no_news() {
    let model = watched(contoso(FailoverMethod::Dns), 3, &well);
    assert_eq!(model.log.iter().filter(|entry| matches!(entry.mark, Mark::Health(_))).count(), 0);
}

#[test]
fn escape_closes_what_is_open_and_never_quits() {
    let mut model = watched(contoso(FailoverMethod::Dns), 2, &well);
    press(&mut model, "Enter");
    assert!(matches!(model.dialogs.last(), Some(Dialog::Inspect { .. })));
    for _ in 0..5 {
        let now = model.now;
        let effects = update(&mut model, Event::Pressed("Esc".parse().unwrap()), now);
        assert_eq!(effects, []);
    }
    assert_eq!((model.dialogs.len(), model.page), (0, Page::Sites));
}

#[test]
fn ctrl_c_quits_only_when_pressed_twice_within_a_second() {
    let mut model = watched(contoso(FailoverMethod::Dns), 2, &well);
    let mut at = |milliseconds: i64| {
        update(&mut model, Event::Pressed(Key::ctrl('c')), after(100) + milliseconds.milliseconds())
    };
    assert_eq!(at(0), []);
    assert_eq!(at(3000), []);
    assert_eq!(at(4001), []);
    assert_eq!(at(5001), [Effect::Quit]);
}

#[test]
fn ctrl_c_closes_the_innermost_thing_and_nothing_typed_or_clicked_in_between_makes_it_quit() {
    let start = watched(contoso(FailoverMethod::Dns), 2, &well);
    // Two at once close two things; a third one asks for the fourth.
    let mut model = start.clone();
    press(&mut model, "Enter ?");
    assert_eq!(model.dialogs.len(), 2);
    for left in [1, 0, 0] {
        assert_eq!(pressed(&mut model, "ctrl-c"), []);
        assert_eq!(model.dialogs.len(), left);
    }
    assert_eq!(pressed(&mut model, "ctrl-c"), [Effect::Quit]);
    // A line that is typed is left, with what was typed, and is no text.
    let mut model = start.clone();
    press(&mut model, ": u m");
    assert_eq!(pressed(&mut model, "ctrl-c"), []);
    assert!(model.dialogs.is_empty());
    let between: &[&dyn Fn(&mut Model)] = &[
        &|model| press(model, "Down"),
        &|model| press(model, ": x Esc"),
        &|model| drop(update(model, Event::Scrolled(1), after(20))),
        &|model| drop(update(model, Event::Clicked(Hit::Page(Page::Runs)), after(20))),
        &|model| drop(update(model, Event::Pasted("x".into()), after(20))),
        &|model| press(model, "q"),
    ];
    for (number, between) in between.iter().enumerate() {
        let mut model = start.clone();
        model.now = after(20);
        assert_eq!(pressed(&mut model, "ctrl-c"), []);
        between(&mut model);
        assert_eq!(pressed(&mut model, "ctrl-c"), [], "{number}");
    }
}

#[test]
fn a_sequence_is_finished_over_a_line_that_is_typed() {
    let mut model = watched(contoso(FailoverMethod::Dns), 2, &well);
    let mine = "[keys]\nclose = [\"ctrl-x q\"]\ncancel = []\n";
    model.keymap = Keymap::load(Some((std::path::Path::new("keymap.toml"), mine))).unwrap();
    press(&mut model, ": u m ctrl-x q");
    assert!(model.dialogs.is_empty(), "{:?}", model.dialogs);
}

fn pressed(model: &mut Model, key: &str) -> Vec<Effect> {
    let now = model.now;
    update(model, Event::Pressed(key.parse().unwrap()), now)
}

#[test]
fn many_sites_are_lines_and_one_can_be_opened() {
    let mut model = watched(large(40, 500), 2, &well);
    assert!(!model.as_cards());
    assert_eq!(model.items(Pane::Sites).len(), 40);
    press(&mut model, "Down Enter");
    assert_eq!(model.opened_site().map(|site| site.name.to_string()), Some("Site01".into()));
    assert_eq!(model.items(Pane::Sites).len(), 13);
    press(&mut model, "Esc");
    assert_eq!(model.selected(), Some(&Subject::Site(switchboard::domain::name::SiteName::new("Site01"))));
}

#[test]
fn the_worst_site_comes_first() {
    let sick = |name: &switchboard::domain::name::Fqdn| {
        name.as_str().starts_with("um03.site31").then_some(Err(SipFailure::Refused))
    };
    let model = watched(large(40, 500), 4, &sick);
    assert_eq!(model.ranked_sites()[0].name.as_str(), "Site31");
}

#[test]
fn the_fault_panel_is_there_in_the_demo_only_and_switches_what_is_selected() {
    let mut model = watched(contoso(FailoverMethod::Dns), 2, &well);
    press(&mut model, "F");
    assert!(model.dialogs.is_empty());
    let row = |subject: &str, fault: &str| FaultRow { subject: subject.into(), fault: fault.into(), on: false };
    let rows = vec![row("um1", "stop"), row("um1", "hang"), row("um2", "stop")];
    let now = model.now;
    update(&mut model, Event::FaultsChanged(rows), now);
    press(&mut model, "F Right");
    let effects = update(&mut model, Event::Pressed("Enter".parse().unwrap()), now);
    assert_eq!(effects, [Effect::SwitchFault { subject: "um2".into(), fault: "stop".into(), on: true }]);
    assert_eq!(update(&mut model, Event::Pressed(Key::char('H')), now), [Effect::HealAll]);
}

#[test]
fn pasted_text_is_never_run_as_keys() {
    let mut model = watched(contoso(FailoverMethod::Dns), 2, &well);
    let now = model.now;
    assert_eq!(update(&mut model, Event::Pasted("q\nq\u{3}".into()), now), []);
    assert!(model.dialogs.is_empty());
}

#[test]
fn the_same_events_give_the_same_model() {
    let run = || {
        let mut model = bad_night(FailoverMethod::Dns);
        press(&mut model, "Down Tab Down Enter Down Esc 7 Down ?");
        format!("{model:?}")
    };
    assert_eq!(run(), run());
}
