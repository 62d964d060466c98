//! A Kerberos realm on loopback, and a zone that takes nothing but its tickets: what Active Directory calls secure updates only.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::bind::{host, until};
use crate::capture::updates;
use crate::deployment::{Deployment, GRANTS};
use crate::named::free_port;
use crate::wire::Gate;

/// Whose ticket the program has.
pub(crate) const PERSON: &str = "switchboard@CONTOSO.COM";
/// The name server that the zone's SOA names.
const SERVICE: &str = "DNS/ns1.contoso.com@CONTOSO.COM";

/// A realm: its key distribution centre, ended by its id when dropped, and the keys of a service and a person.
pub(crate) struct Realm {
    dir: TempDir,
    _kdc: Child,
}

impl Realm {
    /// `None`, loudly, when Kerberos is not installed and need not be.
    pub(crate) async fn start() -> Option<Self> {
        for program in ["kdb5_util", "kadmin.local", "krb5kdc"] {
            let path = std::env::var_os("PATH").unwrap();
            if !std::env::split_paths(&path).any(|dir| dir.join(program).is_file()) {
                assert!(std::env::var("CI").is_err(), "{program} is not installed");
                eprintln!("SKIPPED: {program} is not installed");
                return None;
            }
        }
        let (dir, port) = (TempDir::new().unwrap(), free_port().await);
        configure(dir.path(), port);
        tool(dir.path(), "kdb5_util", &["-P", "of a test", "create", "-s", "-r", "CONTOSO.COM"]).await;
        for (principal, keytab) in [(SERVICE, "service.keytab"), (PERSON, "person.keytab")] {
            let keytab = dir.path().join(keytab).display().to_string();
            for query in [format!("addprinc -randkey {principal}"), format!("ktadd -k {keytab} {principal}")] {
                tool(dir.path(), "kadmin.local", &["-q", &query]).await;
            }
        }
        let kdc = command(dir.path(), "krb5kdc", &["-n"]).spawn().unwrap();
        until("the KDC answers", || async { TcpStream::connect(("127.0.0.1", port)).await.is_ok() }).await;
        Some(Self { dir, _kdc: kdc })
    }

    /// The key of the name server.
    pub(crate) fn keytab(&self) -> PathBuf {
        self.dir.path().join("service.keytab")
    }

    /// With which the person's tickets are got without asking for a password.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let place = |name: &str| self.dir.path().join(name).display().to_string();
        vec![
            ("KRB5_CONFIG", place("krb5.conf")),
            ("KRB5_CLIENT_KTNAME", place("person.keytab")),
            ("KRB5CCNAME", format!("FILE:{}", place("tickets"))),
        ]
    }
}

/// Names are taken as they are: nothing on this machine resolves them.
fn configure(dir: &Path, port: u16) {
    let shown = dir.display();
    let client = format!(
        "[libdefaults]\n default_realm = CONTOSO.COM\n dns_lookup_realm = false\n dns_lookup_kdc = false\n \
         dns_canonicalize_hostname = false\n rdns = false\n\
         [realms]\n CONTOSO.COM = {{\n  kdc = 127.0.0.1:{port}\n }}\n\
         [domain_realm]\n .contoso.com = CONTOSO.COM\n"
    );
    let centre = format!(
        "[kdcdefaults]\n kdc_listen = 127.0.0.1:{port}\n kdc_tcp_listen = 127.0.0.1:{port}\n\
         [realms]\n CONTOSO.COM = {{\n  database_name = {shown}/principal\n  key_stash_file = {shown}/stash\n  \
         acl_file = {shown}/acl\n }}\n"
    );
    std::fs::write(dir.join("krb5.conf"), client).unwrap();
    std::fs::write(dir.join("kdc.conf"), centre).unwrap();
}

fn command(dir: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.env("KRB5_CONFIG", dir.join("krb5.conf")).env("KRB5_KDC_PROFILE", dir.join("kdc.conf")).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

async fn tool(dir: &Path, program: &str, arguments: &[&str]) {
    let status = command(dir, program, arguments).status().await.unwrap();
    assert!(status.success(), "{program} {arguments:?}: {status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_takes_tickets_alone_is_moved_over_and_back_and_a_change_behind_the_plan_is_refused() {
    let Some(realm) = Realm::start().await else { return };
    let Some(deployment) = Deployment::start_in(&realm, GRANTS).await else { return };
    let primary = &deployment.names.primary;
    for (name, arguments, place) in [("over", &[][..], "moved"), ("back", &["--back"], "home")] {
        let plan = deployment.plan(name, arguments).await;
        let (code, run) = deployment.failover(&plan).await;
        assert_eq!((code, run["state"].as_str()), (0, Some("completed")), "{run:#}");
        assert_eq!(deployment.places().await[..2], [place; 2]);
        let went = updates(&primary.take());
        assert!(went.iter().all(|update| update.tcp && update.is_signed), "{went:?}");
        let moves = went.iter().filter(|update| !update.changes(RecordType::A).is_empty());
        assert_eq!((went.len(), moves.count()), (3, 1), "the claim, the move, the close: {went:?}");
    }
    let plan = deployment.plan("stale", &[]).await;
    let theirs = format!("update delete {um1}. A\nupdate add {um1}. 2 A 192.0.2.99", um1 = host(1));
    primary.set_gate(Gate { after: 0, script: theirs });
    let (code, run) = deployment.failover(&plan).await;
    assert_eq!((code, &run["changed"]), (1, &json!([])), "{run:#}");
    let why = run["why"].as_str().unwrap();
    assert!(why.contains("claim was not applied (fence)") && why.contains("NXRRSET"), "{why}");
    let answers: Vec<_> = updates(&primary.take()).iter().map(|update| update.answer.unwrap()).collect();
    assert_eq!(answers, [ResponseCode::NXRRSet], "sent once, refused once, not tried again");
}
