//! The probe against the demo's servers.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use switchboard::demo::dns::{Primary, PrimaryFault, Resolver, ResolverFault};
use switchboard::domain::observation::{DnsFailure, DnsKind, KeyFailure};
use switchboard::domain::topology::TsigAlgorithm;
use switchboard::probe::Clock;
use switchboard::probe::dns::{DnsQuestions, probe};
use switchboard::wire::dns::TsigKey;

use crate::support::{MARKER, UM1, ask, ask_name, key, key_named, name, primary, questions, secret};

#[tokio::test]
async fn one_round_reads_everything_of_an_authoritative_server() {
    let primary = primary().await;
    let asked = DnsQuestions { key: Some(key()), ..questions(primary.address(), DnsKind::Authoritative) };
    let outcome = ask(&asked).await;
    let um1 = outcome.names[&name(UM1)].clone().unwrap();
    assert_eq!((um1.a, um1.ttl, um1.authoritative), (vec![Ipv4Addr::new(192, 0, 2, 11)], Some(20), true));
    let alias = outcome.names[&name("voice.contoso.com")].clone().unwrap();
    assert_eq!((alias.a.len(), alias.alias), (1, Some(name(UM1))));
    let none = outcome.names[&name("um9.tukwila.contoso.com")].clone().unwrap();
    assert!(none.nonexistent && none.is_empty());
    assert_eq!(outcome.names[&name("many.contoso.com")].clone().unwrap().a.len(), 100, "cut over UDP, whole over TCP");
    assert_eq!(outcome.serials[&name("contoso.com")], Ok(primary.zone().serial()));
    assert!(outcome.markers[&name(MARKER)].clone().unwrap()[0].as_str().starts_with("v=1;"));
    assert_eq!(outcome.markers[&name("_switchboard.dublin.contoso.com")], Ok(vec![]));
    assert_eq!(outcome.key, Some(Ok(())));
}

async fn key_verdict(primary: &Primary, key: TsigKey) -> Result<(), KeyFailure> {
    let asked = DnsQuestions { key: Some(key), ..questions(primary.address(), DnsKind::Authoritative) };
    ask(&asked).await.key.unwrap()
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_told_apart() {
    let primary = primary().await;
    let wrong = key_named("switchboard", b"wrong", TsigAlgorithm::HmacSha256);
    assert_eq!(key_verdict(&primary, wrong).await, Err(KeyFailure::WrongSecret));
    let unknown = key_named("nobody", &secret(), TsigAlgorithm::HmacSha256);
    assert_eq!(key_verdict(&primary, unknown).await, Err(KeyFailure::UnknownKey));
    primary.set_fault(PrimaryFault::Clock, true).await.unwrap();
    let Err(KeyFailure::Clock { skew_seconds: Some(skew) }) = key_verdict(&primary, key()).await else {
        panic!("the clock is not blamed")
    };
    assert!((3595..=3605).contains(&skew), "{skew}");
    primary.set_fault(PrimaryFault::Clock, false).await.unwrap();
    primary.set_fault(PrimaryFault::Refuse, true).await.unwrap();
    let refused = KeyFailure::Refused { code: "REFUSED".into(), signed: true };
    assert_eq!(key_verdict(&primary, key()).await, Err(refused));
    primary.set_fault(PrimaryFault::Refuse, false).await.unwrap();
    assert_eq!(key_verdict(&primary, key()).await, Ok(()));
}

#[tokio::test]
async fn a_closed_port_is_seen_at_once_and_silence_ends_with_the_deadline() {
    let primary = primary().await;
    let resolver = Resolver::start(&name("contoso.com"), vec![primary.address()]).await.unwrap();
    primary.set_fault(PrimaryFault::Stop, true).await.unwrap();
    resolver.set_fault(ResolverFault::Stop, true).await.unwrap();
    for (address, kind) in [(primary.address(), DnsKind::Authoritative), (resolver.address(), DnsKind::Resolver)] {
        let start = Instant::now();
        assert_eq!(ask_name(address, kind, UM1).await, Err(DnsFailure::ConnectionRefused), "{kind:?}");
        assert!(start.elapsed() < Duration::from_secs(2), "{kind:?}: {:?}", start.elapsed());
    }
    primary.set_fault(PrimaryFault::Dark, true).await.unwrap();
    resolver.set_fault(ResolverFault::Dark, true).await.unwrap();
    for (address, kind) in [(primary.address(), DnsKind::Authoritative), (resolver.address(), DnsKind::Resolver)] {
        let start = Instant::now();
        let asked = DnsQuestions { key: Some(key()), ..questions(address, kind) };
        let outcome = probe(&asked, Duration::from_millis(400), &Clock::start()).await;
        assert!(start.elapsed() < Duration::from_secs(2), "{kind:?}: {:?}", start.elapsed());
        assert!(outcome.names.values().all(|found| *found == Err(DnsFailure::Timeout)), "{kind:?}");
        assert_eq!(outcome.names.len(), 4);
    }
}

#[tokio::test]
async fn a_resolver_that_is_listed_as_authoritative_is_lame() {
    let primary = primary().await;
    let resolver = Resolver::start(&name("contoso.com"), vec![primary.address()]).await.unwrap();
    assert_eq!(ask_name(resolver.address(), DnsKind::Authoritative, UM1).await, Err(DnsFailure::Lame));
    let outside = ask_name(primary.address(), DnsKind::Authoritative, "um1.example.net").await;
    assert_eq!(outside, Err(DnsFailure::Code("REFUSED".into())));
}

#[tokio::test]
async fn one_lost_datagram_is_made_good() {
    let primary = primary().await;
    let lossy = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (address, behind) = (lossy.local_addr().unwrap(), primary.address());
    let relay = tokio::spawn(async move {
        let (mut seen, mut buffer) = (std::collections::BTreeSet::new(), [0; 2048]);
        loop {
            let (length, from) = lossy.recv_from(&mut buffer).await.unwrap();
            // The first datagram from each port is lost.
            if seen.insert(from) {
                continue;
            }
            let towards = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
            towards.send_to(&buffer[..length], behind).await.unwrap();
            let (length, _) = towards.recv_from(&mut buffer).await.unwrap();
            lossy.send_to(&buffer[..length], from).await.unwrap();
        }
    });
    assert!(ask_name(address, DnsKind::Authoritative, UM1).await.is_ok());
    relay.abort();
}

#[tokio::test]
async fn five_hundred_names_are_asked_with_bounded_haste() {
    let primary = primary().await;
    let names: Vec<_> = (0..500).map(|number| name(&format!("um{number}.tukwila.contoso.com"))).collect();
    let resolver = Resolver::start(&name("contoso.com"), vec![primary.address()]).await.unwrap();
    for (address, kind) in [(primary.address(), DnsKind::Authoritative), (resolver.address(), DnsKind::Resolver)] {
        let outcome = ask(&DnsQuestions { names: names.clone(), ..questions(address, kind) }).await;
        let answered = outcome.names.values().filter(|found| found.is_ok()).count();
        assert_eq!((answered, outcome.names.len()), (500, 500), "{kind:?}");
    }
}
