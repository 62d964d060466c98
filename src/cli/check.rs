//! `switchboard check`: one round of every probe, findings, readiness; text or JSON, monitoring-plugin exit codes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::output;
use crate::domain::judge::Picture;
use crate::domain::name::BackendName;
use crate::domain::observation::{CommandFailure, SipOutcome};
use crate::domain::topology::{FailoverMethod, Topology};
use crate::domain::watch::SinceBook;
use crate::executor::round::one_round;
use crate::executor::survey;
use crate::failover::plan::SipTarget;
use crate::probe::{Clock, SipProber, check_tools};
use crate::readiness::{self, Facts, NumberBook};
use crate::report::check::{Status, text};
use crate::report::readiness::Readiness;
use crate::report::{self, json};
use crate::runtime::Memory;

/// The exit code when the state is not known.
pub(crate) const FAILED: u8 = 3;

/// Probe everything once and say what needs a person
///
/// Exit codes: 0 OK, 1 warning, 2 critical, 3 unknown or a wrong topology file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs one round.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let topology = Arc::new(context.topology(args.json)?);
    let clock = Clock::start();
    let memory = Memory::of(&context.state_dir()?, &topology.console.name);
    let since = memory.load().unwrap_or_else(|error| {
        output::note(&format!("switchboard: since when findings hold is not known: {error}"));
        SinceBook::default()
    });
    // What is judged is the end of the round: a tool that takes longer makes no answer old.
    let round = async { one_round(&topology, &clock, since).await.map(|watch| (watch, clock.now())) };
    let (round, tools, numbers) = tokio::join!(round, tools(&topology), numbers(&topology));
    let (mut watch, now) = round?;
    let picture = watch.picture(now);
    if let Err(error) = memory.store(watch.since()) {
        output::note(&format!("switchboard: since when findings hold cannot be kept: {error}"));
    }
    let today = now.to_zoned(jiff::tz::TimeZone::system()).date();
    let mut facts = Facts { tools, numbers, ..Facts::of(&watch, today, now) };
    if !picture.isolated {
        facts.rehearsals = Some(rehearsals(&topology, &picture, &facts, &clock).await?);
    }
    let judged = Readiness {
        checks: readiness::judge(&topology, &picture, &facts),
        sites: readiness::ready(&topology, &picture, &facts),
    };
    if args.json {
        output::json(&json::check(&picture, &judged))?;
    } else {
        output::print(&(text(&picture) + &report::readiness::text(&judged)))?;
    }
    Ok(Status::of(&picture).code())
}

/// What each host that may take over answers when it is asked as the name that it would inherit.
async fn rehearsals(
    topology: &Topology,
    picture: &Picture,
    facts: &Facts,
    clock: &Clock,
) -> anyhow::Result<Rehearsals> {
    // A rehearsal proves the handshake that callers will make: a fresh one.
    let prober = SipProber::new(topology, clock.clone())?.keeping(false);
    Ok(survey::rehearse_all(topology, &prober, readiness::targets(topology, picture, facts)).await)
}

type Rehearsals = BTreeMap<SipTarget, Result<SipOutcome, String>>;

/// How each backend's own `check` command ended; none is run where no failover manages servers.
async fn tools(topology: &Topology) -> BTreeMap<BackendName, Result<(), CommandFailure>> {
    let manages = topology.dial_plans.iter().any(|plan| plan.method == FailoverMethod::EnableDisable);
    if manages { check_tools(topology).await } else { BTreeMap::new() }
}

/// The declared numbers, read beside the probes: the numbering library takes its time when it is asked first.
async fn numbers(topology: &Arc<Topology>) -> Option<NumberBook> {
    let topology = Arc::clone(topology);
    tokio::task::spawn_blocking(move || NumberBook::read(&topology)).await.ok()
}
