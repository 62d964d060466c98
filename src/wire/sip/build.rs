//! Writing OPTIONS requests (RFC 3261 §11.1) and responses (§8.2.6).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::net::SocketAddr;
use std::ops::Range;

use super::header::{parameter, split_list};
use super::identity::Identity;
use super::message::Message;
use super::uri::bracketed;

/// What an OPTIONS request says.
#[derive(Debug, Clone, Copy)]
pub struct OptionsRequest<'a> {
    /// Request-URI and To, for example `sip:um1.contoso.com:5061;transport=tls`.
    pub uri: &'a str,
    /// Host part of From.
    pub from: &'a str,
    /// Transport of the Via: `UDP`, `TCP` or `TLS`.
    pub transport: &'a str,
    /// Where the request is sent from; goes into Via and Contact.
    pub local: SocketAddr,
    /// What the response has to bring back.
    pub identity: &'a Identity,
}

impl OptionsRequest<'_> {
    /// Writes the request after what the buffer already holds.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.write_marked(out);
    }

    /// Writes it, and says where in the buffer branch, tag and sequence number are: what differs between two requests.
    pub(super) fn write_marked(&self, out: &mut Vec<u8>) -> [Range<usize>; 3] {
        let Self { uri, from, transport, local, identity } = self;
        let Identity { branch, call_id, cseq } = identity;
        let parameter = if *transport == "UDP" { "" } else { ";transport=" };
        let named = if *transport == "UDP" { "" } else { transport };
        // Writing to a Vec cannot fail.
        let _ = write!(out, "OPTIONS {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {local};rport;branch=");
        let branch = append(out, branch);
        let _ = write!(out, "\r\nMax-Forwards: 70\r\nFrom: <sip:switchboard@{from}>;tag=");
        let tag = append(out, identity.tag());
        let _ = write!(out, "\r\nTo: <{uri}>\r\nCall-ID: {call_id}\r\nCSeq: ");
        let cseq = append(out, &cseq.to_string());
        let _ = write!(
            out,
            " OPTIONS\r\n\
             Contact: <sip:switchboard@{local}{parameter}{named}>\r\n\
             Accept: application/sdp\r\n\
             User-Agent: Switchboard/{version}\r\n\
             Content-Length: 0\r\n\r\n",
            version = env!("CARGO_PKG_VERSION"),
        );
        [branch, tag, cseq]
    }
}

/// Where the text came to lie.
fn append(out: &mut Vec<u8>, text: &str) -> Range<usize> {
    let start = out.len();
    out.extend_from_slice(text.as_bytes());
    start..out.len()
}

/// A response under construction. Copies Via, From, To, Call-ID and CSeq of its request.
#[derive(Debug, Clone)]
pub struct Reply<'a> {
    request: &'a Message,
    code: u16,
    reason: &'a str,
    source: Option<SocketAddr>,
    headers: Vec<(&'a str, String)>,
}

impl<'a> Reply<'a> {
    /// Answers a request.
    #[must_use]
    pub fn to(request: &'a Message, code: u16, reason: &'a str) -> Self {
        Self { request, code, reason, source: None, headers: Vec::new() }
    }

    /// Where the request came from: fills `received` and `rport` of the top Via (RFC 3581 §4).
    #[must_use]
    pub fn source(mut self, source: SocketAddr) -> Self {
        self.source = Some(source);
        self
    }

    /// Adds a header field. Line ends in it become blanks.
    #[must_use]
    pub fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into().replace(['\r', '\n'], " ")));
        self
    }

    /// The whole message, with an empty body.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        let _ = write!(out, "SIP/2.0 {} {}\r\n", self.code, self.reason);
        for (at, via) in self.request.values("Via").enumerate() {
            let via = if at == 0 { self.stamped(via) } else { via.to_owned() };
            let _ = write!(out, "Via: {via}\r\n");
        }
        for name in ["From", "To", "Call-ID", "CSeq"] {
            if let Some(value) = self.request.field(name) {
                let tag = if name == "To" { self.tag(value) } else { String::new() };
                let _ = write!(out, "{name}: {value}{tag}\r\n");
            }
        }
        for (name, value) in &self.headers {
            let _ = write!(out, "{name}: {value}\r\n");
        }
        out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
        out
    }

    /// The top Via with the address that it really came from.
    fn stamped(&self, via: &str) -> String {
        let Some(source) = self.source.filter(|_| parameter(via, "rport").is_some()) else { return via.to_owned() };
        let kept: Vec<&str> = split_list(via, b';')
            .filter(|part| !is_parameter(part, "rport") && !is_parameter(part, "received"))
            .collect();
        format!("{};received={};rport={}", kept.join(";"), source.ip(), source.port())
    }

    /// A tag of our own for To, the same for each retransmission; none on 100 (RFC 3261 §8.2.6.2).
    fn tag(&self, to: &str) -> String {
        let after = bracketed(to).map_or(to, |inner| {
            let end = to.find(inner).map_or(0, |at| at + inner.len());
            &to[end..]
        });
        if self.code == 100 || parameter(after, "tag").is_some() {
            return String::new();
        }
        let mut hasher = DefaultHasher::new();
        self.request.field("Call-ID").hash(&mut hasher);
        self.request.field("From").hash(&mut hasher);
        format!(";tag={:016x}", hasher.finish())
    }
}

fn is_parameter(part: &str, name: &str) -> bool {
    part.split('=').next().is_some_and(|key| key.trim().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::super::{check_request, parse};
    use super::*;

    fn request(transport: &str) -> (Identity, Vec<u8>) {
        let identity = Identity::new(7, "abc@console".to_owned(), 3);
        let mut out = Vec::new();
        let local = "127.0.0.1:5555".parse().unwrap();
        let uri = "sip:um1.contoso.com:5061;transport=tls";
        OptionsRequest { uri, from: "console.contoso.com", transport, local, identity: &identity }.write(&mut out);
        (identity, out)
    }

    #[test]
    fn an_options_request_passes_the_strict_reading_on_every_transport() {
        for transport in ["UDP", "TCP", "TLS"] {
            let (identity, bytes) = request(transport);
            let message = parse(&bytes).unwrap();
            check_request(&message).unwrap();
            let via = message.vias().next().unwrap();
            assert_eq!((via.transport, via.branch()), (transport, Some(identity.branch.as_str())));
            assert_eq!(message.content_length(), Ok(Some(0)));
        }
    }

    #[test]
    fn a_reply_matches_its_request_and_no_other() {
        let (identity, bytes) = request("TLS");
        let asked = parse(&bytes).unwrap();
        let source = "192.0.2.7:40000".parse().unwrap();
        let reply = Reply::to(&asked, 503, "Service Unavailable").source(source).header("Retry-After", "5");
        let reply = parse(&reply.to_bytes()).unwrap();
        assert!(identity.matches(&reply));
        let via = reply.vias().next().unwrap();
        assert_eq!((via.parameter("received"), via.parameter("rport")), (Some("192.0.2.7"), Some("40000")));
        assert!(parameter(reply.field("To").unwrap(), "tag").is_some());
        for other in [
            Identity { branch: "z9hG4bKother".into(), ..identity.clone() },
            Identity { call_id: "other".into(), ..identity.clone() },
            Identity { cseq: 4, ..identity.clone() },
        ] {
            assert!(!other.matches(&reply));
        }
        assert!(!identity.matches(&asked), "a request is no response");
    }

    #[test]
    fn a_tag_that_is_there_is_kept() {
        let text = "OPTIONS sip:a SIP/2.0\r\nTo: <sip:a;tag=no>;tag=yes\r\n\r\n";
        let reply = String::from_utf8(Reply::to(&parse(text.as_bytes()).unwrap(), 200, "OK").to_bytes()).unwrap();
        assert!(reply.contains("To: <sip:a;tag=no>;tag=yes\r\n"), "{reply}");
    }
}
