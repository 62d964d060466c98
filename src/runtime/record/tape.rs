//! Reads a recording, event by event. Its last line may be torn; nothing else may.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::line::{Header, Line, VERSION};
use super::pack::{Unpacker, after};
use crate::app::{Event, Keymap, Model};
use crate::domain::clean::Clean;
use crate::domain::watch::Watch;

/// The longest line that is read, in bytes: a topology of thousands of servers is a few megabytes.
const LONGEST: u64 = 64 << 20;

/// Why a file cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It cannot be read.
    #[error("cannot read the recording {}: {source}", Clean::new(&path.to_string_lossy()))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("{0} is no recording: its first line does not say so; make one with `switchboard --record FILE`")]
    Foreign(Clean),
    /// Another version of the program wrote it.
    #[error(
        "{file} is a recording of version {found}, and this program plays version {VERSION}: play it with the program that wrote it"
    )]
    Version {
        /// The file.
        file: Clean,
        /// What it says.
        found: u64,
    },
    /// A line is not what was written.
    #[error("line {line} of the recording {file} is damaged: {why}")]
    Damaged {
        /// The file.
        file: Clean,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        why: Clean,
    },
}

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When the core got it.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// A place in a recording, to go back to.
#[derive(Debug, Clone)]
pub struct Bookmark {
    offset: u64,
    line: usize,
    unpacker: Unpacker,
}

/// A recording that is being read.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    lines: BufReader<File>,
    header: Arc<Header>,
    end: Timestamp,
    here: Bookmark,
}

/// What every line after the first has.
#[derive(Deserialize)]
struct Time {
    ns: i64,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "switchboard-recording")]
    version: u64,
}

impl Recording {
    /// Opens a recording and looks it through for its end.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        let unreadable = |source| RecordingError::Unreadable { path: path.to_owned(), source };
        let name = Clean::new(&path.to_string_lossy());
        let mut lines = BufReader::new(File::open(path).map_err(unreadable)?);
        let first = next_line(&mut lines).map_err(unreadable)?.unwrap_or_default();
        let version: Version = serde_json::from_slice(&first).map_err(|_| RecordingError::Foreign(name.clone()))?;
        if version.version != u64::from(VERSION) {
            return Err(RecordingError::Version { file: name, found: version.version });
        }
        let header: Header = serde_json::from_slice(&first).map_err(|error| RecordingError::Damaged {
            file: name,
            line: 1,
            why: error.to_string().into(),
        })?;
        let here = Bookmark { offset: first.len() as u64, line: 1, unpacker: Unpacker::default() };
        let mut recording = Self { path: path.to_owned(), lines, end: header.started, header: Arc::new(header), here };
        recording.end = recording.last_moment().map_err(unreadable)?;
        recording.go_to(&Bookmark { unpacker: Unpacker::default(), ..recording.here.clone() })?;
        Ok(recording)
    }

    /// What the session began with.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// From the start to the last event.
    #[must_use]
    pub fn length(&self) -> Duration {
        Duration::try_from(self.end.duration_since(self.header.started)).unwrap_or_default()
    }

    /// The console as it was at the start.
    ///
    /// # Errors
    /// When the keymap in the header is none.
    pub fn model(&self) -> Result<Model, RecordingError> {
        let header = &*self.header;
        let keymap = Keymap::parse(&header.keymap).map_err(|problems| self.damaged(1, &problems.to_text(false)))?;
        let watch = Watch::new(Arc::new(header.topology.clone()), header.since.clone());
        Ok(Model::new(watch, header.settings(), keymap, header.started))
    }

    /// The next thing that happened; `None` at the end.
    ///
    /// # Errors
    /// [`RecordingError::Damaged`]; what came before is whole.
    pub fn next_moment(&mut self) -> Result<Option<Moment>, RecordingError> {
        loop {
            let read = next_line(&mut self.lines);
            let read = read.map_err(|source| RecordingError::Unreadable { path: self.path.clone(), source })?;
            let Some(text) = read else { return Ok(None) };
            let number = self.here.line + 1;
            let line: Line = serde_json::from_slice(&text).map_err(|error| self.damaged(number, &error.to_string()))?;
            let at = after(self.header.started, line.ns).ok_or_else(|| self.damaged(number, "its time is none"))?;
            let event = self.here.unpacker.unpack(line).map_err(|why| self.damaged(number, why))?;
            self.here.line = number;
            self.here.offset += text.len() as u64;
            if let Some(event) = event {
                return Ok(Some(Moment { at, event }));
            }
        }
    }

    /// This place, to come back to.
    #[must_use]
    pub fn bookmark(&self) -> Bookmark {
        self.here.clone()
    }

    /// Goes back, or on, to a place.
    ///
    /// # Errors
    /// When the file cannot be read there.
    pub fn go_to(&mut self, place: &Bookmark) -> Result<(), RecordingError> {
        let sought = self.lines.seek(SeekFrom::Start(place.offset));
        sought.map_err(|source| RecordingError::Unreadable { path: self.path.clone(), source })?;
        self.here = place.clone();
        Ok(())
    }

    fn damaged(&self, line: usize, why: &str) -> RecordingError {
        RecordingError::Damaged { file: Clean::new(&self.path.to_string_lossy()), line, why: Clean::new(why) }
    }

    /// The time of the last whole line; lines that are none are found when they are played.
    fn last_moment(&mut self) -> io::Result<Timestamp> {
        let mut last = 0;
        while let Some(text) = next_line(&mut self.lines)? {
            last = serde_json::from_slice(&text).map_or(last, |time: Time| time.ns.max(last));
        }
        Ok(after(self.header.started, last).unwrap_or(self.header.started))
    }
}

/// The next line with its end; `None` at the end of the file, and where a last line without an end is all that is left: the
/// program that wrote it died in the middle.
fn next_line(lines: &mut BufReader<File>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    lines.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
    if line.len() as u64 == LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than any that was written"));
    }
    Ok(Some(line).filter(|line| line.ends_with(b"\n")))
}
