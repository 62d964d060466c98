//! What the DNS tests share: keys, messages by hand, programs from outside, bounded waiting.

use std::io;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use switchboard::demo::dns::{Primary, PrimaryOptions, WallClock, Zone};
use switchboard::domain::name::Fqdn;
use switchboard::domain::observation::{Addresses, DnsFailure, DnsKind, DnsOutcome};
use switchboard::domain::secret::Secret;
use switchboard::domain::topology::TsigAlgorithm;
use switchboard::probe::Clock;
use switchboard::probe::dns::{DnsQuestions, probe};
use switchboard::wire::dns::tsig::{Prior, Stamp};
use switchboard::wire::dns::{TsigKey, to_name, tsig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

/// The longest that a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// The secret of [`key`], as nsupdate and dig take it.
pub(crate) const SECRET_BASE64: &str = "c3dpdGNoYm9hcmQgdGVzdCBrZXkgb2YgMzIgYnl0ZXMh";

pub(crate) fn name(text: &str) -> Fqdn {
    Fqdn::parse(text).unwrap()
}

pub(crate) fn clock() -> WallClock {
    let clock = Clock::start();
    Arc::new(move || clock.now())
}

pub(crate) fn now() -> u64 {
    u64::try_from(clock()().as_second()).unwrap()
}

pub(crate) fn key_named(key: &str, secret: &[u8], algorithm: TsigAlgorithm) -> TsigKey {
    TsigKey::new(&name(key), algorithm, Secret::new(secret.to_vec()))
}

pub(crate) fn secret() -> Vec<u8> {
    data_encoding::BASE64.decode(SECRET_BASE64.as_bytes()).unwrap()
}

pub(crate) fn key() -> TsigKey {
    key_named("switchboard", &secret(), TsigAlgorithm::HmacSha256)
}

/// The zone of the source document's two sites, cut to what the tests need.
pub(crate) fn zone() -> Zone {
    let mut zone = Zone::new(&name("contoso.com"), &name("ns1.contoso.com"), 2);
    zone.add_name_server(60, &name("ns1.contoso.com"));
    zone.add_address(&name("ns1.contoso.com"), 60, [192, 0, 2, 53].into());
    for (host, last) in [("um1.tukwila", 11), ("um2.tukwila", 12), ("um3.dublin", 21), ("um4.dublin", 22)] {
        zone.add_address(&name(&format!("{host}.contoso.com")), 20, [192, 0, 2, last].into());
    }
    zone.add_alias(&name("voice.contoso.com"), 20, &name("um1.tukwila.contoso.com"));
    zone.add_text(&name("_switchboard.tukwila.contoso.com"), 20, "v=1;epoch=1;seq=1;moved=;to=;run=;by=;exp=;head=");
    for last in 1..=100 {
        zone.add_address(&name("many.contoso.com"), 20, [198, 51, 100, last].into());
    }
    zone
}

pub(crate) async fn primary() -> Primary {
    let options = PrimaryOptions { zone: zone(), keys: vec![key()], allowed: None, clock: clock() };
    Primary::start(options).await.unwrap()
}

/// Runs a program and returns what it wrote to both outputs; `None`, loudly, when it is not installed and need not be.
pub(crate) async fn run(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            assert!(std::env::var("CI").is_err(), "{program} is not installed");
            eprintln!("SKIPPED: {program} is not installed");
            return None;
        }
        Err(error) => panic!("{program}: {error}"),
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("the program ends").unwrap();
    Some(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

pub(crate) async fn dig(server: SocketAddr, arguments: &[&str]) -> Option<String> {
    let (at, port) = (format!("@{}", server.ip()), server.port().to_string());
    let mut all = vec![at.as_str(), "-p", &port, "+time=2", "+tries=1", "+noall", "+comments", "+answer", "+authority"];
    all.extend(arguments);
    run("dig", &all, "").await
}

pub(crate) async fn nsupdate(server: SocketAddr, key: Option<&str>, script: &str) -> Option<String> {
    let script =
        format!("server {} {}\nzone contoso.com\n{}\nsend\nanswer\n", server.ip(), server.port(), script.trim_end());
    let mut arguments = vec!["-t", "5", "-r", "0"];
    if let Some(key) = key {
        arguments.extend(["-y", key]);
    }
    run("nsupdate", &arguments, &script).await
}

/// One message over one TCP connection.
pub(crate) async fn over_tcp(server: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&u16::try_from(message.len()).unwrap().to_be_bytes()).await?;
    stream.write_all(message).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// "Only if `host` has exactly `old`, give it `new` instead."
pub(crate) fn swap(id: u16, host: &str, old: &[[u8; 4]], new: &[[u8; 4]]) -> Message {
    let (host, zone) = (to_name(&name(host)), Name::from_ascii("contoso.com.").unwrap());
    let mut update = Message::new(id, MessageType::Query, OpCode::Update);
    update.add_query(Query::query(zone, RecordType::SOA));
    let record = |ttl, address: &[u8; 4]| Record::from_rdata(host.clone(), ttl, RData::A(A((*address).into())));
    update.add_answers(old.iter().map(|address| record(0, address)));
    let mut delete = Record::update0(host.clone(), 0, RecordType::A);
    delete.dns_class = DNSClass::ANY;
    update.add_authority(delete);
    update.add_authorities(new.iter().map(|address| record(20, address)));
    update
}

/// Sends a signed message over TCP, checks the signature of the answer, returns its code.
pub(crate) async fn send_signed(server: SocketAddr, message: &Message, key: &TsigKey) -> ResponseCode {
    let mut bytes = message.to_vec().unwrap();
    let mac = tsig::sign(&mut bytes, key, &Stamp::now(now()), Prior::Nothing).unwrap();
    let answer = timeout(PATIENCE, over_tcp(server, &bytes)).await.expect("an answer in time").unwrap();
    let reply = Message::from_vec(&answer).unwrap();
    let record = reply.signature.as_deref().expect("the answer is signed");
    assert_eq!(tsig::verify(&answer, record, key, Prior::Request(&mac)), Ok(()));
    reply.response_code
}

/// Tries again and again until it is so.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never so: {what}"));
}

pub(crate) const UM1: &str = "um1.tukwila.contoso.com";
pub(crate) const MARKER: &str = "_switchboard.tukwila.contoso.com";

/// Everything that a round asks, of a server that is what it is asked as.
pub(crate) fn questions(server: SocketAddr, kind: DnsKind) -> DnsQuestions {
    DnsQuestions {
        server,
        connect: server,
        kind,
        names: [UM1, "voice.contoso.com", "um9.tukwila.contoso.com", "many.contoso.com"].map(name).to_vec(),
        zones: vec![name("contoso.com")],
        markers: [MARKER, "_switchboard.dublin.contoso.com"].map(name).to_vec(),
        key: None,
    }
}

pub(crate) async fn ask(questions: &DnsQuestions) -> DnsOutcome {
    probe(questions, Duration::from_secs(5), &Clock::start()).await
}

/// What a server says about one name.
pub(crate) async fn ask_name(server: SocketAddr, kind: DnsKind, host: &str) -> Result<Addresses, DnsFailure> {
    let questions = DnsQuestions { names: vec![name(host)], zones: vec![], markers: vec![], ..questions(server, kind) };
    ask(&questions).await.names.remove(&name(host)).unwrap()
}
