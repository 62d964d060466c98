//! Plans over a living demo, through the real binary: real probes, a real rehearsal, real records; then carried out, over and back.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use switchboard::demo::{Demo, Design, FaultBoard, Options};
use switchboard::failover::plan::Plan;
use switchboard::probe::Clock;

struct Bench {
    demo: Demo,
    dir: tempfile::TempDir,
}

/// The fence of a run of commands is this host alone; the demo has no other one.
const ONE_HOST: &str = "--override=fence=INC-1: there is no other host";

impl Bench {
    async fn start(design: Design) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::start();
        let mut options =
            Options::new(dir.path().join("demo"), env!("CARGO_BIN_EXE_switchboard"), Arc::new(move || clock.now()));
        options.design = design;
        options.ttl = Some(Duration::from_secs(1));
        options.interval = Duration::from_millis(200);
        Self { demo: Demo::start(options).await.unwrap(), dir }
    }

    fn faults(&self) -> FaultBoard {
        self.demo.faults()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn switchboard(&self, arguments: &[&str]) -> Output {
        let run = tokio::process::Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .env_clear()
            .env("USER", "ana")
            .arg("--config")
            .arg(self.demo.topology_file())
            .arg("--state-dir")
            .arg(self.path("state"))
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        tokio::time::timeout(Duration::from_secs(60), run).await.unwrap().unwrap()
    }

    /// A plan as JSON, and the exit code.
    async fn plan(&self, arguments: &[&str]) -> (Value, i32) {
        let output = self.switchboard(&[&["plan", "--json"], arguments].concat()).await;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic_with(&told));
        (json, output.status.code().unwrap())
    }

    /// Plans into a file and carries it out.
    async fn carry_out(&self, arguments: &[&str]) -> Value {
        let file = self.path("plan.json");
        let file = file.to_str().unwrap();
        let (plan, code) = self.plan(&[arguments, &["--out", file]].concat()).await;
        assert_eq!(code, 0, "{}", loud(&plan).join("\n"));
        let confirm = plan["confirm"].as_str().unwrap();
        let output = self.switchboard(&["failover", "--plan", file, "--confirm", confirm, "--json"]).await;
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        plan
    }

    /// What `check` says of a server.
    async fn server(&self, fqdn: &str) -> Value {
        let output = self.switchboard(&["check", "--json"]).await;
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let sites = json["sites"].as_array().unwrap().iter();
        let mut servers = sites.flat_map(|site| site["servers"].as_array().unwrap());
        servers.find(|server| server["fqdn"] == fqdn).unwrap().clone()
    }
}

#[expect(clippy::panic, reason = "a test may stop at the first surprise")]
fn panic_with(told: &str) -> Value {
    panic!("no JSON; {told}")
}

/// What the rules say that is not fine.
fn loud(plan: &Value) -> Vec<String> {
    let rules = plan["rules"].as_array().unwrap().iter();
    let loud = rules.filter(|rule| rule["outcome"] == "block" || rule["outcome"] == "reason");
    loud.map(|rule| format!("{} {}: {}", rule["id"].as_str().unwrap(), rule["subject"], rule["measured"])).collect()
}

fn verdict<'a>(plan: &'a Value, id: &str, subject: &str) -> &'a str {
    let mut rules = plan["rules"].as_array().unwrap().iter();
    let fits = |rule: &&Value| rule["id"] == id && rule["subject"].as_str().unwrap().contains(subject);
    rules.find(fits).map_or("absent", |rule| rule["outcome"].as_str().unwrap())
}

fn moved(plan: &Value) -> Vec<String> {
    let step = plan["steps"].as_array().unwrap().iter().find(|step| step["id"] == "move").unwrap();
    let changes = step["changes"].as_array().unwrap().iter().filter(|change| change["type"] == "A");
    changes.map(|change| format!("{} {}", change["name"].as_str().unwrap(), change["after"]["values"])).collect()
}

const UM1: &str = "um1.tukwila.contoso.com";
const UM3: &str = "um3.dublin.contoso.com";

#[tokio::test(flavor = "multi_thread")]
async fn by_dns_a_site_goes_over_and_comes_back_with_its_records_as_they_were() {
    let bench = Bench::start(Design::Dns).await;
    let before = bench.server(UM1).await;
    let plan = bench.carry_out(&["--from", "Tukwila"]).await;
    assert_eq!(
        moved(&plan),
        [format!("{UM1} [\"192.0.2.23\"]"), "um2.tukwila.contoso.com [\"192.0.2.24\"]".to_owned()]
    );
    assert_eq!(bench.server(UM1).await["place"], "moved");
    let (again, code) = bench.plan(&["--from", "Tukwila"]).await;
    assert_eq!((code, again["version"].as_u64()), (1, Some(1)));
    assert!(again["refused"].as_str().unwrap().contains("already served by um3"), "{again}");
    let home = bench.carry_out(&["--from", "Tukwila", "--back"]).await;
    assert_eq!((&home["from"], &home["to"], &home["direction"]), (&"Dublin".into(), &"Tukwila".into(), &"back".into()));
    let after = bench.server(UM1).await;
    assert_eq!(after["place"], "home");
    let records = |server: &Value| {
        let of = |answer: &Value| (answer["a"].clone(), answer["aaaa"].clone());
        server["dns"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(records(&before), records(&after));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_enabling_a_site_goes_over_and_comes_back_to_its_normal_state() {
    let bench = Bench::start(Design::EnableDisable).await;
    let (plan, code) = bench.plan(&["--from", "Tukwila"]).await;
    assert_eq!((code, verdict(&plan, "fence", "plan")), (1, "reason"));
    bench.carry_out(&["--from", "Tukwila", ONE_HOST]).await;
    assert_eq!(
        (&bench.server(UM1).await["state"], &bench.server(UM3).await["state"]),
        (&"Disabled".into(), &"Enabled".into())
    );
    bench.carry_out(&["--from", "Tukwila", "--back", ONE_HOST]).await;
    assert_eq!(
        (&bench.server(UM1).await["state"], &bench.server(UM3).await["state"]),
        (&"Enabled".into(), &"Disabled".into())
    );
    let (_, code) = bench.plan(&["--from", "Tukwila", "--back"]).await;
    assert_eq!(code, 1, "nothing to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rehearsal_and_the_rules_see_what_is_wrong_with_the_standby() {
    let bench = Bench::start(Design::Dns).await;
    for (subject, fault, rule, who, wanted) in [
        ("um3", "stop", "target-not-down", "um3", "block"),
        ("um4", "cert-missing-name", "cert-covers", "um4", "block"),
        ("um4", "cert-expired", "cert-valid", "um4", "block"),
        ("um4", "cert-wrong-ca", "cert-trusted", "um4", "block"),
        ("um3", "503", "standby-answers-as-name", "um3", "block"),
        ("um3", "no-new-calls", "target-in-service", "um3", "block"),
        ("um3", "hang", "standby-answers-as-name", "um3", "reason"),
        ("um3", "403", "standby-answers-as-name", "um3", "warn"),
        ("marker", "delete", "marker-absent", "contoso.com", "reason"),
        ("primary", "clock", "clock", "contoso.com", "block"),
        ("primary", "refuse", "key-works", "contoso.com", "block"),
        ("Tukwila", "dark", "source-needs-it", "Tukwila", "reason"),
        ("pool", "stop", "caller-alive", "pools", "warn"),
    ] {
        bench.faults().on(subject, fault).await.unwrap();
        let (plan, code) = bench.plan(&["--from", "Tukwila"]).await;
        bench.faults().off(subject, fault).await.unwrap();
        assert_eq!(verdict(&plan, rule, who), wanted, "{subject} {fault}: {:#?}", loud(&plan));
        assert_eq!(code, i32::from(!loud(&plan).is_empty()), "{subject} {fault}");
    }
    let (plan, code) = bench.plan(&["--from", "Tukwila"]).await;
    assert_eq!((code, loud(&plan)), (0, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_standby_is_left_out_or_mapped_and_a_dead_primary_is_changed_by_the_operator() {
    let bench = Bench::start(Design::Dns).await;
    bench.faults().on("um4", "stop").await.unwrap();
    let (plan, code) = bench.plan(&["--from", "Tukwila"]).await;
    assert_eq!((code, verdict(&plan, "target-not-down", "um4")), (1, "block"));
    let (left, code) = bench.plan(&["--from", "Tukwila", "--leave-out", "um2"]).await;
    assert_eq!((code, moved(&left).len()), (0, 1), "{:?}", loud(&left));
    let (mapped, code) = bench.plan(&["--from", "Tukwila", "--map", "um2=um3"]).await;
    assert_eq!(moved(&mapped)[1], "um2.tukwila.contoso.com [\"192.0.2.23\"]");
    assert_eq!((code, loud(&mapped).len()), (1, 2), "one host for both dial plans: {:?}", loud(&mapped));
    let reason = "--override=two-in-service=INC-2: um4 is being repaired";
    assert_eq!(bench.plan(&["--from", "Tukwila", "--map", "um2=um3", reason]).await.1, 0);
    bench.faults().heal_all().await.unwrap();
    bench.faults().on("primary", "stop").await.unwrap();
    let (refused, code) = bench.plan(&["--from", "Tukwila"]).await;
    assert_eq!(code, 1);
    assert!(refused["refused"].as_str().unwrap().contains("--primary"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_reaches_file_json_text_and_runbook_and_the_command_line_is_checked() {
    let bench = Bench::start(Design::Dns).await;
    let file = bench.path("plan.json");
    let output = bench.switchboard(&["plan", "--from", "Tukwila", "--out", file.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(0));
    let plan = Plan::parse(&std::fs::read(&file).unwrap()).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for said in
        [&plan.confirm(), "Lync team", "turn off um1.tukwila.contoso.com's DNS registration", "What does not move"]
    {
        assert!(text.contains(said), "{said:?} is not in\n{text}");
    }
    assert!(text.contains("um1.tukwila.contoso.com  A  1 192.0.2.11  →  1 192.0.2.23"), "{text}");
    assert!(drafts(&bench).is_empty());
    let output = bench.switchboard(&["plan", "--from", "Tukwila", "--runbook"]).await;
    let runbook = String::from_utf8(output.stdout).unwrap();
    for line in [
        "server 192.0.2.53 53",
        "prereq yxrrset um1.tukwila.contoso.com. A 192.0.2.11",
        "update delete um1.tukwila.contoso.com. A",
        "update add um1.tukwila.contoso.com. 1 A 192.0.2.23",
        "send",
        "END",
    ] {
        assert!(runbook.lines().any(|shown| shown == line), "{line:?} is not a line of\n{runbook}");
    }
    assert!(!runbook.contains("secret"));
    for (arguments, code) in [
        (vec!["plan"], 3),
        (vec!["plan", "--from", "Tukwila", "--mode", "force"], 3),
        (vec!["plan", "--from", "Tukwila", "--force"], 3),
        (vec!["plan", "--from", "Tukwila", "--map", "um2"], 3),
        (vec!["plan", "--from", "Tukwila", "--override", "ttl"], 3),
        (vec!["plan", "--from", "Tukwila", "--override", "nonsense=INC-1: it is one"], 3),
        (vec!["plan", "--from", "Tukwila", "--override", "ttl=x"], 3),
        (vec!["plan", "--from", "Boston"], 1),
        (vec!["plan", "--from", "Tukwila", "--out", "/nowhere/plan.json"], 1),
    ] {
        let output = bench.switchboard(&arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

/// The scripts of a runbook, in order: what stands between `<<'END'` and `END`.
fn scripts(runbook: &str) -> Vec<String> {
    let mut scripts: Vec<String> = Vec::new();
    let mut open = false;
    for line in runbook.lines() {
        match (open, line) {
            (true, "END") => open = false,
            (true, line) => {
                let script = scripts.last_mut().unwrap();
                script.push_str(line);
                script.push('\n');
            }
            (false, line) if line.contains("<<'END'") => {
                scripts.push(String::new());
                open = true;
            }
            _ => {}
        }
    }
    scripts
}

impl Bench {
    /// Feeds a script to the system's nsupdate, with the demo's key and the primary's real address.
    async fn by_hand(&self, script: &str) -> bool {
        use tokio::io::AsyncWriteExt as _;
        let demo = self.dir.path().join("demo");
        let secret = std::fs::read_to_string(demo.join("tsig.key")).unwrap();
        let key = format!("key \"switchboard\" {{ algorithm hmac-sha256; secret \"{}\"; }};\n", secret.trim());
        std::fs::write(self.path("nsupdate.key"), key).unwrap();
        let file = std::fs::read_to_string(self.demo.topology_file()).unwrap();
        let real = file.lines().find_map(|line| line.strip_prefix("\"192.0.2.53:53\" = \"127.0.0.1:")).unwrap();
        let port = real.trim_end_matches('"');
        let script = script.replace("server 192.0.2.53 53", &format!("server 127.0.0.1 {port}"));
        let mut child = tokio::process::Command::new("nsupdate")
            .args(["-v", "-k"])
            .arg(self.path("nsupdate.key"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(script.as_bytes()).await.unwrap();
        tokio::time::timeout(Duration::from_secs(20), child.wait()).await.unwrap().unwrap().success()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runbook_can_be_carried_out_and_undone_by_hand_and_its_fence_holds() {
    if std::process::Command::new("nsupdate").arg("-V").output().is_err() {
        assert!(std::env::var("CI").is_err(), "nsupdate is not installed");
        eprintln!("SKIPPED: nsupdate is not installed");
        return;
    }
    let bench = Bench::start(Design::Dns).await;
    let output = bench.switchboard(&["plan", "--from", "Tukwila", "--runbook"]).await;
    let scripts = scripts(std::str::from_utf8(&output.stdout).unwrap());
    let [claim, moving, undo, close] = <[String; 4]>::try_from(scripts).unwrap();
    assert!(!bench.by_hand(&moving).await, "a move without its claim is refused");
    assert!(bench.by_hand(&claim).await);
    assert!(!bench.by_hand(&claim).await, "a claim is good once");
    assert!(bench.by_hand(&moving).await);
    assert_eq!(bench.server(UM1).await["place"], "moved");
    assert!(!bench.by_hand(&moving).await, "a move is good once");
    assert!(bench.by_hand(&undo).await);
    assert_eq!(bench.server(UM1).await["place"], "home");
    assert!(!bench.by_hand(&moving).await && !bench.by_hand(&close).await, "what was undone is over");
}

/// Drafts that a writer left behind beside the plan.
fn drafts(bench: &Bench) -> Vec<String> {
    let names =
        std::fs::read_dir(bench.dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}
