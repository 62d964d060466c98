//! The targets of the probe bench: many TLS listeners that answer OPTIONS with 200, whoever asks.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use switchboard::wire::sip::{Framer, Message, Reply};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Set for the process that is the targets, to their number.
pub(crate) const ROLE: &str = "SWITCHBOARD_BENCH_TARGETS";

/// The name on the targets' certificate.
pub(crate) const NAME: &str = "um1.contoso.com";

/// Where the targets leave their root, in DER.
pub(crate) fn root_file() -> PathBuf {
    std::env::temp_dir().join(format!("switchboard-bench-{}.der", std::process::id()))
}

/// Serves until it is ended; prints one address a line.
pub(crate) fn serve(count: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let acceptor = acceptor();
        for _ in 0..count {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            println!("{}", listener.local_addr().unwrap());
            tokio::spawn(listen(listener, acceptor.clone()));
        }
        std::io::stdout().flush().unwrap();
        std::future::pending::<()>().await;
    });
}

fn acceptor() -> TlsAcceptor {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![NAME.into()]).unwrap().signed_by(&key, &root).unwrap();
    std::fs::write(root_of_parent(), root.der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// The measuring process looks under its own id, which is this one's parent.
fn root_of_parent() -> PathBuf {
    let parent = rustix::process::getppid().unwrap().as_raw_nonzero();
    std::env::temp_dir().join(format!("switchboard-bench-{parent}.der"))
}

/// What a target answers.
pub(crate) fn answer_to(request: &Message) -> Vec<u8> {
    Reply::to(request, 200, "OK").to_bytes()
}

async fn listen(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, acceptor.clone()));
    }
}

async fn answer(stream: TcpStream, acceptor: TlsAcceptor) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = acceptor.accept(stream).await.ok()?;
    let mut buffer = [0; 4096];
    let mut framer = Framer::new();
    loop {
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        framer.push(&buffer[..n]);
        while let Some(request) = framer.next_message().ok()? {
            stream.write_all(&answer_to(&request)).await.ok()?;
        }
        stream.flush().await.ok()?;
    }
}
