//! The embedded topology: the source document's two sites as real SIP, TLS and DNS servers on loopback, and their faults.

pub mod board;
pub mod cast;
pub mod dns;
pub mod error;
pub mod faults;
pub mod pki;
pub mod sip;
mod stage;
pub mod um_service;

pub use error::DemoError;
