//! The console's state, and how events change it. Pure: time comes in as an argument, what is to be done goes out as data.
//!
//! Knows neither the terminal nor how anything is drawn.

pub mod action;
mod attend;
mod copy;
pub mod dialog;
pub mod effect;
pub mod event;
mod exact;
pub mod fences;
pub mod filter;
pub mod finder;
pub mod guide;
pub mod hit;
mod items;
pub mod key;
pub mod keymap;
pub mod log;
pub mod model;
pub mod names;
pub mod page;
mod perform;
pub mod prompt;
pub mod runs;
pub mod sequence;
pub mod subject;
pub mod theme;
mod things;
pub mod told;
pub mod trainer;
mod traits;
pub mod update;
mod when;

pub use dialog::Dialog;
pub use effect::Effect;
pub use event::Event;
pub use exact::exact;
pub use key::Key;
pub use keymap::Keymap;
pub use model::{Model, Settings, Shape};
pub use page::{Page, Pane};
pub use sequence::{Pending, Pressed, Sequence};
pub use subject::Subject;
pub use update::update;

// What the model holds of readiness, for those who draw it.
pub use crate::readiness::{Check, Ready, Status};

/// The guideline of an id.
#[must_use]
pub fn guideline(id: &str) -> Option<&'static crate::readiness::Guideline> {
    crate::readiness::GUIDELINES.iter().find(|guideline| guideline.id == id)
}
