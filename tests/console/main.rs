//! The console without a terminal: stories of the core, pictures of the screen, flows of keys.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod flows;
mod looks;
mod screens;
mod stories;
mod support;
