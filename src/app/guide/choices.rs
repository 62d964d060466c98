//! What an operator chose before a plan is made, and the request that comes of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::health::Health;
use crate::domain::judge::Picture;
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::place::Place;
use crate::domain::topology::Topology;
use crate::failover::plan::{Mode, Plan};
use crate::failover::planner::Request;

use super::{Asked, Guide};

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// Servers that the request is for, in the topology's order.
    pub servers: Vec<Fqdn>,
    /// Of these, those that stay where they are.
    pub left_out: BTreeSet<Fqdn>,
    /// Servers with another stand-in than their partner.
    pub map: BTreeMap<Fqdn, Fqdn>,
    /// How much care there is time for.
    pub mode: Mode,
    /// Minutes after which an unconfirmed run turns back by itself.
    pub commit_confirm: Option<u64>,
    /// Reasons by rule.
    pub reasons: BTreeMap<String, String>,
    /// The sentence for the whole run.
    pub reason: Option<String>,
}

/// Minutes that can be chosen.
const COMMIT_CONFIRM: [Option<u64>; 4] = [None, Some(10), Some(20), Some(30)];

impl Choices {
    /// What is chosen at first: the whole site, with as much care as its state leaves time for.
    #[must_use]
    pub fn first(topology: &Topology, picture: &Picture, asked: &Asked) -> Self {
        let servers = servers_of(topology, asked);
        let dead = |fqdn: &Fqdn| {
            let views = picture.sites.iter().flat_map(|site| &site.servers);
            views.clone().any(|view| view.fqdn == *fqdn && view.health == Health::Down)
        };
        let lost = !servers.is_empty() && servers.iter().all(dead) && !picture.isolated;
        let over = matches!(asked, Asked::Site { back: false, .. });
        Self { servers, mode: if lost && over { Mode::Emergency } else { Mode::Planned }, ..Self::nothing() }
    }

    /// What a plan says was chosen.
    #[must_use]
    pub fn of_plan(plan: &Plan) -> Self {
        let servers = plan.pairs.iter().map(|pair| pair.server.clone()).collect();
        Self { servers, mode: plan.mode, reason: plan.reason.clone(), ..Self::nothing() }
    }

    fn nothing() -> Self {
        Self {
            servers: Vec::new(),
            left_out: BTreeSet::new(),
            map: BTreeMap::new(),
            mode: Mode::Planned,
            commit_confirm: None,
            reasons: BTreeMap::new(),
            reason: None,
        }
    }

    /// Leaves a server out, or takes it in again.
    pub(super) fn leave_out(&mut self, server: &Fqdn) {
        if !self.left_out.remove(server) {
            self.left_out.insert(server.clone());
        }
    }

    /// The other mode. A reason for one of them is none for the other.
    pub(super) fn turn_mode(&mut self) {
        self.reasons.clear();
        self.mode = if self.mode == Mode::Planned { Mode::Emergency } else { Mode::Planned };
        if self.mode == Mode::Emergency {
            self.commit_confirm = None;
        }
    }

    /// The next or previous number of minutes.
    pub(super) fn turn_commit_confirm(&mut self, forward: bool) {
        let at = COMMIT_CONFIRM.iter().position(|minutes| *minutes == self.commit_confirm).unwrap_or(0);
        let step = if forward { 1 } else { COMMIT_CONFIRM.len() - 1 };
        self.commit_confirm =
            if self.mode == Mode::Emergency { None } else { COMMIT_CONFIRM[(at + step) % COMMIT_CONFIRM.len()] };
    }

    /// The next stand-in of a server: its partner, then every other server of the partner's site.
    pub(super) fn turn_stand_in(&mut self, topology: &Topology, server: &Fqdn) {
        let Some(declared) = topology.server(server) else { return };
        let Some(site) = topology.site(&declared.site).and_then(|site| site.standby.as_ref()) else { return };
        let Some(there) = topology.site(site) else { return };
        let candidates: Vec<&Fqdn> = there.servers.iter().map(|server| &server.fqdn).collect();
        let now = self.map.get(server).or(declared.partner.as_ref());
        let at = now.and_then(|now| candidates.iter().position(|candidate| *candidate == now));
        let next = at.map_or(0, |at| (at + 1) % candidates.len().max(1));
        match candidates.get(next) {
            Some(next) if declared.partner.as_ref() == Some(*next) => drop(self.map.remove(server)),
            Some(next) => drop(self.map.insert(server.clone(), (*next).clone())),
            None => {}
        }
    }
}

/// The servers that a request would be for.
fn servers_of(topology: &Topology, asked: &Asked) -> Vec<Fqdn> {
    match asked {
        Asked::Service { server, .. } => vec![server.clone()],
        Asked::Site { site, .. } => {
            let declared = topology.site(site).map(|site| site.servers.as_slice()).unwrap_or_default();
            let involved = |fqdn: &Fqdn| topology.plans_of(fqdn).next().is_some();
            let servers = declared.iter().map(|server| server.fqdn.clone()).filter(|fqdn| involved(fqdn));
            servers.collect()
        }
    }
}

impl Guide {
    /// The request for a plan, in the planner's words.
    pub(super) fn request(&self, by: &str) -> Request {
        let (site, back) = match &self.asked {
            Asked::Site { site, back } => (site.clone(), *back),
            Asked::Service { .. } => (SiteName::new(""), false),
        };
        let choices = &self.choices;
        let attested = ["source-needs-it", "seen-elsewhere"].iter().find_map(|rule| choices.reasons.get(*rule));
        Request {
            map: choices.map.clone(),
            leave_out: choices.left_out.clone(),
            back,
            mode: choices.mode,
            reason: choices.reason.clone(),
            attested: attested.cloned(),
            ..Request::whole_site(site, by)
        }
    }
}

/// Sites whose names or calls are away from home.
#[must_use]
pub fn away(picture: &Picture) -> Vec<&SiteName> {
    let is_away = |site: &&crate::domain::judge::SiteView| {
        site.away.is_some() || site.servers.iter().any(|server| matches!(server.place, Place::Moved { .. }))
    };
    picture.sites.iter().filter(is_away).map(|site| &site.name).collect()
}
