//! The fence marker: one TXT record next to a site's names that says which run changed them last, and which one may now.
//!
//! Only the text is known here; who reads and writes it is another room's business.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::name::SiteName;

/// The longest marker text that is written: what every reader of it keeps, with room to spare.
pub const LONGEST: usize = 480;

/// What the marker says. Its text is
/// `v=1;epoch=1;seq=8;moved=um1,um2;to=dublin;run=01J…;by=…;exp=…;head=…`, keys in this order, values possibly empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Marker {
    /// Rises when the operator goes on to another write primary.
    pub epoch: u32,
    /// Rises by one with every step of a run; a run that renews its claim keeps it.
    pub seq: u64,
    /// Names of the site that are away, as host labels, or in full where a label would be ambiguous.
    pub moved: Vec<String>,
    /// The label of the site that serves them; empty when none is away.
    pub to: String,
    /// The run that is open; `None` when none is.
    pub run: Option<String>,
    /// Who started the newest run.
    pub by: String,
    /// Until when the open run may count on being alone.
    pub exp: Option<Timestamp>,
    /// The first 16 hexadecimal digits of the journal's head, written when a run is closed.
    pub head: Option<String>,
}

/// A text that is no marker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkerError {
    /// Written by a later version.
    #[error("version {0:?} of the fence marker is not known here, only version 1")]
    Version(String),
    /// A key is missing, out of order or unknown.
    #[error("the fence marker has {found:?} where {expected}= belongs")]
    Key {
        /// The key that belongs there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A value cannot be read.
    #[error("the fence marker's {key}= has the value {value:?}, which cannot be read")]
    Value {
        /// Its key.
        key: &'static str,
        /// What stands there.
        value: String,
    },
}

/// The keys after `v`, in order.
const KEYS: [&str; 8] = ["epoch", "seq", "moved", "to", "run", "by", "exp", "head"];

impl Marker {
    /// The marker before the first run: nothing moved, nobody at work.
    #[must_use]
    pub fn first() -> Self {
        Self {
            epoch: 1,
            seq: 0,
            moved: Vec::new(),
            to: String::new(),
            run: None,
            by: String::new(),
            exp: None,
            head: None,
        }
    }

    /// Reads a marker's text.
    ///
    /// # Errors
    /// [`MarkerError`] for any text that this version would not have written.
    pub fn parse(text: &str) -> Result<Self, MarkerError> {
        let mut parts = text.split(';');
        match parts.next().map(|first| first.split_once('=')) {
            Some(Some(("v", "1"))) => {}
            Some(Some(("v", other))) => return Err(MarkerError::Version(other.to_owned())),
            other => return Err(MarkerError::Key { expected: "v", found: format!("{:?}", other.flatten()) }),
        }
        let mut values = [""; KEYS.len()];
        for (slot, key) in values.iter_mut().zip(KEYS) {
            let part = parts.next().unwrap_or_default();
            *slot = match part.split_once('=') {
                Some((found, value)) if found == key => value,
                _ => return Err(MarkerError::Key { expected: key, found: part.to_owned() }),
            };
        }
        if let Some(rest) = parts.next() {
            return Err(MarkerError::Key { expected: "nothing", found: rest.to_owned() });
        }
        let [epoch, seq, moved, to, run, by, exp, head] = values;
        Ok(Self {
            epoch: number("epoch", epoch)?,
            seq: number("seq", seq)?,
            moved: moved.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            to: to.to_owned(),
            run: some(run).map(str::to_owned),
            by: by.to_owned(),
            exp: some(exp).map(|value| number("exp", value)).transpose()?,
            head: some(head).map(digits).transpose()?,
        })
    }

    /// Whether a run holds the fence at this time. A run without an end, which nobody writes, counts as open.
    #[must_use]
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.run.is_some() && self.exp.is_none_or(|exp| now < exp)
    }

    /// Whether both say the same but for `exp` and `head`, which a plan cannot know.
    #[must_use]
    pub fn same_but_for_times(&self, other: &Self) -> bool {
        self.clone().without_times() == other.clone().without_times()
    }

    /// The marker as a plan writes it down.
    #[must_use]
    pub fn without_times(self) -> Self {
        Self { exp: None, head: None, ..self }
    }

    /// How a site is written in markers: lower case, a hyphen for what DNS has not.
    #[must_use]
    pub fn site_label(site: &SiteName) -> String {
        let label: String = site.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        label.trim_matches('-').to_ascii_lowercase()
    }

    /// A person's or host's name as the marker can hold it: printable ASCII without `;`, `=`, `"`, `\` and blanks, at most 40.
    #[must_use]
    pub fn by_label(name: &str) -> String {
        let fits = |c: &char| c.is_ascii_graphic() && !matches!(c, ';' | '=' | '"' | '\\' | ',');
        name.chars().filter(fits).take(40).collect()
    }
}

fn some(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

fn number<T: FromStr>(key: &'static str, value: &str) -> Result<T, MarkerError> {
    value.parse().map_err(|_| MarkerError::Value { key, value: value.to_owned() })
}

fn digits(value: &str) -> Result<String, MarkerError> {
    let fits = value.len() == 16 && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if fits { Ok(value.to_owned()) } else { Err(MarkerError::Value { key: "head", value: value.to_owned() }) }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, seq, moved, to, run, by, exp, head } = self;
        write!(f, "v=1;epoch={epoch};seq={seq};moved={};to={to}", moved.join(","))?;
        write!(f, ";run={};by={by};exp=", run.as_deref().unwrap_or_default())?;
        if let Some(exp) = exp {
            write!(f, "{exp:.0}")?;
        }
        write!(f, ";head={}", head.as_deref().unwrap_or_default())
    }
}

impl TryFrom<String> for Marker {
    type Error = MarkerError;
    fn try_from(text: String) -> Result<Self, MarkerError> {
        Self::parse(&text)
    }
}

impl From<Marker> for String {
    fn from(marker: Marker) -> Self {
        marker.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "v=1;epoch=1;seq=8;moved=um1,um2;to=dublin;run=01J8;by=ana@jump;exp=2026-11-22T14:05:02Z;head=0123456789abcdef";

    #[test]
    fn what_is_written_is_read_back_byte_for_byte() {
        let marker = Marker::parse(TEXT).unwrap();
        assert_eq!((marker.seq, marker.moved.len(), marker.run.as_deref()), (8, 2, Some("01J8")));
        assert_eq!(marker.to_string(), TEXT);
        let first = "v=1;epoch=1;seq=0;moved=;to=;run=;by=;exp=;head=";
        assert_eq!(Marker::first().to_string(), first);
        assert_eq!(Marker::parse(first).unwrap(), Marker::first());
    }

    #[test]
    fn any_other_text_is_refused() {
        for bad in [
            "",
            "hello",
            "v=2;epoch=1",
            "v=1;epoch=1;seq=8",
            &TEXT.replace("seq=8", "seq=-8"),
            &TEXT.replace("seq=8;", ""),
            &TEXT.replace("exp=2026-11-22T14:05:02Z", "exp=soon"),
            &TEXT.replace("0123456789abcdef", "0123456789ABCDEF"),
            &format!("{TEXT};more=1"),
        ] {
            assert!(Marker::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_run_holds_the_fence_until_its_time_is_over() {
        let marker = Marker::parse(TEXT).unwrap();
        let exp = marker.exp.unwrap();
        assert!(marker.is_held(exp - std::time::Duration::from_secs(1)));
        assert!(!marker.is_held(exp));
        assert!(!Marker { run: None, ..marker.clone() }.is_held(exp - std::time::Duration::from_secs(1)));
        assert!(Marker { exp: None, ..marker }.is_held(exp));
    }

    #[test]
    fn times_do_not_make_two_markers_differ() {
        let marker = Marker::parse(TEXT).unwrap();
        let planned = marker.clone().without_times();
        assert!(marker.same_but_for_times(&planned));
        assert!(!marker.same_but_for_times(&Marker { seq: 9, ..planned }));
    }

    #[test]
    fn what_a_marker_holds_cannot_end_a_field_early() {
        assert_eq!(Marker::by_label("ana;seq=9 \"x\"@jump\u{1b}"), "anaseq9x@jump");
        assert_eq!(Marker::site_label(&SiteName::new("Dublin 2")), "dublin-2");
    }
}
