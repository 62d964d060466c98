//! From what is declared and what was seen to what would be done: pair by pair, over and back, by DNS or by enable/disable.
//!
//! Judges nothing (the rules do) and guesses nothing: what cannot be planned is a [`Refusal`].

mod again;
mod claim;
mod dns;
mod fence;
mod refusal;
mod scope;
mod service;
mod single;
mod steps;
mod takeover;
mod verbs;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use jiff::Timestamp;

use super::plan::{Content, Direction, GOOD_FOR, Mode, OpenItem, RunId, Step};
use crate::domain::act::RrSet;
use crate::domain::judge::{Picture, ServerView};
use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::topology::{FailoverMethod, Topology};

pub use again::{plan_again, reasons_of};
pub use fence::marker_ttl;
pub use refusal::Refusal;
pub use single::service_plan;
pub(crate) use steps::targets;
pub use takeover::takeover_plan;
pub use verbs::{WrongVerb, check_verb};
pub(crate) use words::members;

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The site whose names and dial plans move.
    pub site: SiteName,
    /// The other site, where the topology does not say it.
    pub to: Option<SiteName>,
    /// Only this dial plan's servers.
    pub dial_plan: Option<DialPlanName>,
    /// Only these servers of the site; all of them when empty.
    pub servers: Vec<Fqdn>,
    /// Servers with another stand-in than their partner.
    pub map: BTreeMap<Fqdn, Fqdn>,
    /// Servers of the site that stay where they are.
    pub leave_out: BTreeSet<Fqdn>,
    /// Home instead of away.
    pub back: bool,
    /// How much care there is time for.
    pub mode: Mode,
    /// The write primary, when it is not the first one that the zone's backend lists.
    pub primary: Option<SocketAddr>,
    /// Whether to do without a marker, in a zone that takes no TXT records.
    pub without_marker: bool,
    /// One sentence for the whole run.
    pub reason: Option<String>,
    /// Why the site that is left counts as down although it was not seen to be.
    pub attested: Option<String>,
    /// Who asks, and on which machine.
    pub by: String,
}

impl Request {
    /// A whole site, over, planned; everything else as it comes.
    #[must_use]
    pub fn whole_site(site: SiteName, by: &str) -> Self {
        Self {
            site,
            to: None,
            dial_plan: None,
            servers: Vec::new(),
            map: BTreeMap::new(),
            leave_out: BTreeSet::new(),
            back: false,
            mode: Mode::Planned,
            primary: None,
            without_marker: false,
            reason: None,
            attested: None,
            by: by.to_owned(),
        }
    }
}

/// What is made with the plan and cannot come from a pure room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making {
    /// The run's name.
    pub id: RunId,
    /// The moment.
    pub now: Timestamp,
}

/// What the write primaries themselves show, read for this plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// By zone.
    pub zones: BTreeMap<Fqdn, ZoneSeen>,
}

/// One zone, as its write primary shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneSeen {
    /// The primary, before the address map.
    pub primary: SocketAddr,
    /// When.
    pub at: Timestamp,
    /// The records of each name, or why they could not be read.
    pub names: BTreeMap<Fqdn, Result<NameSeen, String>>,
    /// The texts at each marker's name, none when there is no marker, or why they could not be read.
    pub markers: BTreeMap<Fqdn, Result<Vec<String>, String>>,
}

/// The records of one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameSeen {
    /// A records; no values when there is none.
    pub a: RrSet,
    /// AAAA records; no values when there is none.
    pub aaaa: RrSet,
    /// Where a CNAME leads.
    pub alias: Option<Fqdn>,
}

/// Plans a failover.
///
/// # Errors
/// [`Refusal`] when it cannot be planned, or when there is nothing to do.
pub fn plan(
    topology: &Topology,
    picture: &Picture,
    seen: &Seen,
    request: &Request,
    making: &Making,
) -> Result<Content, Refusal> {
    let scope = scope::of(topology, picture, seen, request)?;
    let room = Room { topology, picture, seen, request, making, scope: &scope };
    let (fences, steps) = match scope.method {
        FailoverMethod::Dns => dns::plan(&room)?,
        FailoverMethod::EnableDisable => service::plan(&room)?,
    };
    Ok(room.content(fences, steps))
}

/// What every part of the planner looks at.
struct Room<'a> {
    topology: &'a Topology,
    picture: &'a Picture,
    seen: &'a Seen,
    request: &'a Request,
    making: &'a Making,
    scope: &'a scope::Scope,
}

impl Room<'_> {
    fn content(&self, fences: Vec<super::plan::Fence>, steps: Vec<Step>) -> Content {
        let scope = self.scope;
        Content {
            id: self.making.id.clone(),
            mode: self.request.mode,
            column: words::column(self.picture, scope, self.request),
            direction: if self.request.back { Direction::Back } else { Direction::Over },
            method: scope.method,
            site: scope.site.clone(),
            from: scope.from.clone(),
            to: scope.to.clone(),
            environment: self.topology.console.environment.word().to_owned(),
            console: self.topology.console.name.clone(),
            by: self.request.by.clone(),
            reason: self.request.reason.clone(),
            created: self.making.now,
            expires: self.making.now.checked_add(GOOD_FOR).unwrap_or(Timestamp::MAX),
            dial_plans: scope.dial_plans.clone(),
            pairs: scope.pairs.clone(),
            left_out: scope.left_out.clone(),
            last_return: steps::last_return(&steps),
            caches: words::caches(self, &steps),
            stays: words::stays(self),
            open_items: self.open_items(&steps),
            notes: words::notes(self, &fences, &steps),
            evidence: words::evidence(self, &steps),
            base: words::base(self, &steps),
            rules: Vec::new(),
            fences,
            steps,
        }
    }

    fn open_items(&self, steps: &[Step]) -> Vec<OpenItem> {
        words::open_items(self, steps)
    }
}

/// A server's view, where the picture has one.
pub(super) fn view<'a>(picture: &'a Picture, server: &Fqdn) -> Option<&'a ServerView> {
    picture.sites.iter().flat_map(|site| &site.servers).find(|view| view.fqdn == *server)
}
