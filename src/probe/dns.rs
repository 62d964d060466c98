//! Asks one DNS server everything that one round wants to know of it.
//!
//! Nothing is judged here, and no answer outlives the round.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RecordType};
use tokio::time::Instant;

use super::Clock;
use super::dns_exchange::{Reply, exchange};
use super::dns_resolver::Lookups;
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::observation::{Addresses, DnsFailure, DnsKind, DnsOutcome, KeyFailure};
use crate::wire::dns::answer::{self, Half};
use crate::wire::dns::tsig::{self, Prior, Stamp};
use crate::wire::dns::{Question, TsigKey, key_check, to_name};

/// Questions to one server that are in flight at once; name servers limit what one client may ask.
const IN_FLIGHT: usize = 32;

/// Everything that is asked of one DNS server in one round.
#[derive(Debug, Clone)]
pub struct DnsQuestions {
    /// Its declared address.
    pub server: SocketAddr,
    /// Where it is really reached.
    pub connect: SocketAddr,
    /// What it is asked as.
    pub kind: DnsKind,
    /// Names whose addresses are wanted.
    pub names: Vec<Fqdn>,
    /// Zones whose serial is wanted; asked of authoritative servers only.
    pub zones: Vec<Fqdn>,
    /// Names of fence markers; asked of authoritative servers only.
    pub markers: Vec<Fqdn>,
    /// The key to try on the first zone, for a write primary.
    pub key: Option<TsigKey>,
}

/// One part of the outcome.
enum Part {
    Name(Fqdn, Result<Addresses, DnsFailure>),
    Serial(Fqdn, Result<u32, DnsFailure>),
    Marker(Fqdn, Result<Vec<Clean>, DnsFailure>),
    Key(Result<(), KeyFailure>),
}

/// Asks; every question ends by the deadline, with an answer or with the reason why there is none.
pub async fn probe(questions: &DnsQuestions, deadline: Duration, clock: &Clock) -> DnsOutcome {
    let until = Instant::now() + deadline;
    let mut outcome = DnsOutcome {
        kind: questions.kind,
        names: BTreeMap::new(),
        serials: BTreeMap::new(),
        markers: BTreeMap::new(),
        key: None,
    };
    let lookups = match questions.kind {
        DnsKind::Authoritative => None,
        DnsKind::Resolver => Some(Lookups::at(questions.connect, deadline)),
    };
    let mut parts = stream::iter(asked(questions, lookups.as_ref(), until, clock)).buffer_unordered(IN_FLIGHT);
    while let Some(part) = parts.next().await {
        match part {
            Part::Name(name, found) => drop(outcome.names.insert(name, found)),
            Part::Serial(zone, found) => drop(outcome.serials.insert(zone, found)),
            Part::Marker(name, found) => drop(outcome.markers.insert(name, found)),
            Part::Key(found) => outcome.key = Some(found),
        }
    }
    outcome
}

fn asked<'a>(
    questions: &'a DnsQuestions,
    lookups: Option<&'a Lookups>,
    until: Instant,
    clock: &'a Clock,
) -> Vec<BoxFuture<'a, Part>> {
    let (server, mut parts) = (questions.connect, Vec::new());
    if let Some(lookups) = lookups {
        let name =
            |name: &'a Fqdn| async move { Part::Name(name.clone(), lookups.addresses(name, until).await) }.boxed();
        parts.extend(questions.names.iter().map(name));
        return parts;
    }
    if let (Some(key), Some(zone)) = (&questions.key, questions.zones.first()) {
        parts.push(async move { Part::Key(key_works(server, zone, key, until, clock).await) }.boxed());
    }
    let serial = |zone: &'a Fqdn| async move { Part::Serial(zone.clone(), serial(server, zone, until).await) }.boxed();
    parts.extend(questions.zones.iter().map(serial));
    let marker = |name: &'a Fqdn| async move { Part::Marker(name.clone(), marker(server, name, until).await) }.boxed();
    parts.extend(questions.markers.iter().map(marker));
    let name = |name: &'a Fqdn| async move { Part::Name(name.clone(), addresses(server, name, until).await) }.boxed();
    parts.extend(questions.names.iter().map(name));
    parts
}

/// A and AAAA at once; a name is known only when both are.
async fn addresses(server: SocketAddr, name: &Fqdn, until: Instant) -> Result<Addresses, DnsFailure> {
    let name = to_name(name);
    let half = async |kind| {
        let message = ask(server, &name, kind, until).await?;
        Half::of(&message, &name, DnsKind::Authoritative)
    };
    let (a, aaaa) = futures_util::join!(half(RecordType::A), half(RecordType::AAAA));
    Ok(answer::addresses(&a?, &aaaa?))
}

async fn serial(server: SocketAddr, zone: &Fqdn, until: Instant) -> Result<u32, DnsFailure> {
    let zone = to_name(zone);
    answer::serial(&ask(server, &zone, RecordType::SOA, until).await?, &zone)
}

async fn marker(server: SocketAddr, name: &Fqdn, until: Instant) -> Result<Vec<Clean>, DnsFailure> {
    let name = to_name(name);
    answer::texts(&ask(server, &name, RecordType::TXT, until).await?, &name)
}

async fn ask(server: SocketAddr, name: &Name, kind: RecordType, until: Instant) -> Result<Message, DnsFailure> {
    let question = Question { id: rand::random(), name: name.clone(), kind, recursion: false };
    Ok(exchange(server, &question.to_bytes(), until).await?.message)
}

/// Signs a question for the zone's SOA, which changes nothing, and looks at how the answer is signed.
async fn key_works(
    server: SocketAddr,
    zone: &Fqdn,
    key: &TsigKey,
    until: Instant,
    clock: &Clock,
) -> Result<(), KeyFailure> {
    let question = Question { id: rand::random(), name: to_name(zone), kind: RecordType::SOA, recursion: false };
    let mut bytes = question.to_bytes();
    let now = || u64::try_from(clock.system().as_second()).unwrap_or(0);
    let mac = tsig::sign(&mut bytes, key, &Stamp::now(now()), Prior::Nothing)
        .map_err(|error| KeyFailure::NoAnswer(DnsFailure::Local(error.to_string().into())))?;
    let Reply { bytes, message } = exchange(server, &bytes, until).await.map_err(KeyFailure::NoAnswer)?;
    key_check::verdict(&bytes, &message, key, &mac, now())
}
