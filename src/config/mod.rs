//! The topology file: read raw, checked whole, every problem told at once.
//!
//! text → [`source`] (lines, what may be shown) → TOML with spans → [`table`] (known keys, types) → [`area`] (one section each) →
//! [`validate`] (what only the whole file can tell) → [`Topology`]. Serde would stop at the first problem, and a person who
//! mends a file at night wants all of them; so each step reports and goes on.
//!
//! Knows files and the environment it is handed; no network, no clock.

mod area;
pub mod document;
mod file;
mod keys;
pub mod paths;
mod pem;
mod problem;
mod reader;
mod render;
mod secret;
mod source;
mod suggest;
mod syntax;
mod table;
mod validate;
mod values;

use std::path::Path;

use toml::de::DeTable;

use crate::domain::topology::Topology;

pub(crate) use file::read as read_file;
pub use keys::{Section, sections};
pub use problem::{Also, Kind, Problem, Problems};
use reader::Reader;
use source::Source;

/// The environment, handed in: a variable's value by its name.
pub type Env<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Reads and checks a topology file. Relative paths in it are relative to it.
///
/// # Errors
/// Every problem of the file, with its place.
pub fn load(path: &Path, env: &Env<'_>) -> Result<Topology, Problems> {
    let source = Source::read(path)?;
    parse(&source, path, env)
}

/// Checks a text as if it stood in the file `path`.
///
/// # Errors
/// As [`load`].
pub fn load_text(text: &str, path: &Path, env: &Env<'_>) -> Result<Topology, Problems> {
    parse(&Source::new(path, text.to_owned()), path, env)
}

fn parse(source: &Source, path: &Path, env: &Env<'_>) -> Result<Topology, Problems> {
    let (root, broken) = DeTable::parse_recoverable(source.text());
    let reader = Reader::new(source, path.parent().unwrap_or(Path::new("")), env);
    syntax::report(&reader, &broken);
    let raw = area::read(&reader, root.get_ref());
    let topology = validate::validate(&reader, raw);
    let problems = reader.finish();
    match topology {
        Some(topology) if problems.is_empty() => Ok(topology),
        _ => Err(problems),
    }
}
