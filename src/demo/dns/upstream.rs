//! Asks another DNS server, for the secondary and the resolver.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::server::read_framed;
use super::zone::Zone;

/// More than any zone of a demo; a transfer that never ends is cut there.
const MOST_RECORDS: usize = 20_000;

/// Asks one question over UDP, again over TCP when the answer is cut.
pub(super) async fn ask(server: SocketAddr, name: &Name, kind: RecordType, patience: Duration) -> io::Result<Message> {
    let question = question(name, kind);
    let over_udp = timeout(patience, over_udp(server, &question)).await.map_err(io::Error::from)??;
    if !over_udp.truncation {
        return Ok(over_udp);
    }
    timeout(patience, async { over_tcp(&mut TcpStream::connect(server).await?, &question).await })
        .await
        .map_err(io::Error::from)?
}

/// The whole zone, over TCP, when its serial is not the one that is already held (RFC 5936).
pub(super) async fn transfer(
    server: SocketAddr,
    apex: &Name,
    held: Option<u32>,
    patience: Duration,
) -> io::Result<Option<Zone>> {
    timeout(patience, async {
        let mut stream = TcpStream::connect(server).await?;
        let reply = over_tcp(&mut stream, &question(apex, RecordType::SOA)).await?;
        match reply.answers.first().map(|record| &record.data) {
            Some(RData::SOA(soa)) if held == Some(soa.serial) => Ok(None),
            Some(RData::SOA(_)) => receive(&mut stream, apex).await.map(Some),
            _ => Err(invalid("no SOA came back")),
        }
    })
    .await
    .map_err(io::Error::from)?
}

async fn receive(stream: &mut TcpStream, apex: &Name) -> io::Result<Zone> {
    let request = question(apex, RecordType::AXFR);
    send(stream, &request).await?;
    let mut zone: Option<Zone> = None;
    let mut count = 0;
    loop {
        let reply = read_answer(stream, &request).await?;
        for record in reply.answers {
            count += 1;
            match (&mut zone, record.data) {
                (None, RData::SOA(soa)) => {
                    zone = Some(Zone { apex: apex.clone(), soa, soa_ttl: record.ttl, nodes: BTreeMap::new() });
                }
                (Some(_), RData::SOA(_)) => return zone.ok_or_else(|| invalid("no SOA came first")),
                (Some(zone), data) => zone.add(&record.name, record.ttl, data),
                (None, _) => return Err(invalid("no SOA came first")),
            }
        }
        if count == 0 || count > MOST_RECORDS {
            return Err(invalid("the transfer is refused, empty or too long"));
        }
    }
}

fn question(name: &Name, kind: RecordType) -> Message {
    let mut message = Message::new(rand::random(), MessageType::Query, OpCode::Query);
    message.add_query(Query::query(name.clone(), kind));
    message
}

async fn over_udp(server: SocketAddr, question: &Message) -> io::Result<Message> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    socket.connect(server).await?;
    socket.send(&question.to_vec().map_err(|error| invalid(&error.to_string()))?).await?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut buffer).await?;
        match Message::from_vec(buffer.get(..length).unwrap_or_default()) {
            Ok(reply) if answers(&reply, question) => return Ok(reply),
            _ => {}
        }
    }
}

async fn over_tcp(stream: &mut TcpStream, question: &Message) -> io::Result<Message> {
    send(stream, question).await?;
    read_answer(stream, question).await
}

async fn send(stream: &mut TcpStream, question: &Message) -> io::Result<()> {
    let bytes = question.to_vec().map_err(|error| invalid(&error.to_string()))?;
    let mut framed = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec();
    framed.extend(bytes);
    stream.write_all(&framed).await
}

async fn read_answer(stream: &mut TcpStream, question: &Message) -> io::Result<Message> {
    let reply = Message::from_vec(&read_framed(stream).await?).map_err(|error| invalid(&error.to_string()))?;
    if answers(&reply, question) { Ok(reply) } else { Err(invalid("the answer belongs to another question")) }
}

fn answers(reply: &Message, question: &Message) -> bool {
    reply.id == question.id && reply.message_type == MessageType::Response && reply.queries == question.queries
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_owned())
}
