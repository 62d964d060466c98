//! Against a real BIND.
