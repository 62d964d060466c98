//! The field profile: strangers, an old TLS server, routers and services apart.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use switchboard::demo::{Options, Profile};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Bench;
use super::client::{Identity, Line, Seen, connect, options};

fn field(options: &mut Options) {
    options.profile = Profile::Field;
}

fn gateway(bench: &Bench) -> Identity {
    let read = |name: &str| std::fs::read(bench.demo.dir().join(name)).unwrap();
    let chain = CertificateDer::pem_slice_iter(&read("gateway.pem")).map(Result::unwrap).collect();
    (chain, PrivateKeyDer::from_pem_slice(&read("gateway-key.pem")).unwrap())
}

#[tokio::test]
async fn strangers_get_403_or_nothing_and_a_known_gateway_gets_200() {
    let bench = Bench::start(field).await;
    for (server, stranger) in [("192.0.2.11:5061", Seen::Code(403)), ("192.0.2.23:5061", Seen::Silent)] {
        assert_eq!(options(bench.at(server)).await, stranger, "{server}");
        let mut line = Line::tls(bench.at(server), Some(gateway(&bench))).await.expect("a session");
        assert_eq!(line.options().await, Seen::Code(200), "{server}");
    }
    assert_eq!(options(bench.at("192.0.2.41:5061")).await, Seen::Code(403), "the pool knows UM servers only");
}

#[tokio::test]
async fn a_call_router_redirects_to_the_service_on_another_host() {
    let bench = Bench::start(field).await;
    let contact = async |server: &str| {
        let mut line = Line::tls(bench.at(server), Some(gateway(&bench))).await.expect("a session");
        let answer = line.ask("INVITE").await.unwrap();
        assert!(answer.field("Server").unwrap().starts_with("RTCC/5.0.0.0 MSExchangeUM/15.01."));
        answer.field("Contact").unwrap().to_owned()
    };
    assert!(contact("192.0.2.11:5061").await.starts_with("<sip:mbx1.tukwila.contoso.com:5063;transport=Tls"));
    assert!(contact("192.0.2.15:5063").await.starts_with("<sip:mbx1.tukwila.contoso.com:5066;transport=Tls"));
}

/// A ClientHello of TLS 1.0 (RFC 2246 §7.4.1.2) with these suites, and extensions when there are some.
fn hello(suites: &[u8], extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend(u16::try_from(suites.len()).unwrap().to_be_bytes());
    body.extend_from_slice(suites);
    body.extend([1, 0]);
    if !extensions.is_empty() {
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        body.extend_from_slice(extensions);
    }
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let message = [&[1][..], &length[1..], &body].concat();
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    [&[22, 3, 1][..], &length, &message].concat()
}

async fn first_bytes(bench: &Bench, hello: &[u8]) -> Vec<u8> {
    let mut stream = connect(bench.at("192.0.2.24:5061")).await.unwrap();
    stream.write_all(hello).await.unwrap();
    let mut buffer = vec![0; 16_384];
    let mut got = 0;
    // Up to the end of the first record.
    while got < 5 || got < 5 + usize::from(u16::from_be_bytes([buffer[3], buffer[4]])) {
        let count = stream.read(&mut buffer[got..]).await.unwrap();
        assert!(count > 0, "closed after {got} bytes");
        got += count;
    }
    buffer.truncate(got);
    buffer
}

#[tokio::test]
async fn the_old_server_shows_its_certificate_to_old_clients_and_an_alert_to_new_ones() {
    let bench = Bench::start(field).await;
    let record = first_bytes(&bench, &hello(&[0x13, 0x01, 0x00, 0x2f], &[])).await;
    assert_eq!(record[..3], [22, 3, 1], "a handshake record of TLS 1.0");
    assert_eq!((record[5], &record[9..11]), (2, &[3, 1][..]), "a ServerHello of TLS 1.0");
    let cn = b"um4.dublin.contoso.com";
    assert!(record.windows(cn.len()).any(|window| window == cn), "the certificate is in clear text");
    assert_eq!(record[record.len() - 4..], [14, 0, 0, 0], "ServerHelloDone");
    // supported_versions: 1.3 and 1.2 only.
    let new = first_bytes(&bench, &hello(&[0x13, 0x01, 0x00, 0x2f], &[0, 43, 0, 5, 4, 3, 4, 3, 3])).await;
    assert_eq!(new, [21, 3, 1, 0, 2, 2, 70], "protocol_version");
    let no_suite = first_bytes(&bench, &hello(&[0xc0, 0x2f], &[])).await;
    assert_eq!(no_suite, [21, 3, 1, 0, 2, 2, 40], "handshake_failure");
    assert_eq!(options(bench.at("192.0.2.24:5061")).await, Seen::NoTls, "modern TLS");
}
