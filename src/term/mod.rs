//! The terminal: entered and left cleanly whatever happens, read, written without ever waiting, watched for a hang-up.
//!
//! The only room that knows crossterm. Knows nothing of the console but its keys.

mod clipboard;
mod guard;
mod input;
mod multiplexer;
mod notify;
mod size;
mod split;
mod watch;
mod writer;

pub use clipboard::{Copy, MOST as MOST_COPIED, NotCopied, copy};
pub(crate) use guard::DRAWING_THREAD;
pub use guard::{Guard, install_panic_hook, swallowed_panics};
pub use input::{Input, Inputs, Mouse, MouseKind};
pub use multiplexer::Multiplexer;
pub use notify::{BELL, Notifier};
pub use size::size;
pub use watch::{abandon, hung_up, is_terminal, stop_here};
pub use writer::Writer;
