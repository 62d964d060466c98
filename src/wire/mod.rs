//! Codecs: bytes in, values out. Pure.

pub mod sip;
