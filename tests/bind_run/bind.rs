//! Three BINDs as a deployment has them: a primary, a secondary that transfers the zone, a resolver that caches; a relay before each.

use std::net::SocketAddr;
use std::process::Stdio;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use switchboard::domain::name::Fqdn;
use switchboard::wire::dns::{Question, to_name};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{Duration, sleep, timeout};

use crate::named::{ADMIN, Named, NotStarted, Writer, ZONE, free_port, primary, start, zone_file};
use crate::wire::Wire;

/// The longest that a test waits for a server.
const PATIENCE: Duration = Duration::from_secs(20);
/// The TTL of the servers' records, in seconds.
pub(crate) const TTL: u32 = 2;

/// A deployment's DNS.
pub(crate) struct Names {
    pub(crate) primary: Wire,
    pub(crate) secondary: Wire,
    pub(crate) resolver: Wire,
    _running: [Named; 3],
}

impl Names {
    /// Starts them with exactly these grants for the writer, the primary with more options; `None`, loudly, when BIND is not
    /// installed and need not be.
    pub(crate) async fn start(writer: &Writer<'_>, options: &str, grants: &[&str]) -> Option<Self> {
        for _ in 0..10 {
            match Self::try_start(writer, options, grants).await {
                Ok(names) => return Some(names),
                Err(NotStarted::Missing) => return None,
                Err(NotStarted::PortTaken) => {}
            }
        }
        panic!("named did not start in ten tries");
    }

    async fn try_start(writer: &Writer<'_>, options: &str, grants: &[&str]) -> Result<Self, NotStarted> {
        let second_port = free_port().await;
        let statements = primary(writer, grants, Some(second_port));
        let first = start(free_port().await, &format!("recursion no; {options}"), &statements, &zone_file(TTL)).await?;
        // The transfers, too, go over the relay that keeps everything.
        let primary = Wire::before(first.address).await;
        let follows = format!(
            r#"zone "{ZONE}" {{ type secondary; file "copy"; notify no; primaries {{ 127.0.0.1 port {}; }}; }};"#,
            primary.address.port()
        );
        let second = start(second_port, "recursion no;", &follows, "").await?;
        let secondary = Wire::before(second.address).await;
        until("the secondary has the zone", || async {
            records(second.address, "um1.tukwila.contoso.com", RecordType::A).await.1 == ["192.0.2.11"]
        })
        .await;
        let asks = format!("recursion yes; forward only; forwarders {{ 127.0.0.1 port {}; }};", primary.address.port());
        let third = start(free_port().await, &asks, "", "").await?;
        let resolver = Wire::before(third.address).await;
        Ok(Self { primary, secondary, resolver, _running: [first, second, third] })
    }

    /// The zone as the primary itself has it: addresses of all servers, both markers, the serial.
    pub(crate) async fn zone(&self) -> Vec<String> {
        let mut shown = Vec::new();
        for number in 1..=4 {
            let host = host(number);
            for kind in [RecordType::A, RecordType::AAAA] {
                shown.push(format!("{host} {kind} {:?}", records(self.primary.behind, &host, kind).await.1));
            }
        }
        for site in ["tukwila", "dublin"] {
            let marker = format!("_switchboard.{site}.{ZONE}");
            shown.push(format!("{marker} {:?}", records(self.primary.behind, &marker, RecordType::TXT).await.1));
        }
        shown.push(records(self.primary.behind, ZONE, RecordType::SOA).await.1.join(""));
        shown
    }

    /// The marker of a site, as the primary itself has it.
    pub(crate) async fn marker(&self, site: &str) -> Vec<String> {
        records(self.primary.behind, &format!("_switchboard.{site}.{ZONE}"), RecordType::TXT).await.1
    }
}

/// um1 and um2 stand in Tukwila, um3 and um4 in Dublin.
pub(crate) fn host(number: u8) -> String {
    let site = if number < 3 { "tukwila" } else { "dublin" };
    format!("um{number}.{site}.{ZONE}")
}

/// Code and values that a server gives for a name.
pub(crate) async fn records(server: SocketAddr, name: &str, kind: RecordType) -> (ResponseCode, Vec<String>) {
    let name = to_name(&Fqdn::parse(name).unwrap());
    let question = Question { id: rand::random(), name, kind, recursion: false };
    let answer = Message::from_vec(&over_tcp(server, &question.to_bytes()).await).unwrap();
    let of_kind = answer.answers.iter().filter(|record| record.record_type() == kind);
    let mut values: Vec<String> = of_kind.map(|record| record.data.to_string()).collect();
    values.sort();
    (answer.response_code, values)
}

/// The addresses that any server, resolvers included, gives for a name.
pub(crate) async fn addresses(server: SocketAddr, name: &str) -> Vec<String> {
    let name = to_name(&Fqdn::parse(name).unwrap());
    let question = Question { id: rand::random(), name, kind: RecordType::A, recursion: true };
    let answer = Message::from_vec(&over_tcp(server, &question.to_bytes()).await).unwrap();
    answer.answers.iter().map(|record| record.data.to_string()).collect()
}

/// One message over one TCP connection.
pub(crate) async fn over_tcp(server: SocketAddr, message: &[u8]) -> Vec<u8> {
    let exchange = async {
        let mut stream = TcpStream::connect(server).await.unwrap();
        stream.write_all(&u16::try_from(message.len()).unwrap().to_be_bytes()).await.unwrap();
        stream.write_all(message).await.unwrap();
        let mut answer = vec![0; usize::from(stream.read_u16().await.unwrap())];
        stream.read_exact(&mut answer).await.unwrap();
        answer
    };
    timeout(PATIENCE, exchange).await.unwrap()
}

/// Somebody else changes the zone, with a key of their own.
pub(crate) async fn nsupdate(server: SocketAddr, script: &str) {
    let key = format!("hmac-sha256:{}:{}", ADMIN.0, ADMIN.1);
    let mut child = Command::new("nsupdate")
        .args(["-v", "-y", &key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let script = format!("server {} {}\nzone {ZONE}\n{script}\nsend\n", server.ip(), server.port());
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(script.as_bytes()).await.unwrap();
    drop(stdin);
    let output = timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{script}{}", String::from_utf8_lossy(&output.stderr));
}

/// Asks again and again until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let waiting = async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never so: {what}"));
}
