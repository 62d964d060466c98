//! A real BIND on a free port, as the current user, in a directory of its own.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::net::{TcpListener, UdpSocket};
use tokio::process::{Child, Command};
use tokio::time::{Duration, sleep};

use crate::support::{SECRET_BASE64, UM1};

pub(crate) struct Named {
    pub(crate) address: SocketAddr,
    // Ended, by its id, when dropped.
    _child: Child,
    _dir: TempDir,
}

/// Starts a BIND whose zone takes updates by `policy`; `None`, loudly, when BIND is not installed and need not be.
pub(crate) async fn named(policy: &str) -> Option<Named> {
    for _ in 0..10 {
        let port = free_port().await;
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("zone"), zone_file()).unwrap();
        std::fs::write(dir.path().join("named.conf"), configuration(&dir, port, policy)).unwrap();
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
                assert!(std::env::var("CI").is_err(), "named cannot be started: {error}");
                eprintln!("SKIPPED: named cannot be started: {error}");
                return None;
            }
        };
        // It says when it runs; when somebody else took the port meanwhile, another one is tried.
        loop {
            let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
            if log.contains("all zones loaded") {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                return Some(Named { address, _child: child, _dir: dir });
            }
            assert!(!log.contains("error:") || log.contains("address in use"), "{log}");
            if log.contains("address in use") || child.try_wait().unwrap().is_some() {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
    panic!("named did not start in ten tries");
}

async fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).await.is_ok() {
            return address.port();
        }
    }
}

fn configuration(dir: &TempDir, port: u16, policy: &str) -> String {
    let dir = dir.path().display();
    format!(
        r#"options {{ directory "{dir}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  pid-file none; lock-file none; session-keyfile none; recursion no; dnssec-validation no; notify no;
  allow-transfer {{ any; }}; }};
controls {{ }};
key "switchboard" {{ algorithm hmac-sha256; secret "{SECRET_BASE64}"; }};
zone "contoso.com" {{ type primary; file "{dir}/zone"; {policy} }};
"#
    )
}

fn zone_file() -> String {
    let mut zone = format!(
        "$TTL 60\n$ORIGIN contoso.com.\n@ SOA ns1 hostmaster 2024 3600 600 86400 5\n@ NS ns1\nns1 A 127.0.0.1\n\
         {UM1}. 20 A 192.0.2.11\n{UM1}. 20 AAAA 2001:db8::11\num2.tukwila 20 A 192.0.2.12\n\
         voice 20 CNAME um1.tukwila\nempty TXT \"no address\"\n\
         _switchboard.tukwila 20 TXT \"v=1;epoch=1;seq=1;moved=;to=;run=;by=;exp=;head=\"\n\
         _split 20 TXT \"v=1;epoch=1;\" \"seq=1;\"\n"
    );
    for last in 1..=100 {
        writeln!(zone, "many 20 A 198.51.100.{last}").unwrap();
    }
    zone
}
