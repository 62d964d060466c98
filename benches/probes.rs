//! What probing costs beside the bare work of the TLS library, in one run.
//!
//! `cargo bench --bench probes [TARGETS]`. The targets are SIP servers over TLS in a process of their own, so that the CPU time
//! read here (`CLOCK_PROCESS_CPUTIME_ID`) is this process's alone. Rounds of both sides take turns; the median counts.
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
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const AT_ONCE: usize = 64;
const ROUNDS: usize = 5;
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
    println!("{count} targets in another process, {AT_ONCE} at once, median of {ROUNDS} rounds\n");
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
    let connector = &connector();
    let prober = SipProber::alone(&ProbeIdentity::default(), Clock::start()).unwrap().keeping(false);
    let (mut bare, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(
            timed(each(addresses, |address| async move {
                drop(connect(connector, address).await);
            }))
            .await,
        );
        asked.push(timed(each(addresses, |address| options(&prober, address))).await);
    }
    (median(bare), median(asked))
}

async fn kept(addresses: &[SocketAddr]) -> (Cost, Cost) {
    let prober = SipProber::alone(&ProbeIdentity::default(), Clock::start()).unwrap();
    each(addresses, |address| options(&prober, address)).await;
    let connector = &connector();
    let connections = stream::iter(addresses).map(|address| connect(connector, *address)).buffered(AT_ONCE);
    let mut connections: Vec<_> = connections.collect().await;
    let (mut echoed, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        echoed.push(
            timed(async {
                let all = stream::iter(connections.iter_mut().map(echo));
                all.buffer_unordered(AT_ONCE).collect::<()>().await;
            })
            .await,
        );
        asked.push(timed(each(addresses, |address| options(&prober, address))).await);
    }
    (median(echoed), median(asked))
}

async fn each<F: Future<Output = ()>>(addresses: &[SocketAddr], work: impl Fn(SocketAddr) -> F) {
    stream::iter(addresses).map(|address| work(*address)).buffer_unordered(AT_ONCE).collect::<()>().await;
}

async fn options(prober: &SipProber, address: SocketAddr) {
    let name = Fqdn::parse(targets::NAME).unwrap();
    let outcome = prober.probe(&Target { name, server_name: None, address, transport: Transport::Tls }, DEADLINE).await;
    assert_eq!(outcome.result.unwrap().code, 200);
    assert!(outcome.tls.unwrap().proved);
}

/// Sends what an OPTIONS of the same length would be and reads it back.
async fn echo(connection: &mut TlsStream<TcpStream>) {
    let mut back = [0; targets::ECHO.len()];
    connection.write_all(targets::ECHO).await.unwrap();
    connection.flush().await.unwrap();
    connection.read_exact(&mut back).await.unwrap();
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
