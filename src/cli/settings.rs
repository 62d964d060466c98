//! A person's own settings files, beside the topology file: keymap and themes. One that is there and wrong stops the start.

use std::io::IsTerminal;
use std::path::PathBuf;

use super::context::environment;
use super::{Usage, output};
use crate::app::Keymap;
use crate::app::theme::Theme;
use crate::config::document::read_settings;
use crate::config::{Problems, paths};
use crate::ui::{Look, LookOptions, ThemeError, read_theme};

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

/// The console's look, with the person's own `themes/NAME.toml` where there is one of that name.
///
/// # Errors
/// [`Wrong`], after every problem of the file was printed; [`Usage`] for a name that no theme has.
pub(crate) fn look(options: &LookOptions) -> anyhow::Result<Look> {
    match Look::choose(options, &environment, &theme) {
        Err(ThemeError::Wrong(problems)) => told(Err(problems)),
        Err(error @ ThemeError::Unknown { .. }) => Err(Usage(error.to_string()).into()),
        Ok(look) => Ok(look),
    }
}

/// A person's theme. A name with anything but letters, digits and hyphens could be a path elsewhere, and is nobody's.
fn theme(name: &str) -> Result<Option<Theme>, Problems> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return Ok(None);
    }
    let found = file(&format!("themes/{name}.toml"), "theme")?;
    found.map(|(path, text)| read_theme(&path, &text)).transpose()
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
