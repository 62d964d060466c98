//! Sends write tests: once each, by the zone's own backend, and never believes more than the answer proves.

use futures_util::future::join_all;

use crate::backend::{Backends, NoWitness, Refused, Sent};
use crate::domain::act::{Act, Refusal, Update};
use crate::domain::name::Fqdn;
use crate::probe::Clock;
use crate::readiness::{WriteSaid, WriteTest};

/// Sends each message, all at once; zones are apart from each other.
pub(super) async fn send(backends: &Backends, tests: Vec<Update>, clock: &Clock) -> Vec<(Fqdn, WriteTest)> {
    let sent = tests.into_iter().map(|update| async move {
        let zone = update.zone.clone();
        let said = send_one(backends, &Act::DnsUpdate(update)).await;
        (zone, WriteTest { at: clock.now(), said })
    });
    join_all(sent).await
}

async fn send_one(backends: &Backends, act: &Act) -> WriteSaid {
    let backend = match backends.of_act(act) {
        Ok(backend) => backend,
        Err(error) => return WriteSaid::NotKnown { why: error.to_string() },
    };
    match backend.prepare(act).await {
        Err(refused) => refused_words(&refused),
        Ok(prepared) => match backend.send(prepared, &NoWitness).await {
            Sent::Claimed(_) => WriteSaid::Accepted,
            Sent::Refused(refused) => refused_words(&refused),
            Sent::Recorded(why) | Sent::Unclear(why) => WriteSaid::NotKnown { why: why.to_string() },
        },
    }
}

/// What stood otherwise, and what never left this machine, says nothing about the key.
fn refused_words(refused: &Refused) -> WriteSaid {
    let why = refused.detail.to_string();
    match refused.why {
        Refusal::Fence | Refusal::Local | Refusal::Silent | Refusal::Lost => WriteSaid::NotKnown { why },
        Refusal::Clock => WriteSaid::Refused { clock: true, why },
        _ => WriteSaid::Refused { clock: false, why },
    }
}
