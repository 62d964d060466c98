//! The loop: what happens goes in, the core changes the model, effects are carried out, the screen is drawn when something
//! changed. Nothing in it waits for a network, a disk, a child or a lock.

mod console;
mod defect;
mod effects;
mod error;
mod memory;
mod office;
mod plain;
pub mod readiness;
pub mod record;
mod reload;
mod replay;
mod shared;
mod signals;
mod voice;

pub use console::{Console, Ended, run_console};
pub use defect::TestPanic;
pub use error::RuntimeError;
pub use memory::Memory;
pub use office::Workplace;
pub use plain::{Plain, run_plain};
pub use replay::{ReplayError, run_replay};
pub use voice::Voice;
