//! The wire to a DNS server: a relay in front of it, over both transports, that keeps every message.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, OpCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// One message, as it went over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) to_server: bool,
    pub(crate) tcp: bool,
    pub(crate) bytes: Vec<u8>,
}

/// Something that happens behind everybody's back right before an update reaches the server.
pub(crate) struct Gate {
    /// How many updates are let through before.
    pub(crate) after: usize,
    /// What happens: a script for nsupdate, and where it is sent.
    pub(crate) script: String,
}

/// A relay in front of a server.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    /// The server itself, past the relay.
    pub(crate) behind: SocketAddr,
    kept: Arc<Mutex<Vec<Seen>>>,
    gate: Arc<Mutex<Option<Gate>>>,
}

impl Wire {
    pub(crate) async fn before(behind: SocketAddr) -> Self {
        let (listener, datagrams) = both_transports().await;
        let address = listener.local_addr().unwrap();
        let wire = Self { address, behind, kept: Arc::default(), gate: Arc::default() };
        tokio::spawn(streams(listener, wire.clone()));
        tokio::spawn(packets(datagrams, wire.clone()));
        wire
    }

    /// Gives what went by, and forgets it.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.kept.lock().unwrap())
    }

    /// Lets something happen right before an update.
    pub(crate) fn set_gate(&self, gate: Gate) {
        *self.gate.lock().unwrap() = Some(gate);
    }

    fn keep(&self, to_server: bool, tcp: bool, bytes: &[u8]) {
        self.kept.lock().unwrap().push(Seen { to_server, tcp, bytes: bytes.to_vec() });
    }

    /// What has to happen before this message is handed on.
    fn due(&self, message: &[u8]) -> Option<String> {
        let is_update = Message::from_vec(message).is_ok_and(|message| message.op_code == OpCode::Update);
        let mut gate = self.gate.lock().unwrap();
        let waiting = gate.as_mut().filter(|_| is_update)?;
        if waiting.after > 0 {
            waiting.after -= 1;
            return None;
        }
        gate.take().map(|gate| gate.script)
    }
}

async fn both_transports() -> (TcpListener, UdpSocket) {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(datagrams) = UdpSocket::bind(listener.local_addr().unwrap()).await {
            return (listener, datagrams);
        }
    }
}

async fn streams(listener: TcpListener, wire: Wire) {
    while let Ok((client, _)) = listener.accept().await {
        let wire = wire.clone();
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(wire.behind).await else { return };
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::join!(hand_on(from_client, to_server, &wire, true), hand_on(from_server, to_client, &wire, false));
        });
    }
}

async fn hand_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, wire: &Wire, to_server: bool) {
    while let Ok(length) = from.read_u16().await {
        let mut message = vec![0; usize::from(length)];
        if from.read_exact(&mut message).await.is_err() {
            return;
        }
        wire.keep(to_server, true, &message);
        if to_server && let Some(script) = wire.due(&message) {
            crate::bind::nsupdate(wire.behind, &script).await;
        }
        let framed = [length.to_be_bytes().as_slice(), &message].concat();
        if to.write_all(&framed).await.is_err() {
            return;
        }
    }
}

async fn packets(datagrams: UdpSocket, wire: Wire) {
    let datagrams = Arc::new(datagrams);
    let mut buffer = vec![0; 65_535];
    while let Ok((length, client)) = datagrams.recv_from(&mut buffer).await {
        let (message, wire, datagrams) = (buffer[..length].to_vec(), wire.clone(), Arc::clone(&datagrams));
        wire.keep(true, false, &message);
        tokio::spawn(async move {
            let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            server.connect(wire.behind).await.unwrap();
            let mut answer = vec![0; 65_535];
            if server.send(&message).await.is_err() {
                return;
            }
            // An answer that never comes leaves this task waiting until the test ends.
            if let Ok(length) = server.recv(&mut answer).await {
                wire.keep(false, false, &answer[..length]);
                let _client_is_gone = datagrams.send_to(&answer[..length], client).await;
            }
        });
    }
}
