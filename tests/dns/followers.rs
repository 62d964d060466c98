//! The demo's secondary and resolver.

use std::net::Ipv4Addr;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use switchboard::demo::dns::{
    Primary, PrimaryFault, Resolver, ResolverFault, Secondary, SecondaryFault, SecondaryOptions,
};
use switchboard::domain::observation::{Addresses, DnsKind, KeyFailure};
use switchboard::probe::dns::DnsQuestions;
use tokio::time::timeout;

use crate::support::{PATIENCE, UM1, ask, ask_name, eventually, key, name, primary, questions, send_signed, swap};

const QUICK: SecondaryOptions = SecondaryOptions { delay: Duration::from_millis(50) };

async fn move_um1(primary: &Primary, from: u8, to: u8) {
    let update = swap(1, UM1, &[[192, 0, 2, from]], &[[192, 0, 2, to]]);
    assert_eq!(send_signed(primary.address(), &update, &key()).await, ResponseCode::NoError);
}

async fn um1_at(server: std::net::SocketAddr, kind: DnsKind) -> Addresses {
    ask_name(server, kind, UM1).await.unwrap()
}

fn is_at(found: &Addresses, last: u8) -> bool {
    found.a == [Ipv4Addr::new(192, 0, 2, last)]
}

#[tokio::test]
async fn the_secondary_follows_after_a_while_and_is_authoritative() {
    let primary = primary().await;
    let secondary = Secondary::start(&primary, SecondaryOptions { delay: Duration::from_millis(400) }).await.unwrap();
    assert!(is_at(&um1_at(secondary.address(), DnsKind::Authoritative).await, 11));
    move_um1(&primary, 11, 21).await;
    assert!(is_at(&um1_at(secondary.address(), DnsKind::Authoritative).await, 11), "not at once");
    let serial = primary.zone().serial();
    timeout(PATIENCE, secondary.serials().wait_for(|held| *held == serial)).await.unwrap().unwrap();
    assert!(is_at(&um1_at(secondary.address(), DnsKind::Authoritative).await, 21));
    let whole = ask(&questions(secondary.address(), DnsKind::Authoritative)).await;
    assert_eq!(whole, ask(&questions(primary.address(), DnsKind::Authoritative)).await, "a copy in everything");
    let signed = DnsQuestions { key: Some(key()), ..questions(secondary.address(), DnsKind::Authoritative) };
    assert_eq!(ask(&signed).await.key, Some(Err(KeyFailure::UnknownKey)), "it takes no updates and knows no key");
}

#[tokio::test]
async fn a_stale_secondary_lags_visibly_and_catches_up() {
    let primary = primary().await;
    let secondary = Secondary::start(&primary, QUICK).await.unwrap();
    secondary.set_fault(SecondaryFault::Stale, true).await.unwrap();
    let before = *secondary.serials().borrow();
    let moving = || async { primary.zone().serial() >= before + 2 };
    eventually("the primary's serial moves on", moving).await;
    let asked = questions(secondary.address(), DnsKind::Authoritative);
    assert_eq!(ask(&asked).await.serials[&name("contoso.com")], Ok(before));
    secondary.set_fault(SecondaryFault::Stale, false).await.unwrap();
    let caught_up = || async { *secondary.serials().borrow() == primary.zone().serial() };
    eventually("the secondary has caught up", caught_up).await;
    let heartbeat = || async { primary.ledger().last().unwrap().changes.iter().all(|change| change.after.is_none()) };
    eventually("the heartbeat is gone", heartbeat).await;
}

#[tokio::test]
async fn a_secondary_whose_primary_was_away_catches_up_by_itself() {
    let primary = primary().await;
    let secondary = Secondary::start(&primary, QUICK).await.unwrap();
    primary.set_fault(PrimaryFault::Stop, true).await.unwrap();
    primary.edit(|zone| zone.add_text(&name("new.contoso.com"), 5, "x"));
    primary.set_fault(PrimaryFault::Stop, false).await.unwrap();
    let serial = primary.zone().serial();
    timeout(PATIENCE, secondary.serials().wait_for(|held| *held == serial)).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_resolver_keeps_answers_counts_down_and_forgets_on_time() {
    let primary = primary().await;
    primary.edit(|zone| zone.add_address(&name("short.contoso.com"), 2, [192, 0, 2, 1].into()));
    let resolver = Resolver::start(&name("contoso.com"), vec![primary.address()]).await.unwrap();
    let first = um1_at(resolver.address(), DnsKind::Resolver).await;
    assert_eq!((first.ttl, first.authoritative), (Some(20), false));
    move_um1(&primary, 11, 21).await;
    let counts_down = || async {
        let kept = um1_at(resolver.address(), DnsKind::Resolver).await;
        assert!(is_at(&kept, 11), "kept, although the primary has another one");
        kept.ttl <= Some(18)
    };
    eventually("the TTL counts down", counts_down).await;
    resolver.flush();
    assert!(is_at(&um1_at(resolver.address(), DnsKind::Resolver).await, 21));
    // Another name, whose TTL ends within the test.
    let short = || ask_name(resolver.address(), DnsKind::Resolver, "short.contoso.com");
    assert_eq!(short().await.unwrap().ttl, Some(2));
    primary.edit(|zone| zone.add_address(&name("short.contoso.com"), 2, [192, 0, 2, 2].into()));
    eventually("the short answer is forgotten", || async { short().await.unwrap().a.len() == 2 }).await;
}

#[tokio::test]
async fn the_resolver_keeps_a_negative_answer_as_long_as_the_soa_says() {
    let primary = primary().await;
    let resolver = Resolver::start(&name("contoso.com"), vec![primary.address()]).await.unwrap();
    let new = || ask_name(resolver.address(), DnsKind::Resolver, "new.contoso.com");
    assert!(new().await.unwrap().nonexistent);
    primary.edit(|zone| zone.add_address(&name("new.contoso.com"), 20, [192, 0, 2, 1].into()));
    assert!(new().await.unwrap().nonexistent, "kept");
    eventually("the negative answer is forgotten", || async { !new().await.unwrap().nonexistent }).await;
}

#[tokio::test]
async fn the_resolver_asks_the_next_server_when_one_is_gone() {
    let primary = primary().await;
    let secondary = Secondary::start(&primary, QUICK).await.unwrap();
    let servers = vec![primary.address(), secondary.address()];
    let resolver = Resolver::start(&name("contoso.com"), servers).await.unwrap();
    for fault in [PrimaryFault::Stop, PrimaryFault::Dark] {
        resolver.flush();
        primary.set_fault(fault, true).await.unwrap();
        assert!(is_at(&um1_at(resolver.address(), DnsKind::Resolver).await, 11));
        primary.set_fault(fault, false).await.unwrap();
    }
    assert_eq!(ask_name(resolver.address(), DnsKind::Resolver, "many.contoso.com").await.unwrap().a.len(), 100);
}

#[tokio::test]
async fn a_stale_resolver_gives_old_answers_with_an_hour_to_live_until_it_is_healed() {
    let primary = primary().await;
    primary.edit(|zone| zone.add_address(&name("short.contoso.com"), 1, [192, 0, 2, 1].into()));
    let resolver = Resolver::start(&name("contoso.com"), vec![primary.address()]).await.unwrap();
    let sound = Resolver::start(&name("contoso.com"), vec![primary.address()]).await.unwrap();
    resolver.set_fault(ResolverFault::Stale, true).await.unwrap();
    let short = || ask_name(resolver.address(), DnsKind::Resolver, "short.contoso.com");
    assert_eq!(short().await.unwrap().ttl, Some(3600));
    assert!(ask_name(sound.address(), DnsKind::Resolver, "short.contoso.com").await.unwrap().ttl <= Some(1));
    primary.edit(|zone| zone.add_address(&name("short.contoso.com"), 1, [192, 0, 2, 2].into()));
    // A sound resolver that was asked at the same time shows when the TTL has passed.
    let passed =
        || async { ask_name(sound.address(), DnsKind::Resolver, "short.contoso.com").await.unwrap().a.len() == 2 };
    eventually("the TTL has passed", passed).await;
    assert_eq!(short().await.unwrap().a.len(), 1, "still the old one");
    resolver.set_fault(ResolverFault::Stale, false).await.unwrap();
    assert_eq!(short().await.unwrap().a.len(), 2);
}
