//! TLS peers made with the same library, one conduct for each way in which a session can fail.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use switchboard::domain::observation::{SipFailure, SipOutcome, TlsFailure};
use switchboard::domain::server::Transport::{MutualTls, Tcp, Tls};
use switchboard::domain::topology::ProbeIdentity;
use switchboard::probe::{Clock, SipProber};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::peers::{BRIEF, Count, PATIENT, failure, hold, listen, ok, probe, prober, serve, target};

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Issuer {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn leaf(name: &str, issuer: &Issuer) -> (CertificateDer<'static>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    (params.signed_by(&key, issuer).unwrap().der().clone(), key)
}

/// Settings of a server: its certificate, the versions it speaks, and whose clients it lets in.
fn settings(
    issuer: &Issuer,
    versions: &[&'static SupportedProtocolVersion],
    clients: Option<&Issuer>,
) -> (Arc<ServerConfig>, CertificateDer<'static>) {
    let (certificate, key) = leaf("um1.contoso.com", issuer);
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let chain = vec![certificate.clone(), issuer.der().clone()];
    (Arc::new(builder.with_single_cert(chain, key).unwrap()), certificate)
}

/// A SIP server over TLS; counts finished handshakes.
async fn sips(config: Arc<ServerConfig>) -> (SocketAddr, Count) {
    let (acceptor, count) = (TlsAcceptor::from(config), Count::default());
    let counted = count.clone();
    let address = listen(move |stream| {
        let (acceptor, counted) = (acceptor.clone(), counted.clone());
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                counted.up();
                serve(stream, ok).await;
            }
        }
    })
    .await;
    (address, count)
}

/// Both versions, each alone.
const VERSIONS: [(&str, &[&SupportedProtocolVersion]); 2] =
    [("1.2", &[&rustls::version::TLS12]), ("1.3", &[&rustls::version::TLS13])];

/// A prober with a certificate from this authority.
fn prober_of(issuer: &Issuer, dir: &Path) -> SipProber {
    let (certificate, key) = leaf("console.contoso.com", issuer);
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        data_encoding::BASE64.encode(&certificate)
    );
    std::fs::write(dir.join("cert.pem"), pem).unwrap();
    std::fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
    let identity =
        ProbeIdentity { from: None, certificate: Some(dir.join("cert.pem")), key: Some(dir.join("key.pem")) };
    SipProber::alone(&identity, Clock::start()).unwrap()
}

fn tls_failure(outcome: SipOutcome) -> TlsFailure {
    match failure(outcome) {
        SipFailure::Tls(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_shows_version_suite_chain_and_proof() {
    let issuer = authority("Contoso Root");
    for (version, versions) in VERSIONS {
        let (config, certificate) = settings(&issuer, versions, None);
        let (address, _) = sips(config).await;
        let outcome = probe(address, Tls, PATIENT).await;
        assert_eq!(outcome.result.unwrap().code, 200);
        let tls = outcome.tls.unwrap();
        assert_eq!((tls.version.as_str(), tls.proved, tls.asks_certificate), (version, true, false));
        assert!(tls.suite.as_str().starts_with("TLS_") && tls.suite.as_str().contains("WITH") == (version == "1.2"));
        assert_eq!(tls.chain, [certificate.to_vec(), issuer.der().to_vec()]);
    }
}

#[tokio::test]
async fn a_kept_session_shows_the_certificate_of_its_handshake_each_time() {
    let (config, _) = settings(&authority("Contoso Root"), rustls::ALL_VERSIONS, None);
    let (address, handshakes) = sips(config).await;
    let prober = prober();
    let first = prober.probe(&target(address, Tls), PATIENT).await.tls.unwrap();
    for _ in 0..4 {
        let outcome = prober.probe(&target(address, Tls), PATIENT).await;
        assert_eq!((outcome.result.unwrap().code, outcome.tls.unwrap()), (200, Arc::clone(&first)));
    }
    assert_eq!(handshakes.get(), 1);
    let prober = prober.keeping(false);
    for _ in 0..3 {
        let tls = prober.probe(&target(address, Tls), PATIENT).await.tls.unwrap();
        assert!(!tls.chain.is_empty(), "a resumed session would show none");
    }
    assert!(handshakes.get() >= 3);
}

#[tokio::test]
async fn a_peer_that_ends_the_session_after_each_answer_is_asked_anew() {
    let (config, _) = settings(&authority("Contoso Root"), rustls::ALL_VERSIONS, None);
    let acceptor = TlsAcceptor::from(config);
    let address = listen(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let message = super::peers::request(&mut stream, &mut switchboard::wire::sip::Framer::new()).await.unwrap();
            stream.write_all(&ok(&message)).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    })
    .await;
    let prober = prober();
    for _ in 0..4 {
        assert_eq!(prober.probe(&target(address, Tls), PATIENT).await.result.unwrap().code, 200);
    }
}

#[tokio::test]
async fn a_certificate_that_is_wanted_is_named_whether_the_alert_comes_early_or_late() {
    let (issuer, stranger) = (authority("Contoso Root"), authority("Somebody Else"));
    let dir = tempfile::tempdir().unwrap();
    for (version, versions) in VERSIONS {
        let (config, certificate) = settings(&issuer, versions, Some(&issuer));
        let (address, _) = sips(config).await;
        let outcome = probe(address, Tls, PATIENT).await;
        let tls = outcome.tls.clone().unwrap();
        assert!(tls.asks_certificate && tls.proved && tls.version.as_str() == version, "{tls:?}");
        assert_eq!(tls.chain[0], certificate.to_vec());
        let failure = tls_failure(outcome);
        assert!(
            matches!(&failure, TlsFailure::ClientCertificate(why) if why.as_str().contains("none was shown")),
            "{failure:?}"
        );

        let outcome = prober_of(&stranger, dir.path()).probe(&target(address, MutualTls), PATIENT).await;
        let failure = tls_failure(outcome);
        assert!(
            matches!(&failure, TlsFailure::ClientCertificate(why) if why.as_str().contains("did not accept")),
            "{failure:?}"
        );

        let outcome = prober_of(&issuer, dir.path()).probe(&target(address, MutualTls), PATIENT).await;
        assert_eq!(outcome.result.unwrap().code, 200);
        assert!(outcome.tls.unwrap().asks_certificate);
    }
}

#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

#[tokio::test]
async fn an_alert_is_told_by_its_name() {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(NoCertificate));
    let (address, _) = sips(Arc::new(config)).await;
    assert_eq!(tls_failure(probe(address, Tls, PATIENT).await), TlsFailure::Alert("access_denied".into()));
}

#[tokio::test]
async fn tls_that_breaks_its_own_grammar_is_told_in_the_librarys_words() {
    let address = listen(|mut stream| async move {
        let mut hello = [0; 1024];
        let _ = stream.read(&mut hello).await;
        let _ = stream.write_all(&[22, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3]).await;
        hold(stream).await;
    })
    .await;
    let failure = tls_failure(probe(address, Tls, BRIEF * 5).await);
    assert!(matches!(failure, TlsFailure::Other(_)), "{failure:?}");
}

#[tokio::test]
async fn a_plain_port_is_not_tls() {
    let address = listen(|mut stream| async move {
        let mut hello = [0; 1024];
        let _ = stream.read(&mut hello).await;
        let _ = stream.write_all(b"SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        hold(stream).await;
    })
    .await;
    assert_eq!(tls_failure(probe(address, Tls, PATIENT).await), TlsFailure::NotTls);
}

#[tokio::test]
async fn a_plain_port_that_hangs_up_on_tls_is_found_out() {
    let address = listen(|mut stream| async move {
        let mut first = [0];
        // As a server that knows no method beginning with 0x16.
        if stream.peek(&mut first).await.is_ok() && first[0].is_ascii_alphabetic() {
            serve(&mut stream, ok).await;
        }
    })
    .await;
    assert_eq!(tls_failure(probe(address, Tls, PATIENT).await), TlsFailure::NotTls);
}

#[tokio::test]
async fn a_tls_port_asked_in_plain_text_says_so() {
    let (config, _) = settings(&authority("Contoso Root"), rustls::ALL_VERSIONS, None);
    let (address, _) = sips(config).await;
    let failure = failure(probe(address, Tcp, PATIENT).await);
    assert!(matches!(&failure, SipFailure::NotSip(why) if why.as_str().contains("speaks TLS")), "{failure:?}");
}

#[tokio::test]
async fn a_handshake_that_is_closed_reset_or_never_answered_is_told_apart() {
    let read = |mut stream: TcpStream| async move {
        let mut hello = [0; 1024];
        let _ = stream.read(&mut hello).await;
        stream
    };
    let closed = listen(move |stream| async move { drop(read(stream).await) }).await;
    let reset = listen(move |stream| async move { read(stream).await.set_zero_linger().unwrap() }).await;
    let silent = listen(hold::<TcpStream>).await;
    assert_eq!(tls_failure(probe(closed, Tls, PATIENT).await), TlsFailure::CutOff);
    assert_eq!(tls_failure(probe(reset, Tls, PATIENT).await), TlsFailure::CutOff);
    assert_eq!(tls_failure(probe(silent, Tls, BRIEF).await), TlsFailure::Timeout);
}

#[tokio::test]
async fn a_session_without_an_answer_is_silent_and_still_shows_the_certificate() {
    let (config, certificate) = settings(&authority("Contoso Root"), rustls::ALL_VERSIONS, None);
    let acceptor = TlsAcceptor::from(config);
    let address = listen(move |stream| {
        let acceptor = acceptor.clone();
        async move { hold(acceptor.accept(stream).await).await }
    })
    .await;
    // Long enough for the handshake of a debug build on a loaded machine.
    let outcome = probe(address, Tls, BRIEF * 5).await;
    assert_eq!(outcome.tls.as_ref().unwrap().chain[0], certificate.to_vec());
    assert_eq!(failure(outcome), SipFailure::Silent);
}

#[test]
fn a_certificate_without_its_key_is_refused_at_the_start() {
    let identity = |certificate: Option<&str>, key: Option<&str>| ProbeIdentity {
        from: None,
        certificate: certificate.map(Into::into),
        key: key.map(Into::into),
    };
    let half = SipProber::alone(&identity(Some("/nonexistent"), None), Clock::start()).unwrap_err();
    assert!(half.to_string().contains("both"), "{half}");
    let missing = SipProber::alone(&identity(Some("/nonexistent"), Some("/nonexistent")), Clock::start()).unwrap_err();
    assert!(missing.to_string().contains("/nonexistent"), "{missing}");
}
