//! TLS for probes: reads the presented chain, verifies that the peer holds its key, trusts nothing.
//!
//! Judging a certificate is the domain's work. Sessions are never resumed, because a resumed one shows no certificate.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, ProtocolVersion, SignatureScheme};

use crate::domain::clean::Clean;
use crate::domain::observation::TlsSession;
use crate::domain::topology::ProbeIdentity;

/// Why probes cannot be made at all.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// A file of `[probe]` cannot be used.
    #[error("{what} {path}: {why}", path = path.display())]
    File {
        /// `certificate` or `key`.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// The library's words.
        why: String,
    },
    /// Certificate and key do not belong together, or the key's kind is not supported.
    #[error("the certificate and key of [probe] cannot be used together: {0}")]
    Identity(String),
    /// `[probe]` names a certificate without a key, or a key without a certificate.
    #[error("[probe] needs both certificate and key, or neither")]
    HalfIdentity,
    /// The library refuses its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

/// What all TLS connections of a prober share.
#[derive(Debug)]
pub(super) struct TlsSetup {
    provider: Arc<CryptoProvider>,
    base: ClientConfig,
    identity: Option<Arc<CertifiedKey>>,
}

impl TlsSetup {
    pub(super) fn new(identity: &ProbeIdentity) -> Result<Self, ProbeError> {
        let provider = Arc::new(ring::default_provider());
        let identity = read_identity(identity, &provider)?;
        let witness = Arc::new(Witness::new(Arc::clone(&provider), None));
        let mut base = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| ProbeError::Setup(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(witness)
            .with_no_client_auth();
        base.resumption = Resumption::disabled();
        Ok(Self { provider, base, identity })
    }

    /// Whether a certificate of ours can be shown.
    pub(super) fn has_identity(&self) -> bool {
        self.identity.is_some()
    }

    /// A session that has not begun, and the witness of its handshake.
    pub(super) fn session(
        &self,
        name: ServerName<'static>,
        show: bool,
    ) -> Result<(ClientConnection, Arc<Witness>), rustls::Error> {
        let identity = self.identity.clone().filter(|_| show);
        let witness = Arc::new(Witness::new(Arc::clone(&self.provider), identity));
        // A copy shares everything that is costly; what differs is who is told about this handshake.
        let mut config = self.base.clone();
        config.dangerous().set_certificate_verifier(Arc::<Witness>::clone(&witness));
        config.client_auth_cert_resolver = Arc::<Witness>::clone(&witness);
        Ok((ClientConnection::new(Arc::new(config), name)?, witness))
    }
}

fn read_identity(identity: &ProbeIdentity, provider: &CryptoProvider) -> Result<Option<Arc<CertifiedKey>>, ProbeError> {
    let (certificate, key) = match (&identity.certificate, &identity.key) {
        (Some(certificate), Some(key)) => (certificate, key),
        (None, None) => return Ok(None),
        _ => return Err(ProbeError::HalfIdentity),
    };
    let wrong = |what, path: &Path, why: String| ProbeError::File { what, path: path.to_owned(), why };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong("certificate", certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("certificate", certificate, "holds no certificate in PEM".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong("key", key, error.to_string()))?;
    let certified =
        CertifiedKey::from_der(chain, key, provider).map_err(|why| ProbeError::Identity(why.to_string()))?;
    Ok(Some(Arc::new(certified)))
}

/// Sees one handshake: the chain, whether its key signed, whether a certificate of ours was wanted.
#[derive(Debug)]
pub(super) struct Witness {
    provider: Arc<CryptoProvider>,
    identity: Option<Arc<CertifiedKey>>,
    chain: OnceLock<Vec<Vec<u8>>>,
    proved: AtomicBool,
    asked: AtomicBool,
}

impl Witness {
    fn new(provider: Arc<CryptoProvider>, identity: Option<Arc<CertifiedKey>>) -> Self {
        let (proved, asked) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { provider, identity, chain: OnceLock::new(), proved, asked }
    }

    /// Whether the peer asked for a certificate.
    pub(super) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether the peer showed a certificate.
    pub(super) fn has_seen_chain(&self) -> bool {
        self.chain.get().is_some()
    }

    /// Whether there was one to show.
    pub(super) fn shows(&self) -> bool {
        self.identity.is_some()
    }

    /// What was seen; nothing, when the peer showed no certificate.
    pub(super) fn session(&self, connection: Option<&ClientConnection>, at: Timestamp) -> Option<TlsSession> {
        let chain = self.chain.get()?.clone();
        let version = connection.and_then(|tls| tls.protocol_version()).map_or("", version_number);
        let suite = connection.and_then(|tls| tls.negotiated_cipher_suite()).and_then(|suite| suite.suite().as_str());
        Some(TlsSession {
            version: version.into(),
            suite: iana_name(suite.unwrap_or_default()),
            proved: self.proved.load(Ordering::Relaxed),
            asks_certificate: self.was_asked(),
            chain,
            at,
        })
    }

    fn record(&self, verdict: &Result<HandshakeSignatureValid, rustls::Error>) -> HandshakeSignatureValid {
        self.proved.store(verdict.is_ok(), Ordering::Relaxed);
        HandshakeSignatureValid::assertion()
    }
}

fn version_number(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "1.3",
        ProtocolVersion::TLSv1_2 => "1.2",
        _ => "",
    }
}

/// The library writes `TLS13_AES_…` where the registry has `TLS_AES_…`.
fn iana_name(name: &str) -> Clean {
    match name.strip_prefix("TLS13_") {
        Some(rest) => format!("TLS_{rest}").into(),
        None => name.into(),
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|certificate| certificate.to_vec()).collect();
        // A second chain in one handshake cannot be; if it were, the first one is what was shown.
        let _ = self.chain.set(chain);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        Ok(self.record(&verify_tls12_signature(message, cert, dss, algorithms)))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        Ok(self.record(&verify_tls13_signature(message, cert, dss, algorithms)))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.provider.signature_verification_algorithms.supported_schemes();
        // Old servers sign with SHA-1 alone: better a certificate that is read and not proved than none.
        schemes.extend([SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_SHA1_Legacy]);
        schemes
    }
}

impl ResolvesClientCert for Witness {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}
