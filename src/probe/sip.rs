//! SIP OPTIONS to one listener: UDP, TCP, TLS or mutual TLS, one deadline for everything, one redirect followed.
//!
//! Brings back what happened and judges nothing. Never panics, never outlives its deadline; dropping it leaves nothing behind.
//!
//! What a probe costs beyond the bare handshake or echo: one request that is prepared with its connection and sent in one
//! write, one answer read into a reused buffer, one timer. TLS settings are shared, no task is started. What is rare (to
//! connect, to explain a failure, to follow a redirect) lies on the heap, so that the usual future stays small.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::time::{Instant, timeout_at};

use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::observation::{Redirect, SipAnswer, SipFailure, SipOutcome, TlsFailure, TlsSession};
use crate::domain::server::Transport;
use crate::domain::topology::{AddressMap, ProbeIdentity, Topology};
use crate::wire::sip::{Message, Start, diagnostics, retry_after, software};

use super::Clock;
use super::connection::{Broken, Connection, Question};
use super::connection_pool::{Key, Pool};
use super::sip_progress::{Phase, Progress};
use super::sip_redirect::Hosts;
use super::tls::{ProbeError, TlsSetup, Witness};
use super::{sip_udp, tls_failure, tls_legacy};

/// Whom to ask, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The listener's own name: Request-URI, and the name asked for in TLS.
    pub name: Fqdn,
    /// Another name to ask for in both, for example one that shall be inherited.
    pub server_name: Option<Fqdn>,
    /// The declared address, before the address map.
    pub address: SocketAddr,
    /// How it is reached.
    pub transport: Transport,
}

impl Target {
    /// The name that is asked for.
    pub(super) fn asked_name(&self) -> &Fqdn {
        self.server_name.as_ref().unwrap_or(&self.name)
    }

    pub(super) fn request_uri(&self) -> String {
        let transport = match self.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls | Transport::MutualTls => ";transport=tls",
        };
        format!("sip:{}:{}{transport}", self.asked_name(), self.address.port())
    }
}

/// The transport's name in a Via.
pub(super) fn via_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls | Transport::MutualTls => "TLS",
    }
}

/// Asks SIP listeners. Shared by all probes of a console.
#[derive(Debug)]
pub struct SipProber {
    clock: Clock,
    map: AddressMap,
    hosts: Hosts,
    tls: TlsSetup,
    from: String,
    pool: Pool,
    keeps: bool,
}

impl SipProber {
    /// A prober for the servers of a topology.
    ///
    /// # Errors
    /// [`ProbeError`] when the certificate or key of `[probe]` cannot be read.
    pub fn new(topology: &Topology, clock: Clock) -> Result<Self, ProbeError> {
        let mut prober = Self::alone(&topology.probe, clock)?;
        prober.map = topology.map.clone();
        prober.hosts = Hosts::of(topology);
        Ok(prober)
    }

    /// A prober without a topology: no redirect is followed, no address is led elsewhere.
    ///
    /// # Errors
    /// As [`SipProber::new`].
    pub fn alone(identity: &ProbeIdentity, clock: Clock) -> Result<Self, ProbeError> {
        let from = identity.from.as_ref().map_or_else(own_name, Fqdn::to_string);
        let (map, hosts, pool) = (AddressMap::default(), Hosts::default(), Pool::default());
        Ok(Self { clock, map, hosts, tls: TlsSetup::new(identity)?, from, pool, keeps: true })
    }

    /// Makes a fresh connection for each probe when `false`.
    #[must_use]
    pub fn keeping(mut self, keeps: bool) -> Self {
        self.keeps = keeps;
        self
    }

    /// Makes the next probe of a target begin with a fresh handshake.
    pub fn forget(&self, target: &Target) {
        self.pool.forget(&key(target));
    }

    /// Whether a certificate of ours can be shown on mutual TLS.
    #[must_use]
    pub fn has_identity(&self) -> bool {
        self.tls.has_identity()
    }

    /// Asks once. Comes back within the deadline, whatever the peer does.
    pub async fn probe(&self, target: &Target, deadline: Duration) -> SipOutcome {
        let until = Instant::now() + deadline;
        let (mut result, progress) = self.exchange(target, until).await;
        if let Ok((answer, Some(contact))) = &mut result {
            answer.redirect = Box::pin(self.follow(contact, target, until)).await.map(Box::new);
        }
        let tls = progress.session;
        let result = result.map(|(answer, _)| answer);
        SipOutcome { transport: target.transport, address: target.address, result, tls }
    }

    /// Looks at a TLS listener's certificate and hangs up: no question is asked. Within the deadline, as a probe.
    pub async fn look(&self, target: &Target, deadline: Duration) -> (Result<(), SipFailure>, Option<Arc<TlsSession>>) {
        let mut progress = Progress::default();
        let connecting = self.connect(target, &mut progress);
        let ended = timeout_at(Instant::now() + deadline, connecting).await;
        let result = ended.unwrap_or_else(|_| {
            progress.keep_what_was_seen(self.clock.now());
            Err(progress.timed_out())
        });
        (result.map(|connection| connection.close()), progress.session)
    }

    /// One question and its answer; for a 3xx also the contacts that it names.
    async fn exchange(&self, target: &Target, until: Instant) -> (Result<Answered, SipFailure>, Progress) {
        let mut progress = Progress::default();
        if let Ok(result) = timeout_at(until, self.attempt(target, &mut progress)).await {
            return (result, progress);
        }
        progress.keep_what_was_seen(self.clock.now());
        (Err(progress.timed_out()), progress)
    }

    async fn attempt(&self, target: &Target, progress: &mut Progress) -> Result<Answered, SipFailure> {
        if target.transport == Transport::Udp {
            progress.phase = Phase::Waiting;
            let asked = sip_udp::ask(target, self.map.route(target.address), &self.from, progress);
            return Box::pin(asked).await.map(answered);
        }
        let key = key(target);
        if let Some(mut connection) = self.pool.take(&key) {
            match ask_on(&mut connection, progress).await {
                // The peer had closed it meanwhile, or restarted: that says nothing about now.
                Err(SipFailure::Reset | SipFailure::Closed | SipFailure::Unreachable(_) | SipFailure::Tls(_)) => {
                    *progress = Progress::default();
                }
                result => return result.map(|answer| self.done(key, connection, answer)),
            }
        }
        let mut connection = Box::pin(self.connect(target, progress)).await?;
        let answer = ask_on(&mut connection, progress).await?;
        Ok(self.done(key, connection, answer))
    }

    /// Reads an answer, and lets its connection rest until the next probe.
    fn done(&self, key: Key, connection: Box<Connection>, answer: (Message, Duration)) -> Answered {
        if self.keeps && connection.can_go_on() {
            self.pool.put(key, connection);
        } else {
            connection.close();
        }
        answered(answer)
    }

    async fn connect(&self, target: &Target, progress: &mut Progress) -> Result<Box<Connection>, SipFailure> {
        if target.transport == Transport::MutualTls && !self.tls.has_identity() {
            return Err(SipFailure::Local(
                "mutual TLS without a certificate: set certificate and key of [probe]".into(),
            ));
        }
        let mut connection = Box::new(self.open(target).await?);
        if !target.transport.is_tls() {
            return Ok(connection);
        }
        progress.phase = Phase::Handshaking;
        let name = ServerName::try_from(target.asked_name().to_string())
            .unwrap_or_else(|_| ServerName::IpAddress(target.address.ip().into()));
        let (machine, witness) = self
            .tls
            .session(name, target.transport == Transport::MutualTls)
            .map_err(|error| SipFailure::Local(Clean::new(&error.to_string())))?;
        progress.witness = Some(Arc::clone(&witness));
        let result = connection.handshake(machine, Arc::clone(&witness)).await;
        let session = witness.session(connection.machine(), self.clock.now()).map(Arc::new);
        progress.session.clone_from(&session);
        connection.set_session(session);
        match result {
            Ok(()) => Ok(connection),
            Err(broken) => Err(self.explain(&connection, &broken, &witness, target, progress).await),
        }
    }

    /// Finds out more about a handshake that failed.
    async fn explain(
        &self,
        connection: &Connection,
        broken: &Broken,
        witness: &Witness,
        target: &Target,
        progress: &mut Progress,
    ) -> SipFailure {
        let failure = SipFailure::Tls(connection.handshake_failure(broken));
        if !connection.speaks_tls() || !tls_failure::may_be_legacy(broken, witness) {
            return failure;
        }
        progress.known = Some(failure.clone());
        let name = target.asked_name().as_str();
        // An address is no name to ask for (RFC 6066 §3).
        let name = name.parse::<IpAddr>().is_err().then_some(name);
        let Some(hello) = tls_legacy::look(self.map.route(target.address), name).await else {
            let plain = connection.heard_nothing() && self.speaks_plainly(target).await;
            return if plain { SipFailure::Tls(TlsFailure::NotTls) } else { failure };
        };
        progress.session = Some(Arc::new(tls_legacy::session(&hello, self.clock.now())));
        tls_legacy::failure(&hello).map_or(failure, SipFailure::Tls)
    }

    /// Whether a port that hangs up on TLS answers without it: the usual slip in a topology file.
    async fn speaks_plainly(&self, target: &Target) -> bool {
        let target = Target { transport: Transport::Tcp, ..target.clone() };
        let Ok(mut connection) = self.open(&target).await else { return false };
        connection.ask(&mut Progress::default()).await.is_ok()
    }

    /// Connects, without TLS yet, with the questions to this target prepared.
    async fn open(&self, target: &Target) -> Result<Connection, SipFailure> {
        let (uri, transport) = (target.request_uri(), via_name(target.transport));
        let question = Question { uri: &uri, from: &self.from, transport };
        Connection::open(self.map.route(target.address), question).await
    }

    /// Follows a redirect, one hop, to servers of the topology only.
    async fn follow(&self, contacts: &[String], target: &Target, until: Instant) -> Option<Redirect> {
        let first = contacts.first()?;
        let Some((contact, hop)) = contacts.iter().find_map(|text| Some((text, self.hosts.find(text, target)?))) else {
            let contact = Clean::new(first);
            let result = Err(SipFailure::RedirectNotFollowed(contact.clone()));
            return Some(Redirect { contact, server: None, result });
        };
        let (result, _) = self.exchange(&hop, until).await;
        let result = result.and_then(|(answer, further)| match further {
            Some(further) => {
                let contact = further.first().map_or("", String::as_str);
                Err(SipFailure::RedirectNotFollowed(format!("a second redirect, to {contact}").into()))
            }
            None => Ok(answer),
        });
        Some(Redirect { contact: Clean::new(contact), server: Some(hop.name), result })
    }
}

/// Which connection may serve a target.
fn key(target: &Target) -> Key {
    Key { address: target.address, transport: target.transport, server_name: target.asked_name().clone() }
}

/// One question and its answer on an open connection, with the time between them.
async fn ask_on(connection: &mut Connection, progress: &mut Progress) -> Result<(Message, Duration), SipFailure> {
    progress.phase = Phase::Waiting;
    progress.session = connection.session().cloned();
    let sent = Instant::now();
    let message = connection.ask(progress).await?;
    Ok((message, sent.elapsed()))
}

/// An answer, and the contacts of a 3xx.
type Answered = (SipAnswer, Option<Vec<String>>);

/// The most contacts of a redirect that are looked at.
const CONTACTS: usize = 16;

fn answered((mut message, rtt): (Message, Duration)) -> Answered {
    let (code, reason) = match &mut message.start {
        Start::Status { code, reason } => (*code, std::mem::take(reason)),
        Start::Request { .. } => (0, Clean::default()),
    };
    let contacts = (300..400)
        .contains(&code)
        .then(|| message.contacts().take(CONTACTS).map(|contact| contact.text.to_owned()).collect());
    let answer = SipAnswer {
        code,
        reason,
        server: software(&message),
        diagnostics: diagnostics(&message),
        retry_after: retry_after(&message),
        rtt,
        redirect: None,
    };
    (answer, contacts)
}

/// The machine's own name, for From and Call-ID.
fn own_name() -> String {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy();
    Fqdn::parse(&name).map_or_else(|_| "switchboard.invalid".to_owned(), |name| name.to_string())
}
