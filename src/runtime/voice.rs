//! What the console says to the terminal beside its frames: text for the clipboard, the bell, notifications. Written where frames are
//! written, so that no frame is cut by it.

use std::io::{self, Write};

use crate::domain::clean::Clean;
use crate::term::{self, BELL, Multiplexer, Notifier};

/// How this terminal is spoken to, as its environment says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    within: Multiplexer,
    notifier: Option<Notifier>,
}

impl Voice {
    /// As the environment says.
    #[must_use]
    pub fn of(env: &dyn Fn(&str) -> Option<String>) -> Self {
        Self { within: Multiplexer::of(env), notifier: Notifier::of(env) }
    }

    /// Puts a text into the clipboard; what can be said about it.
    pub(super) fn copy(self, text: &str, to: &mut impl Write) -> Result<String, String> {
        let copy = term::copy(text, self.within).map_err(|error| error.to_string())?;
        to.write_all(&copy.sequence).map_err(|error| format!("not copied: {error}"))?;
        Ok(copy.said)
    }

    /// Rings, and shows a notification where the terminal can.
    pub(super) fn notify(self, title: &str, text: &str, to: &mut impl Write) -> io::Result<()> {
        to.write_all(BELL)?;
        match self.notifier {
            Some(notifier) => to.write_all(&notifier.sequence(&Clean::new(title), &Clean::new(text), self.within)),
            None => Ok(()),
        }
    }
}
