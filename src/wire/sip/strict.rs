//! What a server demands of a request before it answers anything but 400 (RFC 3261 §8.1.1, §25.1).

use crate::domain::clean::Clean;

use super::header::{is_token, split_keeping_blank, split_list};
use super::message::{Message, Start};
use super::uri::Uri;
use super::via::{CSeq, Via};

/// Why a request is to be refused with 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A response, where a request is expected.
    #[error("not a request")]
    NotARequest,
    /// A header that every request has is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A header that stands for one value came several times.
    #[error("{0} stands there more than once")]
    Repeated(&'static str),
    /// A header's value does not follow the grammar.
    #[error("{0} cannot be read: {1}")]
    Malformed(&'static str, Clean),
    /// The method of the CSeq is not that of the request.
    #[error("CSeq names another method: {0}")]
    OtherMethod(Clean),
    /// The Request-URI does not follow the grammar.
    #[error("the Request-URI cannot be read: {0}")]
    RequestUri(Clean),
}

/// A header that stands for exactly one value: its name, whether each request has it, and whether a value can be read.
type Single = (&'static str, bool, fn(&str) -> bool);

const SINGLE: &[Single] = &[
    ("From", true, is_address),
    ("To", true, is_address),
    ("Call-ID", true, is_call_id),
    ("CSeq", true, |value| CSeq::parse(value).is_some()),
    ("Max-Forwards", false, |value| is_number(value, 255)),
    ("Expires", false, |value| is_number(value, u64::from(u32::MAX))),
    ("Date", false, is_date),
];

/// Checks a request as strictly as the grammar asks.
///
/// # Errors
/// The first [`Fault`] found. A missing Max-Forwards is none: RFC 2543 knew none.
pub fn check_request(message: &Message) -> Result<(), Fault> {
    let Start::Request { method, uri } = &message.start else { return Err(Fault::NotARequest) };
    if !is_request_uri(uri) {
        return Err(Fault::RequestUri(Clean::new(uri)));
    }
    for (name, required, reads) in SINGLE {
        let mut values = message.fields(name);
        match values.next() {
            None if *required => return Err(Fault::Missing(name)),
            Some(value) if !reads(value) => return Err(Fault::Malformed(name, Clean::new(value))),
            _ => {}
        }
        if values.next().is_some() {
            return Err(Fault::Repeated(name));
        }
    }
    check_list(message, "Via", is_via)?;
    check_list(message, "Contact", |value| value == "*" || is_address(value))?;
    if message.vias().next().is_none() {
        return Err(Fault::Missing("Via"));
    }
    match message.cseq() {
        Some(cseq) if cseq.method == method => Ok(()),
        other => Err(Fault::OtherMethod(other.map_or("", |cseq| cseq.method).into())),
    }
}

fn check_list(message: &Message, name: &'static str, reads: fn(&str) -> bool) -> Result<(), Fault> {
    let mut values = message.fields(name).flat_map(|field| split_keeping_blank(field, b','));
    match values.find(|value| !reads(value)) {
        Some(value) => Err(Fault::Malformed(name, Clean::new(value))),
        None => Ok(()),
    }
}

/// A SIP URI without headers (RFC 3261 §19.1.1, table 1), or one of another scheme.
fn is_request_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    if !is_scheme(scheme) || rest.is_empty() || rest.contains(['<', '>', '"']) {
        return false;
    }
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let sip = scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips");
    !sip || (Uri::parse(uri).is_some() && !host.contains('?'))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// `name-addr` or `addr-spec` with parameters.
fn is_address(value: &str) -> bool {
    match angle(value) {
        Some(at) => {
            let Some((inner, after)) = value[at + 1..].split_once('>') else { return false };
            let after = after.trim();
            is_display_name(value[..at].trim()) && is_spec(inner) && (after.is_empty() || after.starts_with(';'))
        }
        // Without brackets a comma, a question mark or a semicolon would be ambiguous (§20.10).
        None => split_list(value, b';').next().is_some_and(|spec| is_spec(spec) && !spec.contains(['?', ','])),
    }
}

/// Where the first `<` outside quotes is.
fn angle(value: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    value.char_indices().find_map(|(at, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => return Some(at),
            _ => {}
        }
        None
    })
}

fn is_display_name(text: &str) -> bool {
    if text.starts_with('"') {
        return is_quoted(text);
    }
    text.split_ascii_whitespace().all(is_token)
}

/// One quoted string and nothing else.
fn is_quoted(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return false };
    let mut escaped = false;
    let open = inner.chars().any(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    !open && !escaped
}

fn is_spec(text: &str) -> bool {
    let scheme = text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
    scheme && !text.contains([' ', '\t', '"', '<'])
}

fn is_call_id(value: &str) -> bool {
    !value.is_empty() && !value.contains([' ', '\t', ','])
}

fn is_via(value: &str) -> bool {
    // A branch that is the magic cookie and nothing else identifies no transaction (RFC 4475 §3.2.1).
    Via::parse(value).is_some_and(|via| !via.branch().is_some_and(|branch| branch.eq_ignore_ascii_case("z9hG4bK")))
}

fn is_number(value: &str, most: u64) -> bool {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits && value.parse::<u64>().is_ok_and(|number| number <= most)
}

/// `Sat, 13 Nov 2010 23:29:00 GMT`: no other zone is allowed (§20.17).
fn is_date(value: &str) -> bool {
    value.ends_with(" GMT") && value.split_ascii_whitespace().count() == 6
}
