//! The console's state and what happens to it: model, event, update, effect, actions, keymap. Pure; draws nothing.
