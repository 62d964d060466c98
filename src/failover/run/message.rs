//! The exact side effect of a step, forwards or backwards, as the run stands now.
//!
//! A plan holds everything but what it cannot know: the marker's end of time and the journal's head. Nothing else is filled in.

use jiff::Timestamp;

use super::{Run, Way, Work};
use crate::domain::act::{self, Act, Update};
use crate::domain::clean::Clean;
use crate::domain::marker::Marker;
use crate::failover::plan::{
    Action, CLAIM_HOLDS, CommandStep, DnsUpdate, MarkerBefore, MarkerChange, Purpose, Step, inverse,
};

/// Why there is no such side effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAct {
    /// Nothing was done that would have to be taken back.
    #[error("there is nothing to take back")]
    Nothing,
    /// It cannot be made.
    #[error("{0}")]
    Impossible(Clean),
}

impl Run {
    /// The side effect of a piece of work.
    ///
    /// # Errors
    /// [`NoAct`] for a step that has none, or none that could be taken back.
    pub fn act(&self, work: Work, now: Timestamp, head: &str) -> Result<Act, NoAct> {
        let step = self.step(work.step).ok_or_else(|| NoAct::Impossible("the plan has no such step".into()))?;
        match (&step.action, work.way) {
            (Action::DnsUpdate(update), Way::Do) => self.update(update, now, head),
            (Action::DnsUpdate(update), Way::Undo) => self.update_back(update, now, head),
            (Action::Command(command), Way::Do) => Ok(Act::Command(self.call(work.step, command))),
            (Action::Command(_), Way::Undo) => self.undo_of(work.step, step),
            (Action::Command(_), Way::Drain) => match &step.undo_drain {
                Some(call) => Ok(Act::Command((**call).clone())),
                None => Err(NoAct::Nothing),
            },
            _ => Err(NoAct::Impossible(format!("{} only looks", step.id).into())),
        }
    }

    /// A server that this run drained is disabled from there, not from where the plan found it.
    fn call(&self, index: usize, command: &CommandStep) -> act::Call {
        let before = self.steps().take(index).filter_map(|(step, progress)| match &step.action {
            Action::Command(earlier) if earlier.call.server == command.call.server && progress.status.stands() => {
                Some(earlier.call.after)
            }
            _ => None,
        });
        let before = before.last();
        act::Call { before: before.unwrap_or(command.call.before), ..command.call.clone() }
    }

    /// A server that was drained for it is taken out from there.
    fn undo_of(&self, index: usize, step: &Step) -> Result<Act, NoAct> {
        let why = || NoAct::Impossible(format!("{} has no command that takes it back: {}", step.id, step.undo).into());
        let mut call = (**step.undo_command.as_ref().ok_or_else(why)?).clone();
        if let Some(drain) = step.undo_drain.as_ref().filter(|_| self.drained.contains(&index)) {
            call.before = drain.after;
        }
        Ok(Act::Command(call))
    }

    /// The command of a step, where it is one.
    #[must_use]
    pub fn command(&self, work: Work) -> Option<&CommandStep> {
        match &self.step(work.step)?.action {
            Action::Command(command) => Some(command),
            _ => None,
        }
    }

    fn update(&self, update: &DnsUpdate, now: Timestamp, head: &str) -> Result<Act, NoAct> {
        let Some(marker) = &update.marker else {
            return Ok(Act::DnsUpdate(update.act(None, "")));
        };
        let before = match &marker.before {
            MarkerBefore::Absent => None,
            MarkerBefore::Exactly(text) => Some(text.as_str()),
            MarkerBefore::WrittenBy(step) => {
                let written = self
                    .written
                    .get(step)
                    .ok_or_else(|| NoAct::Impossible(format!("{step} wrote no marker").into()))?;
                Some(written.text.as_str())
            }
        };
        // A run that turned round and forward again, or whose move was repeated, stands further than the plan says.
        let before = self.markers.get(&marker.name).map_or(before, |text| Some(text.as_str()));
        let after = self.filled(marker, update.purpose, now, head)?;
        Ok(Act::DnsUpdate(update.act(before, &after)))
    }

    fn filled(&self, marker: &MarkerChange, purpose: Purpose, now: Timestamp, head: &str) -> Result<String, NoAct> {
        let mut after = marker.after.clone();
        if let Some(seq) = self.current_seq(marker)? {
            after.seq = after.seq.max(seq + 1);
        }
        match purpose {
            Purpose::Claim | Purpose::Move => after.exp = now.checked_add(CLAIM_HOLDS).ok(),
            Purpose::Close => after.head = Some(head.to_owned()),
        }
        Ok(after.to_string())
    }

    /// The move backwards gives back values and TTLs; the claim backwards lets the fence go.
    fn update_back(&self, update: &DnsUpdate, now: Timestamp, head: &str) -> Result<Act, NoAct> {
        let records = match update.purpose {
            Purpose::Move => update.changes.iter().map(inverse).collect(),
            Purpose::Claim | Purpose::Close => Vec::new(),
        };
        let mut markers = Vec::new();
        if let Some(marker) = &update.marker {
            markers.push(self.marker_back(update.purpose, marker, now, head)?);
            // Letting the fence go asks nothing of the partner's, backwards as forwards.
            if update.purpose == Purpose::Move {
                markers.extend(update.partner_as_it_was());
            }
        }
        if records.is_empty() && markers.is_empty() {
            return Err(NoAct::Nothing);
        }
        let (backend, zone, primary) = (update.backend.clone(), update.zone.clone(), update.primary);
        Ok(Act::DnsUpdate(Update { backend, zone, primary, records, markers }))
    }

    fn marker_back(
        &self,
        purpose: Purpose,
        marker: &MarkerChange,
        now: Timestamp,
        head: &str,
    ) -> Result<act::MarkerChange, NoAct> {
        let before =
            self.markers.get(&marker.name).ok_or_else(|| NoAct::Impossible("this run wrote no marker".into()))?;
        let stands = read(before)?;
        let (moved, to) = self.place_before(marker);
        let seq = stands.seq + 1;
        let after = match purpose {
            Purpose::Move => Marker { seq, moved, to, exp: now.checked_add(CLAIM_HOLDS).ok(), head: None, ..stands },
            Purpose::Claim | Purpose::Close => {
                Marker { seq, run: None, exp: None, head: Some(head.to_owned()), ..stands }
            }
        };
        let (name, ttl) = (marker.name.clone(), marker.ttl);
        Ok(act::MarkerChange { name, ttl, before: Some(before.clone()), after: Some(after.to_string()) })
    }

    /// What the claim's marker says of where the site's names were before the move.
    fn place_before(&self, marker: &MarkerChange) -> (Vec<String>, String) {
        let claim = self.plan.steps.iter().find_map(|step| match &step.action {
            Action::DnsUpdate(update) if update.purpose == Purpose::Claim => {
                update.marker.as_ref().filter(|claimed| claimed.name == marker.name)
            }
            _ => None,
        });
        claim.map(|claim| (claim.after.moved.clone(), claim.after.to.clone())).unwrap_or_default()
    }

    fn current_seq(&self, marker: &MarkerChange) -> Result<Option<u64>, NoAct> {
        self.markers.get(&marker.name).map(|text| Ok(read(text)?.seq)).transpose()
    }
}

pub(super) fn read(text: &str) -> Result<Marker, NoAct> {
    Marker::parse(text)
        .map_err(|error| NoAct::Impossible(format!("the marker that this run wrote cannot be read: {error}").into()))
}
