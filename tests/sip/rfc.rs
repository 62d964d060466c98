//! Every message of RFC 4475 and RFC 5118, with the verdict that the RFC asks for.

use std::path::{Path, PathBuf};

use switchboard::wire::sip::{Framer, Message, ParseError, check_request, parse};

use Verdict::{Answer, Discarded, Good, Open, Refused, Unreadable};

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// A well-formed request.
    Good,
    /// A request that is read and refused with 400.
    Refused,
    /// No message: refused with 400 or 505 without being read further.
    Unreadable,
    /// A response that is read, with its code.
    Answer(u16),
    /// A response that no request can have caused.
    Discarded,
    /// The RFC leaves it open; any typed result will do.
    Open,
}

/// The section of RFC 4475 or RFC 5118, the file, and what is expected.
const EXPECTED: &[(&str, &str, Verdict)] = &[
    ("3.1.1.1", "4475/wsinv", Good),
    ("3.1.1.2", "4475/intmeth", Good),
    ("3.1.1.3", "4475/esc01", Good),
    ("3.1.1.4", "4475/escnull", Good),
    ("3.1.1.5", "4475/esc02", Good),
    ("3.1.1.6", "4475/lwsdisp", Good),
    ("3.1.1.7", "4475/longreq", Good),
    ("3.1.1.8", "4475/dblreq", Good),
    ("3.1.1.9", "4475/semiuri", Good),
    ("3.1.1.10", "4475/transports", Good),
    ("3.1.1.11", "4475/mpart01", Good),
    ("3.1.1.12", "4475/unreason", Answer(200)),
    ("3.1.1.13", "4475/noreason", Answer(100)),
    ("3.1.2.1", "4475/badinv01", Refused),
    ("3.1.2.2", "4475/clerr", Unreadable),
    ("3.1.2.3", "4475/ncl", Unreadable),
    ("3.1.2.4", "4475/scalar02", Refused),
    ("3.1.2.5", "4475/scalarlg", Discarded),
    ("3.1.2.6", "4475/quotbal", Refused),
    ("3.1.2.7", "4475/ltgtruri", Refused),
    ("3.1.2.8", "4475/lwsruri", Unreadable),
    ("3.1.2.9", "4475/lwsstart", Unreadable),
    ("3.1.2.10", "4475/trws", Unreadable),
    ("3.1.2.11", "4475/escruri", Refused),
    ("3.1.2.12", "4475/baddate", Refused),
    ("3.1.2.13", "4475/regbadct", Refused),
    ("3.1.2.14", "4475/badaspec", Refused),
    ("3.1.2.15", "4475/baddn", Refused),
    ("3.1.2.16", "4475/badvers", Unreadable),
    ("3.1.2.17", "4475/mismatch01", Refused),
    ("3.1.2.18", "4475/mismatch02", Refused),
    ("3.1.2.19", "4475/bigcode", Unreadable),
    ("3.2.1", "4475/badbranch", Refused),
    ("3.3.1", "4475/insuf", Refused),
    ("3.3.2", "4475/unkscm", Good),
    ("3.3.3", "4475/novelsc", Good),
    ("3.3.4", "4475/unksm2", Good),
    ("3.3.5", "4475/bext01", Good),
    ("3.3.6", "4475/invut", Good),
    ("3.3.7", "4475/regaut01", Good),
    ("3.3.8", "4475/multi01", Refused),
    ("3.3.9", "4475/mcl01", Unreadable),
    ("3.3.10", "4475/bcast", Answer(200)),
    ("3.3.11", "4475/zeromf", Good),
    ("3.3.12", "4475/cparam01", Good),
    ("3.3.13", "4475/cparam02", Good),
    ("3.3.14", "4475/regescrt", Good),
    ("3.3.15", "4475/sdp01", Good),
    ("3.4.1", "4475/inv2543", Good),
    ("4.1", "5118/ipv6-good", Good),
    ("4.2", "5118/ipv6-bad", Refused),
    ("4.3", "5118/port-ambiguous", Good),
    ("4.4", "5118/port-unambiguous", Good),
    ("4.5", "5118/via-received-param-with-delim", Good),
    ("4.5", "5118/via-received-param-no-delim", Good),
    // A slip of the RFC: it declares 268 bytes of body and has 251. With the right length it is good, see below.
    ("4.6", "5118/ipv6-in-sdp", Unreadable),
    ("4.7", "5118/mult-ip-in-header", Good),
    ("4.8", "5118/mult-ip-in-sdp", Good),
    ("4.9", "5118/ipv4-mapped-ipv6", Good),
    ("4.10", "5118/ipv6-bug-abnf-3-colons", Open),
    ("4.10", "5118/ipv6-correct-abnf-2-colons", Good),
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rfc")
}

/// A message as it is on the wire: the archive of RFC 5118 has bare line feeds where its text counts CRLF.
fn message(name: &str) -> Vec<u8> {
    let bytes = std::fs::read(corpus().join(format!("{name}.dat"))).unwrap();
    if name.starts_with("4475") {
        return bytes;
    }
    assert!(!bytes.contains(&b'\r'));
    String::from_utf8(bytes).unwrap().replace('\n', "\r\n").into_bytes()
}

fn verdict(result: &Result<Message, ParseError>) -> Verdict {
    let Ok(message) = result else { return Unreadable };
    match message.code() {
        None if check_request(message).is_ok() => Good,
        None => Refused,
        Some(_) if message.cseq().is_none() => Discarded,
        Some(code) => Answer(code),
    }
}

#[test]
fn every_torture_message_gets_the_verdict_of_its_rfc() {
    for (section, name, expected) in EXPECTED {
        let result = parse(&message(name));
        let why = result.as_ref().map(check_request);
        assert!(*expected == Open || verdict(&result) == *expected, "{section} {name}: {why:?}");
    }
}

#[test]
fn ipv6_in_sdp_is_good_when_its_length_is_right() {
    let text = String::from_utf8(message("5118/ipv6-in-sdp")).unwrap();
    assert_eq!(verdict(&parse(text.as_bytes())), Unreadable);
    assert_eq!(verdict(&parse(text.replace("268", "251").as_bytes())), Good);
}

#[test]
fn no_message_of_the_corpus_is_left_out() {
    let mut files: Vec<String> = ["4475", "5118"]
        .iter()
        .flat_map(|rfc| {
            std::fs::read_dir(corpus().join(rfc)).unwrap().map(move |entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                format!("{rfc}/{}", name.strip_suffix(".dat").unwrap())
            })
        })
        .collect();
    let mut named: Vec<String> = EXPECTED.iter().map(|(_, name, _)| (*name).to_owned()).collect();
    files.sort();
    named.sort();
    assert_eq!((files.len(), files), (61, named));
}

/// All messages of a stream, and how it ended.
pub(crate) fn framed(bytes: &[u8], chunk: usize) -> (Vec<Message>, Result<(), ParseError>, bool) {
    let (mut framer, mut messages) = (Framer::new(), Vec::new());
    for chunk in bytes.chunks(chunk.max(1)) {
        framer.push(chunk);
        loop {
            match framer.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Err(error), false),
            }
        }
    }
    (messages, Ok(()), framer.pending().is_some())
}

#[test]
fn every_torture_message_is_framed_alike_in_any_chunks() {
    for (_, name, _) in EXPECTED {
        let bytes = message(name);
        let whole = framed(&bytes, bytes.len());
        for chunk in [1, 2, 3, 7, 64, 1000] {
            assert_eq!(framed(&bytes, chunk), whole, "{name} in chunks of {chunk}");
        }
    }
}

#[test]
fn two_messages_in_one_stream_are_two() {
    let (messages, ..) = framed(&message("4475/dblreq"), 5);
    assert_eq!(messages.iter().map(Message::method).collect::<Vec<_>>(), [Some("REGISTER"), Some("INVITE")]);
}

#[test]
fn a_tortuous_invite_is_read_as_the_rfc_describes_it() {
    let message = parse(&message("4475/wsinv")).unwrap();
    let vias: Vec<_> = message.vias().map(|via| (via.transport.to_owned(), via.branch().map(str::to_owned))).collect();
    let via = |transport: &str, branch: &str| (transport.to_owned(), Some(branch.to_owned()));
    assert_eq!(vias, [via("UDP", "390skdjuw"), via("TCP", "z9hG4bK9ikj8"), via("UDP", "z9hG4bK30239")]);
    assert_eq!(message.cseq().map(|cseq| (cseq.number, cseq.method)), Some((9, "INVITE")));
    assert_eq!(message.field("Subject"), Some(""));
    assert_eq!(message.contacts().next().unwrap().text, "sip:jdrosen@example.com");
    assert_eq!((message.content_length(), message.body.len()), (Ok(Some(150)), 150));
}

#[test]
fn a_binary_body_is_kept_byte_by_byte() {
    let message = parse(&message("4475/mpart01")).unwrap();
    assert_eq!(message.content_length(), Ok(Some(message.body.len())));
    assert!(message.body.contains(&0));
}
