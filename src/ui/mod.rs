//! Draws the model. The only room that knows ratatui.
