//! The caching resolver: keeps answers as long as their TTL says, asks the authoritative servers otherwise.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use tokio::time::Instant;

use super::server::{Endpoint, Mode, Service, Via};
use super::{DnsError, answer, upstream};
use crate::domain::name::Fqdn;
use crate::wire::dns::to_name;

/// How long one authoritative server is waited for before the next is asked.
const PATIENCE: Duration = Duration::from_millis(300);
/// Answers that are kept at most.
const MOST: usize = 10_000;
/// The TTL that a stale resolver gives, in seconds.
const STALE_TTL: u32 = 3600;
/// The longest that a negative answer is kept (RFC 2308 §5), in seconds.
const LONGEST_NEGATIVE: u32 = 10_800;

/// What can be broken in a resolver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolverFault {
    /// Its sockets are closed.
    Stop,
    /// It takes packets in and says nothing.
    Dark,
    /// It keeps every answer for ever and gives it with a TTL of an hour.
    Stale,
}

/// The running resolver.
pub struct Resolver {
    core: Arc<Core>,
    endpoint: Endpoint,
    broken: Mutex<(bool, bool)>,
}

impl Resolver {
    /// Starts on a free loopback port; `servers` are asked for names within `zone`, the first that answers wins.
    ///
    /// # Errors
    /// [`DnsError::Bind`] when no port is free.
    pub async fn start(zone: &Fqdn, servers: Vec<SocketAddr>) -> Result<Self, DnsError> {
        let core = Arc::new(Core { zone: to_name(zone), servers, kept: Mutex::default(), stale: false.into() });
        let endpoint = Endpoint::start(Arc::clone(&core)).await?;
        Ok(Self { core, endpoint, broken: Mutex::default() })
    }

    /// Where it listens, UDP and TCP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.endpoint.address()
    }

    /// Forgets every answer.
    pub fn flush(&self) {
        self.core.kept().clear();
    }

    /// Switches a fault on or off; returns when it is so.
    ///
    /// # Errors
    /// [`DnsError::Switch`] when the port is taken by another program; it is tried on after that.
    pub async fn set_fault(&self, fault: ResolverFault, on: bool) -> Result<(), DnsError> {
        let (stopped, dark) = {
            let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
            match fault {
                ResolverFault::Stop => broken.0 = on,
                ResolverFault::Dark => broken.1 = on,
                ResolverFault::Stale => self.core.set_stale(on),
            }
            *broken
        };
        self.endpoint.switch(Mode::of(stopped, dark)).await
    }
}

/// An answer that is kept.
#[derive(Debug, Clone)]
struct Kept {
    code: ResponseCode,
    answers: Vec<Record>,
    authorities: Vec<Record>,
    since: Instant,
    /// Seconds.
    ttl: u32,
}

impl Kept {
    fn age(&self) -> u32 {
        u32::try_from(self.since.elapsed().as_secs()).unwrap_or(u32::MAX)
    }

    fn is_fresh(&self) -> bool {
        self.since.elapsed() < Duration::from_secs(self.ttl.into())
    }
}

struct Core {
    zone: Name,
    servers: Vec<SocketAddr>,
    kept: Mutex<HashMap<(Name, RecordType), Kept>>,
    stale: AtomicBool,
}

impl Core {
    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<(Name, RecordType), Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What had expired before is not revived, and what has expired meanwhile goes when it ends.
    fn set_stale(&self, on: bool) {
        let mut kept = self.kept();
        kept.retain(|_, kept| kept.is_fresh());
        self.stale.store(on, Ordering::Relaxed);
    }

    /// From what is kept, or from the first authoritative server that answers.
    async fn find(&self, name: &Name, kind: RecordType) -> Option<Kept> {
        let key = (name.to_lowercase(), kind);
        let known = self.kept().get(&key).filter(|kept| self.is_stale() || kept.is_fresh()).cloned();
        if known.is_some() {
            return known;
        }
        for server in &self.servers {
            let Ok(reply) = upstream::ask(*server, name, kind, PATIENCE).await else { continue };
            if matches!(reply.response_code, ResponseCode::NoError | ResponseCode::NXDomain) {
                let found = keepable(reply);
                self.keep(key, found.clone());
                return Some(found);
            }
        }
        None
    }

    fn keep(&self, key: (Name, RecordType), found: Kept) {
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.retain(|_, kept| kept.is_fresh());
        }
        if kept.len() < MOST && found.ttl > 0 {
            kept.insert(key, found);
        }
    }

    fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Relaxed)
    }

    fn reply(&self, request: &Message, found: Option<Kept>) -> Message {
        let Some(found) = found else { return answer::reply_to(request, ResponseCode::ServFail) };
        let mut reply = answer::reply_to(request, found.code);
        let (stale, age) = (self.is_stale(), found.age());
        let aged = |mut record: Record| {
            record.ttl = if stale { STALE_TTL } else { record.ttl.saturating_sub(age) };
            record
        };
        reply.answers = found.answers.into_iter().map(aged).collect();
        reply.authorities = found.authorities.into_iter().map(aged).collect();
        reply
    }
}

/// An upstream answer with the time that it may be kept: the least TTL in it, or for a negative one what its SOA says (RFC 2308).
fn keepable(reply: Message) -> Kept {
    let asked = reply.queries.first().map(hickory_proto::op::Query::query_type);
    let is_positive = reply.answers.iter().any(|record| Some(record.record_type()) == asked);
    let least = reply.answers.iter().map(|record| record.ttl).min();
    let negative = reply.authorities.iter().find_map(|record| match &record.data {
        RData::SOA(soa) => Some(record.ttl.min(soa.minimum).min(LONGEST_NEGATIVE)),
        _ => None,
    });
    let ttl = if is_positive { least } else { least.into_iter().chain(negative).min() };
    let (code, since) = (reply.response_code, Instant::now());
    Kept { code, answers: reply.answers, authorities: reply.authorities, since, ttl: ttl.unwrap_or(0) }
}

impl Service for Core {
    async fn answer(&self, message: Vec<u8>, via: Via) -> Vec<Vec<u8>> {
        let Ok(request) = Message::from_vec(&message) else {
            return answer::unreadable(&message).into_iter().collect();
        };
        if request.message_type == MessageType::Response {
            return Vec::new();
        }
        let mut reply = match request.queries.as_slice() {
            _ if request.op_code != OpCode::Query => answer::reply_to(&request, ResponseCode::NotImp),
            [question] if question.query_class() == DNSClass::IN && self.zone.zone_of(question.name()) => {
                let found = self.find(question.name(), question.query_type()).await;
                self.reply(&request, found)
            }
            [_] => answer::reply_to(&request, ResponseCode::Refused),
            _ => answer::reply_to(&request, ResponseCode::FormErr),
        };
        reply.metadata.recursion_available = true;
        answer::encode(&reply, &request, via, 0).into_iter().collect()
    }
}
