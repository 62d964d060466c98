//! Whether guidelines are kept and failures could be carried, now: for `check` once, for the console round by round.
//!
//! What the probes saw comes in as a [`Sight`]. What no probe asks is asked here: the management tools, the numbering library,
//! the rehearsals; and where a zone's owner allows it, a signed write that changes nothing. Nothing is changed by it.

mod judge;
mod rounds;
mod write_test;

pub use judge::{Asked, Judge, Sight};
pub use rounds::{Rounds, judged};
