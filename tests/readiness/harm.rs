//! What may happen to a deployment that keeps every guideline.

use switchboard::domain::health::{Class, Health};
use switchboard::domain::judge::{MemberView, ServerView};
use switchboard::domain::name::{DialPlanName, ForestName};
use switchboard::domain::observation::{Addresses, KeyFailure, Sync};
use switchboard::domain::place::Place;
use switchboard::domain::server::{Service, ServiceState, Transport, Version};
use switchboard::domain::topology::{Backend, FailoverMethod, Site};

use crate::fixture::{self, UM1, UM3, UM4, name, server_mut};
use crate::world::{World, exchange, facts_of, forest, untrusted};

pub(crate) fn site(world: &mut World, number: usize) -> &mut Site {
    &mut world.topology.sites[number]
}

pub(crate) fn add_ipv6(world: &mut World) {
    site(world, 0).servers[0].addresses.push("2001:db8::11".parse().unwrap());
}

pub(crate) fn set_ucma(world: &mut World, major: u16) {
    site(world, 0).servers[0].ucma = Some(Version { major, minor: 0 });
}

pub(crate) fn add_aaaa(world: &mut World) {
    // At a resolver alone: what the zone itself has is another guideline's.
    let answer = server_mut(&mut world.picture, UM1).dns.last_mut().unwrap();
    answer.answer.as_mut().unwrap().aaaa.push("2001:db8::99".parse().unwrap());
}

pub(crate) fn empty_pool(world: &mut World) {
    for lookup in world.facts.pools.values_mut().flatten() {
        lookup.answer = Ok(Addresses { nonexistent: true, ..Addresses::default() });
    }
}

pub(crate) fn distrust_pool(world: &mut World) {
    let service = &mut world.picture.pools[0].service;
    let mut view = (**service.certificate.as_ref().unwrap()).clone();
    view.exchange = Some(untrusted());
    service.certificate = Some(view.into());
}

pub(crate) fn plain(world: &mut World) {
    for server in world.topology.sites.iter_mut().flat_map(|site| &mut site.servers) {
        server.listeners.iter_mut().for_each(|listener| listener.transport = Transport::Tcp);
    }
    for service in
        world.picture.sites.iter_mut().flat_map(|site| &mut site.servers).flat_map(|server| &mut server.services)
    {
        (service.transport, service.certificate) = (Transport::Tcp, None);
    }
    world.picture.pools[0].service.transport = Transport::Tcp;
}

pub(crate) fn two_forests(world: &mut World, lync: &[&str], exchange: &[&str]) {
    world.topology.forests = vec![forest("contoso.com", lync), forest("fabrikam.com", exchange)];
    site(world, 1).forest = Some(ForestName::new("fabrikam.com"));
}

pub(crate) fn synced(world: &mut World, at: &str, sample: bool) {
    two_forests(world, &["fabrikam.com"], &["contoso.com"]);
    world.facts.sync.insert(ForestName::new("fabrikam.com"), Ok(Sync { at: at.parse().unwrap(), sample, user: None }));
}

pub(crate) fn number(world: &mut World, number: &str) {
    world.topology.dial_plans[0].access_numbers = vec![number.into()];
    world.read_numbers();
}

pub(crate) fn old(world: &mut World) {
    for server in world.topology.sites.iter_mut().flat_map(|site| &mut site.servers) {
        server.version = Version { major: 14, minor: 0 };
    }
}

pub(crate) fn newer(world: &mut World, fqdn: &str) {
    let servers = world.topology.sites.iter_mut().flat_map(|site| &mut site.servers);
    servers
        .filter(|server| server.fqdn == name(fqdn))
        .for_each(|server| server.version = Version { major: 15, minor: 1 });
}

pub(crate) fn put(world: &mut World, servers: &[&str], state: ServiceState) {
    for server in servers {
        fixture::put(&mut world.picture, server, state);
    }
    fixture::settle(&world.topology, &mut world.picture);
}

pub(crate) fn unknown(world: &mut World, servers: &[&str]) {
    for server in servers {
        let view = server_mut(&mut world.picture, server);
        view.health = Health::Unknown;
        view.services[0].health = Health::Unknown;
    }
    fixture::settle(&world.topology, &mut world.picture);
}

pub(crate) fn place(world: &mut World, server: &str, place: Place) {
    server_mut(&mut world.picture, server).place = place;
}

pub(crate) fn uncover(world: &mut World) {
    world.reissue(UM4, |view| {
        facts_of(view).dns_names = vec![UM4.into()];
        view.covers.iter_mut().for_each(|(name, covered)| *covered = name.as_str() == UM4);
    });
}

pub(crate) fn unseen(world: &mut World) {
    server_mut(&mut world.picture, UM4).services[0].certificate = None;
}

pub(crate) fn down(world: &mut World, server: &str) {
    fixture::down(&mut world.picture, server, Class::Refused);
    fixture::settle(&world.topology, &mut world.picture);
}

pub(crate) fn fall(view: &mut ServerView) {
    view.health = Health::Down;
    (view.services[0].health, view.services[0].class) = (Health::Down, Some(Class::Refused));
}

pub(crate) fn refuse_key(world: &mut World) {
    world.facts.keys.values_mut().for_each(|key| *key = Err(KeyFailure::UnknownKey));
}

pub(crate) fn routers_only(world: &mut World) {
    for server in world.topology.sites.iter_mut().flat_map(|site| &mut site.servers) {
        server.version = Version { major: 15, minor: 0 };
        server.listeners.iter_mut().for_each(|listener| listener.service = Service::CallRouter);
    }
    let services =
        world.picture.sites.iter_mut().flat_map(|site| &mut site.servers).flat_map(|server| &mut server.services);
    services.for_each(|service| service.service = Service::CallRouter);
}

pub(crate) fn no_check(world: &mut World) {
    let Some(Backend::Command(command)) = world.topology.backends.get_mut(&exchange()) else { panic!("a command") };
    command.check = None;
}

pub(crate) fn member(world: &mut World, server: &str, change: impl Fn(&mut MemberView)) {
    let members = world.picture.dial_plans.iter_mut().flat_map(|plan| &mut plan.members);
    members.filter(|member| member.fqdn == name(server)).for_each(change);
}

pub(crate) fn depend(world: &mut World) {
    let mut plan = world.topology.dial_plans[0].clone();
    plan.name = DialPlanName::new("Dublin.contoso.com");
    (plan.site, plan.method) = (fixture::site("Dublin"), FailoverMethod::EnableDisable);
    plan.members = vec![name(UM3)];
    (plan.access_numbers, plan.auto_attendants) = (Vec::new(), Vec::new());
    world.topology.dial_plans.push(plan);
}
