//! One stream to a SIP peer, plain or TLS: connecting, one request out, its answer in.
//!
//! Judges nothing and retries nothing. A future that is dropped in the middle leaves a connection that must not be used again.

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConnection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::domain::observation::{SipFailure, TlsFailure, TlsSession};
use crate::wire::sip::{Framer, Identity, Message, OptionsRequest, Requests};

use super::sip_failure::{not_sip, of_connecting, of_stream};
use super::sip_progress::Progress;
use super::tls::Witness;
use super::tls_failure;

/// Bytes read at once. An answer to OPTIONS is below one kilobyte.
const CHUNK: usize = 4096;

/// A certificate shall never be older than a minute. Lives differ, in milliseconds, so that not all connections end at once.
const LIFE_MS: std::ops::Range<u64> = 40_000..55_000;

/// How a stream ended.
#[derive(Debug)]
pub(super) enum Broken {
    /// In order, by the peer.
    Closed,
    /// By an error of the system: reset, unreachable.
    Io(io::Error),
    /// By TLS.
    Tls(rustls::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The TLS half of a connection.
#[derive(Debug)]
struct Tls {
    machine: ClientConnection,
    witness: Arc<Witness>,
}

/// What all requests of one connection say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// Request-URI.
    pub(super) uri: &'a str,
    /// Host part of From.
    pub(super) from: &'a str,
    /// Transport of the Via.
    pub(super) transport: &'a str,
}

impl Question<'_> {
    fn prepared(&self, local: SocketAddr) -> Requests {
        let Self { uri, from, transport } = *self;
        let before_first = Identity::new(0, format!("{:016x}@{from}", rand::random::<u64>()), 0);
        Requests::after(&OptionsRequest { uri, from, transport, local, identity: &before_first })
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    io: TcpStream,
    tls: Option<Box<Tls>>,
    session: Option<Arc<TlsSession>>,
    framer: Framer,
    input: Box<[u8]>,
    output: Vec<u8>,
    /// The first bytes that ever came, to tell TLS from other protocols.
    first: [u8; 2],
    first_count: usize,
    requests: Requests,
    until: Instant,
    /// The peer said goodbye after its last answer.
    ended: bool,
}

impl Connection {
    /// Connects, without TLS yet.
    pub(super) async fn open(address: SocketAddr, question: Question<'_>) -> Result<Self, SipFailure> {
        let io = TcpStream::connect(address).await.map_err(|error| of_connecting(&error))?;
        // One small request and one small answer: waiting for more would only cost time.
        let prepared = io.set_nodelay(true).and_then(|()| io.local_addr());
        let local = prepared.map_err(|error| SipFailure::Local(error.to_string().into()))?;
        Ok(Self {
            io,
            tls: None,
            session: None,
            framer: Framer::new(),
            input: vec![0; CHUNK].into_boxed_slice(),
            output: Vec::with_capacity(1024),
            first: [0; 2],
            first_count: 0,
            requests: question.prepared(local),
            until: Instant::now() + Duration::from_millis(rand::random_range(LIFE_MS)),
            ended: false,
        })
    }

    /// What the handshake showed.
    pub(super) fn session(&self) -> Option<&Arc<TlsSession>> {
        self.session.as_ref()
    }

    /// Keeps what the handshake showed.
    pub(super) fn set_session(&mut self, session: Option<Arc<TlsSession>>) {
        self.session = session;
    }

    /// The TLS state, for reading what was negotiated.
    pub(super) fn machine(&self) -> Option<&ClientConnection> {
        self.tls.as_ref().map(|tls| &tls.machine)
    }

    /// Whether another request may follow: the peer said no goodbye and nothing of it is left unread.
    pub(super) fn can_go_on(&self) -> bool {
        !self.ended && self.framer.pending().is_none()
    }

    /// The end of its life.
    pub(super) fn until(&self) -> Instant {
        self.until
    }

    /// Makes the TLS handshake.
    pub(super) async fn handshake(&mut self, machine: ClientConnection, witness: Arc<Witness>) -> Result<(), Broken> {
        self.tls = Some(Box::new(Tls { machine, witness }));
        loop {
            self.flush().await?;
            if self.tls.as_ref().is_none_or(|tls| !tls.machine.is_handshaking()) {
                return Ok(());
            }
            self.fill().await?;
        }
    }

    /// Whether what came back, if anything, is TLS.
    pub(super) fn speaks_tls(&self) -> bool {
        tls_failure::looks_like_tls(&self.first[..self.first_count])
    }

    /// Whether not one byte ever came.
    pub(super) fn heard_nothing(&self) -> bool {
        self.first_count == 0
    }

    /// What ended a handshake.
    pub(super) fn handshake_failure(&self, broken: &Broken) -> TlsFailure {
        match &self.tls {
            Some(tls) => tls_failure::name(broken, &tls.witness, &self.first[..self.first_count]),
            None => TlsFailure::CutOff,
        }
    }

    /// Sends the next request and waits for its final answer. Provisional answers and strangers are noted in `progress`.
    pub(super) async fn ask(&mut self, progress: &mut Progress) -> Result<Message, SipFailure> {
        self.requests.advance(rand::random());
        if let Err(broken) = self.send().await {
            let broken = self.last_words(broken).await;
            return Err(self.failure(&broken));
        }
        loop {
            while let Some(message) =
                self.framer.next_message().map_err(|error| not_sip(&error, self.framer.pending()))?
            {
                if !self.requests.identity().matches(&message) {
                    progress.stray(&message);
                } else if message.code().is_some_and(|code| code >= 200) {
                    return Ok(message);
                }
            }
            progress.half(self.framer.pending());
            if let Err(broken) = self.fill().await {
                return Err(progress.unfinished().unwrap_or_else(|| self.failure(&broken)));
            }
        }
    }

    /// Says goodbye, without waiting.
    pub(super) fn close(mut self) {
        if let Some(tls) = &mut self.tls {
            tls.machine.send_close_notify();
            self.output.clear();
            if tls.machine.write_tls(&mut self.output).is_ok() {
                // Politeness only: a full send buffer is no reason to stay.
                let _ = self.io.try_write(&self.output);
            }
        }
    }

    async fn send(&mut self) -> Result<(), Broken> {
        match &mut self.tls {
            None => Ok(self.io.write_all(self.requests.bytes()).await?),
            Some(tls) => {
                tls.machine.writer().write_all(self.requests.bytes())?;
                self.flush().await
            }
        }
    }

    /// A peer that refuses our certificate says why and closes; the write fails before the reason is read.
    async fn last_words(&mut self, broken: Broken) -> Broken {
        match self.fill().await {
            Err(Broken::Tls(error)) => Broken::Tls(error),
            _ => broken,
        }
    }

    /// Writes what TLS has to say, at once.
    async fn flush(&mut self) -> Result<(), Broken> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        self.output.clear();
        while tls.machine.wants_write() {
            tls.machine.write_tls(&mut self.output)?;
        }
        if !self.output.is_empty() {
            self.io.write_all(&self.output).await?;
        }
        Ok(())
    }

    /// Waits for bytes and gives what they carry to the framer.
    async fn fill(&mut self) -> Result<(), Broken> {
        let count = self.io.read(&mut self.input).await?;
        if count == 0 {
            return Err(Broken::Closed);
        }
        for byte in self.input[..count].iter().take(2 - self.first_count) {
            self.first[self.first_count] = *byte;
            self.first_count += 1;
        }
        if self.tls.is_none() {
            self.framer.push(&self.input[..count]);
            return Ok(());
        }
        let closed = self.decrypt(count);
        self.ended |= *closed.as_ref().unwrap_or(&true);
        match closed {
            // A stream that ends after data: the data is read first.
            Ok(true) if self.framer.pending().is_none() => Err(Broken::Closed),
            Ok(_) => Ok(()),
            Err(error) => {
                // Tell the peer why, as the RFC asks; it may be gone already.
                let _ = self.flush().await;
                Err(Broken::Tls(error))
            }
        }
    }

    /// Takes encrypted bytes in. Says whether the peer closed the session.
    fn decrypt(&mut self, count: usize) -> Result<bool, rustls::Error> {
        let Some(tls) = &mut self.tls else { return Ok(false) };
        let mut encrypted = &self.input[..count];
        let mut closed = false;
        while !encrypted.is_empty() {
            if tls.machine.read_tls(&mut encrypted).is_err() {
                return Err(rustls::Error::General("more than can be buffered".to_owned()));
            }
            let state = tls.machine.process_new_packets()?;
            closed |= state.peer_has_closed();
            let mut reader = tls.machine.reader();
            // An error means that nothing is left, for now or for good.
            while let Some(plain) = reader.fill_buf().ok().filter(|plain| !plain.is_empty()) {
                let count = plain.len();
                self.framer.push(plain);
                reader.consume(count);
            }
            if closed {
                break;
            }
        }
        Ok(closed)
    }

    /// What an end after the handshake means.
    fn failure(&self, broken: &Broken) -> SipFailure {
        match (&self.tls, broken) {
            (Some(tls), Broken::Tls(_)) => {
                SipFailure::Tls(tls_failure::name(broken, &tls.witness, &self.first[..self.first_count]))
            }
            (Some(tls), _) if self.requests.identity().cseq == 1 && tls.witness.was_asked() && !tls.witness.shows() => {
                SipFailure::Tls(tls_failure::name(broken, &tls.witness, &self.first[..self.first_count]))
            }
            _ => of_stream(broken),
        }
    }
}
