//! Carries effects out that reach beyond the console: as tasks on the probes' runtime, never in the loop.

use std::future::Future;

use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

use crate::app::Event;
use crate::app::trainer::FaultRow;
use crate::demo::{DemoError, FaultBoard};

/// The demo's faults, and how their switching comes back as events.
pub(super) struct Faults {
    pub(super) board: FaultBoard,
    pub(super) on: Handle,
    pub(super) inbox: Sender<Event>,
}

impl Faults {
    /// The faults as they are now.
    pub(super) fn rows(&self) -> Vec<FaultRow> {
        let row = |switch: crate::demo::Switch| FaultRow {
            subject: switch.subject,
            fault: switch.fault.to_owned(),
            on: switch.on,
        };
        self.board.list().into_iter().map(row).collect()
    }

    /// Switches one fault.
    pub(super) fn switch(&self, subject: String, fault: String, on: bool) {
        let board = self.board.clone();
        self.carry_out(
            async move { if on { board.on(&subject, &fault).await } else { board.off(&subject, &fault).await } },
        );
    }

    /// Switches all faults off.
    pub(super) fn heal_all(&self) {
        let board = self.board.clone();
        self.carry_out(async move { board.heal_all().await });
    }

    fn carry_out(&self, act: impl Future<Output = Result<(), DemoError>> + Send + 'static) {
        let inbox = self.inbox.clone();
        self.on.spawn(async move {
            if let Err(refused) = act.await {
                let _ = inbox.send(Event::FaultRefused(refused.to_string())).await;
            }
        });
    }
}
