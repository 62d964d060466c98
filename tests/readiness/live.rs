//! `check` over a running demo: all fourteen guidelines, whole and broken.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use serde_json::{Value, json};
use switchboard::demo::{Demo, Design, Options};
use switchboard::probe::Clock;

/// Checks that are not Ok in a demo where nothing is broken.
pub(crate) const BY_DNS: &[Told] = &[
    ("R1", "not-applicable", "no server has an IPv6 address"),
    ("R6", "not-applicable", "one forest"),
    ("R7", "not-applicable", "fails over by DNS"),
    ("R9", "not-applicable", "14.3"),
    ("R13", "not-applicable", "no dial plan fails over by enabling"),
    ("R14", "ok", "Tukwila to Dublin, Dublin to Tukwila, and 4 single servers: planned, rehearsed, nothing forbids it"),
];
pub(crate) const BY_ENABLING: &[Told] = &[
    ("R1", "not-applicable", "no server has an IPv6 address"),
    ("R6", "not-applicable", "one forest"),
    ("R9", "not-applicable", "14.3"),
    ("R11", "not-applicable", "no record moves"),
    ("R12", "not-applicable", "no server inherits a name"),
    (
        "R14",
        "ok",
        "Tukwila to Dublin (with a reason for fence), and 2 single servers: planned, rehearsed, nothing forbids it",
    ),
];

/// A check's id, its status, and what its evidence says.
pub(crate) type Told = (&'static str, &'static str, &'static str);

/// A fault, and the checks that it changes.
type Case = (&'static str, &'static str, &'static [Told]);

const FAULTS_BY_DNS: &[Case] = &[
    ("pool", "stop", &[("R2", "fail", "fe01.contoso.com"), ("R5", "unknown", "pool fe01")]),
    ("um2", "cert-self-signed", &[("R5", "fail", "um2"), ("R14", "fail", "um2")]),
    ("um3", "cert-wrong-ca", &[("R5", "fail", "not trusted by Lync"), ("R14", "fail", "cert-trusted")]),
    ("um2", "cert-revoked", &[("R5", "fail", "revoked on"), ("R14", "fail", "cert-trusted")]),
    ("um1", "cert-not-taken-up", &[]),
    ("um4", "cert-missing-name", &[("R12", "fail", "covers 1 of 4 names"), ("R14", "fail", "cert-covers")]),
    ("um1", "503", &[("R14", "fail", "um1")]),
    ("primary", "refuse", &[("R14", "fail", "key-works")]),
    ("primary", "clock", &[("R14", "fail", "clock")]),
    ("marker", "delete", &[("R14", "ok", "with a reason for marker-absent")]),
    ("console", "isolated", CUT_OFF),
    ("resolver", "stale", &[]),
];

/// A console that reaches nobody knows nothing: nothing is Ok, and nothing is said to be broken.
const CUT_OFF: &[Told] = &[
    ("R1", "unknown", "no DNS server said"),
    ("R2", "unknown", "fe01"),
    ("R4", "unknown", "not known to answer"),
    ("R5", "unknown", "no certificate was seen"),
    ("R10", "unknown", "not known"),
    ("R11", "unknown", "no authoritative server"),
    ("R12", "unknown", "no certificate was seen"),
    ("R14", "unknown", "site Tukwila"),
];

const FAULTS_BY_ENABLING: &[Case] = &[
    (
        "state-command",
        "fail",
        &[("R7", "fail", "exchange"), ("R13", "unknown", "um3"), ("R14", "unknown", "never-emptier")],
    ),
    ("um1", "stop", &[("R5", "unknown", "um1"), ("R10", "fail", "1 of 4 um in service")]),
    ("um3", "stop", &[("R5", "unknown", "um3"), ("R14", "fail", "target-not-down")]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_designs_keep_every_guideline_that_concerns_them() {
    for (design, exceptions) in [(Design::Dns, BY_DNS), (Design::EnableDisable, BY_ENABLING)] {
        let bench = Bench::start(design).await;
        let document = bench.check().await;
        let checks = document["readiness"].as_array().unwrap();
        assert_eq!(checks.len(), 14);
        for (number, check) in (1..).zip(checks) {
            assert_eq!(check["id"], format!("R{number}"));
            assert!(!check["evidence"].as_str().unwrap().is_empty(), "{check}");
        }
        let wrong = differences(&document, exceptions, &format!("{design:?}"));
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_site_says_whether_it_could_be_failed_over_now() {
    let bench = Bench::start(Design::Dns).await;
    let ready = |document: &Value, site: usize| document["sites"][site]["ready"].clone();
    let document = bench.check().await;
    assert_eq!((&ready(&document, 0)["to"], &ready(&document, 0)["ok"]), (&"Dublin".into(), &true.into()));
    assert!(ready(&document, 0)["checked"].is_string() && ready(&document, 0)["first_no"].is_null());
    bench.demo.faults().on("um3", "stop").await.unwrap();
    let document = bench.check().await;
    assert_eq!(ready(&document, 0)["ok"], false);
    assert!(ready(&document, 0)["first_no"].as_str().unwrap().contains("um3"), "{}", ready(&document, 0));
    assert_eq!(ready(&document, 1)["ok"], true, "um1 and um2 can still take over from Dublin");
    drop(bench);
    let bench = Bench::start(Design::EnableDisable).await;
    let document = bench.check().await;
    assert!(ready(&document, 1).is_null(), "nobody stands by for the standby");
    assert_eq!(ready(&document, 0)["ok"], true);
    assert_eq!(ready(&document, 0)["reasons"], json!(["fence"]), "what Review will ask for is told before");
    let text = bench.run(&[]).await;
    let line = text.lines().find(|line| line.contains("could Tukwila fail over")).unwrap();
    assert!(line.contains("yes, with a reason for fence"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_site_was_last_ready_is_remembered_from_check_to_check() {
    let bench = Bench::start(Design::Dns).await;
    let ready = |document: &Value| document["sites"][0]["ready"].clone();
    let first = ready(&bench.check().await);
    assert_eq!((&first["last_green"], &first["since"]), (&first["checked"], &first["checked"]));
    let second = ready(&bench.check().await);
    assert_eq!((&second["last_green"], &second["since"]), (&second["checked"], &first["checked"]));
    assert!(second["waits_seconds"].as_u64().is_some_and(|seconds| seconds > 0), "{second}");
    bench.demo.faults().on("um3", "stop").await.unwrap();
    let third = ready(&bench.check().await);
    assert_eq!(
        (&third["ok"], &third["known"], &third["last_green"]),
        (&false.into(), &true.into(), &second["checked"])
    );
    assert_eq!(third["since"], third["checked"]);
    let text = bench.run(&[]).await;
    let line = text.lines().find(|line| line.contains("could Tukwila fail over")).unwrap();
    assert!(line.contains("no: site Tukwila: um3") && line.contains("last ready"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_of_the_first_design_breaks_its_guidelines_and_no_other() {
    try_all(Design::Dns, BY_DNS, FAULTS_BY_DNS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_of_the_second_design_breaks_its_guidelines_and_no_other() {
    try_all(Design::EnableDisable, BY_ENABLING, FAULTS_BY_ENABLING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_text_says_the_same_as_the_json() {
    let bench = Bench::start(Design::Dns).await;
    bench.demo.faults().on("um4", "cert-missing-name").await.unwrap();
    let text = bench.run(&[]).await;
    let line = text.lines().find(|line| line.contains(" R12 ")).unwrap();
    assert!(line.contains("fail") && line.contains("um4.dublin.contoso.com"), "{line}");
    assert!(text.contains("could Tukwila fail over to Dublin now?  no: site Tukwila: um4"), "{text}");
    assert!(text.contains("could Dublin fail over to Tukwila now?  yes"), "{text}");
    assert!(text.contains("*.contoso.com does not cover um1.tukwila.contoso.com"), "the advice: {text}");
}

async fn try_all(design: Design, whole: &[Told], cases: &[Case]) {
    let bench = Bench::start(design).await;
    let mut wrong = Vec::new();
    for (subject, fault, changed) in cases {
        bench.demo.faults().on(subject, fault).await.unwrap();
        let document = bench.check().await;
        let rest = whole.iter().filter(|(id, ..)| !changed.iter().any(|(other, ..)| other == id));
        let expected: Vec<Told> = rest.chain(*changed).copied().collect();
        wrong.extend(differences(&document, &expected, &format!("{subject} {fault}")));
        bench.demo.faults().off(subject, fault).await.unwrap();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is not as told, where all others have to be Ok; advice wherever something is to be done.
pub(crate) fn differences(document: &Value, expected: &[Told], what: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for check in document["readiness"].as_array().unwrap() {
        let told = expected.iter().find(|(id, ..)| check["id"] == *id);
        let (_, status, evidence) = told.copied().unwrap_or(("", "ok", ""));
        let quiet = ["ok", "not-applicable"].contains(&status);
        let said = check["evidence"].as_str().unwrap();
        if check["status"] != status || !said.contains(evidence) || check["advice"].is_null() != quiet {
            wrong.push(format!("{what}: {} should be {status}, is {}: {said}", check["id"], check["status"]));
        }
    }
    wrong
}

pub(crate) struct Bench {
    pub(crate) demo: Demo,
    dir: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn start(design: Design) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::start();
        let program = env!("CARGO_BIN_EXE_switchboard");
        let mut options = Options::new(dir.path().join("demo"), program, Arc::new(move || clock.now()));
        options.design = design;
        Self { demo: Demo::start(options).await.unwrap(), dir }
    }

    pub(crate) async fn check(&self) -> Value {
        serde_json::from_str(&self.run(&["--json"]).await).unwrap()
    }

    /// Runs `check`, each time with a memory of its own.
    async fn run(&self, arguments: &[&str]) -> String {
        let state = self.dir.path().join("state");
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args([
                Path::new("check"),
                Path::new("--config"),
                &self.demo.topology_file(),
                Path::new("--state-dir"),
                &state,
            ])
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// What the `sync` command prints, the status of R6, and what its evidence says.
const SYNCS: &[(&str, &str, &str)] = &[
    (
        r#"{"version":1,"last_sync":"NOW","sample_user":"anna@contoso.com","has_settings":true}"#,
        "ok",
        "0 h ago, anna@contoso.com has them",
    ),
    (r#"{"version":1,"last_sync":"2026-01-02T03:04:05Z","has_settings":true}"#, "warning", "days ago"),
    (
        r#"{"version":1,"last_sync":"NOW","sample_user":"anna","has_settings":false}"#,
        "fail",
        "anna has no Unified Messaging settings in contoso.com",
    ),
    ("the directory is away", "unknown", "not the documented JSON"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_forests_are_judged_by_what_a_command_tells_of_their_users() {
    let bench = Bench::start(Design::Dns).await;
    let file = bench.demo.topology_file();
    let printed = bench.dir.path().join("sync.json");
    let forests = format!(
        "[[forest]]\nname = \"fabrikam.com\"\ntrusts = [\"contoso.com\"]\nsync = [\"/bin/cat\", {printed:?}]\n\
         [[forest]]\nname = \"contoso.com\"\ntrusts = [\"fabrikam.com\"]\n"
    );
    let written = std::fs::read_to_string(&file).unwrap();
    let (before, dublin) = written.split_once("name = \"Dublin\"").unwrap();
    let dublin = dublin.replacen("forest = \"contoso.com\"", "forest = \"fabrikam.com\"", 1);
    let before = before.replace("[[forest]]\nname = \"contoso.com\"\n", &forests);
    std::fs::write(&file, format!("{before}name = \"Dublin\"{dublin}")).unwrap();
    let now = Clock::start().now().to_string();
    for (text, status, said) in SYNCS {
        std::fs::write(&printed, text.replace("NOW", &now)).unwrap();
        let document = bench.check().await;
        let six = &document["readiness"][5];
        assert_eq!((&six["id"], &six["status"]), (&"R6".into(), &(*status).into()), "{six}");
        assert!(six["evidence"].as_str().unwrap().contains(said), "{six}");
    }
    std::fs::remove_file(&printed).unwrap();
    let six = bench.check().await["readiness"][5].clone();
    assert!(six["status"] == "unknown" && six["evidence"].as_str().unwrap().contains("exit code 1"), "{six}");
}
