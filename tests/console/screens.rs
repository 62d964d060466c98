//! The screen at every size, in every look, of every model.

use switchboard::app::trainer::FaultRow;
use switchboard::app::{Event, Model, update};
use switchboard::domain::observation::SipFailure;
use switchboard::domain::topology::FailoverMethod;
use switchboard::ui::{Depth, Look, Screen};

use crate::support::{answer, bad_night, contoso, drawn, hostile, large, look, model, press, watched, well};

/// Models that differ in what is drawn.
fn models() -> Vec<Model> {
    let mut faults = bad_night(FailoverMethod::Dns);
    let row = |subject: &str, fault: &str, on| FaultRow { subject: subject.into(), fault: fault.into(), on };
    let now = faults.now;
    update(&mut faults, Event::FaultsChanged(vec![row("um1", "stop", true), row("um2", "hang", false)]), now);
    press(&mut faults, "F");
    let opened = |keys: &str| {
        let mut model = bad_night(FailoverMethod::EnableDisable);
        press(&mut model, keys);
        model
    };
    let mut site = watched(large(40, 500), 2, &well);
    press(&mut site, "Down Enter");
    vec![
        model(contoso(FailoverMethod::Dns)),
        bad_night(FailoverMethod::Dns),
        opened("Enter"),
        opened("?"),
        opened("7"),
        opened("Tab Tab Enter"),
        faults,
        watched(large(40, 500), 2, &well),
        site,
        watched(large(3, 5), 2, &strange),
        model(large(1, 0)),
    ]
}

/// Answers that want to steer the terminal.
#[expect(clippy::unnecessary_wraps, reason = "has the shape of every sickness")]
fn strange(
    name: &switchboard::domain::name::Fqdn,
) -> Option<Result<switchboard::domain::observation::SipAnswer, SipFailure>> {
    let mut answer = answer(200, "OK", 20);
    answer.reason = hostile();
    Some(if name.host() == "um00" { Ok(answer) } else { Err(SipFailure::NotSip(hostile())) })
}

fn looks() -> Vec<Look> {
    let named = |theme, depth, ascii| Look::named(theme, depth, ascii).unwrap();
    vec![named("auto", Depth::Indexed, false), named("mono", Depth::Mono, true)]
}

#[test]
fn every_model_is_drawn_at_every_size() {
    let small = (0..=40).flat_map(|columns| (0..=12).map(move |rows| (columns, rows)));
    let odd = [(59, 15), (60, 14), (60, 15), (75, 19), (76, 20), (80, 24), (109, 30), (110, 29), (110, 30), (120, 34)];
    let large = [(133, 40), (150, 60), (200, 50), (299, 99), (300, 100), (300, 8), (60, 100), (1, 300)];
    let sizes: Vec<(u16, u16)> = small.chain(odd).chain(large).collect();
    for mut model in models() {
        for look in looks() {
            for &(columns, rows) in sizes.iter().filter(|size| size.0 > 40 || (size.0 + size.1) % 5 == 0) {
                drawn(&mut model, columns, rows, look.clone());
            }
        }
    }
}

#[test]
fn every_page_of_everything_and_every_dialog_is_drawn_at_many_sizes() {
    let odd = [(0, 0), (40, 12), (60, 15), (76, 20), (110, 30)];
    let mut dice = 7_u64;
    let mut below = |limit: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from((dice >> 33) % limit).unwrap()
    };
    for (name, mut model) in crate::scenes::everything() {
        let others = (0..4).map(|_| (60 + below(120), 15 + below(45))).collect::<Vec<_>>();
        for (columns, rows) in odd.into_iter().chain(others) {
            let mut screen = drawn(&mut model, columns, rows, look("dark"));
            assert_eq!(screen.draw(&model).unwrap(), 0, "{name} at {columns}x{rows}");
        }
        let ascii = Look::named("mono", Depth::Mono, true).unwrap();
        let text = drawn(&mut model, 80, 24, ascii).text();
        assert!(text.is_ascii(), "{name}: {text}");
    }
}

#[test]
fn every_smallest_size_is_drawn() {
    let mut model = bad_night(FailoverMethod::Dns);
    for columns in 0..=40 {
        for rows in 0..=12 {
            drawn(&mut model, columns, rows, look("auto"));
        }
    }
}

#[test]
fn too_small_a_terminal_is_told_how_much_room_is_needed() {
    let mut model = bad_night(FailoverMethod::Dns);
    let text = drawn(&mut model, 50, 12, look("auto")).text();
    assert!(text.contains("needs 60x15, this is 50x12"), "{text}");
    assert!(text.contains("um4"), "what is wrong is told all the same: {text}");
}

#[test]
fn an_unchanged_model_writes_nothing() {
    for (columns, rows) in [(60, 15), (80, 24), (120, 34), (200, 50)] {
        let mut model = bad_night(FailoverMethod::Dns);
        let mut screen = drawn(&mut model, columns, rows, look("dark"));
        assert_eq!(screen.draw(&model).unwrap(), 0);
        let now = model.now;
        update(&mut model, Event::Pressed("Up".parse().unwrap()), now);
        assert_eq!(screen.draw(&model).unwrap(), 0);
    }
}

#[test]
fn idle_watching_writes_few_bytes() {
    let mut model = watched(contoso(FailoverMethod::Dns), 40, &well);
    let declared = model.topology.clone();
    let mut screen = drawn(&mut model, 200, 50, look("auto"));
    let mut bytes = 0;
    let rounds = 24_i64;
    for number in 40..40 + rounds {
        let results = crate::support::round(&declared, number, crate::support::after(number * 5), &well);
        // Each result by itself, as probes bring them, and a tick per second.
        for (at, result) in results.into_iter().enumerate() {
            let now = crate::support::after(number * 5 + i64::try_from(at % 5).unwrap());
            update(&mut model, Event::Observed(vec![result]), now);
            bytes += screen.draw(&model).unwrap();
        }
        for second in 0..5 {
            update(&mut model, Event::Ticked, crate::support::after(number * 5 + second));
            bytes += screen.draw(&model).unwrap();
        }
    }
    let per_second = bytes / usize::try_from(rounds * 5).unwrap();
    assert!(per_second < 250, "{per_second} bytes per second");
}

#[test]
fn hostile_text_never_reaches_the_terminal_raw() {
    for (columns, rows) in [(50, 12), (60, 15), (80, 24), (120, 34), (200, 60)] {
        let mut model = watched(large(2, 4), 4, &strange);
        let mut bytes = drawn(&mut model, columns, rows, look("auto")).writer().clone();
        press(&mut model, "Enter");
        bytes.extend(drawn(&mut model, columns, rows, look("auto")).writer().iter());
        let text = String::from_utf8(bytes).unwrap();
        let allowed = |rest: &str| rest.starts_with("\u{1b}[");
        assert!(text.match_indices('\u{1b}').all(|(at, _)| allowed(&text[at..])), "only CSI sequences of our own");
        assert!(!text.contains("\u{1b}[31m\u{202e}") && !text.contains('\u{9b}') && !text.contains('\u{202e}'));
        assert!(!text.contains('\u{7}') && !text.contains('\u{0}'));
        let finals = text.split("\u{1b}[").skip(1).filter_map(|rest| rest.chars().find(char::is_ascii_alphabetic));
        assert!(finals.into_iter().all(|c| "mHJGCDABhl".contains(c)), "moves, styles, one clear, and mode 2026");
        assert_eq!(text.matches("\u{1b}[2J").count(), 2, "our own clear at the start of each screen");
    }
}

#[test]
fn both_ways_of_writing_show_the_same_screen() {
    // Frame by frame, what was written for the differences must show what a screen drawn from nothing shows.
    let (columns, rows) = (120, 34);
    let mut model = bad_night(FailoverMethod::Dns);
    let mut screen: Screen<Vec<u8>> = drawn(&mut model, columns, rows, look("dark"));
    let mut terminal = terminal_of(columns, rows);
    let keys = "Down Down Right Tab Down Tab Down Enter Down Esc ? Down Esc 7 Esc Tab Left Enter PageDown Esc";
    for key in keys.split(' ') {
        terminal.process(&std::mem::take(screen.writer()));
        press(&mut model, key);
        screen.draw(&model).unwrap();
        terminal.process(&std::mem::take(screen.writer()));
        let mut fresh = terminal_of(columns, rows);
        fresh.process(drawn(&mut model, columns, rows, look("dark")).writer());
        for row in 0..rows {
            for column in 0..columns {
                let (one, other) = (shown(&terminal, row, column), shown(&fresh, row, column));
                assert_eq!(one, other, "after {key}, row {row}, column {column}");
            }
        }
    }
}

fn terminal_of(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0)
}

/// A cell as the eye sees it: an empty one is a blank.
fn shown(terminal: &vt100::Parser, row: u16, column: u16) -> impl PartialEq + std::fmt::Debug {
    let cell = terminal.screen().cell(row, column).unwrap().clone();
    let text = if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() };
    (text, cell.fgcolor(), cell.bgcolor(), [cell.bold(), cell.dim(), cell.underline(), cell.inverse()])
}

#[test]
fn the_sites_screen_of_each_design_and_size() {
    for (name, method) in [("dns", FailoverMethod::Dns), ("enable-disable", FailoverMethod::EnableDisable)] {
        let mut model = bad_night(method);
        for (columns, rows) in [(60, 15), (80, 24), (120, 34), (200, 50)] {
            let text = drawn(&mut model, columns, rows, look("auto")).text();
            insta::assert_snapshot!(format!("sites-{name}-{columns}x{rows}"), text);
        }
    }
}

#[test]
fn the_sites_screen_in_each_look() {
    let mut model = bad_night(FailoverMethod::Dns);
    for theme in ["auto", "dark", "light", "high-contrast", "ansi16", "mono"] {
        insta::assert_snapshot!(format!("styled-{theme}"), drawn(&mut model, 80, 24, look(theme)).styled());
    }
    let ascii = Look::named("mono", Depth::Mono, true).unwrap();
    let text = drawn(&mut model, 120, 34, ascii).text();
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!("sites-ascii", text);
}

#[test]
fn no_look_tells_a_state_by_colour_alone() {
    // Without any style the same text still tells who is down and which certificate ends.
    let mut model = bad_night(FailoverMethod::Dns);
    let text = drawn(&mut model, 120, 34, look("mono")).text();
    let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert!(line("um4  ").contains('✖') && line("um4  ").contains("down"));
    assert!(line("um2  ").contains('▲'));
    assert!(text.contains("▲ 2 warnings") && text.contains("✖ 2 critical"));
}
