//! What probing costs beside the bare work of the TLS library, in one run.
//!
//! `cargo bench --bench probes [TARGETS]`. The targets are SIP servers over TLS in a process of their own, so that the CPU time
//! read here (`CLOCK_PROCESS_CPUTIME_ID`) is this process's alone. Rounds of both sides take turns; the median counts.
//!
//! The bare side of kept connections sends the very OPTIONS that the product sends and reads the same answer, without
//! understanding it: same bytes, same targets, as many at once, on the same runtime.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first surprise and prints its figures"
)]

mod targets;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use rustix::time::{ClockId, clock_gettime};
use switchboard::domain::name::Fqdn;
use switchboard::domain::server::Transport;
use switchboard::domain::topology::ProbeIdentity;
use switchboard::probe::{Clock, SipProber, Target};
use switchboard::wire::sip::{Identity, OptionsRequest, parse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const AT_ONCE: usize = 64;
const FRESH_ROUNDS: usize = 5;
/// A round over kept connections is short: more of them, against noise.
const KEPT_ROUNDS: usize = 25;
/// Who asks, on both sides.
const FROM: &str = "console.contoso.com";
const DEADLINE: Duration = Duration::from_secs(20);

fn main() {
    if let Ok(ports) = std::env::var(targets::ROLE) {
        return targets::serve(ports.parse().unwrap());
    }
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure(count));
}

/// The process with the targets; ended when this one is done.
struct Targets {
    child: Child,
    addresses: Vec<SocketAddr>,
}

impl Targets {
    fn start(count: usize) -> Self {
        let me = std::env::current_exe().unwrap();
        let mut child = Command::new(me).env(targets::ROLE, count.to_string()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let addresses = lines.take(count).map(|line| line.unwrap().parse().unwrap()).collect();
        Self { child, addresses }
    }
}

impl Drop for Targets {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}

async fn measure(count: usize) {
    let running = Targets::start(count);
    let addresses = &running.addresses;
    println!(
        "{count} targets in another process, {AT_ONCE} at once, median of {FRESH_ROUNDS} and {KEPT_ROUNDS} rounds\n"
    );
    let (bare, probed) = fresh(addresses).await;
    report("bare TLS handshakes", &bare, count);
    report("TLS + OPTIONS, fresh", &probed, count);
    let ratio = probed.cpu.as_secs_f64() / bare.cpu.as_secs_f64();
    println!("CPU of fresh probes / bare handshakes: {ratio:.2} (at most 1.25)\n");
    let (echoed, kept) = kept(addresses).await;
    report("bare echo, kept TLS", &echoed, count);
    report("OPTIONS, kept TLS", &kept, count);
    let ratio = kept.cpu.as_secs_f64() / echoed.cpu.as_secs_f64();
    println!("CPU of kept probes / bare echo: {ratio:.2} (at most 1.5)");
}

/// Wall and CPU time of one pass over all targets.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
}

fn report(what: &str, cost: &Cost, count: usize) {
    let per_second = count as f64 / cost.wall.as_secs_f64();
    let per_thousand = cost.cpu.as_secs_f64() * 1000.0 / count as f64;
    println!("{what:<22} {per_second:>8.0} per second   {per_thousand:>7.3} CPU s per 1,000");
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by_key(|cost| cost.cpu);
    costs[costs.len() / 2]
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

async fn timed(work: impl Future<Output = ()>) -> Cost {
    let (wall, before) = (Instant::now(), cpu());
    work.await;
    Cost { wall: wall.elapsed(), cpu: cpu().checked_sub(before).unwrap() }
}

async fn fresh(addresses: &[SocketAddr]) -> (Cost, Cost) {
    let (connector, prober, targets) = (&connector(), prober().keeping(false), all_targets(addresses));
    let (mut bare, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..FRESH_ROUNDS {
        bare.push(
            timed(each(addresses, |address| async move {
                drop(connect(connector, *address).await);
            }))
            .await,
        );
        asked.push(timed(each(&targets, |target| options(&prober, target))).await);
    }
    (median(bare), median(asked))
}

async fn kept(addresses: &[SocketAddr]) -> (Cost, Cost) {
    let (connector, prober, targets) = (&connector(), prober(), all_targets(addresses));
    each(&targets, |target| options(&prober, target)).await;
    let bare = stream::iter(addresses).map(|address| Bare::open(connector, *address)).buffered(AT_ONCE);
    let mut bare: Vec<Bare> = bare.collect().await;
    let (mut echoed, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..KEPT_ROUNDS {
        echoed.push(timed(each(&mut bare, Bare::echo)).await);
        asked.push(timed(each(&targets, |target| options(&prober, target))).await);
    }
    (median(echoed), median(asked))
}

async fn each<I: IntoIterator, F: Future<Output = ()>>(all: I, work: impl Fn(I::Item) -> F) {
    stream::iter(all).map(work).buffer_unordered(AT_ONCE).collect::<()>().await;
}

fn prober() -> SipProber {
    let identity = ProbeIdentity { from: Some(Fqdn::parse(FROM).unwrap()), ..ProbeIdentity::default() };
    SipProber::alone(&identity, Clock::start()).unwrap()
}

fn all_targets(addresses: &[SocketAddr]) -> Vec<Target> {
    let name = Fqdn::parse(targets::NAME).unwrap();
    let target = |address| Target { name: name.clone(), server_name: None, address, transport: Transport::Tls };
    addresses.iter().copied().map(target).collect()
}

async fn options(prober: &SipProber, target: &Target) {
    let outcome = prober.probe(target, DEADLINE).await;
    assert_eq!(outcome.result.unwrap().code, 200);
    assert!(outcome.tls.unwrap().proved);
}

/// A connection of the TLS library alone, with the product's request and the length of its answer at hand.
struct Bare {
    stream: TlsStream<TcpStream>,
    request: Vec<u8>,
    answer: usize,
}

impl Bare {
    async fn open(connector: &TlsConnector, address: SocketAddr) -> Self {
        let stream = connect(connector, address).await;
        let local = stream.get_ref().0.local_addr().unwrap();
        let identity = Identity::new(rand::random(), format!("{:016x}@{FROM}", rand::random::<u64>()), 1);
        let uri = format!("sip:{}:{};transport=tls", targets::NAME, address.port());
        let mut request = Vec::new();
        OptionsRequest { uri: &uri, from: FROM, transport: "TLS", local, identity: &identity }.write(&mut request);
        let answer = targets::answer_to(&parse(&request).unwrap()).len();
        Self { stream, request, answer }
    }

    /// Moves the bytes of one probe out and back.
    async fn echo(&mut self) {
        let mut back = [0; 1024];
        self.stream.write_all(&self.request).await.unwrap();
        self.stream.flush().await.unwrap();
        self.stream.read_exact(&mut back[..self.answer]).await.unwrap();
    }
}

/// The TLS library as it is used without us: the target's own root, everything verified.
fn connector() -> TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    let pem = std::fs::read(targets::root_file()).unwrap();
    roots.add(pem.into()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

async fn connect(connector: &TlsConnector, address: SocketAddr) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    connector.connect(targets::NAME.try_into().unwrap(), stream).await.unwrap()
}
