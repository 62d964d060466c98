//! The topology file that the demo writes is one that users could have written.

use std::time::Duration;

use switchboard::config;
use switchboard::demo::{Design, Profile};
use switchboard::domain::name::{Fqdn, SiteName};
use switchboard::domain::server::{Service, ServiceState};
use switchboard::domain::topology::{Environment, FailoverMethod, Topology};

use super::Bench;

async fn written(design: Design, profile: Profile) -> (Bench, Topology) {
    let bench = Bench::start(|options| (options.design, options.profile) = (design, profile)).await;
    let read = config::load(&bench.demo.topology_file(), &|_| None).map_err(|problems| problems.to_string());
    (bench, read.unwrap())
}

#[tokio::test]
async fn the_users_reader_takes_the_file_in_every_design_and_profile() {
    for design in [Design::Dns, Design::EnableDisable] {
        for profile in [Profile::Kind, Profile::Field] {
            let (bench, topology) = written(design, profile).await;
            assert_eq!(topology.console.environment, Environment::Demo);
            let services = if profile == Profile::Kind { 4 } else { 8 };
            assert_eq!(topology.servers().count(), services);
            for server in topology.servers() {
                for listener in &server.listeners {
                    let declared = server.endpoint(listener).unwrap();
                    assert_eq!(topology.map.route(declared), bench.at(&declared.to_string()), "{}", server.fqdn);
                }
                assert_eq!(
                    topology.server(server.partner.as_ref().unwrap()).unwrap().partner.as_ref(),
                    Some(&server.fqdn)
                );
            }
            assert!(topology.sites.iter().all(|site| site.owners.confirmed.is_some()));
            let roots =
                |roots: &Option<switchboard::domain::topology::Roots>| roots.as_ref().unwrap().certificates.len();
            assert_eq!((roots(&topology.trust.lync), roots(&topology.trust.exchange)), (1, 2));
        }
    }
}

#[tokio::test]
async fn the_two_designs_are_those_of_the_source_document() {
    let um3 = Fqdn::parse("um3.dublin.contoso.com").unwrap();
    let (_bench, dns) = written(Design::Dns, Profile::Kind).await;
    let members = |topology: &Topology| topology.dial_plans.iter().map(|plan| plan.members.len()).collect::<Vec<_>>();
    assert_eq!(members(&dns), [4, 4]);
    assert!(dns.dial_plans.iter().all(|plan| plan.method == FailoverMethod::Dns));
    assert!(dns.servers().all(|server| dns.normal_state(server) == ServiceState::Enabled));
    assert_eq!(dns.required_names(dns.server(&um3).unwrap()).len(), 4);
    let zone = dns.zone_of(&um3).unwrap();
    assert_eq!((zone.ttl, zone.authoritative.len()), (Some(Duration::from_secs(20)), 2));
    let (_bench, other) = written(Design::EnableDisable, Profile::Kind).await;
    assert_eq!(members(&other), [4]);
    assert_eq!(other.normal_state(other.server(&um3).unwrap()), ServiceState::Disabled);
    assert!(other.is_standby(other.site(&SiteName::new("Dublin")).unwrap()));
}

#[tokio::test]
async fn in_the_field_routers_and_services_stand_on_different_hosts() {
    let (_bench, field) = written(Design::Dns, Profile::Field).await;
    let service = |name: &str| field.server(&Fqdn::parse(name).unwrap()).unwrap().listeners[0];
    assert_eq!(
        (service("um1.tukwila.contoso.com").service, service("um1.tukwila.contoso.com").port),
        (Service::CallRouter, 5061)
    );
    assert_eq!(
        (service("mbx1.tukwila.contoso.com").service, service("mbx1.tukwila.contoso.com").port),
        (Service::Um, 5063)
    );
    assert_eq!(field.zones[0].ttl, Some(Duration::from_secs(1200)));
}
