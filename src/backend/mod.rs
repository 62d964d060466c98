//! What changes the world, behind one trait: DNS updates and commands.
//!
//! A backend carries out one complete [`Act`], once, and says what it saw. It knows no plan, no rule, no journal and never tries
//! again. A new backend is one file here and one line of [`REGISTRY`].

pub mod command;
mod dns_line;
mod dns_scope;
mod dns_update;
mod dns_update_gss;
mod leads;
mod read_back;
mod zone_read;

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::domain::act::{Act, Effect, Observed, Refusal};
use crate::domain::clean::Clean;
use crate::domain::name::BackendName;
use crate::domain::topology::{self, Topology};

pub(crate) use dns_update_gss::DEADLINE as UPDATE_DEADLINE;
pub use leads::{Lead, read_leads};
pub use zone_read::{NameRead, ZoneQuestions, ZoneRead, read_zone};

/// One way of changing the world.
pub trait Backend: Send + Sync {
    /// Does everything that can fail before anything leaves this machine: checks the act, builds and signs the message, finds
    /// the program. Nothing that it does can be seen from outside.
    fn prepare<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Result<Prepared, Refused>>;

    /// Sends once, to one place, and waits for the answer within its deadline. An answer that claims success is
    /// [`Sent::Claimed`]: the effect is believed when it is observed, not before.
    fn send<'a>(&'a self, prepared: Prepared, witness: &'a dyn Witness) -> BoxFuture<'a, Sent>;

    /// Reads what is there now. Changes nothing; used after sending and to settle what is unknown.
    fn observe<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Observed>;
}

impl dyn Backend {
    /// Carries an act out and says how it ended: prepared, sent once, read back once. A caller that keeps a journal does the three
    /// itself.
    pub async fn effect(&self, act: &Act, witness: &dyn Witness) -> Effect {
        match self.prepare(act).await {
            Err(refused) => refused.into(),
            Ok(prepared) => match self.send(prepared, witness).await {
                Sent::Refused(refused) => refused.into(),
                Sent::Claimed(said) => settle(Some(&said), self.observe(act).await),
                Sent::Recorded(said) => settle(Some(&said), self.observe(act).await).only_recorded(),
                Sent::Unclear(said) => settle(None, self.observe(act).await).or_unknown(&said),
            },
        }
    }
}

/// What an observation makes of an act that was sent. `claimed` is what the other side said when it claimed success: an effect that
/// was promised and is not seen in time may still come.
#[must_use]
pub fn settle(claimed: Option<&Clean>, observed: Observed) -> Effect {
    match (observed, claimed) {
        (Observed::After { detail }, _) => Effect::Applied { detail },
        (Observed::Recorded { detail }, _) => Effect::Recorded { detail },
        (Observed::Before { detail }, Some(said)) => Effect::Unknown {
            detail: format!("it was said to be done ({said}), and no effect is seen: {detail}").into(),
        },
        (Observed::Before { detail } | Observed::Other { detail } | Observed::Unreadable { detail }, _) => {
            Effect::Unknown { detail }
        }
    }
}

impl Effect {
    /// What was seen is what the directory says; the host takes it up when it returns.
    #[must_use]
    pub fn only_recorded(self) -> Self {
        match self {
            Self::Applied { detail } => Self::Recorded { detail },
            other => other,
        }
    }

    fn or_unknown(self, said: &Clean) -> Self {
        match self {
            Self::Unknown { detail } => Self::Unknown { detail: format!("{said}; {detail}").into() },
            settled => settled,
        }
    }
}

/// A message or call that is ready to go.
pub struct Prepared {
    /// SHA-256 of what will be sent, in hexadecimal; for the journal.
    pub digest: String,
    /// Where it will go, in words.
    pub destination: Clean,
    /// What the backend needs to send it.
    pub content: Box<dyn Any + Send>,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared({} to {})", self.digest, self.destination)
    }
}

/// Why something did not happen and will not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", .why.word())]
pub struct Refused {
    /// The class.
    pub why: Refusal,
    /// The other side's words.
    pub detail: Clean,
}

impl From<Refused> for Effect {
    fn from(refused: Refused) -> Self {
        Self::NotApplied { why: refused.why, detail: refused.detail }
    }
}

/// What sending brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The other side says that it did it.
    Claimed(Clean),
    /// The other side says that the directory holds it, and that the host itself could not be reached.
    Recorded(Clean),
    /// The other side refused, provably: nothing happened.
    Refused(Refused),
    /// No answer, half an answer, or one that proves nothing.
    Unclear(Clean),
}

/// Somebody who writes down what a backend is doing while it does it.
pub trait Witness: Send + Sync {
    /// A child process was started and is held back until this returns; an error means that it must be ended at once.
    fn started(&self, process: Process) -> BoxFuture<'_, Result<(), Clean>>;

    /// The last byte of the message or call has left; the answer is not here yet.
    fn sent(&self) -> BoxFuture<'_, ()>;
}

/// A child process, told from a later one with the same number by its start.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Process {
    /// Its number, which is its process group's number too.
    pub pid: u32,
    /// Its start in the system's own ticks (field 22 of `/proc/PID/stat`), where the system tells.
    pub started: Option<u64>,
}

/// Nobody writes anything down: for rehearsals and tests.
#[derive(Debug, Clone, Copy)]
pub struct NoWitness;

impl Witness for NoWitness {
    fn started(&self, _process: Process) -> BoxFuture<'_, Result<(), Clean>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn sent(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A backend could not be made ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// The plan names a backend that the topology file does not declare.
    #[error("no backend is named {0}: the plan was made with another topology file; make it again")]
    NotDeclared(BackendName),
    /// Its settings cannot be used.
    #[error("backend {name} cannot be used: {why}")]
    Unusable {
        /// Which one.
        name: BackendName,
        /// Why, and what to do.
        why: Clean,
    },
}

/// Makes a backend out of its settings; `None` when they are another kind's.
pub type Maker = fn(&Topology, &BackendName, &topology::Backend) -> Option<Result<Arc<dyn Backend>, BackendError>>;

/// Every kind of backend, one line each.
const REGISTRY: &[Maker] = &[dns_update::make, dns_update_gss::make, command::make];

/// The backends of a topology, by name. One that cannot be used is in nobody's way until it is needed.
#[derive(Clone, Default)]
pub struct Backends(BTreeMap<BackendName, Result<Arc<dyn Backend>, BackendError>>);

impl fmt::Debug for Backends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Backends {
    /// Makes every backend that the topology declares.
    #[must_use]
    pub fn of(topology: &Topology) -> Self {
        let make = |(name, settings): (&BackendName, &topology::Backend)| {
            let why = "no part of this program carries out its kind".into();
            let made = REGISTRY.iter().find_map(|make| make(topology, name, settings));
            (name.clone(), made.unwrap_or(Err(BackendError::Unusable { name: name.clone(), why })))
        };
        Self(topology.backends.iter().map(make).collect())
    }

    /// A set made by hand: for tests, and for rehearsals with stand-ins.
    #[must_use]
    pub fn from_parts(parts: impl IntoIterator<Item = (BackendName, Arc<dyn Backend>)>) -> Self {
        Self(parts.into_iter().map(|(name, backend)| (name, Ok(backend))).collect())
    }

    /// The backend of an act.
    pub fn of_act(&self, act: &Act) -> Result<&Arc<dyn Backend>, BackendError> {
        match self.0.get(act.backend()) {
            Some(Ok(backend)) => Ok(backend),
            Some(Err(error)) => Err(error.clone()),
            None => Err(BackendError::NotDeclared(act.backend().clone())),
        }
    }
}
