//! What the consoles of a state directory share, watched: its runs, and what operators said. Read again only where something changed.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

use super::memory::Memory;
use crate::app::Event;
use crate::app::runs::{RunSeen, RunView};
use crate::domain::attention::{Attention, Said};
use crate::domain::clean::Clean;
use crate::executor::attach::{last_words, view};
use crate::executor::lock;
use crate::executor::store::{JOURNAL, RunDir, Store};
use crate::failover::plan::RunId;

/// How often is looked while a run goes on, and while none does.
const BUSY: Duration = Duration::from_millis(200);
const IDLE: Duration = Duration::from_secs(1);
/// The newest runs that are shown.
const NEWEST: usize = 200;

/// Watches until nobody listens any more.
pub(super) fn watch(store: Store, memory: Option<Memory>, on: &Handle, inbox: Sender<Event>) {
    on.spawn(async move {
        let mut looker = Looker { store, memory, seen: BTreeMap::new(), told: None, said: None };
        loop {
            let task = tokio::task::spawn_blocking(move || {
                let events = looker.look();
                (looker, events)
            });
            let Ok((back, events)) = task.await else { return };
            looker = back;
            for event in events {
                if inbox.send(event).await.is_err() {
                    return;
                }
            }
            tokio::time::sleep(if looker.is_busy() { BUSY } else { IDLE }).await;
            if inbox.is_closed() {
                return;
            }
        }
    });
}

/// Keeps what an operator said, together with what others said meanwhile.
pub(super) fn say(memory: Memory, said: Said, on: &Handle, inbox: Sender<Event>) {
    on.spawn_blocking(move || {
        if let Err(error) = memory.hear(said) {
            let text = format!("it is not kept for other consoles: {error}");
            let _ = inbox.blocking_send(Event::Told(Err(text)));
        }
    });
}

/// What tells whether a run has to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    changed: Option<SystemTime>,
    living: Option<u32>,
}

struct Looker {
    store: Store,
    memory: Option<Memory>,
    seen: BTreeMap<RunId, (Stamp, RunSeen)>,
    told: Option<Vec<RunSeen>>,
    said: Option<Attention>,
}

impl Looker {
    fn look(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        let runs = self.runs();
        if self.told.as_ref() != Some(&runs) {
            // No runs at the start is no news.
            if self.told.is_some() || !runs.is_empty() {
                events.push(Event::RunsSeen(runs.clone()));
            }
            self.told = Some(runs);
        }
        // What cannot be read now is read at the next look.
        if let Some(Ok(attention)) = self.memory.as_ref().map(Memory::load_attention)
            && self.said.as_ref() != Some(&attention)
        {
            events.push(Event::Attended(attention.clone()));
            self.said = Some(attention);
        }
        events
    }

    fn runs(&mut self) -> Vec<RunSeen> {
        let Ok(mut dirs) = self.store.list() else { return self.told.clone().unwrap_or_default() };
        let older = dirs.len().saturating_sub(NEWEST);
        dirs.drain(..older);
        self.seen.retain(|id, _| dirs.iter().any(|dir| dir.id == *id));
        dirs.iter().map(|dir| self.run(dir)).collect()
    }

    fn run(&mut self, dir: &RunDir) -> RunSeen {
        let known = self.seen.get(&dir.id);
        let over = known.is_some_and(|(_, seen)| seen.view.as_ref().is_ok_and(|view| !view.is_open()));
        let meta = fs::metadata(dir.file(JOURNAL)).ok();
        let stamp = Stamp {
            length: meta.as_ref().map_or(0, fs::Metadata::len),
            changed: meta.and_then(|meta| meta.modified().ok()),
            living: if over { None } else { lock::living(dir).map(|holder| holder.pid) },
        };
        if let Some((before, seen)) = known
            && *before == stamp
        {
            return seen.clone();
        }
        let seen = read(dir);
        self.seen.insert(dir.id.clone(), (stamp, seen.clone()));
        seen
    }

    fn is_busy(&self) -> bool {
        self.told.iter().flatten().any(|seen| seen.view.as_ref().is_ok_and(|view| view.living.is_some()))
    }
}

fn read(dir: &RunDir) -> RunSeen {
    let view = view(dir).map_err(|error| Clean::new(&error.to_string())).map(|view| {
        let interrupted = view.is_interrupted();
        RunView {
            run: Arc::new(view.run),
            events: Arc::new(view.events),
            living: view.living.map(|holder| Clean::new(&holder.by)),
            last_words: interrupted.then(|| last_words(dir)).flatten(),
        }
    });
    RunSeen { id: dir.id.clone(), view }
}
