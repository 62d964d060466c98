//! What operators said about findings: acknowledged, with a reason; expected, while a declared maintenance window is open.
//!
//! Shared by the consoles of a state directory. Neither changes what is judged: a finding is shown in its place and counted apart,
//! and one that is worse than what was acknowledged, or that no maintenance explains, is shown as if nothing had been said.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clean::Clean;
use super::finding::{Finding, Severity};
use super::name::{Fqdn, SiteName};
use super::topology::Topology;

/// Everything that was said and still counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Attention {
    /// Acknowledgements.
    pub acknowledged: Vec<Acknowledgement>,
    /// Maintenance windows.
    pub windows: Vec<Window>,
}

/// Somebody knows of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The finding's kind.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// How bad it was then; a worse one is not acknowledged.
    pub severity: Severity,
    /// Since when the finding held, as its console saw it.
    pub since: Timestamp,
    /// By whom.
    pub by: Clean,
    /// When. A finding that ended and came again later is not acknowledged.
    pub at: Timestamp,
    /// Why it needs nobody now.
    pub reason: Clean,
}

/// Work on something is declared: what comes of it is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// On what.
    pub scope: Scope,
    /// From when.
    pub from: Timestamp,
    /// Until when; it ends by itself.
    pub until: Timestamp,
    /// By whom.
    pub by: Clean,
    /// What for.
    pub reason: Clean,
}

/// What is worked on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// A site with its servers and pools.
    Site(SiteName),
    /// One server or pool.
    Host(Fqdn),
}

/// What an operator says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// A finding needs nobody now.
    Acknowledge(Acknowledgement),
    /// It does, after all.
    Recall {
        /// The finding's kind.
        id: String,
        /// What it is about.
        subject: String,
    },
    /// Work begins.
    Open(Window),
    /// Work is over before its time.
    End(Scope),
}

/// Why a finding asks for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Muted<'a> {
    /// Somebody acknowledged it.
    Acknowledged(&'a Acknowledgement),
    /// It is expected while something is worked on.
    Expected(&'a Window),
}

/// What was said, as it counts at a moment for a topology.
#[derive(Debug, Clone, Copy)]
pub struct Ear<'a> {
    /// What was said.
    pub attention: &'a Attention,
    /// What sites and hosts there are.
    pub topology: &'a Topology,
    /// The moment.
    pub now: Timestamp,
}

/// Kinds of findings that work on a host brings about. Certificates, foreign names and what callers would notice are never expected.
const EXPECTED: &[&str] = &[
    "server-down",
    "server-degraded",
    "sip-silent",
    "not-sip",
    "refusing-calls",
    "slow",
    "flapping",
    "stale",
    "unexpectedly-in-service",
    "unexpectedly-disabled",
    "draining",
    "state-contradicted",
    "state-missing",
    "pool-down",
    "pool-degraded",
    "name-moved",
];

impl Scope {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Site(site) => format!("site {site}"),
            Self::Host(host) => host.to_string(),
        }
    }

    /// Whether something of that name is worked on.
    #[must_use]
    pub fn holds(&self, topology: &Topology, subject: &str) -> bool {
        match self {
            Self::Host(host) => host.as_str() == subject,
            Self::Site(site) => {
                let server =
                    || topology.servers().any(|server| server.fqdn.as_str() == subject && server.site == *site);
                let pool = || topology.pools.iter().any(|pool| pool.fqdn.as_str() == subject && pool.site == *site);
                site.as_str() == subject || server() || pool()
            }
        }
    }
}

impl Window {
    /// Whether it is open, and for how long still.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Option<Duration> {
        let open = self.from <= now && now < self.until;
        open.then(|| Duration::try_from(self.until.duration_since(now)).unwrap_or_default())
    }
}

impl Attention {
    /// Takes something that was said.
    pub fn hear(&mut self, said: Said) {
        match said {
            Said::Acknowledge(new) => {
                self.acknowledged.retain(|old| (&old.id, &old.subject) != (&new.id, &new.subject));
                self.acknowledged.push(new);
            }
            Said::Recall { id, subject } => {
                self.acknowledged.retain(|old| (&old.id, &old.subject) != (&id, &subject));
            }
            Said::Open(new) => {
                // Windows that are over go with it; an acknowledgement stays, one for each finding at most.
                self.windows.retain(|old| old.scope != new.scope && old.until > new.from);
                self.windows.push(new);
            }
            Said::End(scope) => self.windows.retain(|old| old.scope != scope),
        }
    }

    /// The window that is open for something, the one that ends last.
    #[must_use]
    pub fn window<'a>(&'a self, topology: &Topology, subject: &str, now: Timestamp) -> Option<&'a Window> {
        let open = self.windows.iter().filter(|window| window.left(now).is_some());
        open.filter(|window| window.scope.holds(topology, subject)).max_by_key(|window| window.until)
    }

    /// Why a finding asks for nobody now, when it does not.
    #[must_use]
    pub fn muted<'a>(&'a self, topology: &Topology, finding: &Finding, now: Timestamp) -> Option<Muted<'a>> {
        let known = self.acknowledged.iter().find(|said| said.is_of(finding) && finding.severity <= said.severity);
        let expected = || {
            let of_this_kind = EXPECTED.contains(&finding.id);
            self.window(topology, &finding.subject, now).filter(|_| of_this_kind).map(Muted::Expected)
        };
        known.map(Muted::Acknowledged).or_else(expected)
    }
}

impl<'a> Ear<'a> {
    /// Why a finding asks for nobody now, when it does not.
    #[must_use]
    pub fn muted(&self, finding: &Finding) -> Option<Muted<'a>> {
        self.attention.muted(self.topology, finding, self.now)
    }

    /// Those that ask for somebody.
    pub fn asking<'f>(&self, findings: &'f [Finding]) -> impl Iterator<Item = &'f Finding> {
        findings.iter().filter(|finding| self.muted(finding).is_none())
    }
}

impl Acknowledgement {
    /// Whether a finding is the one that was acknowledged. Consoles do not notice it in the same second, so the moment when it began
    /// says nothing; one that began after the acknowledgement had ended in between, and came again.
    fn is_of(&self, finding: &Finding) -> bool {
        self.id == finding.id && self.subject == finding.subject && finding.since <= self.at.max(self.since)
    }
}
