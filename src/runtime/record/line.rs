//! What stands in a recording.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::app::{Event, Model, Settings};
use crate::domain::clean::Clean;
use crate::domain::topology::Topology;
use crate::domain::watch::SinceBook;
use crate::failover::plan::{Plan, RunId};
use crate::failover::run;

/// The version of recordings that this program writes and reads.
pub(super) const VERSION: u32 = 1;

/// The first line: what the session began with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    /// The format.
    #[serde(rename = "switchboard-recording")]
    pub(super) version: u32,
    /// The program that wrote it.
    pub program: String,
    /// When the session began.
    pub started: Timestamp,
    /// Who looked, and where.
    pub operator: String,
    /// The second clock's time zone, by its IANA name.
    pub zone: Option<String>,
    /// Its seconds east of UTC, where it has no name.
    pub offset: Option<i32>,
    /// Whether nothing could be changed from there.
    pub read_only: bool,
    /// Whether there was a state directory.
    pub can_run: bool,
    /// Which key did what.
    pub keymap: String,
    /// Since when findings held at the start.
    pub since: SinceBook,
    /// What was declared, without secrets.
    pub topology: Topology,
}

impl Header {
    /// The header of a session that begins with this model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            started: model.started,
            operator: model.settings.operator.clone(),
            zone: model.settings.zone.iana_name().map(str::to_owned),
            offset: model.settings.zone.to_fixed_offset().ok().map(Offset::seconds),
            read_only: model.settings.read_only,
            can_run: model.settings.can_run,
            keymap: model.keymap.to_toml(),
            since: model.watch.since().clone(),
            topology: Topology::clone(&model.topology),
        }
    }

    /// The settings of the session.
    pub(super) fn settings(&self) -> Settings {
        let named = self.zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let fixed = || self.offset.and_then(|seconds| Some(TimeZone::fixed(Offset::from_seconds(seconds).ok()?)));
        let zone = named.or_else(fixed).unwrap_or(TimeZone::UTC);
        Settings { operator: self.operator.clone(), zone, read_only: self.read_only, can_run: self.can_run }
    }
}

/// A line after the first. One of the last three is there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Line {
    /// Nanoseconds since the start.
    pub(super) ns: i64,
    /// A certificate that later lines name by its hash: DER in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<String>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<Event>,
    /// The runs of the state directory, each with what is new in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runs: Option<Vec<RunLine>>,
}

/// A run, as far as it is not what it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RunLine {
    pub(super) id: RunId,
    /// What is new; nothing when it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new: Option<RunNews>,
}

/// What is new in a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RunNews {
    /// Its journal could be read.
    Seen {
        /// Its plan, when it is new itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        plan: Option<Box<Plan>>,
        /// How many of its events are kept; what follows comes after them.
        keep: usize,
        /// Events that were added.
        events: Vec<(Timestamp, run::Event)>,
        /// Who its living executor works for.
        living: Option<Clean>,
        /// What a dead executor said last.
        last_words: Option<Clean>,
    },
    /// It could not, and why.
    Unreadable(Clean),
}
