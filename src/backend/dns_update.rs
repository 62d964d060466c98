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
use super::dns_scope::{Scope, local};
use super::read_back::{believe_if_not_ours, believe_if_unchanged};
use super::{Backend, BackendError, Prepared, Refused, Sent, Witness};
use crate::domain::act::{Act, Observed, RecordChange, RecordKind, Refusal, Update};
use crate::domain::clean::Clean;
use crate::domain::name::BackendName;
use crate::domain::topology::{self, Topology};
use crate::wire::dns::tsig::{self, Prior, Stamp, TsigKey};
use crate::wire::dns::update::message;
use crate::wire::dns::update_answer::{Answer, sort};

/// The longest that connecting, sending and waiting for the answer take together, and reading back.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Makes the backend when the settings are its own.
pub(super) fn make(
    topology: &Topology,
    name: &BackendName,
    settings: &topology::Backend,
) -> Option<Result<Arc<dyn Backend>, BackendError>> {
    let topology::Backend::DnsUpdate(settings) = settings else { return None };
    let key = TsigKey::of(&settings.auth)?;
    Some(Ok(Arc::new(DnsUpdates { key, scope: Scope::of(topology, name, settings) })))
}

struct DnsUpdates {
    key: TsigKey,
    scope: Scope,
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
        self.scope.observe(act).boxed()
    }
}

impl DnsUpdates {
    fn ready(&self, act: &Act) -> Result<Prepared, Refused> {
        let update = self.scope.checked(act)?;
        let server = self.scope.server(update);
        let mut bytes = message(update, rand::random()).map_err(|error| local(&error.to_string()))?;
        let mac = tsig::sign(&mut bytes, &self.key, &Stamp::now(system_time()), Prior::Nothing)
            .map_err(|error| local(&error.to_string()))?;
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
        let destination = Clean::new(&format!("{} over TCP", update.primary));
        let content = Box::new(Ready { bytes, mac, server, update: update.clone() });
        Ok(Prepared { digest, destination, content })
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
            Answer::Refused { why: Refusal::Fence, says } => {
                believe_if_not_ours(ready.server, &ready.update, &says).await
            }
            Answer::Refused { why, says } => {
                Sent::Refused(Refused { why, detail: Clean::new(&in_words(why, &says, &ready.update)) })
            }
            Answer::Unclear(says) => Sent::Unclear(Clean::new(&says)),
            Answer::RefusedUnproven { why, says } => {
                believe_if_unchanged(ready.server, &ready.update, why, &says).await
            }
        }
    }
}

/// What a refusal means, where the code alone tells nobody whom to ask for what.
fn in_words(why: Refusal, says: &str, update: &Update) -> String {
    if why != Refusal::Policy || says != "REFUSED" {
        return says.to_owned();
    }
    let written = written_sets(update).join(", ");
    format!(
        "{says} by {}: the key is known, and the update policy of {} does not grant it all of {written}",
        update.primary, update.zone
    )
}

/// Name and type of every set that an update writes: what an update policy has to grant.
fn written_sets(update: &Update) -> Vec<String> {
    let word = |change: &RecordChange| if change.kind == RecordKind::A { "A" } else { "AAAA" };
    let records = update.records.iter().filter(|change| !change.is_absent());
    let records = records.map(|change| format!("{} {}", change.name, word(change)));
    let markers = update.markers.iter().filter(|change| change.after.is_some());
    records.chain(markers.map(|change| format!("{} TXT", change.name))).collect()
}

/// Seconds since 1970, by the system's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "a signature carries the system's time as it is now; a clock that never goes back keeps an error after its correction"
)]
fn system_time() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}
