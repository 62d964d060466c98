//! Settings files that are not the topology: a keymap, a theme. Read whole, with the place of everything in them.
//!
//! What the words mean is the business of the room that asked; it reports through [`Document::problem`] in the same form.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Also, Kind, Problem, Problems};
use super::reader::Reader;
use super::source::{Source, Span};
use super::{file, syntax, table};
use crate::domain::clean::Clean;

/// A settings file is a page or two; more is something else.
const LARGEST_MIB: u32 = 1;

/// A settings file that is TOML.
pub struct Document {
    source: Source,
    entries: Vec<Entry>,
}

/// Where something stands in its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Span);

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub place: Place,
    /// What it stands for.
    pub value: Node,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// A value of the kinds that settings have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A list.
    List(Vec<Node>),
    /// Names and values, in the order of the file.
    Table(Vec<Entry>),
    /// A value of another kind.
    Other,
}

/// Reads a settings file. `None`: there is none.
///
/// # Errors
/// When there is one that cannot be read, in the form of every other problem: a file that is there is never passed over.
pub fn read_settings(path: &Path, what: &str) -> Result<Option<String>, Problems> {
    let name = path.display().to_string();
    let bad = |error: &dyn std::fmt::Display| {
        Problems::of_file(&name, &format!("cannot read the {what} {}: {error}", Clean::new(&name)), None)
    };
    match file::read(path, LARGEST_MIB) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| bad(&"it is not UTF-8 text")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(bad(&error)),
    }
}

impl Document {
    /// Reads a text as if it stood in the file `path`.
    ///
    /// # Errors
    /// Where it is no TOML.
    pub fn read(path: &Path, text: &str) -> Result<Self, Problems> {
        let source = Source::new(path, text.to_owned());
        let (root, broken) = DeTable::parse_recoverable(source.text());
        let reader = Reader::new(&source, Path::new(""), &|_| None);
        syntax::report(&reader, &broken);
        let problems = reader.finish();
        let entries = entries(root.get_ref());
        if problems.is_empty() { Ok(Self { source, entries }) } else { Err(problems) }
    }

    /// What stands in it, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Something is wrong at a place.
    #[must_use]
    pub fn problem(&self, place: &Place, message: impl AsRef<str>) -> Problem {
        let (line, column) = self.source.position(place.0.start);
        Problem {
            kind: Kind::Settings,
            file: Clean::new(self.source.file()),
            line,
            column,
            message: Clean::new(message.as_ref()),
            help: None,
            also: None,
            excerpt: self.source.excerpt(&place.0),
        }
    }

    /// The other place of a problem that has two.
    #[must_use]
    pub fn also(&self, place: &Place, message: impl AsRef<str>) -> Also {
        let (line, column) = self.source.position(place.0.start);
        Also {
            file: Clean::new(self.source.file()),
            line,
            column,
            message: Clean::new(message.as_ref()),
            excerpt: self.source.excerpt(&place.0),
        }
    }
}

impl Node {
    /// What kind of value it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a text",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other => "a number or a date",
        }
    }
}

/// The place of a whole document: its first character.
impl Default for Place {
    fn default() -> Self {
        Self(0..0)
    }
}

fn entries(table: &DeTable<'_>) -> Vec<Entry> {
    let one = |(name, value): (&Spanned<toml::de::DeString<'_>>, &Spanned<DeValue<'_>>)| Entry {
        name: name.get_ref().to_string(),
        place: Place(name.span()),
        value: node(value),
    };
    let mut entries: Vec<Entry> = table.iter().map(one).collect();
    entries.sort_by_key(|entry| entry.place.0.start);
    entries
}

fn node(value: &Spanned<DeValue<'_>>) -> Node {
    let meaning = match value.get_ref() {
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Array(items) => Value::List(items.iter().map(node).collect()),
        DeValue::Table(below) => Value::Table(entries(below)),
        other => table::as_text(other).map_or(Value::Other, |text| Value::Text(text.to_owned())),
    };
    Node { value: meaning, place: Place(value.span()) }
}

impl Problem {
    /// The same problem with advice.
    #[must_use]
    pub fn help(mut self, help: impl AsRef<str>) -> Self {
        self.help = Some(Clean::new(help.as_ref()));
        self
    }

    /// The same problem with its other place.
    #[must_use]
    pub fn with(mut self, also: Also) -> Self {
        self.also = Some(Box::new(also));
        self
    }
}

/// Advice for a word that is not among the known ones: the nearest of them, or all where they are few.
#[must_use]
pub fn advice<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    super::suggest::advice(written, known)
}
