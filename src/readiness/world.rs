//! Parts of a topology that have nothing to do with each other: each is planned for as if it were alone, so that the time that
//! planning takes grows with the servers of a part and not with their square.

use std::collections::{BTreeMap, BTreeSet};

use super::Input;
use crate::domain::judge::Picture;
use crate::domain::name::SiteName;
use crate::domain::topology::Topology;

/// Some sites with everything that concerns them.
#[derive(Clone)]
pub(super) struct World {
    pub(super) topology: Topology,
    pub(super) picture: Picture,
}

/// Every part.
pub(super) fn apart(input: &Input<'_>) -> Vec<World> {
    let groups = Groups::of(input);
    let names: BTreeSet<&SiteName> = input.topology.sites.iter().map(|site| groups.name(&site.name)).collect();
    let mut rest = World { topology: input.topology.clone(), picture: input.picture.clone() };
    if names.len() == 1 {
        return vec![rest];
    }
    rest.topology.sites.clear();
    rest.topology.dial_plans.clear();
    rest.picture.sites.clear();
    rest.picture.dial_plans.clear();
    names.into_iter().map(|name| rest.with(input, |site| groups.name(site) == name)).collect()
}

impl World {
    /// What belongs to no site, and some sites.
    fn with(&self, input: &Input<'_>, is_in: impl Fn(&SiteName) -> bool) -> Self {
        let Self { mut topology, mut picture } = self.clone();
        topology.sites = input.topology.sites.iter().filter(|site| is_in(&site.name)).cloned().collect();
        topology.dial_plans = input.topology.dial_plans.iter().filter(|plan| is_in(&plan.site)).cloned().collect();
        picture.sites = input.picture.sites.iter().filter(|view| is_in(&view.name)).cloned().collect();
        picture.dial_plans = input.picture.dial_plans.iter().filter(|view| is_in(&view.site)).cloned().collect();
        Self { topology, picture }
    }
}

/// Sites that hang together: each leads to another one of its group, but for the one by which the group is called.
struct Groups<'a>(BTreeMap<&'a SiteName, &'a SiteName>);

impl<'a> Groups<'a> {
    fn of(input: &Input<'a>) -> Self {
        let topology = input.topology;
        let mut groups = Self(topology.sites.iter().map(|site| (&site.name, &site.name)).collect());
        for site in &topology.sites {
            groups.join(&site.name, site.standby.as_ref());
            for server in &site.servers {
                let partner = server.partner.as_ref().and_then(|partner| topology.server(partner));
                groups.join(&site.name, partner.map(|partner| &partner.site));
            }
        }
        for plan in &topology.dial_plans {
            for member in &plan.members {
                groups.join(&plan.site, topology.server(member).map(|server| &server.site));
            }
        }
        groups.join_members_seen(input);
        groups.join_owners(input);
        groups
    }

    /// Members that nobody declared.
    fn join_members_seen(&mut self, input: &Input<'a>) {
        for view in &input.picture.dial_plans {
            for member in &view.members {
                self.join(&view.site, input.topology.server(&member.fqdn).map(|server| &server.site));
            }
        }
    }

    /// A name may stand at a server of any site.
    fn join_owners(&mut self, input: &Input<'a>) {
        let owners: BTreeMap<std::net::IpAddr, &SiteName> = input
            .topology
            .servers()
            .flat_map(|server| server.addresses.iter().map(|address| (*address, &server.site)))
            .collect();
        for site in &input.picture.sites {
            let answers = site.servers.iter().flat_map(|server| &server.dns);
            for addresses in answers.filter_map(|answer| answer.answer.as_ref().ok()) {
                let four = addresses.a.iter().map(|a| std::net::IpAddr::V4(*a));
                for address in four.chain(addresses.aaaa.iter().map(|aaaa| std::net::IpAddr::V6(*aaaa))) {
                    self.join(&site.name, owners.get(&address).copied());
                }
            }
        }
    }

    /// What a site's group is called.
    fn name<'s>(&self, site: &'s SiteName) -> &'s SiteName
    where
        'a: 's,
    {
        let mut name = site;
        while let Some(next) = self.0.get(name).copied().filter(|next| *next != name) {
            name = next;
        }
        name
    }

    fn join(&mut self, one: &'a SiteName, other: Option<&'a SiteName>) {
        let Some(other) = other else { return };
        let (one, other) = (self.name(one), self.name(other));
        if one != other {
            self.0.insert(one, other);
        }
    }
}
