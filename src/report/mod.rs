//! The same picture without a screen: text and JSON.

pub mod check;
pub mod json;
mod words;

pub use words::{ago, milliseconds};
