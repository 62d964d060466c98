//! The loop: inbox, update, effects, draw when dirty; timers and signals.

mod memory;

pub use memory::Memory;
