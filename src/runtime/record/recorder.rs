//! Writes a recording: on a thread of its own, flushed each second. A disk that is full or slow ends it, and nothing else.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::line::Header;
use super::pack::{Packer, since};
use crate::app::Event;
use crate::domain::clean::Clean;

/// What is written stands on disk after this time at the latest.
const FLUSH: Duration = Duration::from_secs(1);
/// Events that wait to be written; a disk that is further behind is too slow.
const WAITING: usize = 4096;

/// A recording that is being made. Ends when it is dropped.
#[derive(Debug)]
pub struct Recorder {
    events: Option<SyncSender<(Timestamp, Event)>>,
    /// Ends when the writer has ended.
    written: Receiver<()>,
    name: Clean,
}

impl Recorder {
    /// Begins a recording in a new file. `told` gets one line when it ends before it should.
    ///
    /// # Errors
    /// When there is a file of this name, or none can be made.
    pub fn start(file: &Path, header: &Header, told: impl Fn(String) + Send + 'static) -> io::Result<Self> {
        let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        Self::to(open, Clean::new(&file.to_string_lossy()), header, told)
    }

    pub(super) fn to(
        out: File,
        name: Clean,
        header: &Header,
        told: impl Fn(String) + Send + 'static,
    ) -> io::Result<Self> {
        let mut out = BufWriter::new(out);
        write(&mut out, header)?;
        out.flush()?;
        let (events, waiting) = sync_channel(WAITING);
        let (end, written) = sync_channel(0);
        let (shown, started) = (name.clone(), header.started);
        std::thread::Builder::new().name("recording".into()).spawn(move || {
            if let Err(error) = keep_writing(out, &waiting, started) {
                told(format!("the recording {shown} ends here: {error}"));
            }
            drop(end);
        })?;
        Ok(Self { events: Some(events), written, name })
    }

    /// Takes an event and the moment at which the core gets it. Never waits; gives a line to tell when this ends the recording.
    pub fn note(&mut self, event: &Event, at: Timestamp) -> Option<String> {
        match self.events.as_ref()?.try_send((at, event.clone())) {
            Ok(()) => None,
            // The writer has said why.
            Err(TrySendError::Disconnected(_)) => {
                self.events = None;
                None
            }
            Err(TrySendError::Full(_)) => {
                self.events = None;
                Some(format!("the recording {} ends here: the disk is too slow for it", self.name))
            }
        }
    }

    /// Ends the recording when everything is written; gives up after a while.
    pub fn finish(mut self, patience: Duration) {
        self.events = None;
        let _ended_or_given_up = self.written.recv_timeout(patience);
    }
}

fn keep_writing(
    mut out: BufWriter<File>,
    waiting: &Receiver<(Timestamp, Event)>,
    started: Timestamp,
) -> io::Result<()> {
    let mut packer = Packer::default();
    let mut flushed = Instant::now();
    loop {
        match waiting.recv_timeout(FLUSH.saturating_sub(flushed.elapsed())) {
            Ok((at, event)) => {
                for line in packer.pack(event, since(started, at)) {
                    write(&mut out, &line)?;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return out.flush(),
        }
        if flushed.elapsed() >= FLUSH {
            out.flush()?;
            flushed = Instant::now();
        }
    }
}

fn write(out: &mut BufWriter<File>, line: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
