//! One question and its answer: over UDP, with one repetition; over TCP when the answer was cut.
//!
//! The socket is connected, so that a closed port is seen at once and nobody else's datagram comes in.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

use crate::domain::clean::Clean;
use crate::domain::observation::DnsFailure;
use crate::wire::dns::question::{Reading, read};

/// No datagram of a server that was asked without EDNS is longer than 512; more is taken all the same.
const LONGEST_DATAGRAM: usize = 4096;
/// A lost datagram is sent again after this, or sooner when the deadline is near.
const AGAIN: Duration = Duration::from_secs(1);

/// An answer, as it came and as it reads.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) bytes: Vec<u8>,
    pub(super) message: Message,
}

/// Sends a message and waits for its answer until the deadline.
pub(super) async fn exchange(server: SocketAddr, sent: &[u8], until: Instant) -> Result<Reply, DnsFailure> {
    let reply = over_udp(server, sent, until).await?;
    if !reply.message.truncation {
        return Ok(reply);
    }
    match timeout_at(until, over_tcp(server, sent)).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) => Err(DnsFailure::Malformed(Clean::new(&format!("cut over UDP, and over TCP: {error}")))),
        Err(_) => Err(DnsFailure::Timeout),
    }
}

async fn over_udp(server: SocketAddr, sent: &[u8], until: Instant) -> Result<Reply, DnsFailure> {
    let socket = connected(server).await.map_err(|error| failure(&error))?;
    let patience = until.saturating_duration_since(Instant::now());
    // What claims to be ours and is unreadable may be forged: the true answer is waited for all the same.
    let mut garbled = None;
    for wait_until in [Instant::now() + AGAIN.min(patience / 2), until] {
        socket.send(sent).await.map_err(|error| failure(&error))?;
        match timeout_at(wait_until, answer(&socket, sent, &mut garbled)).await {
            Ok(Ok(reply)) => return Ok(reply),
            Ok(Err(error)) => return Err(failure(&error)),
            Err(_) => {}
        }
    }
    Err(garbled.map_or(DnsFailure::Timeout, DnsFailure::Malformed))
}

async fn answer(socket: &UdpSocket, sent: &[u8], garbled: &mut Option<Clean>) -> io::Result<Reply> {
    let mut buffer = vec![0; LONGEST_DATAGRAM];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let received = buffer.get(..length).unwrap_or_default();
        match read(received, sent) {
            Reading::Foreign => {}
            Reading::Garbled(why) => *garbled = Some(why),
            Reading::Ours(message) => return Ok(Reply { bytes: received.to_vec(), message: *message }),
        }
    }
}

async fn over_tcp(server: SocketAddr, sent: &[u8]) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let length = u16::try_from(sent.len()).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
    stream.write_all(&[length.to_be_bytes().as_slice(), sent].concat()).await?;
    let mut bytes = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut bytes).await?;
    match read(&bytes, sent) {
        Reading::Ours(message) => Ok(Reply { bytes, message: *message }),
        Reading::Garbled(why) => Err(io::Error::new(ErrorKind::InvalidData, why.to_string())),
        Reading::Foreign => Err(io::Error::new(ErrorKind::InvalidData, "the answer belongs to another question")),
    }
}

/// A socket on a random port that talks with one server only.
pub(super) async fn connected(server: SocketAddr) -> io::Result<UdpSocket> {
    let any = match server.ip() {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    Ok(socket)
}

/// What a socket's error says.
pub(super) fn failure(error: &io::Error) -> DnsFailure {
    match error.kind() {
        ErrorKind::ConnectionRefused => DnsFailure::ConnectionRefused,
        ErrorKind::TimedOut => DnsFailure::Timeout,
        _ => DnsFailure::Local(Clean::new(&error.to_string())),
    }
}
