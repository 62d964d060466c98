//! The terminal: guard, input, capabilities, hang-up watch. The only room that knows crossterm.
