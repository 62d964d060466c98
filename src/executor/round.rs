//! One round of every probe, after which each result is settled and none is old.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::observation::{Observation, ProbeId};
use crate::domain::topology::Topology;
use crate::domain::watch::{SinceBook, Watch};
use crate::probe::{Clock, Network, ProbeError};

/// The longest pause before a probe is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks everything once, and again what is worse than it looked at first, until `fall` results agree.
///
/// # Errors
/// [`ProbeError`] when a declared file cannot be used.
pub async fn one_round(topology: &Arc<Topology>, clock: &Clock, since: SinceBook) -> Result<Watch, ProbeError> {
    let network = Network::new(Arc::clone(topology), clock)?;
    let watch = Watch::new(Arc::clone(topology), since);
    let mut round = Round { network, watch, answered: BTreeMap::new() };
    let observations = round.network.round().await;
    round.absorb(observations);
    for _ in 0..topology.console.fall {
        let again = round.watch.unsettled();
        if again.is_empty() {
            break;
        }
        tokio::time::sleep(topology.console.interval.min(PAUSE)).await;
        round.ask(&again).await;
    }
    let old = round.older_than(topology.console.interval, clock.now());
    round.ask(&old).await;
    Ok(round.watch)
}

/// A round under way.
struct Round {
    network: Network,
    watch: Watch,
    answered: BTreeMap<ProbeId, Timestamp>,
}

impl Round {
    fn absorb(&mut self, mut observations: Vec<Observation>) {
        // Servers before state commands, so that a report is compared with what the wire says.
        observations.sort_by(|a, b| a.probe.cmp(&b.probe));
        for observation in observations {
            self.answered.insert(observation.probe.clone(), observation.at);
            self.watch.absorb(observation);
        }
    }

    async fn ask(&mut self, probes: &[ProbeId]) {
        let observations = self.network.ask_again(probes).await;
        self.absorb(observations);
    }

    /// What grew old while something slow was waited for: the very round that asked it must not call it stale. A state
    /// command may be slow itself, and has an age of its own.
    fn older_than(&self, age: Duration, now: Timestamp) -> Vec<ProbeId> {
        let old = |at: Timestamp| Duration::try_from(now.duration_since(at)).is_ok_and(|passed| passed > age);
        let old = self.answered.iter().filter(|(probe, at)| old(**at) && !matches!(probe, ProbeId::State { .. }));
        old.map(|(probe, _)| probe.clone()).collect()
    }
}
