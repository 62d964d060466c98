//! SIP messages (RFC 3261): framing on streams, reading, building, matching. Pure: bytes in, values out.
//!
//! Reads responses as liberally as real peers need (folded and compact headers, bare LF, leading CRLF, bytes that are no
//! UTF-8, odd spacing), and requests more strictly. Knows no socket and no clock, and judges no answer.

mod answer;
mod build;
mod frame;
mod header;
mod identity;
mod message;
mod requests;
mod strict;
mod uri;
mod via;

pub use answer::{diagnostics, retry_after, software};
pub use build::{OptionsRequest, Reply};
pub use frame::Framer;
pub use header::{parameter, split_list};
pub use identity::Identity;
pub use message::{BODY_CAP, HEAD_CAP, Message, Note, ParseError, Start, parse};
pub use requests::Requests;
pub use strict::{Fault, check_request};
pub use uri::{Address, Uri};
pub use via::{CSeq, Via};
