//! Servers that are too old for the TLS library, played by the `openssl` program.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use switchboard::domain::observation::{SipFailure, TlsFailure, TlsSession};
use switchboard::domain::server::Transport::Tls;

use super::peers::{PATIENT, has_program, probe};

/// A running `openssl s_server`, ended when dropped.
struct OldServer {
    child: Child,
    port: u16,
}

impl Drop for OldServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn make_certificate(dir: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3", "-subj", "/CN=um1.contoso.com"])
        .args(["-addext", "subjectAltName=DNS:um1.contoso.com", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(dir)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
}

fn start(dir: &Path, options: &[&str]) -> OldServer {
    let mut child = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem", "-naccept", "9"])
        .args(options)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The line `ACCEPT 127.0.0.1:port` is how the chosen port is learned.
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| line.ok()?.strip_prefix("ACCEPT ")?.rsplit_once(':')?.1.parse().ok()).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    OldServer { child, port }
}

async fn look(dir: &Path, options: &[&str]) -> (TlsFailure, Option<TlsSession>) {
    let server = start(dir, options);
    let outcome = probe(([127, 0, 0, 1], server.port).into(), Tls, PATIENT).await;
    let Err(SipFailure::Tls(failure)) = outcome.result else { panic!("{options:?}: {:?}", outcome.result) };
    (failure, outcome.tls.as_deref().cloned())
}

/// Options, version, a word of the suite, whether a certificate is wanted.
const OLD: &[(&[&str], &str, &str, bool)] = &[
    (&["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "1.0", "CBC", false),
    (&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "1.1", "CBC", false),
    (&["-tls1_2", "-cipher", "AES256-SHA256:@SECLEVEL=0"], "1.2", "TLS_RSA_WITH_AES_256_CBC_SHA256", false),
    (&["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"], "1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", false),
    (&["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256"], "1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", false),
    (&["-tls1_2", "-cipher", "AES128-GCM-SHA256"], "1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", false),
    (&["-tls1", "-cipher", "ALL:@SECLEVEL=0", "-Verify", "1", "-CAfile", "cert.pem"], "1.0", "CBC", true),
    (
        &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0", "-max_send_frag", "512"],
        "1.2",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        false,
    ),
];

#[tokio::test]
async fn the_certificate_of_a_server_that_is_too_old_is_read_and_said_to_be_unproved() {
    if !has_program("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    make_certificate(dir.path());
    let pem = std::fs::read_to_string(dir.path().join("cert.pem")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let certificate = data_encoding::BASE64.decode(body.as_bytes()).unwrap();
    for (options, version, suite, asks) in OLD {
        let (failure, session) = look(dir.path(), options).await;
        let TlsFailure::Legacy(why) = failure else { panic!("{options:?}: {failure:?}") };
        let session = session.unwrap();
        assert!(why.as_str().contains(version) && why.as_str().contains(suite), "{why}");
        assert_eq!((session.version.as_str(), session.proved, session.asks_certificate), (*version, false, *asks));
        assert!(session.suite.as_str().contains(suite), "{}", session.suite);
        assert_eq!(session.chain, std::slice::from_ref(&certificate), "{options:?}");
    }
}
