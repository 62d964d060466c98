//! The same picture without a screen: text and JSON.

pub mod cert;
pub mod certificates;
pub mod check;
pub mod json;
pub mod plain;
pub mod readiness;
pub mod revocation;
pub mod run;
mod summary;
mod words;

pub use summary::summary;
pub use words::{ago, milliseconds};
