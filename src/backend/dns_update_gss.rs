//! The `dns-update` backend for zones that only take Kerberos: the system's `nsupdate -g`, with the same prerequisites.
//!
//! Left to itself, nsupdate asks the system's resolvers for the zone's SOA and goes where that leads. Its `server` line pins it to
//! the plan's server, which is then asked for the SOA, too; what that names is whom the ticket is for (RFC 3645 §3.1), and has
//! to be the same server. Its exit code proves nothing (it calls an applied update failed when it cannot verify a signature), so
//! records are read back.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hickory_proto::rr::{RData, RecordType};
use sha2::{Digest, Sha256};
use tokio::time::{Duration, Instant};

use super::command::Told;
use super::dns_line::Line;
use super::dns_scope::{Scope, local};
use super::dns_update::PATIENCE;
use super::read_back::{believe_if_not_ours, believe_if_unchanged, has_own_marker};
use super::{Backend, BackendError, Prepared, Refused, Sent, Witness};
use crate::child::{self, Output, Spec};
use crate::domain::act::{Act, Observed, Refusal, Update};
use crate::domain::clean::Clean;
use crate::domain::name::BackendName;
use crate::domain::topology::{self, Topology, UpdateAuth};
use crate::wire::dns::script::script;
use crate::wire::dns::to_name;

/// nsupdate itself would wait for five minutes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
/// nsupdate says little; more than this is not read.
const CAP: usize = 64 * 1024;

/// Kerberos, TCP, ten seconds for the server, no repetition.
const COMMAND: &[&str] = &["nsupdate", "-g", "-v", "-t", "10", "-r", "0"];

/// Words of nsupdate, with the class of refusal that they stand for; the first that it says counts.
const WORDS: &[(&str, Refusal)] = &[
    ("specified zone", Refusal::Zone),
    ("NXRRSET", Refusal::Fence),
    ("YXRRSET", Refusal::Fence),
    ("NXDOMAIN", Refusal::Fence),
    ("YXDOMAIN", Refusal::Fence),
    ("NOTAUTH", Refusal::Auth),
    ("BADTIME", Refusal::Clock),
    ("Clock skew", Refusal::Clock),
    ("REFUSED", Refusal::Policy),
    ("NOTZONE", Refusal::Zone),
    ("tkey query failed", Refusal::Auth),
    ("No Kerberos credentials", Refusal::Auth),
];

/// Makes the backend when its updates are signed by Kerberos.
pub(super) fn make(
    topology: &Topology,
    name: &BackendName,
    settings: &topology::Backend,
) -> Option<Result<Arc<dyn Backend>, BackendError>> {
    let topology::Backend::DnsUpdate(settings) = settings else { return None };
    let UpdateAuth::Gss = settings.auth else { return None };
    let command = COMMAND.iter().map(ToString::to_string).collect();
    Some(Ok(Arc::new(GssUpdates { scope: Scope::of(topology, name, settings), command })))
}

struct GssUpdates {
    scope: Scope,
    command: Vec<String>,
}

/// A script that is ready to be run.
struct Ready {
    script: String,
    server: SocketAddr,
    update: Update,
}

impl Backend for GssUpdates {
    fn prepare<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Result<Prepared, Refused>> {
        self.ready(act).boxed()
    }

    fn send<'a>(&'a self, prepared: Prepared, witness: &'a dyn Witness) -> BoxFuture<'a, Sent> {
        async move {
            match prepared.content.downcast::<Ready>() {
                Ok(ready) => self.run_once(&ready, witness).await,
                Err(_) => Sent::Refused(local("the script was prepared by another backend")),
            }
        }
        .boxed()
    }

    fn observe<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Observed> {
        self.scope.observe(act).boxed()
    }
}

impl GssUpdates {
    async fn ready(&self, act: &Act) -> Result<Prepared, Refused> {
        let update = self.scope.checked(act)?;
        let server = self.scope.server(update);
        let script = script(update).map_err(|error| local(&error.to_string()))?;
        let script = format!("server {} {}\n{script}", server.ip(), server.port());
        named_by_soa(server, update).await.map_err(|why| local(&why))?;
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(script.as_bytes()));
        let destination = Clean::new(&format!("{} through {}", update.primary, self.command.join(" ")));
        Ok(Prepared { digest, destination, content: Box::new(Ready { script, server, update: update.clone() }) })
    }

    async fn run_once(&self, ready: &Ready, witness: &dyn Witness) -> Sent {
        let spec =
            Spec { argv: self.command.clone(), stdin: ready.script.clone().into_bytes(), deadline: DEADLINE, cap: CAP };
        // When it sends is not seen from here: once it has its script it may have.
        match child::run_watched(spec, &Told(witness)).await {
            Ok(output) => judge(&output, ready).await,
            Err(failure @ child::Failure::NotStarted { .. }) => Sent::Refused(local(&failure.to_string())),
            Err(failure) => Sent::Unclear(Clean::new(&format!("nsupdate: {failure}"))),
        }
    }
}

async fn judge(output: &Output, ready: &Ready) -> Sent {
    if output.code == Some(0) {
        return Sent::Claimed("nsupdate ended with 0".into());
    }
    let says = format!("nsupdate ended with {:?}: {}", output.code, output.stderr);
    match WORDS.iter().find(|(word, _)| output.stderr.as_str().contains(word)) {
        Some((_, Refusal::Fence)) if has_own_marker(&ready.update) => {
            believe_if_not_ours(ready.server, &ready.update, &says).await
        }
        Some((_, why)) => believe_if_unchanged(ready.server, &ready.update, *why, &says).await,
        None => Sent::Unclear(Clean::new(&says)),
    }
}

/// Whether the zone's SOA names the server that the plan names: asked of that server itself, by its address.
async fn named_by_soa(server: SocketAddr, update: &Update) -> Result<(), String> {
    let asking = |error: std::io::Error| format!("{} cannot be asked for the SOA: {error}", update.primary);
    let mut line = Line::open(server, Instant::now() + PATIENCE).await.map_err(asking)?;
    let reply = line.ask(&to_name(&update.zone), RecordType::SOA).await.map_err(asking)?;
    let named = reply.answers.iter().find_map(|record| match &record.data {
        RData::SOA(soa) if reply.authoritative => Some(soa.mname.clone()),
        _ => None,
    });
    let named = named.ok_or_else(|| format!("{} is not authoritative for {}", update.primary, update.zone))?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for kind in [RecordType::A, RecordType::AAAA] {
        let reply = line.ask(&named, kind).await.map_err(asking)?;
        addresses.extend(reply.answers.iter().filter_map(|record| record.data.ip_addr()));
    }
    if addresses.contains(&update.primary.ip()) {
        return Ok(());
    }
    Err(format!(
        "Kerberos would give a ticket for {named}, which the zone's SOA names, and not for {}: choose that server as the write primary",
        update.primary
    ))
}

#[cfg(test)]
mod tests;
