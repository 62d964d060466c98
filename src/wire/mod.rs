//! Codecs: bytes in, values out. Pure.

pub mod dns;
pub mod sip;
pub mod um_state;
