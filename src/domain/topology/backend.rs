//! How changes are made: signed DNS updates, commands.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::name::{Fqdn, SiteName};
use crate::domain::secret::Secret;

/// A backend's kind and settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Backend {
    /// RFC 2136 updates.
    DnsUpdate(DnsUpdate),
    /// Commands run without a shell.
    Command(Box<Command>),
}

/// Settings of the `dns-update` backend.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DnsUpdate {
    /// Servers that take updates, in the order in which the operator would use them.
    pub write_primaries: Vec<WritePrimary>,
    /// How updates are signed.
    pub auth: UpdateAuth,
    /// How often a signed write test may be sent; never when absent.
    pub key_test: Option<Duration>,
}

/// A server that takes updates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WritePrimary {
    /// Address and port, before the address map.
    pub address: SocketAddr,
    /// The site where it stands.
    pub site: Option<SiteName>,
}

/// How updates are signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum UpdateAuth {
    /// A shared secret (RFC 8945).
    Tsig {
        /// The key's name.
        key: Fqdn,
        /// Which HMAC.
        algorithm: TsigAlgorithm,
        /// The shared secret; left out wherever a topology is written down.
        #[serde(skip)]
        secret: Secret,
    },
    /// Kerberos, through the system's `nsupdate -g` (RFC 3645).
    Gss,
}

/// HMAC of a TSIG key (RFC 8945 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TsigAlgorithm {
    /// `hmac-sha256`
    HmacSha256,
    /// `hmac-sha384`
    HmacSha384,
    /// `hmac-sha512`
    HmacSha512,
}

/// Settings of the `command` backend: argument lists, run without a shell, JSON on standard input and output.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Command {
    /// Prints the state of all servers.
    pub state: Vec<String>,
    /// Takes a server out of service for new calls.
    pub drain: Option<Vec<String>>,
    /// Puts a server into service.
    pub enable: Option<Vec<String>>,
    /// Takes a server out of service.
    pub disable: Option<Vec<String>>,
    /// Proves that the tool itself is there.
    pub check: Option<Vec<String>>,
    /// Deadline of one call.
    pub timeout: Duration,
    /// How long an effect may take to be seen.
    pub effect_wait: Duration,
    /// Time between two state readings.
    pub interval: Duration,
    /// Whether a command may be issued a second time: the second does no more than the first.
    #[serde(default)]
    pub idempotent: bool,
    /// The zone whose markers fence runs of these commands; the lock of one state directory alone when absent.
    pub fence: Option<Fqdn>,
}
