//! The secondary: holds a copy of the primary's zone, brought over by zone transfer after a while.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::TSIG;
use hickory_proto::rr::{Name, Record};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::ledger::Author;
use super::server::{Endpoint, Mode, Service, Via};
use super::store::Store;
use super::zone::{Zone, text_data};
use super::{DnsError, Primary, answer, upstream};
use crate::wire::dns::tsig::{self, Stamp};

/// How often the primary is asked for its serial when nothing is heard from it.
const REFRESH: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the primary's serial is moved while the secondary is stale, so that the lag can be seen.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How a secondary behaves.
#[derive(Debug, Clone, Copy)]
pub struct SecondaryOptions {
    /// How long after a change it fetches the zone.
    pub delay: Duration,
}

impl Default for SecondaryOptions {
    fn default() -> Self {
        Self { delay: Duration::from_secs(1) }
    }
}

/// What can be broken in a secondary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondaryFault {
    /// Its sockets are closed.
    Stop,
    /// It takes packets in and says nothing.
    Dark,
    /// It follows no more; the primary's serial moves on every second.
    Stale,
}

/// The running secondary.
pub struct Secondary {
    endpoint: Endpoint,
    faults: Mutex<Faults>,
    stale: watch::Sender<bool>,
    serial: watch::Receiver<u32>,
    tasks: [JoinHandle<()>; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct Faults {
    stopped: bool,
    dark: bool,
}

impl Secondary {
    /// Fetches the zone from the primary and answers for it on a free loopback port.
    ///
    /// # Errors
    /// [`DnsError::Transfer`] when the primary does not give the zone; [`DnsError::Bind`] when no port is free.
    pub async fn start(primary: &Primary, options: SecondaryOptions) -> Result<Self, DnsError> {
        let (store, address) = (primary.store(), primary.address());
        let apex = store.read(|zone| zone.apex.clone());
        let zone = upstream::transfer(address, &apex, None, PATIENCE).await;
        let failed = |reason: String| DnsError::Transfer { primary: address, reason };
        let zone = zone.map_err(|error| failed(error.to_string()))?.ok_or_else(|| failed("it is empty".to_owned()))?;
        let (report, serial) = watch::channel(zone.serial());
        let copy = Arc::new(Copy { zone: Mutex::new(zone) });
        let endpoint = Endpoint::start(Arc::clone(&copy)).await?;
        let (stale, is_stale) = watch::channel(false);
        let follower = Follower { copy, apex, address, delay: options.delay, stale: is_stale.clone(), report };
        let follow = tokio::spawn(follower.run(primary.serials(), endpoint.modes()));
        let beat = tokio::spawn(heartbeat(store, is_stale));
        Ok(Self { endpoint, faults: Mutex::default(), stale, serial, tasks: [follow, beat] })
    }

    /// Where it listens, UDP and TCP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.endpoint.address()
    }

    /// The serial of its copy; changes as zone transfers arrive.
    #[must_use]
    pub fn serials(&self) -> watch::Receiver<u32> {
        self.serial.clone()
    }

    /// Switches a fault on or off; returns when it is so.
    ///
    /// # Errors
    /// [`DnsError::Switch`] when the port is taken by another program; it is tried on after that.
    pub async fn set_fault(&self, fault: SecondaryFault, on: bool) -> Result<(), DnsError> {
        let faults = {
            let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            match fault {
                SecondaryFault::Stop => faults.stopped = on,
                SecondaryFault::Dark => faults.dark = on,
                SecondaryFault::Stale => drop(self.stale.send_replace(on)),
            }
            *faults
        };
        self.endpoint.switch(Mode::of(faults.stopped, faults.dark)).await
    }
}

impl Drop for Secondary {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The copy of the zone.
struct Copy {
    zone: Mutex<Zone>,
}

impl Copy {
    fn serial(&self) -> u32 {
        self.zone.lock().unwrap_or_else(PoisonError::into_inner).serial()
    }
}

impl Service for Copy {
    async fn answer(&self, message: Vec<u8>, via: Via) -> Vec<Vec<u8>> {
        let Ok(request) = Message::from_vec(&message) else {
            return answer::unreadable(&message).into_iter().collect();
        };
        if let Some(record) = &request.signature {
            return unknown_key(&request, record).into_iter().collect();
        }
        let replies = match request.op_code {
            _ if request.message_type == MessageType::Response => Vec::new(),
            OpCode::Query => {
                let zone = self.zone.lock().unwrap_or_else(PoisonError::into_inner);
                answer::authoritative(&zone, &request, via)
            }
            OpCode::Update => vec![answer::reply_to(&request, ResponseCode::NotAuth)],
            _ => vec![answer::reply_to(&request, ResponseCode::NotImp)],
        };
        replies.iter().filter_map(|reply| answer::encode(reply, &request, via, 0)).collect()
    }
}

/// It knows no key at all (RFC 8945 §5.2.1).
fn unknown_key(request: &Message, record: &Record<TSIG>) -> Option<Vec<u8>> {
    let mut reply = answer::reply_to(request, ResponseCode::NotAuth).to_vec().ok()?;
    let stamp = Stamp { time: record.data.time, error: tsig::BADKEY, ..Stamp::default() };
    tsig::append_error(&mut reply, record, &stamp).ok()?;
    Some(reply)
}

struct Follower {
    copy: Arc<Copy>,
    apex: Name,
    address: SocketAddr,
    delay: Duration,
    stale: watch::Receiver<bool>,
    report: watch::Sender<u32>,
}

impl Follower {
    /// Wakes up when the primary has changed (in place of NOTIFY, RFC 1996) and from time to time, and fetches.
    async fn run(mut self, mut serials: watch::Receiver<u32>, mut modes: watch::Receiver<Mode>) {
        loop {
            match timeout(REFRESH, serials.changed()).await {
                Ok(Ok(())) => sleep(self.delay).await,
                Ok(Err(_)) => return,
                Err(_) => {}
            }
            // A secondary that is stopped, cut off or stale fetches nothing until it is not.
            let up = modes.wait_for(|mode| *mode == Mode::Up).await.is_ok();
            if !up || self.stale.wait_for(|stale| !stale).await.is_err() {
                return;
            }
            serials.borrow_and_update();
            self.fetch().await;
        }
    }

    async fn fetch(&self) {
        // A primary that does not answer is asked again after the refresh time.
        let held = Some(self.copy.serial());
        if let Ok(Some(zone)) = upstream::transfer(self.address, &self.apex, held, PATIENCE).await {
            let serial = zone.serial();
            *self.copy.zone.lock().unwrap_or_else(PoisonError::into_inner) = zone;
            self.report.send_replace(serial);
        }
    }
}

/// Writes a text record into the primary's zone every second while the secondary is stale, and takes it away afterwards.
async fn heartbeat(store: Arc<Store>, mut stale: watch::Receiver<bool>) {
    let Ok(name) = Name::from_ascii("_heartbeat").and_then(|name| name.append_domain(&store.read(|z| z.apex.clone())))
    else {
        return;
    };
    while stale.wait_for(|stale| *stale).await.is_ok() {
        let text = text_data(&format!("beat={}", store.now()));
        store.edit(Author::Demo, |zone| {
            zone.retain(&name, |_, _| false);
            zone.add(&name, 0, text);
        });
        if timeout(HEARTBEAT, stale.wait_for(|stale| !stale)).await.is_ok() {
            store.edit(Author::Demo, |zone| zone.retain(&name, |_, _| false));
        }
    }
}
