//! Readiness: each guideline by itself, over made-up pictures, and all of them over a demo that really runs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod broken;
#[path = "../plan/fixture.rs"]
#[expect(dead_code, reason = "made for the tests of plans, of which readiness needs a part")]
mod fixture;
mod harm;
mod large;
mod live;
mod rounds;
mod stories;
mod world;
mod write_tests;
