//! The demo's directory: which files are in it, who may read them, and that only one demo at a time serves it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::DemoError;

/// The topology file.
pub(super) fn topology(dir: &Path) -> PathBuf {
    dir.join("switchboard.toml")
}

/// Address and token of the control socket.
pub(super) fn control(dir: &Path) -> PathBuf {
    dir.join("control")
}

/// Makes the directory where it is missing, and takes it for this demo alone until the file is dropped.
pub(super) fn claim(dir: &Path) -> Result<File, DemoError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(DemoError::file("make", dir))?;
    let path = dir.join("lock");
    let options = &mut OpenOptions::new();
    let lock = options.create(true).truncate(false).write(true).mode(0o600).open(&path);
    let lock = lock.map_err(DemoError::file("open", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(DemoError::InUse(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(DemoError::file("lock", &path)(error)),
    }
}

/// Whether a demo served the directory once, and none does now.
pub(super) fn is_abandoned(dir: &Path) -> bool {
    File::open(dir.join("lock")).is_ok_and(|lock| lock.try_lock().is_ok())
}

/// Writes a file for everybody, as a whole or not at all.
pub(super) fn write(path: &Path, text: &str) -> Result<(), DemoError> {
    write_with(path, text, 0o644)
}

/// Writes a file for its owner alone, as a whole or not at all.
pub(super) fn write_secret(path: &Path, text: &str) -> Result<(), DemoError> {
    write_with(path, text, 0o600)
}

fn write_with(path: &Path, text: &str, mode: u32) -> Result<(), DemoError> {
    let new = path.with_extension("new");
    // A file left behind by a demo that died has its own mode; it must not lend it to this one.
    let _ = fs::remove_file(&new);
    let put = || {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(mode).open(&new)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&new, path)
    };
    put().map_err(DemoError::file("write", path))
}
