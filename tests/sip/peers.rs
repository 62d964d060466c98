//! Peers on loopback with a fixed conduct, and probers for them.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use switchboard::domain::name::{Fqdn, SiteName};
use switchboard::domain::observation::{SipFailure, SipOutcome};
use switchboard::domain::server::{Server, Transport, Version};
use switchboard::domain::topology::{AddressMap, Console, Environment, Owners, ProbeIdentity, Site, Topology, Trust};
use switchboard::probe::{Clock, SipProber, Target};
use switchboard::wire::sip::{Framer, Message, Reply};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Long enough for a loaded machine; only failing tests take so long.
pub(crate) const PATIENT: Duration = Duration::from_secs(20);
/// For peers whose silence is what is tested.
pub(crate) const BRIEF: Duration = Duration::from_millis(400);

pub(crate) fn fqdn(name: &str) -> Fqdn {
    Fqdn::parse(name).unwrap()
}

pub(crate) fn target(address: SocketAddr, transport: Transport) -> Target {
    Target { name: fqdn("um1.contoso.com"), server_name: None, address, transport }
}

pub(crate) fn prober() -> SipProber {
    SipProber::alone(&ProbeIdentity::default(), Clock::start()).unwrap()
}

pub(crate) async fn probe(address: SocketAddr, transport: Transport, deadline: Duration) -> SipOutcome {
    prober().probe(&target(address, transport), deadline).await
}

pub(crate) fn failure(outcome: SipOutcome) -> SipFailure {
    match outcome.result {
        Err(failure) => failure,
        Ok(answer) => panic!("an answer: {answer:?}"),
    }
}

/// A listener that treats each connection in the same way, until the runtime of the test ends.
pub(crate) async fn listen<F>(conduct: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            tokio::spawn(conduct(stream));
        }
    });
    address
}

/// The next request of a stream; `None` when the client is gone.
pub(crate) async fn request<S: AsyncRead + Unpin>(stream: &mut S, framer: &mut Framer) -> Option<Message> {
    let mut chunk = [0; 2048];
    loop {
        if let Some(message) = framer.next_message().unwrap() {
            return Some(message);
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => framer.push(&chunk[..count]),
        }
    }
}

/// Answers every request of a stream with what `reply` makes of it.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, reply: impl Fn(&Message) -> Vec<u8>) {
    let mut framer = Framer::new();
    while let Some(message) = request(&mut stream, &mut framer).await {
        if stream.write_all(&reply(&message)).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

pub(crate) fn ok(message: &Message) -> Vec<u8> {
    Reply::to(message, 200, "OK").header("Server", "RTCC/5.0.0.0 MSExchangeUM/15.01.2507.017").to_bytes()
}

/// Holds a connection open without a word.
pub(crate) async fn hold<S>(stream: S) {
    let _held = stream;
    std::future::pending::<()>().await;
}

/// A topology of servers by name and own address.
pub(crate) fn topology(servers: &[(&str, &str)], map: BTreeMap<SocketAddr, SocketAddr>) -> Topology {
    let site = SiteName::new("Tukwila");
    let server = |(name, address): &(&str, &str)| Server {
        fqdn: fqdn(name),
        site: SiteName::new("Tukwila"),
        addresses: vec![address.parse().unwrap()],
        version: Version { major: 15, minor: 1 },
        listeners: Vec::new(),
        partner: None,
        backend: None,
        manage_as: None,
        max_calls: None,
        peak_calls: None,
        ucma: None,
        thumbprints: BTreeMap::new(),
    };
    let servers = servers.iter().map(server).collect();
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
        resolvers: Vec::new(),
        zones: Vec::new(),
        trust: Trust::default(),
        backends: BTreeMap::new(),
        map: AddressMap::new(map),
        forests: Vec::new(),
        pools: Vec::new(),
        sites: vec![Site {
            name: site,
            forest: None,
            standby: None,
            owners: Owners::default(),
            delivers_for: None,
            acceptance: None,
            servers,
        }],
        dial_plans: Vec::new(),
        policy: switchboard::domain::policy::Policy::default(),
    }
}

/// A counter that several tasks share.
#[derive(Clone, Default)]
pub(crate) struct Count(Arc<std::sync::atomic::AtomicUsize>);

impl Count {
    pub(crate) fn up(&self) -> usize {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

/// Looks for a program that a test needs. Its absence is a failure where `CI` says so, and a loud skip elsewhere.
pub(crate) fn has_program(name: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .any(|dir| dir.join(name).is_file());
    if !found {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} is missing");
        eprintln!("SKIPPED: {name} is not installed");
    }
    found
}
