//! What is to be done outside: data, carried out by the runtime.

/// Something for the runtime to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// End the console.
    Quit,
    /// Give the terminal back and stop, until the shell's `fg`.
    Suspend,
    /// Forget what the terminal shows and draw everything anew.
    Redraw,
    /// Switch a fault of the demo.
    SwitchFault {
        /// Token of the thing, `um2`.
        subject: String,
        /// Token of the fault, `stop`.
        fault: String,
        /// On or off.
        on: bool,
    },
    /// Switch every fault of the demo off.
    HealAll,
}
