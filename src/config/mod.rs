//! The topology file: read raw, checked whole, every problem told at once.
