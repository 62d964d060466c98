//! Writes to the terminal without ever waiting for it: what a slow line does not take is kept, and no new frame is drawn
//! before that is gone.

use std::io::{self, Write};

use tokio::net::unix::pipe::Sender;

use super::guard::{note_cut, terminal};

/// The terminal as a writer.
#[derive(Debug)]
pub struct Writer {
    /// Tokio's sender is the safe way to wait for any file that can be polled.
    tty: Sender,
    pending: Vec<u8>,
}

impl Writer {
    /// Opens the terminal. Needs a running tokio runtime.
    ///
    /// # Errors
    /// When this process has no terminal.
    pub fn open() -> io::Result<Self> {
        Ok(Self { tty: Sender::from_owned_fd_unchecked(terminal()?)?, pending: Vec::new() })
    }

    /// Whether the line has not taken everything yet.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Waits until the line has taken everything. May be given up at any time.
    ///
    /// # Errors
    /// What the terminal says; then it is most likely gone.
    pub async fn drained(&mut self) -> io::Result<()> {
        while !self.pending.is_empty() {
            self.tty.writable().await?;
            match self.tty.try_write(&self.pending) {
                Ok(written) => drop(self.pending.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        note_cut(false);
        Ok(())
    }
}

impl Write for Writer {
    /// Takes all bytes at once; what the line does not take is kept.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        // Asked of the kernel and not of tokio, which would first have to hear that the line is ready.
        while self.pending.is_empty() && !rest.is_empty() {
            match rustix::io::write(&self.tty, rest) {
                Ok(written) => rest = &rest[written..],
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => break,
                Err(error) => return Err(error.into()),
            }
        }
        self.pending.extend_from_slice(rest);
        note_cut(!self.pending.is_empty());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
