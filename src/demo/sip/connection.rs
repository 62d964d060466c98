//! One connection to a SIP server of the demo, from accept to its end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::demo::pki::Condition;
use crate::domain::certificate::Facts;
use crate::domain::name::Fqdn;
use crate::wire::sip::Framer;

use super::answer::answer;
use super::old_tls::{self, Presented};
use super::{Conduct, Link, Role, SLOW, Speech, Strangers};

/// A connection on which nothing comes for this long is closed in order.
const IDLE: Duration = Duration::from_secs(120);
const HANDSHAKE: Duration = Duration::from_secs(10);
const GARBAGE: &[u8] = b"220 mail.contoso.com ESMTP ready\r\n\xff\xfe\x00\x1b[2J\r\n\r\n";

/// What lies between TCP and SIP.
#[derive(Clone)]
pub(super) enum Carrier {
    /// Nothing.
    Plain,
    /// TLS 1.2 or 1.3.
    Tls(TlsAcceptor),
    /// The beginning of TLS 1.0.
    OldTls(Arc<BTreeMap<Condition, Presented>>),
}

/// What a connection needs of its server.
#[derive(Clone)]
pub(super) struct Server {
    /// What the server is.
    pub(super) role: Arc<Role>,
    /// What it speaks on this port.
    pub(super) carrier: Carrier,
}

impl Server {
    /// Serves a connection to its end.
    pub(super) async fn serve(self, mut stream: TcpStream, source: SocketAddr, conduct: watch::Receiver<Conduct>) {
        let _ = stream.set_nodelay(true);
        if self.until_cut_off(&mut stream, source, conduct).await {
            let _ = stream.set_zero_linger();
        }
    }

    /// Returns whether the connection is to be reset rather than closed.
    async fn until_cut_off(
        &self,
        stream: &mut TcpStream,
        source: SocketAddr,
        mut conduct: watch::Receiver<Conduct>,
    ) -> bool {
        let before = *conduct.borrow_and_update();
        let mut talk = pin!(self.talk(stream, source, conduct.clone()));
        loop {
            let now = *conduct.borrow_and_update();
            if now.cuts_off(before) {
                return true;
            }
            tokio::select! {
                // In the dark nothing moves: the kernel takes bytes in, and nobody reads them.
                () = &mut talk, if now.link != Link::Dark => return false,
                changed = conduct.changed() => if changed.is_err() { return false },
            }
        }
    }

    async fn talk(&self, stream: &mut TcpStream, source: SocketAddr, conduct: watch::Receiver<Conduct>) {
        match &self.carrier {
            Carrier::Plain => self.converse(stream, Peer { source, known: false }, conduct).await,
            Carrier::Tls(acceptor) => {
                if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
                    let known = self.knows(stream.get_ref().1.peer_certificates().and_then(<[_]>::first));
                    self.converse(stream, Peer { source, known }, conduct).await;
                }
            }
            Carrier::OldTls(certificates) => {
                let now = *conduct.borrow();
                match (now.speech, certificates.get(&now.certificate)) {
                    (Speech::Hanging, _) | (_, None) => sleep(IDLE).await,
                    (Speech::Garbage, _) => drop(say(stream, None, &conduct).await),
                    (_, Some(presented)) => drop(timeout(HANDSHAKE, old_tls::present(stream, presented)).await),
                }
            }
        }
    }

    /// Whether the certificate is one of a gateway that this server knows: by its subject, as UM does.
    fn knows(&self, certificate: Option<&rustls::pki_types::CertificateDer<'_>>) -> bool {
        let subject = certificate.and_then(|der| Facts::read(der).ok()).and_then(|facts| facts.subject_cn);
        subject.and_then(|cn| Fqdn::parse(cn.as_str()).ok()).is_some_and(|cn| self.role.gateways.contains(&cn))
    }

    async fn converse<S>(&self, mut stream: S, peer: Peer, conduct: watch::Receiver<Conduct>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut framer = Framer::new();
        let mut buffer = vec![0; 4096];
        while let Ok(Ok(count @ 1..)) = timeout(IDLE, stream.read(&mut buffer)).await {
            framer.push(&buffer[..count]);
            loop {
                let bytes = match framer.next_message() {
                    Ok(Some(request)) => answer(&self.role, &request, peer.source, self.conduct_for(&peer, &conduct)),
                    Ok(None) => break,
                    // The stream has no boundary any more.
                    Err(_) => return,
                };
                if !say(&mut stream, bytes, &conduct).await {
                    return;
                }
            }
        }
    }

    /// The conduct towards this peer: a stranger may get less.
    fn conduct_for(&self, peer: &Peer, conduct: &watch::Receiver<Conduct>) -> Conduct {
        let mut now = *conduct.borrow();
        if !peer.known && matches!(now.speech, Speech::Proper | Speech::Slow) {
            match self.role.strangers {
                Strangers::Welcome => {}
                Strangers::Forbidden => now.speech = Speech::Forbidden,
                Strangers::Ignored => now.speech = Speech::Hanging,
            }
        }
        now
    }
}

/// Who is at the other end.
struct Peer {
    source: SocketAddr,
    known: bool,
}

/// Sends an answer, if there is one. `false` when the peer is gone.
async fn say<S: AsyncWrite + Unpin>(
    stream: &mut S,
    bytes: Option<Vec<u8>>,
    conduct: &watch::Receiver<Conduct>,
) -> bool {
    let speech = conduct.borrow().speech;
    let bytes = match speech {
        Speech::Garbage => GARBAGE.to_vec(),
        _ => match bytes {
            Some(bytes) => bytes,
            None => return true,
        },
    };
    if speech == Speech::Slow {
        sleep(SLOW).await;
    }
    let sent = async { stream.write_all(&bytes).await.is_ok() && stream.flush().await.is_ok() };
    timeout(HANDSHAKE, sent).await.unwrap_or(false)
}
