//! What a write primary shows for some names and markers: the before-images of a plan, values and TTL, over one connection.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use hickory_proto::rr::{RData, RecordType};
use tokio::time::{Duration, Instant};

use super::dns_line::Line;
use crate::domain::act::RrSet;
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::observation::DnsKind;
use crate::domain::watch::dns_failure_words;
use crate::wire::dns::answer::{self, Half};
use crate::wire::dns::{to_fqdn, to_name};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneQuestions {
    /// Where to connect.
    pub connect: SocketAddr,
    /// The zone.
    pub zone: Fqdn,
    /// Names whose addresses are read.
    pub names: Vec<Fqdn>,
    /// Markers' names.
    pub markers: Vec<Fqdn>,
}

/// What was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneRead {
    /// The apex that the server gives as the SOA of the zone and of every name: another one where they differ.
    pub soa: Result<Fqdn, String>,
    /// Addresses of each name.
    pub names: BTreeMap<Fqdn, Result<NameRead, String>>,
    /// Texts at each marker's name.
    pub markers: BTreeMap<Fqdn, Result<Vec<Clean>, String>>,
}

/// The addresses of one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameRead {
    /// A records.
    pub a: RrSet,
    /// AAAA records.
    pub aaaa: RrSet,
    /// Where a CNAME leads.
    pub alias: Option<Fqdn>,
}

/// Reads a zone. Never outlives `patience`; what was not read by then says so.
pub async fn read_zone(questions: &ZoneQuestions, patience: Duration) -> ZoneRead {
    let mut line = Line::open(questions.connect, Instant::now() + patience).await.map_err(|error| error.to_string());
    let mut read = ZoneRead { soa: Ok(questions.zone.clone()), names: BTreeMap::new(), markers: BTreeMap::new() };
    read.soa = apex(&mut line, &questions.zone).await;
    for name in &questions.names {
        read.names.insert(name.clone(), addresses(&mut line, name).await);
        if read.soa.as_ref() == Ok(&questions.zone) {
            read.soa = apex(&mut line, name).await;
        }
    }
    for marker in &questions.markers {
        read.markers.insert(marker.clone(), texts(&mut line, marker).await);
    }
    read
}

/// A line, or why there is none.
type MaybeLine = Result<Line, String>;

async fn ask(line: &mut MaybeLine, name: &Fqdn, kind: RecordType) -> Result<hickory_proto::op::Message, String> {
    let open = line.as_mut().map_err(|why| why.clone())?;
    match open.ask(&to_name(name), kind).await {
        Ok(message) => Ok(message),
        Err(error) => {
            // After a lost answer the next one would belong to the wrong question.
            let why = error.to_string();
            *line = Err(why.clone());
            Err(why)
        }
    }
}

/// The zone that holds a name by the server's own word: the owner of the SOA that it gives with its answer.
async fn apex(line: &mut MaybeLine, name: &Fqdn) -> Result<Fqdn, String> {
    let message = ask(line, name, RecordType::SOA).await?;
    Half::of(&message, &to_name(name), DnsKind::Authoritative).map_err(|failure| dns_failure_words(&failure))?;
    let soa = message.answers.iter().chain(&message.authorities).find(|record| matches!(record.data, RData::SOA(_)));
    soa.and_then(|record| to_fqdn(&record.name)).ok_or_else(|| format!("no SOA came with the answer about {name}"))
}

async fn addresses(line: &mut MaybeLine, name: &Fqdn) -> Result<NameRead, String> {
    let a = half(line, name, RecordType::A).await?;
    let aaaa = half(line, name, RecordType::AAAA).await?;
    let alias = a.alias.clone().or_else(|| aaaa.alias.clone());
    Ok(NameRead { a: set(a), aaaa: set(aaaa), alias })
}

async fn half(line: &mut MaybeLine, name: &Fqdn, kind: RecordType) -> Result<Half, String> {
    let message = ask(line, name, kind).await?;
    Half::of(&message, &to_name(name), DnsKind::Authoritative).map_err(|failure| dns_failure_words(&failure))
}

fn set(half: Half) -> RrSet {
    let mut values = half.addresses;
    values.sort_unstable();
    values.dedup();
    if values.is_empty() { RrSet::default() } else { RrSet { ttl: half.ttl.unwrap_or(0), values } }
}

async fn texts(line: &mut MaybeLine, name: &Fqdn) -> Result<Vec<Clean>, String> {
    let message = ask(line, name, RecordType::TXT).await?;
    answer::texts(&message, &to_name(name)).map_err(|failure| dns_failure_words(&failure))
}
