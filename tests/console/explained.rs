//! What `?` says of a finding or a rule: in plain words, with the exact command for exactly this subject.

use switchboard::app::{Model, exact};
use switchboard::domain::finding::KINDS;
use switchboard::domain::topology::FailoverMethod;
use switchboard::failover::rules::RULES;

use crate::guide::reviewed;
use crate::support::{bad_night, drawn, finding, look, press};

/// The first screen of the help about the selected finding.
fn asked_about(model: &mut Model, id: &'static str, subject: &str) -> String {
    let mut picture = model.picture.clone();
    let since = model.now;
    picture.findings = vec![finding(id, subject, "as the test has it", since)];
    model.show(picture);
    press(model, "Esc Esc Tab Tab ?");
    // So narrow that the dialog covers the screen.
    let text = drawn(model, 108, 60, look("auto")).text();
    press(model, "Esc Tab");
    text
}

/// What is shown, word by word: long lines are wrapped.
fn words(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c == '│').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_kind_of_finding_is_explained_in_full() {
    let mut model = bad_night(FailoverMethod::Dns);
    for kind in KINDS {
        let text = asked_about(&mut model, kind.id, "um1.tukwila.contoso.com");
        // Long lines are wrapped: the words are looked for one after the other.
        let words: Vec<&str> =
            text.split(|c: char| c.is_whitespace() || c == '│').filter(|word| !word.is_empty()).collect();
        let shown = words.join(" ");
        for part in [kind.means, kind.advice, kind.taught_by, kind.who] {
            assert!(shown.contains(part), "{}: {part} is not in {shown}", kind.id);
        }
        assert_eq!(shown.contains("Command:"), kind.command.is_some(), "{}", kind.id);
    }
}

#[test]
fn the_command_is_the_one_for_this_subject() {
    let mut model = bad_night(FailoverMethod::Dns);
    for (id, subject, command) in [
        ("server-down", "um1.tukwila.contoso.com", "switchboard probe sips:um1.tukwila.contoso.com:5061"),
        ("none-in-service", "Tukwila.contoso.com", "switchboard plan --from Tukwila"),
        ("name-moved", "um2.tukwila.contoso.com", "switchboard plan --from Tukwila --back"),
        ("name-split", "um2.tukwila.contoso.com", "dig @SERVER um2.tukwila.contoso.com A +norecurse"),
        ("dns-lagging", "192.0.2.54:53", "dig @192.0.2.54 contoso.com SOA +norecurse"),
        ("marker-absent", "Dublin", "switchboard marker init Dublin"),
        ("cert-untrusted", "fe01.contoso.com", "switchboard cert fe01.contoso.com:5061 --roots PEM"),
    ] {
        let text = asked_about(&mut model, id, subject);
        assert!(text.contains(&format!("Command: {command}")), "{id}: {text}");
    }
}

#[test]
fn a_rule_is_explained_for_the_hosts_that_it_speaks_of() {
    let mut story = reviewed(&["fact rehearsal um4 silent"]);
    story.press("?");
    let text = words(&drawn(&mut story.model, 108, 60, look("auto")).text());
    for part in [
        "Rule standby-answers-as-name: asked as the name that it inherits",
        "The rehearsal: real TLS and a real OPTIONS to the host's own address",
        "another class of answer: planned blocks, emergency needs a reason",
        "Taught by health checks that asked the wrong name",
        "Mended by the Exchange team.",
        "Command: switchboard probe sips:um4.dublin.contoso.com:5061 --server-name um2.tukwila.contoso.com",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn every_command_of_the_tables_is_taken_word_by_word() {
    let model = bad_night(FailoverMethod::Dns);
    let commands = RULES.iter().filter_map(|rule| rule.command).chain(KINDS.iter().filter_map(|kind| kind.command));
    for command in commands {
        let filled = exact(&model, command, "um4.dublin.contoso.com um as um2.tukwila.contoso.com");
        for word in ["FQDN", "HOST", " NAME", "SITE", "ZONE"] {
            assert!(!format!(" {filled}").contains(word), "{word} is left in {filled}");
        }
        assert_eq!(exact(&model, command, "nobody knows"), command, "nothing is invented");
    }
}

#[test]
fn help_over_a_failover_offers_what_can_be_done_in_it() {
    let mut story = reviewed(&[]);
    story.press("?");
    let text = drawn(&mut story.model, 120, 60, look("auto")).text();
    let line = |words: &str| text.lines().find(|line| line.contains(words)).unwrap().to_owned();
    assert!(!line("failing over: planned or emergency").contains("(only"), "{text}");
    assert!(line("say of the run: called it").contains("(no run here waits for a call)"), "{text}");
}
