//! Looks on the whole screen: the selection stands out in each, NO_COLOR is obeyed to the last byte.

use switchboard::domain::topology::FailoverMethod;
use switchboard::ui::{Depth, Look, LookOptions, THEMES};

use crate::support::{bad_night, drawn, press};

#[test]
fn the_selected_line_has_a_marker_and_a_style_of_its_own_in_every_theme_at_every_depth() {
    for (theme, _) in THEMES {
        for (depth, ascii) in [(Depth::Mono, false), (Depth::Mono, true), (Depth::Ansi, false), (Depth::Rgb, false)] {
            let mut model = bad_night(FailoverMethod::Dns);
            let mut selected = Vec::new();
            for name in ["um1", "um2"] {
                let look = Look::named(theme, depth, ascii).unwrap();
                let marker = look.glyphs().marker;
                let screen = drawn(&mut model, 80, 24, look);
                let text = screen.text();
                let line = |text: &str| text.lines().find(|line| line.contains(name)).map(str::to_owned).unwrap();
                assert!(line(&text).contains(marker), "{theme} at {depth:?}: {}", line(&text));
                selected.push(screen.styled());
                press(&mut model, "Down");
            }
            // Which of the two is selected shows in the styles alone, too.
            assert_ne!(without(&selected[0], &["▌", ">"]), without(&selected[1], &["▌", ">"]), "{theme} at {depth:?}");
        }
    }
}

fn without(text: &str, signs: &[&str]) -> String {
    signs.iter().fold(text.to_owned(), |text, sign| text.replace(sign, " "))
}

#[test]
fn without_colours_no_byte_of_any_theme_names_one_and_weight_is_kept() {
    let env = |name: &str| match name {
        "TERM" => Some("xterm-256color".to_owned()),
        "COLORTERM" => Some("truecolor".to_owned()),
        "NO_COLOR" => Some("1".to_owned()),
        _ => None,
    };
    for (theme, _) in THEMES {
        let options = LookOptions { theme: Some((*theme).to_owned()), ascii: None };
        let look = Look::choose(&options, &env, &|_| Ok(None)).unwrap();
        let mut model = bad_night(FailoverMethod::Dns);
        let bytes = drawn(&mut model, 120, 34, look).writer().clone();
        let codes = codes(&String::from_utf8(bytes).unwrap());
        let colour = codes.iter().find(|code| (30..=49).contains(*code) || (90..=107).contains(*code));
        assert_eq!(colour, None, "{theme}");
        assert!(codes.contains(&7) && codes.contains(&1), "{theme}: reverse and bold are left");
    }
}

/// The numbers of every style change.
fn codes(text: &str) -> Vec<u16> {
    let ends = |rest: &str| rest.find(|c: char| c.is_ascii_alphabetic()).filter(|at| rest[*at..].starts_with('m'));
    let changes = text.split("\u{1b}[").filter_map(|rest| Some(&rest[..ends(rest)?]));
    changes.flat_map(|change| change.split(';')).filter_map(|code| code.parse().ok()).collect()
}

#[test]
fn high_contrast_paints_every_cell_and_dialogs_too() {
    for keys in ["", "?", "Enter"] {
        let mut model = bad_night(FailoverMethod::Dns);
        press(&mut model, keys);
        let look = Look::named("high-contrast", Depth::Rgb, false).unwrap();
        let mut screen = drawn(&mut model, 80, 24, look);
        let mut terminal = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        terminal.process(screen.writer());
        for (row, column) in (0..24).flat_map(|row| (0..80).map(move |column| (row, column))) {
            let cell = terminal.screen().cell(row, column).unwrap();
            assert_ne!(cell.bgcolor(), vt100::Color::Default, "{keys}: row {row}, column {column}");
        }
    }
}
