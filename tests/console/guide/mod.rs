//! Stories of the guided failover: keys and events in, dialog and effects out, with plans of the real planner and the real rules.

mod choosing;
mod confirming;
mod disarming;
mod identity;
mod office;
mod pictures;
mod reviewing;
mod running;
mod scenes;
mod tale;

pub(crate) use scenes::{SCENES, reviewed};
