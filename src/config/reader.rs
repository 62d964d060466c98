//! Where the parts of this room report problems, and what they may ask of the outside.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use super::Env;
use super::problem::{Kind, Problem, Problems};
use super::source::{Source, Span};
use crate::domain::clean::Clean;

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

impl<T> At<T> {
    pub(super) fn map<U>(self, f: impl FnOnce(T) -> U) -> At<U> {
        At { value: f(self.value), span: self.span }
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Bad {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Nobody reads on after this many.
const MOST: usize = 1000;

/// One reading of one file.
pub(super) struct Reader<'a> {
    source: &'a Source,
    directory: &'a Path,
    env: &'a Env<'a>,
    found: RefCell<Vec<Found>>,
    garbled: Cell<bool>,
}

struct Found {
    problem: Problem,
    /// Holds by itself, whatever else a syntax error nearby may have hidden.
    certain: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source, directory: &'a Path, env: &'a Env<'a>) -> Self {
        Self { source, directory, env, found: RefCell::default(), garbled: Cell::new(false) }
    }

    /// An environment variable.
    pub(super) fn env(&self, name: &str) -> Option<String> {
        (self.env)(name)
    }

    /// A path of the file, relative to it.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        self.directory.join(written)
    }

    /// The line where a span starts, from 1.
    pub(super) fn line(&self, span: &Span) -> usize {
        self.source.position(span.start).0
    }

    /// The text is no TOML here.
    pub(super) fn syntax(&self, span: &Span, bad: &Bad) {
        self.add(Kind::Syntax, span, bad, true);
    }

    /// A bracket or quote is open: what was read after it may be anything.
    pub(super) fn distrust_the_rest(&self) {
        self.garbled.set(true);
    }

    /// A value is wrong in itself.
    pub(super) fn bad(&self, span: &Span, bad: &Bad) {
        self.add(Kind::Topology, span, bad, true);
    }

    /// Something does not fit together with the rest of the file, or is missing.
    pub(super) fn unfit(&self, span: &Span, bad: &Bad) {
        self.add(Kind::Topology, span, bad, false);
    }

    fn add(&self, kind: Kind, span: &Span, bad: &Bad, certain: bool) {
        let last = Bad::new("there are more problems than are listed");
        let bad = match self.found.borrow().len().cmp(&MOST) {
            Ordering::Less => bad,
            Ordering::Equal => &last,
            Ordering::Greater => return,
        };
        let (line, column) = self.source.position(span.start);
        let problem = Problem {
            kind,
            file: Clean::new(self.source.file()),
            line,
            column,
            message: Clean::new(&bad.message),
            help: bad.help.as_deref().map(Clean::new),
            also: None,
            excerpt: self.source.excerpt(span),
        };
        self.found.borrow_mut().push(Found { problem, certain });
    }

    /// Everything that was found. After a syntax error, what is missing or does not fit may be its echo, and is left out.
    pub(super) fn finish(self) -> Problems {
        let mut found = self.found.take();
        let broken: Vec<usize> =
            found.iter().filter(|f| f.problem.kind == Kind::Syntax).map(|f| f.problem.line).collect();
        if !broken.is_empty() {
            let trusted = |f: &Found| f.certain && !self.garbled.get() && !broken.contains(&f.problem.line);
            found.retain(|f| f.problem.kind == Kind::Syntax || trusted(f));
        }
        Problems::new(found.into_iter().map(|f| f.problem).collect())
    }
}
