//! The file's text: where an offset stands, and what of a line may be shown.

use std::ops::Range;
use std::path::Path;

use super::file;
use super::problem::Problems;
use crate::domain::clean::Clean;

/// Bytes of the file, start and end.
pub(super) type Span = Range<usize>;

/// A topology of thousands of servers is a megabyte; more is no topology.
const LARGEST_MIB: u32 = 8;

/// Lines that are longer, in bytes, are not shown at all.
const LONGEST_LINE: usize = 64 * 1024;

/// A file's text with its lines.
pub(super) struct Source {
    file: String,
    text: String,
    starts: Vec<usize>,
    secret: Vec<bool>,
}

/// A line as it may be shown: cleaned, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    /// What the caret stands under, in bytes of `text`.
    pub(super) span: Span,
}

impl Source {
    /// Takes a text over.
    pub(super) fn new(path: &Path, text: String) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let secret = secret_lines(&text);
        Self { file: path.display().to_string(), text, starts, secret }
    }

    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Problems> {
        let name = path.display().to_string();
        let bytes = file::read(path, LARGEST_MIB).map_err(|error| {
            let help = "copy config.example.toml and change it, or run `switchboard demo` without a file";
            Problems::of_file(&name, &format!("cannot read the topology file {name}: {error}"), Some(help))
        })?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, text)),
            Err(error) => Err(not_utf8(path, &error)),
        }
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of an offset, from 1; columns in characters.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line_of(offset);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let column = self.text.get(start..offset.min(self.text.len())).map_or(0, |before| before.chars().count());
        (line + 1, column + 1)
    }

    /// The line where a span starts, with the part of the span that stands on it.
    pub(super) fn excerpt(&self, span: &Span) -> Option<Excerpt> {
        let line = self.line_of(span.start);
        let start = *self.starts.get(line)?;
        let whole = self.text.get(start..)?.lines().next().unwrap_or("");
        if whole.len() > LONGEST_LINE {
            return None;
        }
        let shown = if self.secret.get(line).copied().unwrap_or(false) { masked(whole) } else { whole.to_owned() };
        let from = characters(whole, span.start.checked_sub(start)?)?;
        let end = span.end.saturating_sub(start).min(whole.len());
        let to = characters(whole, end).unwrap_or(from).max(from);
        let text = cleaned(&shown);
        Some(Excerpt { span: byte_of(&text, from)..byte_of(&text, to), text })
    }

    /// Index of the line that holds an offset.
    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Problems {
    let bad = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    // What stands before the bad byte is the same in both texts.
    let source = Source::new(path, text);
    let reader = super::reader::Reader::new(&source, Path::new(""), &|_| None);
    reader.syntax(&(bad..bad), &super::reader::Bad::new("the file is not UTF-8 text from here on"));
    reader.finish()
}

/// A line made safe to show, character for character, at any length.
fn cleaned(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    characters.chunks(Clean::LONGEST).map(|part| Clean::new(&part.iter().collect::<String>()).to_string()).collect()
}

/// How many characters stand before a byte of a line; `None` inside a character or past the end.
fn characters(line: &str, byte: usize) -> Option<usize> {
    line.get(..byte).map(|before| before.chars().count())
}

/// The byte of a text where its nth character starts, or its end.
fn byte_of(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(at, _)| at)
}

/// Words of lines that may hold a secret: `tsig = "hmac-sha256:name:secret"` is how other tools take a key.
const TELLING: &[&str] = &["secret", "tsig", "password"];

/// Which lines hold a secret or may hold part of one: lines that say so, and lines on which their value goes on.
fn secret_lines(text: &str) -> Vec<bool> {
    let mut lines = Vec::new();
    let (mut open, mut dangling) = (None, false);
    for line in text.split('\n') {
        let lower = line.to_ascii_lowercase();
        let says = TELLING.iter().any(|word| lower.contains(word));
        lines.push(says || open.is_some() || dangling);
        if says || open.is_some() {
            open = still_open(line, open);
        }
        dangling = (says || dangling) && (line.trim_end().ends_with(['=', '[', '{', ',']) || line.trim().is_empty());
    }
    lines
}

/// The quotes of a multi-line string that a line leaves open.
fn still_open(line: &str, open: Option<&'static str>) -> Option<&'static str> {
    let mut open = open;
    let mut rest = line;
    while let Some((at, quotes)) = next_quotes(rest, open) {
        open = if open.is_some() { None } else { Some(quotes) };
        rest = rest.get(at + 3..).unwrap_or("");
    }
    open
}

fn next_quotes(rest: &str, open: Option<&'static str>) -> Option<(usize, &'static str)> {
    ["\"\"\"", "'''"]
        .into_iter()
        .filter(|quotes| open.is_none_or(|open| open == *quotes))
        .filter_map(|quotes| rest.find(quotes).map(|at| (at, quotes)))
        .min()
}

/// Keys that may be read on a masked line; every other word there becomes asterisks.
const READABLE: &[&str] = &["auth", "tsig", "algorithm", "secret", "secret_file", "secret_env"];

/// A line with everything but known keys and punctuation replaced, character for character.
fn masked(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars() {
        let separates = matches!(c, '=' | '{' | '}' | ',' | ' ' | '\t' | '\r' | '[' | ']');
        if separates && quote.is_none() {
            shown.push_str(&shown_word(&word));
            word.clear();
            shown.push(c);
            continue;
        }
        quote = match quote {
            Some(open) if open == c => None,
            None if c == '"' || c == '\'' => Some(c),
            same => same,
        };
        word.push(c);
    }
    shown.push_str(&shown_word(&word));
    shown
}

fn shown_word(word: &str) -> String {
    if READABLE.contains(&word) { word.to_owned() } else { "*".repeat(word.chars().count()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(Path::new("t.toml"), text.to_owned())
    }

    #[test]
    fn a_secret_is_masked_wherever_it_stands() {
        let text = "a = 1\nsecret = \"hunter2\"\nauth = { tsig = \"k\", secret = hunter2== }\nsecret = \"\"\"\nhunter2\n\"\"\"\n\
                    my_SECRET=hunter2\nsecret =\n\"hunter2\"\nx = [\"hunter2\"] # a secret\nsecret: hunter2 = secret\nb = 1";
        let source = source(text);
        for (at, _) in text.match_indices("hunter2") {
            let excerpt = source.excerpt(&(at..at + 7)).unwrap();
            assert!(!excerpt.text.contains("unter"), "{}", excerpt.text);
            assert_eq!(&excerpt.text[excerpt.span.clone()], "*******", "{}", excerpt.text);
        }
        assert_eq!(source.excerpt(&(0..1)).unwrap().text, "a = 1");
        assert_eq!(source.excerpt(&(text.len() - 1..text.len())).unwrap().text, "b = 1");
    }

    #[test]
    fn keys_of_a_masked_line_can_be_read() {
        assert_eq!(masked("auth = { tsig = \"k y\", secret = 'x' }"), "auth = { tsig = *****, secret = *** }");
    }

    #[test]
    fn a_place_is_counted_in_characters_from_one() {
        let source = source("é = 1\r\n\tü = \"x\"\n");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(source.text().find('"').unwrap()), (2, 6));
        let at = source.text().find("\"x\"").unwrap();
        let excerpt = source.excerpt(&(at..at + 3)).unwrap();
        assert_eq!(&excerpt.text[excerpt.span.clone()], "\"x\"");
    }

    #[test]
    fn odd_offsets_are_no_crash() {
        let source = source("é\u{1b}[31m = \u{202e}1");
        for start in 0..40 {
            for end in 0..40 {
                let _ = source.position(start);
                let shown = source.excerpt(&(start..end)).map(|e| e.text).unwrap_or_default();
                assert!(!shown.contains(['\u{1b}', '\u{202e}']));
            }
        }
    }
}
