//! One TCP connection to a DNS server: messages behind their length, each within a deadline.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::wire::dns::Question;
use crate::wire::dns::question::{Reading, read};

/// A connection that is used until a point in time.
pub(super) struct Line {
    stream: TcpStream,
    until: Instant,
}

impl Line {
    pub(super) async fn open(server: SocketAddr, until: Instant) -> io::Result<Self> {
        let stream = timeout_at(until, TcpStream::connect(server)).await??;
        // A message is one segment, as far as it fits; waiting to join it with a next one is of no use.
        stream.set_nodelay(true)?;
        Ok(Self { stream, until })
    }

    /// Hands a whole message to the system.
    pub(super) async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let length = u16::try_from(message.len()).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
        let framed = [length.to_be_bytes().as_slice(), message].concat();
        timeout_at(self.until, self.stream.write_all(&framed)).await?
    }

    /// The next message, whosever it is.
    pub(super) async fn receive(&mut self) -> io::Result<Vec<u8>> {
        timeout_at(self.until, async {
            let mut message = vec![0; usize::from(self.stream.read_u16().await?)];
            self.stream.read_exact(&mut message).await?;
            Ok(message)
        })
        .await?
    }

    /// Asks one question of an authoritative server.
    pub(super) async fn ask(&mut self, name: &Name, kind: RecordType) -> io::Result<Message> {
        let question = Question { id: rand::random(), name: name.clone(), kind, recursion: false };
        let sent = question.to_bytes();
        self.send(&sent).await?;
        match read(&self.receive().await?, &sent) {
            Reading::Ours(message) => Ok(*message),
            Reading::Garbled(why) => Err(io::Error::new(ErrorKind::InvalidData, why.to_string())),
            Reading::Foreign => Err(io::Error::new(ErrorKind::InvalidData, "the answer belongs to another question")),
        }
    }
}
