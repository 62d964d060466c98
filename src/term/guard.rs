//! Enters the terminal and leaves it again: on every way out, as often as it takes, without waiting for a stalled line.

use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::termios::QueueSelector;

/// Alternate screen, bracketed paste, no cursor.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?25l";
/// The end of a synchronised update that may be open, plain style, and the opposite of [`ENTER`].
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// Reports of buttons and wheel (1000) with columns as numbers (1006); not of motion (1003), which floods a slow line.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";
/// Ends an escape sequence that was cut in the middle.
const CANCEL: &[u8] = b"\x18\x1b\\";
/// How long leaving waits for a line that takes no bytes.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 150_000_000 };

/// Whether the terminal is entered now.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Whether a frame was cut in the middle.
static CUT: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is wanted; it is given back whenever the terminal is left.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Panics of other threads that were not shown while the screen was in use.
static SWALLOWED: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// The thread that draws; a panic there ends the process.
pub(crate) const DRAWING_THREAD: &str = "console";

/// The terminal, entered. Left when dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Enters: raw mode, alternate screen.
    ///
    /// # Errors
    /// When the terminal refuses; nothing is left changed then.
    pub fn enter() -> io::Result<Self> {
        let guard = Self(());
        guard.resume()?;
        Ok(guard)
    }

    /// Takes the mouse, or gives it back to the terminal's own selection. `to` is where frames are written, so that this
    /// comes between two of them.
    ///
    /// # Errors
    /// What the writer says.
    pub fn take_mouse(&self, on: bool, to: &mut impl io::Write) -> io::Result<()> {
        // Marked before it is on: whatever ends the program now gives it back.
        MOUSE.store(on, Ordering::SeqCst);
        to.write_all(if on { MOUSE_ON } else { MOUSE_OFF })?;
        to.flush()
    }

    /// Leaves for a while, as for Ctrl-Z. Leaving twice is leaving once.
    pub fn suspend(&self) {
        leave();
    }

    /// Enters again.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn resume(&self) -> io::Result<()> {
        // Marked first: whatever fails half-way is undone by leaving.
        ENTERED.store(true, Ordering::SeqCst);
        CUT.store(false, Ordering::SeqCst);
        let entered = crossterm::terminal::enable_raw_mode().and_then(|()| say(ENTER)).and_then(|()| mouse(MOUSE_ON));
        if entered.is_err() {
            leave();
        }
        entered
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Notes whether a frame is only half written.
pub(super) fn note_cut(cut: bool) {
    CUT.store(cut, Ordering::SeqCst);
}

/// Leaves the terminal as it was found. Safe to call at any time, from any thread, more than once.
fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    if CUT.swap(false, Ordering::SeqCst) {
        let _ = terminal().map(|tty| rustix::termios::tcflush(&tty, QueueSelector::OFlush));
        let _ = say(CANCEL);
    }
    let _ = mouse(MOUSE_OFF);
    let _ = say(LEAVE);
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Says something about the mouse, where it is wanted.
fn mouse(bytes: &[u8]) -> io::Result<()> {
    if MOUSE.load(Ordering::SeqCst) { say(bytes) } else { Ok(()) }
}

/// The terminal, opened anew: O_NONBLOCK set on standard output would be shared with the shell.
pub(super) fn terminal() -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    rustix::fs::open("/dev/tty", flags, Mode::empty()).map_err(io::Error::from)
}

/// Writes all bytes, or as many as the line takes within [`PATIENCE`]; what it holds back is thrown away then.
fn say(bytes: &[u8]) -> io::Result<()> {
    let tty = terminal()?;
    let mut rest = bytes;
    let mut flushed = false;
    while !rest.is_empty() {
        match rustix::io::write(&tty, rest) {
            Ok(written) => rest = &rest[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) if writable(tty.as_fd()) => {}
            Err(rustix::io::Errno::AGAIN) if !flushed => {
                rustix::termios::tcflush(&tty, QueueSelector::OFlush)?;
                flushed = true;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn writable(tty: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::new(&tty, PollFlags::OUT)];
    matches!(poll(&mut fds, Some(&PATIENCE)), Ok(ready) if ready > 0)
}

/// Makes a panic leave the terminal first. One of the drawing thread ends the process with code 101: drawing on over the
/// shell would be worse. One of any other thread is kept for the end: the supervisor goes on with the next try.
pub fn install_panic_hook() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let drawing = std::thread::current().name() == Some(DRAWING_THREAD);
        if !drawing {
            if ENTERED.load(Ordering::SeqCst) {
                let mut swallowed = SWALLOWED.lock().unwrap_or_else(PoisonError::into_inner);
                if swallowed.len() < 10 {
                    swallowed.push(info.to_string());
                }
            } else {
                before(info);
            }
            return;
        }
        leave();
        let _ = writeln!(io::stderr(), "switchboard ended by a defect of its own: {info}");
        #[expect(clippy::disallowed_methods, reason = "the screen is given back; going on would draw over the shell")]
        std::process::exit(101);
    }));
}

/// Panics of other threads since the screen was entered, at most ten.
#[must_use]
pub fn swallowed_panics() -> Vec<String> {
    std::mem::take(&mut *SWALLOWED.lock().unwrap_or_else(PoisonError::into_inner))
}
