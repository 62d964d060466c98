//! A deployment that keeps every guideline, in either design, and what its checks say of it after a change.

use std::collections::BTreeMap;

use switchboard::domain::certificate::{Facts as Certificate, TrustVerdict};
use switchboard::domain::judge::{CertificateView, Picture};
use switchboard::domain::name::{BackendName, ForestName};
use switchboard::domain::observation::{Addresses, DnsKind};
use switchboard::domain::topology::{Backend, Forest, Topology};
use switchboard::domain::watch::Lookup;
use switchboard::readiness::{self, Check, Facts, NumberBook};

use crate::fixture;

/// What checks look at.
pub(crate) struct World {
    pub(crate) topology: Topology,
    pub(crate) picture: Picture,
    pub(crate) facts: Facts,
}

impl World {
    /// The first design.
    pub(crate) fn by_dns() -> Self {
        Self::of(fixture::by_dns())
    }

    /// The second design.
    pub(crate) fn by_enabling() -> Self {
        Self::of(fixture::by_enabling())
    }

    fn of(mut topology: Topology) -> Self {
        let numbers = [("+441212345678", "+33123456789"), ("+4930123456", "+353221234567")];
        for (plan, (access, attendant)) in topology.dial_plans.iter_mut().zip(numbers) {
            plan.access_numbers = vec![access.into()];
            plan.auto_attendants = vec![attendant.into()];
            plan.enterprise_voice = Some(plan.name.to_string());
        }
        for site in &mut topology.sites {
            site.owners.confirmed = Some("2026-11-02".parse().unwrap());
            site.forest = Some(ForestName::new("contoso.com"));
        }
        topology.forests = vec![forest("contoso.com", &[])];
        if let Some(Backend::Command(command)) = topology.backends.get_mut(&exchange()) {
            command.check = Some(vec!["um-tool".into(), "check".into()]);
        }
        let mut picture = fixture::picture(&topology);
        let pool_certificate = fixture::certificate(&topology, topology.servers().next().unwrap());
        picture.pools[0].service.certificate = Some(pool_certificate.into());
        let mut world = Self { facts: Facts::on("2026-11-22".parse().unwrap()), topology, picture };
        world.learn();
        world
    }

    fn learn(&mut self) {
        let resolver = self.topology.resolvers[0];
        let answer = Addresses { a: vec!["192.0.2.31".parse().unwrap()], ttl: Some(60), ..Addresses::default() };
        let lookup = Lookup { server: resolver, kind: DnsKind::Resolver, answer: Ok(answer) };
        let primary = self.topology.write_primaries(&self.topology.zones[0])[0].address;
        let markers =
            self.topology.sites.iter().filter_map(|site| Topology::marker_name_in(site, &self.topology.zones[0]));
        let markers = markers.map(|name| (name, Ok(Vec::new()))).collect();
        self.facts.pools = BTreeMap::from([(self.topology.pools[0].fqdn.clone(), vec![lookup])]);
        self.facts.tools = BTreeMap::from([(exchange(), Ok(()))]);
        self.facts.markers = BTreeMap::from([(primary, markers)]);
        self.facts.keys = BTreeMap::from([(primary, Ok(()))]);
        self.read_numbers();
    }

    /// Reads the numbers again, after a change.
    pub(crate) fn read_numbers(&mut self) {
        self.facts.numbers = Some(NumberBook::read(&self.topology));
    }

    /// Changes the certificate that a server shows.
    pub(crate) fn reissue(&mut self, server: &str, change: impl FnOnce(&mut CertificateView)) {
        let service = &mut fixture::server_mut(&mut self.picture, server).services[0];
        let mut view = (**service.certificate.as_ref().unwrap()).clone();
        change(&mut view);
        service.certificate = Some(view.into());
    }

    pub(crate) fn judge(&self) -> Vec<Check> {
        readiness::judge(&self.topology, &self.picture, &self.facts)
    }
}

pub(crate) fn exchange() -> BackendName {
    BackendName::new("exchange")
}

pub(crate) fn forest(name: &str, trusts: &[&str]) -> Forest {
    let trusts = trusts.iter().map(|name| ForestName::new(*name)).collect();
    Forest { name: ForestName::new(name), trusts, um_users: true, sync: None }
}

pub(crate) fn facts_of(view: &mut CertificateView) -> &mut Certificate {
    view.facts.as_mut().unwrap()
}

pub(crate) fn untrusted() -> TrustVerdict {
    TrustVerdict::because("unknown-issuer")
}
