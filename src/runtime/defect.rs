//! Defects on request: what a panic does to the terminal is tested with them. Obeyed in the demo alone.

use tokio::runtime::Handle;

/// Where a panic is asked for, with `SWITCHBOARD_TEST_PANIC` and the key P.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestPanic {
    /// `1`: in the thread that draws.
    Drawing,
    /// `elsewhere`: in a task, as a probe's would be.
    Elsewhere,
}

impl TestPanic {
    /// What the variable's value asks for.
    #[must_use]
    pub fn asked(value: &str) -> Option<Self> {
        match value {
            "1" => Some(Self::Drawing),
            "elsewhere" => Some(Self::Elsewhere),
            _ => None,
        }
    }

    pub(super) fn happen(self, probes: &Handle) {
        match self {
            Self::Drawing => defect(),
            Self::Elsewhere => drop(probes.spawn(async { defect() })),
        }
    }
}

#[expect(clippy::panic, reason = "that is what it is for")]
fn defect() {
    panic!("asked for with SWITCHBOARD_TEST_PANIC");
}
