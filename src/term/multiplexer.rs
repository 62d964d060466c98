//! Whether tmux stands between this program and the terminal, and how a sequence gets past it.

/// What stands between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Multiplexer {
    /// Nothing that we know of.
    #[default]
    None,
    /// tmux, which keeps sequences that it does not know to itself.
    Tmux,
}

impl Multiplexer {
    /// As the environment says.
    #[must_use]
    pub fn of(env: &dyn Fn(&str) -> Option<String>) -> Self {
        if env("TMUX").is_some_and(|value| !value.is_empty()) { Self::Tmux } else { Self::None }
    }
}

/// A sequence as tmux passes it on (`allow-passthrough`): inside a DCS, each ESC doubled.
pub(super) fn passed_through(sequence: &[u8]) -> Vec<u8> {
    let mut wrapped = b"\x1bPtmux;".to_vec();
    for byte in sequence {
        if *byte == 0x1b {
            wrapped.push(0x1b);
        }
        wrapped.push(*byte);
    }
    wrapped.extend_from_slice(b"\x1b\\");
    wrapped
}
