//! The fence of a run of commands: claimed before the first of them, let go after the last.

use super::fence::{self, Fenced};
use super::steps::{Words, zone_step};
use super::{Refusal, Room};
use crate::domain::server::Server;
use crate::domain::topology::Zone;
use crate::failover::plan::{Fence, Purpose, Step, StepId};

impl Room<'_> {
    /// The zones that fence a run of commands, each once: those where the backends of its servers have their fence, and one more
    /// where the site's names move, too.
    pub(super) fn fenced<'a>(
        &self,
        of_names: Option<&Zone>,
        servers: impl Iterator<Item = &'a Server>,
    ) -> Result<Vec<Fenced>, Refusal> {
        let mut zones: Vec<&Zone> = of_names.into_iter().collect();
        for server in servers {
            match self.topology.fence_of(server) {
                Some(zone) if !zones.iter().any(|known| known.name == zone.name) => zones.push(zone),
                _ => {}
            }
        }
        zones.retain(|_| !self.request.without_marker);
        self.in_one_order(&mut zones, |zone| &zone.name);
        zones.into_iter().map(|zone| fence::of(self, zone).map_err(no_fence)).collect()
    }

    /// Takes the fences, one message per zone: the first thing that a run of commands does.
    pub(super) fn claims(&self, fenced: &[Fenced]) -> Vec<Step> {
        let claim = |zone: &Fenced| {
            let markers = zone.marker.as_ref()?;
            let words = Words {
                does: format!(
                    "Claims the marker {}: from then on the zone lets no other run of these sites begin.",
                    markers.fence.marker
                ),
                expect: "the marker names this run".to_owned(),
                undo: "the marker is closed".to_owned(),
            };
            let id = zone_step("claim", zone, fenced.len() > 1);
            Some(self.update(id, Purpose::Claim, zone, Some(markers.claim()), Vec::new(), words))
        };
        fenced.iter().filter_map(claim).collect()
    }

    /// Ends a run of commands by letting its fences go.
    pub(super) fn fenced_in(&self, fenced: Vec<Fenced>, mut steps: Vec<Step>) -> (Vec<Fence>, Vec<Step>) {
        let claims: Vec<StepId> = fenced.iter().map(|zone| zone_step("claim", zone, fenced.len() > 1)).collect();
        steps.extend(self.closing(&fenced, &claims, 1));
        (fenced.into_iter().filter_map(|zone| Some(zone.marker?.fence)).collect(), steps)
    }
}

/// In an emergency the zone may be what is down: a run of commands can do without its fence.
fn no_fence(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::NotRead { name, primary, why } => Refusal::NoFence { marker: name, primary, why },
        other => other,
    }
}
