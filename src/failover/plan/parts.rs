//! What a plan says besides its steps: mode, pairs, fence, what the rules said, evidence, what stays.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::name::{DialPlanName, Fqdn};
use crate::domain::server::ServiceState;

/// How much care there is time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Everything is well and shall be elsewhere.
    Planned,
    /// The site that is left is dead, or dying.
    Emergency,
    /// An exercise on the demo, with backends and executor that refuse anything else.
    Drill,
}

/// Where a run leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Away from home.
    Over,
    /// Home.
    Back,
    /// To where an unfinished run began.
    RollBack,
}

impl Mode {
    /// The word of the JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Emergency => "emergency",
            Self::Drill => "drill",
        }
    }
}

impl Direction {
    /// The word of the JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Back => "back",
            Self::RollBack => "roll-back",
        }
    }
}

/// A server and the host that takes over from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The server that the pair is about; in a DNS design the name that moves.
    pub server: Fqdn,
    /// The host that serves it now.
    pub leaves: Fqdn,
    /// The host that serves it afterwards.
    pub enters: Fqdn,
}

/// A server that was asked for, or belongs to the site, and is not in the plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which server.
    pub server: Fqdn,
    /// Why.
    pub why: String,
}

/// The fence in one zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fence {
    /// The zone.
    pub zone: Fqdn,
    /// The write primary that is used.
    pub primary: SocketAddr,
    /// The site's own marker's name.
    pub marker: Fqdn,
    /// The sequence it was made against; 0 where there was no marker.
    pub seq: u64,
    /// The epoch that the run writes.
    pub epoch: u32,
    /// The partner site's marker's name, when it stands in this zone.
    pub partner: Option<Fqdn>,
    /// The sequence of the partner's marker, when there is one.
    pub partner_seq: Option<u64>,
}

/// What the plan was made against, besides records and markers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Base {
    /// Service states of the servers that take part; absent where it was not known.
    pub states: BTreeMap<Fqdn, Option<ServiceState>>,
    /// Members of the dial plans that are moved, as far as known.
    pub members: BTreeMap<DialPlanName, BTreeSet<Fqdn>>,
}

/// Which column of the rules' table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// The site that is left works, or may work.
    Planned,
    /// The site that is left is Down, or attested down with a reason.
    Emergency,
}

/// What a rule comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// Nothing is configured to judge it by.
    NotChecked,
    /// Worth knowing; nothing has to be done about it.
    Warn,
    /// It needs a reason, given by the rule's name.
    Reason,
    /// It forbids the run.
    Block,
}

impl Verdict {
    /// The word of the JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotChecked => "not-checked",
            Self::Warn => "warn",
            Self::Reason => "reason",
            Self::Block => "block",
        }
    }
}

/// What one rule said about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// The rule's name.
    pub id: String,
    /// What it was judged for: a server, name, zone, dial plan, or the plan itself.
    pub subject: String,
    /// What it comes to in this plan.
    pub outcome: Verdict,
    /// What was measured.
    pub measured: String,
    /// The reason why it may be passed over, where one was given.
    #[serde(rename = "override")]
    pub given: Option<String>,
}

impl RuleOutcome {
    /// Whether it still stands in the way: blocked, or a reason is wanting.
    #[must_use]
    pub fn stands_in_the_way(&self) -> bool {
        match self.outcome {
            Verdict::Block => true,
            Verdict::Reason => self.given.is_none(),
            Verdict::Warn | Verdict::NotChecked | Verdict::Pass => false,
        }
    }
}

/// Something that was seen, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When.
    pub at: Timestamp,
    /// Of what.
    pub subject: String,
    /// What was seen.
    pub seen: String,
}

/// How long old answers live on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caches {
    /// The longest time after the change, in seconds.
    pub seconds: u64,
    /// How that was found.
    pub why: String,
}

/// Something that will be left to do after the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OpenItem {
    /// Stable word: `takes-state-on-return`, `re-registration`, …
    pub id: String,
    /// About what.
    pub subject: String,
    /// What is to be done, and when it is over.
    pub says: String,
}
