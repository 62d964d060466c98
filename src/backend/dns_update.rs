//! The `dns-update` backend: one signed RFC 2136 message, sent once, over TCP, to the write primary that the plan names.
//!
//! TCP, because over UDP a lost answer makes senders repeat, and a repeated update that had succeeded comes back as a failed
//! prerequisite (RFC 2136 §7.8). Never another server, never a second try.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use tokio::time::{Duration, Instant};

use super::dns_line::Line;
use super::read_back::read_back;
use super::{Backend, BackendError, Prepared, Refused, Sent, Witness};
use crate::domain::act::{Act, Observed, Refusal, Update};
use crate::domain::clean::Clean;
use crate::domain::name::{BackendName, Fqdn};
use crate::domain::topology::{self, AddressMap, Environment, Topology};
use crate::wire::dns::tsig::{self, Prior, Stamp, TsigKey};
use crate::wire::dns::update::message;
use crate::wire::dns::update_answer::{Answer, sort};

/// The longest that connecting, sending and waiting for the answer take together, and reading back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes the backend when the settings are its own.
pub(super) fn make(
    topology: &Topology,
    name: &BackendName,
    settings: &topology::Backend,
) -> Option<Result<Arc<dyn Backend>, BackendError>> {
    let topology::Backend::DnsUpdate(settings) = settings else { return None };
    let Some(key) = TsigKey::of(&settings.auth) else {
        let why = "updates signed by Kerberos are not carried out by this version: print the runbook".into();
        return Some(Err(BackendError::Unusable { name: name.clone(), why }));
    };
    let own = |zone: &&topology::Zone| zone.backend.as_ref() == Some(name);
    Some(Ok(Arc::new(DnsUpdates {
        key,
        zones: topology.zones.iter().filter(own).map(|zone| zone.name.clone()).collect(),
        all_zones: topology.zones.iter().map(|zone| zone.name.clone()).collect(),
        primaries: settings.write_primaries.iter().map(|primary| primary.address).collect(),
        map: topology.map.clone(),
        only_loopback: topology.console.environment == Environment::Demo,
    })))
}

struct DnsUpdates {
    key: TsigKey,
    /// Zones that this backend changes.
    zones: Vec<Fqdn>,
    all_zones: Vec<Fqdn>,
    primaries: Vec<SocketAddr>,
    map: AddressMap,
    /// A demo changes its own servers and nobody else's.
    only_loopback: bool,
}

/// A signed message.
struct Ready {
    bytes: Vec<u8>,
    mac: Vec<u8>,
    server: SocketAddr,
    update: Update,
}

impl Backend for DnsUpdates {
    fn prepare<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Result<Prepared, Refused>> {
        std::future::ready(self.ready(act)).boxed()
    }

    fn send<'a>(&'a self, prepared: Prepared, witness: &'a dyn Witness) -> BoxFuture<'a, Sent> {
        async move {
            match prepared.content.downcast::<Ready>() {
                Ok(ready) => self.send_once(&ready, witness).await,
                Err(_) => Sent::Refused(local("the message was prepared by another backend")),
            }
        }
        .boxed()
    }

    fn observe<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Observed> {
        async move {
            match act {
                Act::DnsUpdate(update) => read_back(self.map.route(update.primary), update, PATIENCE).await,
                Act::Command(_) => Observed::Unreadable { detail: "a command is not read back from DNS".into() },
            }
        }
        .boxed()
    }
}

impl DnsUpdates {
    fn ready(&self, act: &Act) -> Result<Prepared, Refused> {
        let Act::DnsUpdate(update) = act else { return Err(local("a command is not carried out by a DNS update")) };
        self.check(update)?;
        let server = self.map.route(update.primary);
        let mut bytes = message(update, rand::random()).map_err(|error| local(&error.to_string()))?;
        let mac = tsig::sign(&mut bytes, &self.key, &Stamp::now(system_time()), Prior::Nothing)
            .map_err(|error| local(&error.to_string()))?;
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
        let destination = Clean::new(&format!("{} over TCP", update.primary));
        let content = Box::new(Ready { bytes, mac, server, update: update.clone() });
        Ok(Prepared { digest, destination, content })
    }

    /// What the topology file says of zone and primary, as it is now: the plan may be older.
    fn check(&self, update: &Update) -> Result<(), Refused> {
        if !self.zones.contains(&update.zone) {
            return Err(local(&format!("the zone {} is not one that this backend changes", update.zone)));
        }
        let names = update.records.iter().map(|change| &change.name).chain(update.markers.iter().map(|m| &m.name));
        for name in names {
            let longest = self.all_zones.iter().filter(|zone| name.is_within(zone)).max_by_key(|z| z.label_count());
            if longest != Some(&update.zone) {
                return Err(local(&format!("{name} does not belong to the zone {}", update.zone)));
            }
        }
        if !self.primaries.contains(&update.primary) {
            return Err(local(&format!("{} is not declared as a write primary", update.primary)));
        }
        if self.only_loopback && !self.map.route(update.primary).ip().is_loopback() {
            return Err(local(&format!("{} is outside this demo", update.primary)));
        }
        Ok(())
    }

    async fn send_once(&self, ready: &Ready, witness: &dyn Witness) -> Sent {
        let primary = ready.update.primary;
        let mut line = match Line::open(ready.server, Instant::now() + PATIENCE).await {
            Ok(line) => line,
            Err(error) => return Sent::Refused(local(&format!("{primary} cannot be connected to: {error}"))),
        };
        if let Err(error) = line.send(&ready.bytes).await {
            // Part of it may be on its way; whether the server has the whole cannot be known from here.
            return Sent::Unclear(Clean::new(&format!("cut off while sending to {primary}: {error}")));
        }
        witness.sent().await;
        match line.receive().await {
            Ok(answer) => self.judge(&answer, ready).await,
            Err(error) => Sent::Unclear(Clean::new(&format!("no answer from {primary}: {error}"))),
        }
    }

    async fn judge(&self, answer: &[u8], ready: &Ready) -> Sent {
        match sort(answer, &ready.bytes, &self.key, &ready.mac) {
            Answer::Claimed => Sent::Claimed("NOERROR, rightly signed".into()),
            Answer::Refused { why: Refusal::Fence, says } => believe_if_not_ours(ready, &says).await,
            Answer::Refused { why, says } => Sent::Refused(Refused { why, detail: Clean::new(&says) }),
            Answer::Unclear(says) => Sent::Unclear(Clean::new(&says)),
            Answer::RefusedUnproven { why, says } => believe_if_unchanged(ready, why, &says).await,
        }
    }
}

/// A refusal that anybody on the way could have made up counts when the records stand as before, or would stand so anyway.
async fn believe_if_unchanged(ready: &Ready, why: Refusal, says: &str) -> Sent {
    if changes_nothing(&ready.update) {
        return Sent::Refused(Refused { why, detail: Clean::new(says) });
    }
    match read_back(ready.server, &ready.update, PATIENCE).await {
        Observed::Before { .. } => {
            Sent::Refused(Refused { why, detail: Clean::new(&format!("{says}; read back unchanged")) })
        }
        _ => Sent::Unclear(Clean::new(&format!("{says}; not proven, and not read back unchanged"))),
    }
}

/// A prerequisite fails for a message that arrives twice, too: the first did what the second finds done. The marker tells,
/// because nobody else writes this run's text.
async fn believe_if_not_ours(ready: &Ready, says: &str) -> Sent {
    let refused = Sent::Refused(Refused { why: Refusal::Fence, detail: Clean::new(says) });
    let marked = ready.update.markers.iter().any(|change| change.after.is_some() && change.after != change.before);
    if !marked {
        return refused;
    }
    match read_back(ready.server, &ready.update, PATIENCE).await {
        Observed::After { .. } => {
            Sent::Unclear(Clean::new(&format!("{says}, and yet all stands as this message has it")))
        }
        Observed::Unreadable { .. } => Sent::Unclear(Clean::new(&format!("{says}, and nothing could be read back"))),
        _ => refused,
    }
}

/// Whether an update leaves everything as it was: nothing that is read back could tell whether it was carried out.
fn changes_nothing(update: &Update) -> bool {
    update.records.iter().all(|change| change.before == change.after)
        && update.markers.iter().all(|change| change.after.is_none() || change.after == change.before)
}

fn local(why: &str) -> Refused {
    Refused { why: Refusal::Local, detail: Clean::new(why) }
}

/// Seconds since 1970, by the system's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "a signature carries the system's time as it is now; a clock that never goes back keeps an error after its correction"
)]
fn system_time() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}
