//! Raw results of probes, with their time. Nothing here is judged.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::certificate::{Crl, Thumbprint};
use super::clean::Clean;
use super::name::{BackendName, DialPlanName, Fqdn};
use super::server::{Service, ServiceState, Transport};

/// What is probed. One slot of results each: a later result replaces an earlier one that was not read yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeId {
    /// SIP OPTIONS to one service of a UM server.
    Sip {
        /// The server's own name.
        server: Fqdn,
        /// Which of its services.
        service: Service,
    },
    /// SIP OPTIONS to a Lync pool.
    Pool {
        /// The pool's name.
        pool: Fqdn,
    },
    /// All questions to one DNS server.
    Dns {
        /// Its declared address, before the address map.
        server: SocketAddr,
    },
    /// One run of a backend's `state` command.
    State {
        /// The backend.
        backend: BackendName,
    },
    /// One reading of a revocation list.
    Crl {
        /// Where, as the topology file writes it.
        source: String,
    },
}

/// One result of one probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// What was probed.
    pub probe: ProbeId,
    /// When the result was there.
    pub at: Timestamp,
    /// How long the whole probe took.
    pub took: Duration,
    /// What came out.
    pub outcome: Outcome,
}

/// What a probe brought back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Of a SIP probe.
    Sip(SipOutcome),
    /// Of a DNS probe.
    Dns(DnsOutcome),
    /// Of a state command.
    State(Result<StateReport, CommandFailure>),
    /// Of a reading of revocation lists: one, or all of a PEM file.
    Crl(Result<Vec<Arc<Crl>>, CrlFailure>),
}

/// Why a revocation list could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrlFailure {
    /// Its file or its server does not give it.
    Unreachable(Clean),
    /// What is there is no list that can be used.
    Unusable(Clean),
}

/// What a SIP probe brought back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SipOutcome {
    /// How it was carried.
    pub transport: Transport,
    /// The declared address that was asked, before the address map.
    pub address: SocketAddr,
    /// The answer to OPTIONS, or why there is none.
    pub result: Result<SipAnswer, SipFailure>,
    /// What the TLS handshake showed, also when no SIP answer followed.
    pub tls: Option<Arc<TlsSession>>,
}

/// A well-formed SIP response that matches the request (RFC 3261 §17.1.3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SipAnswer {
    /// Status code, 100 to 699; never provisional.
    pub code: u16,
    /// Reason phrase.
    pub reason: Clean,
    /// The `Server` or `User-Agent` header.
    pub server: Option<Clean>,
    /// The `ms-diagnostics` header.
    pub diagnostics: Option<Diagnostics>,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
    /// From the first byte sent to the last byte of the answer, without connecting.
    pub rtt: Duration,
    /// Where a 3xx led, one hop at most.
    pub redirect: Option<Box<Redirect>>,
}

/// `ms-diagnostics` ([MS-OCER] §2.2.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// Error id, for example 15030.
    pub id: u32,
    /// `reason=`
    pub reason: Option<Clean>,
    /// `source=`
    pub source: Option<Clean>,
}

/// A redirect and what was found behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Redirect {
    /// The Contact that was taken, or that was refused.
    pub contact: Clean,
    /// The server of the topology that it names.
    pub server: Option<Fqdn>,
    /// The answer there, or why there is none.
    pub result: Result<SipAnswer, SipFailure>,
}

/// Why no SIP answer came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SipFailure {
    /// The host answered, nothing listens on the port (TCP RST, ICMP port unreachable).
    Refused,
    /// The network says that the host cannot be reached.
    Unreachable(Clean),
    /// No answer to the connection attempt within the deadline.
    ConnectTimeout,
    /// The name of the target has no address.
    NoAddress(Clean),
    /// TLS did not come to an end; what was learned is in the outcome's `tls`.
    Tls(TlsFailure),
    /// Connected (for TLS: with a finished handshake), the request was sent, nothing came back in time.
    Silent,
    /// Connected, then cut off by the peer.
    Reset,
    /// The peer closed the connection in order, without an answer.
    Closed,
    /// Bytes came back that are no SIP response.
    NotSip(Clean),
    /// A SIP response came back that belongs to another request.
    NotOurs(Clean),
    /// A redirect that is not followed: out of the topology, or a second hop.
    RedirectNotFollowed(Clean),
    /// This console could not even try: no socket, no file, no permission.
    Local(Clean),
}

/// Why a TLS session did not come about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsFailure {
    /// The handshake did not end within the deadline.
    Timeout,
    /// The peer sent an alert (RFC 8446 §6), by name.
    Alert(Clean),
    /// The peer speaks no version or cipher suite of modern TLS; the certificate may have been read all the same.
    Legacy(Clean),
    /// The peer wants a certificate from us and got none, or one that it does not accept.
    ClientCertificate(Clean),
    /// The connection was reset or closed in the middle.
    CutOff,
    /// What came back is not TLS.
    NotTls,
    /// Anything else, in the library's words.
    Other(Clean),
}

/// What a TLS handshake showed. The chain is read, never trusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TlsSession {
    /// `1.0` to `1.3`.
    pub version: Clean,
    /// The cipher suite's IANA name.
    pub suite: Clean,
    /// Whether the peer proved that it holds the key of its certificate.
    pub proved: bool,
    /// Whether the peer asked for a certificate of ours.
    pub asks_certificate: bool,
    /// The presented chain in DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// When the handshake was made; a kept connection shows an older time.
    pub at: Timestamp,
}

/// What kind of DNS server was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsKind {
    /// Holds the zone.
    Authoritative,
    /// Asks for others and keeps answers.
    Resolver,
}

/// All answers of one DNS server in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DnsOutcome {
    /// Which kind it is asked as.
    pub kind: DnsKind,
    /// Address records of each server and pool name that this DNS server should know.
    pub names: BTreeMap<Fqdn, Result<Addresses, DnsFailure>>,
    /// SOA serial of each zone; authoritative servers only.
    pub serials: BTreeMap<Fqdn, Result<u32, DnsFailure>>,
    /// TXT values found at each fence marker's name; empty when there is none; authoritative servers only.
    pub markers: BTreeMap<Fqdn, Result<Vec<Clean>, DnsFailure>>,
    /// Whether a signed question was answered with a right signature, for a write primary whose key is known.
    pub key: Option<Result<(), KeyFailure>>,
}

/// The A and AAAA records of a name, as one DNS server answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Addresses {
    /// A records, sorted.
    pub a: Vec<Ipv4Addr>,
    /// AAAA records, sorted.
    pub aaaa: Vec<Ipv6Addr>,
    /// TTL of the A RRset; of the AAAA RRset when there is no A; in seconds.
    pub ttl: Option<u32>,
    /// The end of the CNAME chain, when there was one.
    pub alias: Option<Fqdn>,
    /// The AA bit.
    pub authoritative: bool,
    /// Whether the server says that the name does not exist at all (NXDOMAIN).
    pub nonexistent: bool,
}

impl Addresses {
    /// Whether there is neither an A nor an AAAA record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.a.is_empty() && self.aaaa.is_empty()
    }
}

/// Why a DNS server gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsFailure {
    /// No answer within the deadline.
    Timeout,
    /// Nothing listens there.
    ConnectionRefused,
    /// A response code other than NOERROR and NXDOMAIN, by its IANA name.
    Code(Clean),
    /// The answer could not be read, or answers another question.
    Malformed(Clean),
    /// A server listed as authoritative answers without authority for the zone.
    Lame,
    /// This console could not even try.
    Local(Clean),
}

/// Why a signed question failed (RFC 8945 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyFailure {
    /// BADKEY: the server does not know the key.
    UnknownKey,
    /// BADSIG: the server knows the key with another secret.
    WrongSecret,
    /// BADTIME: clocks differ; by how much, where the server says so (positive: the server is ahead).
    Clock {
        /// Seconds.
        skew_seconds: Option<i64>,
    },
    /// REFUSED or NOTAUTH, with or without a signature.
    Refused {
        /// The response code's IANA name.
        code: Clean,
        /// Whether the refusal was signed.
        signed: bool,
    },
    /// The answer is not signed, or its signature is wrong.
    Unverified,
    /// No answer at all.
    NoAnswer(DnsFailure),
}

/// What a forest's `sync` command reported of users' settings that go from an Exchange forest into the Lync forest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sync {
    /// When they last went.
    pub at: Timestamp,
    /// Whether a sample user has them there.
    pub sample: bool,
    /// That user, where the command says who it is.
    pub user: Option<Clean>,
}

/// What a `state` command reported of all servers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StateReport {
    /// By server.
    pub servers: BTreeMap<Fqdn, ServerState>,
}

/// Service state and membership of one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerState {
    /// The state over all requesters and services: the least of them.
    pub state: ServiceState,
    /// Component states behind it (2013 and later); empty for 2010.
    pub components: Vec<ComponentState>,
    /// Dial plans it is a member of, by `Get-UMServer`, `Get-UMService` and `Get-UMCallRouterSettings`.
    pub dial_plans: Vec<DialPlanName>,
    /// Calls in progress, where the command knows.
    pub active_calls: Option<u32>,
    /// By service: the certificate that it is configured with, where the command knows.
    #[serde(default)]
    pub certificates: BTreeMap<Service, Thumbprint>,
}

/// One requester's say on one component (`Get-ServerComponentState`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentState {
    /// `UMCallRouter`, `ServerWideOffline`, …
    pub component: Clean,
    /// `Maintenance`, `HealthAPI`, …
    pub requester: Clean,
    /// `Active`, `Inactive`, `Draining`.
    pub state: Clean,
    /// Whether it is the server's own registry or the directory that says so.
    pub local: bool,
}

/// Why a command gave no usable result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommandFailure {
    /// It could not be started.
    NotStarted(Clean),
    /// It did not end within its deadline and was ended, with its whole process group.
    Timeout,
    /// It ended with a code other than 0.
    Exit {
        /// Exit code; absent when a signal ended it.
        code: Option<i32>,
        /// The end of its standard error.
        stderr: Clean,
    },
    /// It printed more than is read.
    TooLong,
    /// What it printed is not the documented JSON.
    Malformed(Clean),
}
