//! A SIP server of the demo: a UM server, a call router, a UM service or a Lync pool, over TCP and TLS on loopback.
//!
//! Real sockets and real TLS; how it behaves at any moment is told by its [`Conduct`]. Knows nothing of fault tokens,
//! of sites or of the state program.
//!
//! Assumption of the demo: what Unified Messaging answers to OPTIONS while it is disabled or draining is not published.
//! Here it is 503 with `ms-diagnostics`.

mod answer;
mod connection;
mod listen;
mod old_tls;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::certificate::Facts;
use crate::domain::name::Fqdn;
use crate::domain::server::ServiceState;

use super::error::DemoError;
use super::pki::{Authorities, Condition};

pub use answer::Part;

/// How a server behaves now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conduct {
    /// What becomes of connections.
    pub link: Link,
    /// How requests are answered.
    pub speech: Speech,
    /// Which certificate is presented. A change cuts kept connections off, as the restart of the service does.
    pub certificate: Condition,
    /// The service state that the server acts by.
    pub state: ServiceState,
}

impl Conduct {
    /// A server in good order.
    #[must_use]
    pub fn good(state: ServiceState) -> Self {
        Self { link: Link::Open, speech: Speech::Proper, certificate: Condition::Good, state }
    }

    /// Whether a connection that began under `before` does not outlive this.
    fn cuts_off(self, before: Self) -> bool {
        matches!(self.link, Link::Stopped | Link::Resetting) || self.certificate != before.certificate
    }
}

/// What becomes of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// They are taken.
    Open,
    /// They are taken and at once reset.
    Resetting,
    /// Nothing listens; kept ones were reset.
    Stopped,
    /// Nothing answers at all: attempts hang, kept ones fall silent.
    Dark,
}

/// How requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speech {
    /// As the server's part and state have it.
    Proper,
    /// The same, after [`SLOW`].
    Slow,
    /// With 503.
    Unavailable,
    /// With 403.
    Forbidden,
    /// With bytes that are no SIP.
    Garbage,
    /// Never.
    Hanging,
}

/// How long a slow server takes.
pub const SLOW: std::time::Duration = std::time::Duration::from_millis(400);

/// How long a change of the line is waited for.
const SETTLING: std::time::Duration = std::time::Duration::from_secs(2);

/// How a server treats a console that shows no certificate of a gateway that it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strangers {
    /// Like everybody else.
    Welcome,
    /// With 403.
    Forbidden,
    /// No answer.
    Ignored,
}

/// What a server is.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its own name: subject of its certificate.
    pub fqdn: Fqdn,
    /// Subject alternative names of its certificate in good order.
    pub names: Vec<String>,
    /// Subject alternative names of a certificate that misses one.
    pub too_few_names: Vec<String>,
    /// What it answers.
    pub part: Part,
    /// How it treats strangers.
    pub strangers: Strangers,
    /// Names of the gateways that it knows.
    pub gateways: Vec<Fqdn>,
    /// Whether it speaks TLS 1.0 only.
    pub old_tls: bool,
}

impl Role {
    /// Subject alternative names of its certificate.
    fn names(&self, condition: Condition) -> &[String] {
        if condition == Condition::MissingName { &self.too_few_names } else { &self.names }
    }
}

/// Thumbprints of a server's certificates.
#[derive(Debug)]
struct Thumbprints {
    presented: BTreeMap<Condition, String>,
    /// Of one that was issued anew and that the server does not present.
    renewed: String,
}

/// A running server. Ends when dropped.
#[derive(Debug)]
pub struct SipServer {
    /// Where its plain listener is on loopback.
    pub tcp: SocketAddr,
    /// Where its TLS listener is on loopback.
    pub tls: SocketAddr,
    conduct: watch::Sender<Conduct>,
    thumbprints: Thumbprints,
    settled: [watch::Receiver<Link>; 2],
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl SipServer {
    /// Binds both ports and serves them.
    pub fn start(role: Role, authorities: &Authorities, conduct: Conduct) -> Result<Self, DemoError> {
        let (sender, receiver) = watch::channel(conduct);
        let [plain, secured] = [listen::Port::reserve()?, listen::Port::reserve()?];
        let (tcp, tls) = (plain.address, secured.address);
        let (carrier, presented) = carrier(&role, authorities, &receiver)?;
        let renewed = authorities.issue(role.fqdn.as_str(), &role.names, Condition::Good)?;
        let thumbprints = Thumbprints { presented, renewed: thumbprint(renewed.chain.first()) };
        let role = Arc::new(role);
        let first = (plain.listen()?, secured.listen()?);
        let serve = |port: listen::Port, first, carrier| {
            let (settled, is_settled) = watch::channel(conduct.link);
            let peer = connection::Server { role: Arc::clone(&role), carrier };
            let task = tokio::spawn(listen::run(port, first, receiver.clone(), peer, settled));
            (AbortOnDropHandle::new(task), is_settled)
        };
        let (plain, settled_plain) = serve(plain, first.0, connection::Carrier::Plain);
        let (secured, settled_secured) = serve(secured, first.1, carrier);
        let (settled, tasks) = ([settled_plain, settled_secured], [plain, secured]);
        Ok(Self { tcp, tls, conduct: sender, thumbprints, settled, _tasks: tasks })
    }

    /// The thumbprint of the certificate that it presents in a condition.
    #[must_use]
    pub fn presents(&self, condition: Condition) -> &str {
        self.thumbprints.presented.get(&condition).map_or("", String::as_str)
    }

    /// The thumbprint of a renewed certificate that it was never restarted for.
    #[must_use]
    pub fn renewed(&self) -> &str {
        &self.thumbprints.renewed
    }

    /// Changes how it behaves; returns when its ports have taken it up.
    pub async fn behave(&self, conduct: Conduct) {
        self.conduct.send_if_modified(|now| std::mem::replace(now, conduct) != conduct);
        for settled in &self.settled {
            // A port that has not settled by then is still on its way; nobody waits for it any longer.
            let _ = timeout(SETTLING, settled.clone().wait_for(|link| *link == conduct.link)).await;
        }
    }
}

fn carrier(
    role: &Role,
    authorities: &Authorities,
    conduct: &watch::Receiver<Conduct>,
) -> Result<(connection::Carrier, BTreeMap<Condition, String>), DemoError> {
    let mut thumbprints = BTreeMap::new();
    if role.old_tls {
        let mut all = BTreeMap::new();
        for condition in Condition::ALL.iter().copied() {
            let chain = authorities.issue_for_show(role.fqdn.as_str(), role.names(condition), condition)?;
            thumbprints.insert(condition, thumbprint(chain.first()));
            all.insert(condition, old_tls::Presented::new(&chain));
        }
        return Ok((connection::Carrier::OldTls(Arc::new(all)), thumbprints));
    }
    let wardrobe = Wardrobe { keys: keys(role, authorities)?, conduct: conduct.clone() };
    thumbprints.extend(wardrobe.keys.iter().map(|(condition, key)| (*condition, thumbprint(key.cert.first()))));
    let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| DemoError::Certificate(error.to_string()))?;
    let builder = match role.strangers {
        Strangers::Welcome => builder.with_no_client_auth(),
        _ => builder.with_client_cert_verifier(asks_certificate(authorities.lync_root())?),
    };
    let mut config = builder.with_cert_resolver(Arc::new(wardrobe));
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok((connection::Carrier::Tls(TlsAcceptor::from(Arc::new(config))), thumbprints))
}

/// As Windows shows it; empty for none.
fn thumbprint(leaf: Option<&CertificateDer<'_>>) -> String {
    leaf.and_then(|der| Facts::read(der).ok()).map(|facts| facts.sha1.to_uppercase()).unwrap_or_default()
}

fn asks_certificate(
    root: CertificateDer<'static>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, DemoError> {
    let mut roots = RootCertStore::empty();
    roots.add(root).map_err(|error| DemoError::Certificate(error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|error| DemoError::Certificate(error.to_string()))
}

fn keys(role: &Role, authorities: &Authorities) -> Result<BTreeMap<Condition, Arc<CertifiedKey>>, DemoError> {
    let issue = |condition| {
        let identity = authorities.issue(role.fqdn.as_str(), role.names(condition), condition)?;
        Ok((condition, identity.certified_key()?))
    };
    Condition::ALL.iter().copied().map(issue).collect()
}

/// All certificates of one server; the conduct says which one it presents.
#[derive(Debug)]
struct Wardrobe {
    keys: BTreeMap<Condition, Arc<CertifiedKey>>,
    conduct: watch::Receiver<Conduct>,
}

impl ResolvesServerCert for Wardrobe {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.keys.get(&self.conduct.borrow().certificate).cloned()
    }
}
