//! Holding the fence longer than a claim does: a run that goes on rewrites its marker with a later end, under the same sequence.
//!
//! Only `exp` changes, so that claim, move and close keep their places in the count. The message requires the exact text that it
//! replaces and the partner's marker, as every other one does: it cannot come twice, and not after somebody else's claim.

use jiff::Timestamp;

use super::message::read;
use super::{Illegal, MarkerText, NoAct, Run};
use crate::domain::act::{Effect, Refusal, Update};
use crate::domain::marker::Marker;
use crate::domain::name::Fqdn;
use crate::failover::plan::{Action, CLAIM_HOLDS, DnsUpdate, Purpose};

/// A fence that this run holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The marker's name.
    pub marker: Fqdn,
    /// Its text, as this run wrote it last.
    pub text: String,
    /// Until when nobody else may claim it.
    pub until: Option<Timestamp>,
    /// Texts that may stand there instead: of renewals that were sent and whose end is not known.
    pub perhaps: Vec<String>,
}

impl Run {
    /// Each marker's text, as this run wrote it last.
    pub fn markers(&self) -> impl Iterator<Item = (&Fqdn, &str)> {
        self.markers.iter().map(|(name, text)| (name, text.as_str()))
    }

    /// The fences that this run has claimed and not let go.
    #[must_use]
    pub fn claimed(&self) -> Vec<Claimed> {
        let held = self.markers.iter().filter_map(|(name, text)| {
            let own = |marker: &Marker| marker.run.as_deref() == Some(self.plan.id.as_str());
            let stands = Marker::parse(text).ok().filter(own)?;
            let perhaps = self.renewing.get(name).cloned().unwrap_or_default();
            Some(Claimed { marker: name.clone(), text: text.clone(), until: stands.exp, perhaps })
        });
        held.collect()
    }

    /// The message that puts the end of a claim off.
    ///
    /// # Errors
    /// [`NoAct`] when this run claimed no such fence.
    pub fn renewal(&self, claimed: &Claimed, now: Timestamp) -> Result<Update, NoAct> {
        let claim = self.claim_of(&claimed.marker).ok_or(NoAct::Nothing)?;
        let after = Marker { exp: now.checked_add(CLAIM_HOLDS).ok(), ..read(&claimed.text)? };
        let marker_alone = DnsUpdate { changes: Vec::new(), ..claim.clone() };
        Ok(marker_alone.act(Some(&claimed.text), &after.to_string()))
    }

    fn claim_of(&self, marker: &Fqdn) -> Option<&DnsUpdate> {
        self.plan.steps.iter().find_map(|step| match &step.action {
            Action::DnsUpdate(update) if update.purpose == Purpose::Claim => {
                update.marker.as_ref().filter(|own| own.name == *marker).map(|_| &**update)
            }
            _ => None,
        })
    }

    /// Not while an update is on its way: it would find another text than it requires.
    pub(super) fn renewing(&mut self, marker: &MarkerText) -> Result<(), Illegal> {
        let on_its_way = self.in_flight.as_ref().is_some_and(|flight| flight.marker.is_some());
        if on_its_way || !self.claimed().iter().any(|claimed| claimed.marker == marker.name) {
            return Err(self.out_of_order("a renewal"));
        }
        self.renewing.entry(marker.name.clone()).or_default().push(marker.text.clone());
        Ok(())
    }

    pub(super) fn renewed(&mut self, marker: &MarkerText, effect: &Effect) -> Result<(), Illegal> {
        let sent = self.renewing.get(&marker.name).is_some_and(|texts| texts.contains(&marker.text));
        if !sent {
            return Err(self.out_of_order("the end of a renewal"));
        }
        match effect {
            // All others required what stood there before, and will never find it again.
            Effect::Applied { .. } | Effect::Recorded { .. } => {
                self.markers.insert(marker.name.clone(), marker.text.clone());
                self.renewing.remove(&marker.name);
            }
            Effect::NotApplied { why, .. } if is_proof(*why) => {
                self.renewing.entry(marker.name.clone()).or_default().retain(|text| *text != marker.text);
            }
            Effect::NotApplied { .. } | Effect::Unknown { .. } => {}
        }
        Ok(())
    }
}

/// Whether it is sure that the message was refused, or never left; anything else may still arrive.
fn is_proof(why: Refusal) -> bool {
    use Refusal::{Auth, Clock, Fence, Local, Policy, Zone};
    matches!(why, Fence | Auth | Policy | Clock | Zone | Local)
}
