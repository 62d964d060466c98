//! Pictures of every step of the dialog, at both sizes, in each look; and at every size without a panic.

use switchboard::failover::plan::Plan;
use switchboard::ui::{Depth, Look};

use crate::support::{drawn, look};

use super::scenes::{SCENES, reviewed};

#[test]
fn every_step_at_both_sizes() {
    for (name, scene) in SCENES {
        let mut model = scene();
        for (columns, rows) in [(80, 24), (120, 34)] {
            let text = drawn(&mut model, columns, rows, look("auto")).text();
            // The digits follow from everything that a plan says, and are no matter of the drawing.
            let phrase = model.guide().and_then(|guide| guide.plan()).map(Plan::confirm);
            let text = phrase.map_or(text.clone(), |phrase| text.replace(&phrase, "Tukwila-0123"));
            insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), text);
        }
    }
}

#[test]
fn the_review_in_each_look() {
    let finds = ["fact rehearsal um4 silent", "um3 cert until 2026-11-30T00:00:00Z"];
    let mut model = reviewed(&finds).model;
    for theme in ["auto", "dark", "light", "high-contrast", "ansi16", "mono"] {
        insta::assert_snapshot!(format!("styled-review-{theme}"), drawn(&mut model, 80, 24, look(theme)).styled());
    }
}

#[test]
fn no_step_needs_more_than_ascii() {
    for (name, scene) in SCENES {
        let ascii = Look::named("mono", Depth::Mono, true).unwrap();
        let text = drawn(&mut scene(), 80, 24, ascii).text();
        assert!(text.is_ascii(), "{name}: {text}");
    }
}

#[test]
fn every_step_is_drawn_at_every_size() {
    let small = (0..=40).flat_map(|columns| (0..=12).map(move |rows| (columns, rows)));
    let odd = [(59, 15), (60, 14), (60, 15), (75, 19), (76, 20), (109, 30), (110, 29), (110, 30), (300, 15), (60, 100)];
    let sizes: Vec<(u16, u16)> = small.chain(odd).collect();
    for (number, (_, scene)) in SCENES.iter().enumerate() {
        let mut model = scene();
        for (at, (columns, rows)) in sizes.iter().enumerate() {
            // The smallest are all alike: each step has its own share of them.
            if *columns > 40 || at % SCENES.len() == number {
                drawn(&mut model, *columns, *rows, look("auto"));
            }
        }
    }
}

#[test]
fn what_decides_is_seen_at_the_smallest_size() {
    for (name, scene) in SCENES {
        let text = drawn(&mut scene(), 60, 15, look("auto")).text();
        let wanted = match *name {
            "choose" | "choose-commands" | "looking" => "Tukwila",
            "review-ready" | "review-commands" => "READY to be confirmed",
            "review-blocked" | "review-disarmed" | "review-emergency" => "NOT READY",
            "dry-run" => "Exactly this would be sent",
            "confirm" => "phrase: Tukwila-",
            "run" => "EXECUTING",
            "verify" => "CONVERGING",
            "halted" => "hold: leave all as it is",
            "rolling-back" => "undo move",
            "interrupted" => "INTERRUPTED",
            "completed" => "COMPLETED",
            "read-only" => "HALTED",
            other => panic!("what decides in {other}?"),
        };
        assert!(text.contains(wanted), "{name}: {text}");
    }
}

fn whole(name: &str) -> String {
    let scene = SCENES.iter().find(|scene| scene.0 == name).unwrap().1;
    drawn(&mut scene(), 120, 100, look("auto")).text()
}

#[test]
fn the_timeline_has_one_line_for_each_step_with_its_wait_and_no_marker_as_it_is_written() {
    let text = whole("verify");
    assert_eq!(text.matches(" caches ").count(), 1, "seventeen looks are one line: {text}");
    assert!(text.contains("42 s left") && text.contains("marker 10") && !text.contains("v=1;"), "{text}");
    assert!(!text.contains("(at most"), "said once: {text}");
    let text = whole("completed");
    assert!(text.contains("waited 42 s of 60 s") && text.contains("marker 11, head 40b32d6916f5526c"), "{text}");
    let text = whole("rolling-back");
    assert!(text.contains("i caches") && text.contains("◐ undo move") && text.contains("· undo claim"), "{text}");
    let text = whole("interrupted");
    assert!(text.contains("? caches"), "nobody knows how far it is: {text}");
}

#[test]
fn what_is_waited_for_is_counted_down_second_by_second() {
    let mut model = (SCENES.iter().find(|scene| scene.0 == "verify").unwrap().1)();
    let mut left = Vec::new();
    for _ in 0..3 {
        let text = drawn(&mut model, 120, 34, look("auto")).text();
        left.extend(text.split_once(" s left").map(|(before, _)| before.rsplit(' ').next().unwrap().to_owned()));
        let now = model.now + jiff::SignedDuration::from_secs(20);
        switchboard::app::update(&mut model, switchboard::app::Event::Ticked, now);
    }
    assert_eq!(left, ["42", "22", "2"]);
    let text = drawn(&mut model, 120, 34, look("auto")).text();
    assert!(text.contains("longer than its TTL allows"), "{text}");
}

#[test]
fn the_review_says_what_an_operator_has_to_know_before_the_phrase() {
    let text = whole("review-ready");
    for part in [
        "planned: Tukwila is up",
        "one atomic update, sent to 192.0.2.53 with key switchboard",
        "every user of Tukwila.contoso.com (+14255550100), Dublin.contoso.com (+35315550100)",
        "New ones reach um1 and um2 until each cache follows, 60 s at most",
        "at most about 3 min",
        "resolver 10.0.0.10 holds an answer for 30 s more",
        "one message that restores exactly",
        "INC-4711: the line to Tukwila is cut at noon",
        "um3 as um1: 200",
        "DNS team +1 425 555 0120: claim, move",
        "Lync team +1 425 555 0122: ",
        "What does not move",
        "mailboxes: messages are delivered to where they are",
        "Left to do afterwards",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(whole("review-commands").contains("Last point of return: step 6, drain-um2"));
}
