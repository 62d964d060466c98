//! Real BINDs on free ports of loopback, as the current user, each in a directory of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::net::{TcpListener, UdpSocket};
use tokio::process::{Child, Command};
use tokio::time::{Duration, sleep};

/// The zone of the source document's two sites.
pub(crate) const ZONE: &str = "contoso.com";
/// The key of whoever else may change the zone.
pub(crate) const ADMIN: (&str, &str) = ("admin", "YW5vdGhlciBrZXkgdGhhdCBpcyBub3Qgb3VycywgMzI=");

/// One running server; ended, by its id, when dropped.
pub(crate) struct Named {
    pub(crate) address: SocketAddr,
    _child: Child,
    _dir: TempDir,
}

/// Why there is none.
pub(crate) enum NotStarted {
    /// BIND is not installed.
    Missing,
    /// Somebody else took the port meanwhile.
    PortTaken,
}

/// Starts a BIND on a port with the given zones and options; it stands where all of its zones are loaded.
pub(crate) async fn start(port: u16, options: &str, statements: &str, zone: &str) -> Result<Named, NotStarted> {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("zone"), zone).unwrap();
    std::fs::write(dir.path().join("named.conf"), configuration(dir.path(), port, options, statements)).unwrap();
    let log = std::fs::File::create(dir.path().join("log")).unwrap();
    let started = Command::new("named")
        .args(["-g", "-4", "-n", "1", "-c"])
        .arg(dir.path().join("named.conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            assert!(error.kind() == io::ErrorKind::NotFound, "named cannot be started: {error}");
            assert!(std::env::var("CI").is_err(), "named is not installed");
            eprintln!("SKIPPED: named is not installed");
            return Err(NotStarted::Missing);
        }
    };
    loop {
        let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
        if log.contains("all zones loaded") {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            return Ok(Named { address, _child: child, _dir: dir });
        }
        if log.contains("address in use") {
            return Err(NotStarted::PortTaken);
        }
        assert!(child.try_wait().unwrap().is_none(), "named ended: {log}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A port that is free for both transports now.
pub(crate) async fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).await.is_ok() {
            return address.port();
        }
    }
}

fn configuration(dir: &Path, port: u16, options: &str, statements: &str) -> String {
    let dir = dir.display();
    let (admin, secret) = ADMIN;
    format!(
        r#"options {{ directory "{dir}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  pid-file none; lock-file none; session-keyfile none; dnssec-validation no; empty-zones-enable no;
  notify-delay 0; notify-rate 1000; startup-notify-rate 1000; serial-query-rate 1000; {options} }};
controls {{ }};
key "{admin}" {{ algorithm hmac-sha256; secret "{secret}"; }};
{statements}
"#
    )
}

/// The zone before anything ever moved, without markers: what an administrator has before Switchboard comes.
pub(crate) fn zone_file(ttl: u32) -> String {
    let head = format!(
        "$TTL {ttl}\n$ORIGIN {ZONE}.\n@ SOA ns1 hostmaster 2024 3600 600 86400 1\n@ NS ns1\n@ NS ns2\n\
         ns1 3600 A 192.0.2.53\nns2 3600 A 192.0.2.54\nfe01 3600 A 192.0.2.41\n"
    );
    let hosts =
        "um1.tukwila A 192.0.2.11\num2.tukwila A 192.0.2.12\num3.dublin A 192.0.2.23\num4.dublin A 192.0.2.24\n";
    head + hosts
}

/// Who may write what is granted.
pub(crate) struct Writer<'a> {
    /// The name of a key, or of whoever has a Kerberos ticket.
    pub(crate) name: &'a str,
    /// The secret of a key.
    pub(crate) secret: Option<&'a str>,
}

/// The statements of a primary: for our writer exactly the grants given, one name and its types each, and the other key with all.
pub(crate) fn primary(writer: &Writer<'_>, grants: &[&str], notify: Option<u16>) -> String {
    let name = writer.name;
    let key = writer
        .secret
        .map_or_else(String::new, |secret| format!(r#"key "{name}" {{ algorithm hmac-sha256; secret "{secret}"; }};"#));
    let grants = grants.iter().fold(String::new(), |all, grant| format!(r#"{all} grant "{name}" name {grant};"#));
    let notify = notify.map_or_else(
        || "notify no;".to_owned(),
        |port| format!("notify explicit; also-notify {{ 127.0.0.1 port {port}; }};"),
    );
    format!(
        r#"{key}
zone "{ZONE}" {{ type primary; file "zone"; {notify} allow-transfer {{ any; }};
  update-policy {{{grants} grant {admin} zonesub ANY; }}; }};"#,
        admin = ADMIN.0
    )
}
