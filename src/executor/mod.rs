//! Carries a plan out and writes it down: journal, lock, execution.
//!
//! An executor is a process of its own. Consoles and commands start one, follow its journal, and put requests into its directory.

mod accept;
pub mod anchor;
pub mod attach;
mod bare;
mod base;
pub mod chain;
pub mod confirm;
pub mod crash;
pub mod execute;
pub mod fence;
mod guard;
pub mod journal;
pub mod lock;
mod login;
mod look;
mod perform;
pub mod preflight;
mod process;
pub mod request;
pub mod round;
mod standing;
pub mod store;
pub mod survey;
pub mod ttls;
pub mod verify;
