//! The topology file: right ones load, each kind of error is told at its place, nothing in a file can crash its reader.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use switchboard::config::{self, Kind, Problems};
use switchboard::domain::name::Fqdn;
use switchboard::domain::server::Service;
use switchboard::domain::topology::{Backend, CrlPlace, Topology, TsigAlgorithm, UpdateAuth};

/// A directory with every topology file of a folder, and the certificates and keys that they name.
struct Fixture {
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let issued = rcgen::generate_simple_self_signed(["console.contoso.com".to_owned()]).unwrap();
        let bind = "key \"switchboard.\" {\n\talgorithm hmac-sha512;\n\tsecret \"aHVudGVyMmh1bnRlcjI=\";\n};\n";
        let key = issued.signing_key.serialize_pem();
        let files: [(&str, &str, u32); 9] = [
            ("roots.pem", &issued.cert.pem(), 0o644),
            ("console.pem", &issued.cert.pem(), 0o644),
            ("console.key", &key, 0o600),
            ("open.key", &key, 0o644),
            ("tsig.key", "aHVudGVyMmh1bnRlcjI=\n", 0o600),
            ("bind.key", bind, 0o600),
            ("broken.key", "hunter2 hunter2", 0o600),
            ("empty.pem", "no certificate here\n", 0o644),
            ("broken.pem", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", 0o644),
        ];
        for (name, content, mode) in files {
            let file = dir.path().join(name);
            fs::write(&file, content).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        }
        Self { dir }
    }

    fn load(&self, text: &str) -> Result<Topology, Problems> {
        config::load_text(text, &self.dir.path().join("t.toml"), &env)
    }
}

fn env(name: &str) -> Option<String> {
    (name == "SWITCHBOARD_TSIG").then(|| "aHVudGVyMmh1bnRlcjI=".to_owned())
}

fn files(folder: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(folder);
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        found.insert(path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap());
    }
    found
}

fn example() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml")).unwrap()
}

#[test]
fn every_right_file_loads() {
    let fixture = Fixture::new();
    for (name, text) in files("good") {
        if let Err(problems) = fixture.load(&text) {
            panic!("{name}:\n{problems}");
        }
    }
}

/// A bad file ends with a line `# expect: LINE:COLUMN kind message` for each of its problems, in their order.
#[test]
fn every_wrong_file_is_told_at_its_place() {
    let fixture = Fixture::new();
    let mut failed = String::new();
    for (name, text) in files("bad") {
        let expected: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# expect: ")).collect();
        let problems = fixture.load(&text).expect_err(&name);
        let told: Vec<String> = problems.iter().map(told).collect();
        if expected.is_empty() || told != expected {
            writeln!(failed, "== {name}").unwrap();
            for line in told {
                writeln!(failed, "# expect: {line}").unwrap();
            }
        }
    }
    assert!(failed.is_empty(), "told otherwise than expected:\n{failed}");
}

fn told(problem: &config::Problem) -> String {
    let kind = if problem.kind == Kind::Syntax { "syntax" } else { "topology" };
    let help = problem.help.as_ref().map(|help| format!(" | {help}")).unwrap_or_default();
    format!("{}:{} {kind} {}{help}", problem.line, problem.column, problem.message)
}

#[test]
fn no_secret_and_no_control_character_is_ever_shown() {
    let fixture = Fixture::new();
    for (name, text) in files("bad") {
        let problems = fixture.load(&text).expect_err(&name);
        for shown in [problems.to_text(false), serde_json::to_string(&problems).unwrap()] {
            assert!(!shown.contains("aHVudGVy") && !shown.contains("hunter2"), "{name}:\n{shown}");
            let steers = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{2069}').contains(&c);
            assert!(!shown.contains(steers), "{name}:\n{shown:?}");
        }
    }
}

#[test]
fn the_text_shows_the_line_and_a_caret() {
    let problems = Fixture::new().load("[console]\n\tintreval = \"5s\"\n").unwrap_err();
    let text = problems.to_text(false);
    for part in ["t.toml:2:2", "intreval = \"5s\"", "^^^^^^^^", "did you mean `interval`?", "2 problems"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_long_line_is_cut_around_the_caret() {
    let list =
        |ports: std::ops::Range<u16>| ports.map(|port| format!("\"10.0.0.1:{port}\", ")).collect::<Vec<_>>().concat();
    let line = format!("resolvers = [{}\"a b\", {}]", list(1..500), list(500..900));
    let problems = Fixture::new().load(&format!("[dns]\n{line}\n")).unwrap_err();
    let text = problems.to_text(false);
    let place = format!("t.toml:2:{}", line.find("\"a b\"").unwrap() + 1);
    assert!(text.contains(&place) && text.contains("\"a b\"") && text.contains("^^^^^\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
}

#[test]
fn every_key_stands_in_the_example() {
    let example = example();
    for section in config::sections() {
        for key in section.keys {
            let written = example.lines().any(|line| holds(line, key));
            assert!(written, "`{key}` of {} is not in config.example.toml", section.title);
        }
    }
}

/// Whether a line writes a key, or opens its table, or shows it behind a `# `.
fn holds(line: &str, key: &str) -> bool {
    let line = line.strip_prefix("# ").unwrap_or(line);
    let header = line.trim_start_matches('[').trim_end_matches(']');
    (line.starts_with('[') && header.split('.').any(|part| part == key))
        || line.starts_with(&format!("{key} = "))
        || [" ", "{ "].iter().any(|before| line.contains(&format!("{before}{key} = ")) && line.contains('{'))
}

#[test]
fn the_example_loads_as_it_is() {
    if let Err(problems) = Fixture::new().load(&example()) {
        panic!("{problems}");
    }
}

#[test]
fn the_defaults_that_the_example_writes_are_the_defaults() {
    let example = example();
    let (mut kept, mut left_out) = (String::new(), 0);
    let mut default: Option<&str> = None;
    for line in example.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            default =
                comment.split_once("Default: ").map(|(_, value)| value).filter(|value| !value.starts_with("none"));
        } else if let Some((value, (_, written))) = default.zip(line.split_once(" = ")) {
            assert!(value.starts_with(written), "{line}, and the comment says {value}");
            left_out += 1;
            continue;
        }
        kept += line;
        kept.push('\n');
    }
    assert!(left_out >= 20, "{left_out}");
    let fixture = Fixture::new();
    let [whole, without] = [&example, &kept].map(|text| format!("{:?}", fixture.load(text).expect("loads")));
    assert_eq!(whole, without);
}

#[test]
fn the_example_loads_with_its_other_ways_to_write_things() {
    let fixture = Fixture::new();
    let swaps = [
        (
            "auth = \"gss\"",
            "auth = { tsig = \"switchboard.\", algorithm = \"hmac-sha256\", secret_file = \"tsig.key\" }",
        ),
        ("# certificate = \"console.pem\"", "certificate = \"console.pem\""),
        ("# key = \"console.key\"", "key = \"console.key\""),
        ("# lync = \"lync-roots.pem\"", "lync = \"roots.pem\""),
        ("# exchange = \"exchange-roots.pem\"", "exchange = \"roots.pem\""),
        ("# crls = [", "crls = ["),
        ("# thumbprints = {", "thumbprints = {"),
        ("# sync = [", "sync = ["),
    ];
    let mut text = example();
    for (from, to) in swaps {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let topology = fixture.load(&text).expect("loads");
    assert_eq!(topology.trust.lync.as_ref().unwrap().certificates.len(), 1);
    assert_eq!(topology.servers().next().unwrap().thumbprints.len(), 2);
    assert_eq!(topology.forests[0].sync.as_ref().unwrap().len(), 3);
    let [file, url] = &topology.trust.crls[..] else { panic!("{:?}", topology.trust.crls) };
    assert!(matches!(&file.place, CrlPlace::File(path) if path.is_absolute()), "relative to the topology file");
    let CrlPlace::Http { host, port: 80, path } = &url.place else { panic!("{url:?}") };
    assert_eq!((host.as_str(), path.as_str()), ("pki.contoso.com", "/issuing.crl"));
    assert!(topology.probe.certificate.unwrap().is_file());
}

#[test]
fn a_key_is_read_wherever_it_may_stand() {
    let fixture = Fixture::new();
    let good = files("good");
    for (name, wanted) in [
        ("key-from-file", TsigAlgorithm::HmacSha256),
        ("key-from-bind", TsigAlgorithm::HmacSha512),
        ("key-from-environment", TsigAlgorithm::HmacSha384),
    ] {
        let topology = fixture.load(&good[name]).expect(name);
        let Some(Backend::DnsUpdate(update)) = topology.backends.values().next() else { panic!("{name}") };
        let UpdateAuth::Tsig { key, algorithm, secret } = &update.auth else { panic!("{name}") };
        assert_eq!(
            (key.as_str(), *algorithm, secret.expose()),
            ("switchboard", wanted, &b"hunter2hunter2"[..]),
            "{name}"
        );
        assert!(!format!("{topology:?}").contains("hunter2"));
    }
}

#[test]
fn services_and_ports_follow_the_version() {
    let fixture = Fixture::new();
    let good = files("good");
    let listeners = |name: &str| -> Vec<(Service, u16)> {
        let topology = fixture.load(&good[name]).expect(name);
        topology.servers().flat_map(|server| &server.listeners).map(|l| (l.service, l.port)).collect()
    };
    assert_eq!(listeners("minimal"), [(Service::CallRouter, 5061), (Service::Um, 5063)]);
    assert_eq!(listeners("exchange-2010"), [(Service::Um, 5060)]);
    assert_eq!(listeners("router-and-service-apart"), [(Service::CallRouter, 5061), (Service::Um, 5067)]);
}

#[test]
fn ipv6_is_read_in_every_form() {
    let topology = Fixture::new().load(&files("good")["ipv6"]).expect("loads");
    let shown: Vec<String> = topology.resolvers.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["[::1]:53", "[::1]:5353", "[2001:db8::10]:53"]);
    let server = topology.servers().next().unwrap();
    let declared = server.endpoint(&server.listeners[0]).unwrap();
    assert_eq!(topology.map.route(declared).to_string(), "[::1]:40123");
}

#[test]
fn a_file_of_forty_sites_and_five_hundred_servers_loads_at_once() {
    let mut text = "[[dns.zone]]\nname = \"contoso.com\"\nauthoritative = [\"192.0.2.53\"]\n".to_owned();
    let (mut members, per_site) = (Vec::new(), 13);
    for site in 0..40 {
        writeln!(text, "[[site]]\nname = \"s{site}\"\nstandby = \"s{}\"", (site + 1) % 40).unwrap();
        for n in 0..per_site {
            let partner = format!("um{n}.s{}.contoso.com", (site + 1) % 40);
            writeln!(text, "[[site.server]]\nfqdn = \"um{n}.s{site}.contoso.com\"\naddress = \"10.{site}.0.{n}\"\nversion = \"15.1\"\npartner = \"{partner}\"").unwrap();
            members.push(format!("\"um{n}.s{site}.contoso.com\""));
        }
    }
    writeln!(text, "[[dial_plan]]\nname = \"s0.contoso.com\"\nmethod = \"dns\"\nmembers = [{}]", members.join(","))
        .unwrap();
    let fixture = Fixture::new();
    let topology = fixture.load(&text).expect("loads");
    assert_eq!(topology.servers().count(), 520);
    assert!(topology.server(&Fqdn::parse("um12.s39.contoso.com").unwrap()).is_some());
    // The best of a few rounds: other tests share the machine.
    let round = || {
        let start = Instant::now();
        fixture.load(&text).expect("loads");
        start.elapsed()
    };
    let best = (0..5).map(|_| round()).min().unwrap();
    assert!(best < Duration::from_millis(100), "{best:?}");
}

/// A small generator of its own (xorshift), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

#[test]
fn no_mutation_of_a_file_crashes_its_reader() {
    let fixture = Fixture::new();
    let file = fixture.dir.path().join("m.toml");
    let mut sources: Vec<String> = files("bad").into_values().chain(files("good").into_values()).collect();
    sources.extend(std::iter::repeat_n(example(), 10));
    let mut dice = Dice(0x5EED);
    for round in 0..600 {
        let text = &sources[dice.below(sources.len())];
        let mutated = mutate(text.as_bytes(), &mut dice);
        fs::write(&file, &mutated).unwrap();
        if let Err(problems) = config::load(&file, &env) {
            assert!(!problems.is_empty(), "round {round}");
            let shown = problems.to_text(true);
            assert!(!shown.contains('\u{202e}'), "round {round}");
            for problem in &problems {
                assert!(problem.line >= 1 && problem.column >= 1, "round {round}");
            }
        }
    }
}

fn mutate(text: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => {
                let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n);
                bytes.drain(at..end);
            }
            2 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            3 => bytes.insert(at, b"\"'[]{}=.,#\n\\\0\xff"[dice.below(14)]),
            _ => {
                let copy = bytes[at..(at + dice.below(200)).min(bytes.len())].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_with_a_way_out() {
    let fixture = Fixture::new();
    let missing = config::load(&fixture.dir.path().join("nowhere.toml"), &env).unwrap_err();
    assert!(missing.to_text(false).contains("config.example.toml"), "{missing}");
    let directory = config::load(fixture.dir.path(), &env).unwrap_err();
    assert!(directory.iter().next().unwrap().message.as_str().contains("cannot read"));
    let file = fixture.dir.path().join("latin1.toml");
    fs::write(&file, b"[console]\nname = \"M\xfcnchen\"\n").unwrap();
    let problem = config::load(&file, &env).unwrap_err();
    let first = problem.iter().next().unwrap();
    assert_eq!((first.kind, first.line, first.column), (Kind::Syntax, 2, 10));
    fs::write(&file, b"\xef\xbb\xbf[console]\nname = \"x\"\n").unwrap();
    assert_eq!(
        config::load(&file, &env).unwrap_err().iter().next().unwrap().message.as_str(),
        "the file declares no [[site]]: there is nothing to watch"
    );
}
