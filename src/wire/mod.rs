//! Codecs: bytes in, values out. Pure.

pub mod sip;
pub mod um_state;
