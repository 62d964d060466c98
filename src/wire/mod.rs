//! Codecs: bytes in, values out. Pure.

pub mod dns;
pub mod hello;
pub mod http;
pub mod sip;
pub mod um_state;
