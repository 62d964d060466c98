//! The primary: answers for its zone and takes signed updates.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::TSIG;
use hickory_proto::rr::{Name, Record, RecordType};
use tokio::sync::watch;

use super::ledger::{Author, Entry, plain};
use super::registration::Registrations;
use super::server::{Endpoint, Mode, Service, Via};
use super::store::Store;
use super::zone::{RrSet, Zone};
use super::{DnsError, WallClock, answer};
use crate::domain::name::Fqdn;
use crate::wire::dns::to_name;
use crate::wire::dns::tsig::{self, Prior, Stamp, TsigKey};

/// Room that a signature takes: name, algorithm, MAC of up to 64 octets, fields.
const SIGNATURE: usize = 400;
/// How far the clock is off while [`PrimaryFault::Clock`] is on, in seconds.
const WRONG_BY: u64 = 3600;

/// What a primary needs to start.
pub struct PrimaryOptions {
    /// The zone as it is at the start.
    pub zone: Zone,
    /// Keys that may sign updates.
    pub keys: Vec<TsigKey>,
    /// The only names that updates may change; all of the zone when absent.
    pub allowed: Option<Vec<Fqdn>>,
    /// The wall time.
    pub clock: WallClock,
}

/// What can be broken in a primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrimaryFault {
    /// Its sockets are closed.
    Stop,
    /// It takes packets in and says nothing.
    Dark,
    /// It refuses updates and everything that is signed.
    Refuse,
    /// Its clock is one hour ahead, as far as signatures go.
    Clock,
}

/// The running primary.
pub struct Primary {
    core: Arc<Core>,
    endpoint: Endpoint,
    broken: Mutex<(bool, bool)>,
    markers: Mutex<Vec<(Name, RrSet)>>,
    registrations: Registrations,
}

impl Primary {
    /// Starts on a free loopback port.
    ///
    /// # Errors
    /// [`DnsError::Bind`] when there is none.
    pub async fn start(options: PrimaryOptions) -> Result<Self, DnsError> {
        let allowed = options.allowed.map(|names| names.iter().map(to_name).collect());
        let store = Arc::new(Store::new(options.zone, allowed, options.clock));
        let core = Arc::new(Core { store, keys: options.keys, refuse: false.into(), wrong_clock: false.into() });
        let endpoint = Endpoint::start(Arc::clone(&core)).await?;
        let registrations = Registrations::new(Arc::clone(&core.store), endpoint.modes());
        Ok(Self { core, endpoint, broken: Mutex::default(), markers: Mutex::default(), registrations })
    }

    /// Where it listens, UDP and TCP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.endpoint.address()
    }

    /// The zone as it is now.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.core.store.read(Clone::clone)
    }

    /// Every update so far, applied or refused, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        self.core.store.entries()
    }

    /// Switches a fault on or off; returns when it is so.
    ///
    /// # Errors
    /// [`DnsError::Switch`] when the port is taken by another program; it is tried on after that.
    pub async fn set_fault(&self, fault: PrimaryFault, on: bool) -> Result<(), DnsError> {
        let (stopped, dark) = {
            let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
            match fault {
                PrimaryFault::Stop => broken.0 = on,
                PrimaryFault::Dark => broken.1 = on,
                PrimaryFault::Refuse => self.core.refuse.store(on, Ordering::Relaxed),
                PrimaryFault::Clock => self.core.wrong_clock.store(on, Ordering::Relaxed),
            }
            *broken
        };
        self.endpoint.switch(Mode::of(stopped, dark)).await
    }

    /// Takes a marker away behind everybody's back, and remembers it.
    pub fn delete_marker(&self, name: &Fqdn) {
        let name = to_name(name);
        let Some(set) = self.core.store.read(|zone| zone.set(&name, RecordType::TXT).cloned()) else { return };
        self.markers.lock().unwrap_or_else(PoisonError::into_inner).push((name.clone(), set));
        self.core.store.edit(Author::Demo, |zone| zone.put(&name, RecordType::TXT, None));
    }

    /// Puts deleted markers back, where nobody has written a new one since.
    pub fn restore_markers(&self) {
        let deleted = std::mem::take(&mut *self.markers.lock().unwrap_or_else(PoisonError::into_inner));
        self.core.store.edit(Author::Demo, |zone| {
            for (name, set) in deleted {
                if zone.set(&name, RecordType::TXT).is_none() {
                    zone.put(&name, RecordType::TXT, Some(set));
                }
            }
        });
    }

    /// Lets a host register its own address under its own name once a second, as Windows hosts do, until it is switched off;
    /// then the record is again what it would be without.
    pub fn set_registration(&self, host: &Fqdn, own: IpAddr, on: bool) {
        if on { self.registrations.start(host, own) } else { self.registrations.stop(host) }
    }

    /// Changes the zone from inside, as an administrator behind the console's back would.
    pub fn edit(&self, change: impl FnOnce(&mut Zone)) {
        self.core.store.edit(Author::Demo, change);
    }

    pub(super) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.core.store)
    }

    pub(super) fn serials(&self) -> watch::Receiver<u32> {
        self.core.store.serials()
    }
}

struct Core {
    store: Arc<Store>,
    keys: Vec<TsigKey>,
    refuse: AtomicBool,
    wrong_clock: AtomicBool,
}

/// How a request was signed.
enum Signed<'a> {
    Not,
    By(&'a TsigKey, &'a TSIG),
}

impl Service for Core {
    async fn answer(&self, message: Vec<u8>, via: Via) -> Vec<Vec<u8>> {
        let Ok(request) = Message::from_vec(&message) else {
            return answer::unreadable(&message).into_iter().collect();
        };
        if request.message_type == MessageType::Response {
            return Vec::new();
        }
        let signed = match &request.signature {
            None => Signed::Not,
            Some(record) => match self.authenticate(&message, &request, record) {
                Ok(key) => Signed::By(key, &record.data),
                Err(refusal) => return refusal.into_iter().collect(),
            },
        };
        let replies = self.replies(&request, &signed, via);
        self.encode(&replies, &request, &signed, via)
    }
}

impl Core {
    /// RFC 8945 §5.2: key, then signature, then time; the error's answer when one does not hold.
    fn authenticate(
        &self,
        bytes: &[u8],
        request: &Message,
        record: &Record<TSIG>,
    ) -> Result<&TsigKey, Option<Vec<u8>>> {
        let refusal = || answer::reply_to(request, ResponseCode::NotAuth).to_vec().ok();
        let unsigned = |error| {
            let mut reply = refusal()?;
            let stamp = Stamp { time: record.data.time, error, ..Stamp::default() };
            tsig::append_error(&mut reply, record, &stamp).ok()?;
            Some(reply)
        };
        let blame = |error| {
            if request.op_code == OpCode::Update {
                self.store.refuse(request, Author::Unsigned, ResponseCode::NotAuth);
            }
            unsigned(error)
        };
        let key = self.keys.iter().find(|key| key.is_named_by(record)).ok_or_else(|| blame(tsig::BADKEY))?;
        tsig::verify(bytes, record, key, Prior::Nothing).map_err(|_| blame(tsig::BADSIG))?;
        let now = self.now();
        if tsig::in_time(&record.data, now) {
            return Ok(key);
        }
        if request.op_code == OpCode::Update {
            self.store.refuse(request, Author::Key(plain(key.name())), ResponseCode::NotAuth);
        }
        // Signed with the client's own time, so that the client can check it; the server's time goes along (§5.2.3).
        let stamp = Stamp { time: record.data.time, error: tsig::BADTIME, other: tsig::time_out(now) };
        Err(refusal().and_then(|mut reply| {
            tsig::sign(&mut reply, key, &stamp, Prior::Request(&record.data.mac)).ok()?;
            Some(reply)
        }))
    }

    fn now(&self) -> u64 {
        self.store.now() + if self.wrong_clock.load(Ordering::Relaxed) { WRONG_BY } else { 0 }
    }

    fn replies(&self, request: &Message, signed: &Signed<'_>, via: Via) -> Vec<Message> {
        let is_update = request.op_code == OpCode::Update;
        let author = match signed {
            Signed::Not => Author::Unsigned,
            Signed::By(key, _) => Author::Key(plain(key.name())),
        };
        let is_signed = matches!(signed, Signed::By(..));
        let refused = self.refuse.load(Ordering::Relaxed) && (is_update || is_signed);
        match request.op_code {
            _ if refused || (is_update && !is_signed) => {
                if is_update {
                    self.store.refuse(request, author, ResponseCode::Refused);
                }
                vec![answer::reply_to(request, ResponseCode::Refused)]
            }
            OpCode::Query => self.store.read(|zone| answer::authoritative(zone, request, via)),
            OpCode::Update => vec![answer::reply_to(request, self.store.update(request, author))],
            _ => vec![answer::reply_to(request, ResponseCode::NotImp)],
        }
    }

    fn encode(&self, replies: &[Message], request: &Message, signed: &Signed<'_>, via: Via) -> Vec<Vec<u8>> {
        let Signed::By(key, tsig) = signed else {
            return replies.iter().filter_map(|reply| answer::encode(reply, request, via, 0)).collect();
        };
        let (stamp, mut mac, mut all) = (Stamp::now(self.now()), tsig.mac.clone(), Vec::new());
        for reply in replies {
            let prior = if all.is_empty() { Prior::Request(&mac) } else { Prior::Message(&mac) };
            let Some(mut bytes) = answer::encode(reply, request, via, SIGNATURE) else { break };
            let Ok(made) = tsig::sign(&mut bytes, key, &stamp, prior) else { break };
            mac = made;
            all.push(bytes);
        }
        all
    }
}
