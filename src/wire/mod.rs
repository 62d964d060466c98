//! Codecs: bytes in, values out. Pure.
