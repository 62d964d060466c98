//! The whole first design from the shell against real BINDs, with everything that goes over the wire to them kept and read.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod bind;
mod capture;
mod commands;
mod deployment;
mod kerberos;
mod named;
mod over_and_back;
mod refused;
#[path = "../run_support/mod.rs"]
mod run_support;
mod sign;
mod wire;
mod write_tests;
