//! Every fault of a SIP server, as a raw client sees it.

use std::time::Instant;

use switchboard::demo::Design;
use switchboard::demo::sip::SLOW;
use switchboard::domain::certificate::Crl;
use switchboard::domain::name::Fqdn;

use super::Bench;
use super::client::{Line, Seen, connect, options};

const UM1: &str = "192.0.2.11:5061";
const UM1_PLAIN: &str = "192.0.2.11:5060";

#[tokio::test]
async fn everybody_answers_200_over_both_transports_as_unified_messaging_writes_it() {
    let bench = Bench::start(|_| {}).await;
    for host in ["192.0.2.11", "192.0.2.12", "192.0.2.23", "192.0.2.24", "192.0.2.41"] {
        assert_eq!(options(bench.at(&format!("{host}:5061"))).await, Seen::Code(200), "{host}");
        let mut plain = Line::tcp(bench.at(&format!("{host}:5060"))).await.unwrap();
        assert_eq!((plain.options().await, plain.options().await), (Seen::Code(200), Seen::Code(200)), "kept, {host}");
    }
    let mut line = Line::tls(bench.at(UM1), None).await.expect("a session");
    let answer = line.ask("OPTIONS").await.unwrap();
    let names: Vec<&str> = answer.all_fields().map(|(name, _)| name).collect();
    assert!(names.contains(&"CALL-ID") && names.contains(&"ALLOW") && names.contains(&"Allow"), "{names:?}");
    assert_eq!((names.iter().filter(|name| **name == "VIA").count(), answer.vias().count()), (1, 2));
    assert_eq!(answer.field("Server"), Some("RTCC/3.5.0.0"));
    let leaf = line.leaf.take().unwrap();
    assert_eq!(leaf.subject_cn.as_ref().unwrap().as_str(), "um1.tukwila.contoso.com");
    for name in ["um1.tukwila", "um2.tukwila", "um3.dublin", "um4.dublin"] {
        assert!(leaf.covers(&Fqdn::parse(&format!("{name}.contoso.com")).unwrap()), "{name}");
    }
}

#[tokio::test]
async fn other_methods_get_the_codes_of_a_um_server() {
    let bench = Bench::start(|options| options.design = Design::EnableDisable).await;
    let mut line = Line::tls(bench.at(UM1), None).await.expect("a session");
    for (method, code) in [("INVITE", 302), ("REGISTER", 405), ("BYE", 481), ("PUBLISH", 501)] {
        assert_eq!(line.ask(method).await.unwrap().code(), Some(code), "{method}");
    }
    let redirect = line.ask("INVITE").await.unwrap();
    let contact = redirect.field("Contact").unwrap();
    assert!(contact.starts_with("<sip:um1.tukwila.contoso.com:5066;transport=Tls"), "{contact}");
    // The standby of this design is disabled.
    let mut standby = Line::tls(bench.at("192.0.2.23:5061"), None).await.expect("a session");
    for method in ["OPTIONS", "INVITE"] {
        let answer = standby.ask(method).await.unwrap();
        assert_eq!(answer.code(), Some(503), "{method}");
        assert!(answer.field("ms-diagnostics").unwrap().contains("um3.dublin.contoso.com"));
    }
    assert_eq!(options(bench.at("192.0.2.41:5061")).await, Seen::Code(200));
}

#[tokio::test]
async fn each_fault_of_the_line_and_of_the_speech_is_seen_and_is_gone_after_heal() {
    let bench = Bench::start(|_| {}).await;
    let faults = bench.demo.faults();
    let cases = [
        ("stop", Seen::Refused),
        ("hang", Seen::Silent),
        ("reset", Seen::Reset),
        ("garbage", Seen::NotSip),
        ("403", Seen::Code(403)),
        ("503", Seen::Code(503)),
        ("no-new-calls", Seen::Code(503)),
        ("slow", Seen::Code(200)),
    ];
    for (fault, expected) in cases {
        faults.on("um1", fault).await.unwrap();
        let start = Instant::now();
        assert_eq!(options(bench.at(UM1)).await, expected, "{fault}");
        assert!(fault != "slow" || start.elapsed() >= SLOW);
        assert_eq!(options(bench.at("192.0.2.12:5061")).await, Seen::Code(200), "um2 has no part in {fault}");
        faults.off("um1", fault).await.unwrap();
        assert_eq!(options(bench.at(UM1)).await, Seen::Code(200), "after {fault}");
        assert!(faults.list().iter().all(|switch| !switch.on));
    }
}

#[tokio::test]
async fn kept_connections_take_part_in_what_happens_to_their_server() {
    let bench = Bench::start(|_| {}).await;
    let faults = bench.demo.faults();
    for (fault, port, end) in [
        ("stop", UM1, Seen::Reset),
        ("stop", UM1_PLAIN, Seen::Reset),
        ("reset", UM1, Seen::Reset),
        ("cert-expired", UM1, Seen::Reset),
    ] {
        let line = if port == UM1 { Line::tls(bench.at(port), None).await } else { Line::tcp(bench.at(port)).await };
        let mut line = line.expect("a connection");
        assert_eq!(line.options().await, Seen::Code(200));
        faults.on("um1", fault).await.unwrap();
        assert_eq!(line.end().await, end, "{fault} on {port}");
        faults.heal("um1").await.unwrap();
    }
    let mut line = Line::tls(bench.at(UM1), None).await.expect("a session");
    faults.on("um1", "503").await.unwrap();
    assert_eq!(line.options().await, Seen::Code(503), "the same connection");
    faults.heal("um1").await.unwrap();
    assert_eq!(line.options().await, Seen::Code(200));
}

#[tokio::test]
async fn each_certificate_fault_presents_the_certificate_that_its_name_says() {
    let bench = Bench::start(|_| {}).await;
    let faults = bench.demo.faults();
    let now = switchboard::probe::Clock::start().now();
    let other = Fqdn::parse("um3.dublin.contoso.com").unwrap();
    let list = Crl::read(&std::fs::read(bench.demo.dir().join("issuing.crl")).unwrap()).unwrap().remove(0);
    for fault in
        ["cert-expired", "cert-expiring", "cert-self-signed", "cert-missing-name", "cert-wrong-ca", "cert-revoked"]
    {
        faults.on("um1", fault).await.unwrap();
        let mut line = Line::tls(bench.at(UM1), None).await.expect("a session");
        let leaf = line.leaf.take().unwrap();
        let days = leaf.days_left(now);
        let said = match fault {
            "cert-expired" => days < 0,
            "cert-expiring" => days == 5,
            "cert-self-signed" => leaf.self_signed,
            "cert-missing-name" => !leaf.covers(&other) && days > 200,
            "cert-revoked" => list.revokes(&leaf.serial).is_some(),
            _ => leaf.issuer.as_str().contains("Contoso Exchange CA"),
        };
        assert!(said, "{fault}: {leaf:?}");
        assert_eq!(line.options().await, Seen::Code(200), "{fault}");
        faults.heal_all().await.unwrap();
    }
}

#[tokio::test]
async fn in_the_dark_nothing_answers_and_light_brings_even_kept_connections_back() {
    let bench = Bench::start(|_| {}).await;
    let faults = bench.demo.faults();
    let mut kept = Line::tls(bench.at(UM1), None).await.expect("a session");
    faults.on("Tukwila", "dark").await.unwrap();
    assert_eq!(kept.options().await, Seen::Silent);
    for dark in [UM1, UM1_PLAIN, "192.0.2.12:5061", "192.0.2.41:5061"] {
        let seen = connect(bench.at(dark)).await.map(|_| ());
        assert_eq!(seen, Err(Seen::NoConnection), "{dark}");
    }
    assert_eq!(options(bench.at("192.0.2.23:5061")).await, Seen::Code(200), "Dublin is lit");
    faults.heal("Tukwila").await.unwrap();
    assert_eq!(kept.options().await, Seen::Code(200));
    assert_eq!(options(bench.at(UM1)).await, Seen::Code(200));
}

#[tokio::test]
async fn a_stopped_port_stays_its_own_and_comes_back() {
    let bench = Bench::start(|_| {}).await;
    let faults = bench.demo.faults();
    for _ in 0..20 {
        faults.on("um1", "stop").await.unwrap();
        assert_eq!(options(bench.at(UM1)).await, Seen::Refused);
        // Whoever asks the system for a free port meanwhile does not get this one.
        let others: Vec<_> = (0..50).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        assert!(others.iter().all(|other| other.local_addr().unwrap() != bench.at(UM1)));
        faults.heal("um1").await.unwrap();
        assert_eq!(options(bench.at(UM1)).await, Seen::Code(200));
    }
}

#[tokio::test]
async fn hostile_bytes_end_a_connection_and_not_the_server() {
    use tokio::io::AsyncWriteExt;
    let bench = Bench::start(|_| {}).await;
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &vec![0xff; 70_000],
        b"OPTIONS x SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n",
        b"\x16\x03\x01",
    ] {
        for port in [UM1, UM1_PLAIN] {
            let mut stream = connect(bench.at(port)).await.unwrap();
            let _ = stream.write_all(bytes).await;
        }
    }
    // Many connections at once that say nothing.
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(connect(bench.at(UM1)).await);
    }
    drop(idle);
    // More than it keeps at a time are closed at once, until the others are gone.
    let mut tries = 0;
    while options(bench.at(UM1)).await != Seen::Code(200) {
        tries += 1;
        assert!(tries < 1000, "it does not come back");
    }
}
