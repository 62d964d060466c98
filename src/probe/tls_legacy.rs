//! A second look at a peer that the TLS library cannot talk to: its certificate, read in clear text.

use std::net::SocketAddr;

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::domain::observation::{TlsFailure, TlsSession};
use crate::wire::hello::{Hello, Reader, client_hello, suite_name};

/// Asks once more, with an old hello of our own. `None` when nothing came of it.
pub(super) async fn look(address: SocketAddr, server_name: Option<&str>) -> Option<Hello> {
    let mut io = TcpStream::connect(address).await.ok()?;
    io.set_nodelay(true).ok()?;
    io.write_all(&client_hello(server_name, rand::random())).await.ok()?;
    let mut reader = Reader::new();
    let mut chunk = vec![0; 4096];
    loop {
        match io.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(count) => match reader.push(&chunk[..count]) {
                Ok(false) => {}
                Ok(true) | Err(_) => break,
            },
        }
    }
    reader.so_far().cloned()
}

/// What was read, as an observation: presented, not proved.
pub(super) fn session(hello: &Hello, at: Timestamp) -> TlsSession {
    TlsSession {
        version: hello.version_name().into(),
        suite: suite_name(hello.suite).into(),
        proved: false,
        asks_certificate: hello.asks_certificate,
        chain: hello.chain.clone(),
        at,
    }
}

/// The failure in words, when the peer's age explains it.
pub(super) fn failure(hello: &Hello) -> Option<TlsFailure> {
    let (version, suite) = (hello.version_name(), suite_name(hello.suite));
    (!hello.is_modern()).then(|| TlsFailure::Legacy(format!("TLS {version} with {suite}").into()))
}
