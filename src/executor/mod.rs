//! Carries a plan out and writes it down: journal, lock, execution.

pub mod chain;
pub mod journal;
pub mod request;
pub mod store;
pub mod verify;
