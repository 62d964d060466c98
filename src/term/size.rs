//! How large the terminal is.

use std::os::fd::AsFd;

/// Columns and rows; 80x24 where the terminal does not say.
///
/// Asked of the kernel alone: crossterm's way runs a program when the terminal is gone.
#[must_use]
pub fn size() -> (u16, u16) {
    let of = |fd: rustix::fd::BorrowedFd<'_>| rustix::termios::tcgetwinsize(fd).ok();
    let said = of(rustix::stdio::stdout().as_fd()).or_else(|| of(rustix::stdio::stdin().as_fd()));
    said.map(|size| (size.ws_col, size.ws_row)).filter(|size| size.0 > 0 && size.1 > 0).unwrap_or((80, 24))
}
