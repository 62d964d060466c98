//! What happened: everything that can change the model.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::attention::Attention;
use crate::domain::observation::Observation;
use crate::domain::topology::Topology;
use crate::failover::plan::RunId;
use crate::readiness::Readiness;

use super::guide::Made;
use super::hit::Hit;
use super::key::Key;
use super::model::Shape;
use super::runs::RunSeen;
use super::trainer::FaultRow;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Probes brought results.
    Observed(Vec<Observation>),
    /// A key was pressed.
    Pressed(Key),
    /// Text was pasted; never run as keys.
    Pasted(String),
    /// Something on the screen was clicked.
    Clicked(Hit),
    /// The wheel was turned by so many lines.
    Scrolled(i8),
    /// The terminal has another size, and so another amount fits.
    Resized(Shape),
    /// A second went by.
    Ticked,
    /// Readiness was judged.
    Judged(Readiness),
    /// The topology file was changed: it was read again, or is wrong and the old one is kept.
    TopologyRead(Result<Reread, String>),
    /// The runs of the state directory are these now. Written down as what is new in them, since each holds its whole plan.
    #[serde(skip)]
    RunsSeen(Vec<RunSeen>),
    /// What operators said, of whatever console, is this now.
    Attended(Attention),
    /// A plan was made, or could not be.
    PlanMade {
        /// The question's number.
        ticket: u64,
        /// The answer.
        made: Result<Box<Made>, String>,
    },
    /// A plan was confirmed and its executor started, or nothing was changed.
    Confirmed {
        /// The question's number.
        ticket: u64,
        /// The run, or why not.
        run: Result<RunId, String>,
    },
    /// How something ended that was to be done, in words.
    Told(Result<String, String>),
    /// The demo's faults are these now.
    FaultsChanged(Vec<FaultRow>),
    /// The demo could not switch a fault.
    FaultRefused(String),
}

/// A topology file that was read again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reread(pub Arc<Topology>);

impl PartialEq for Reread {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
