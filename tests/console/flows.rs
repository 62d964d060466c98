//! Keys in, screen out: what an operator sees step by step.

use switchboard::domain::topology::FailoverMethod;

use crate::support::{bad_night, contoso, drawn, large, look, model, press, watched, well};

/// The screen after each of some keys, with a ruler between.
fn flow(model: &mut switchboard::app::Model, size: (u16, u16), steps: &[&str]) -> String {
    let mut pictures = Vec::new();
    for keys in steps {
        // What fits is told before the first key, as at a start.
        drawn(model, size.0, size.1, look("auto"));
        press(model, keys);
        pictures.push(format!("── {keys} ──\n{}", drawn(model, size.0, size.1, look("auto")).text()));
    }
    pictures.join("\n\n")
}

#[test]
fn from_a_finding_to_its_evidence_and_back() {
    let mut model = bad_night(FailoverMethod::Dns);
    insta::assert_snapshot!(flow(&mut model, (80, 24), &["Tab Tab", "Down Enter", "Esc"]));
}

#[test]
fn from_forty_sites_into_one_server_and_back() {
    let mut model = watched(large(40, 500), 3, &well);
    insta::assert_snapshot!(flow(&mut model, (80, 24), &["Down", "Enter", "Down Enter", "Esc Esc"]));
}

#[test]
fn before_the_first_answer_nothing_is_claimed() {
    let mut model = model(contoso(FailoverMethod::Dns));
    let text = drawn(&mut model, 120, 34, look("auto")).text();
    assert!(text.contains("waiting") && text.contains("0/4 up"), "{text}");
    assert!(!text.contains("as it should be"), "{text}");
}

#[test]
fn the_help_names_every_action_with_its_keys() {
    let mut model = bad_night(FailoverMethod::Dns);
    insta::assert_snapshot!(flow(&mut model, (120, 48), &["?"]));
}

#[test]
fn the_events_tell_what_changed() {
    let mut model = bad_night(FailoverMethod::EnableDisable);
    insta::assert_snapshot!(flow(&mut model, (80, 24), &["7"]));
}
