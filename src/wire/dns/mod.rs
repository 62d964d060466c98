//! DNS messages (RFC 1035, 2136, 8945) on hickory-proto: what is asked, what an answer says, how both are signed.
//!
//! Knows no socket and no clock: ids and times come in as arguments.

pub mod answer;
pub mod code;
pub mod key_check;
pub mod name;
pub mod question;
pub mod script;
pub mod tsig;
pub mod update;
pub mod update_answer;
pub mod walk;

pub use name::{to_fqdn, to_name};
pub use question::Question;
pub use tsig::TsigKey;
