//! What people complain of in consoles like this one: each is a thing that cannot happen here. Number, and the tests that show it:
//!
//! 1. a key hits another target because the list moved: `guide::identity`, `stories::a_selection_whose_thing_is_gone_…`
//! 2. the terminal is broken after a panic or an error: `pty::ways_out`, `pty::traps::the_mouse_is_given_back_on_every_way_out_…`
//! 3. a process without a terminal computes on for ever: `pty::ways_out::a_closed_terminal_ends_the_console`,
//!    `pty::traps::a_closed_terminal_that_was_stalled_…`, `pty::replay::a_replay_whose_terminal_closes_ends_too`
//! 4. the monitor ends or hangs when the network is bad: `pty::night::a_console_outlives_everything_that_it_watches`, `faults`,
//!    `probe::supervisor`
//! 5. the screen freezes while work goes on: `pty::night::keys_are_answered_while_everything_that_is_asked_hangs`,
//!    `slow_tools`, `layering::pure_rooms_wait_for_nothing_…`; how long the large deployment takes says `benches/draw`
//! 6. a crash on resize or in a tiny window: `screens::every_…_is_drawn_at_every_size`, `pty::ways_out::a_storm_of_sizes_…`
//! 7. "terminal too small" in place of an answer: `what_is_worst_is_seen_at_every_size_that_is_promised`,
//!    `screens::too_small_a_terminal_is_told_…`
//! 8. unreadable on light terminals: `ui::look::every_state_can_be_read_on_the_backgrounds_…`
//! 9. the selection cannot be seen without colours: `every_selected_line_is_marked_reversed_and_has_the_cursor`, `looks`
//! 10. NO_COLOR honoured half-way: `looks::without_colours_no_byte_of_any_theme_names_one_…`,
//!     `ui::look::a_persons_theme_beats_…_and_comes_down_to_what_the_terminal_can`
//! 11. states told by colour alone: `every_state_has_a_sign_of_its_own`, `screens::no_look_tells_a_state_by_colour_alone`
//! 12. keys that cannot be changed: `app::keymap`, `keys::after_keys_were_given_taken_and_unbound_…`, `pty::own_keys`
//! 13. keys that terminals and multiplexers take: `app::keymap::no_action_needs_a_key_that_…`,
//!     `app::keymap::every_action_has_a_key_without_ctrl_…`
//! 14. a wrong settings file is passed over, or written over: `cli_config::a_wrong_keymap_…`, `cli_config::a_wrong_theme_…`,
//!     `pty::own_keys`
//! 15. a destructive key is too easy: `guide::confirming`
//! 16. Ctrl-C quits by accident, or a line eats it: `stories::ctrl_c_…`, `guide::running::closing_the_dialog_…_quitting_asks_once`
//! 17. flicker and many small writes: `every_frame_is_one_write_within_one_synchronised_update`, `screens::an_unchanged_model_writes_nothing`,
//!     `screens::idle_watching_writes_few_bytes`
//! 18. a copy that does not arrive, and is called a success: `term::clipboard`, `pty::voice::what_is_selected_is_sent_…`
//! 19. the mouse is taken, and text cannot be selected: `pty::voice::the_mouse_is_the_terminals_until_…`,
//!     `a_mouse_that_is_taken_is_told_until_it_is_given_back`
//! 20. control characters from outside: `hostile`, `ending::nothing_in_it_steers_the_terminal`, `cli::what_was_typed_…`, `term::notify`
//! 21. signs that the terminal cannot draw: `ui::look::a_locale_…`, `screens::every_page_of_everything_…` (ASCII), `pty::ending`
//! 22. a help that cannot be searched, does nothing, or lies about keys: `keys`, `dialogs`
//! 23. nothing for screen readers: `pty::lines`, `every_selected_line_is_marked_reversed_and_has_the_cursor`,
//!     `nothing_moves_on_the_screen_but_times_and_numbers`
//! 24. questions to the terminal that a slow line does not answer: `pty::night::nothing_is_asked_of_the_terminal`, `pty::traps`
//! 25. no suspending, no last word, no way without a screen: `pty::ways_out::ctrl_z_…`, `pty::ending`, `shell`, `plan_demo`

use std::collections::BTreeSet;
use std::io::{self, Write};

use switchboard::app::{Dialog, Event, Model, update};
use switchboard::domain::topology::FailoverMethod;
use switchboard::ui::{Depth, Look, Screen};

use crate::guide::SCENES;
use crate::scenes;
use crate::support::{bad_night, contoso, drawn, look, press, watched, well};

/// Every page and dialog, by its name.
fn models() -> Vec<(String, Model)> {
    let mut models = scenes::everything();
    models.extend(SCENES.iter().map(|(name, scene)| ((*name).to_owned(), scene())));
    let mut faults = bad_night(FailoverMethod::Dns);
    let row = switchboard::app::trainer::FaultRow { subject: "um1".into(), fault: "stop".into(), on: false };
    let now = faults.now;
    update(&mut faults, Event::FaultsChanged(vec![row]), now);
    press(&mut faults, "F");
    models.push(("faults".to_owned(), faults));
    models
}

/// Whether something is selected in what lies on top, so that a line of it has to show it.
fn selects(model: &Model) -> bool {
    match model.dialogs.last() {
        None => model.selected().is_some(),
        Some(Dialog::Find(finder)) => !finder.found(model).is_empty(),
        Some(Dialog::Guide(guide)) => !guide.script && !guide.items(model).is_empty(),
        Some(Dialog::Faults) => true,
        Some(Dialog::Filter { .. } | Dialog::Inspect { .. } | Dialog::Prompt(_)) => false,
    }
}

#[test]
fn every_selected_line_is_marked_reversed_and_has_the_cursor() {
    let mono = || Look::named("mono", Depth::Mono, false).unwrap();
    let mut seen = 0;
    for (name, mut model) in models() {
        for (columns, rows) in [(80, 24), (120, 34)] {
            let mut screen = drawn(&mut model, columns, rows, mono());
            let mut terminal = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
            terminal.process(screen.writer());
            let shown = terminal.screen();
            let (row, column) = shown.cursor_position();
            let typed = model.dialogs.last().is_some_and(|dialog| dialog.input().is_some());
            assert_eq!(!shown.hide_cursor(), typed, "{name}: the cursor is shown where something is typed");
            if !selects(&model) {
                continue;
            }
            seen += 1;
            let cell = |row: u16, column: u16| shown.cell(row, column).unwrap();
            let marked = |row: u16| (0..columns).any(|column| cell(row, column).contents() == "▌");
            let reversed = |row: u16| (0..columns).any(|column| cell(row, column).inverse());
            let lines: Vec<u16> = (0..rows).filter(|row| marked(*row) && reversed(*row)).collect();
            assert!(!lines.is_empty(), "{name} at {columns}x{rows}: {}", shown.contents());
            // Beneath a dialog another line may be marked; the cursor is on the one that the keys go to.
            assert!(typed || lines.contains(&row), "{name} at {columns}x{rows}: row {row}, {lines:?}");
            assert!(
                typed || cell(row, column).contents() == "▌" || cell(row, column + 1).contents() == "▌",
                "{name}: {column}"
            );
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn moving_the_selection_moves_the_cursor() {
    for keys in ["", "Tab", "Tab Tab", "3", "4", "5", "7"] {
        let mut model = scenes::certificates();
        press(&mut model, keys);
        let at = |model: &mut Model| {
            let mut screen = drawn(model, 120, 34, look("auto"));
            let mut terminal = vt100::Parser::new(34.try_into().unwrap(), 120.try_into().unwrap(), 0);
            terminal.process(screen.writer());
            terminal.screen().cursor_position()
        };
        let before = (at(&mut model), model.selected().cloned());
        press(&mut model, "Down");
        let after = (at(&mut model), model.selected().cloned());
        assert_eq!(before.0 == after.0, before.1 == after.1, "{keys}: {before:?} {after:?}");
    }
}

#[test]
fn every_state_has_a_sign_of_its_own() {
    for ascii in [false, true] {
        let look = Look::named("mono", Depth::Mono, ascii).unwrap();
        let glyphs = look.glyphs();
        let states = [glyphs.up, glyphs.warn, glyphs.down, glyphs.unknown, glyphs.off, glyphs.draining, glyphs.none];
        assert_eq!(states.iter().collect::<BTreeSet<_>>().len(), states.len(), "{states:?}");
        assert_ne!(glyphs.yes, glyphs.no);
    }
}

#[test]
fn what_is_worst_is_seen_at_every_size_that_is_promised() {
    for (columns, rows) in [(60, 15), (60, 60), (76, 19), (80, 24), (200, 15), (100, 24), (120, 34), (250, 80)] {
        let mut model = bad_night(FailoverMethod::Dns);
        let text = drawn(&mut model, columns, rows, look("auto")).text();
        assert!(!text.contains("needs"), "{columns}x{rows}: {text}");
        assert!(text.lines().any(|line| line.contains('✖') && line.contains("um4") && line.contains("down")), "{text}");
        assert!(text.contains("Tukwila") && text.contains("Dublin"), "{columns}x{rows}: {text}");
    }
}

/// Keeps each write by itself.
#[derive(Default)]
struct Writes(Vec<Vec<u8>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_frame_is_one_write_within_one_synchronised_update() {
    let mut model = bad_night(FailoverMethod::Dns);
    let mut screen = Screen::new(Writes::default(), look("dark"), 120, 34);
    let shape = screen.shape(&model.topology);
    let now = model.now;
    update(&mut model, Event::Resized(shape), now);
    let mut frames = 0;
    for keys in ["", "Down", "Tab", "Enter", "Esc", "?", "u", "Esc", "7", "1", ":", "Esc", "f", "Esc"] {
        press(&mut model, keys);
        frames += usize::from(screen.draw(&model).unwrap() > 0);
        assert_eq!(screen.writer().0.len(), frames, "after {keys}");
        let bytes = screen.writer().0.last().unwrap();
        assert!(bytes.starts_with(b"\x1b[?2026h") && bytes.ends_with(b"\x1b[?2026l"), "after {keys}");
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(
            (text.matches("\u{1b}[?2026h").count(), text.matches("\u{1b}[2J").count()),
            (1, usize::from(frames == 1))
        );
    }
    assert!(frames > 10);
}

#[test]
fn a_mouse_that_is_taken_is_told_until_it_is_given_back() {
    let mut model = bad_night(FailoverMethod::Dns);
    let told = |model: &mut Model| {
        // What the key came to is told for some seconds in the same place.
        model.notice = None;
        drawn(model, 80, 24, look("auto")).text().contains("mouse taken, m gives it back")
    };
    assert!(!told(&mut model), "it is the terminal's at the start");
    press(&mut model, "m");
    assert!(told(&mut model));
    press(&mut model, "7 Down");
    assert!(told(&mut model));
    press(&mut model, "m");
    assert!(!told(&mut model));
}

#[test]
fn nothing_moves_on_the_screen_but_times_and_numbers() {
    let still = |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    let mut models = vec![("well".to_owned(), watched(contoso(FailoverMethod::Dns), 40, &well))];
    models.extend(
        SCENES
            .iter()
            .filter(|scene| ["run", "looking"].contains(&scene.0))
            .map(|(name, scene)| ((*name).to_owned(), scene())),
    );
    for (name, mut model) in models {
        // The length of a number changes at ten; within such a step nothing else does.
        let start = model.now;
        let pictures: BTreeSet<String> = (1..=3)
            .map(|second| {
                let now = start + jiff::SignedDuration::from_secs(second);
                update(&mut model, Event::Ticked, now);
                still(&drawn(&mut model, 120, 34, look("auto")).text())
            })
            .collect();
        assert_eq!(pictures.len(), 1, "{name}: {pictures:#?}");
    }
}
