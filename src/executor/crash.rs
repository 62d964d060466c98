//! Death on demand: `SWITCHBOARD_CRASH_AT=<step>:<point>` kills the executor there, as nothing else would: no destructor runs.
//!
//! Honoured on a demo only. With `!` before it, the command's child is killed too.

use rustix::process::{Pid, Signal, getpid, kill_process, kill_process_group};

/// The name of the variable.
pub const VARIABLE: &str = "SWITCHBOARD_CRASH_AT";

/// Where an executor can be made to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before the intent is written.
    BeforeIntent,
    /// The intent is on disk, nothing was sent.
    AfterIntent,
    /// The last byte has left.
    AfterSend,
    /// The other side has answered.
    AfterEffect,
    /// The effect was read back, the outcome is not written.
    BeforeOutcome,
}

impl Point {
    /// Every point, in the order of their coming.
    pub const ALL: [Self; 5] =
        [Self::BeforeIntent, Self::AfterIntent, Self::AfterSend, Self::AfterEffect, Self::BeforeOutcome];

    /// The word of the variable.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::BeforeIntent => "before-intent",
            Self::AfterIntent => "after-intent",
            Self::AfterSend => "after-send",
            Self::AfterEffect => "after-effect",
            Self::BeforeOutcome => "before-outcome",
        }
    }
}

/// Where this executor shall die, when anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crash {
    step: String,
    point: String,
    with_child: bool,
}

impl Crash {
    /// Reads the variable's value; on anything but a demo there is none.
    #[must_use]
    pub fn read(value: Option<&str>, is_demo: bool) -> Self {
        let Some(value) = value.filter(|_| is_demo) else { return Self::default() };
        let (with_child, value) = match value.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, value),
        };
        let (step, point) = value.rsplit_once(':').unwrap_or_default();
        Self { step: step.to_owned(), point: point.to_owned(), with_child }
    }

    /// Dies here, when it is here.
    pub fn at(&self, step: &str, point: Point, child: Option<u32>) {
        if self.step != step || self.point != point.word() {
            return;
        }
        let child = child.filter(|_| self.with_child).and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        if let Some(group) = child {
            let _gone_already = kill_process_group(group, Signal::KILL);
        }
        let _gone_already = kill_process(getpid(), Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_dies_on_demand_outside_a_demo() {
        assert_eq!(Crash::read(Some("move:after-send"), false), Crash::default());
        let crash = Crash::read(Some("!move:after-send"), true);
        assert!(crash.with_child && crash.step == "move" && crash.point == "after-send");
        // Living on after this line is the test.
        crash.at("claim", Point::AfterSend, None);
        crash.at("move", Point::AfterIntent, None);
        Crash::default().at("", Point::AfterIntent, None);
    }
}
