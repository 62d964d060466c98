//! Opens the files that a topology consists of, so that none of them can hang or fill the program.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Opens a file for reading. A FIFO that nobody writes to, or a device, would block for ever: they are refused, except a
/// pipe that a shell handed over, which is open already.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    let handed = ["/dev/fd", "/dev/stdin", "/proc/self/fd"].iter().any(|place| path.starts_with(place));
    if kind.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else if kind.is_file() || (handed && kind.is_fifo()) {
        File::open(path)
    } else {
        Err(io::Error::other("it is no regular file"))
    }
}

/// Reads a file of at most so many MiB.
pub(crate) fn read(path: &Path, mebibytes: u32) -> io::Result<Vec<u8>> {
    let largest = u64::from(mebibytes) * 1024 * 1024;
    let mut bytes = Vec::new();
    open(path)?.take(largest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest {
        return Err(io::Error::other(format!("it is larger than {mebibytes} MiB")));
    }
    Ok(bytes)
}
