//! The beginning of TLS 1.0 (RFC 2246), as an old server has it: enough to present a certificate in clear text.
//!
//! Answers a ClientHello with ServerHello, Certificate, CertificateRequest and ServerHelloDone, and a client that offers
//! only newer versions with a `protocol_version` alert. It does not do the key exchange: whatever the client sends next is
//! answered with `handshake_failure`, nothing is ever encrypted, and no SIP is spoken on it. It does not prove the
//! certificate's key either, as no server with RSA key exchange does before the key exchange.

use std::io;

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const TLS_1_0: [u8; 2] = [3, 1];
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const HANDSHAKE_FAILURE: u8 = 40;
const DECODE_ERROR: u8 = 50;
const PROTOCOL_VERSION: u8 = 70;
/// RSA key exchange with AES-128-CBC, AES-256-CBC, 3DES, all with SHA-1, in the server's order.
const SUITES: [[u8; 2]; 3] = [[0x00, 0x2f], [0x00, 0x35], [0x00, 0x0a]];
/// The longest TLS record (RFC 2246 §6.2.1).
const LONGEST: usize = 1 << 14;

/// The Certificate message of one server.
pub(super) struct Presented(Vec<u8>);

impl Presented {
    /// Takes the chain, leaf first.
    pub(super) fn new(chain: &[CertificateDer<'_>]) -> Self {
        let list: Vec<u8> = chain.iter().flat_map(|der| prefixed(der)).collect();
        Self(message(11, &prefixed(&list)))
    }
}

/// Reads the hello, answers it, and refuses what comes next.
pub(super) async fn present(stream: &mut TcpStream, presented: &Presented) -> io::Result<()> {
    let hello = read_record(stream).await?;
    match choose(&hello) {
        Ok(suite) => {
            let mut flight = server_hello(suite);
            flight.extend_from_slice(&presented.0);
            // One certificate type (rsa_sign), no names of authorities.
            flight.extend(message(13, &[1, 1, 0, 0]));
            flight.extend(message(14, &[]));
            for part in flight.chunks(LONGEST) {
                stream.write_all(&record(HANDSHAKE, part)).await?;
            }
            let _ = read_record(stream).await?;
            stream.write_all(&alert(HANDSHAKE_FAILURE)).await?;
        }
        Err(reason) => stream.write_all(&alert(reason)).await?,
    }
    stream.shutdown().await
}

async fn read_record(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    let mut body = vec![0; length.min(LONGEST)];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

/// The suite for a ClientHello (RFC 2246 §7.4.1.2), or the alert that refuses it.
fn choose(hello: &[u8]) -> Result<[u8; 2], u8> {
    let mut reader = Reader(hello);
    let kind = reader.take(1).ok_or(DECODE_ERROR)?;
    reader.take(3).ok_or(DECODE_ERROR)?;
    let version = reader.take(2).ok_or(DECODE_ERROR)?;
    reader.take(32).ok_or(DECODE_ERROR)?;
    reader.list(1).ok_or(DECODE_ERROR)?;
    let suites = reader.list(2).ok_or(DECODE_ERROR)?;
    reader.list(1).ok_or(DECODE_ERROR)?;
    if kind != [1] || version < TLS_1_0.as_slice() || !offers_1_0(reader) {
        return Err(PROTOCOL_VERSION);
    }
    let offered = |suite: &&[u8; 2]| suites.chunks_exact(2).any(|offer| offer == suite.as_slice());
    SUITES.iter().find(offered).copied().ok_or(HANDSHAKE_FAILURE)
}

/// Whether the extensions leave TLS 1.0 open: no `supported_versions` (RFC 8446 §4.2.1), or one that lists it.
fn offers_1_0(mut after_compression: Reader<'_>) -> bool {
    let Some(extensions) = after_compression.list(2) else { return true };
    let mut extensions = Reader(extensions);
    while let (Some(kind), Some(body)) = (extensions.take(2), extensions.list(2)) {
        if kind == [0, 43] {
            let versions = Reader(body).list(1).unwrap_or_default();
            return versions.chunks_exact(2).any(|version| version == TLS_1_0);
        }
    }
    true
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A vector with its length in front, in `width` bytes.
    fn list(&mut self, width: usize) -> Option<&'a [u8]> {
        let length = self.take(width)?.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
        self.take(length)
    }
}

fn server_hello(suite: [u8; 2]) -> Vec<u8> {
    let random: [u8; 32] = rand::random();
    // Version, random, no session id, suite, no compression.
    let body = [&TLS_1_0[..], &random, &[0], &suite, &[0]].concat();
    message(2, &body)
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &prefixed(body)].concat()
}

/// Three bytes of length, and the bytes.
fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes();
    [&length[1..], bytes].concat()
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap_or(0).to_be_bytes();
    [&[kind][..], &TLS_1_0, &length, body].concat()
}

fn alert(reason: u8) -> Vec<u8> {
    record(ALERT, &[2, reason])
}
