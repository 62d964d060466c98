//! What happened: everything that can change the model.

use crate::domain::observation::Observation;

use super::key::Key;
use super::model::Shape;
use super::trainer::FaultRow;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Probes brought results.
    Observed(Vec<Observation>),
    /// A key was pressed.
    Pressed(Key),
    /// Text was pasted; never run as keys.
    Pasted(String),
    /// The terminal has another size, and so another amount fits.
    Resized(Shape),
    /// A second went by.
    Ticked,
    /// The demo's faults are these now.
    FaultsChanged(Vec<FaultRow>),
    /// The demo could not switch a fault.
    FaultRefused(String),
}
