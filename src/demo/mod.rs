//! The embedded topology: the source document's two sites as real SIP, TLS and DNS servers on loopback, and their faults.

pub mod dns;
pub mod error;
pub mod pki;
pub mod sip;

pub use error::DemoError;
