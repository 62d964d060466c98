//! One step of a plan: its exact content, its owner, what it should lead to, how it is undone.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::StepId;
use super::update::{DnsUpdate, RecordSet};
use crate::domain::act::Call;
use crate::domain::name::Fqdn;
use crate::domain::server::{Service, Transport};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Unique within the plan.
    pub id: StepId,
    /// Exactly what is done.
    #[serde(flatten)]
    pub action: Action,
    /// Who answers for it.
    pub owner: String,
    /// What it does, in one sentence.
    pub does: String,
    /// What holds when it is done.
    pub expect: String,
    /// How it is undone, in one sentence; what "nothing to undo" means where it changes nothing.
    pub undo: String,
    /// The exact undo, where it is not the update's own inverse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_command: Option<Box<Call>>,
    /// What comes before it where it takes a server out of service: no new calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_drain: Option<Box<Call>>,
    /// The last moment of this step, in seconds after it began.
    pub deadline_seconds: u64,
}

/// What a step does. `dns-update` and `command` change the world, all others only look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Action {
    /// One signed update to one zone at one server.
    DnsUpdate(Box<DnsUpdate>),
    /// One command without a shell.
    Command(Box<CommandStep>),
    /// SIP OPTIONS, to a fixed address or through the resolvers.
    SipCheck(SipCheck),
    /// The records as authoritative servers answer them.
    ReadBack(ReadBack),
    /// Waiting until no cache can hold the old answer any more.
    CacheWait(CacheWait),
    /// A call: by a command, or by a person who says that it was answered.
    Acceptance(Acceptance),
    /// Watching for a while that it holds.
    Soak(Soak),
}

impl Action {
    /// Whether it changes anything.
    #[must_use]
    pub fn has_effect(&self) -> bool {
        matches!(self, Self::DnsUpdate(_) | Self::Command(_))
    }

    /// The word of the JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::DnsUpdate(_) => "dns-update",
            Self::Command(_) => "command",
            Self::SipCheck(_) => "sip-check",
            Self::ReadBack(_) => "read-back",
            Self::CacheWait(_) => "cache-wait",
            Self::Acceptance(_) => "acceptance",
            Self::Soak(_) => "soak",
        }
    }
}

/// A command, exactly, and what proves that it had its effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandStep {
    /// The side effect.
    #[serde(flatten)]
    pub call: Call,
    /// What the command gets on standard input.
    pub stdin: Value,
    /// How long the effect may take to be seen, in seconds.
    pub effect_within_seconds: u64,
    /// Whether it is enough that the directory holds the new state, because the host cannot be reached (an open item until it is
    /// read back).
    pub recorded_is_enough: bool,
    /// Whether it may be issued again when its outcome stays unknown after the effect wait.
    pub idempotent: bool,
}

/// SIP OPTIONS to each of some listeners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SipCheck {
    /// Who is asked, as whom.
    pub targets: Vec<SipTarget>,
    /// What the answer has to be.
    pub want: SipWant,
    /// How it is reached.
    pub by: Path,
}

/// One listener that is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SipTarget {
    /// The name it is asked for: Request-URI and SNI.
    pub name: Fqdn,
    /// The host that should answer.
    pub host: Fqdn,
    /// Which service.
    pub service: Service,
    /// How.
    pub transport: Transport,
    /// The declared address and port of that host, before the address map.
    pub address: SocketAddr,
}

/// What an answer has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SipWant {
    /// The SIP stack is alive; refusing calls is fine (a standby that is declared disabled).
    Alive,
    /// New calls are taken: the class of answer that this vantage gets from healthy servers.
    InService,
}

/// How a listener is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Path {
    /// At the address that the plan names.
    Address,
    /// At the address that each resolver of the sending pools gives for the name.
    Resolvers,
}

/// Records as servers should show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadBack {
    /// The zone.
    pub zone: Fqdn,
    /// The authoritative servers that are asked, before the address map.
    pub servers: Vec<SocketAddr>,
    /// Whether a server that cannot be reached is excused by name, and watched.
    pub excuse_unreachable: bool,
    /// What each has to show: values and TTL.
    pub records: Vec<RecordSet>,
}

/// The caches' horizon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheWait {
    /// The longest that a cache may hold the old answer after the change, in seconds.
    pub seconds: u64,
    /// The resolvers of the sending pools, before the address map: when all show the new answer the wait is over.
    pub resolvers: Vec<SocketAddr>,
    /// What they have to show (values only).
    pub records: Vec<RecordSet>,
}

/// Proof by a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The configured command, run without a shell; none is configured when empty.
    pub argv: Vec<String>,
    /// What the operator says otherwise.
    pub attest: String,
    /// Numbers to call.
    pub numbers: Vec<String>,
}

/// Watching that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soak {
    /// For how long, in seconds.
    pub seconds: u64,
    /// Whose health is watched.
    pub hosts: Vec<Fqdn>,
}
