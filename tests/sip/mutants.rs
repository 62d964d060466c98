//! Ten thousand mutations of real responses: a typed result each, the same however the bytes arrive.

use std::time::{Duration, Instant};

use switchboard::wire::sip::{
    Address, BODY_CAP, HEAD_CAP, Identity, Message, Uri, check_request, diagnostics, parse, retry_after, software,
};

use super::rfc::framed;

/// As UM writes them: upper-case names, comma-joined Via, Allow twice in two spellings; and as other stacks do.
const RESPONSES: &[&[u8]] = &[
    b"SIP/2.0 200 OK\r\nFROM: <sip:switchboard@console>;tag=1\r\nTO: <sip:um1.contoso.com:5061>;tag=8fa2\r\n\
      CSEQ: 1 OPTIONS\r\nCALL-ID: 0123456789abcdef@console\r\n\
      VIA: SIP/2.0/TLS 192.0.2.7:40000;branch=z9hG4bK0000000000000007;rport,SIP/2.0/TLS 192.0.2.8;branch=z9hG4bKx\r\n\
      CONTENT-LENGTH: 0\r\nACCEPT: application/sdp\r\nALLOW: INVITE,BYE,ACK,OPTIONS\r\nAllow: CANCEL, INFO\r\n\
      SERVER: RTCC/5.0.0.0 MSExchangeUM/15.01.2507.017\r\n\r\n",
    b"SIP/2.0 503 Service Unavailable\r\nv: SIP/2.0/TCP 192.0.2.7:40000;rport=40000;received=192.0.2.7\r\n ;branch=z9hG4bK1\r\n\
      f: <sip:switchboard@console>;tag=1\r\nt: \"Pilot, \\\"x\\\"\" <sip:um1>;tag=2\r\ni: a@b\r\nCSeq: 2 OPTIONS\r\n\
      ms-diagnostics: 15030;reason=\"Failed to route\";source=\"um1.contoso.com\";appName=\"UM\"\r\n\
      Retry-After: 30 (busy);duration=5\r\nl: 11\r\nc: text/plain\r\n\r\nhello world",
    b"SIP/2.0 302 Moved Temporarily\r\nVia: SIP/2.0/TLS 192.0.2.7:40000;branch=z9hG4bK2\r\nFrom: <sip:a@b>;tag=1\r\n\
      To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 3 OPTIONS\r\n\
      m: \"Worker, <1>\" <sip:um1.contoso.com:5066;transport=Tls;maddr=192.0.2.11>;q=0.7, <sip:[2001:db8::1]:5067>\r\n\
      Content-Length: 0\r\n\r\n",
    b"\r\n\r\nSIP/2.0 100 Trying\nVia: SIP/2.0/TCP h;branch=z9hG4bK3\nCall-ID: y\nCSeq: 4 OPTIONS\n\n\
      SIP/2.0 200 \xc3\x89t\xe9\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK3\r\nCall-ID: y\r\nCSeq: 4 OPTIONS\r\nContent-Length: 0\r\n\r\n",
    // Kamailio 5.6.3, captured.
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 127.0.0.1:40123;rport=46478;branch=z9hG4bK74ad5c0d9d1f2b3e;received=127.0.0.1\r\n\
      From: <sip:switchboard@console.contoso.com>;tag=74ad5c0d\r\nTo: <sip:um1.contoso.com:5060;transport=tcp>;\
      tag=a56b49eae6f59f18eb96613a4d42b0e1.1e5c4658\r\nCall-ID: 9e0b6a4f1c2d3e4f@console.contoso.com\r\nCSeq: 1 OPTIONS\r\n\
      Server: kamailio (5.6.3 (x86_64/linux))\r\nContent-Length: 0\r\n\r\n",
];

/// A small generator, so that every run sees the same mutants.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        const LIKELY: &[u8] = b"\r\n\r\n \t:;,<>\"\\=0199@[]?\0\xff\xc3";
        if self.below(2) == 0 { LIKELY[self.below(LIKELY.len())] } else { u8::try_from(self.below(256)).unwrap() }
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    let (at, from) = (random.below(bytes.len()), random.below(bytes.len()));
    let length = random.below(40).min(bytes.len() - from);
    match random.below(7) {
        0 => bytes[at] = random.byte(),
        1 => bytes.insert(at, random.byte()),
        2 => drop(bytes.remove(at)),
        3 => bytes.truncate(at.max(1)),
        4 => {
            let copied = bytes[from..from + length].to_vec();
            drop(bytes.splice(at..at, copied));
        }
        5 => drop(bytes.splice(from..from + length, [])),
        _ => {
            let repeated = vec![random.byte(); random.below(300)];
            drop(bytes.splice(at..at, repeated));
        }
    }
    if bytes.is_empty() {
        bytes.push(random.byte());
    }
}

/// Everything that a probe or a server reads of a message.
fn read_all(message: &Message) {
    let _ = (diagnostics(message), retry_after(message), software(message), check_request(message), message.cseq());
    let _ = message.vias().filter(|via| via.parameter("received").is_some()).count();
    let _ = message.contacts().filter_map(|contact| contact.uri).filter(|uri| uri.destination().is_empty()).count();
    let is_uri = |value: &str| Address::parse(value).is_some() || Uri::parse(value).is_some();
    let _ = message.all_fields().filter(|(_, value)| is_uri(value)).count();
    let _ = Identity::new(7, "x".into(), 1).matches(message);
}

#[test]
fn ten_thousand_mutants_give_a_typed_result_that_does_not_depend_on_chunks() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut refused, mut slowest) = (0, 0, Duration::ZERO);
    for round in 0..10_000 {
        let mut bytes = RESPONSES[round % RESPONSES.len()].to_vec();
        for _ in 0..=random.below(6) {
            mutate(&mut bytes, &mut random);
        }
        let began = Instant::now();
        match parse(&bytes) {
            Ok(message) => {
                read += 1;
                assert!(message.body.len() <= BODY_CAP);
                read_all(&message);
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().chars().count() < 600);
            }
        }
        let whole = framed(&bytes, bytes.len());
        slowest = slowest.max(began.elapsed());
        assert_eq!(framed(&bytes, 1), whole, "byte by byte: {:?}", String::from_utf8_lossy(&bytes));
        let chunk = 1 + random.below(bytes.len());
        assert_eq!(framed(&bytes, chunk), whole, "chunks of {chunk}: {:?}", String::from_utf8_lossy(&bytes));
        whole.0.iter().for_each(read_all);
    }
    assert!(read > 1000 && refused > 1000, "mutants should fall on both sides: {read} read, {refused} refused");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
}

#[test]
fn the_responses_themselves_are_read() {
    for bytes in RESPONSES {
        let message = parse(bytes).unwrap();
        assert!(message.code().is_some() && message.cseq().is_some() && message.vias().next().is_some());
    }
    let um = parse(RESPONSES[0]).unwrap();
    assert_eq!((um.vias().count(), um.fields("Allow").count(), um.values("allow").count()), (2, 2, 6));
    assert_eq!(software(&um), Some("RTCC/5.0.0.0 MSExchangeUM/15.01.2507.017".into()));
    assert!(Identity::new(7, "0123456789abcdef@console".into(), 1).matches(&um));
}

#[test]
fn endless_headers_folds_and_lists_are_read_in_bounded_time() {
    let began = Instant::now();
    for filler in [&b"\r\n "[..], b"\"", b"<", b",", b";", b"\\", b"\r\nVia: a", b"\r\n\t\r", b"=", b"[", b":"] {
        let mut bytes = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP h;branch=1".to_vec();
        while bytes.len() + filler.len() + 4 < HEAD_CAP {
            bytes.extend_from_slice(filler);
        }
        bytes.extend_from_slice(b"\r\n\r\n");
        if let Ok(message) = parse(&bytes) {
            read_all(&message);
        }
        assert_eq!(framed(&bytes, 1), framed(&bytes, 4096));
    }
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}
