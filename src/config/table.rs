//! One table of the file: known keys, values of the right type. A wrong value is reported and counts as not written.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::Section;
use super::reader::{At, Bad, Reader};
use super::source::Span;
use super::{suggest, values};
use crate::domain::clean::Clean;

/// A table that is being read.
#[derive(Clone)]
pub(super) struct Table<'r> {
    pub(super) reader: &'r Reader<'r>,
    pub(super) span: Span,
    entries: &'r DeTable<'r>,
    section: Section,
}

type Entry<'r> = &'r Spanned<DeValue<'r>>;

impl<'r> Table<'r> {
    /// Takes a table over and refuses the keys that its section does not have.
    pub(super) fn new(reader: &'r Reader<'r>, span: Span, entries: &'r DeTable<'r>, section: Section) -> Self {
        let table = Self { reader, span, entries, section };
        for key in entries.keys().filter(|key| !section.keys.contains(&key.get_ref().as_ref())) {
            table.refuse_key(key.get_ref(), &key.span());
        }
        table
    }

    fn refuse_key(&self, key: &str, span: &Span) {
        let bad = match self.section.refusal(key) {
            Some(why) => Bad::new(format!("no `{key}` in the topology file: secrets do not belong in it")).help(why),
            None => Bad {
                message: format!("{} has no key `{key}`", self.section.title),
                help: suggest::advice(key, self.section.keys.iter().copied()),
            },
        };
        self.reader.bad(span, &bad);
    }

    /// Reports keys that have to be there and are not.
    pub(super) fn require(&self, keys: &[&str]) {
        for key in keys.iter().filter(|key| !self.has(key)) {
            self.reader.unfit(&self.span, &Bad::new(format!("{} needs `{key}`", self.section.title)));
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Where a key's value stands, or the table itself.
    pub(super) fn span_of(&self, key: &str) -> Span {
        self.entries.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    fn get(&self, key: &str) -> Option<Entry<'r>> {
        debug_assert!(self.section.keys.contains(&key), "{} is not told of `{key}`", self.section.title);
        self.entries.get(key)
    }

    /// The value cannot be what the key wants.
    fn mistyped(&self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) {
        let message = format!("`{key}` wants {wanted}, not {}", kind_of(value.get_ref()));
        self.reader.bad(&value.span(), &Bad::new(message));
    }

    /// A text that can be shown as it is.
    pub(super) fn text(&self, key: &str) -> Option<At<String>> {
        self.parsed(key, "a text in quotes", values::shown)
    }

    /// A text that means something.
    pub(super) fn parsed<T>(
        &self,
        key: &str,
        wanted: &str,
        read: impl FnOnce(&str) -> Result<T, Bad>,
    ) -> Option<At<T>> {
        let value = self.get(key)?;
        let DeValue::String(text) = value.get_ref() else {
            self.mistyped(key, wanted, value);
            return None;
        };
        self.take(read(text), value.span())
    }

    fn take<T>(&self, read: Result<T, Bad>, span: Span) -> Option<At<T>> {
        match read {
            Ok(value) => Some(At { value, span }),
            Err(bad) => {
                self.reader.bad(&span, &bad);
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<At<T>> {
        let wanted = format!("one of {}", words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "));
        self.parsed(key, &wanted, |text| values::word(key, text, words))
    }

    /// A duration within bounds.
    pub(super) fn duration(&self, key: &str, bounds: RangeInclusive<Duration>) -> Option<Duration> {
        let read = |text: &str| values::duration(key, text, &bounds);
        Some(self.parsed(key, "a duration in quotes such as \"5s\"", read)?.value)
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, key: &str, bounds: RangeInclusive<u32>) -> Option<At<u32>> {
        let value = self.get(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.mistyped(key, "a whole number", value);
            return None;
        };
        let read = u32::from_str_radix(number.as_str(), number.radix()).ok().filter(|n| bounds.contains(n));
        let message = || format!("`{key}` wants a number from {} to {}, not {number}", bounds.start(), bounds.end());
        self.take(read.ok_or_else(|| Bad::new(message())), value.span())
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.get(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        self.mistyped(key, "true or false", value);
        None
    }

    /// A day, as a TOML date or as a text.
    pub(super) fn date(&self, key: &str) -> Option<At<jiff::civil::Date>> {
        let value = self.get(key)?;
        let written = match value.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.mistyped(key, "a date such as 2026-11-22", value);
                return None;
            }
        };
        let read = written.parse().map_err(|_| Bad::new(format!("{written:?} is no date: write it as 2026-11-22")));
        self.take(read, value.span())
    }

    /// A moment, as a TOML date and time or as a text: with its offset, because nobody can tell whose local time it would be.
    pub(super) fn time(&self, key: &str) -> Option<At<jiff::Timestamp>> {
        let value = self.get(key)?;
        let written = match value.get_ref() {
            DeValue::Datetime(time) => time.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.mistyped(key, "a date and time such as 2026-12-20T18:00:00Z", value);
                return None;
            }
        };
        let wrong = || {
            Bad::new(format!("{} is no moment", quoted(&written)))
                .help("write date, time and offset: 2026-12-20T18:00:00Z, or 2026-12-20T18:00:00+01:00")
        };
        self.take(written.parse().map_err(|_| wrong()), value.span())
    }

    /// A list of texts that mean something.
    pub(super) fn list<T>(&self, key: &str, wanted: &str, read: impl Fn(&str) -> Result<T, Bad>) -> Vec<At<T>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            let message = format!("`{key}` wants a list of {wanted}, not {}", kind_of(value.get_ref()));
            self.reader.bad(&value.span(), &Bad::new(message).help(format!("write {key} = [\"…\", \"…\"]")));
            return Vec::new();
        };
        let one = |item: &'r Spanned<DeValue<'r>>| match item.get_ref() {
            DeValue::String(text) => self.take(read(text), item.span()),
            other => {
                let message = format!("`{key}` wants {wanted} in quotes, not {}", kind_of(other));
                self.reader.bad(&item.span(), &Bad::new(message));
                None
            }
        };
        items.iter().filter_map(one).collect()
    }

    /// Whether a key holds a list without anything in it.
    pub(super) fn is_empty_list(&self, key: &str) -> bool {
        matches!(self.get(key).map(Spanned::get_ref), Some(DeValue::Array(items)) if items.is_empty())
    }

    /// Whether a key holds a text.
    pub(super) fn is_text(&self, key: &str) -> bool {
        matches!(self.get(key).map(Spanned::get_ref), Some(DeValue::String(_)))
    }

    /// A table below this one.
    pub(super) fn table(&self, key: &str, section: Section) -> Option<Table<'r>> {
        let value = self.get(key)?;
        self.as_table(key, value, section)
    }

    fn as_table(&self, key: &str, value: Entry<'r>, section: Section) -> Option<Table<'r>> {
        if let DeValue::Table(entries) = value.get_ref() {
            return Some(Table::new(self.reader, value.span(), entries, section));
        }
        self.mistyped(key, "a table", value);
        None
    }

    /// The tables of a list below this one.
    pub(super) fn tables(&self, key: &str, section: Section) -> Vec<Table<'r>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.as_table(key, item, section)).collect(),
            other => {
                let title = written(section.title, key);
                let message = format!("`{key}` wants a list of tables, not {}", kind_of(other));
                self.reader.bad(&value.span(), &Bad::new(message).help(format!("write {title}")));
                Vec::new()
            }
        }
    }

    /// Everything below a key whose own keys are names: the name, its place, its value.
    pub(super) fn named(&self, key: &str) -> Vec<(At<String>, Entry<'r>)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Table(entries) = value.get_ref() else {
            self.mistyped(key, "a table", value);
            return Vec::new();
        };
        entries
            .iter()
            .map(|(name, value)| (At { value: name.get_ref().to_string(), span: name.span() }, value))
            .collect()
    }

    /// Tables below a key whose own keys are names; each is asked for its section.
    pub(super) fn named_tables(
        &self,
        key: &str,
        section: impl Fn(&DeTable<'r>) -> Section,
    ) -> Vec<(At<String>, Table<'r>)> {
        let one = |(name, value): (At<String>, Entry<'r>)| {
            let DeValue::Table(entries) = value.get_ref() else {
                self.mistyped(&name.value, "a table", value);
                return None;
            };
            let table = Table::new(self.reader, value.span(), entries, section(entries));
            Some((name, table))
        };
        self.named(key).into_iter().filter_map(one).collect()
    }
}

/// How a list of tables is written.
fn written(title: &str, key: &str) -> String {
    if title.starts_with("[[") { format!("{title} with two brackets") } else { format!("{key} = [{{ … }}]") }
}

/// What a value is, in words.
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A text of a value, for values whose key is a name.
pub(super) fn as_text<'v>(value: &'v DeValue<'_>) -> Option<&'v str> {
    if let DeValue::String(text) = value { Some(text) } else { None }
}

/// A text as a message may quote it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", Clean::new(text))
}
