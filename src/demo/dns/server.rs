//! One DNS server's sockets: UDP and TCP on one loopback port, that can be closed, deaf, and opened again on the same port.
//!
//! Knows nothing of what is answered.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::DnsError;

/// Questions and connections that are worked on at once; what comes above that waits in the kernel.
const MOST_TASKS: usize = 256;
const BACKLOG: i32 = 1024;
/// A TCP connection without a question is closed after this.
const IDLE: Duration = Duration::from_secs(30);
/// How long a port may be taken by somebody else before a switch is reported as failed; it is tried on after that.
const SWITCH: Duration = Duration::from_secs(5);

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Via {
    Udp,
    Tcp,
}

/// What a server does with a message.
pub(super) trait Service: Send + Sync + 'static {
    /// The answers to one message; none when it is not worth one.
    fn answer(&self, message: Vec<u8>, via: Via) -> impl Future<Output = Vec<Vec<u8>>> + Send;
}

/// What the sockets do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Answer.
    Up,
    /// Are closed: connections are refused.
    Stopped,
    /// Take everything in and say nothing, like a host behind a cut line.
    Dark,
}

impl Mode {
    /// The line comes first: behind a cut one nobody learns that nothing listens.
    pub(super) fn of(stopped: bool, dark: bool) -> Self {
        match (stopped, dark) {
            (_, true) => Self::Dark,
            (true, false) => Self::Stopped,
            (false, false) => Self::Up,
        }
    }
}

/// A running server; dropping it closes its sockets.
pub(super) struct Endpoint {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    reached: watch::Receiver<Mode>,
    task: JoinHandle<()>,
}

impl Endpoint {
    /// Opens a free loopback port and answers there.
    pub(super) async fn start(service: Arc<impl Service>) -> Result<Self, DnsError> {
        let sockets = bind_free().await.map_err(DnsError::Bind)?;
        let address = sockets.tcp.local_addr().map_err(DnsError::Bind)?;
        let (mode, wanted) = watch::channel(Mode::Up);
        let (report, reached) = watch::channel(Mode::Up);
        let task = tokio::spawn(run(service, address, sockets, wanted, report));
        Ok(Self { address, mode, reached, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells what the sockets are switched to.
    pub(super) fn modes(&self) -> watch::Receiver<Mode> {
        self.mode.subscribe()
    }

    /// Switches, and returns when it is so.
    pub(super) async fn switch(&self, mode: Mode) -> Result<(), DnsError> {
        self.mode.send_replace(mode);
        let mut reached = self.reached.clone();
        match timeout(SWITCH, reached.wait_for(|reached| *reached == mode)).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(DnsError::Switch(self.address)),
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Sockets {
    udp: Arc<UdpSocket>,
    tcp: TcpListener,
}

/// A port number that is free for both; another program may hold one of the two, so several are tried.
async fn bind_free() -> io::Result<Sockets> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..64 {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok(Sockets { udp: Arc::new(udp), tcp }),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn bind_again(address: SocketAddr) -> Sockets {
    loop {
        if let (Ok(tcp), Ok(udp)) = (TcpListener::bind(address).await, UdpSocket::bind(address).await) {
            return Sockets { udp: Arc::new(udp), tcp };
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Keeps a closed port from being given to another program: a TCP socket that does not listen refuses, and a UDP socket that is
/// connected to itself lets the kernel answer everybody else with "port unreachable".
async fn reserve(address: SocketAddr) -> (Option<TcpSocket>, Option<UdpSocket>) {
    let tcp = TcpSocket::new_v4().and_then(|socket| {
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    });
    let udp = match UdpSocket::bind(address).await {
        Ok(socket) => socket.connect(address).await.map(|()| socket).ok(),
        Err(_) => None,
    };
    (tcp.ok(), udp)
}

async fn run<S: Service>(
    service: Arc<S>,
    address: SocketAddr,
    sockets: Sockets,
    mut wanted: watch::Receiver<Mode>,
    reached: watch::Sender<Mode>,
) {
    let mut sockets = Some(sockets);
    loop {
        let open = match sockets.take() {
            Some(sockets) => sockets,
            None => bind_again(address).await,
        };
        serve(&service, open, &mut wanted, &reached).await;
        let reserved = reserve(address).await;
        reached.send_replace(Mode::Stopped);
        if wanted.wait_for(|mode| *mode != Mode::Stopped).await.is_err() {
            return;
        }
        drop(reserved);
    }
}

/// Answers until the server is to stop; then every socket and connection is closed.
async fn serve<S: Service>(
    service: &Arc<S>,
    sockets: Sockets,
    wanted: &mut watch::Receiver<Mode>,
    reached: &watch::Sender<Mode>,
) {
    let mut tasks = JoinSet::new();
    let mut buffer = vec![0; usize::from(u16::MAX)];
    let mut plug = None;
    loop {
        let mode = *wanted.borrow_and_update();
        match mode {
            Mode::Stopped => return,
            Mode::Dark if plug.is_none() => plug = Some(darken(&sockets.tcp).await),
            Mode::Up if plug.is_some() => plug = lighten(&sockets.tcp),
            Mode::Up | Mode::Dark => {}
        }
        reached.send_if_modified(|reached| std::mem::replace(reached, mode) != mode);
        tokio::select! {
            changed = wanted.changed() => if changed.is_err() { return },
            Some(_) = tasks.join_next() => {}
            Ok((length, from)) = sockets.udp.recv_from(&mut buffer), if tasks.len() < MOST_TASKS => {
                if mode == Mode::Up {
                    let message = buffer.get(..length).unwrap_or_default().to_vec();
                    tasks.spawn(datagram(Arc::clone(service), Arc::clone(&sockets.udp), message, from));
                }
            }
            Ok((stream, _)) = sockets.tcp.accept(), if mode == Mode::Up && tasks.len() < MOST_TASKS => {
                tasks.spawn(connection(Arc::clone(service), stream, wanted.clone()));
            }
        }
    }
}

/// Makes the kernel ignore connection attempts: the queue of connections is cut to one and that one is taken by ourselves.
async fn darken(tcp: &TcpListener) -> Vec<TcpStream> {
    let mut own = Vec::new();
    if let (Ok(()), Ok(address)) = (rustix::net::listen(tcp, 0).map_err(io::Error::from), tcp.local_addr()) {
        while own.len() < 8
            && let Ok(Ok(stream)) = timeout(Duration::from_millis(50), TcpStream::connect(address)).await
        {
            own.push(stream);
        }
    }
    own
}

fn lighten(tcp: &TcpListener) -> Option<Vec<TcpStream>> {
    // Should the kernel refuse, connections still come in, one at a time.
    let _ = rustix::net::listen(tcp, BACKLOG);
    None
}

async fn datagram<S: Service>(service: Arc<S>, socket: Arc<UdpSocket>, message: Vec<u8>, from: SocketAddr) {
    for answer in service.answer(message, Via::Udp).await {
        // A client that is gone is no concern of ours.
        let _ = socket.send_to(&answer, from).await;
    }
}

/// Answers question after question (RFC 7766 §6.2.1) until the client closes, is silent for long, or breaks the framing.
async fn connection<S: Service>(service: Arc<S>, mut stream: TcpStream, mut mode: watch::Receiver<Mode>) {
    let _ = stream.set_nodelay(true);
    while let Ok(Ok(message)) = timeout(IDLE, read_framed(&mut stream)).await {
        if mode.wait_for(|mode| *mode == Mode::Up).await.is_err() {
            return;
        }
        let mut framed = Vec::new();
        for answer in service.answer(message, Via::Tcp).await {
            framed.extend(u16::try_from(answer.len()).unwrap_or(u16::MAX).to_be_bytes());
            framed.extend(answer);
        }
        if mode.wait_for(|mode| *mode == Mode::Up).await.is_err() || stream.write_all(&framed).await.is_err() {
            return;
        }
    }
}

/// One message behind its length (RFC 1035 §4.2.2).
pub(super) async fn read_framed(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u16().await?;
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await?;
    Ok(message)
}
