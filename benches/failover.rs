//! From confirm to verified: two records on a local BIND, beside a shell script of nsupdate and dig that does the same, in one run.
//!
//! `cargo bench --bench failover [ROUNDS]`. Both sides change the same two names at the same server with the same key and exact
//! prerequisites, and are done when that server shows the new addresses. They take turns, one over, the other back; the median
//! counts. The program does more on its way: it claims the marker, rehearses both standbys over TLS, and keeps a journal.
#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints its figures, and why there are none")]

#[path = "../tests/bind_run/named.rs"]
mod named;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use named::{Named, Writer, ZONE, free_port, primary, start, zone_file};
use serde_json::Value;
use switchboard::demo::{Demo, Options};
use switchboard::probe::Clock;

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");
/// The TTL of the records, in seconds.
const TTL: u32 = 1;
const ROUNDS: usize = 10;
const GRANTS: &[&str] = &[
    "um1.tukwila.contoso.com. A",
    "um2.tukwila.contoso.com. A",
    "_switchboard.tukwila.contoso.com. TXT",
    "_switchboard.dublin.contoso.com. TXT",
];

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(ROUNDS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some(scene) = Scene::start().await {
            tokio::task::spawn_blocking(move || measure(&scene, rounds)).await.unwrap();
        }
    });
}

/// The demo's SIP servers, with BIND for its primary.
struct Scene {
    demo: Demo,
    bind: Named,
    dir: tempfile::TempDir,
    clock: Clock,
}

/// One trip by the program: what each part of it took, from the start of the command on.
#[derive(Default)]
struct Trip {
    parts: Vec<(&'static str, Duration)>,
    shown: Duration,
    verified: Duration,
}

fn measure(scene: &Scene, rounds: usize) {
    scene.init();
    let (mut ours, mut script): (Vec<Trip>, Vec<Duration>) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // Over by the program and back by the script, then the other way round.
        let over = round % 2 == 0;
        if over {
            ours.push(scene.program(true));
            script.push(scene.script(false));
        } else {
            script.push(scene.script(true));
            ours.push(scene.program(false));
        }
    }
    println!("two records on BIND, TTL {TTL} s, median of {rounds} rounds each\n");
    let middle = |times: Vec<Duration>| median(times);
    let shown = middle(ours.iter().map(|trip| trip.shown).collect());
    let by_script = middle(script.clone());
    report("switchboard failover, to the new records shown", shown, &ours.iter().map(|t| t.shown).collect::<Vec<_>>());
    report("nsupdate and dig, to the new records shown", by_script, &script);
    println!("ratio: {:.2}\n", shown.as_secs_f64() / by_script.as_secs_f64());
    let verified = middle(ours.iter().map(|trip| trip.verified).collect());
    println!("with caches forgotten and the SIP path proved: {} (the script proves neither)\n", ms(verified));
    println!("where the program's time goes:");
    for index in 0..ours[0].parts.len() {
        let part = middle(ours.iter().map(|trip| trip.parts[index].1).collect());
        println!("  {:<28} {:>9}", ours[0].parts[index].0, ms(part));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn report(what: &str, middle: Duration, all: &[Duration]) {
    let (least, most) = (all.iter().min().unwrap(), all.iter().max().unwrap());
    println!("{what:<48} {:>9}   ({} to {})", ms(middle), ms(*least), ms(*most));
}

impl Scene {
    async fn start() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::start();
        let wall = clock.clone();
        let mut options = Options::new(dir.path().join("demo"), PROGRAM, Arc::new(move || wall.now()));
        options.ttl = Some(Duration::from_secs(TTL.into()));
        let demo = Demo::start(options).await.unwrap();
        let secret = fs::read_to_string(demo.dir().join("tsig.key")).unwrap().trim().to_owned();
        let statements = primary(&Writer { name: "switchboard", secret: Some(&secret) }, GRANTS, None);
        let bind = start(free_port().await, "recursion no;", &statements, &zone_file(TTL)).await.ok()?;
        let scene = Self { demo, bind, dir, clock };
        scene.lead_to_bind();
        let key = format!("key \"switchboard\" {{ algorithm hmac-sha256; secret \"{secret}\"; }};\n");
        fs::write(scene.file("key"), key).unwrap();
        Some(scene)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// One authoritative server, which is BIND, and no resolver: what the script asks, too.
    fn lead_to_bind(&self) {
        let file = self.demo.topology_file();
        let mut text = String::new();
        for line in fs::read_to_string(&file).unwrap().lines() {
            match line {
                _ if line.starts_with("\"192.0.2.53:53\"") => {
                    writeln!(text, "\"192.0.2.53:53\" = \"{}\"", self.bind.address).unwrap();
                }
                _ if line.starts_with("authoritative = ") => text += "authoritative = [\"192.0.2.53:53\"]\n",
                _ if line.starts_with("resolvers = ") => {}
                _ => writeln!(text, "{line}").unwrap(),
            }
        }
        fs::write(file, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--config").arg(self.demo.topology_file()).arg("--state-dir").arg(self.file("state"));
        command.args(arguments).stdin(Stdio::null());
        command
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}{}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Both sites' first markers, as an administrator writes them once.
    fn init(&self) {
        for site in ["Tukwila", "Dublin"] {
            self.json(&["marker", "init", site, "--json"]);
        }
    }

    /// Plans, untimed; then confirms, and reads from the journal when each thing was so.
    fn program(&self, over: bool) -> Trip {
        let file = self.file("plan.json");
        let mut arguments = vec!["plan", "--json", "--from", "Tukwila", "--out", file.to_str().unwrap()];
        if !over {
            arguments.push("--back");
        }
        let plan = self.json(&arguments);
        let phrase = plan["confirm"].as_str().unwrap();
        let began = self.clock.now();
        let run = self.json(&["failover", "--json", "--plan", file.to_str().unwrap(), "--confirm", phrase]);
        assert_eq!(run["state"], "completed", "{run:#}");
        let at = |step: &str, event: &str| {
            let lines = run["timeline"].as_array().unwrap();
            let line = lines.iter().find(|line| line["step"] == step && line["event"] == event).unwrap();
            let at: Timestamp = line["at"].as_str().unwrap().parse().unwrap();
            Duration::try_from(at.duration_since(began)).unwrap()
        };
        let moments = [
            ("command and phrase", at("", "confirmed")),
            ("executor's start", at("", "began")),
            ("state read again", at("", "rechecked")),
            ("marker claimed", at("claim", "applied")),
            ("standbys rehearsed", at("verify-target", "passed")),
            ("records moved", at("move", "applied")),
            ("records read back", at("read-back", "passed")),
        ];
        let before = std::iter::once(Duration::ZERO).chain(moments.iter().map(|(_, at)| *at));
        let parts = moments.iter().zip(before).map(|((what, at), before)| (*what, at.saturating_sub(before))).collect();
        Trip { parts, shown: at("read-back", "passed"), verified: at("sip-path", "passed") }
    }

    /// The same two records by hand, as fast as a shell can: one update, then dig until the server shows it, without a pause.
    fn script(&self, over: bool) -> Duration {
        let (old, new) = if over { ([11, 12], [23, 24]) } else { ([23, 24], [11, 12]) };
        let (ip, port) = (self.bind.address.ip(), self.bind.address.port());
        let names = ["um1.tukwila", "um2.tukwila"].map(|host| format!("{host}.{ZONE}"));
        let mut script = format!("set -e\nnsupdate -v -k {} <<'END'\n", self.file("key").display());
        writeln!(script, "server {ip} {port}\nzone {ZONE}").unwrap();
        for (name, old) in names.iter().zip(old) {
            writeln!(script, "prereq yxrrset {name}. A 192.0.2.{old}").unwrap();
        }
        for (name, new) in names.iter().zip(new) {
            writeln!(script, "update delete {name}. A\nupdate add {name}. {TTL} A 192.0.2.{new}").unwrap();
        }
        script += "send\nEND\n";
        for (name, new) in names.iter().zip(new) {
            let ask = format!("dig +short +norecurse @{ip} -p {port} {name} A");
            writeln!(script, "until [ \"$({ask})\" = 192.0.2.{new} ]; do :; done").unwrap();
        }
        let began = Instant::now();
        let status = Command::new("sh").arg("-c").arg(&script).stdin(Stdio::null()).status().unwrap();
        assert!(status.success(), "{script}");
        began.elapsed()
    }
}
