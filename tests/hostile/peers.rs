//! SIP servers over TLS that answer with hostile text, and show it in their certificates.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use switchboard::wire::sip::{Framer, Message, Reply};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::one_line;

/// What a server does to whoever asks it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Conduct {
    /// 200, with a hostile reason phrase and `Server` header.
    Answers,
    /// 403, with hostile `ms-diagnostics`.
    Refuses,
    /// 302 to a host of a hostile name.
    Redirects,
    /// A reason phrase of a megabyte.
    Endless,
}

/// A certificate whose every name is hostile, and its PEM.
pub(crate) fn certificate() -> (Arc<ServerConfig>, String) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, one_line());
    params.distinguished_name.push(DnType::OrganizationName, one_line());
    let ascii: String = one_line().chars().filter(char::is_ascii).collect();
    params.subject_alt_names = vec![SanType::DnsName(ascii.try_into().unwrap())];
    let key = KeyPair::generate().unwrap();
    let leaf = params.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    (Arc::new(config), leaf.pem())
}

/// Serves until the runtime of the test ends.
pub(crate) async fn serve(conduct: Conduct, config: Arc<ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = TlsAcceptor::from(Arc::clone(&config));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let (mut framer, mut chunk) = (Framer::new(), [0; 2048]);
                while let Ok(count @ 1..) = stream.read(&mut chunk).await {
                    framer.push(&chunk[..count]);
                    while let Ok(Some(message)) = framer.next_message() {
                        if stream.write_all(&answer(conduct, &message)).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

fn answer(conduct: Conduct, request: &Message) -> Vec<u8> {
    let evil = one_line();
    let (code, reason) = match conduct {
        Conduct::Answers => (200, evil.clone()),
        Conduct::Refuses => (403, format!("Forbidden {evil}")),
        Conduct::Redirects => (302, evil.clone()),
        Conduct::Endless => (200, evil.repeat(1 << 14)),
    };
    let header = match conduct {
        Conduct::Answers | Conduct::Endless => format!("Server: RTCC/5.0 {evil}"),
        Conduct::Refuses => format!("ms-diagnostics: 15030;reason=\"{evil}\";source=\"{evil}\""),
        Conduct::Redirects => format!("Contact: <sip:{evil}.contoso.com:5063;transport=Tls;maddr={evil}>"),
    };
    // Written over, so that whoever builds answers in good order has no say in it.
    let plain = String::from_utf8(Reply::to(request, code, "REASON").to_bytes()).unwrap();
    plain.replacen("REASON\r\n", &format!("{reason}\r\n{header}\r\n"), 1).into_bytes()
}
