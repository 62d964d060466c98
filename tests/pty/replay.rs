//! A session on a real terminal, recorded and seen again.

use std::path::Path;
use std::time::Duration;

use switchboard::failover::run::{End, State};
use switchboard::runtime::record::{Player, Recording};

use crate::demo::Demo;
use crate::failover::carry_out;
use crate::terminal::{Terminal, console};

/// A console on a demo that records its session.
fn recording(demo: &Demo, file: &Path) -> Terminal {
    let command = console(&[])
        .arg("--config")
        .arg(demo.dir().join("switchboard.toml"))
        .arg("--state-dir")
        .arg(demo.dir().join("state"))
        .arg("--record")
        .arg(file);
    Terminal::run(120, 34, command)
}

#[test]
fn a_whole_failover_is_recorded_and_seen_again() {
    let demo = Demo::start(&[]);
    let file = demo.dir().join("night.log");
    let mut terminal = recording(&demo, &file);
    terminal.expect("4/4 up");
    carry_out(&mut terminal, "f", "Tukwila");
    terminal.send("\u{1b}");
    terminal.until("the dialog to close", |terminal| !terminal.text().contains("5 Verify"));
    terminal.send("6");
    terminal.expect("1 run");
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    terminal.assert_restored();

    let mut player = Player::new(Recording::read(&file).unwrap()).unwrap();
    player.seek(Duration::from_secs(3600)).unwrap();
    assert_eq!(player.damage(), None);
    let runs: Vec<_> = player.model().runs.iter().map(|seen| seen.view.as_ref().unwrap()).collect();
    assert_eq!(runs.len(), 1);
    assert!(matches!(runs[0].run.state(), State::Ended(End::Completed)), "{:?}", runs[0].run.state());
    assert_eq!(demo.runs()["runs"][0]["run"].as_str(), Some(player.model().runs.iter().next().unwrap().id.as_str()));

    let mut again = Terminal::run(120, 34, console(&["replay"]).arg(&file));
    again.expect("replay 0:0");
    again.send(" ");
    again.expect("paused");
    again.send("\u{1b}[F");
    again.expect("the end");
    again.expect("1 run");
    again.expect("completed");
    again.send("\u{1b}[H");
    again.expect("replay 0:00 of");
    again.until("the start", |terminal| !terminal.text().contains("completed"));
    again.resize(80, 24);
    again.send("-- ");
    again.expect("1/4x");
    again.send("\u{1b}[C\u{1b}[C\u{1b}[C\u{1b}[C\u{1b}[C\u{1b}[C");
    again.expect("the end");
    again.send("q");
    assert_eq!(again.gone().code(), Some(0));
    again.assert_restored();
}

#[test]
fn a_recording_ends_well_however_the_console_ends() {
    let demo = Demo::start(&[]);
    for (name, hang_up) in [("closed", true), ("killed", false)] {
        let file = demo.dir().join(name);
        let mut terminal = recording(&demo, &file);
        terminal.expect("4/4 up");
        // Some seconds, so that what was flushed holds an answer.
        terminal.until("a flush", |_| std::fs::metadata(&file).unwrap().len() > 20_000);
        if hang_up {
            terminal.close();
            terminal.assert_ends_by_itself();
        } else {
            terminal.child.kill().unwrap();
            terminal.child.wait().unwrap();
        }
        let mut player = Player::new(Recording::read(&file).unwrap()).unwrap();
        player.seek(Duration::from_secs(3600)).unwrap();
        assert_eq!(player.damage(), None, "{name}");
        let up = player.model().picture.sites.iter().map(|site| site.healthy).sum::<usize>();
        assert!(player.length() > Duration::ZERO && up > 0, "{name}: {up} up");
    }
}

#[test]
fn what_cannot_be_recorded_or_played_is_said_before_the_screen_is_taken() {
    let demo = Demo::start(&[]);
    let file = demo.dir().join("mine");
    std::fs::write(&file, "mine").unwrap();
    let mut terminal = recording(&demo, &file);
    assert_eq!(terminal.gone().code(), Some(1));
    assert!(terminal.text().contains("cannot record the session"), "{}", terminal.text());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    let mut terminal = Terminal::run(120, 34, console(&["replay"]).arg(&file));
    assert_eq!(terminal.gone().code(), Some(1));
    assert!(terminal.text().contains("is no recording"), "{}", terminal.text());
    terminal.assert_restored();
}

#[test]
fn a_replay_whose_terminal_closes_ends_too() {
    let demo = Demo::start(&[]);
    let file = demo.dir().join("night.log");
    let mut terminal = recording(&demo, &file);
    terminal.expect("4/4 up");
    terminal.send("q");
    assert_eq!(terminal.gone().code(), Some(0));
    let mut again = Terminal::run(120, 34, console(&["replay"]).arg(&file));
    again.expect("replay 0:0");
    again.send(" ");
    again.expect("paused");
    again.close();
    again.assert_ends_by_itself();
}
