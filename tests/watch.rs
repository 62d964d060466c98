//! Stories of the watch: observations in, findings out. Pure, no socket.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use switchboard::domain::health::Health;
use switchboard::domain::judge::Picture;
use switchboard::domain::name::{DialPlanName, Fqdn, SiteName};
use switchboard::domain::observation::{
    Addresses, DnsFailure, DnsKind, DnsOutcome, Observation, Outcome, ProbeId, SipAnswer, SipFailure, SipOutcome,
};
use switchboard::domain::place::Place;
use switchboard::domain::policy::Policy;
use switchboard::domain::server::{Listener, Server, Service, Transport, Version};
use switchboard::domain::topology::{
    AddressMap, Console, DialPlan, Environment, FailoverMethod, Owners, ProbeIdentity, Site, Topology, Trust, Zone,
};
use switchboard::domain::watch::{SinceBook, Watch};

const NS1: &str = "192.0.2.53:53";
const NS2: &str = "192.0.2.54:53";
const RESOLVER: &str = "192.0.2.60:53";

fn fqdn(text: &str) -> Fqdn {
    Fqdn::parse(text).unwrap()
}

fn server(name: &str, site: &str, last: u8, partner: &str) -> Server {
    Server {
        fqdn: fqdn(name),
        site: SiteName::new(site),
        addresses: vec![[192, 0, 2, last].into()],
        version: Version { major: 14, minor: 3 },
        listeners: vec![Listener { service: Service::Um, transport: Transport::Tcp, port: 5060 }],
        partner: Some(fqdn(partner)),
        backend: None,
        manage_as: None,
        max_calls: None,
        peak_calls: None,
        ucma: None,
        thumbprints: BTreeMap::new(),
    }
}

fn site(name: &str, standby: &str, servers: Vec<Server>) -> Site {
    Site {
        name: SiteName::new(name),
        forest: None,
        standby: Some(SiteName::new(standby)),
        owners: Owners::default(),
        delivers_for: None,
        acceptance: None,
        servers,
    }
}

fn topology() -> Topology {
    let tukwila =
        site("Tukwila", "Dublin", vec![server("um1.tukwila.contoso.com", "Tukwila", 11, "um3.dublin.contoso.com")]);
    let dublin =
        site("Dublin", "Tukwila", vec![server("um3.dublin.contoso.com", "Dublin", 23, "um1.tukwila.contoso.com")]);
    Topology {
        console: Console {
            name: "contoso.com".into(),
            environment: Environment::Lab,
            site: None,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
            fall: 3,
            rise: 5,
            slow: Duration::from_millis(250),
            certificate_warning: Duration::from_secs(30 * 86_400),
            certificate_critical: Duration::from_secs(7 * 86_400),
        },
        probe: ProbeIdentity::default(),
        resolvers: vec![RESOLVER.parse().unwrap()],
        zones: vec![Zone {
            name: fqdn("contoso.com"),
            authoritative: vec![NS1.parse().unwrap(), NS2.parse().unwrap()],
            backend: None,
            ttl: Some(Duration::from_secs(60)),
            scavenging: None,
            other_names: None,
        }],
        trust: Trust::default(),
        backends: BTreeMap::new(),
        map: AddressMap::default(),
        forests: vec![],
        pools: vec![],
        sites: vec![tukwila, dublin],
        dial_plans: vec![DialPlan {
            name: DialPlanName::new("Tukwila.contoso.com"),
            site: SiteName::new("Tukwila"),
            enterprise_voice: None,
            method: FailoverMethod::Dns,
            members: vec![fqdn("um1.tukwila.contoso.com"), fqdn("um3.dublin.contoso.com")],
            access_numbers: vec![],
            auto_attendants: vec![],
            gateways: None,
        }],
        policy: Policy::default(),
    }
}

type Answer<'a> = (&'a str, Result<(u8, u32), DnsFailure>);

#[expect(clippy::unnecessary_wraps, reason = "it stands where failures stand, too")]
fn answer(code: u16, ms: u64) -> Result<SipAnswer, SipFailure> {
    Ok(SipAnswer {
        code,
        reason: "OK".into(),
        server: None,
        diagnostics: None,
        retry_after: None,
        rtt: Duration::from_millis(ms),
        redirect: None,
    })
}

/// A watch and its clock.
struct Story {
    watch: Watch,
    second: i64,
}

impl Story {
    fn new() -> Self {
        Self { watch: Watch::new(Arc::new(topology()), SinceBook::default()), second: 0 }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + self.second).unwrap()
    }

    fn sip(&mut self, name: &str, result: Result<SipAnswer, SipFailure>) {
        self.second += 1;
        let outcome =
            SipOutcome { transport: Transport::Tcp, address: "192.0.2.11:5060".parse().unwrap(), result, tls: None };
        let probe = ProbeId::Sip { server: fqdn(name), service: Service::Um };
        self.watch.absorb(Observation { probe, at: self.now(), took: Duration::ZERO, outcome: Outcome::Sip(outcome) });
    }

    fn dns(&mut self, server: &str, answers: &[Answer<'_>], serial: u32) {
        self.second += 1;
        let kind = if server == RESOLVER { DnsKind::Resolver } else { DnsKind::Authoritative };
        let names = answers.iter().map(|(name, answer)| {
            let addresses = answer.clone().map(|(last, ttl)| Addresses {
                a: vec![[192, 0, 2, last].into()],
                ttl: Some(ttl),
                authoritative: kind == DnsKind::Authoritative,
                ..Addresses::default()
            });
            (fqdn(name), addresses)
        });
        let failed = answers.iter().find_map(|(_, answer)| answer.clone().err());
        let serials = [(fqdn("contoso.com"), failed.map_or(Ok(serial), Err))].into();
        let outcome = DnsOutcome { kind, names: names.collect(), serials, markers: BTreeMap::new(), key: None };
        let probe = ProbeId::Dns { server: server.parse::<SocketAddr>().unwrap() };
        self.watch.absorb(Observation { probe, at: self.now(), took: Duration::ZERO, outcome: Outcome::Dns(outcome) });
    }

    fn picture(&mut self) -> Picture {
        let now = self.now();
        self.watch.picture(now)
    }

    fn ids(&mut self) -> Vec<(&'static str, String)> {
        self.picture().findings.into_iter().map(|finding| (finding.id, finding.subject)).collect()
    }

    fn has(&mut self, id: &str, subject: &str) -> bool {
        self.ids().iter().any(|(known, of)| *known == id && of == subject)
    }
}

const UM1: &str = "um1.tukwila.contoso.com";
const UM3: &str = "um3.dublin.contoso.com";

#[test]
fn nothing_known_is_shown_as_unknown_and_is_no_finding() {
    let mut story = Story::new();
    let picture = story.picture();
    assert!(picture.findings.is_empty(), "{:?}", picture.findings);
    assert!(picture.sites.iter().flat_map(|s| &s.servers).all(|s| s.health == Health::Unknown));
    assert_eq!(picture.waiting, 5);
}

#[test]
fn a_server_that_stops_is_down_after_fall_rounds_and_back_after_rise() {
    let mut story = Story::new();
    story.sip(UM3, answer(200, 5));
    story.sip(UM1, answer(200, 5));
    for _ in 0..2 {
        story.sip(UM1, Err(SipFailure::Refused));
    }
    assert!(!story.has("server-down", UM1));
    story.sip(UM1, Err(SipFailure::Refused));
    assert!(story.has("server-down", UM1));
    assert!(!story.has("server-down", UM3));
    for _ in 0..4 {
        story.sip(UM1, answer(200, 5));
    }
    assert!(story.has("server-down", UM1));
    story.sip(UM1, answer(200, 5));
    assert!(!story.has("server-down", UM1));
}

#[test]
fn what_was_not_renewed_is_stale_and_unknown_never_down() {
    let mut story = Story::new();
    story.sip(UM1, answer(200, 5));
    story.second += 60;
    let picture = story.picture();
    assert_eq!(picture.sites[0].servers[0].health, Health::Unknown);
    assert!(picture.sites[0].servers[0].services[0].stale);
    assert!(picture.findings.iter().any(|f| f.id == "stale" && f.subject == UM1));
    assert!(picture.findings.iter().all(|f| f.id != "server-down"));
}

#[test]
fn when_everything_fails_at_once_the_console_suspects_itself() {
    let mut story = Story::new();
    for _ in 0..3 {
        story.sip(UM1, Err(SipFailure::ConnectTimeout));
        story.sip(UM3, Err(SipFailure::ConnectTimeout));
        story.dns(NS1, &[(UM1, Err(DnsFailure::Timeout))], 1);
    }
    let ids = story.ids();
    assert_eq!(ids, [("console-isolated", "console".to_owned())]);
    assert!(story.picture().sites.iter().all(|site| site.servers[0].health == Health::Unknown));
}

#[test]
fn a_refusal_proves_that_the_network_is_there() {
    let mut story = Story::new();
    for _ in 0..3 {
        story.sip(UM1, Err(SipFailure::ConnectTimeout));
        story.sip(UM3, Err(SipFailure::Refused));
    }
    assert!(story.has("server-down", UM1) && story.has("server-down", UM3));
    assert!(!story.has("console-isolated", "console"));
}

#[test]
fn a_name_is_home_moved_split_or_foreign_by_what_the_authoritative_servers_say() {
    let mut story = Story::new();
    let place = |story: &mut Story| story.picture().sites[0].servers[0].place.clone();
    story.dns(NS1, &[(UM1, Ok((11, 60)))], 1);
    story.dns(NS2, &[(UM1, Ok((11, 60)))], 1);
    assert_eq!(place(&mut story), Place::Home);
    story.dns(NS1, &[(UM1, Ok((23, 60)))], 2);
    assert_eq!(place(&mut story), Place::Split);
    assert!(!story.has("name-split", UM1), "a transfer may take a while");
    story.dns(NS2, &[(UM1, Ok((23, 60)))], 2);
    assert_eq!(place(&mut story), Place::Moved { to: fqdn(UM3) });
    assert!(story.has("name-moved", UM1));
    story.dns(NS1, &[(UM1, Ok((99, 60)))], 3);
    story.dns(NS2, &[(UM1, Ok((99, 60)))], 3);
    assert!(story.has("name-foreign", UM1));
}

#[test]
fn a_secondary_that_stays_behind_is_named_after_fall_rounds() {
    let mut story = Story::new();
    story.dns(NS2, &[(UM1, Ok((11, 60)))], 7);
    story.dns(NS1, &[(UM1, Ok((11, 60)))], 8);
    for _ in 0..2 {
        story.dns(NS2, &[(UM1, Ok((11, 60)))], 7);
    }
    assert!(!story.has("dns-lagging", NS2));
    story.dns(NS2, &[(UM1, Ok((11, 60)))], 7);
    assert!(story.has("dns-lagging", NS2));
    assert!(!story.has("dns-lagging", NS1));
}

#[test]
fn a_silent_dns_server_leaves_places_to_the_others() {
    let mut story = Story::new();
    story.dns(NS1, &[(UM1, Ok((11, 60)))], 1);
    for _ in 0..3 {
        story.dns(NS2, &[(UM1, Err(DnsFailure::ConnectionRefused))], 0);
    }
    assert!(story.has("dns-silent", NS2));
    assert_eq!(story.picture().sites[0].servers[0].place, Place::Home);
}

#[test]
fn a_host_that_registers_itself_is_told_by_its_ttl() {
    let mut story = Story::new();
    story.dns(NS1, &[(UM1, Ok((11, 60)))], 1);
    assert!(!story.has("re-registered", UM1));
    story.dns(NS1, &[(UM1, Ok((11, 1200)))], 2);
    assert!(story.has("re-registered", UM1));
}

#[test]
fn a_dial_plan_with_one_server_left_warns_and_with_none_is_critical() {
    let mut story = Story::new();
    story.sip(UM1, answer(200, 5));
    story.sip(UM3, answer(200, 5));
    assert!(story.ids().is_empty());
    for _ in 0..3 {
        story.sip(UM1, Err(SipFailure::Refused));
    }
    assert!(story.has("few-in-service", "Tukwila.contoso.com"));
    for _ in 0..3 {
        story.sip(UM3, Err(SipFailure::Refused));
    }
    assert!(story.has("none-in-service", "Tukwila.contoso.com"));
}

#[test]
fn since_when_survives_a_restart_and_ends_with_the_finding() {
    let mut story = Story::new();
    for _ in 0..4 {
        story.sip(UM1, Err(SipFailure::Refused));
    }
    let first = story.picture().findings.iter().find(|f| f.id == "server-down").unwrap().since;
    let mut next = Story { watch: Watch::new(Arc::new(topology()), story.watch.since().clone()), second: 100 };
    next.sip(UM1, Err(SipFailure::Refused));
    assert_eq!(next.picture().findings.iter().find(|f| f.id == "server-down").unwrap().since, first);
    for _ in 0..5 {
        next.sip(UM1, answer(200, 5));
    }
    next.picture();
    assert_eq!(next.watch.since(), &SinceBook::default());
}

#[test]
fn silence_of_a_stranger_warns_and_silence_of_one_who_answered_is_critical() {
    use switchboard::domain::finding::Severity;
    let severity = |story: &mut Story| {
        story.picture().findings.iter().find(|finding| finding.id == "sip-silent").map(|finding| finding.severity)
    };
    let mut stranger = Story::new();
    stranger.sip(UM1, Err(SipFailure::Silent));
    assert_eq!(severity(&mut stranger), Some(Severity::Warning));
    let mut known = Story::new();
    known.sip(UM1, answer(200, 5));
    for _ in 0..3 {
        known.sip(UM1, Err(SipFailure::Silent));
    }
    assert_eq!(severity(&mut known), Some(Severity::Critical));
}
