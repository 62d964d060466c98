//! Operators who confirm at the same instant: one run wins, the others change nothing and say why.
//!
//! Two fences are tried: the lock of one state directory, and, between separate ones, the marker in the zone.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod claims;
mod processes;
#[path = "../run_support/mod.rs"]
mod run_support;
