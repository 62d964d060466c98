//! Hosts that register their own address under their own name again and again, as Windows hosts do.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_proto::rr::rdata::{A, AAAA};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::interval;

use super::ledger::{Author, plain};
use super::server::Mode;
use super::store::Store;
use super::zone::RrSet;
use crate::domain::name::Fqdn;
use crate::wire::dns::to_name;

/// How often a host writes its record; a real one takes a day, or a restart.
const EVERY: Duration = Duration::from_secs(1);
/// The TTL that Windows hosts register, in seconds.
const TTL: u32 = 1200;

/// The hosts that register now.
pub(super) struct Registrations {
    store: Arc<Store>,
    modes: watch::Receiver<Mode>,
    hosts: Mutex<BTreeMap<Name, Running>>,
}

struct Running {
    host: Arc<Host>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Host {
    name: Name,
    kind: RecordType,
    own: RrSet,
    displaced: Mutex<Displaced>,
}

/// The last records that were not the host's own.
#[derive(Default)]
enum Displaced {
    /// It has not registered yet.
    #[default]
    Unknown,
    Nothing,
    Records(RrSet),
}

impl Registrations {
    pub(super) fn new(store: Arc<Store>, modes: watch::Receiver<Mode>) -> Self {
        Self { store, modes, hosts: Mutex::default() }
    }

    pub(super) fn start(&self, host: &Fqdn, own: IpAddr) {
        let host = Arc::new(Host::new(to_name(host), own));
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.entry(host.name.clone()).or_insert_with(|| {
            let task = tokio::spawn(register(Arc::clone(&host), Arc::clone(&self.store), self.modes.clone()));
            Running { host, task }
        });
    }

    /// Ends it and puts back what the host displaced, unless somebody has changed the record since.
    pub(super) fn stop(&self, host: &Fqdn) {
        let ended = self.hosts.lock().unwrap_or_else(PoisonError::into_inner).remove(&to_name(host));
        let Some(running) = ended else { return };
        running.task.abort();
        let host = &running.host;
        let before = match std::mem::take(&mut *host.displaced.lock().unwrap_or_else(PoisonError::into_inner)) {
            Displaced::Unknown => return,
            Displaced::Nothing => None,
            Displaced::Records(set) => Some(set),
        };
        self.store.edit(Author::Demo, |zone| {
            if zone.set(&host.name, host.kind) == Some(&host.own) {
                zone.put(&host.name, host.kind, before);
            }
        });
    }
}

impl Host {
    fn new(name: Name, own: IpAddr) -> Self {
        let (kind, data) = match own {
            IpAddr::V4(address) => (RecordType::A, RData::A(A(address))),
            IpAddr::V6(address) => (RecordType::AAAA, RData::AAAA(AAAA(address))),
        };
        Self { name, kind, own: RrSet { ttl: TTL, data: vec![data] }, displaced: Mutex::default() }
    }

    fn register(&self, store: &Store) {
        store.edit(Author::Host(plain(&self.name)), |zone| {
            let now = zone.set(&self.name, self.kind).cloned();
            if now.as_ref() != Some(&self.own) {
                *self.displaced.lock().unwrap_or_else(PoisonError::into_inner) =
                    now.map_or(Displaced::Nothing, Displaced::Records);
                zone.put(&self.name, self.kind, Some(self.own.clone()));
            }
        });
    }
}

async fn register(host: Arc<Host>, store: Arc<Store>, modes: watch::Receiver<Mode>) {
    let mut tick = interval(EVERY);
    loop {
        tick.tick().await;
        // Its update reaches a primary that answers, and no other.
        let reachable = *modes.borrow() == Mode::Up;
        if reachable {
            host.register(&store);
        }
    }
}
