//! Pictures of what else lies over the screen: help, what a rule or a finding means, palette, prompts, filter.

use switchboard::app::Model;
use switchboard::domain::topology::FailoverMethod;

use crate::guide::reviewed;
use crate::support::{bad_night, drawn, look, press};

fn opened(keys: &str) -> Model {
    let mut model = bad_night(FailoverMethod::Dns);
    press(&mut model, keys);
    model
}

fn about_a_rule() -> Model {
    let mut story = reviewed(&["fact rehearsal um4 silent"]);
    story.press("?");
    story.model
}

fn a_reason() -> Model {
    let mut story = reviewed(&["fact rehearsal um4 silent"]);
    story.press("o ctrl-u n o Enter");
    story.model
}

/// A name, and the model that is drawn.
type Scene = (&'static str, fn() -> Model);

/// Each dialog, by its name.
const DIALOGS: &[Scene] = &[
    ("help", || opened("?")),
    ("help-search", || opened("? f a i l")),
    ("help-finding", || opened("Tab Tab ?")),
    ("help-rule", about_a_rule),
    ("palette", || opened(":")),
    ("palette-search", || opened(": u m 4")),
    ("prompt-reason", a_reason),
    ("prompt-acknowledge", || opened("Tab Tab a")),
    ("prompt-window", || opened("w 9 0 m Enter")),
    ("filter", || opened("Tab Tab / s t a t e : d o w n")),
];

#[test]
fn every_dialog_at_both_sizes() {
    for (name, dialog) in DIALOGS {
        let mut model = dialog();
        for (columns, rows) in [(80, 24), (120, 34)] {
            let text = drawn(&mut model, columns, rows, look("auto")).text();
            insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), text);
        }
    }
}
