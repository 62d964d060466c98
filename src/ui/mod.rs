//! Drawing: the only room that knows ratatui. Reads the model, changes nothing in it.
//!
//! [`Screen`] is the way in; the rest is how the picture comes about: [`look`] turns roles into styles and glyphs (`theme` reads
//! them, `depth` brings them down to the terminal's colours), `layout` does all arithmetic on sizes, `pen` writes into the buffer, `encode` turns what changed into the fewest bytes.

mod columns;
mod depth;
mod encode;
mod layout;
pub mod look;
mod pen;
mod screen;
mod screens;
mod text;
mod theme;
mod words;

pub use depth::Depth;
pub use look::{Look, LookOptions, OwnThemes, is_utf8};
pub use screen::Screen;
pub use theme::{THEMES, ThemeError, read_theme};
