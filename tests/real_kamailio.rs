//! A real Kamailio as peer: UDP, TCP, TLS and mutual TLS, started on free ports of loopback in a directory of its own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may stop at the first surprise")]

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use switchboard::domain::name::Fqdn;
use switchboard::domain::observation::{SipFailure, SipOutcome, TlsFailure};
use switchboard::domain::server::Transport::{self, MutualTls, Tcp, Tls, Udp};
use switchboard::domain::topology::ProbeIdentity;
use switchboard::probe::{Clock, SipProber, Target};

const KAMAILIO: &str = "/usr/sbin/kamailio";
const MODULES: &str = "/usr/lib/x86_64-linux-gnu/kamailio/modules";
const PATIENT: Duration = Duration::from_secs(20);

/// A running Kamailio, ended when dropped.
struct Kamailio {
    child: Child,
    plain: SocketAddr,
    tls: SocketAddr,
    mutual: SocketAddr,
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        let _ = kill_process(id, Signal::TERM);
        for _ in 0..200 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let _ = kill_process_group(id, Signal::KILL);
        let _ = self.child.wait();
    }
}

fn installed() -> bool {
    let found = Path::new(KAMAILIO).is_file() && Path::new(MODULES).join("tls.so").is_file();
    if !found {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "kamailio or kamailio-tls-modules is missing");
        eprintln!("SKIPPED: kamailio with its TLS modules is not installed");
    }
    found
}

/// Ports that are free for UDP and TCP at this moment.
fn free_ports<const N: usize>() -> [SocketAddr; N] {
    let held: Vec<(TcpListener, UdpSocket)> = std::iter::repeat_with(|| {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind(tcp.local_addr().unwrap());
        udp.map(|udp| (tcp, udp))
    })
    .filter_map(Result::ok)
    .take(N)
    .collect();
    std::array::from_fn(|at| held[at].0.local_addr().unwrap())
}

/// Writes an authority, the server's certificate and the console's.
fn write_certificates(dir: &Path) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "Contoso Root");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(dir.join("root.pem"), root.pem()).unwrap();
    for (file, name) in [("server", "um1.contoso.com"), ("console", "console.contoso.com")] {
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &root).unwrap();
        std::fs::write(dir.join(format!("{file}.pem")), leaf.pem()).unwrap();
        std::fs::write(dir.join(format!("{file}.key")), key.serialize_pem()).unwrap();
    }
}

fn write_settings(dir: &Path, [plain, tls, mutual]: [SocketAddr; 3]) {
    let here = dir.display();
    let main = format!(
        "listen=udp:{plain}\nlisten=tcp:{plain}\nlisten=tls:{tls}\nlisten=tls:{mutual}\n\
         enable_tls=yes\nchildren=1\ntcp_children=2\nmpath=\"{MODULES}\"\n\
         loadmodule \"sl.so\"\nloadmodule \"tls.so\"\nmodparam(\"tls\", \"config\", \"{here}/tls.cfg\")\n\
         request_route {{\n  if (method == \"OPTIONS\") {{ sl_send_reply(\"200\", \"OK\"); exit; }}\n\
         \x20 sl_send_reply(\"405\", \"Method Not Allowed\");\n}}\n"
    );
    let common = format!("method = TLSv1.2+\nprivate_key = {here}/server.key\ncertificate = {here}/server.pem\n");
    let settings = format!(
        "[server:default]\n{common}verify_certificate = no\nrequire_certificate = no\n\
         [server:{mutual}]\n{common}ca_list = {here}/root.pem\nverify_certificate = yes\nrequire_certificate = yes\n"
    );
    std::fs::write(dir.join("kamailio.cfg"), main).unwrap();
    std::fs::write(dir.join("tls.cfg"), settings).unwrap();
}

async fn start(dir: &Path) -> Kamailio {
    write_certificates(dir);
    let ports = free_ports::<3>();
    write_settings(dir, ports);
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let child = Command::new(KAMAILIO)
        .args(["-DD", "-E", "-m", "32", "-M", "8", "-f", "kamailio.cfg", "-w", ".", "-Y", "."])
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .process_group(0)
        .spawn()
        .unwrap();
    let mut running = Kamailio { child, plain: ports[0], tls: ports[1], mutual: ports[2] };
    for _ in 0..200 {
        let ended = running.child.try_wait().unwrap();
        assert!(ended.is_none(), "{}", std::fs::read_to_string(dir.join("log")).unwrap());
        if ask(&prober(None), running.mutual, Tcp, Duration::from_millis(200)).await.result != Err(SipFailure::Refused)
            && ask(&prober(None), running.plain, Udp, Duration::from_millis(400)).await.result.is_ok()
        {
            return running;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{}", std::fs::read_to_string(dir.join("log")).unwrap());
}

fn prober(dir: Option<&Path>) -> SipProber {
    let file = |name: &str| dir.map(|dir| dir.join(name));
    let identity = ProbeIdentity { from: None, certificate: file("console.pem"), key: file("console.key") };
    SipProber::alone(&identity, Clock::start()).unwrap()
}

async fn ask(prober: &SipProber, address: SocketAddr, transport: Transport, deadline: Duration) -> SipOutcome {
    let name = Fqdn::parse("um1.contoso.com").unwrap();
    prober.probe(&Target { name, server_name: None, address, transport }, deadline).await
}

#[tokio::test]
async fn a_real_kamailio_answers_over_every_transport() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let kamailio = start(dir.path()).await;
    let with_certificate = prober(Some(dir.path()));
    for (address, transport) in
        [(kamailio.plain, Udp), (kamailio.plain, Tcp), (kamailio.tls, Tls), (kamailio.mutual, MutualTls)]
    {
        for round in 0..3 {
            let outcome = ask(&with_certificate, address, transport, PATIENT).await;
            let answer = outcome.result.unwrap_or_else(|failure| panic!("{transport} {round}: {failure:?}"));
            assert_eq!((answer.code, answer.reason.as_str()), (200, "OK"));
            assert!(answer.server.unwrap().as_str().starts_with("kamailio"));
            assert_eq!(outcome.tls.as_ref().map(|tls| tls.proved), transport.is_tls().then_some(true));
            assert_eq!(
                outcome.tls.map(|tls| tls.asks_certificate),
                match transport {
                    Tls => Some(false),
                    MutualTls => Some(true),
                    Udp | Tcp => None,
                }
            );
        }
    }
}

#[tokio::test]
async fn a_real_kamailio_refuses_as_the_table_of_failures_says() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let kamailio = start(dir.path()).await;
    let without = ask(&prober(None), kamailio.mutual, Tls, PATIENT).await;
    assert!(matches!(without.result, Err(SipFailure::Tls(TlsFailure::ClientCertificate(_)))), "{:?}", without.result);
    assert!(without.tls.unwrap().asks_certificate);
    let plain = ask(&prober(None), kamailio.tls, Tcp, PATIENT).await;
    assert!(matches!(plain.result, Err(SipFailure::Closed | SipFailure::NotSip(_))), "{:?}", plain.result);
    // It takes a ClientHello for the beginning of a request and waits for the rest.
    let tls = ask(&prober(None), kamailio.plain, Tls, Duration::from_secs(1)).await;
    assert_eq!(tls.result, Err(SipFailure::Tls(TlsFailure::Timeout)));
}

#[tokio::test]
async fn the_command_shows_what_a_real_kamailio_presents() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let kamailio = start(dir.path()).await;
    let uri = format!("sips:{}", kamailio.mutual);
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.current_dir(dir.path()).args([
            "probe",
            &uri,
            "--server-name",
            "um1.contoso.com",
            "--roots",
            "root.pem",
        ]);
        command.args(more).output().unwrap()
    };
    let shows = ["--cert", "console.pem", "--key", "console.key"];
    let output = run(&[&shows[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &json["alive"], &json["code"]), (Some(0), &true.into(), &200.into()), "{json}");
    assert_eq!((&json["tls"]["proved"], &json["tls"]["version"]), (&true.into(), &"1.3".into()));
    assert_eq!(json["certificate"]["covers"]["um1.contoso.com"], true);
    assert_eq!(json["certificate"]["trusted_by"]["root.pem"]["ok"], true);
    let output = run(&shows);
    let text = String::from_utf8(output.stdout).unwrap();
    eprintln!("{text}");
    for part in ["alive: ", "200 OK in ", "TLS 1.3, TLS_", "the peer proved its key", "is covered", "root.pem: trusted"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let output = run(&[]);
    let text = String::from_utf8(output.stdout).unwrap();
    eprintln!("{text}");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.starts_with("NOT ALIVE: ") && text.contains("wants a certificate of ours") && text.contains("is covered")
    );
}
