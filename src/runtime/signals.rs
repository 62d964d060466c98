//! Signals that the console answers.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// TERM, INT, HUP, QUIT: end.
    End,
    /// WINCH: the terminal has another size. Listened to here, because crossterm listens only once it has begun to read, and
    /// a terminal may be resized before that.
    Resized,
    /// TSTP: stop until the shell's `fg`.
    Suspend,
    /// CONT: it may have been stopped without being asked; the screen is not what it was.
    Continue,
}

/// Signals that end: TERM, INT, HUP, QUIT.
#[derive(Debug)]
pub(super) struct Endings {
    term: Signal,
    int: Signal,
    hup: Signal,
    quit: Signal,
}

impl Endings {
    /// Starts to listen.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
            hup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Waits for one of them.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
            _ = self.hup.recv() => {}
            _ = self.quit.recv() => {}
        }
    }
}

/// All signals that are listened to.
#[derive(Debug)]
pub(super) struct Signals {
    endings: Endings,
    winch: Signal,
    tstp: Signal,
    cont: Signal,
}

impl Signals {
    /// Starts to listen.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            endings: Endings::listen()?,
            winch: signal(SignalKind::window_change())?,
            tstp: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            cont: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    /// The next signal.
    pub(super) async fn next(&mut self) -> Asked {
        tokio::select! {
            biased;
            () = self.endings.next() => Asked::End,
            _ = self.winch.recv() => Asked::Resized,
            _ = self.tstp.recv() => Asked::Suspend,
            _ = self.cont.recv() => Asked::Continue,
        }
    }
}
