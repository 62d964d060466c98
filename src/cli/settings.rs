//! A person's own settings files, beside the topology file: keymap and themes. One that is there and wrong stops the start.

use std::io::IsTerminal;
use std::path::PathBuf;

use super::context::environment;
use super::output;
use crate::app::Keymap;
use crate::config::document::read_settings;
use crate::config::{Problems, paths};

/// A settings file is wrong, and that has been told; ends with the code of a wrong command line.
#[derive(Debug, thiserror::Error)]
#[error("already told")]
pub(crate) struct Wrong;

/// The console's keymap, with the person's own `keymap.toml` over it where there is one.
///
/// # Errors
/// [`Wrong`], after every problem of the file was printed.
pub(crate) fn keymap() -> anyhow::Result<Keymap> {
    told(
        file("keymap.toml", "keymap")
            .and_then(|found| Keymap::load(found.as_ref().map(|(path, text)| (path.as_path(), text.as_str())))),
    )
}

/// The first settings file of this name that is there, with its text.
fn file(name: &str, what: &str) -> Result<Option<(PathBuf, String)>, Problems> {
    for path in paths::settings_files(&environment, name) {
        if let Some(text) = read_settings(&path, what)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

fn told<T>(read: Result<T, Problems>) -> anyhow::Result<T> {
    read.map_err(|problems| {
        output::note(&problems.to_text(output::colours(std::io::stderr().is_terminal())));
        Wrong.into()
    })
}
