//! Every fault of the demo, seen through the real probes as the right finding on the right thing: there within `fall` + 1
//! rounds of the probe that sees it, and gone within `rise` + 1 rounds after it is healed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and tells how long things took"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use switchboard::config;
use switchboard::demo::{Cast, Demo, Design, FaultBoard, Options, Profile, faults};
use switchboard::domain::judge::{Picture, ServerView};
use switchboard::domain::name::{BackendName, Fqdn};
use switchboard::domain::observation::ProbeId;
use switchboard::domain::server::Server;
use switchboard::domain::topology::Topology;
use switchboard::domain::watch::{SinceBook, Watch};
use switchboard::probe::{Clock, Network, Supervisor};
use tokio::time::{Instant, timeout_at};

/// A fault, the finding that it has to become, and on what.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

const UM1: &[&str] = &["um1.tukwila.contoso.com"];
const TUKWILA: &[&str] = &["um1.tukwila.contoso.com", "um2.tukwila.contoso.com"];
const DUBLIN: &[&str] = &["um3.dublin.contoso.com", "um4.dublin.contoso.com"];

const SERVER: &[Case] = &[
    ("um1", "stop", "server-down", UM1),
    ("um1", "hang", "sip-silent", UM1),
    ("um1", "slow", "slow", UM1),
    ("um1", "reset", "server-down", UM1),
    ("um1", "garbage", "not-sip", UM1),
    ("um1", "403", "not-a-peer", UM1),
    ("um1", "503", "refusing-calls", UM1),
];
const CERTIFICATE: &[Case] = &[
    ("um2", "cert-expired", "cert-expired", &["um2.tukwila.contoso.com"]),
    ("um3", "cert-expiring", "cert-expiring", &["um3.dublin.contoso.com"]),
    ("um4", "cert-self-signed", "cert-self-signed", &["um4.dublin.contoso.com"]),
    ("um1", "cert-missing-name", "cert-missing-name", UM1),
    ("um2", "cert-wrong-ca", "cert-untrusted", &["um2.tukwila.contoso.com"]),
    ("um3", "cert-revoked", "cert-revoked", &["um3.dublin.contoso.com"]),
    ("um4", "cert-not-taken-up", "cert-not-taken-up", &["um4.dublin.contoso.com"]),
];
const DNS: &[Case] = &[
    ("um1", "re-register", "re-registered", UM1),
    ("ns2", "stale", "dns-lagging", &["192.0.2.54:53"]),
    ("primary", "stop", "dns-silent", &["192.0.2.53:53"]),
    ("primary", "refuse", "key-refused", &["192.0.2.53:53"]),
    ("primary", "clock", "clock-skew", &["192.0.2.53:53"]),
    ("resolver", "stale", "resolver-stale", &["192.0.2.60:53"]),
    ("resolver", "stop", "dns-silent", &["192.0.2.60:53"]),
    ("marker", "delete", "marker-absent", &["Tukwila"]),
];
const STATE: &[Case] = &[
    ("um1", "no-new-calls", "draining", UM1),
    ("state-command", "fail", "state-unreadable", &["exchange"]),
    ("state-command", "hang", "state-unreadable", &["exchange"]),
    ("state-command", "lie", "state-contradicted", &[UM1[0], TUKWILA[1], DUBLIN[0], DUBLIN[1]]),
];
const WIDE: &[Case] = &[
    ("pool", "stop", "pool-down", &["fe01.contoso.com"]),
    ("Tukwila", "dark", "server-down", TUKWILA),
    ("Dublin", "dark", "server-down", DUBLIN),
    ("console", "isolated", "console-isolated", &["console"]),
];

#[test]
fn every_fault_of_the_table_has_its_case() {
    let cases: Vec<&Case> = [SERVER, CERTIFICATE, DNS, STATE, WIDE].into_iter().flatten().collect();
    let cast = Cast::new(Design::Dns, Profile::Kind);
    for row in faults::FAULTS {
        let tried = cases.iter().any(|(subject, fault, ..)| {
            let (_, who) = faults::find_subject(&cast, subject).unwrap();
            (who, *fault) == (row.who, row.token)
        });
        assert!(tried, "{:?} {}", row.who, row.token);
    }
}

/// Of the second design: um3 and um4 are disabled, and a certificate needs its own server's name alone.
const STANDBY: &[Case] = &[
    ("um3", "stop", "server-down", &["um3.dublin.contoso.com"]),
    ("um1", "cert-missing-name", "cert-missing-name", UM1),
    ("state-command", "lie", "state-contradicted", TUKWILA),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_the_second_design_are_found_and_end() {
    let mut bench = Bench::start(|options| options.design = Design::EnableDisable).await;
    bench.settle().await;
    for case in STANDBY {
        bench.try_one(case).await;
        bench.settle().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_field_a_console_that_nobody_knows_sees_what_it_would_see_there() {
    let mut bench = Bench::start(|options| options.profile = Profile::Field).await;
    let expected = [
        ("not-a-peer", "um1.tukwila.contoso.com"),
        ("sip-silent", "um3.dublin.contoso.com"),
        ("session-not-proven", "um4.dublin.contoso.com"),
    ];
    let start = Instant::now();
    loop {
        let picture = bench.next(start + PATIENCE).await;
        if picture.waiting == 0 && expected.iter().all(|(id, thing)| is_found(&picture, id, thing)) {
            break;
        }
    }
    // A certificate can be wrong where no session can be opened.
    bench.try_one(&("um4", "cert-expired", "cert-expired", &["um4.dublin.contoso.com"])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_field_the_certificate_of_a_known_gateway_opens_the_door() {
    let mut bench = Bench::start_with(
        |options| options.profile = Profile::Field,
        |file| {
            let probe = "[probe]\ncertificate = \"gateway.pem\"\nkey = \"gateway-key.pem\"\n\n[dns]";
            file.replacen("[dns]", probe, 1).replace("transport = \"tls\"", "transport = \"mutual-tls\"")
        },
    )
    .await;
    let start = Instant::now();
    loop {
        let picture = bench.next(start + PATIENCE).await;
        let answers = |server: &ServerView| server.services.iter().all(|service| service.code == Some(200));
        let servers: Vec<&ServerView> = picture.sites.iter().flat_map(|site| &site.servers).collect();
        if servers.iter().filter(|server| answers(server)).count() == 7 {
            assert!(servers.iter().any(|server| server.fqdn.host() == "um4" && !answers(server)), "the old server");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_a_server_are_found_and_end() {
    try_all(SERVER).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_certificates_are_found_and_end() {
    try_all(CERTIFICATE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_dns_are_found_and_end() {
    try_all(DNS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_the_service_state_are_found_and_end() {
    try_all(STATE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_whole_sites_are_found_and_end() {
    try_all(WIDE).await;
}

async fn try_all(cases: &[Case]) {
    let mut bench = Bench::start(|_| {}).await;
    bench.settle().await;
    for case in cases {
        bench.try_one(case).await;
        bench.settle().await;
    }
}

/// Nothing may take longer than this; what the test asserts are rounds, not seconds.
const PATIENCE: Duration = Duration::from_secs(60);

struct Bench {
    faults: FaultBoard,
    watch: Watch,
    supervisor: Supervisor,
    clock: Clock,
    /// Results of each probe since the last switch.
    rounds: BTreeMap<ProbeId, u32>,
    _demo: Demo,
    _dir: tempfile::TempDir,
}

impl Bench {
    async fn start(change: impl FnOnce(&mut Options)) -> Self {
        Self::start_with(change, str::to_owned).await
    }

    /// With a topology file that a user has edited.
    async fn start_with(change: impl FnOnce(&mut Options), edit: impl FnOnce(&str) -> String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::start();
        let told = clock.clone();
        let program = env!("CARGO_BIN_EXE_switchboard");
        let mut options = Options::new(dir.path().join("demo"), program, Arc::new(move || told.now()));
        options.interval = Duration::from_millis(200);
        change(&mut options);
        let demo = Demo::start(options).await.unwrap();
        let written = std::fs::read_to_string(demo.topology_file()).unwrap();
        // The state command at the pace of the other probes, with a deadline as short as theirs.
        let (before, after) = written.split_once("effect_wait").unwrap();
        let before = before.replace("timeout = \"3s\"", "timeout = \"1s\"");
        let written = before + "effect_wait" + &after.replace("interval = \"1s\"", "interval = \"200ms\"");
        std::fs::write(demo.topology_file(), edit(&written)).unwrap();
        let read = config::load(&demo.topology_file(), &|_| None).map_err(|problems| problems.to_string());
        let topology = Arc::new(read.unwrap());
        // The demo's revocation list does not change: it is read at its own pace.
        let mut probes = Network::schedule(&topology);
        probes.retain(|scheduled| !matches!(scheduled.probe, ProbeId::Crl { .. }));
        assert!(probes.iter().all(|probe| probe.interval == Duration::from_millis(200)));
        let supervisor = Network::new(Arc::clone(&topology), &clock).unwrap().watch(&tokio::runtime::Handle::current());
        let watch = Watch::new(Arc::clone(&topology), SinceBook::default());
        let faults = demo.faults();
        Self { faults, watch, supervisor, clock, rounds: BTreeMap::new(), _demo: demo, _dir: dir }
    }

    /// Waits until every probe has answered and nothing is found.
    async fn settle(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let picture = self.next(deadline).await;
            if picture.waiting == 0 && picture.findings.is_empty() {
                return;
            }
        }
    }

    async fn next(&mut self, deadline: Instant) -> Picture {
        let came = timeout_at(deadline, self.supervisor.changed()).await.is_ok();
        assert!(came, "no result any more; {}", told(&self.watch.picture(self.clock.now())));
        for observation in self.supervisor.take() {
            *self.rounds.entry(observation.probe.clone()).or_default() += 1;
            self.watch.absorb(observation);
        }
        let picture = self.watch.picture(self.clock.now());
        assert!(Instant::now() < deadline, "too late; {}", told(&picture));
        picture
    }

    async fn try_one(&mut self, &(subject, fault, id, things): &Case) {
        let topology = Arc::clone(self.watch.topology());
        let (fall, rise) = (topology.console.fall, topology.console.rise);
        let probes: Vec<ProbeId> = things.iter().flat_map(|thing| seen_by(&topology, id, thing)).collect();
        self.faults.on(subject, fault).await.unwrap();
        let has = |picture: &Picture| things.iter().all(|thing| is_found(picture, id, thing));
        self.within(fall + 1, &probes, &format!("{subject} {fault}: {id}"), has).await;
        self.faults.off(subject, fault).await.unwrap();
        let is_gone = |picture: &Picture| things.iter().all(|thing| !is_found(picture, id, thing));
        self.within(rise + 1, &probes, &format!("{subject} {fault} healed: no {id}"), is_gone).await;
    }

    /// Follows the probes until something holds, for so many results of each of them at most.
    async fn within(&mut self, rounds: u32, probes: &[ProbeId], what: &str, holds: impl Fn(&Picture) -> bool) {
        let start = Instant::now();
        self.rounds.clear();
        loop {
            let picture = self.next(start + PATIENCE).await;
            let made = probes.iter().map(|probe| self.rounds.get(probe).copied().unwrap_or(0)).min().unwrap_or(0);
            if holds(&picture) {
                eprintln!("{what}: after {made} rounds, {:.1} s", start.elapsed().as_secs_f64());
                return assert!(made <= rounds, "{what}: only after {made} rounds");
            }
            assert!(made < rounds, "{what}: not after {made} rounds; {}", told(&picture));
        }
    }
}

fn is_found(picture: &Picture, id: &str, thing: &str) -> bool {
    picture.findings.iter().any(|finding| finding.id == id && finding.subject == thing)
}

fn told(picture: &Picture) -> String {
    let found = picture.findings.iter().map(|f| format!("{} on {}: {} ({})", f.id, f.subject, f.message, f.evidence));
    format!("found: {:#?}", found.collect::<Vec<_>>())
}

/// The probes whose results decide about a finding.
fn seen_by(topology: &Topology, id: &str, thing: &str) -> Vec<ProbeId> {
    let state = || ProbeId::State { backend: BackendName::new("exchange") };
    let sip = |server: &Server| ProbeId::Sip { server: server.fqdn.clone(), service: server.listeners[0].service };
    match id {
        "draining" | "state-unreadable" | "state-contradicted" => vec![state()],
        // A secondary lags behind what the primary is known to have.
        "re-registered" | "marker-absent" | "dns-lagging" => {
            topology.zones[0].authoritative.iter().map(|server| ProbeId::Dns { server: *server }).collect()
        }
        "pool-down" => vec![ProbeId::Pool { pool: Fqdn::parse(thing).unwrap() }],
        "console-isolated" => topology
            .servers()
            .map(sip)
            .chain(topology.dns_servers().map(|(server, _)| ProbeId::Dns { server }))
            .collect(),
        _ => match thing.parse() {
            Ok(server) => vec![ProbeId::Dns { server }],
            Err(_) => vec![sip(topology.server(&Fqdn::parse(thing).unwrap()).unwrap())],
        },
    }
}
