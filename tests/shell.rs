//! Failovers as an operator makes them, by the program's commands alone: plan, confirm, look, bring home. The demo, each command and
//! each executor are processes of their own.
//!
//! The four slow combinations: `cargo test --test shell -- --ignored`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");

/// Longer than any command of these tests; a hang ends the test, not the patience.
const BOUND: Duration = Duration::from_secs(120);

/// A demo in a process of its own, and a shell beside it.
struct Shell {
    dir: tempfile::TempDir,
    topology: String,
    profile: &'static str,
    _demo: Child,
}

impl Shell {
    async fn start(design: &str, profile: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut demo = Command::new(PROGRAM)
            .args(["demo", "--serve", "--design", design, "--profile", profile, "--ttl", "2s", "--interval", "200ms"])
            .arg("--dir")
            .arg(dir.path().join("demo"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(BOUND, lines.next_line()).await.unwrap().unwrap().unwrap();
        assert!(line.starts_with("serving "), "{line}");
        // Whoever keeps silent to strangers takes the whole time of each question.
        let file = dir.path().join("demo/switchboard.toml");
        let topology = std::fs::read_to_string(&file).unwrap().replace("timeout = \"1s\"", "timeout = \"500ms\"");
        std::fs::write(&file, &topology).unwrap();
        Self { dir, topology, profile, _demo: demo }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.env_clear().env("USER", "ana").stdin(Stdio::null()).kill_on_drop(true);
        command.arg("--config").arg(self.path("demo/switchboard.toml")).arg("--state-dir").arg(self.path("state"));
        tokio::time::timeout(BOUND, command.args(arguments).output()).await.unwrap().unwrap()
    }

    async fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let output = self.run(arguments).await;
        let told = String::from_utf8_lossy(&output.stderr);
        let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: no JSON; {told}"));
        (output.status.code(), json)
    }

    /// What `check` sees, without what differs from one moment to the next.
    async fn world(&self) -> Value {
        let (_, check) = self.json(&["check", "--json"]).await;
        let server = |server: &Value| {
            let dns = server["dns"].as_array().unwrap().iter();
            let dns: Vec<Value> = dns.map(|dns| json!([dns["server"], dns["a"], dns["aaaa"], dns["error"]])).collect();
            json!([server["fqdn"], server["health"], server["place"], server["state"], dns])
        };
        let sites = check["sites"].as_array().unwrap().iter();
        let servers: Vec<Value> = sites.flat_map(|site| site["servers"].as_array().unwrap()).map(server).collect();
        let plans: Vec<Value> =
            check["dial_plans"].as_array().unwrap().iter().map(|p| json!([p["name"], p["in_service"]])).collect();
        let findings = check["findings"].as_array().unwrap().iter();
        let findings: BTreeSet<String> = findings.map(|f| format!("{} {}", f["id"], f["subject"])).collect();
        json!({"status": check["status"], "servers": servers, "dial_plans": plans, "findings": findings})
    }

    /// Where a declared address really is.
    fn real(&self, declared: &str) -> String {
        let line = self.topology.lines().find_map(|line| line.strip_prefix(&format!("\"{declared}\" = ")));
        line.unwrap_or_else(|| panic!("{declared} is not in the map")).trim_matches('"').to_owned()
    }

    /// Asks a listener as a sending pool asks it: with the certificate of a gateway that it knows.
    async fn ask(&self, address: &str, name: &str) -> (Option<i32>, Value) {
        let uri = format!("sips:{}", self.real(address));
        let (cert, key) = (self.path("demo/gateway.pem"), self.path("demo/gateway-key.pem"));
        let pool = ["--cert", cert.to_str().unwrap(), "--key", key.to_str().unwrap()];
        self.json(&[&["probe", &uri, "--server-name", name, "--json"][..], &pool].concat()).await
    }
}

/// One way from site to site, and what an operator has to answer for on it.
struct Way<'a> {
    plan: &'a [&'a str],
    /// Rules that have to be given a reason by their names, and no others.
    reasons: &'a [&'a str],
}

impl Shell {
    /// Plans into a file, gives the reasons, confirms, and follows to the end.
    async fn carry_out(&self, way: &Way<'_>) -> (Value, Value) {
        let file = self.path("plan.json");
        let file = file.to_str().unwrap();
        let overrides: Vec<String> =
            way.reasons.iter().map(|rule| format!("--override={rule}=INC-4711: we know, {rule}")).collect();
        let arguments = [&["plan", "--json", "--from", "Tukwila", "--out", file][..], way.plan].concat();
        let overrides: Vec<&str> = overrides.iter().map(String::as_str).collect();
        let (code, plan) = self.json(&[arguments, overrides].concat()).await;
        assert_eq!(code, Some(0), "{:#?}", wanting(&plan));
        let given: BTreeSet<&str> = given(&plan).into_iter().collect();
        assert_eq!(given, way.reasons.iter().copied().collect(), "reasons that were wanted");
        let confirm = plan["confirm"].as_str().unwrap();
        let (code, run) = self.json(&["failover", "--json", "--plan", file, "--confirm", confirm]).await;
        assert_eq!((code, &run["state"]), (Some(0), &json!("completed")), "{run:#}");
        assert_eq!((&run["unknown"], &run["not_changed"]), (&json!([]), &json!([])), "{run:#}");
        assert_eq!(self.json(&["runs", "show", run["run"].as_str().unwrap(), "--json"]).await.1, run);
        (plan, run)
    }

    /// Everything that has to agree does: every authoritative server, every resolver, and the path that calls take.
    async fn agrees(&self, plan: &Value, world: &Value) {
        let path = step(plan, "sip-path");
        for target in path["targets"].as_array().unwrap() {
            let (name, address) = (target["name"].as_str().unwrap(), target["address"].as_str().unwrap());
            let ip = address.rsplit_once(':').unwrap().0;
            let server = world["servers"].as_array().unwrap().iter().find(|server| server[0] == name).unwrap();
            let dns = server[4].as_array().unwrap();
            assert_eq!(dns.len(), 3, "primary, secondary and resolver: {server}");
            assert!(dns.iter().all(|dns| dns[1] == json!([ip]) && dns[2] == json!([])), "{name} at {ip}: {server}");
            let (code, answer) = self.ask(address, name).await;
            if self.profile == "field" && target["host"] == "um4.dublin.contoso.com" {
                assert_eq!((code, &answer["code"]), (Some(1), &Value::Null), "it speaks TLS 1.0 only: {answer}");
            } else {
                assert_eq!((code, &answer["code"]), (Some(0), &json!(200)), "{target}: {answer}");
            }
        }
    }
}

fn wanting(plan: &Value) -> Vec<String> {
    let loud =
        |rule: &&Value| rule["outcome"] == "block" || (rule["outcome"] == "reason" && rule["override"].is_null());
    let told = |rule: &Value| format!("{} {} {}: {}", rule["outcome"], rule["id"], rule["subject"], rule["measured"]);
    plan["rules"].as_array().unwrap().iter().filter(loud).map(told).collect()
}

fn given(plan: &Value) -> Vec<&str> {
    let rules = plan["rules"].as_array().unwrap().iter();
    rules.filter(|rule| !rule["override"].is_null()).map(|rule| rule["id"].as_str().unwrap()).collect()
}

fn step<'a>(plan: &'a Value, id: &str) -> &'a Value {
    plan["steps"].as_array().unwrap().iter().find(|step| step["id"] == id).unwrap()
}

/// Each step of the plan came to its end, in the plan's order, and the times never run back.
fn in_order(plan: &Value, run: &Value) {
    let timeline = run["timeline"].as_array().unwrap();
    let times: Vec<jiff::Timestamp> = timeline.iter().map(|l| l["at"].as_str().unwrap().parse().unwrap()).collect();
    assert!(times.is_sorted(), "{timeline:#?}");
    let ends = ["applied", "passed", "excused", "not-proven"];
    let ended = timeline.iter().filter(|line| ends.iter().any(|end| line["event"] == *end)).map(|line| &line["step"]);
    let steps = plan["steps"].as_array().unwrap().iter().map(|step| &step["id"]);
    assert_eq!(ended.collect::<Vec<_>>(), steps.collect::<Vec<_>>());
}

fn column(world: &Value, index: usize) -> Vec<String> {
    let of = |server: &Value| format!("{} {}", server[0].as_str().unwrap().split_once('.').unwrap().0, server[index]);
    world["servers"].as_array().unwrap().iter().map(of).collect()
}

/// Over, verified, home, verified; at the end all is as it was.
async fn there_and_back(design: &str, profile: &'static str, only: Option<&str>) {
    let shell = Shell::start(design, profile).await;
    let before = shell.world().await;
    let mut plan: Vec<&str> = only.map(|server| vec!["--server", server]).unwrap_or_default();
    let (over, back) = reasons(design, profile);
    let (planned, run) = shell.carry_out(&Way { plan: &plan, reasons: over }).await;
    in_order(&planned, &run);
    let away = shell.world().await;
    shell.agrees(&planned, &away).await;
    let hosts: Vec<&str> = if profile == "kind" { vec!["1", "2"] } else { vec!["um1", "um2", "mbx1", "mbx2"] };
    let moved = |host: &str| only.map_or(hosts.iter().any(|h| host.ends_with(h)), |only| only == host);
    changed(design, &before, &away, &moved);
    plan.push("--back");
    let (planned, run) = shell.carry_out(&Way { plan: &plan, reasons: back }).await;
    in_order(&planned, &run);
    let home = shell.world().await;
    shell.agrees(&planned, &home).await;
    assert_eq!(home, before);
    let (code, verified) = shell.json(&["runs", "verify", "--json"]).await;
    assert_eq!((code, &verified["ok"]), (Some(0), &json!(true)), "{verified:#}");
}

/// By DNS the names of these servers are away, and nothing else is; otherwise they are disabled and their partners serve.
fn changed(design: &str, before: &Value, after: &Value, moved: &dyn Fn(&str) -> bool) {
    let places = |world: &Value| column(world, 2);
    let states = |world: &Value| column(world, 3);
    let away = |line: &String| moved(line.split_once(' ').unwrap().0);
    if design == "dns" {
        assert_eq!(states(before), states(after));
        let wanted = |line: String| if away(&line) { line.replace("home", "moved") } else { line };
        assert_eq!(places(after), places(before).into_iter().map(wanted).collect::<Vec<_>>());
        return;
    }
    assert_eq!(places(before), places(after));
    let partner = |host: &str| host.replace('3', "1").replace('4', "2");
    let wanted = |line: String| match line.split_once(' ').unwrap() {
        (host, "\"Enabled\"") if moved(host) => format!("{host} \"Disabled\""),
        (host, "\"Disabled\"") if moved(&partner(host)) => format!("{host} \"Enabled\""),
        _ => line,
    };
    assert_eq!(states(after), states(before).into_iter().map(wanted).collect::<Vec<_>>());
}

/// What an operator answers for, over and back: commands are fenced on this host only, and in the field the standby keeps silent to
/// this console, names belong to whole hosts, and a site that keeps silent cannot be seen to be well.
fn reasons(design: &str, profile: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match (design, profile) {
        ("dns", "kind") => (&[], &[]),
        ("dns", _) => (&["standby-answers-as-name", "name-is-host"], &["name-is-host", "source-needs-it"]),
        (_, "kind") => (&["fence"], &["fence"]),
        _ => (&["fence", "standby-answers-as-name"], &["fence", "source-needs-it"]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_dns_a_whole_site_goes_over_and_comes_back() {
    there_and_back("dns", "kind", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_dns_one_server_of_the_field_goes_over_and_comes_back() {
    there_and_back("dns", "field", Some("um1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_enabling_one_server_goes_over_and_comes_back() {
    there_and_back("enable-disable", "kind", Some("um1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_enabling_a_whole_site_of_the_field_goes_over_and_comes_back() {
    there_and_back("enable-disable", "field", None).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow; its design and profile are tried above: cargo test --test shell -- --ignored"]
async fn by_dns_one_server_goes_over_and_comes_back() {
    there_and_back("dns", "kind", Some("um1")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow; its design and profile are tried above: cargo test --test shell -- --ignored"]
async fn by_dns_a_whole_site_of_the_field_goes_over_and_comes_back() {
    there_and_back("dns", "field", None).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow; its design and profile are tried above: cargo test --test shell -- --ignored"]
async fn by_enabling_a_whole_site_goes_over_and_comes_back() {
    there_and_back("enable-disable", "kind", None).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow; its design and profile are tried above: cargo test --test shell -- --ignored"]
async fn by_enabling_one_server_of_the_field_goes_over_and_comes_back() {
    there_and_back("enable-disable", "field", Some("um1")).await;
}
