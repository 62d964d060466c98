//! What lies over the screen, innermost last. A dialog owns what it is about; typing goes to the innermost one.

use tui_input::{Input, InputRequest};

use super::effect::Effect;
use super::filter::Filter;
use super::finder::{Finder, Target};
use super::guide::{self, Guide, Step};
use super::key::{Code, Key, Named};
use super::model::Model;
use super::prompt::{self, Prompt};
use super::subject::Subject;
use super::update::{go_to, perform};

/// Something that lies over the screen.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// Help, or the palette.
    Find(Finder),
    /// Everything about one thing.
    Inspect {
        /// What; it stays even when the selection moves.
        subject: Subject,
        /// The first line shown.
        top: usize,
    },
    /// The demo's faults.
    Faults,
    /// The filter is being typed; with the one that held before.
    Filter {
        /// The line.
        input: Input,
        /// What held before, for Esc.
        before: Filter,
    },
    /// One line for some purpose.
    Prompt(Box<Prompt>),
    /// A failover, step by step.
    Guide(Box<Guide>),
}

impl Dialog {
    /// The line that is typed into, where there is one.
    #[must_use]
    pub fn input(&self) -> Option<&Input> {
        match self {
            Self::Find(finder) => Some(&finder.query),
            Self::Filter { input, .. } => Some(input),
            Self::Prompt(prompt) => Some(&prompt.input),
            Self::Guide(guide) if guide.step == Step::Confirm && !guide.sent => Some(&guide.phrase),
            _ => None,
        }
    }

    fn input_mut(&mut self) -> Option<&mut Input> {
        match self {
            Self::Find(finder) => Some(&mut finder.query),
            Self::Filter { input, .. } => Some(input),
            Self::Prompt(prompt) => Some(&mut prompt.input),
            Self::Guide(guide) if guide.step == Step::Confirm && !guide.sent => Some(&mut guide.phrase),
            _ => None,
        }
    }
}

/// What a key does to a line that is typed; keys that are no typing go to the keymap.
fn typing(key: Key) -> Option<InputRequest> {
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Char(c), false, false) => InputRequest::InsertChar(c),
        (Code::Named(Named::Space), false, false) => InputRequest::InsertChar(' '),
        (Code::Named(Named::Backspace), false, false) => InputRequest::DeletePrevChar,
        (Code::Named(Named::Delete), ..) => InputRequest::DeleteNextChar,
        (Code::Named(Named::Left), false, false) => InputRequest::GoToPrevChar,
        (Code::Named(Named::Right), false, false) => InputRequest::GoToNextChar,
        (Code::Named(Named::Home), ..) | (Code::Char('a'), true, _) => InputRequest::GoToStart,
        (Code::Named(Named::End), ..) | (Code::Char('e'), true, _) => InputRequest::GoToEnd,
        (Code::Char('w'), true, _) | (Code::Named(Named::Backspace), _, true) => InputRequest::DeletePrevWord,
        (Code::Char('u'), true, _) => InputRequest::DeleteFromStart,
        (Code::Char('k'), true, _) => InputRequest::DeleteTillEnd,
        _ => return None,
    })
}

/// Whether a line takes a key for itself.
pub(super) fn is_typed(key: Key) -> bool {
    key.code == Code::Named(Named::Enter) || typing(key).is_some()
}

/// The longest line that is taken.
const LONGEST: usize = 500;

/// Types a key into the innermost dialog; `None` when it has no line, or the key is no typing.
pub(super) fn typed(model: &mut Model, key: Key) -> Option<Vec<Effect>> {
    let dialog = model.dialogs.last_mut()?;
    let input = dialog.input_mut()?;
    if key.code == Code::Named(Named::Enter) {
        return Some(submit(model));
    }
    let request = typing(key)?;
    let full = input.value().chars().count() >= LONGEST;
    if !(full && matches!(request, InputRequest::InsertChar(_))) {
        input.handle(request);
    }
    changed(model);
    Some(Vec::new())
}

/// Puts pasted text into the innermost line, if there is one.
pub(super) fn pasted(model: &mut Model, text: &str) {
    let Some(input) = model.dialogs.last_mut().and_then(Dialog::input_mut) else { return };
    let room = LONGEST.saturating_sub(input.value().chars().count());
    for c in text.chars().filter(|c| !c.is_control()).take(room) {
        input.handle(InputRequest::InsertChar(c));
    }
    changed(model);
}

/// What follows from another text.
fn changed(model: &mut Model) {
    if let Some(Dialog::Find(mut finder)) = model.dialogs.pop_if(|dialog| matches!(dialog, Dialog::Find(_))) {
        (finder.chosen, finder.top) = (None, 0);
        finder.settle(model);
        model.dialogs.push(Dialog::Find(finder));
        return;
    }
    match model.dialogs.last_mut() {
        Some(Dialog::Filter { input, .. }) => {
            model.filter = Filter::parse(input.value());
            model.settle();
        }
        Some(Dialog::Prompt(prompt)) => prompt.problem = None,
        Some(Dialog::Guide(guide)) => guide.told = None,
        _ => {}
    }
}

/// Enter.
fn submit(model: &mut Model) -> Vec<Effect> {
    match model.dialogs.pop() {
        Some(Dialog::Find(finder)) => found(model, finder),
        Some(Dialog::Prompt(mut prompt)) => match prompt::submit(model, &prompt) {
            Ok(effects) => effects,
            Err(problem) => {
                prompt.problem = Some(problem);
                model.dialogs.push(Dialog::Prompt(prompt));
                Vec::new()
            }
        },
        Some(dialog @ Dialog::Guide(_)) => {
            model.dialogs.push(dialog);
            guide::submit_phrase(model)
        }
        Some(Dialog::Filter { .. }) | None => Vec::new(),
        Some(other) => {
            model.dialogs.push(other);
            Vec::new()
        }
    }
}

/// Does what was found; a line that cannot be done now says why.
fn found(model: &mut Model, mut finder: Finder) -> Vec<Effect> {
    let found = finder.found(model);
    if finder.chosen.as_ref().is_some_and(|chosen| found.iter().all(|one| one.target != *chosen)) {
        model.notice("what was selected is not there any more: nothing was done");
        finder.settle(model);
        model.dialogs.push(Dialog::Find(finder));
        return Vec::new();
    }
    let Some(one) = found.get(finder.at(&found)).cloned() else {
        model.dialogs.push(Dialog::Find(finder));
        return Vec::new();
    };
    // The finder itself lay over what the action is about: asked again without it.
    let why_not = match &one.target {
        Target::Action(id) => model.can(*id).err(),
        _ => one.why_not,
    };
    if let Some(why) = why_not {
        model.notice(&format!("not now: {why}"));
        model.dialogs.push(Dialog::Find(finder));
        return Vec::new();
    }
    match one.target {
        Target::Action(id) => return perform(model, id),
        Target::Go(subject) => go_to(model, subject),
        Target::FailOver(site) => open_guide(model, Guide::on_site(model, site, false)),
        Target::BringHome(site) => open_guide(model, Guide::on_site(model, site, true)),
    }
    Vec::new()
}

/// Opens the guided failover, in place of whatever is open.
pub(super) fn open_guide(model: &mut Model, guide: Guide) {
    model.dialogs.clear();
    model.dialogs.push(Dialog::Guide(Box::new(guide)));
}
