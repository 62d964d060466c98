//! Carries effects out that reach beyond the console: as tasks on the probes' runtime, never in the loop.

use std::future::Future;

use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

use super::memory::Memory;
use crate::app::Event;
use crate::app::trainer::FaultRow;
use crate::demo::{DemoError, FaultBoard};
use crate::domain::watch::SinceBook;

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

/// Writes since when findings hold, whenever that changed: elsewhere, and one writing at a time.
pub(super) struct Keeper {
    memory: Memory,
    on: Handle,
    kept: SinceBook,
    writing: Option<tokio::task::JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn new(memory: Memory, on: Handle, kept: SinceBook) -> Self {
        Self { memory, on, kept, writing: None }
    }

    /// Keeps a book, unless it is kept already or the last writing has not ended; then the next call does it.
    pub(super) fn keep(&mut self, book: &SinceBook) {
        if *book == self.kept || self.writing.as_ref().is_some_and(|writing| !writing.is_finished()) {
            return;
        }
        self.kept = book.clone();
        let (memory, book) = (self.memory.clone(), book.clone());
        // What cannot be written costs a date and is tried again at the next change.
        self.writing = Some(self.on.spawn_blocking(move || drop(memory.store(&book))));
    }
}
