//! What consoles of one state directory remember for each other: since when each finding holds.
//!
//! Losing it costs a date, never a decision: what cannot be read or written is told and left.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::domain::watch::SinceBook;

/// The file of one topology in a state directory.
#[derive(Debug, Clone)]
pub struct Memory {
    file: PathBuf,
}

impl Memory {
    /// The memory of the topology with this console name.
    #[must_use]
    pub fn of(state_dir: &Path, console: &str) -> Self {
        let name: String =
            console.chars().map(|c| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' }).collect();
        Self { file: state_dir.join("since").join(format!("{name}.json")) }
    }

    /// Reads it; nothing when there is none yet.
    ///
    /// # Errors
    /// When the file is there and cannot be read, with its name; the console starts with nothing then.
    pub fn load(&self) -> io::Result<SinceBook> {
        self.read().map_err(|error| self.named(&error))
    }

    /// Writes it whole, so that a reader sees the old or the new one.
    ///
    /// # Errors
    /// When the directory cannot be written, with the file's name.
    pub fn store(&self, book: &SinceBook) -> io::Result<()> {
        // Two consoles may write at once: each has a file of its own until the rename.
        let draft = self.file.with_extension(format!("{}.new", std::process::id()));
        self.write(&draft, book).map_err(|error| {
            let _ = fs::remove_file(&draft);
            self.named(&error)
        })
    }

    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.file.display()))
    }

    fn read(&self) -> io::Result<SinceBook> {
        match fs::read(&self.file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(SinceBook::default()),
            Err(error) => Err(error),
        }
    }

    fn write(&self, draft: &Path, book: &SinceBook) -> io::Result<()> {
        let dir = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir)?;
        let mut file = fs::File::create(draft)?;
        file.write_all(&serde_json::to_vec(book).map_err(io::Error::other)?)?;
        file.sync_all()?;
        fs::rename(draft, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_is_read_back_and_a_torn_one_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::of(dir.path(), "contoso.com / lab");
        assert_eq!(memory.load().unwrap(), SinceBook::default());
        let book: SinceBook = serde_json::from_str(r#"{"server-down":{"um1":"2026-11-22T14:02:11Z"}}"#).unwrap();
        memory.store(&book).unwrap();
        assert_eq!(memory.load().unwrap(), book);
        fs::write(&memory.file, b"{\"server-do").unwrap();
        assert!(memory.load().is_err());
    }

    #[test]
    fn what_cannot_be_kept_is_told_with_its_file_and_leaves_no_draft() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::of(dir.path(), "contoso.com");
        fs::create_dir_all(memory.file.join("in the way")).unwrap();
        for error in [memory.store(&SinceBook::default()).unwrap_err(), memory.load().unwrap_err()] {
            assert!(error.to_string().contains("contoso.com.json"), "{error}");
        }
        assert_eq!(fs::read_dir(dir.path().join("since")).unwrap().count(), 1);
    }
}
