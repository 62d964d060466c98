//! Dial plans: who is a member by file and by report, and how many take calls.

use std::collections::BTreeMap;

use crate::domain::judge::{DialPlanView, MemberView, ServerView, SiteView};
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::server::{Server, Service};
use crate::domain::topology::{DialPlan, Topology};

/// Dial plans as they stand, from the views of all sites. `reported` holds the memberships of servers that a command reported.
pub(super) fn views(
    topology: &Topology,
    sites: &[SiteView],
    reported: &BTreeMap<Fqdn, Vec<crate::domain::name::DialPlanName>>,
) -> Vec<DialPlanView> {
    let servers: BTreeMap<&Fqdn, &ServerView> =
        sites.iter().flat_map(|site| &site.servers).map(|server| (&server.fqdn, server)).collect();
    topology
        .dial_plans
        .iter()
        .map(|plan| {
            let members = members(topology, plan, &servers, reported);
            DialPlanView {
                name: plan.name.clone(),
                site: plan.site.clone(),
                method: plan.method,
                to: destination(topology, plan),
                in_service: in_service(topology, &members),
                members,
            }
        })
        .collect()
}

fn members(
    topology: &Topology,
    plan: &DialPlan,
    servers: &BTreeMap<&Fqdn, &ServerView>,
    reported: &BTreeMap<Fqdn, Vec<crate::domain::name::DialPlanName>>,
) -> Vec<MemberView> {
    topology
        .servers()
        .filter_map(|server| {
            let declared = plan.members.contains(&server.fqdn);
            let reported = reported.get(&server.fqdn).map(|plans| plans.contains(&plan.name));
            let is_member = reported.unwrap_or(declared);
            (declared || reported == Some(true)).then(|| MemberView {
                fqdn: server.fqdn.clone(),
                declared,
                reported,
                in_service: is_member && servers.get(&server.fqdn).is_some_and(|view| view.in_service()),
            })
        })
        .collect()
}

/// Servers that take the plan's calls. Lync looks at members of the highest version only ([MS-EUMR]); where call routers
/// and UM services stand on different hosts, both are needed, so the smaller number counts.
fn in_service(topology: &Topology, members: &[MemberView]) -> usize {
    let declared = |member: &MemberView| topology.server(&member.fqdn);
    let highest = members.iter().filter_map(declared).map(|server| server.version.major).max();
    let serving: Vec<&Server> = members
        .iter()
        .filter(|member| member.in_service)
        .filter_map(declared)
        .filter(|server| Some(server.version.major) == highest)
        .collect();
    let with = |service: Service| serving.iter().filter(|server| server.listener(service).is_some()).count();
    let routed = members.iter().filter_map(declared).any(|server| server.listener(Service::CallRouter).is_some());
    if routed { with(Service::CallRouter).min(with(Service::Um)) } else { with(Service::Um) }
}

/// The standby of the plan's home site, when it has members there or names that can move there.
fn destination(topology: &Topology, plan: &DialPlan) -> Option<SiteName> {
    let standby = topology.site(&plan.site)?.standby.clone()?;
    let there = topology.site(&standby)?;
    there.servers.iter().any(|server| plan.members.contains(&server.fqdn)).then_some(standby)
}
