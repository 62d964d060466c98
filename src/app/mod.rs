//! The console's state, and how events change it. Pure: time comes in as an argument, what is to be done goes out as data.
//!
//! Knows neither the terminal nor how anything is drawn.

pub mod action;
pub mod effect;
pub mod event;
pub mod key;
pub mod keymap;
pub mod log;
pub mod model;
pub mod names;
pub mod subject;
pub mod trainer;
pub mod update;

pub use effect::Effect;
pub use event::Event;
pub use key::Key;
pub use keymap::Keymap;
pub use model::{Model, Overlay, Page, Pane, Settings, Shape};
pub use subject::Subject;
pub use update::update;
