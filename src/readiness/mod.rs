//! The source document's guidelines as checks, R1 to R14: what each asks for, what was seen, what to do about it. Pure.
//!
//! A check judges what is declared, the picture, and [`Facts`] that the picture does not hold. What was not observed is Unknown,
//! never Ok; what does not apply to a design says why. It asks nobody and changes nothing.

mod attempt;
mod book;
mod carry;
mod coverage;
mod facts;
mod fictional;
mod forest_trust;
mod ipv6;
mod membership;
mod notes;
mod number_book;
mod numbers;
mod owners;
mod partners;
mod plan_names;
mod pools;
mod redundancy;
mod table;
mod tool;
mod trust;
mod um_forests;
mod world;
mod write_test;
mod zone_seen;

use std::cell::OnceCell;

use jiff::Timestamp;

use attempt::Attempt;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::judge::{Picture, ServerView};
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::topology::{FailoverMethod, Topology};

pub use book::ReadyBook;
pub use carry::{Ready, ready, targets};
pub use facts::Facts;
pub use number_book::{NumberBook, NumberKind, Reading};
pub use table::{GUIDELINES, Guideline};
pub use write_test::{WriteSaid, WriteTest, write_tests};

/// The rubric of the source document, as its publisher files it.
pub const SOURCE: &str = "Gg398656";

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It does not concern this design.
    NotApplicable,
    /// The guideline is kept, and that was seen.
    Ok,
    /// It could not be judged.
    Unknown,
    /// It is kept, and may not be for long, or is not known to be meant so.
    Warning,
    /// It is not kept.
    Fail,
}

impl Status {
    /// The word in JSON and on screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Fail => "fail",
        }
    }
}

/// One guideline, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "WrittenCheck")]
pub struct Check {
    /// `R1` to `R14`.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// The source document's sentence, in English.
    pub guideline: &'static str,
    /// What it came to.
    pub status: Status,
    /// What was seen, with names and numbers; for what does not apply, why not.
    pub evidence: String,
    /// What to do; absent when there is nothing to do.
    pub advice: Option<String>,
}

/// A judged guideline as it is written down: its words are the program's own.
#[derive(Serialize, Deserialize)]
struct WrittenCheck {
    id: String,
    status: Status,
    evidence: String,
    advice: Option<String>,
}

impl From<Check> for WrittenCheck {
    fn from(check: Check) -> Self {
        let Check { id, status, evidence, advice, .. } = check;
        Self { id: id.to_owned(), status, evidence, advice }
    }
}

impl<'de> Deserialize<'de> for Check {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        WrittenCheck::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl TryFrom<WrittenCheck> for Check {
    type Error = String;

    fn try_from(written: WrittenCheck) -> Result<Self, String> {
        let WrittenCheck { id, status, evidence, advice } = written;
        let guideline = GUIDELINES.iter().find(|guideline| guideline.id == id);
        let Guideline { id, title, sentence, .. } = guideline.ok_or_else(|| format!("there is no guideline {id}"))?;
        Ok(Self { id, title, guideline: sentence, status, evidence, advice })
    }
}

/// The guidelines and whether each site could be failed over now, judged at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// The moment.
    pub at: Timestamp,
    /// R1 to R14.
    pub checks: Vec<Check>,
    /// Sites that the design fails over.
    pub sites: Vec<Ready>,
}

impl Readiness {
    /// Judges everything; the sites' answers know nothing of earlier ones until a [`ReadyBook`] settles them.
    #[must_use]
    pub fn judge(topology: &Topology, picture: &Picture, facts: &Facts) -> Self {
        let attempts = OnceCell::new();
        let input = Input { topology, picture, facts, attempts: &attempts };
        Self { at: picture.at, checks: check_all(&input), sites: carry::of_sites(&input) }
    }

    /// One guideline by its id.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// One site's answer, where the design fails it over.
    #[must_use]
    pub fn site(&self, name: &SiteName) -> Option<&Ready> {
        self.sites.iter().find(|ready| ready.site == *name)
    }
}

/// Judges every guideline, in their order.
#[must_use]
pub fn judge(topology: &Topology, picture: &Picture, facts: &Facts) -> Vec<Check> {
    check_all(&Input { topology, picture, facts, attempts: &OnceCell::new() })
}

fn check_all(input: &Input<'_>) -> Vec<Check> {
    GUIDELINES.iter().map(|guideline| guideline.check(input)).collect()
}

/// What every check looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) topology: &'a Topology,
    pub(crate) picture: &'a Picture,
    pub(crate) facts: &'a Facts,
    /// What came of planning for every failure; planned once, by whoever asks first.
    attempts: &'a OnceCell<Vec<Attempt>>,
}

impl<'a> Input<'a> {
    fn attempts(&self) -> &'a [Attempt] {
        self.attempts.get_or_init(|| attempt::all(self))
    }

    /// Views of all servers.
    fn views(&self) -> impl Iterator<Item = &'a ServerView> {
        self.picture.sites.iter().flat_map(|site| &site.servers)
    }

    fn view(&self, server: &Fqdn) -> Option<&'a ServerView> {
        self.views().find(|view| view.fqdn == *server)
    }

    /// Whether a dial plan of this method is declared.
    fn has(&self, method: FailoverMethod) -> bool {
        self.topology.dial_plans.iter().any(|plan| plan.method == method)
    }

    /// Whether a server's name moves when its site fails.
    fn moves(&self, server: &Fqdn) -> bool {
        self.topology.plans_of(server).any(|plan| plan.method == FailoverMethod::Dns)
    }
}
