//! Certificates, good and bad: through the real binary, from files and from live servers; the rules for names against webpki's.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may stop at the first surprise")]

mod bad;
mod command;
mod corpus;
mod names;
mod old_servers;
mod peers;
mod revoked;
mod watching;
