//! DNS on real sockets: the demo's servers behind dig and nsupdate, the probe against them and against BIND.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod backend;
mod bind;
mod followers;
mod hostile;
mod named;
mod primary;
mod probe;
mod proxy;
mod support;
mod wire_faults;
