//! Reads what planner and rules need and no probe of the schedule brings: the zone at its write primary, the rehearsal, the key, the
//! state directory. Changes nothing, but for one file of its own that proves that the journal would last.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use super::store::{RunDir, Store, private_dirs, private_file, sync_dir};
use super::{execute, journal, lock};
use crate::backend::{ZoneQuestions, ZoneRead, read_leads, read_zone};
use crate::config::Env;
use crate::domain::health::{Class, Health};
use crate::domain::name::Fqdn;
use crate::domain::observation::{DnsKind, KeyFailure, SipOutcome};
use crate::domain::topology::{Backend, Environment, Topology, Zone};
use crate::failover::plan::{Action, Content, Plan, Purpose, SipTarget};
use crate::failover::planner::{NameSeen, Seen, ZoneSeen};
use crate::failover::rules::{Facts, KeyFact, Known, LivingRun, PastRun};
use crate::failover::run::{End, State};
use crate::probe::dns::{DnsQuestions, probe};
use crate::probe::{Clock, SipProber, Target};
use crate::wire::dns::TsigKey;

/// After a completed run its servers rest for so long; not in demo and drill.
const HOLD_DOWN: Duration = Duration::from_secs(30 * 60);

/// How many rehearsals are under way at once.
const AT_ONCE: usize = 64;

/// The newest runs that are looked at: older ones neither live nor hold anything down.
const NEWEST: usize = 100;

/// Every zone with a write primary, as that primary shows it; and the apex that it gives for each.
pub async fn zones(
    topology: &Topology,
    primary: Option<SocketAddr>,
    clock: &Clock,
) -> (Seen, BTreeMap<Fqdn, Result<Fqdn, String>>) {
    let (mut seen, mut apexes) = (Seen::default(), BTreeMap::new());
    for zone in &topology.zones {
        let listed = topology.write_primaries(zone);
        let chosen = listed.iter().find(|listed| Some(listed.address) == primary).or(listed.first());
        let Some(chosen) = chosen else { continue };
        let questions = questions(topology, zone, chosen.address);
        let patience = topology.console.timeout * 3;
        let read = read_zone(&questions, patience).await;
        apexes.insert(zone.name.clone(), read.soa.clone());
        seen.zones.insert(zone.name.clone(), shown(read, chosen.address, clock));
    }
    (seen, apexes)
}

fn questions(topology: &Topology, zone: &Zone, primary: SocketAddr) -> ZoneQuestions {
    let here = |name: &Fqdn| topology.zone_of(name).is_some_and(|of| of.name == zone.name);
    ZoneQuestions {
        connect: topology.map.route(primary),
        zone: zone.name.clone(),
        names: topology.servers().map(|server| server.fqdn.clone()).filter(here).collect(),
        markers: topology.sites.iter().filter_map(|site| Topology::marker_name_in(site, zone)).collect(),
    }
}

fn shown(read: ZoneRead, primary: SocketAddr, clock: &Clock) -> ZoneSeen {
    let name = |read: crate::backend::NameRead| NameSeen { a: read.a, aaaa: read.aaaa, alias: read.alias };
    let texts = |found: Vec<crate::domain::clean::Clean>| found.iter().map(ToString::to_string).collect();
    ZoneSeen {
        primary,
        at: clock.now(),
        names: read.names.into_iter().map(|(fqdn, found)| (fqdn, found.map(name))).collect(),
        markers: read.markers.into_iter().map(|(fqdn, found)| (fqdn, found.map(texts))).collect(),
    }
}

/// The rehearsal: each host that takes over is asked at its own address, over the transport that it will serve, as the name that
/// it inherits. One that fails is asked again, up to `fall` times.
pub async fn rehearse(
    topology: &Topology,
    prober: &SipProber,
    content: &Content,
) -> BTreeMap<SipTarget, Result<SipOutcome, String>> {
    let mut targets: Vec<SipTarget> = Vec::new();
    for step in &content.steps {
        if let Action::SipCheck(check) = &step.action {
            targets
                .extend(check.targets.iter().filter(|target| !targets.contains(target)).cloned().collect::<Vec<_>>());
        }
    }
    rehearse_all(topology, prober, targets).await
}

/// The rehearsal of hosts that no plan names yet.
pub async fn rehearse_all(
    topology: &Topology,
    prober: &SipProber,
    targets: impl IntoIterator<Item = SipTarget>,
) -> BTreeMap<SipTarget, Result<SipOutcome, String>> {
    let tries = stream::iter(targets.into_iter().collect::<Vec<_>>()).map(|target| async move {
        let outcome = rehearse_one(topology, prober, &target).await;
        (target, Ok(outcome))
    });
    tries.buffer_unordered(AT_ONCE).collect().await
}

async fn rehearse_one(topology: &Topology, prober: &SipProber, asked: &SipTarget) -> SipOutcome {
    let target = Target {
        name: asked.name.clone(),
        server_name: Some(asked.name.clone()),
        address: asked.address,
        transport: asked.transport,
    };
    let deadline = topology.console.timeout;
    let mut outcome = prober.probe(&target, deadline).await;
    for _ in 1..topology.console.fall.max(1) {
        if Class::of(&outcome, topology.console.slow).health() == Health::Up {
            break;
        }
        outcome = prober.probe(&target, deadline).await;
    }
    outcome
}

/// Everything else that the rules can be told from here.
pub async fn facts(topology: &Topology, store: &Store, content: &Content, clock: &Clock, env: &Env<'_>) -> Facts {
    let resting = if topology.console.environment == Environment::Demo { Duration::ZERO } else { HOLD_DOWN };
    let (living, completed) = runs(store);
    Facts {
        living,
        completed,
        hold_down: resting,
        journal: Some(Ok(durable(store))),
        keys: keys(topology, content, clock).await,
        other_records: other_records(topology, content).await,
        outlives_login: Some(Ok(super::login::outlives(topology, content, env))),
        ..Facts::declared(topology, content)
    }
}

/// Whether each written zone's primary takes a signed question. That asks nothing of its update policy: the claim does.
async fn keys(topology: &Topology, content: &Content, clock: &Clock) -> BTreeMap<Fqdn, Result<KeyFact, String>> {
    let mut keys = BTreeMap::new();
    for step in &content.steps {
        let Action::DnsUpdate(update) = &step.action else { continue };
        let Some(Backend::DnsUpdate(backend)) = topology.backends.get(&update.backend) else { continue };
        let Some(key) = TsigKey::of(&backend.auth) else { continue };
        if keys.contains_key(&update.zone) {
            continue;
        }
        let questions = DnsQuestions {
            server: update.primary,
            connect: topology.map.route(update.primary),
            kind: DnsKind::Authoritative,
            names: vec![],
            zones: vec![update.zone.clone()],
            markers: vec![],
            key: Some(key),
        };
        let outcome = probe(&questions, topology.console.timeout, clock).await;
        let fact = outcome.key.map_or_else(|| Err("the key was not tried".to_owned()), |tried| Ok(key_fact(&tried)));
        keys.insert(update.zone.clone(), fact);
    }
    keys
}

/// Records that lead to a host that is left, and that the plan does not move; of zones that name other names at all.
async fn other_records(topology: &Topology, content: &Content) -> Known<Vec<String>> {
    let home: Vec<std::net::IpAddr> = content
        .pairs
        .iter()
        .filter_map(|pair| topology.server(&pair.leaves))
        .flat_map(|server| server.addresses.iter().copied())
        .collect();
    let moves = |name: &Fqdn| content.pairs.iter().any(|pair| pair.server == *name);
    let mut found: Known<Vec<String>> = None;
    for step in &content.steps {
        let Action::DnsUpdate(update) = &step.action else { continue };
        let zone = topology.zones.iter().find(|zone| zone.name == update.zone && update.purpose == Purpose::Move);
        let Some(names) = zone.and_then(|zone| zone.other_names.as_ref()) else { continue };
        let patience = topology.console.timeout * 3;
        let leads = match read_leads(topology.map.route(update.primary), names, patience).await {
            Ok(leads) => leads,
            Err(why) => return Some(Err(format!("{}: {why}", update.primary))),
        };
        let stays = leads.into_iter().filter(|lead| {
            !moves(&lead.name)
                && !lead.target.as_ref().is_some_and(moves)
                && lead.addresses.iter().any(|address| home.contains(address))
        });
        let told = stays.map(|lead| {
            let to = lead.target.map_or_else(String::new, |target| format!(" to {target}"));
            let addresses: Vec<String> = lead.addresses.iter().map(ToString::to_string).collect();
            format!("{} {}{to} ({})", lead.name, lead.kind, addresses.join(" "))
        });
        if let Ok(all) = found.get_or_insert_with(|| Ok(Vec::new())) {
            all.extend(told);
        }
    }
    found
}

fn key_fact(tried: &Result<(), KeyFailure>) -> KeyFact {
    let (bad_time, skew_seconds) = match tried {
        Err(KeyFailure::Clock { skew_seconds }) => (true, *skew_seconds),
        _ => (false, None),
    };
    let accepted = match tried {
        Ok(()) => Ok("a signed question was answered; the claim tests the update policy".to_owned()),
        Err(failure) => Err(key_words(failure)),
    };
    KeyFact { accepted, bad_time, skew_seconds }
}

fn key_words(failure: &KeyFailure) -> String {
    match failure {
        KeyFailure::UnknownKey => "the server does not know the key (BADKEY)".to_owned(),
        KeyFailure::WrongSecret => "the server knows the key with another secret (BADSIG)".to_owned(),
        KeyFailure::Clock { .. } => "the clocks differ (BADTIME)".to_owned(),
        KeyFailure::Refused { code, signed: true } => format!("{code}, signed"),
        KeyFailure::Refused { code, signed: false } => format!("{code}, unsigned"),
        KeyFailure::Unverified => "the answer is not signed, or its signature is wrong".to_owned(),
        KeyFailure::NoAnswer(failure) => crate::domain::watch::dns_failure_words(failure),
    }
}

/// Runs that a living executor carries out, and those that were completed.
fn runs(store: &Store) -> (Known<Vec<LivingRun>>, Known<Vec<PastRun>>) {
    let dirs = match store.list() {
        Ok(dirs) => dirs,
        Err(error) => return (Some(Err(error.to_string())), Some(Err(error.to_string()))),
    };
    let newest = || dirs.iter().rev().take(NEWEST);
    let living = newest().filter_map(living_run).collect::<Result<Vec<_>, String>>();
    (Some(living), Some(Ok(newest().filter_map(completed_at).collect())))
}

/// A run with a living executor. Whose targets cannot be read might hold any.
fn living_run(dir: &RunDir) -> Option<Result<LivingRun, String>> {
    let holder = lock::living(dir)?;
    let text = dir.read_plan().map_err(|error| error.to_string());
    let plan = text.and_then(|text| Plan::parse(&text).map_err(|error| error.to_string()));
    let run = |plan: Plan| LivingRun { id: dir.id.clone(), by: holder.by, targets: servers(&plan) };
    Some(plan.map(run).map_err(|why| format!("run {}: {why}", dir.id)))
}

/// When a run was completed, and on what. A run that cannot be read holds nothing down: `runs verify` names it.
fn completed_at(dir: &RunDir) -> Option<PastRun> {
    let lines = journal::read(dir).ok()?;
    let run = execute::rebuild(dir, &lines).ok()?;
    let done = run.state() == State::Ended(End::Completed);
    let at = lines.last()?.at;
    done.then(|| PastRun { id: dir.id.clone(), at, targets: servers(run.plan()) })
}

/// Servers that a plan takes part in.
fn servers(content: &Content) -> Vec<Fqdn> {
    let paired = content.pairs.iter().flat_map(|pair| [&pair.server, &pair.leaves, &pair.enters]);
    let commanded = content.steps.iter().filter_map(|step| match &step.action {
        Action::Command(command) => Some(&command.call.server),
        _ => None,
    });
    let mut servers: Vec<Fqdn> = paired.chain(commanded).cloned().collect();
    servers.sort();
    servers.dedup();
    servers
}

/// Whether a journal could be opened, locked and made to last in this state directory.
fn durable(store: &Store) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", store.state_dir().display());
    private_dirs().recursive(true).create(store.state_dir()).map_err(told)?;
    let name = format!(".preflight-{:016x}", rand::random::<u64>());
    let path = store.state_dir().join(name);
    let tried = try_file(&path, store.state_dir());
    drop(fs::remove_file(&path));
    tried.map_err(told)
}

fn try_file(path: &Path, dir: &Path) -> std::io::Result<()> {
    let mut file = private_file().create_new(true).open(path)?;
    file.try_lock()?;
    std::io::Write::write_all(&mut file, b"preflight\n")?;
    file.sync_all()?;
    sync_dir(dir)
}
