//! OPTIONS over UDP, with retransmission (RFC 3261 §17.1.2.2).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::domain::observation::SipFailure;
use crate::wire::sip::{Identity, Message, OptionsRequest, parse};

use super::sip::{Target, via_name};
use super::sip_failure::{not_sip, of_connecting};
use super::sip_progress::Progress;

/// Round-trip estimate, and the longest time between two sendings (§17.1.1.1, §17.1.2.2).
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// The largest datagram.
const DATAGRAM: usize = 65_535;

/// Asks until an answer comes; the caller's deadline ends it. Gives the answer and the time since the first sending.
pub(super) async fn ask(
    target: &Target,
    address: SocketAddr,
    from: &str,
    progress: &mut Progress,
) -> Result<(Message, Duration), SipFailure> {
    let socket = open(address).await?;
    let local = socket.local_addr().map_err(|error| SipFailure::Local(error.to_string().into()))?;
    let identity = Identity::new(rand::random(), format!("{:016x}@{from}", rand::random::<u64>()), 1);
    let mut request = Vec::with_capacity(512);
    let uri = target.request_uri();
    OptionsRequest { uri: &uri, from, transport: via_name(target.transport), local, identity: &identity }
        .write(&mut request);
    let mut datagram = vec![0; DATAGRAM];
    let sent = Instant::now();
    let (mut wait, mut next) = (T1, sent);
    loop {
        if next <= Instant::now() {
            socket.send(&request).await.map_err(|error| of_connecting(&error))?;
            next = Instant::now() + wait;
            wait = (wait * 2).min(T2);
        }
        match timeout_at(next, answer(&socket, &identity, &mut datagram, progress)).await {
            Ok(Ok(Some(message))) => return Ok((message, sent.elapsed())),
            // A provisional answer: it is being worked on, the question need not be repeated soon.
            Ok(Ok(None)) => (wait, next) = (T2, Instant::now() + T2),
            Ok(Err(failure)) => return Err(failure),
            Err(_) => {}
        }
    }
}

/// A connected socket: only this peer's datagrams come in, and a closed port is told at once.
async fn open(address: SocketAddr) -> Result<UdpSocket, SipFailure> {
    let any = if address.is_ipv4() {
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))
    } else {
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))
    };
    let socket = UdpSocket::bind(any).await.map_err(|error| SipFailure::Local(error.to_string().into()))?;
    socket.connect(address).await.map_err(|error| of_connecting(&error))?;
    Ok(socket)
}

/// The final answer; `None` after the first provisional one.
async fn answer(
    socket: &UdpSocket,
    identity: &Identity,
    datagram: &mut [u8],
    progress: &mut Progress,
) -> Result<Option<Message>, SipFailure> {
    loop {
        let count = socket.recv(datagram).await.map_err(|error| of_connecting(&error))?;
        let bytes = &datagram[..count];
        match parse(bytes) {
            Ok(message) if !identity.matches(&message) => progress.stray(&message),
            Ok(message) if message.code().is_some_and(|code| code >= 200) => return Ok(Some(message)),
            Ok(_) => return Ok(None),
            // Anyone can send noise: it ends nothing, but it is told when nothing better comes.
            Err(error) => progress.noise(not_sip(&error, Some(bytes))),
        }
    }
}
