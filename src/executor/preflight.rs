//! What comes before a plan may be confirmed, for commands and console alike: one round of probes, the zones at their write
//! primaries, the rehearsal, the rules.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::round::one_round;
use super::store::Store;
use super::{survey, ttls};
use crate::config::Env;
use crate::domain::judge::Picture;
use crate::domain::name::Fqdn;
use crate::domain::observation::{Observation, ProbeId};
use crate::domain::topology::Topology;
use crate::domain::watch::{SinceBook, Watch};
use crate::failover::plan::{Content, Plan, RunId};
use crate::failover::planner::{Making, Seen};
use crate::failover::rules::{Input, OverrideError, give_reasons, judge};
use crate::probe::{Clock, Network, ProbeError, SipProber};

/// Everything that was looked at before planning.
pub struct Looked {
    /// What is declared.
    pub topology: Arc<Topology>,
    /// The clock of all that was seen.
    pub clock: Clock,
    /// The judged picture of one whole round.
    pub picture: Picture,
    /// The zones, as their write primaries show them.
    pub seen: Seen,
    network: Network,
    watch: Watch,
    lowered: BTreeMap<Fqdn, (Timestamp, u32)>,
    soa: BTreeMap<Fqdn, Result<Fqdn, String>>,
    store: Store,
}

/// Why the operator may go on where a rule wants a reason.
#[derive(Debug, Default)]
pub struct Reasons {
    /// By rule.
    pub by_rule: BTreeMap<String, String>,
}

impl Reasons {
    /// The operator's word that the site is down, where it was given.
    #[must_use]
    pub fn attested(&self) -> Option<String> {
        ["source-needs-it", "seen-elsewhere"].iter().find_map(|rule| self.by_rule.get(*rule)).cloned()
    }
}

/// Asks everything once; `primary` where another write primary than the first one listed is meant.
///
/// # Errors
/// [`ProbeError`] when a declared file cannot be used.
pub async fn look(
    topology: Arc<Topology>,
    clock: Clock,
    store: Store,
    primary: Option<SocketAddr>,
) -> Result<Looked, ProbeError> {
    let mut watch = one_round(&topology, &clock, SinceBook::default()).await?;
    let network = Network::new(Arc::clone(&topology), &clock)?;
    let ((seen, soa), again) = tokio::join!(survey::zones(&topology, primary, &clock), refresh(&topology, &network));
    absorb(&mut watch, again);
    let picture = watch.picture(clock.now());
    let lowered = ttls::remember(store.state_dir(), &topology, &ttls::of_zones(&seen), clock.now());
    Ok(Looked { topology, clock, picture, seen, network, watch, lowered, soa, store })
}

/// Asks everything once more: where many things do not answer, what was asked first has grown too old to be believed.
async fn refresh(topology: &Topology, network: &Network) -> Vec<Observation> {
    let all: Vec<ProbeId> = Network::schedule(topology).into_iter().map(|scheduled| scheduled.probe).collect();
    network.ask_again(&all).await
}

/// Servers before state commands, so that a report is compared with what the wire says.
fn absorb(watch: &mut Watch, mut observations: Vec<Observation>) {
    observations.sort_by(|a, b| a.probe.cmp(&b.probe));
    for observation in observations {
        watch.absorb(observation);
    }
}

impl Looked {
    /// A run's name, and the moment.
    #[must_use]
    pub fn making(&self) -> Making {
        let now = self.clock.now();
        Making { id: RunId::new(now, rand::random()), now }
    }

    /// Rehearses a plan, judges it, gives the reasons, and seals it. Reasons that cannot be taken are told beside it.
    ///
    /// # Errors
    /// [`ProbeError`] when a declared file cannot be used.
    pub async fn judged(
        mut self,
        mut content: Content,
        reasons: &Reasons,
        environment: &Env<'_>,
    ) -> Result<(Plan, Option<OverrideError>), ProbeError> {
        // A rehearsal proves the handshake that callers will make: a fresh one.
        let prober = SipProber::new(&self.topology, self.clock.clone())?.keeping(false);
        let (rehearsals, again, mut facts) = tokio::join!(
            survey::rehearse(&self.topology, &prober, &content),
            refresh(&self.topology, &self.network),
            survey::facts(&self.topology, &self.store, &content, &self.clock, environment)
        );
        absorb(&mut self.watch, again);
        facts.rehearsals = rehearsals;
        facts.soa = self.soa;
        facts.lowered = self.lowered;
        facts.attested = reasons.attested();
        facts.seen = Some(Ok(self.seen));
        let picture = self.watch.picture(self.clock.now());
        let input = Input { topology: &self.topology, plan: &content, picture: &picture, facts: &facts };
        let mut outcomes = judge(&input);
        let refused = give_reasons(&mut outcomes, &reasons.by_rule).err();
        content.rules = outcomes;
        Ok((Plan::seal(content), refused))
    }
}
