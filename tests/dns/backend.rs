//! The dns-update backend against the demo's primary and against BIND.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use switchboard::backend::{Backend, Backends, NoWitness};
use switchboard::config;
use switchboard::demo::dns::{Primary, PrimaryFault, PrimaryOptions};
use switchboard::domain::act::{Act, Effect, MarkerChange, Observed, RecordChange, RecordKind, Refusal, RrSet, Update};
use switchboard::domain::name::BackendName;
use switchboard::domain::observation::DnsKind;
use switchboard::domain::topology::Topology;

use crate::named::named;
use crate::proxy::{Proxy, Treatment};
use crate::support::{MARKER, SECRET_BASE64, UM1, ask_name, clock, key, name, over_tcp, primary, zone};

/// A topology whose write primary is reached at `server`.
pub(crate) fn topology(server: SocketAddr, secret: &str) -> Topology {
    let text = format!(
        r#"[console]
name = "contoso.com"
[dns]
resolvers = ["10.0.0.10:53"]
[[dns.zone]]
name = "contoso.com"
authoritative = ["192.0.2.53:53"]
backend = "corp-dns"
[backend.corp-dns]
type = "dns-update"
write_primaries = [{{ address = "192.0.2.53:53" }}]
auth = {{ tsig = "switchboard.", algorithm = "hmac-sha256", secret_env = "TSIG_SECRET" }}
[network.map]
"192.0.2.53:53" = "{server}"
[[site]]
name = "Tukwila"
[[site.server]]
fqdn = "um1.tukwila.contoso.com"
address = "192.0.2.11"
version = "15.1"
roles = ["um"]
"#
    );
    let env = |variable: &str| (variable == "TSIG_SECRET").then(|| secret.to_owned());
    config::load_text(&text, Path::new("switchboard.toml"), &env).unwrap()
}

pub(crate) fn backend(server: SocketAddr, act: &Act) -> Arc<dyn Backend> {
    Arc::clone(Backends::of(&topology(server, SECRET_BASE64)).of_act(act).unwrap())
}

pub(crate) fn text(seq: u32) -> String {
    format!("v=1;epoch=1;seq={seq};moved=;to=;run=;by=;exp=;head=")
}

fn set(ttl: u32, values: &[&str]) -> RrSet {
    RrSet { ttl, values: values.iter().map(|value| value.parse::<IpAddr>().unwrap()).collect() }
}

/// "um1 from one address to another, the marker from `seq` to the next."
pub(crate) fn moved(from: &str, to: &str, seq: u32) -> Act {
    Act::DnsUpdate(Update {
        backend: BackendName::new("corp-dns"),
        zone: name("contoso.com"),
        primary: "192.0.2.53:53".parse().unwrap(),
        records: vec![RecordChange {
            name: name(UM1),
            kind: RecordKind::A,
            before: set(20, &[from]),
            after: set(30, &[to]),
        }],
        markers: vec![MarkerChange {
            name: name(MARKER),
            ttl: 20,
            before: Some(text(seq)),
            after: Some(text(seq + 1)),
        }],
    })
}

fn update_of(act: &mut Act) -> &mut Update {
    match act {
        Act::DnsUpdate(update) => update,
        Act::Command(_) => panic!("not a command"),
    }
}

pub(crate) async fn effect(server: SocketAddr, act: &Act) -> Effect {
    backend(server, act).effect(act, &NoWitness).await
}

fn refused(effect: &Effect) -> Option<Refusal> {
    match effect {
        Effect::NotApplied { why, .. } => Some(*why),
        _ => None,
    }
}

fn applied(effect: &Effect) -> bool {
    matches!(effect, Effect::Applied { .. })
}

/// Over, stale, back, replayed, AAAA added: what every server has to do in the same way.
async fn the_whole_story(server: SocketAddr) {
    let relay = Proxy::start(server, Treatment::Pass).await;
    let over = moved("192.0.2.11", "192.0.2.21", 1);
    assert!(matches!(backend(server, &over).observe(&over).await, Observed::Before { .. }));
    let first = effect(relay.address, &over).await;
    assert!(applied(&first), "{first:?}");
    assert_eq!(relay.count(), 1, "exactly one update on the wire");
    let now = ask_name(server, DnsKind::Authoritative, UM1).await.unwrap();
    assert_eq!((now.a[0].to_string().as_str(), now.ttl), ("192.0.2.21", Some(30)));
    // A second operator with the same plan: not the same message, and too late.
    let mut stale = over.clone();
    update_of(&mut stale).markers[0].after = Some(text(9));
    assert_eq!(refused(&effect(server, &stale).await), Some(Refusal::Fence));
    let back = moved("192.0.2.21", "192.0.2.11", 2);
    let second = effect(relay.address, &back).await;
    assert!(applied(&second), "{second:?}");
    // The first message again, byte for byte: the addresses fit again, the marker does not.
    let replayed = relay.seen.lock().unwrap()[0].clone();
    let answer = Message::from_vec(&over_tcp(server, &replayed).await.unwrap()).unwrap();
    assert_eq!(answer.response_code, ResponseCode::NXRRSet);
    assert!(matches!(backend(server, &back).observe(&back).await, Observed::After { .. }));
    // A set that was not there is added, and taken away again.
    let mut six = moved("192.0.2.11", "192.0.2.11", 3);
    update_of(&mut six).records = vec![RecordChange {
        name: name("um2.tukwila.contoso.com"),
        kind: RecordKind::Aaaa,
        before: set(0, &[]),
        after: set(30, &["2001:db8::21", "2001:db8::22"]),
    }];
    assert!(applied(&effect(server, &six).await));
    let mut gone = moved("192.0.2.11", "192.0.2.11", 4);
    let RecordChange { before, after, .. } = update_of(&mut six).records[0].clone();
    update_of(&mut gone).records =
        vec![RecordChange { before: after, after: before, ..update_of(&mut six).records[0].clone() }];
    assert!(applied(&effect(server, &gone).await));
    assert!(ask_name(server, DnsKind::Authoritative, "um2.tukwila.contoso.com").await.unwrap().aaaa.is_empty());
}

#[tokio::test]
async fn the_demo_s_primary_is_changed_exactly_once_and_never_by_a_stale_or_repeated_message() {
    let primary = primary().await;
    the_whole_story(primary.address()).await;
    let applied = primary.ledger().iter().filter(|entry| !entry.changes.is_empty()).count();
    assert_eq!(applied, 4);
}

#[tokio::test]
async fn bind_is_changed_exactly_once_and_never_by_a_stale_or_repeated_message() {
    let policy = format!(
        "update-policy {{ grant switchboard name {UM1} A; grant switchboard name {MARKER} TXT; \
         grant switchboard name um2.tukwila.contoso.com AAAA; }};"
    );
    let Some(bind) = named(&policy).await else { return };
    the_whole_story(bind.address).await;
    // A name that the policy does not grant: refused with a signature, and nothing of the message happened.
    let mut foreign = moved("192.0.2.11", "192.0.2.21", 5);
    let mut other = update_of(&mut foreign).records[0].clone();
    (other.name, other.before) = (name("um2.tukwila.contoso.com"), set(20, &["192.0.2.12"]));
    update_of(&mut foreign).records.push(other);
    let effect = effect(bind.address, &foreign).await;
    assert_eq!(refused(&effect), Some(Refusal::Policy), "{effect:?}");
    assert!(matches!(backend(bind.address, &foreign).observe(&foreign).await, Observed::Before { .. }));
}

#[tokio::test]
async fn a_claim_rewrites_the_records_as_they_are_and_takes_only_the_marker() {
    let primary = primary().await;
    let mut claim = moved("192.0.2.11", "192.0.2.11", 1);
    update_of(&mut claim).records[0].after.ttl = 20;
    assert!(applied(&effect(primary.address(), &claim).await));
    let ledger = primary.ledger();
    let changed: Vec<&str> = ledger[0].changes.iter().map(|change| change.kind.as_str()).collect();
    assert_eq!(changed, ["TXT"]);
    // An absent marker is made by the claim, once.
    let mut first = claim.clone();
    let marker = &mut update_of(&mut first).markers[0];
    (marker.name, marker.before) = (name("_switchboard.dublin.contoso.com"), None);
    assert!(applied(&effect(primary.address(), &first).await));
    update_of(&mut first).markers[0].after = Some(text(7));
    assert_eq!(refused(&effect(primary.address(), &first).await), Some(Refusal::Fence));
    // The partner's marker is required and not touched.
    let mut fenced = moved("192.0.2.11", "192.0.2.21", 2);
    let partner =
        MarkerChange { name: name("_switchboard.dublin.contoso.com"), ttl: 0, before: Some(text(9)), after: None };
    update_of(&mut fenced).markers.push(partner);
    assert_eq!(refused(&effect(primary.address(), &fenced).await), Some(Refusal::Fence));
    update_of(&mut fenced).markers[1].before = Some(text(2));
    assert!(applied(&effect(primary.address(), &fenced).await));
}

#[tokio::test]
async fn refusals_are_told_apart_by_class() {
    let demo = primary().await;
    let act = moved("192.0.2.11", "192.0.2.21", 1);
    demo.set_fault(PrimaryFault::Clock, true).await.unwrap();
    assert_eq!(refused(&effect(demo.address(), &act).await), Some(Refusal::Clock));
    demo.set_fault(PrimaryFault::Clock, false).await.unwrap();
    demo.set_fault(PrimaryFault::Refuse, true).await.unwrap();
    assert_eq!(refused(&effect(demo.address(), &act).await), Some(Refusal::Policy));
    demo.set_fault(PrimaryFault::Refuse, false).await.unwrap();
    let wrong = topology(demo.address(), "d3Jvbmcgc2VjcmV0IG9mIHRoaXJ0eS10d28gYnl0ZXMh");
    let wrong = Arc::clone(Backends::of(&wrong).of_act(&act).unwrap());
    assert_eq!(refused(&wrong.effect(&act, &NoWitness).await), Some(Refusal::Auth));
    demo.set_fault(PrimaryFault::Stop, true).await.unwrap();
    assert_eq!(refused(&effect(demo.address(), &act).await), Some(Refusal::Local), "nothing left the machine");
    demo.set_fault(PrimaryFault::Stop, false).await.unwrap();
    let mut other_zone = zone();
    other_zone.add_text(&name("x.contoso.com"), 5, "x");
    let allowed = Some(vec![name("x.contoso.com")]);
    let strict = Primary::start(PrimaryOptions { zone: other_zone, keys: vec![key()], allowed, clock: clock() });
    assert_eq!(refused(&effect(strict.await.unwrap().address(), &act).await), Some(Refusal::Policy));
    assert!(demo.ledger().iter().all(|entry| entry.changes.is_empty()));
}

#[tokio::test]
async fn what_the_topology_file_does_not_declare_is_not_sent() {
    let demo = primary().await;
    let relay = Proxy::start(demo.address(), Treatment::Pass).await;
    let mut table: Vec<Act> = Vec::new();
    for change in 0..4 {
        let mut act = moved("192.0.2.11", "192.0.2.21", 1);
        let update = update_of(&mut act);
        match change {
            0 => update.zone = name("example.net"),
            1 => update.primary = "192.0.2.54:53".parse().unwrap(),
            2 => update.records[0].name = name("contoso.com"),
            _ => update.records[0].name = name("um1.example.net"),
        }
        table.push(act);
    }
    for act in table {
        assert_eq!(refused(&effect(relay.address, &act).await), Some(Refusal::Local), "{act:?}");
    }
    assert_eq!(relay.count(), 0);
}
