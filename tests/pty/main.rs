//! The console on a real terminal, watching a demo of its own or of another process.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod demo;
mod ending;
mod failover;
mod lines;
mod night;
mod own_keys;
mod reload;
mod replay;
mod terminal;
mod traps;
mod voice;
mod ways_out;
