//! What consoles of one state directory remember for each other: since when each finding holds, when each site was last ready.
//!
//! Losing it costs a date, never a decision: what cannot be read or written is told and left.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::attention::{Attention, Said};
use crate::domain::watch::SinceBook;
use crate::readiness::ReadyBook;

/// The files of one topology in a state directory.
#[derive(Debug, Clone)]
pub struct Memory {
    since: PathBuf,
    ready: PathBuf,
    attention: PathBuf,
}

impl Memory {
    /// The memory of the topology with this console name.
    #[must_use]
    pub fn of(state_dir: &Path, console: &str) -> Self {
        let name: String =
            console.chars().map(|c| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' }).collect();
        let file = |what: &str| state_dir.join(what).join(format!("{name}.json"));
        Self { since: file("since"), ready: file("ready"), attention: file("attention") }
    }

    /// Since when findings hold; nothing when that was never written.
    ///
    /// # Errors
    /// When the file is there and cannot be read, with its name; the console starts with nothing then.
    pub fn load(&self) -> io::Result<SinceBook> {
        load(&self.since)
    }

    /// Writes since when findings hold.
    ///
    /// # Errors
    /// When the directory cannot be written, with the file's name.
    pub fn store(&self, book: &SinceBook) -> io::Result<()> {
        store(&self.since, book)
    }

    /// What operators said; nothing when nobody ever did.
    ///
    /// # Errors
    /// As [`Memory::load`].
    pub fn load_attention(&self) -> io::Result<Attention> {
        load(&self.attention)
    }

    /// Keeps one more thing that an operator said, beside what others say at the same time.
    ///
    /// # Errors
    /// As [`Memory::store`], and when what is kept already cannot be read: it is not overwritten then.
    pub fn hear(&self, said: Said) -> io::Result<()> {
        let guard = self.attention.with_extension("lock");
        let made = guard.parent().map_or(Ok(()), fs::create_dir_all);
        let locked = made.and_then(|()| fs::File::options().append(true).create(true).open(&guard));
        // Held for the time of one small file; the kernel lets it go with its holder.
        let lock = locked.and_then(|file| file.lock().map(|()| file)).map_err(|error| named(&guard, &error))?;
        let mut attention = self.load_attention()?;
        attention.hear(said);
        store(&self.attention, &attention)?;
        drop(lock);
        Ok(())
    }

    /// When each site was last ready; nothing when that was never written.
    ///
    /// # Errors
    /// As [`Memory::load`].
    pub fn load_ready(&self) -> io::Result<ReadyBook> {
        load(&self.ready)
    }

    /// Writes when each site was last ready.
    ///
    /// # Errors
    /// As [`Memory::store`].
    pub fn store_ready(&self, book: &ReadyBook) -> io::Result<()> {
        store(&self.ready, book)
    }
}

fn load<T: DeserializeOwned + Default>(file: &Path) -> io::Result<T> {
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| named(file, &io::Error::other(error))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(named(file, &error)),
    }
}

/// Writes a file whole, so that a reader sees the old or the new one.
fn store(file: &Path, book: &impl Serialize) -> io::Result<()> {
    // Two consoles may write at once: each has a file of its own until the rename.
    let draft = file.with_extension(format!("{}.new", std::process::id()));
    write(file, &draft, book).map_err(|error| {
        let _ = fs::remove_file(&draft);
        named(file, &error)
    })
}

fn named(file: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", file.display()))
}

fn write(to: &Path, draft: &Path, book: &impl Serialize) -> io::Result<()> {
    let dir = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let mut file = fs::File::create(draft)?;
    file.write_all(&serde_json::to_vec(book).map_err(io::Error::other)?)?;
    file.sync_all()?;
    fs::rename(draft, to)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::attention::{Scope, Window};
    use crate::domain::clean::Clean;
    use crate::domain::name::{Fqdn, SiteName};

    #[test]
    fn a_book_is_read_back_and_a_torn_one_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::of(dir.path(), "contoso.com / lab");
        assert_eq!(memory.load().unwrap(), SinceBook::default());
        let book: SinceBook = serde_json::from_str(r#"{"server-down":{"um1":"2026-11-22T14:02:11Z"}}"#).unwrap();
        memory.store(&book).unwrap();
        assert_eq!(memory.load().unwrap(), book);
        fs::write(&memory.since, b"{\"server-do").unwrap();
        assert!(memory.load().is_err());
        assert_eq!(memory.load_ready().unwrap(), ReadyBook::default(), "each book has a file of its own");
    }

    #[test]
    fn what_two_consoles_say_at_once_is_all_kept() {
        let dir = tempfile::tempdir().unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let window = |host: String| Window {
            scope: Scope::Host(Fqdn::parse(&host).unwrap()),
            from: at,
            until: at + jiff::SignedDuration::from_hours(1),
            by: Clean::new("ana@jump1"),
            reason: Clean::new("patches"),
        };
        std::thread::scope(|scope| {
            for console in 0..4 {
                let memory = Memory::of(dir.path(), "contoso.com");
                scope.spawn(move || {
                    for number in 0..25 {
                        memory.hear(Said::Open(window(format!("um{number}.site{console}.contoso.com")))).unwrap();
                    }
                });
            }
        });
        let memory = Memory::of(dir.path(), "contoso.com");
        assert_eq!(memory.load_attention().unwrap().windows.len(), 100);
        memory.hear(Said::End(Scope::Host(Fqdn::parse("um7.site2.contoso.com").unwrap()))).unwrap();
        assert_eq!(memory.load_attention().unwrap().windows.len(), 99);
    }

    #[test]
    fn a_torn_file_of_what_was_said_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::of(dir.path(), "contoso.com");
        memory.hear(Said::End(Scope::Site(SiteName::new("Dublin")))).unwrap();
        fs::write(&memory.attention, b"{\"windows\":[").unwrap();
        assert!(memory.hear(Said::End(Scope::Site(SiteName::new("Tukwila")))).is_err());
        assert_eq!(fs::read(&memory.attention).unwrap(), b"{\"windows\":[");
    }

    #[test]
    fn what_cannot_be_kept_is_told_with_its_file_and_leaves_no_draft() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::of(dir.path(), "contoso.com");
        fs::create_dir_all(memory.since.join("in the way")).unwrap();
        for error in [memory.store(&SinceBook::default()).unwrap_err(), memory.load().unwrap_err()] {
            assert!(error.to_string().contains("contoso.com.json"), "{error}");
        }
        assert_eq!(fs::read_dir(dir.path().join("since")).unwrap().count(), 1);
    }
}
