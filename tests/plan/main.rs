//! Plans and rules, pure: what was declared and seen goes in, what would be done comes out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod by_dns;
mod by_enabling;
mod confirming;
mod facts;
mod fenced_commands;
mod fixture;
mod outlook;
mod properties;
mod refusals;
mod rules;
mod takeover;
mod world;
