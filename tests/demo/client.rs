//! A raw SIP client: sees what a server does, and judges nothing.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use switchboard::domain::certificate::Facts;
use switchboard::wire::sip::{self, Framer, Message, OptionsRequest};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longer than a slow server takes.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1500);

/// What came of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    Code(u16),
    Refused,
    NoConnection,
    Reset,
    Closed,
    Silent,
    NotSip,
    NoTls,
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Stream for T {}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: Box<dyn Stream>,
    transport: &'static str,
    local: SocketAddr,
    pub(crate) leaf: Option<Facts>,
    asked: u32,
}

/// A certificate and key that the client shows.
pub(crate) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Line {
    pub(crate) async fn tcp(address: SocketAddr) -> Result<Self, Seen> {
        let stream = connect(address).await?;
        let local = stream.local_addr().unwrap();
        Ok(Self { stream: Box::new(stream), transport: "TCP", local, leaf: None, asked: 0 })
    }

    pub(crate) async fn tls(address: SocketAddr, shown: Option<Identity>) -> Result<Self, Seen> {
        let stream = handshake(connect(address).await?, shown).await?;
        let local = stream.get_ref().0.local_addr().unwrap();
        let leaf = stream.get_ref().1.peer_certificates().map(|chain| Facts::read(&chain[0]).unwrap());
        Ok(Self { stream: Box::new(stream), transport: "TLS", local, leaf, asked: 0 })
    }

    /// Sends one request and waits for its answer.
    pub(crate) async fn ask(&mut self, method: &str) -> Result<Message, Seen> {
        self.asked += 1;
        let identity = sip::Identity::new(u64::from(self.asked), format!("{}@test", self.local), self.asked);
        let mut bytes = Vec::new();
        let (transport, local) = (self.transport, self.local);
        let uri = "sip:um1.tukwila.contoso.com";
        OptionsRequest { uri, from: "console.contoso.com", transport, local, identity: &identity }.write(&mut bytes);
        let text = String::from_utf8(bytes).unwrap().replace("OPTIONS", method);
        // A second hop, so that the answer has two Via values.
        let text = text.replace("Max-Forwards", "Via: SIP/2.0/TCP proxy.contoso.com;branch=z9hG4bKp\r\nMax-Forwards");
        self.stream.write_all(text.as_bytes()).await.map_err(seen)?;
        timeout(PATIENCE, self.answer()).await.unwrap_or(Err(Seen::Silent))
    }

    pub(crate) async fn options(&mut self) -> Seen {
        match self.ask("OPTIONS").await {
            Ok(message) => Seen::Code(message.code().unwrap()),
            Err(seen) => seen,
        }
    }

    /// Waits until the peer ends the connection.
    pub(crate) async fn end(mut self) -> Seen {
        let mut byte = [0];
        match timeout(PATIENCE, self.stream.read(&mut byte)).await {
            Ok(Ok(0)) => Seen::Closed,
            Ok(Ok(_)) => Seen::NotSip,
            Ok(Err(error)) => seen(error),
            Err(_) => Seen::Silent,
        }
    }

    async fn answer(&mut self) -> Result<Message, Seen> {
        let (mut framer, mut buffer) = (Framer::new(), [0; 4096]);
        loop {
            let count = self.stream.read(&mut buffer).await.map_err(seen)?;
            if count == 0 {
                return Err(Seen::Closed);
            }
            framer.push(&buffer[..count]);
            if let Some(message) = framer.next_message().map_err(|_| Seen::NotSip)? {
                return Ok(message);
            }
        }
    }
}

/// One request on a connection of its own, over TLS.
pub(crate) async fn options(address: SocketAddr) -> Seen {
    match Line::tls(address, None).await {
        Ok(mut line) => line.options().await,
        Err(seen) => seen,
    }
}

pub(crate) async fn connect(address: SocketAddr) -> Result<TcpStream, Seen> {
    timeout(PATIENCE, TcpStream::connect(address)).await.map_err(|_| Seen::NoConnection)?.map_err(seen)
}

async fn handshake(stream: TcpStream, shown: Option<Identity>) -> Result<TlsStream<TcpStream>, Seen> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Anybody(provider.signature_verification_algorithms));
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let config = match shown {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    };
    let name = ServerName::try_from("um1.tukwila.contoso.com").unwrap();
    let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
    timeout(PATIENCE, handshake).await.map_err(|_| Seen::Silent)?.map_err(seen)
}

#[expect(clippy::needless_pass_by_value, reason = "used as the argument of map_err")]
fn seen(error: std::io::Error) -> Seen {
    match error.kind() {
        ErrorKind::ConnectionRefused => Seen::Refused,
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Seen::Reset,
        ErrorKind::UnexpectedEof => Seen::Closed,
        _ => Seen::NoTls,
    }
}

/// Takes any certificate: what it says is looked at afterwards.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
