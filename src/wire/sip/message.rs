//! Reading one message: start line, header fields, body.

use std::ops::Range;

use crate::domain::clean::Clean;

use super::header::{is_named, is_token, split_list};
use super::uri::Address;
use super::via::{CSeq, Via};

/// The longest start line and header that is read, in bytes.
pub const HEAD_CAP: usize = 64 * 1024;
/// The longest body that is read, in bytes.
pub const BODY_CAP: usize = 64 * 1024;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Of a request (RFC 3261 §7.1). The texts are as received, not safe for a screen.
    Request {
        /// `OPTIONS`, …
        method: String,
        /// The Request-URI.
        uri: String,
    },
    /// Of a response (§7.2).
    Status {
        /// 100 to 699.
        code: u16,
        /// May be empty.
        reason: Clean,
    },
}

/// Something odd that was read over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A stream peer sent no Content-Length (RFC 3261 §18.3 demands it); the body was taken to be empty.
    NoContentLength,
    /// Bytes followed the body in a datagram and were left out.
    TrailingBytes,
    /// A header line without a name or colon was left out.
    BadHeaderLine,
    /// The header was not UTF-8; what could not be read became U+FFFD.
    NotUtf8,
}

/// Why bytes are no SIP message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing but line ends.
    #[error("nothing was sent")]
    Empty,
    /// The first line is neither a request line nor a status line of SIP/2.0.
    #[error("no SIP start line: {0}")]
    StartLine(Clean),
    /// Another version of SIP (answer with 505).
    #[error("another SIP version: {0}")]
    Version(Clean),
    /// The header does not end within [`HEAD_CAP`], or not at all in a datagram.
    #[error("the header does not end")]
    Endless,
    /// A header line of a request without name or colon.
    #[error("no header field: {0}")]
    HeaderLine(Clean),
    /// A Content-Length that is no number, or over [`BODY_CAP`].
    #[error("Content-Length cannot be used: {0}")]
    Length(Clean),
    /// Several Content-Length fields that differ.
    #[error("two Content-Length fields that differ")]
    LengthConflict,
    /// The datagram ends before the body does.
    #[error("the body is shorter than its Content-Length")]
    ShortBody,
}

/// One SIP message.
///
/// Header texts are kept as received, because replies copy them; whoever shows one makes it [`Clean`] first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The first line.
    pub start: Start,
    /// What was read over.
    pub notes: Vec<Note>,
    /// The body.
    pub body: Vec<u8>,
    head: String,
    fields: Vec<Field>,
}

/// Where one header field lies in the head.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

/// Reads one whole message, as a datagram carries it (RFC 3261 §18.3).
///
/// # Errors
/// [`ParseError`] says why it is none. Never panics, whatever the bytes are.
pub fn parse(bytes: &[u8]) -> Result<Message, ParseError> {
    let bytes = skip_line_ends(bytes);
    if bytes.is_empty() {
        return Err(ParseError::Empty);
    }
    let window = &bytes[..bytes.len().min(HEAD_CAP)];
    // A datagram that ends with its last header line lacks only the empty one.
    let cut_short = || (bytes.len() < HEAD_CAP && bytes.ends_with(b"\n")).then_some(bytes.len());
    let Some(end) = head_end(window, 0).or_else(cut_short) else {
        check_first_line(window)?;
        return Err(ParseError::Endless);
    };
    let mut message = Message::of_head(&bytes[..end])?;
    let rest = &bytes[end..];
    let length = message.content_length()?.unwrap_or(rest.len().min(BODY_CAP));
    let body = rest.get(..length).ok_or(ParseError::ShortBody)?;
    if rest.len() > length {
        message.notes.push(Note::TrailingBytes);
    }
    message.body = body.to_vec();
    Ok(message)
}

/// Line ends before a message are keep-alives (RFC 3261 §7.5, RFC 5626 §3.5.1).
pub(super) fn skip_line_ends(bytes: &[u8]) -> &[u8] {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    &bytes[blank..]
}

/// The length of the head with its empty line, looked for from an offset on.
pub(super) fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(found) = bytes.get(at..)?.iter().position(|byte| *byte == b'\n') {
        let next = at + found + 1;
        match bytes.get(next..)? {
            [b'\n', ..] => return Some(next + 1),
            [b'\r', b'\n', ..] => return Some(next + 2),
            _ => at = next,
        }
    }
    None
}

/// Says early that a peer speaks something else: its first line is enough.
pub(super) fn check_first_line(bytes: &[u8]) -> Result<(), ParseError> {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => read_start(&String::from_utf8_lossy(without_cr(&bytes[..end]))).map(drop),
        None => Ok(()),
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl Message {
    /// Reads start line and header fields; `head` ends with its empty line.
    pub(super) fn of_head(head: &[u8]) -> Result<Self, ParseError> {
        let mut notes = Vec::new();
        let mut text = std::str::from_utf8(head).map_or_else(
            |_| {
                notes.push(Note::NotUtf8);
                String::from_utf8_lossy(head).into_owned()
            },
            str::to_owned,
        );
        let first = text.find('\n').ok_or(ParseError::Endless)?;
        let start = read_start(text[..first].strip_suffix('\r').unwrap_or(&text[..first]))?;
        if text[first..].split('\n').any(|line| line.starts_with([' ', '\t'])) {
            text = unfolded(&text);
        }
        let strict = matches!(start, Start::Request { .. });
        let first = text.find('\n').map_or(text.len(), |end| end + 1);
        let fields = read_fields(&text, first, strict, &mut notes)?;
        Ok(Self { start, notes, body: Vec::new(), head: text, fields })
    }

    /// The status code of a response.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self.start {
            Start::Status { code, .. } => Some(code),
            Start::Request { .. } => None,
        }
    }

    /// The method of a request.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        match &self.start {
            Start::Request { method, .. } => Some(method),
            Start::Status { .. } => None,
        }
    }

    /// Every field of a name, whole, in order. The long name finds compact forms too.
    pub fn fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |field| is_named(&self.head[field.name.clone()], name))
            .map(|field| &self.head[field.value.clone()])
    }

    /// The first field of a name.
    #[must_use]
    pub fn field<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.fields(name).next()
    }

    /// Names and values of all fields, as written.
    pub fn all_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| (&self.head[field.name.clone()], &self.head[field.value.clone()]))
    }

    /// Every value of a header whose fields hold comma-joined lists.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields(name).flat_map(|value| split_list(value, b','))
    }

    /// The Via values that can be read, top first.
    pub fn vias(&self) -> impl Iterator<Item = Via<'_>> {
        self.values("Via").filter_map(Via::parse)
    }

    /// The sequence number and method.
    #[must_use]
    pub fn cseq(&self) -> Option<CSeq<'_>> {
        self.field("CSeq").and_then(CSeq::parse)
    }

    /// The Contact addresses that can be read, in order; `*` is none.
    pub fn contacts(&self) -> impl Iterator<Item = Address<'_>> {
        self.values("Contact").filter_map(Address::parse)
    }

    /// The declared length of the body.
    ///
    /// # Errors
    /// [`ParseError::Length`] and [`ParseError::LengthConflict`].
    pub fn content_length(&self) -> Result<Option<usize>, ParseError> {
        let mut declared = None;
        for value in self.fields("Content-Length") {
            let length = read_length(value).ok_or_else(|| ParseError::Length(Clean::new(value)))?;
            if declared.is_some_and(|before| before != length) {
                return Err(ParseError::LengthConflict);
            }
            declared = Some(length);
        }
        Ok(declared)
    }
}

fn read_length(value: &str) -> Option<usize> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|length| digits && *length <= BODY_CAP)
}

/// Joins continuation lines (RFC 3261 §7.3.1): the line end becomes blanks, so that nothing moves.
fn unfolded(text: &str) -> String {
    let bytes = text.as_bytes();
    let joins = |at: usize| matches!(bytes.get(at + 1), Some(b' ' | b'\t'));
    text.char_indices()
        .map(|(at, c)| match c {
            '\n' if joins(at) => ' ',
            '\r' if bytes.get(at + 1) == Some(&b'\n') && joins(at + 1) => ' ',
            c => c,
        })
        .collect()
}

fn read_fields(text: &str, first: usize, strict: bool, notes: &mut Vec<Note>) -> Result<Vec<Field>, ParseError> {
    let mut fields = Vec::with_capacity(16);
    let mut at = first;
    for line in text[first..].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            continue;
        }
        match read_field(line, start) {
            Some(field) => fields.push(field),
            None if strict => return Err(ParseError::HeaderLine(Clean::new(line))),
            None if notes.contains(&Note::BadHeaderLine) => {}
            None => notes.push(Note::BadHeaderLine),
        }
    }
    Ok(fields)
}

/// `name HCOLON value`; blanks are allowed before the colon (RFC 3261 §7.3.1).
fn read_field(line: &str, start: usize) -> Option<Field> {
    let colon = line.find(':')?;
    let name = line[..colon].trim_end_matches([' ', '\t']);
    if !is_token(name) {
        return None;
    }
    let raw = &line[colon + 1..];
    let value = raw.trim();
    let value_at = start + colon + 1 + (raw.len() - raw.trim_start().len());
    Some(Field { name: start..start + name.len(), value: value_at..value_at + value.len() })
}

fn read_start(line: &str) -> Result<Start, ParseError> {
    let bad = || ParseError::StartLine(Clean::new(line));
    if line.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("SIP/")) {
        return read_status(line).unwrap_or_else(|| Err(bad()));
    }
    let mut parts = line.split(' ');
    let (Some(method), Some(uri), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(bad());
    };
    if !is_token(method) || uri.is_empty() || !version.get(..4).is_some_and(|v| v.eq_ignore_ascii_case("SIP/")) {
        return Err(bad());
    }
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(ParseError::Version(Clean::new(version)));
    }
    Ok(Start::Request { method: method.to_owned(), uri: uri.to_owned() })
}

/// `SIP/2.0 200 OK`; the reason and the blank before it may be missing.
fn read_status(line: &str) -> Option<Result<Start, ParseError>> {
    let (version, rest) = line.split_once([' ', '\t'])?;
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Some(Err(ParseError::Version(Clean::new(version))));
    }
    let rest = rest.trim_start();
    let (code, reason) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    let digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    let code = code.parse().ok().filter(|code| digits && (100..700).contains(code))?;
    Some(Ok(Start::Status { code, reason: Clean::new(reason.trim()) }))
}
