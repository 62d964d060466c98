//! Recordings: everything that happened in a session, written down, so that it can be seen again in the same console.
//!
//! A recording is lines of JSON: a header with what the session began with, then one line for each event with its time. The core
//! is deterministic, so the same events give the same screens. New kinds of events need nothing here; three kinds are packed,
//! because they repeat themselves: certificates are written once each, a run's plan once and then what is new in its
//! journal. Secrets of the topology are left out, as in everything else that is written.

mod line;
mod pack;
mod player;
mod recorder;
mod tape;

pub use line::Header;
pub use player::Player;
pub use recorder::Recorder;
pub use tape::{Bookmark, Moment, Recording, RecordingError};

#[cfg(test)]
mod tests;
