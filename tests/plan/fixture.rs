//! The source document's topology in either design, a picture of it in good health, and the zone as its primary shows it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use switchboard::config;
use switchboard::domain::act::{RecordKind, RrSet};
use switchboard::domain::certificate::{Facts, TrustVerdict};
use switchboard::domain::health::{Class, Health};
use switchboard::domain::judge::{
    CertificateView, DialPlanView, DnsAnswerView, DnsServerView, MemberView, Picture, PoolView, ServerView,
    ServiceView, SiteView, StateView, TlsView,
};
use switchboard::domain::name::{DialPlanName, Fqdn, SiteName};
use switchboard::domain::observation::Addresses;
use switchboard::domain::place::Place;
use switchboard::domain::server::{Server, Service, ServiceState, Transport};
use switchboard::domain::topology::Topology;
use switchboard::failover::plan::{Content, RunId};
use switchboard::failover::planner::{self, Making, NameSeen, Refusal, Request, Seen, ZoneSeen};

pub(crate) const TEXT: &str = include_str!("topology.toml");
pub(crate) const UM1: &str = "um1.tukwila.contoso.com";
pub(crate) const UM2: &str = "um2.tukwila.contoso.com";
pub(crate) const UM3: &str = "um3.dublin.contoso.com";
pub(crate) const UM4: &str = "um4.dublin.contoso.com";

pub(crate) fn name(text: &str) -> Fqdn {
    Fqdn::parse(text).unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-11-22T14:02:11Z".parse().unwrap()
}

pub(crate) fn site(text: &str) -> SiteName {
    SiteName::new(text)
}

/// A topology from a text, which has to be a good one.
pub(crate) fn read(text: &str) -> Topology {
    let env = |_: &str| Some("aGlkZGVuIGhpZGRlbiBoaWRkZW4gaGlkZGVuIGhpZGQ=".to_owned());
    config::load_text(text, Path::new("test.toml"), &env).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub(crate) fn by_dns() -> Topology {
    read(TEXT)
}

/// The second design: one dial plan with all four, the standby's disabled.
pub(crate) fn by_enabling() -> Topology {
    let cut = TEXT.find("[[dial_plan]]\nname = \"Dublin").unwrap();
    read(&TEXT[..cut].replace("method = \"dns\"", "method = \"enable-disable\""))
}

/// The same, its commands marked as ones that may be issued twice.
pub(crate) fn by_idempotent_enabling() -> Topology {
    let cut = TEXT.find("[[dial_plan]]\nname = \"Dublin").unwrap();
    let text = TEXT[..cut].replace("method = \"dns\"", "method = \"enable-disable\"");
    read(&text.replace("effect_wait = \"12m\"", "effect_wait = \"12m\"\nidempotent = true"))
}

/// The same, its commands fenced in the zone.
pub(crate) fn by_fenced_enabling() -> Topology {
    let cut = TEXT.find("[[dial_plan]]\nname = \"Dublin").unwrap();
    let text = TEXT[..cut].replace("method = \"dns\"", "method = \"enable-disable\"");
    read(&text.replace("effect_wait = \"12m\"", "effect_wait = \"12m\"\nfence = { zone = \"contoso.com\" }"))
}

/// Everything answers, every record is at home, every server in its normal state, all seen ten seconds ago.
pub(crate) fn picture(topology: &Topology) -> Picture {
    let at = now() - std::time::Duration::from_secs(10);
    let sites: Vec<SiteView> = topology
        .sites
        .iter()
        .map(|site| SiteView {
            name: site.name.clone(),
            standby: topology.is_standby(site),
            away: None,
            healthy: site.servers.len(),
            servers: site.servers.iter().map(|server| server_view(topology, server, at)).collect(),
        })
        .collect();
    let mut picture = Picture {
        at: now(),
        isolated: false,
        oldest: None,
        waiting: 0,
        sites,
        pools: topology
            .pools
            .iter()
            .map(|pool| PoolView {
                fqdn: pool.fqdn.clone(),
                site: pool.site.clone(),
                service: service_view(Service::Um, Transport::Tls, None, at),
            })
            .collect(),
        dial_plans: Vec::new(),
        dns: dns_views(topology, at),
        states: vec![StateView {
            backend: switchboard::domain::name::BackendName::new("exchange"),
            health: Health::Up,
            at: Some(at),
            error: None,
        }],
        crls: Vec::new(),
        lists: Vec::new(),
        findings: Vec::new(),
    };
    settle(topology, &mut picture);
    picture
}

/// Dial plans as they follow from the servers of the picture.
pub(crate) fn settle(topology: &Topology, picture: &mut Picture) {
    let in_service: BTreeMap<Fqdn, bool> = picture
        .sites
        .iter()
        .flat_map(|site| &site.servers)
        .map(|view| (view.fqdn.clone(), view.in_service()))
        .collect();
    picture.dial_plans = topology
        .dial_plans
        .iter()
        .map(|plan| {
            let members: Vec<MemberView> = plan
                .members
                .iter()
                .map(|fqdn| MemberView {
                    fqdn: fqdn.clone(),
                    declared: true,
                    reported: Some(true),
                    in_service: in_service.get(fqdn).copied().unwrap_or(false),
                })
                .collect();
            DialPlanView {
                name: plan.name.clone(),
                site: plan.site.clone(),
                method: plan.method,
                to: None,
                in_service: members.iter().filter(|member| member.in_service).count(),
                members,
            }
        })
        .collect();
}

fn dns_views(topology: &Topology, at: Timestamp) -> Vec<DnsServerView> {
    let view = |(server, kind)| DnsServerView {
        server,
        kind,
        health: Health::Up,
        since: Some(at),
        at: Some(at),
        stale: false,
        serials: BTreeMap::new(),
        error: None,
    };
    topology.dns_servers().map(view).collect()
}

fn server_view(topology: &Topology, server: &Server, at: Timestamp) -> ServerView {
    let normal = topology.normal_state(server);
    let mut services: Vec<ServiceView> = server
        .listeners
        .iter()
        .map(|listener| service_view(listener.service, listener.transport, server.endpoint(listener), at))
        .collect();
    if normal == ServiceState::Disabled {
        services.iter_mut().for_each(refuse);
    }
    for service in &mut services {
        service.certificate = Some(Arc::new(certificate(topology, server)));
    }
    let answer = |(server_address, kind)| DnsAnswerView {
        server: server_address,
        kind,
        answer: Ok(addresses(server, 60)),
        place: Place::Home,
        at,
        serial: Some(7),
    };
    ServerView {
        fqdn: server.fqdn.clone(),
        health: Health::Up,
        since: Some(at),
        place: Place::Home,
        place_since: Some(at),
        state: Some(normal),
        normal,
        components: Vec::new(),
        active_calls: Some(0),
        services,
        dns: topology.dns_servers().map(answer).collect(),
    }
}

/// What a server that takes no calls says.
pub(crate) fn refuse(service: &mut ServiceView) {
    (service.class, service.code) = (Some(Class::Refusing), Some(503));
}

fn service_view(
    service: Service,
    transport: Transport,
    address: Option<std::net::SocketAddr>,
    at: Timestamp,
) -> ServiceView {
    ServiceView {
        service,
        transport,
        address,
        health: Health::Up,
        class: Some(Class::Answers),
        since: Some(at),
        at: Some(at),
        stale: false,
        flapping: false,
        answered: true,
        code: Some(200),
        reason: Some("OK".into()),
        rtt: None,
        history: Vec::new(),
        detail: None,
        software: None,
        tls: Some(TlsView { version: "1.2".into(), suite: "x".into(), proved: true, asks_certificate: false, at }),
        certificate: None,
        expected: Vec::new(),
        taken_up: None,
    }
}

/// One that covers all four names, has the server's own name as its CN and leads to both sides' roots.
pub(crate) fn certificate(topology: &Topology, server: &Server) -> CertificateView {
    let names: Vec<Fqdn> = topology.servers().map(|server| server.fqdn.clone()).collect();
    CertificateView {
        facts: Ok(Facts {
            subject_cn: Some(server.fqdn.as_str().into()),
            issuer: "Contoso Issuing CA".into(),
            not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
            not_after: "2027-12-01T00:00:00Z".parse().unwrap(),
            dns_names: names.iter().map(|name| name.as_str().into()).collect(),
            key: "RSA 2048".into(),
            signature: "sha256WithRSAEncryption".into(),
            self_signed: false,
            sha256: "00".repeat(32),
            ..Facts::default()
        }),
        above: Vec::new(),
        chain_length: 2,
        covers: names.iter().map(|name| (name.clone(), true)).collect(),
        lync: Some(TrustVerdict::TRUSTED),
        exchange: Some(TrustVerdict::TRUSTED),
        revocation: None,
    }
}

fn addresses(server: &Server, ttl: u32) -> Addresses {
    let mut answer = Addresses { ttl: Some(ttl), authoritative: true, ..Addresses::default() };
    for address in &server.addresses {
        match address {
            std::net::IpAddr::V4(a) => answer.a.push(*a),
            std::net::IpAddr::V6(aaaa) => answer.aaaa.push(*aaaa),
        }
    }
    answer
}

pub(crate) fn server_mut<'a>(picture: &'a mut Picture, fqdn: &str) -> &'a mut ServerView {
    picture.sites.iter_mut().flat_map(|site| &mut site.servers).find(|view| view.fqdn.as_str() == fqdn).unwrap()
}

/// A server that refuses connections.
pub(crate) fn down(picture: &mut Picture, fqdn: &str, class: Class) {
    let view = server_mut(picture, fqdn);
    view.health = Health::Down;
    for service in &mut view.services {
        (service.health, service.class, service.code, service.certificate) = (Health::Down, Some(class), None, None);
    }
}

/// A server in a service state, and answering as such.
pub(crate) fn put(picture: &mut Picture, fqdn: &str, state: ServiceState) {
    let view = server_mut(picture, fqdn);
    view.state = Some(state);
    for service in &mut view.services {
        (service.class, service.code) = (Some(Class::Answers), Some(200));
        if state != ServiceState::Enabled {
            refuse(service);
        }
    }
}

/// Every zone with every name at home and no marker.
pub(crate) fn seen(topology: &Topology) -> Seen {
    let mut seen = Seen::default();
    for zone in &topology.zones {
        let Some(primary) = topology.write_primaries(zone).first() else { continue };
        let here = |server: &&Server| topology.zone_of(&server.fqdn).map(|z| &z.name) == Some(&zone.name);
        let names =
            topology.servers().filter(here).map(|server| (server.fqdn.clone(), Ok(at_home(server, 60)))).collect();
        let markers = topology
            .sites
            .iter()
            .filter_map(|site| Topology::marker_name_in(site, zone))
            .map(|name| (name, Ok(Vec::new())))
            .collect();
        seen.zones.insert(zone.name.clone(), ZoneSeen { primary: primary.address, at: now(), names, markers });
    }
    seen
}

pub(crate) fn at_home(server: &Server, ttl: u32) -> NameSeen {
    let of = |v4: bool| {
        let mut values: Vec<_> = server.addresses.iter().filter(|a| a.is_ipv4() == v4).copied().collect();
        values.sort_unstable();
        if values.is_empty() { RrSet::default() } else { RrSet { ttl, values } }
    };
    NameSeen { a: of(true), aaaa: of(false), alias: None }
}

pub(crate) fn name_mut<'a>(seen: &'a mut Seen, fqdn: &str) -> &'a mut NameSeen {
    let names = seen.zones.values_mut().find_map(|zone| zone.names.get_mut(&name(fqdn))).unwrap();
    names.as_mut().unwrap()
}

/// Carries the record changes and markers of a plan out on what was seen.
pub(crate) fn carry_out(seen: &mut Seen, content: &Content) {
    use switchboard::failover::plan::Action;
    for step in &content.steps {
        let Action::DnsUpdate(update) = &step.action else { continue };
        let zone = seen.zones.get_mut(&update.zone).unwrap();
        for change in &update.changes {
            let shown = zone.names.get_mut(&change.name).unwrap().as_mut().unwrap();
            let set = if change.kind == RecordKind::A { &mut shown.a } else { &mut shown.aaaa };
            assert_eq!(*set, change.before, "{} {:?}", change.name, change.kind);
            *set = change.after.clone();
        }
        if let Some(marker) = &update.marker {
            zone.markers.insert(marker.name.clone(), Ok(vec![marker.after.to_string()]));
        }
    }
}

pub(crate) fn over(from: &str) -> Request {
    Request::whole_site(site(from), "ana@jump")
}

pub(crate) fn back(of: &str) -> Request {
    Request { back: true, ..over(of) }
}

pub(crate) fn making() -> Making {
    Making { id: RunId::new(now(), 42), now: now() }
}

pub(crate) fn plan(topology: &Topology, picture: &Picture, seen: &Seen, request: &Request) -> Result<Content, Refusal> {
    planner::plan(topology, picture, seen, request, &making())
}

/// The ids of a plan's steps.
pub(crate) fn ids(content: &Content) -> Vec<&str> {
    content.steps.iter().map(|step| step.id.as_str()).collect()
}

pub(crate) fn dial_plan(text: &str) -> DialPlanName {
    DialPlanName::new(text)
}
