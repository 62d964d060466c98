//! How keys are told, wherever the console names one: the key that works now, as the keymap has it, and the word of the table.
//!
//! A screen that wrote a key down by itself would lie as soon as a person binds another one.

use std::fmt::Write as _;

use super::action::{self, ACTIONS, Action, Id};
use super::dialog::{self, Dialog};
use super::guide::Step;
use super::key::{Key, Named};
use super::model::Model;
use super::sequence::Sequence;
use super::subject::Subject;

/// What an action is called where it means something narrower than its row says.
struct Called {
    id: Id,
    word: &'static str,
    here: fn(&Model) -> bool,
}

const fn called(id: Id, word: &'static str, here: fn(&Model) -> bool) -> Called {
    Called { id, word, here }
}

/// The first one that fits counts.
const CALLED: &[Called] = &[
    called(Id::Open, "switch", |model| matches!(model.dialogs.last(), Some(Dialog::Faults))),
    called(Id::Open, "do it", |model| matches!(model.dialogs.last(), Some(Dialog::Find(_)))),
    called(Id::Open, "take it", |model| matches!(model.dialogs.last(), Some(Dialog::Prompt(_)))),
    called(Id::Open, "look and review", |model| step(model) == Some(Step::Choose)),
    called(Id::Open, "go on", |model| step(model) == Some(Step::Review)),
    called(Id::Open, "confirm", |model| step(model) == Some(Step::Confirm)),
    called(Id::Open, "choose", |model| matches!(step(model), Some(Step::Run | Step::Verify))),
    called(Id::Open, "open", |model| {
        model.dialogs.is_empty() && matches!(model.selected(), Some(Subject::Site(_) | Subject::Run(_)))
    }),
    called(Id::Close, "leave it running", |model| {
        on_run(model) && model.run_in_hand().is_some_and(|view| view.is_open() && view.living.is_some())
    }),
    called(Id::Close, "leave it", |model| {
        on_run(model) && model.run_in_hand().is_some_and(super::runs::RunView::is_open)
    }),
    called(Id::Down, "scroll", |model| matches!(model.dialogs.last(), Some(Dialog::Inspect { .. }))),
];

/// The step of the guided failover, where it lies on top.
fn step(model: &Model) -> Option<Step> {
    match model.dialogs.last() {
        Some(Dialog::Guide(guide)) => Some(guide.step),
        _ => None,
    }
}

fn on_run(model: &Model) -> bool {
    matches!(model.dialogs.last(), Some(Dialog::Guide(guide)) if !guide.is_prepared())
}

/// Every word that the key bar may have for an action, its own one first; none for what has no place there.
pub fn words(row: &Action) -> impl Iterator<Item = &'static str> {
    let id = row.id;
    let narrower = CALLED.iter().filter(move |called| called.id == id).map(|called| called.word);
    [row.short].into_iter().chain(narrower).filter(|word| !word.is_empty())
}

impl Model {
    /// What an action is called now.
    #[must_use]
    pub fn word(&self, row: &Action) -> &'static str {
        let fits = |called: &&Called| called.id == row.id && (called.here)(self);
        CALLED.iter().find(fits).map_or(row.short, |called| called.word)
    }

    /// The keys that do an action now; none where no key stands for it, or where its keys would be typed into a line.
    #[must_use]
    pub fn key_now(&self, id: Id) -> Option<Sequence> {
        let types = self.dialogs.last().is_some_and(|dialog| dialog.input().is_some());
        if types && id == Id::Open {
            return Some(Key::named(Named::Enter).into());
        }
        let works = |keys: &&Sequence| !(types && keys.keys().first().is_some_and(|key| dialog::is_typed(*key)));
        self.keymap.keys(id).iter().find(works).cloned()
    }

    /// The first key of an action, whatever is open.
    #[must_use]
    pub fn key(&self, id: Id, arrows: bool) -> Option<String> {
        self.keymap.keys(id).first().map(|keys| keys.label(arrows))
    }

    /// Actions with their keys, as a hint beside a line says them: `x leave out, t map`. What no key stands for is left out.
    #[must_use]
    pub fn hint(&self, ids: &[Id], arrows: bool) -> String {
        let told =
            ids.iter().filter_map(|id| Some(format!("{} {}", self.key(*id, arrows)?, action::action(*id)?.short)));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// The keys of the console as a table of the README: what the keymap has, what the rows say.
#[must_use]
pub fn table(keymap: &super::Keymap) -> String {
    let mut text = "| keys | name | in the key bar | what it does |\n|---|---|---|---|\n".to_owned();
    for row in ACTIONS {
        let keys: Vec<String> = keymap.keys(row.id).iter().map(|keys| format!("`{}`", keys.label(true))).collect();
        let words: Vec<&str> = words(row).collect();
        let line = [keys.join(" "), format!("`{}`", row.name), words.join(", "), row.help.to_owned()];
        let _ = writeln!(text, "| {} |", line.join(" | "));
    }
    text
}
