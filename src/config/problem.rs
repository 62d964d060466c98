//! What is wrong in a file that a person wrote, where, and what to do.

use std::fmt;

use serde::Serialize;

use super::render;
use super::source::Excerpt;
use crate::domain::clean::Clean;

/// What kind of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The text is no TOML.
    Syntax,
    /// It is TOML, and no topology.
    Topology,
    /// It is TOML, and no keymap or theme.
    Settings,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: Kind,
    /// The file, as it was named.
    pub file: Clean,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub message: Clean,
    /// What to write instead.
    pub help: Option<Clean>,
    /// The other place, where two do not go together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also: Option<Box<Also>>,
    /// The line itself, as it may be shown; `None` when there is none.
    #[serde(skip)]
    pub(super) excerpt: Option<Excerpt>,
}

/// The other place of a problem that has two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Also {
    /// The file, as it was named.
    pub file: Clean,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What stands there.
    pub message: Clean,
    /// The line itself, as it may be shown; `None` when there is none.
    #[serde(skip)]
    pub(super) excerpt: Option<Excerpt>,
}

/// Every problem of a file, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problems {
    version: u8,
    ok: bool,
    #[serde(rename = "problems")]
    list: Vec<Problem>,
}

impl Problems {
    /// Sorts them by place; the same message twice at one place is said once.
    #[must_use]
    pub fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.line, problem.column, problem.kind));
        problems.dedup();
        Self { version: 1, ok: problems.is_empty(), list: problems }
    }

    /// A file with which nothing is wrong, for the JSON of `config check`.
    #[must_use]
    pub fn none() -> Self {
        Self::new(Vec::new())
    }

    /// The first problem in one line, and how many more there are: for a screen that has one line for it.
    #[must_use]
    pub fn first_words(&self) -> String {
        let Some(first) = self.list.first() else { return String::new() };
        let more = match self.list.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more; `switchboard config check` names them all)"),
        };
        format!("{}:{}:{}: {}{more}", first.file, first.line, first.column, first.message)
    }

    /// A problem with the file itself, before its first line could be read.
    pub(super) fn of_file(file: &str, message: &str, help: Option<&str>) -> Self {
        let help = help.map(Clean::new);
        let (file, message) = (Clean::new(file), Clean::new(message));
        Self::new(vec![Problem {
            kind: Kind::Topology,
            file,
            line: 1,
            column: 1,
            message,
            help,
            also: None,
            excerpt: None,
        }])
    }

    /// The problems in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// As text for people: each with its line and a caret under what is wrong, lines with secrets masked.
    #[must_use]
    pub fn to_text(&self, colours: bool) -> String {
        render::text(self, colours)
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(false))
    }
}

impl std::error::Error for Problems {}
