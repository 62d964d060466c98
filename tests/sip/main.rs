//! SIP probes against real sockets: peers that behave, that misbehave, and that are too old; and hostile bytes for the codec.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may stop at the first surprise")]

mod legacy;
mod mutants;
mod peers;
mod plain;
mod redirects;
mod rfc;
mod tls;
