//! A stand-in for Kerberos: the real nsupdate with a shared key in its place, the same script, a real server.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::TempDir;

use super::super::NoWitness;
use super::*;
use crate::config;
use crate::demo::dns::{Primary, PrimaryOptions, Zone};
use crate::domain::act::{Effect, MarkerChange, RecordChange, RecordKind, RrSet};
use crate::domain::name::Fqdn;
use crate::domain::secret::Secret;
use crate::domain::topology::TsigAlgorithm;
use crate::wire::dns::TsigKey;

const SECRET: &[u8] = b"a secret of the stand-in";
const UM1: &str = "um1.tukwila.contoso.com";
const MARKER: &str = "_switchboard.tukwila.contoso.com";

fn name(text: &str) -> Fqdn {
    Fqdn::parse(text).unwrap()
}

async fn primary(named_by_soa: [u8; 4]) -> Primary {
    let mut zone = Zone::new(&name("contoso.com"), &name("ns1.contoso.com"), 5);
    zone.add_address(&name("ns1.contoso.com"), 60, named_by_soa.into());
    zone.add_address(&name(UM1), 20, [192, 0, 2, 11].into());
    zone.add_text(&name(MARKER), 20, "one");
    let keys = vec![TsigKey::new(&name("stand-in"), TsigAlgorithm::HmacSha256, Secret::new(SECRET.to_vec()))];
    #[expect(clippy::disallowed_methods, reason = "the test's own server needs the true time")]
    let clock = Arc::new(jiff::Timestamp::now);
    Primary::start(PrimaryOptions { zone, keys, allowed: None, clock }).await.unwrap()
}

fn act(from: &str, to: &str) -> Act {
    let set = |value: &str| RrSet { ttl: 20, values: vec![value.parse().unwrap()] };
    let (name, kind) = (name(UM1), RecordKind::A);
    let (before, after) = (Some("one".to_owned()), Some(format!("two, at {to}")));
    Act::DnsUpdate(Update {
        backend: BackendName::new("ad"),
        zone: self::name("contoso.com"),
        primary: "192.0.2.53:53".parse().unwrap(),
        records: vec![RecordChange { name, kind, before: set(from), after: set(to) }],
        markers: vec![MarkerChange { name: self::name(MARKER), ttl: 20, before, after }],
    })
}

fn backend(server: SocketAddr, program: &Path) -> Arc<dyn Backend> {
    let text = format!(
        r#"[console]
name = "contoso.com"
[dns]
resolvers = ["10.0.0.10:53"]
[[dns.zone]]
name = "contoso.com"
authoritative = ["192.0.2.53:53"]
backend = "ad"
[backend.ad]
type = "dns-update"
write_primaries = [{{ address = "192.0.2.53:53" }}]
auth = "gss"
[network.map]
"192.0.2.53:53" = "{server}"
[[site]]
name = "Tukwila"
[[site.server]]
fqdn = "{UM1}"
address = "192.0.2.11"
version = "15.1"
roles = ["um"]
"#
    );
    let topology = config::load_text(&text, Path::new("switchboard.toml"), &|_| None).unwrap();
    let topology::Backend::DnsUpdate(settings) = &topology.backends[&BackendName::new("ad")] else { panic!("dns") };
    let scope = Scope::of(&topology, &BackendName::new("ad"), settings);
    Arc::new(GssUpdates { scope, command: vec![program.display().to_string(), "-g".to_owned()] })
}

/// A program that does `script` with nsupdate's input on its standard input.
fn program(dir: &TempDir, script: &str) -> std::path::PathBuf {
    let path = dir.path().join("nsupdate");
    let mut file = std::fs::File::create(&path).unwrap();
    write!(file, "#!/bin/sh\n{script}\n").unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// nsupdate with a shared key; the script says towards which server.
fn stand_in() -> String {
    let key = data_encoding::BASE64.encode(SECRET);
    format!("nsupdate -y hmac-sha256:stand-in:{key} -v -t 5 -r 0")
}

fn is_missing(program: &str) -> bool {
    let found =
        std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|p| p.join(program).exists()));
    assert!(found || std::env::var_os("CI").is_none(), "{program} is not installed");
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    !found
}

#[tokio::test]
async fn the_script_does_what_the_message_would_and_is_judged_by_what_is_there() {
    if is_missing("nsupdate") {
        return;
    }
    let (dir, primary) = (TempDir::new().unwrap(), primary([192, 0, 2, 53]).await);
    let server = primary.address();
    let right = backend(server, &program(&dir, &stand_in()));
    let over = act("192.0.2.11", "192.0.2.21");
    let effect = right.effect(&over, &NoWitness).await;
    assert!(matches!(effect, Effect::Applied { .. }), "{effect:?}");
    assert!(matches!(right.observe(&over).await, Observed::After { .. }));
    let stale = right.effect(&act("192.0.2.11", "192.0.2.22"), &NoWitness).await;
    assert!(matches!(stale, Effect::NotApplied { why: Refusal::Fence, .. }), "{stale:?}");
    assert_eq!(primary.ledger().iter().filter(|entry| !entry.changes.is_empty()).count(), 1);
}

/// Keeps what it is told, and how far the program was at that moment.
#[derive(Default)]
struct Book {
    told: std::sync::Mutex<Vec<String>>,
    script: std::path::PathBuf,
    unwanted: bool,
}

impl Witness for Book {
    fn started(&self, process: super::super::Process) -> BoxFuture<'_, Result<(), crate::domain::clean::Clean>> {
        let known = process.started.is_some() && process.started == super::super::command::started(process.pid);
        self.told.lock().unwrap().push(format!("started {known} {}", self.script.exists()));
        let unwanted = self.unwanted.then(|| "the journal is full".into());
        std::future::ready(unwanted.map_or(Ok(()), Err)).boxed()
    }

    fn sent(&self) -> BoxFuture<'_, ()> {
        self.told.lock().unwrap().push("sent".to_owned());
        std::future::ready(()).boxed()
    }
}

#[tokio::test]
async fn its_process_is_known_before_it_has_its_script() {
    let (dir, primary) = (TempDir::new().unwrap(), primary([192, 0, 2, 53]).await);
    let script = dir.path().join("script");
    // It begins to write when there is something to read.
    let keeps =
        program(&dir, &format!("read -r first || exit 1; echo \"$first\" > {}; cat >/dev/null", script.display()));
    let (right, act) = (backend(primary.address(), &keeps), act("192.0.2.11", "192.0.2.21"));
    let full = Book { script: script.clone(), unwanted: true, ..Book::default() };
    let effect = right.effect(&act, &full).await;
    assert!(matches!(effect, Effect::NotApplied { why: Refusal::Local, .. }) && !script.exists(), "{effect:?}");
    let book = Book { script: script.clone(), ..Book::default() };
    right.effect(&act, &book).await;
    assert_eq!(*book.told.lock().unwrap(), ["started true false", "sent"]);
    assert!(script.exists());
}

#[tokio::test]
async fn its_words_count_only_where_nothing_has_changed() {
    let dir = TempDir::new().unwrap();
    let refusing = "cat >/dev/null; echo 'update failed: REFUSED' >&2; exit 2";
    let lying = format!("{} && echo '; TSIG error with server: tsig verify failure' >&2; exit 2", stand_in());
    let table = [
        (refusing, "NotApplied"),
        ("cat >/dev/null; echo 'something new' >&2; exit 1", "Unknown"),
        ("cat >/dev/null; exit 0", "Unknown"),
    ];
    let act = act("192.0.2.11", "192.0.2.21");
    for (script, expected) in table {
        let primary = primary([192, 0, 2, 53]).await;
        let backend = backend(primary.address(), &program(&dir, script));
        let effect = format!("{:?}", backend.effect(&act, &NoWitness).await);
        assert!(effect.starts_with(expected), "{script}: {effect}");
    }
    if is_missing("nsupdate") {
        return;
    }
    // Samba's servers: applied, and called a failure.
    let primary = primary([192, 0, 2, 53]).await;
    let backend = backend(primary.address(), &program(&dir, &lying));
    let effect = backend.effect(&act, &NoWitness).await;
    assert!(matches!(effect, Effect::Applied { .. }), "{effect:?}");
}

#[tokio::test]
async fn it_is_refused_when_the_zone_names_another_server_and_when_there_is_no_program() {
    let (dir, other) = (TempDir::new().unwrap(), primary([192, 0, 2, 99]).await);
    let act = act("192.0.2.11", "192.0.2.21");
    let refused = backend(other.address(), &program(&dir, "exit 0")).effect(&act, &NoWitness).await;
    let Effect::NotApplied { why: Refusal::Local, detail } = refused else { panic!("{refused:?}") };
    assert!(detail.as_str().contains("ns1.contoso.com"), "{detail}");
    let primary = primary([192, 0, 2, 53]).await;
    let missing = backend(primary.address(), &dir.path().join("no-such-program")).effect(&act, &NoWitness).await;
    assert!(matches!(missing, Effect::NotApplied { why: Refusal::Local, .. }), "{missing:?}");
}
