//! One side effect, complete: everything that is sent or run stands in it, so that a plan can hold it and a backend need ask nobody.
//!
//! And the words for how it ended. Nothing here does anything.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::clean::Clean;
use super::name::{BackendName, Fqdn};
use super::server::ServiceState;

/// A side effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Act {
    /// One RFC 2136 message.
    DnsUpdate(Update),
    /// One call of a command that changes a server's service state.
    Command(Call),
}

impl Act {
    /// The backend that carries it out.
    #[must_use]
    pub fn backend(&self) -> &BackendName {
        match self {
            Self::DnsUpdate(update) => &update.backend,
            Self::Command(call) => &call.backend,
        }
    }
}

/// One UPDATE message: what must be so (exactly), and what replaces it. All of it happens, or nothing does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The backend that signs and sends it.
    pub backend: BackendName,
    /// The zone of the message.
    pub zone: Fqdn,
    /// The one server that it goes to, before the address map.
    pub primary: SocketAddr,
    /// Address records.
    pub records: Vec<RecordChange>,
    /// Fence markers.
    pub markers: Vec<MarkerChange>,
}

/// An address RRset: required to be exactly `before` (prerequisites ignore TTLs), then deleted and added as `after`.
///
/// Equal sets are rewritten all the same: that is how a claim tests its permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordChange {
    /// The owner name.
    pub name: Fqdn,
    /// Which RRset.
    #[serde(rename = "type")]
    pub kind: RecordKind,
    /// What must be there; no values: the RRset must not exist.
    pub before: RrSet,
    /// What is there afterwards; no values: no such RRset.
    pub after: RrSet,
}

impl RecordChange {
    /// Whether there is no such set, before or afterwards: required to be absent, and not written.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.before.values.is_empty() && self.after.values.is_empty()
    }
}

/// Address record types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordKind {
    /// IPv4.
    A,
    /// IPv6.
    Aaaa,
}

/// The values of an RRset, sorted, and its TTL.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RrSet {
    /// Seconds.
    pub ttl: u32,
    /// Addresses of the RRset's family, sorted, each once.
    pub values: Vec<IpAddr>,
}

/// A marker: required to be exactly `before`; replaced by `after` where one is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerChange {
    /// The owner name of the TXT record.
    pub name: Fqdn,
    /// Its TTL in seconds.
    pub ttl: u32,
    /// The text that must be there; none: no TXT record at that name.
    pub before: Option<String>,
    /// The text afterwards; none: it is only required, not touched (the partner site's marker).
    pub after: Option<String>,
}

/// One call of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The backend whose command it is.
    pub backend: BackendName,
    /// What is asked for.
    pub verb: Verb,
    /// The server that changes.
    pub server: Fqdn,
    /// Program and arguments: exactly the topology file's constants, or the call is refused.
    pub argv: Vec<String>,
    /// Who asks; given to the command, so that its own log can name the run.
    pub run: String,
    /// The state that the server is in before.
    pub before: ServiceState,
    /// The state that proves the effect.
    pub after: ServiceState,
    /// Deadline of the call itself, in seconds.
    pub timeout_seconds: u64,
}

impl Call {
    /// What the command gets on standard input.
    #[must_use]
    pub fn stdin(&self) -> serde_json::Value {
        serde_json::json!({"server": self.server, "run": self.run})
    }
}

/// What a command is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Take no new calls, end those that are there.
    Drain,
    /// Take calls.
    Enable,
    /// Take no calls.
    Disable,
}

impl Verb {
    /// The topology file's key.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Drain => "drain",
            Self::Enable => "enable",
            Self::Disable => "disable",
        }
    }

    /// The state that it leads to.
    #[must_use]
    pub fn leads_to(self) -> ServiceState {
        match self {
            Self::Drain => ServiceState::NoNewCalls,
            Self::Enable => ServiceState::Enabled,
            Self::Disable => ServiceState::Disabled,
        }
    }
}

/// How a side effect ended. NOERROR or exit code 0 is none of these: the effect was read back, or it was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Effect {
    /// It happened, and was seen.
    Applied {
        /// What was seen.
        detail: Clean,
    },
    /// It did not happen and will not.
    NotApplied {
        /// The class of the reason.
        why: Refusal,
        /// The other side's words.
        detail: Clean,
    },
    /// It stands in the directory; the host itself could not be reached and takes it up when it returns.
    Recorded {
        /// What was seen.
        detail: Clean,
    },
    /// Nobody knows yet. Settled by observing, never by assuming.
    Unknown {
        /// What is missing.
        detail: Clean,
    },
}

/// Why a side effect did not happen, by class: servers differ in their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// A prerequisite: records or marker are not what the plan says. Somebody else was here.
    Fence,
    /// The key is not known or its secret is wrong.
    Auth,
    /// Known, and not allowed.
    Policy,
    /// Clocks differ.
    Clock,
    /// The server does not hold the zone, or the name is not in it.
    Zone,
    /// Refused without a signature: by the server, or by somebody on the way.
    Unsigned,
    /// Accepted, and read back unchanged: in journals of older versions. It may still come, so that it is not known now.
    Silent,
    /// The command said no, or another requester holds the state.
    Command,
    /// It was sent, or was about to be, and never took effect within the wait.
    Lost,
    /// It would take away the last server in service of a dial plan.
    Emptier,
    /// This console could not even try: nothing left the machine.
    Local,
}

impl Refusal {
    /// The word of timeline and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fence => "fence",
            Self::Auth => "auth",
            Self::Policy => "policy",
            Self::Clock => "clock",
            Self::Zone => "zone",
            Self::Unsigned => "refused, unsigned",
            Self::Silent => "accepted, unchanged",
            Self::Command => "command",
            Self::Lost => "no effect in time",
            Self::Emptier => "the last server in service",
            Self::Local => "not sent",
        }
    }
}

/// What is there now, compared with what a side effect starts from and leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seen", rename_all = "kebab-case")]
pub enum Observed {
    /// All of it is as before.
    Before {
        /// What was seen.
        detail: Clean,
    },
    /// All of it is as afterwards.
    After {
        /// What was seen.
        detail: Clean,
    },
    /// As afterwards in the directory only: the host itself does not answer.
    Recorded {
        /// What was seen.
        detail: Clean,
    },
    /// Neither: somebody else changed it, or the server is on its way.
    Other {
        /// What was seen.
        detail: Clean,
    },
    /// It could not be read.
    Unreadable {
        /// Why.
        detail: Clean,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_change_has_the_documented_json() {
        let set = |last| RrSet { ttl: 60, values: vec![IpAddr::from([192, 0, 2, last])] };
        let change = RecordChange {
            name: Fqdn::parse("um1.contoso.com").unwrap(),
            kind: RecordKind::A,
            before: set(11),
            after: set(23),
        };
        let json = r#"{"name":"um1.contoso.com","type":"A","before":{"ttl":60,"values":["192.0.2.11"]},"after":{"ttl":60,"values":["192.0.2.23"]}}"#;
        assert_eq!(serde_json::to_string(&change).unwrap(), json);
        assert_eq!(serde_json::from_str::<RecordChange>(json).unwrap(), change);
    }
}
