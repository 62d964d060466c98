//! Topologies and observations for the console's tests: the source document's two sites, and a large one.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use switchboard::app::keymap::DEFAULT;
use switchboard::app::{Event, Key, Keymap, Model, Settings, update};
use switchboard::domain::certificate::{Facts, TrustVerdict};
use switchboard::domain::clean::Clean;
use switchboard::domain::finding::{Finding, kind_of};
use switchboard::domain::judge::{CertificateView, Picture};
use switchboard::domain::name::{BackendName, DialPlanName, Fqdn, SiteName};
use switchboard::domain::observation::{
    Addresses, DnsKind, DnsOutcome, Observation, Outcome, ProbeId, ServerState, SipAnswer, SipFailure, SipOutcome,
    StateReport,
};
use switchboard::domain::policy::Policy;
use switchboard::domain::server::{Listener, Server, Service, ServiceState, Transport, Version};
use switchboard::domain::topology::{
    AddressMap, Backend, Command, Console, DialPlan, Environment, FailoverMethod, Owners, Pool, ProbeIdentity, Site,
    Topology, Trust, Zone,
};
use switchboard::domain::watch::{SinceBook, Watch};
use switchboard::ui::{Depth, Look, Screen};

pub(crate) fn fqdn(text: &str) -> Fqdn {
    Fqdn::parse(text).unwrap()
}

/// Sunday, 22 November 2026, 14:02:11 UTC.
pub(crate) fn start() -> Timestamp {
    "2026-11-22T14:02:11Z".parse().unwrap()
}

pub(crate) fn after(seconds: i64) -> Timestamp {
    start() + seconds.seconds()
}

fn console(name: &str) -> Console {
    Console {
        name: name.into(),
        environment: Environment::Production,
        site: None,
        interval: Duration::from_secs(5),
        timeout: Duration::from_secs(2),
        fall: 3,
        rise: 5,
        slow: Duration::from_millis(500),
        certificate_warning: Duration::from_secs(30 * 86_400),
        certificate_critical: Duration::from_secs(7 * 86_400),
    }
}

fn server(name: &str, site: &str, address: IpAddr, partner: Option<&str>) -> Server {
    let listener = |service, port| Listener { service, transport: Transport::Tls, port };
    Server {
        fqdn: fqdn(name),
        site: SiteName::new(site),
        addresses: vec![address],
        version: Version { major: 15, minor: 1 },
        listeners: vec![listener(Service::CallRouter, 5061), listener(Service::Um, 5063)],
        partner: partner.map(fqdn),
        backend: Some(BackendName::new("exchange")),
        manage_as: None,
        max_calls: Some(100),
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
        owners: Owners { dns: Some("DNS team +1 425 555 0199".into()), ..Owners::default() },
        delivers_for: None,
        acceptance: None,
        servers,
    }
}

fn topology(name: &str, sites: Vec<Site>, dial_plans: Vec<DialPlan>, pools: Vec<Pool>) -> Topology {
    let exchange = Command { state: vec!["um-state".into()], interval: Duration::from_secs(5), ..Command::default() };
    Topology {
        console: console(name),
        probe: ProbeIdentity::default(),
        resolvers: vec!["10.0.0.10:53".parse().unwrap()],
        zones: vec![Zone {
            name: fqdn("contoso.com"),
            authoritative: vec!["192.0.2.53:53".parse().unwrap(), "192.0.2.54:53".parse().unwrap()],
            backend: None,
            ttl: Some(Duration::from_secs(60)),
            scavenging: None,
            other_names: None,
        }],
        trust: Trust::default(),
        policy: Policy::default(),
        backends: BTreeMap::from([(BackendName::new("exchange"), Backend::Command(Box::new(exchange)))]),
        map: AddressMap::default(),
        forests: Vec::new(),
        pools,
        sites,
        dial_plans,
    }
}

fn pool(name: &str, site: &str, address: IpAddr) -> Pool {
    Pool {
        fqdn: fqdn(name),
        site: SiteName::new(site),
        addresses: vec![address],
        transport: Transport::Tls,
        port: 5061,
        backup: None,
    }
}

pub(crate) const FOUR: [(&str, &str, u8, &str); 4] = [
    ("um1.tukwila.contoso.com", "Tukwila", 11, "um3.dublin.contoso.com"),
    ("um2.tukwila.contoso.com", "Tukwila", 12, "um4.dublin.contoso.com"),
    ("um3.dublin.contoso.com", "Dublin", 23, "um1.tukwila.contoso.com"),
    ("um4.dublin.contoso.com", "Dublin", 24, "um2.tukwila.contoso.com"),
];

/// The source document's two sites, in one of its two designs.
pub(crate) fn contoso(method: FailoverMethod) -> Topology {
    let of = |name: &str| {
        let rows = FOUR.iter().filter(|row| row.1 == name);
        rows.map(|row| server(row.0, row.1, Ipv4Addr::new(192, 0, 2, row.2).into(), Some(row.3))).collect()
    };
    let plan = |name: &str, site: &str, members: &[usize]| DialPlan {
        name: DialPlanName::new(name),
        site: SiteName::new(site),
        enterprise_voice: Some(name.into()),
        method,
        members: members.iter().map(|at| fqdn(FOUR[*at].0)).collect(),
        access_numbers: vec!["+14255550100".into()],
        auto_attendants: vec!["+14255550101".into()],
        gateways: None,
    };
    let mut plans = vec![plan("Tukwila.contoso.com", "Tukwila", &[0, 1, 2, 3])];
    if method == FailoverMethod::Dns {
        plans.push(plan("Dublin.contoso.com", "Dublin", &[0, 1, 2, 3]));
    }
    let sites = vec![site("Tukwila", "Dublin", of("Tukwila")), site("Dublin", "Tukwila", of("Dublin"))];
    let pools = vec![
        pool("fe01.contoso.com", "Tukwila", [192, 0, 2, 31].into()),
        pool("fe02.contoso.com", "Dublin", [192, 0, 2, 32].into()),
    ];
    topology("contoso.com", sites, plans, pools)
}

/// Many sites and servers; the model of the bench.
pub(crate) fn large(sites: usize, servers: usize) -> Topology {
    let mut all = Vec::new();
    let mut plans = Vec::new();
    for number in 0..sites {
        let name = format!("Site{number:02}");
        let of_site: Vec<Server> = (0..servers / sites + usize::from(number < servers % sites))
            .map(|at| {
                let octet = |value: usize| u8::try_from(value).unwrap();
                let address = Ipv4Addr::new(10, octet(number), octet(at), 1);
                server(&format!("um{at:02}.site{number:02}.contoso.com"), &name, address.into(), None)
            })
            .collect();
        plans.push(DialPlan {
            name: DialPlanName::new(format!("{name}.contoso.com")),
            site: SiteName::new(&*name),
            enterprise_voice: None,
            method: FailoverMethod::Dns,
            members: of_site.iter().map(|server| server.fqdn.clone()).collect(),
            access_numbers: Vec::new(),
            auto_attendants: Vec::new(),
            gateways: None,
        });
        all.push(site(&name, &format!("Site{:02}", (number + 1) % sites), of_site));
    }
    topology("large.contoso.com", all, plans, Vec::new())
}

/// What a SIP probe brought.
pub(crate) fn sip(
    probe: ProbeId,
    address: SocketAddr,
    at: Timestamp,
    result: Result<SipAnswer, SipFailure>,
) -> Observation {
    let outcome = SipOutcome { transport: Transport::Tls, address, result, tls: None };
    Observation { probe, at, took: Duration::from_millis(20), outcome: Outcome::Sip(outcome) }
}

pub(crate) fn answer(code: u16, reason: &str, ms: u64) -> SipAnswer {
    SipAnswer {
        code,
        reason: reason.into(),
        server: Some("RTCC/5.0.0.0 MSExchangeUM/15.01.2507.006".into()),
        diagnostics: None,
        retry_after: None,
        rtt: Duration::from_millis(ms),
        redirect: None,
    }
}

/// A latency that looks like one: mostly the same, sometimes more.
fn latency(base: u64, round: i64, salt: usize) -> u64 {
    let wave = (round.unsigned_abs().wrapping_mul(2_654_435_761) >> 7).wrapping_add(salt as u64 * 97) % 100;
    base + wave % 5 + if wave > 92 { base * 3 } else { 0 }
}

/// One round of all probes of a topology; `sick` may replace a server's answer.
pub(crate) fn round(
    topology: &Topology,
    round: i64,
    at: Timestamp,
    sick: &dyn Fn(&Fqdn) -> Option<Result<SipAnswer, SipFailure>>,
) -> Vec<Observation> {
    let mut all = Vec::new();
    for (salt, server) in topology.servers().enumerate() {
        let base = if server.site.as_str() == "Dublin" { 28 } else { 11 };
        for listener in &server.listeners {
            let probe = ProbeId::Sip { server: server.fqdn.clone(), service: listener.service };
            let result = sick(&server.fqdn).unwrap_or_else(|| Ok(answer(200, "OK", latency(base, round, salt))));
            all.push(sip(probe, server.endpoint(listener).unwrap(), at, result));
        }
    }
    for pool in &topology.pools {
        let address = SocketAddr::new(pool.addresses[0], pool.port);
        let result = sick(&pool.fqdn).unwrap_or_else(|| Ok(answer(200, "OK", latency(3, round, 5))));
        all.push(sip(ProbeId::Pool { pool: pool.fqdn.clone() }, address, at, result));
    }
    all.extend(topology.dns_servers().map(|(server, kind)| dns(topology, server, kind, at)));
    all.push(states(topology, at));
    all
}

pub(crate) fn dns(topology: &Topology, server: SocketAddr, kind: DnsKind, at: Timestamp) -> Observation {
    let names = topology.servers().map(|server| {
        let a = server.addresses.iter().filter_map(|address| match address {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        });
        let addresses = Addresses {
            a: a.collect(),
            ttl: Some(60),
            authoritative: kind == DnsKind::Authoritative,
            ..Addresses::default()
        };
        (server.fqdn.clone(), Ok(addresses))
    });
    let serials =
        topology.zones.iter().filter(|_| kind == DnsKind::Authoritative).map(|zone| (zone.name.clone(), Ok(7)));
    let outcome =
        DnsOutcome { kind, names: names.collect(), serials: serials.collect(), markers: BTreeMap::new(), key: None };
    Observation { probe: ProbeId::Dns { server }, at, took: Duration::from_millis(2), outcome: Outcome::Dns(outcome) }
}

pub(crate) fn states(topology: &Topology, at: Timestamp) -> Observation {
    let servers = topology.servers().map(|server| {
        let state = ServerState {
            state: topology.normal_state(server),
            components: Vec::new(),
            dial_plans: topology.plans_of(&server.fqdn).map(|plan| plan.name.clone()).collect(),
            active_calls: Some(if topology.normal_state(server) == ServiceState::Enabled { 17 } else { 0 }),
            certificates: BTreeMap::new(),
        };
        (server.fqdn.clone(), state)
    });
    let report = StateReport { servers: servers.collect() };
    let probe = ProbeId::State { backend: BackendName::new("exchange") };
    Observation { probe, at, took: Duration::from_millis(300), outcome: Outcome::State(Ok(report)) }
}

pub(crate) fn settings() -> Settings {
    Settings {
        operator: "ana@jump-dub1".into(),
        zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(2)),
        read_only: false,
        can_run: true,
    }
}

pub(crate) fn model(topology: Topology) -> Model {
    let watch = Watch::new(Arc::new(topology), SinceBook::default());
    Model::new(watch, settings(), Keymap::parse(DEFAULT).unwrap(), start())
}

/// Nothing is sick.
pub(crate) fn well(_: &Fqdn) -> Option<Result<SipAnswer, SipFailure>> {
    None
}

/// A model that has watched for some rounds of five seconds.
pub(crate) fn watched(
    topology: Topology,
    rounds: i64,
    sick: &dyn Fn(&Fqdn) -> Option<Result<SipAnswer, SipFailure>>,
) -> Model {
    let mut model = model(topology);
    let declared = Arc::clone(&model.topology);
    for number in 0..rounds {
        let at = after(number * 5);
        update(&mut model, Event::Observed(round(&declared, number, at, sick)), at);
    }
    dress(&mut model);
    model
}

/// Certificates are read from DER by the watch; the tests of the screen put judged ones in their place.
pub(crate) fn dress(model: &mut Model) {
    let mut picture = model.picture.clone();
    certificates(model, &mut picture);
    model.show(picture);
}

fn certificates(model: &Model, picture: &mut Picture) {
    for server in picture.sites.iter_mut().flat_map(|site| &mut site.servers) {
        let declared = model.topology.server(&server.fqdn).unwrap();
        let required = model.topology.required_names(declared);
        let days = if server.fqdn.host() == "um2" { 12 } else { 213 };
        let view = Arc::new(certificate(server.fqdn.as_str(), required, days, model.now));
        server.services.iter_mut().for_each(|service| service.certificate = Some(Arc::clone(&view)));
    }
    for pool in &mut picture.pools {
        let view = certificate(pool.fqdn.as_str(), vec![pool.fqdn.clone()], 300, model.now);
        pool.service.certificate = Some(Arc::new(view));
    }
}

fn certificate(name: &str, required: Vec<Fqdn>, days: i64, now: Timestamp) -> CertificateView {
    let facts = Facts {
        subject_cn: Some(name.into()),
        issuer: "Contoso Issuing CA 2".into(),
        not_before: "2026-01-02T00:00:00Z".parse().unwrap(),
        not_after: now + (24 * days + 3).hours(),
        dns_names: required.iter().map(|name| name.as_str().into()).collect(),
        key: "RSA 2048".into(),
        signature: "SHA-256 with RSA".into(),
        self_signed: false,
        sha256: "7f3a".repeat(16),
        ..Facts::default()
    };
    let trusted = TrustVerdict::TRUSTED;
    CertificateView {
        facts: Ok(facts),
        above: Vec::new(),
        chain_length: 2,
        covers: required.into_iter().map(|name| (name, true)).collect(),
        lync: Some(trusted),
        exchange: Some(trusted),
        revocation: None,
    }
}

pub(crate) fn finding(id: &'static str, subject: &str, message: &str, since: Timestamp) -> Finding {
    let kind = kind_of(id).unwrap();
    Finding {
        id,
        severity: kind.severity,
        subject: subject.into(),
        since,
        message: message.into(),
        evidence: "as seen by the test".into(),
        advice: kind.advice,
    }
}

/// The two sites on a bad night: um2's certificate is about to end, um4 is down, the pool's issuer is not trusted.
pub(crate) fn bad_night(method: FailoverMethod) -> Model {
    let sick = |name: &Fqdn| (name.host() == "um4").then_some(Err(SipFailure::Refused));
    let mut model = watched(contoso(method), 20, &sick);
    let mut picture = model.picture.clone();
    let day = |days: i64| start() - (24 * days).hours();
    picture.findings.extend([
        finding("cert-expiring", FOUR[1].0, "certificate expires in 12 days", day(3)),
        finding("cert-untrusted", "fe01.contoso.com", "does not trust um4's issuer", day(1)),
        finding("slow", FOUR[2].0, "answers take 812 ms", after(-7200)),
    ]);
    picture.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    model.show(picture);
    model
}

pub(crate) fn look(theme: &str) -> Look {
    let depth = match theme {
        "mono" => Depth::Mono,
        "ansi16" => Depth::Ansi,
        "auto" => Depth::Indexed,
        _ => Depth::Rgb,
    };
    Look::named(theme, depth, false).unwrap()
}

/// A screen that has drawn the model into memory.
pub(crate) fn drawn(model: &mut Model, columns: u16, rows: u16, look: Look) -> Screen<Vec<u8>> {
    let mut screen = Screen::new(Vec::new(), look, columns, rows);
    let shape = screen.shape(&model.topology);
    let now = model.now;
    update(model, Event::Resized(shape), now);
    screen.draw(model).unwrap();
    screen
}

/// Presses keys, written as in the keymap, one after the other.
pub(crate) fn press(model: &mut Model, keys: &str) {
    for key in keys.split_whitespace() {
        let key: Key = key.parse().unwrap();
        let now = model.now;
        update(model, Event::Pressed(key), now);
    }
}

/// Text that wants to steer the terminal, as it arrives in a reason phrase.
pub(crate) fn hostile() -> Clean {
    Clean::new("OK\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}drawkcab コンソール管理者 e\u{301}\u{200d}👩‍👩‍👧 \u{0}\r\n")
}
