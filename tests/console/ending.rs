//! What is left on the shell's screen when the console ends.

use switchboard::app::runs::RunSeen;
use switchboard::app::{Event, Model, update};
use switchboard::domain::clean::is_invisible;
use switchboard::domain::finding::Severity;
use switchboard::domain::topology::FailoverMethod;
use switchboard::failover::plan::RunId;
use switchboard::report::summary;

use crate::guide::SCENES;
use crate::support::{after, bad_night, finding, press};

fn scene(name: &str) -> Model {
    SCENES.iter().find(|scene| scene.0 == name).unwrap().1()
}

#[test]
fn it_says_how_it_stood_for_how_long_and_what_was_worst() {
    let mut model = bad_night(FailoverMethod::Dns);
    model.now = after(3 * 3600 + 60);
    press(&mut model, "Tab Tab Down a I N C - 7 Enter");
    insta::assert_snapshot!("ending-findings", summary(&model));
}

#[test]
fn it_says_of_each_open_run_what_becomes_of_it_and_what_is_left_to_do() {
    let said: Vec<String> = ["run", "halted", "interrupted", "rolling-back", "completed", "review-ready"]
        .iter()
        .map(|name| format!("── {name} ──\n{}", summary(&scene(name))))
        .collect();
    insta::assert_snapshot!("ending-runs", said.join("\n"));
}

#[test]
fn an_open_run_names_every_command_that_goes_on_with_it() {
    for (name, command) in [
        ("run", "switchboard runs follow "),
        ("halted", "switchboard runs hold|resume|"),
        ("interrupted", "switchboard runs hold|resume|rollback|abandon "),
        ("completed", "switchboard runs close "),
    ] {
        let model = scene(name);
        let (text, id) = (summary(&model), model.runs.iter().next().unwrap().id.clone());
        let line = text.lines().find(|line| line.contains(command)).unwrap_or_else(|| panic!("{name}: {text}"));
        assert!(line.contains(id.as_str()), "{name}: {text}");
    }
    let left = summary(&scene("completed"));
    let model = scene("completed");
    let items: Vec<_> = model.runs.left_to_do().map(|(_, item)| &item.says).collect();
    assert!(!items.is_empty() && items.iter().all(|says| left.contains(says.as_str())), "{left}");
}

#[test]
fn it_is_short_however_much_there_is_and_says_how_much_more() {
    let mut model = bad_night(FailoverMethod::Dns);
    let mut picture = model.picture.clone();
    for number in 0..400 {
        picture
            .findings
            .insert(0, finding("server-down", &format!("um{number}.contoso.com"), &"x".repeat(5000), after(1)));
    }
    model.show(picture);
    let seen = |number| RunSeen { id: RunId::new(after(number), 7), view: Err("its plan is cut".into()) };
    let now = model.now;
    update(&mut model, Event::RunsSeen((0..40).map(seen).collect()), now);
    let text = summary(&model);
    assert!(text.lines().count() < 50 && text.len() < 20_000, "{} lines, {} bytes", text.lines().count(), text.len());
    let more = model.count(Severity::Critical) + model.count(Severity::Warning) - 10;
    assert!(text.contains(&format!("and {more} more; `switchboard check`")), "{text}");
    assert!(text.contains("and 30 more runs; `switchboard runs list`"), "{text}");
}

#[test]
fn nothing_in_it_steers_the_terminal() {
    let evil = "EVIL\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}drawkcab\u{200b}\r\nsecond line\u{7f}";
    let mut model = bad_night(FailoverMethod::Dns);
    let mut picture = model.picture.clone();
    picture.findings.insert(0, finding("server-down", evil, evil, after(1)));
    model.show(picture);
    let seen = RunSeen { id: RunId::new(after(1), 7), view: Err(evil.into()) };
    let now = model.now;
    update(&mut model, Event::RunsSeen(vec![seen]), now);
    let text = summary(&model);
    assert_eq!(text.matches("EVIL").count(), 3, "{text}");
    let wild = text.chars().find(|c| (c.is_control() && *c != '\n') || is_invisible(*c));
    assert_eq!(wild, None, "{text:?}");
    assert!(text.lines().all(|line| !line.starts_with("second")), "no line is made up: {text}");
}
