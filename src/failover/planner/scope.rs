//! What a request is about: sites, method, dial plans, and the pairs of servers and stand-ins.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{NameSeen, Refusal, Request, Seen, view};
use crate::domain::judge::Picture;
use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::server::{Server, Service, ServiceState};
use crate::domain::topology::{DialPlan, FailoverMethod, Site, Topology};
use crate::failover::plan::{LeftOut, Pair};

/// What a plan is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) site: SiteName,
    pub(super) other: SiteName,
    pub(super) from: SiteName,
    pub(super) to: SiteName,
    pub(super) method: FailoverMethod,
    pub(super) dial_plans: Vec<DialPlanName>,
    pub(super) pairs: Vec<Pair>,
    pub(super) left_out: Vec<LeftOut>,
}

pub(super) fn of(topology: &Topology, picture: &Picture, seen: &Seen, request: &Request) -> Result<Scope, Refusal> {
    let (site, other) = sites(topology, request)?;
    check_words(topology, site, request)?;
    let method = method(topology, site, request)?;
    let asked = Asked { topology, picture, seen, request, site, other, method };
    let mut pairs = Vec::new();
    let mut left_out = Vec::new();
    for server in site.servers.iter().filter(|server| asked.involved(server)) {
        match asked.pair(server)? {
            Ok(pair) => pairs.push(pair),
            Err(why) => left_out.push(LeftOut { server: server.fqdn.clone(), why }),
        }
    }
    if pairs.is_empty() {
        return Err(Asked::nothing(&left_out));
    }
    let from = if request.back { asked.left_site(&pairs) } else { site.name.clone() };
    Ok(Scope {
        site: site.name.clone(),
        other: other.name.clone(),
        to: if request.back { site.name.clone() } else { other.name.clone() },
        from,
        method,
        dial_plans: asked.dial_plans(&pairs),
        pairs,
        left_out,
    })
}

/// The site that is asked about, and the other one.
fn sites<'a>(topology: &'a Topology, request: &Request) -> Result<(&'a Site, &'a Site), Refusal> {
    let find = |name: &SiteName| {
        topology
            .site(name)
            .ok_or_else(|| Refusal::UnknownSite(name.clone(), listed(topology.sites.iter().map(|s| &s.name))))
    };
    let site = find(&request.site)?;
    let other = match (&request.to, &site.standby) {
        (Some(to), _) | (None, Some(to)) => find(to)?,
        (None, None) => return Err(Refusal::NoStandby(site.name.clone())),
    };
    if site.name == other.name { Err(Refusal::SameSite(site.name.clone())) } else { Ok((site, other)) }
}

/// Every name that was typed has to mean something here.
fn check_words(topology: &Topology, site: &Site, request: &Request) -> Result<(), Refusal> {
    if let Some(name) = &request.dial_plan
        && !topology.dial_plans.iter().any(|plan| plan.name == *name)
    {
        return Err(Refusal::UnknownDialPlan(name.clone(), listed(topology.dial_plans.iter().map(|plan| &plan.name))));
    }
    for server in request.servers.iter().chain(&request.leave_out).chain(request.map.keys()) {
        let declared = topology.server(server).ok_or_else(|| Refusal::UnknownServer(server.clone()))?;
        if declared.site != site.name {
            return Err(Refusal::OtherSite { server: server.clone(), site: site.name.clone() });
        }
        if !involved(topology, site, request, declared) {
            return Err(Refusal::NotInvolved { server: server.clone(), site: site.name.clone() });
        }
    }
    Ok(())
}

/// Dial plans that fail over from a site: by DNS every one that counts on its names, by enable/disable the site's own.
fn candidates<'a>(topology: &'a Topology, site: &'a Site) -> impl Iterator<Item = &'a DialPlan> {
    topology.dial_plans.iter().filter(|plan| match plan.method {
        FailoverMethod::Dns => site.servers.iter().any(|server| plan.members.contains(&server.fqdn)),
        FailoverMethod::EnableDisable => plan.site == site.name,
    })
}

fn asked_plans<'a>(topology: &'a Topology, site: &'a Site, request: &'a Request) -> impl Iterator<Item = &'a DialPlan> {
    let asked = |plan: &&DialPlan| request.dial_plan.as_ref().is_none_or(|name| plan.name == *name);
    candidates(topology, site).filter(asked)
}

fn involved(topology: &Topology, site: &Site, request: &Request, server: &Server) -> bool {
    asked_plans(topology, site, request).any(|plan| plan.members.contains(&server.fqdn))
}

/// The one method that all servers of the request follow, in every dial plan that counts on them.
fn method(topology: &Topology, site: &Site, request: &Request) -> Result<FailoverMethod, Refusal> {
    let asked = |server: &&Server| {
        (request.servers.is_empty() || request.servers.contains(&server.fqdn))
            && involved(topology, site, request, server)
    };
    let servers: Vec<&Server> = site.servers.iter().filter(asked).collect();
    let of = |method: FailoverMethod| {
        let counts = |plan: &&DialPlan| servers.iter().any(|server| plan.members.contains(&server.fqdn));
        candidates(topology, site).filter(move |plan| plan.method == method).find(counts)
    };
    match (of(FailoverMethod::Dns), of(FailoverMethod::EnableDisable)) {
        (Some(dns), Some(enable)) => Err(Refusal::MixedMethods { dns: dns.name.clone(), enable: enable.name.clone() }),
        (Some(_), None) => Ok(FailoverMethod::Dns),
        (None, Some(_)) => Ok(FailoverMethod::EnableDisable),
        (None, None) => Err(Refusal::NothingMoves { site: site.name.clone(), hint: hint(topology, site) }),
    }
}

/// A standby of somebody else's dial plan has nothing of its own to move.
fn hint(topology: &Topology, site: &Site) -> String {
    let serves = |plan: &&DialPlan| {
        plan.site != site.name && site.servers.iter().any(|server| plan.members.contains(&server.fqdn))
    };
    match topology.dial_plans.iter().find(serves) {
        Some(plan) => format!("; to bring {} home use `--from {} --back`", plan.name, plan.site),
        None => String::new(),
    }
}

struct Asked<'a> {
    topology: &'a Topology,
    picture: &'a Picture,
    seen: &'a Seen,
    request: &'a Request,
    site: &'a Site,
    other: &'a Site,
    method: FailoverMethod,
}

/// A pair, or why the server stays where it is.
type Paired = Result<Pair, String>;

impl Asked<'_> {
    fn involved(&self, server: &Server) -> bool {
        involved(self.topology, self.site, self.request, server)
    }

    fn pair(&self, server: &Server) -> Result<Paired, Refusal> {
        if self.request.leave_out.contains(&server.fqdn) {
            return Ok(Err("left out on request".to_owned()));
        }
        if !self.request.servers.is_empty() && !self.request.servers.contains(&server.fqdn) {
            return Ok(Err("not asked for".to_owned()));
        }
        match (self.method, self.request.back) {
            (FailoverMethod::Dns, false) => self.name_over(server),
            (FailoverMethod::Dns, true) => self.name_back(server),
            (FailoverMethod::EnableDisable, false) => self.service_over(server),
            (FailoverMethod::EnableDisable, true) => self.service_back(server),
        }
    }

    fn name_over(&self, server: &Server) -> Result<Paired, Refusal> {
        let stand_in = self.stand_in(server)?;
        Ok(match self.holder(server)? {
            Some(holder) if holder == stand_in.fqdn => Err(format!("already served by {holder}")),
            holder => Ok(Pair {
                server: server.fqdn.clone(),
                leaves: holder.unwrap_or_else(|| server.fqdn.clone()),
                enters: stand_in.fqdn.clone(),
            }),
        })
    }

    fn name_back(&self, server: &Server) -> Result<Paired, Refusal> {
        Ok(match self.holder(server)? {
            Some(holder) if holder == server.fqdn => Err("at home".to_owned()),
            holder => {
                let away = holder.or_else(|| server.partner.clone()).unwrap_or_else(|| server.fqdn.clone());
                Ok(Pair { server: server.fqdn.clone(), leaves: away, enters: server.fqdn.clone() })
            }
        })
    }

    fn service_over(&self, server: &Server) -> Result<Paired, Refusal> {
        let stand_in = self.stand_in(server)?;
        let is = |of: &Fqdn, state| view(self.picture, of).and_then(|view| view.state) == Some(state);
        if is(&stand_in.fqdn, ServiceState::Enabled) && is(&server.fqdn, ServiceState::Disabled) {
            return Ok(Err(format!("disabled already, {} is enabled", stand_in.fqdn)));
        }
        let (leaves, enters) = (server.fqdn.clone(), stand_in.fqdn.clone());
        Ok(Ok(Pair { server: server.fqdn.clone(), leaves, enters }))
    }

    fn service_back(&self, server: &Server) -> Result<Paired, Refusal> {
        let stand_in = self.stand_in(server)?;
        let state = |of: &Fqdn| view(self.picture, of).and_then(|view| view.state);
        let normal = self.topology.normal_state(stand_in);
        if state(&server.fqdn) == Some(ServiceState::Enabled) && state(&stand_in.fqdn) == Some(normal) {
            return Ok(Err(format!("at home: enabled, and {} is {}", stand_in.fqdn, word(normal))));
        }
        let (leaves, enters) = (stand_in.fqdn.clone(), server.fqdn.clone());
        Ok(Ok(Pair { server: server.fqdn.clone(), leaves, enters }))
    }

    /// The host that stands in: mapped, or the partner.
    fn stand_in(&self, server: &Server) -> Result<&Server, Refusal> {
        let none = || Refusal::NoPartner { server: server.fqdn.clone(), to: self.other.name.clone() };
        let Some(mapped) = self.request.map.get(&server.fqdn) else {
            let partner = server.partner.as_ref().and_then(|partner| self.topology.server(partner)).ok_or_else(none)?;
            return if partner.site == self.other.name { Ok(partner) } else { Err(none()) };
        };
        let bad =
            |why: &str| Refusal::BadMap { server: server.fqdn.clone(), stand_in: mapped.clone(), why: why.to_owned() };
        let stand_in = self.topology.server(mapped).ok_or_else(|| bad("the topology file has no such server"))?;
        if stand_in.site != self.other.name {
            return Err(bad(&format!("it is no server of {}", self.other.name)));
        }
        if services(stand_in) != services(server) {
            return Err(bad("it runs other services: a call router takes over from a call router"));
        }
        Ok(stand_in)
    }

    /// The server that has the addresses where the name points now; `None` where that is nobody of the topology.
    fn holder(&self, server: &Server) -> Result<Option<Fqdn>, Refusal> {
        let seen = name_seen(self.topology, self.seen, &server.fqdn)?;
        let owners: BTreeSet<Option<Fqdn>> =
            addresses(seen).map(|address| self.topology.owner_of(*address).map(|owner| owner.fqdn.clone())).collect();
        Ok(match owners.into_iter().collect::<Vec<_>>().as_slice() {
            [one] => one.clone(),
            _ => None,
        })
    }

    /// The site where the names are now.
    fn left_site(&self, pairs: &[Pair]) -> SiteName {
        let sites = pairs.iter().filter_map(|pair| self.topology.server(&pair.leaves));
        let away = sites.map(|server| &server.site).find(|site| **site != self.site.name);
        away.unwrap_or(&self.other.name).clone()
    }

    /// Dial plans whose calls are moved.
    fn dial_plans(&self, pairs: &[Pair]) -> Vec<DialPlanName> {
        let counts = |plan: &&DialPlan| pairs.iter().any(|pair| plan.members.contains(&pair.server));
        match self.method {
            // A name moves for everyone who uses it.
            FailoverMethod::Dns => {
                self.topology.dial_plans.iter().filter(counts).map(|plan| plan.name.clone()).collect()
            }
            FailoverMethod::EnableDisable => asked_plans(self.topology, self.site, self.request)
                .filter(counts)
                .map(|plan| plan.name.clone())
                .collect(),
        }
    }

    fn nothing(left_out: &[LeftOut]) -> Refusal {
        if !left_out.is_empty() && left_out.iter().all(|left| left.why == "left out on request") {
            return Refusal::AllLeftOut;
        }
        let told: Vec<String> = left_out.iter().map(|left| format!("{} is {}", left.server, left.why)).collect();
        Refusal::NothingToDo(told.join(", "))
    }
}

/// What the write primary of a name's zone shows for it.
pub(super) fn name_seen<'a>(topology: &Topology, seen: &'a Seen, name: &Fqdn) -> Result<&'a NameSeen, Refusal> {
    let zone = topology.zone_of(name).ok_or_else(|| Refusal::NoZone(name.clone()))?;
    if topology.write_primaries(zone).is_empty() {
        return Err(Refusal::NoPrimary(zone.name.clone()));
    }
    let shown = seen.zones.get(&zone.name);
    let primary = shown.map_or_else(|| "of its zone".to_owned(), |zone| zone.primary.to_string());
    let unread = |why: &str| Refusal::NotRead { name: name.clone(), primary: primary.clone(), why: why.to_owned() };
    let answer = shown.and_then(|zone| zone.names.get(name)).ok_or_else(|| unread("it was not asked"))?;
    let answer = answer.as_ref().map_err(|why| unread(why))?;
    match &answer.alias {
        Some(target) => Err(Refusal::Alias { name: name.clone(), target: target.clone() }),
        None => Ok(answer),
    }
}

fn addresses(seen: &NameSeen) -> impl Iterator<Item = &IpAddr> {
    seen.a.values.iter().chain(&seen.aaaa.values)
}

pub(super) fn services(server: &Server) -> Vec<Service> {
    server.listeners.iter().map(|listener| listener.service).collect()
}

fn listed<T: std::fmt::Display>(names: impl Iterator<Item = T>) -> String {
    names.map(|name| name.to_string()).collect::<Vec<_>>().join(", ")
}

fn word(state: ServiceState) -> String {
    state.word().to_ascii_lowercase()
}
