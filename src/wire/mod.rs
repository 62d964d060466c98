//! Codecs: bytes in, values out. Pure.

pub mod dns;
pub mod forest_sync;
pub mod hello;
pub mod http;
pub mod sip;
pub mod um_state;
