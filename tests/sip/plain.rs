//! UDP and TCP peers, one conduct for each way in which a probe can fail.

use std::time::Instant;

use switchboard::domain::observation::{SipFailure, SipOutcome};
use switchboard::domain::server::Transport::{self, MutualTls, Tcp, Udp};
use switchboard::wire::sip::{Framer, Reply, parse};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};

use super::peers::{BRIEF, Count, PATIENT, failure, fqdn, hold, listen, ok, probe, prober, request, serve, target};

#[tokio::test]
async fn an_answer_tells_code_software_reason_and_time() {
    let reply = |message: &_| {
        Reply::to(message, 503, "Service Unavailable")
            .header("SERVER", "RTCC/3.5.0.0")
            .header("MS-DIAGNOSTICS", r#"15030;reason="Failed to route";source="um1.contoso.com""#)
            .header("Retry-After", "5")
            .to_bytes()
    };
    let address = listen(move |stream| serve(stream, reply)).await;
    let outcome = probe(address, Tcp, PATIENT).await;
    let answer = outcome.result.unwrap();
    assert_eq!((answer.code, answer.reason.as_str()), (503, "Service Unavailable"));
    assert_eq!(answer.server, Some("RTCC/3.5.0.0".into()));
    assert_eq!(answer.diagnostics.unwrap().id, 15030);
    assert!(answer.retry_after.is_some() && !answer.rtt.is_zero() && answer.rtt < PATIENT);
}

#[tokio::test]
async fn the_request_names_the_server_that_is_asked_or_the_name_that_it_shall_inherit() {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let address = listen(move |stream| {
        let sender = sender.clone();
        serve(stream, move |message| {
            sender.send(message.start.clone()).unwrap();
            ok(message)
        })
    })
    .await;
    let mut target = target(address, Tcp);
    prober().probe(&target, PATIENT).await.result.unwrap();
    target.server_name = Some(fqdn("um3.contoso.com"));
    prober().probe(&target, PATIENT).await.result.unwrap();
    for name in ["um1.contoso.com", "um3.contoso.com"] {
        let start = format!("{:?}", seen.recv().await.unwrap());
        assert!(start.contains(&format!("sip:{name}:{};transport=tcp", address.port())), "{start}");
    }
}

/// Reads the request, writes these bytes, and holds the connection.
async fn says(bytes: &'static [u8]) -> std::net::SocketAddr {
    listen(move |mut stream| async move {
        request(&mut stream, &mut Framer::new()).await;
        let _ = stream.write_all(bytes).await;
        hold(stream).await;
    })
    .await
}

#[tokio::test]
async fn bytes_that_are_no_sip_are_named_at_once() {
    for (bytes, word) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "web server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"220 mail ESMTP\r\n", "mail"),
        (b"\x15\x03\x01\x00\x02\x02\x46\n", "TLS"),
        (b"\x00\xff\xfe garbage \x1b]0;x\x07\r\n\r\n", "start line"),
        (b"SIP/2.0 200 OK\r\nContent-Length: 1\r\nl: 2\r\n\r\n", "Content-Length"),
        (b"SIP/2.0 200 OK\r\nContent-Length: 999999999\r\n\r\n", "Content-Length"),
    ] {
        let began = Instant::now();
        let SipFailure::NotSip(text) = failure(probe(says(bytes).await, Tcp, PATIENT).await) else {
            panic!("{bytes:?} was taken for something else")
        };
        assert!(text.as_str().contains(word), "{text}");
        assert!(!text.as_str().contains('\u{1b}') && began.elapsed() < PATIENT / 2);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_told_at_the_deadline_or_the_close() {
    for bytes in [&b"SIP/2.0 200 OK\r\nVia: SIP/2"[..], b"SIP/2.0 200 OK\r\nl: 5\r\n\r\nabc", b"SIP/2"] {
        let failure = failure(probe(says(bytes).await, Tcp, BRIEF).await);
        assert!(matches!(failure, SipFailure::NotSip(_)), "{failure:?}");
    }
    let address = listen(|mut stream| async move {
        request(&mut stream, &mut Framer::new()).await;
        stream.write_all(b"\x15\x03\x01\x00\x02\x02").await.unwrap();
    })
    .await;
    assert!(
        matches!(failure(probe(address, Tcp, PATIENT).await), SipFailure::NotSip(text) if text.as_str().contains("TLS"))
    );
}

#[tokio::test]
async fn an_answer_to_another_request_is_not_ours() {
    let stranger = |message: &_| {
        let text = String::from_utf8(ok(message)).unwrap();
        text.replace("z9hG4bK", "z9hG4bKx").into_bytes()
    };
    let address = listen(move |stream| serve(stream, stranger)).await;
    assert_eq!(failure(probe(address, Tcp, BRIEF).await), SipFailure::NotOurs("200 OK".into()));
}

#[tokio::test]
async fn a_stranger_a_keep_alive_and_provisional_answers_are_waited_through() {
    let reply = |message: &_| {
        let stranger = String::from_utf8(ok(message)).unwrap().replace("Call-ID: ", "Call-ID: x").into_bytes();
        let trying = Reply::to(message, 100, "Trying").to_bytes();
        [stranger, b"\r\n\r\n".to_vec(), trying, ok(message)].concat()
    };
    let address = listen(move |stream| serve(stream, reply)).await;
    assert_eq!(probe(address, Tcp, PATIENT).await.result.unwrap().code, 200);
}

#[tokio::test]
async fn an_answer_in_single_bytes_is_read() {
    let address = listen(|mut stream| async move {
        let message = request(&mut stream, &mut Framer::new()).await.unwrap();
        for byte in ok(&message) {
            stream.write_all(&[byte]).await.unwrap();
        }
        hold(stream).await;
    })
    .await;
    assert_eq!(probe(address, Tcp, PATIENT).await.result.unwrap().code, 200);
}

/// Writes the same bytes for as long as anyone listens.
async fn floods(
    first: &'static [u8],
    then: impl Fn(&[u8]) -> Vec<u8> + Send + Clone + 'static,
) -> std::net::SocketAddr {
    listen(move |mut stream| {
        let then = then.clone();
        async move {
            let message = request(&mut stream, &mut Framer::new()).await.unwrap();
            let bytes = then(&ok(&message)).repeat(64);
            let _ = stream.write_all(first).await;
            while stream.write_all(&bytes).await.is_ok() {}
        }
    })
    .await
}

#[tokio::test]
async fn a_header_or_body_without_end_is_given_up_long_before_the_deadline() {
    let address = floods(b"SIP/2.0 200 OK\r\n", |_| b"X-Filler: 0123456789\r\n".to_vec()).await;
    let began = Instant::now();
    assert!(matches!(failure(probe(address, Tcp, PATIENT).await), SipFailure::NotSip(_)));
    assert!(began.elapsed() < PATIENT / 2);
}

#[tokio::test]
async fn a_flood_of_strangers_does_not_outlast_the_deadline() {
    let strangers = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("z9hG4bK", "z9hG4bKx").into_bytes();
    let address = floods(b"", strangers).await;
    let began = Instant::now();
    assert_eq!(failure(probe(address, Tcp, BRIEF).await), SipFailure::NotOurs("200 OK".into()));
    assert!(began.elapsed() < BRIEF * 10);
}

#[tokio::test]
async fn nobody_listening_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for transport in [Tcp, Transport::Tls] {
        assert_eq!(failure(probe(address, transport, PATIENT).await), SipFailure::Refused);
    }
}

#[tokio::test]
async fn a_full_backlog_is_a_connect_timeout() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(BRIEF, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    assert_eq!(failure(probe(address, Tcp, BRIEF).await), SipFailure::ConnectTimeout);
}

#[tokio::test]
async fn a_reset_connection_is_told_apart_from_a_closed_and_a_silent_one() {
    let reset = listen(|mut stream| async move {
        request(&mut stream, &mut Framer::new()).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let closed = listen(|mut stream| async move {
        request(&mut stream, &mut Framer::new()).await;
    })
    .await;
    let silent = listen(hold::<TcpStream>).await;
    assert_eq!(failure(probe(reset, Tcp, PATIENT).await), SipFailure::Reset);
    assert_eq!(failure(probe(closed, Tcp, PATIENT).await), SipFailure::Closed);
    let began = Instant::now();
    assert_eq!(failure(probe(silent, Tcp, BRIEF).await), SipFailure::Silent);
    assert!(began.elapsed() >= BRIEF && began.elapsed() < BRIEF * 5);
}

#[tokio::test]
async fn an_address_without_a_way_to_it_is_unreachable() {
    let failure = failure(probe("255.255.255.255:5060".parse().unwrap(), Tcp, PATIENT).await);
    assert!(matches!(failure, SipFailure::Unreachable(_)), "{failure:?}");
}

#[tokio::test]
async fn mutual_tls_without_a_certificate_is_our_own_failure() {
    let failure = failure(probe("127.0.0.1:9".parse().unwrap(), MutualTls, PATIENT).await);
    assert!(matches!(failure, SipFailure::Local(_)), "{failure:?}");
}

#[tokio::test]
async fn a_kept_connection_serves_the_next_probe() {
    let connections = Count::default();
    let counted = connections.clone();
    let address = listen(move |stream| {
        counted.up();
        serve(stream, ok)
    })
    .await;
    let prober = prober();
    for _ in 0..5 {
        prober.probe(&target(address, Tcp), PATIENT).await.result.unwrap();
    }
    assert_eq!(connections.get(), 1);
    let prober = prober.keeping(false);
    for _ in 0..3 {
        prober.probe(&target(address, Tcp), PATIENT).await.result.unwrap();
    }
    assert!(connections.get() >= 3);
}

#[tokio::test]
async fn a_peer_that_closes_or_resets_an_idle_connection_is_not_counted_as_failing() {
    for resets in [false, true] {
        let address = listen(move |mut stream| async move {
            let message = request(&mut stream, &mut Framer::new()).await.unwrap();
            stream.write_all(&ok(&message)).await.unwrap();
            if resets {
                // The reset comes with the second request, as from a server that was restarted.
                request(&mut stream, &mut Framer::new()).await;
                stream.set_zero_linger().unwrap();
            }
        })
        .await;
        let prober = prober();
        for _ in 0..4 {
            assert_eq!(prober.probe(&target(address, Tcp), PATIENT).await.result.unwrap().code, 200);
        }
    }
}

#[tokio::test]
async fn a_probe_that_is_dropped_leaves_no_connection_to_the_next_one() {
    let silent_once = Count::default();
    let counted = silent_once.clone();
    let address = listen(move |stream| {
        let first = counted.up() == 1;
        async move { if first { hold(stream).await } else { serve(stream, ok).await } }
    })
    .await;
    let (prober, target) = (prober(), target(address, Tcp));
    let dropped = tokio::time::timeout(BRIEF, prober.probe(&target, PATIENT)).await;
    assert!(dropped.is_err());
    assert_eq!(prober.probe(&target, PATIENT).await.result.unwrap().code, 200);
}

/// A UDP peer that treats each datagram alike; `reply` gets the datagram and its number.
async fn datagrams(reply: impl Fn(&[u8], usize) -> Option<Vec<u8>> + Send + 'static) -> (std::net::SocketAddr, Count) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (address, count) = (socket.local_addr().unwrap(), Count::default());
    let counted = count.clone();
    tokio::spawn(async move {
        let mut datagram = vec![0; 65_535];
        while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
            if let Some(reply) = reply(&datagram[..length], counted.up()) {
                socket.send_to(&reply, from).await.unwrap();
            }
        }
    });
    (address, count)
}

fn answered(bytes: &[u8]) -> Vec<u8> {
    ok(&parse(bytes).unwrap())
}

async fn probe_udp(address: std::net::SocketAddr, deadline: std::time::Duration) -> SipOutcome {
    probe(address, Udp, deadline).await
}

#[tokio::test]
async fn a_lost_datagram_is_sent_again() {
    let (address, count) = datagrams(|bytes, number| (number > 1).then(|| answered(bytes))).await;
    assert_eq!(probe_udp(address, PATIENT).await.result.unwrap().code, 200);
    assert_eq!(count.get(), 2);
}

#[tokio::test]
async fn a_silent_datagram_peer_is_asked_with_doubling_pauses() {
    let (address, count) = datagrams(|_, _| None).await;
    assert_eq!(failure(probe_udp(address, std::time::Duration::from_millis(1800)).await), SipFailure::Silent);
    // At 0, 0.5 and 1.5 seconds (RFC 3261 §17.1.2.2).
    assert_eq!(count.get(), 3);
}

#[tokio::test]
async fn a_provisional_datagram_stops_the_repeating() {
    let (address, count) =
        datagrams(|bytes, number| (number == 1).then(|| Reply::to(&parse(bytes).unwrap(), 100, "Trying").to_bytes()))
            .await;
    assert_eq!(failure(probe_udp(address, std::time::Duration::from_millis(1800)).await), SipFailure::Silent);
    assert_eq!(count.get(), 1);
}

#[tokio::test]
async fn a_closed_datagram_port_is_refused_at_once() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let began = Instant::now();
    assert_eq!(failure(probe_udp(address, PATIENT).await), SipFailure::Refused);
    assert!(began.elapsed() < PATIENT / 2);
}

#[tokio::test]
async fn noise_in_datagrams_ends_nothing_but_is_told_when_nothing_better_comes() {
    let (address, _) = datagrams(|_, _| Some(b"\x00\xffnoise\r\n".to_vec())).await;
    assert!(matches!(failure(probe_udp(address, BRIEF).await), SipFailure::NotSip(_)));
    let (address, _) =
        datagrams(|bytes, number| Some(if number == 1 { b"noise".to_vec() } else { answered(bytes) })).await;
    assert_eq!(probe_udp(address, PATIENT).await.result.unwrap().code, 200);
    let (address, _) = datagrams(|bytes, _| {
        Some(String::from_utf8(answered(bytes)).unwrap().replace("CSeq: 1 ", "CSeq: 2 ").into_bytes())
    })
    .await;
    assert_eq!(failure(probe_udp(address, BRIEF).await), SipFailure::NotOurs("200 OK".into()));
}
