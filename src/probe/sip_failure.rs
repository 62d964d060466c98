//! What the system's errors and a peer's odd bytes mean for a SIP probe.

use std::io::{Error, ErrorKind};

use crate::domain::clean::Clean;
use crate::domain::observation::SipFailure;
use crate::wire::sip::ParseError;

use super::connection::Broken;

/// A connection attempt that failed.
pub(super) fn of_connecting(error: &Error) -> SipFailure {
    match error.kind() {
        ErrorKind::ConnectionRefused => SipFailure::Refused,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => SipFailure::Reset,
        // The system gave up before our deadline did.
        ErrorKind::TimedOut => SipFailure::ConnectTimeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => unreachable(error),
        _ => SipFailure::Local(Clean::new(&error.to_string())),
    }
}

/// A stream that broke after it was there.
pub(super) fn of_stream(broken: &Broken) -> SipFailure {
    match broken {
        Broken::Closed => SipFailure::Closed,
        Broken::Io(error) => match error.kind() {
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => SipFailure::Reset,
            ErrorKind::UnexpectedEof => SipFailure::Closed,
            ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => unreachable(error),
            _ => SipFailure::Local(Clean::new(&error.to_string())),
        },
        Broken::Tls(error) => SipFailure::Local(Clean::new(&error.to_string())),
    }
}

fn unreachable(error: &Error) -> SipFailure {
    SipFailure::Unreachable(Clean::new(&error.to_string()))
}

/// Bytes that are no SIP message, with a guess at what they are.
pub(super) fn not_sip(error: &ParseError, bytes: Option<&[u8]>) -> SipFailure {
    let guess = bytes.and_then(guess);
    SipFailure::NotSip(guess.map_or_else(|| error.to_string().into(), |guess| format!("{guess} ({error})").into()))
}

/// An answer that began and did not end.
pub(super) fn unfinished(bytes: &[u8]) -> SipFailure {
    let line = bytes.split(|byte| *byte == b'\r' || *byte == b'\n').next().unwrap_or_default();
    let guess = guess(bytes).map(|guess| format!("{guess}: ")).unwrap_or_default();
    let shown = Clean::from_bytes(&line[..line.len().min(80)]);
    SipFailure::NotSip(format!("{guess}an answer that began and did not end: {shown}").into())
}

fn guess(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [20..=23, 3, ..] => Some("a TLS record, so this port speaks TLS"),
        [b'H', b'T', b'T', b'P', b'/', ..] => Some("a web server's answer"),
        [b'S', b'S', b'H', b'-', ..] => Some("an SSH server's greeting"),
        [b'2', b'2', b'0', b' ' | b'-', ..] => Some("a mail server's greeting"),
        _ => None,
    }
}
