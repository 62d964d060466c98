//! Where a site's fence stands: the zones whose markers keep two runs of it apart, and the markers' names.

use super::marker::Marker;
use super::name::Fqdn;
use super::server::Server;
use super::topology::{Backend, FailoverMethod, Site, Topology, Zone};

impl Topology {
    /// The zones in which a site is fenced, each once and each one that a backend may change: where its names move, then where
    /// the commands of its servers have their fence.
    #[must_use]
    pub fn fenced_zones(&self, site: &Site) -> Vec<&Zone> {
        let moves = |server: &&Server| self.plans_of(&server.fqdn).any(|plan| plan.method == FailoverMethod::Dns);
        let names = site.servers.iter().filter(moves).filter_map(|server| self.zone_of(&server.fqdn));
        let commands = site.servers.iter().filter_map(|server| self.fence_of(server));
        let mut zones: Vec<&Zone> = Vec::new();
        for zone in names.chain(commands) {
            if !self.write_primaries(zone).is_empty() && !zones.iter().any(|known| known.name == zone.name) {
                zones.push(zone);
            }
        }
        zones
    }

    /// The first of the zones in which a site is fenced.
    #[must_use]
    pub fn fenced_zone(&self, site: &Site) -> Option<&Zone> {
        self.fenced_zones(site).into_iter().next()
    }

    /// The zone in which commands for a server are fenced, where its backend declares one that may be changed.
    #[must_use]
    pub fn fence_of(&self, server: &Server) -> Option<&Zone> {
        let Backend::Command(command) = self.backends.get(server.backend.as_ref()?)? else { return None };
        let declared = command.fence.as_ref()?;
        self.zones.iter().find(|zone| zone.name == *declared).filter(|zone| !self.write_primaries(zone).is_empty())
    }

    /// The name of a site's fence marker: `_switchboard.<site>.<zone>`, the site in lower case with hyphens for what DNS has not.
    #[must_use]
    pub fn marker_name(&self, site: &Site) -> Option<Fqdn> {
        Self::marker_name_in(site, self.fenced_zone(site)?)
    }

    /// The name of a site's fence marker in a zone.
    #[must_use]
    pub fn marker_name_in(site: &Site, zone: &Zone) -> Option<Fqdn> {
        Fqdn::parse(&format!("_switchboard.{}.{}", Marker::site_label(&site.name), zone.name)).ok()
    }
}
