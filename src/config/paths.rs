//! Where the topology file and the state directory are when nobody says so (XDG Base Directory Specification).

use std::path::{Path, PathBuf};

use super::Env;
use crate::domain::clean::Clean;

/// The program's place below a configuration directory.
const PROGRAM: &str = "switchboard";
/// The topology file's name there.
const FILE: &str = "switchboard.toml";

/// No topology file was named and none is in the usual places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no topology file: looked for {}; name one with --config FILE, copy config.example.toml there, or try `switchboard demo`",
    listed(.looked)
)]
pub struct NotFound {
    /// Where it was looked for.
    pub looked: Vec<PathBuf>,
}

/// Neither `XDG_STATE_HOME` nor `HOME` says where state belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no place for the state directory: name one with --state-dir DIR, or set HOME")]
pub struct NoHome;

/// The topology file: the one that was named, or the first that exists in the usual places.
///
/// # Errors
/// [`NotFound`] with the places. A file that was named is not looked at here.
pub fn topology_file(named: Option<&Path>, env: &Env<'_>) -> Result<PathBuf, NotFound> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let looked = settings_files(env, FILE);
    looked.iter().find(|file| file.exists()).cloned().ok_or(NotFound { looked })
}

/// Where a settings file of this name may be, first choice first: `keymap.toml`, `themes/mine.toml`.
#[must_use]
pub fn settings_files(env: &Env<'_>, name: &str) -> Vec<PathBuf> {
    let places = [absolute(env, "XDG_CONFIG_HOME"), absolute(env, "HOME").map(|home| home.join(".config"))];
    let mut files: Vec<PathBuf> = places.into_iter().flatten().map(|place| place.join(PROGRAM).join(name)).collect();
    files.dedup();
    files
}

/// The state directory: the one that was named, or the usual place.
///
/// # Errors
/// [`NoHome`] when the environment names no place.
pub fn state_dir(named: Option<&Path>, env: &Env<'_>) -> Result<PathBuf, NoHome> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let usual = absolute(env, "XDG_STATE_HOME").or_else(|| absolute(env, "HOME").map(|home| home.join(".local/state")));
    usual.map(|place| place.join("switchboard")).ok_or(NoHome)
}

/// A directory from the environment; relative ones are to be ignored, as the specification says.
fn absolute(env: &Env<'_>, name: &str) -> Option<PathBuf> {
    env(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn listed(looked: &[PathBuf]) -> String {
    if looked.is_empty() {
        return "$HOME/.config/switchboard/switchboard.toml, and HOME is not set".to_owned();
    }
    let names: Vec<String> = looked.iter().map(|path| Clean::new(&path.to_string_lossy()).to_string()).collect();
    names.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_missing_file_names_the_places_and_the_way_out() {
        let error =
            topology_file(None, &env(&[("XDG_CONFIG_HOME", "/nowhere/x"), ("HOME", "/nowhere/h")])).unwrap_err();
        let text = error.to_string();
        for part in
            ["/nowhere/x/switchboard/switchboard.toml", "/nowhere/h/.config/switchboard", "config.example.toml", "demo"]
        {
            assert!(text.contains(part), "{text}");
        }
        assert!(topology_file(None, &env(&[])).unwrap_err().to_string().contains("HOME is not set"));
    }

    #[test]
    fn the_state_directory_follows_the_specification() {
        let of = |pairs| state_dir(None, &env(pairs)).map(|path| path.display().to_string());
        assert_eq!(of(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]).unwrap(), "/s/switchboard");
        assert_eq!(of(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")]).unwrap(), "/h/.local/state/switchboard");
        assert_eq!(of(&[]), Err(NoHome));
        assert_eq!(state_dir(Some(Path::new("here")), &env(&[])).unwrap(), Path::new("here"));
    }
}
