//! The probe against a real BIND.

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::op::Message;
use hickory_proto::rr::RecordType;
use switchboard::domain::observation::{DnsFailure, DnsKind, KeyFailure};
use switchboard::domain::topology::TsigAlgorithm;
use switchboard::probe::dns::DnsQuestions;
use switchboard::wire::dns::tsig::{self, Prior, Stamp};
use switchboard::wire::dns::{Question, key_check, to_name};

use crate::named::named;
use crate::support::{MARKER, UM1, ask, ask_name, key, key_named, name, now, over_tcp, questions, secret};

const BY_KEY: &str = "allow-update { key switchboard; };";

#[tokio::test]
async fn addresses_times_to_live_serial_and_marker_are_read_from_bind() {
    let Some(bind) = named(BY_KEY).await else { return };
    let outcome = ask(&questions(bind.address, DnsKind::Authoritative)).await;
    let um1 = outcome.names[&name(UM1)].clone().unwrap();
    assert_eq!((um1.a, um1.ttl), (vec![Ipv4Addr::new(192, 0, 2, 11)], Some(20)));
    assert_eq!(um1.aaaa, ["2001:db8::11".parse::<Ipv6Addr>().unwrap()]);
    assert!(um1.authoritative && !um1.nonexistent);
    assert_eq!(outcome.names[&name("voice.contoso.com")].clone().unwrap().alias, Some(name(UM1)));
    assert!(outcome.names[&name("um9.tukwila.contoso.com")].clone().unwrap().nonexistent);
    assert_eq!(outcome.names[&name("many.contoso.com")].clone().unwrap().a.len(), 100, "cut over UDP, whole over TCP");
    assert_eq!(outcome.serials[&name("contoso.com")], Ok(2024));
    assert!(outcome.markers[&name(MARKER)].clone().unwrap()[0].as_str().starts_with("v=1;epoch=1;seq=1;moved=;"));
    assert_eq!(outcome.markers[&name("_switchboard.dublin.contoso.com")], Ok(vec![]));
    let split =
        DnsQuestions { markers: vec![name("_split.contoso.com")], ..questions(bind.address, DnsKind::Authoritative) };
    let split = ask(&split).await.markers.remove(&name("_split.contoso.com")).unwrap().unwrap();
    assert_eq!(split[0].as_str(), "v=1;epoch=1;seq=1;", "strings of one record belong together");
    let empty = ask_name(bind.address, DnsKind::Authoritative, "empty.contoso.com").await.unwrap();
    assert!(empty.is_empty() && !empty.nonexistent, "there is such a name, without addresses");
    let refused = ask_name(bind.address, DnsKind::Authoritative, "um1.example.net").await;
    assert_eq!(refused, Err(DnsFailure::Code("REFUSED".into())));
}

#[tokio::test]
async fn bind_asked_as_a_resolver_gives_the_same_addresses_and_refuses_the_rest() {
    let Some(bind) = named(BY_KEY).await else { return };
    let um1 = ask_name(bind.address, DnsKind::Resolver, UM1).await.unwrap();
    assert_eq!((um1.a, um1.ttl), (vec![Ipv4Addr::new(192, 0, 2, 11)], Some(20)));
    assert_eq!(ask_name(bind.address, DnsKind::Resolver, "many.contoso.com").await.unwrap().a.len(), 100);
    assert_eq!(ask_name(bind.address, DnsKind::Resolver, "voice.contoso.com").await.unwrap().alias, Some(name(UM1)));
    assert!(ask_name(bind.address, DnsKind::Resolver, "um9.contoso.com").await.unwrap().nonexistent);
    let empty = ask_name(bind.address, DnsKind::Resolver, "empty.contoso.com").await.unwrap();
    assert!(empty.is_empty() && !empty.nonexistent);
    let refused = ask_name(bind.address, DnsKind::Resolver, "um1.example.net").await;
    assert_eq!(refused, Err(DnsFailure::Code("REFUSED".into())));
}

#[tokio::test]
async fn bind_tells_a_good_key_from_a_wrong_and_an_unknown_one() {
    let Some(bind) = named(BY_KEY).await else { return };
    let verdict = async |key| {
        let asked = DnsQuestions { key: Some(key), ..questions(bind.address, DnsKind::Authoritative) };
        ask(&asked).await.key.unwrap()
    };
    assert_eq!(verdict(key()).await, Ok(()));
    let wrong = key_named("switchboard", b"wrong", TsigAlgorithm::HmacSha256);
    assert_eq!(verdict(wrong).await, Err(KeyFailure::WrongSecret));
    let unknown = key_named("nobody", &secret(), TsigAlgorithm::HmacSha256);
    assert_eq!(verdict(unknown).await, Err(KeyFailure::UnknownKey));
    let algorithm = key_named("switchboard", &secret(), TsigAlgorithm::HmacSha512);
    assert_eq!(verdict(algorithm).await, Err(KeyFailure::UnknownKey));
}

#[tokio::test]
async fn bind_says_by_how_much_a_clock_is_off() {
    let Some(bind) = named(BY_KEY).await else { return };
    let our_time = now() - 3600;
    let mut sent =
        Question { id: 7, name: to_name(&name("contoso.com")), kind: RecordType::SOA, recursion: false }.to_bytes();
    let mac = tsig::sign(&mut sent, &key(), &Stamp::now(our_time), Prior::Nothing).unwrap();
    let answer = over_tcp(bind.address, &sent).await.unwrap();
    let verdict = key_check::verdict(&answer, &Message::from_vec(&answer).unwrap(), &key(), &mac, our_time);
    let Err(KeyFailure::Clock { skew_seconds: Some(skew) }) = verdict else { panic!("{verdict:?}") };
    assert!((3599..=3605).contains(&skew), "{skew}");
}

#[tokio::test]
async fn a_key_that_bind_does_not_let_ask_is_refused_with_a_signature() {
    let Some(bind) = named("allow-query { !key switchboard; any; };").await else { return };
    let asked = DnsQuestions { key: Some(key()), ..questions(bind.address, DnsKind::Authoritative) };
    let outcome = ask(&asked).await;
    assert_eq!(outcome.key, Some(Err(KeyFailure::Refused { code: "REFUSED".into(), signed: true })));
    assert!(outcome.names[&name(UM1)].is_ok(), "plain questions are answered");
}
