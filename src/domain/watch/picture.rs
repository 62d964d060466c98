//! Puts the picture together from what is remembered.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::dns::DnsTrack;
use super::services::{Declared, pool_listener};
use super::{Watch, age, plans};
use crate::domain::health::{Class, Health};
use crate::domain::judge::{Picture, PoolView, ServerView, ServiceView, SiteView};
use crate::domain::observation::ProbeId;
use crate::domain::place::Place;
use crate::domain::server::Server;
use crate::domain::topology::{Pool, Site};

impl Watch {
    /// The picture without its findings.
    pub(super) fn observed_picture(&self, now: Timestamp) -> Picture {
        let topology = Arc::clone(&self.topology);
        let isolated = self.is_isolated(now);
        let mut sites: Vec<SiteView> = topology.sites.iter().map(|site| self.site_view(site, now)).collect();
        let mut pools: Vec<PoolView> = topology.pools.iter().map(|pool| self.pool_view(pool, now)).collect();
        if isolated {
            // What only this console cannot reach is not known to be down.
            let services = sites.iter_mut().flat_map(|site| &mut site.servers).flat_map(|server| &mut server.services);
            services
                .chain(pools.iter_mut().map(|pool| &mut pool.service))
                .for_each(|service| service.health = Health::Unknown);
            sites.iter_mut().flat_map(|site| &mut site.servers).for_each(|server| server.health = Health::Unknown);
        }
        let reported = topology
            .servers()
            .filter_map(|server| Some((server.fqdn.clone(), self.reported(&server.fqdn, now)?.dial_plans.clone())))
            .collect();
        for site in &mut sites {
            site.healthy = site.servers.iter().filter(|server| server.health == Health::Up).count();
        }
        let (oldest, waiting) = self.oldest(now);
        Picture {
            at: now,
            isolated,
            oldest,
            waiting,
            dial_plans: plans::views(&topology, &sites, &reported),
            dns: self.dns_views(now),
            states: self.state_views(now),
            crls: self.crl_views(now),
            lists: self.lists.clone(),
            sites,
            pools,
            findings: Vec::new(),
        }
    }

    fn site_view(&self, site: &Site, now: Timestamp) -> SiteView {
        let servers: Vec<ServerView> = site.servers.iter().map(|server| self.server_view(server, now)).collect();
        let away = servers.iter().filter(|server| matches!(server.place, Place::Moved { .. }));
        SiteView {
            name: site.name.clone(),
            standby: self.topology.is_standby(site),
            away: away.filter_map(|server| server.place_since).min(),
            healthy: 0,
            servers,
        }
    }

    fn server_view(&self, server: &Server, now: Timestamp) -> ServerView {
        let services: Vec<ServiceView> = server
            .listeners
            .iter()
            .map(|listener| {
                let probe = ProbeId::Sip { server: server.fqdn.clone(), service: listener.service };
                let address = server.endpoint(listener);
                self.service_view(&Declared { probe, listener: *listener, address }, now)
            })
            .collect();
        let name = self.names.get(&server.fqdn);
        let reported = self.reported(&server.fqdn, now);
        let health = services.iter().map(|service| service.health).max().unwrap_or(Health::Unknown);
        ServerView {
            fqdn: server.fqdn.clone(),
            health,
            since: services.iter().filter(|service| service.health == health).filter_map(|service| service.since).min(),
            place: name.map_or(Place::Unknown, |name| name.place.clone()),
            place_since: name.map(|name| name.since),
            state: reported.map(|state| state.state),
            normal: self.topology.normal_state(server),
            components: reported.map(|state| state.components.clone()).unwrap_or_default(),
            active_calls: reported.and_then(|state| state.active_calls),
            services,
            dns: self.answers(server),
        }
    }

    fn pool_view(&self, pool: &Pool, now: Timestamp) -> PoolView {
        let probe = ProbeId::Pool { pool: pool.fqdn.clone() };
        let address = pool.addresses.first().map(|address| SocketAddr::new(*address, pool.port));
        let listener = pool_listener(pool.transport, pool.port);
        let declared = Declared { probe, listener, address };
        PoolView { fqdn: pool.fqdn.clone(), site: pool.site.clone(), service: self.service_view(&declared, now) }
    }

    /// Whether nothing at all can be reached. A refusal is an answer of the network: it proves that there is one.
    fn is_isolated(&self, now: Timestamp) -> bool {
        let cut = |class: Class| matches!(class, Class::Unreachable | Class::NotTried);
        let mut services = self.services.values().filter(|track| age(track.at, now) <= self.too_old()).peekable();
        services.peek().is_some()
            && self.services.len() + self.dns.len() >= 2
            && services.all(|track| cut(track.tracker.state))
            && self.dns.values().all(DnsTrack::is_unreachable)
    }

    /// Age of the oldest newest result, and how many probes brought none yet.
    fn oldest(&self, now: Timestamp) -> (Option<std::time::Duration>, usize) {
        let listeners: usize = self.topology.servers().map(|server| server.listeners.len()).sum();
        let expected = listeners + self.topology.pools.len() + self.topology.dns_servers().count();
        let times = self.services.values().map(|track| track.at).chain(self.dns.values().map(|track| track.at));
        (times.map(|at| age(at, now)).max(), expected.saturating_sub(self.services.len() + self.dns.len()))
    }
}
