//! The console without a terminal: stories of the core, pictures of the screen, flows of keys.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod complaints;
mod dialogs;
mod ending;
mod explained;
#[path = "../plan/facts.rs"]
#[allow(dead_code, reason = "shared with the tests of plans")]
mod facts;
#[path = "../plan/fixture.rs"]
#[allow(dead_code, reason = "shared with the tests of plans")]
mod fixture;
mod flows;
mod guide;
mod keys;
mod looks;
mod pages;
mod recording;
#[path = "../run_support/mod.rs"]
mod run_support;
mod scenes;
mod screens;
mod stories;
mod support;
#[path = "../plan/world.rs"]
#[allow(dead_code, reason = "shared with the tests of plans")]
mod world;
