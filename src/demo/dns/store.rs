//! The primary's zone and ledger under one lock: an update is checked and applied without anything in between.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::Name;
use tokio::sync::watch;

use super::WallClock;
use super::ledger::{self, Author, Entry, Ledger};
use super::update;
use super::zone::Zone;
use crate::wire::dns::code;

pub(super) struct Store {
    state: Mutex<State>,
    allowed: Option<Vec<Name>>,
    clock: WallClock,
    serial: watch::Sender<u32>,
}

struct State {
    zone: Zone,
    ledger: Ledger,
}

impl Store {
    /// Takes a zone over; `allowed` names the only names that updates may change.
    pub(super) fn new(zone: Zone, allowed: Option<Vec<Name>>, clock: WallClock) -> Self {
        let serial = watch::Sender::new(zone.serial());
        Self { state: Mutex::new(State { zone, ledger: Ledger::default() }), allowed, clock, serial }
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        u64::try_from((self.clock)().as_second()).unwrap_or(0)
    }

    /// Tells of every new serial.
    pub(super) fn serials(&self) -> watch::Receiver<u32> {
        self.serial.subscribe()
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&Zone) -> T) -> T {
        look(&self.lock().zone)
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.lock().ledger.entries()
    }

    /// Carries an update out, or refuses it, and enters it in the ledger either way.
    pub(super) fn update(&self, message: &Message, author: Author) -> ResponseCode {
        let mut state = self.lock();
        let result = update::apply(&state.zone, message, self.allowed.as_deref());
        let code = result.as_ref().err().copied().unwrap_or(ResponseCode::NoError);
        let next = result.unwrap_or_else(|_| state.zone.clone());
        self.replace(&mut state, next, message.id, author, code);
        code
    }

    /// Enters a refusal in the ledger.
    pub(super) fn refuse(&self, message: &Message, author: Author, code: ResponseCode) {
        let mut state = self.lock();
        let same = state.zone.clone();
        self.replace(&mut state, same, message.id, author, code);
    }

    /// Changes the zone from inside the demo; what changes nothing is not entered.
    pub(super) fn edit(&self, author: Author, change: impl FnOnce(&mut Zone)) {
        let mut state = self.lock();
        let mut next = state.zone.clone();
        change(&mut next);
        if next != state.zone {
            next.bump();
            self.replace(&mut state, next, 0, author, ResponseCode::NoError);
        }
    }

    fn replace(&self, state: &mut State, next: Zone, id: u16, author: Author, code: ResponseCode) {
        let changes = ledger::changes(&state.zone, &next);
        let serial = next.serial();
        state.zone = next;
        state.ledger.push(Entry { at: (self.clock)(), id, author, code: code::name(code), serial, changes });
        self.serial.send_if_modified(|known| std::mem::replace(known, serial) != serial);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can stop half-way: the zone is replaced whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
