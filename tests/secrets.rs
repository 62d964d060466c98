//! A canary for a secret: it is in the key file or in the environment of this program's processes, and nowhere else, whatever is asked of
//! them and however they end.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod run_support;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use run_support::live::{Live, PROGRAM, bounded};
use switchboard::demo::Design;
use switchboard::executor::crash::VARIABLE as CRASH;
use switchboard::failover::planner::Request;

const VARIABLE: &str = "SWITCHBOARD_TSIG";

/// Every way in which a secret could be written down.
struct Canary {
    forms: Vec<Vec<u8>>,
}

impl Canary {
    fn of(base64: &str) -> Self {
        let raw = data_encoding::BASE64.decode(base64.as_bytes()).unwrap();
        let texts = [
            base64.to_owned(),
            base64.trim_end_matches('=').to_owned(),
            data_encoding::BASE64URL_NOPAD.encode(&raw),
            data_encoding::HEXLOWER.encode(&raw),
            data_encoding::HEXUPPER.encode(&raw),
            data_encoding::BASE32_NOPAD.encode(&raw),
            raw.iter().map(u8::to_string).collect::<Vec<_>>().join(", "),
            raw.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
            // An excerpt is enough to give it away.
            base64[..20].to_owned(),
            data_encoding::HEXLOWER.encode(&raw[..12]),
            data_encoding::BASE64.encode(base64.as_bytes()),
        ];
        let mut forms: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
        forms.push(raw[..16].to_vec());
        forms.push(raw[8..24].to_vec());
        Self { forms }
    }

    #[track_caller]
    fn absent(&self, what: &str, bytes: &[u8]) {
        for form in &self.forms {
            let at = bytes.windows(form.len()).position(|window| window == form);
            assert_eq!(at, None, "{what} gives the secret away as {:?}", String::from_utf8_lossy(form));
        }
    }
}

/// Looks over everybody's shoulder: command lines of all processes, files of the temporary directory, environments of commands.
struct Lookout {
    stop: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    lines: BTreeSet<Vec<u8>>,
    /// What the UM tool finds in its environment: it needs no secret to do its work.
    environments: BTreeSet<Vec<u8>>,
    files: BTreeSet<Vec<u8>>,
}

impl Lookout {
    fn start(temporary: PathBuf) -> Self {
        let (stop, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Seen::default())));
        let (stopped, noted) = (Arc::clone(&stop), Arc::clone(&seen));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let mut seen = noted.lock().unwrap();
                look_at_processes(&mut seen);
                for file in files_below(&temporary) {
                    seen.files.extend(std::fs::read(file));
                }
                drop(seen);
                std::thread::yield_now();
            }
        });
        Self { stop, seen, thread: Some(thread) }
    }

    fn finish(mut self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn look_at_processes(seen: &mut Seen) {
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        // Between fork and exec a child still is what it was forked from.
        if words.windows(2).any(|two| two == [b"demo".as_slice(), b"um"])
            && let Ok(environment) = std::fs::read(entry.path().join("environ"))
            && std::fs::read(entry.path().join("cmdline")).is_ok_and(|again| again == line)
        {
            seen.environments.insert(environment);
        }
        seen.lines.insert(line);
    }
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// A demo, its secret, and everything that was said.
struct Bench {
    live: Live,
    canary: Canary,
    secret: String,
    in_environment: bool,
    said: Vec<(String, Vec<u8>)>,
}

impl Bench {
    /// With the secret in its file, or in the environment and in no file at all.
    async fn start(in_environment: bool) -> Self {
        let live = Live::start(Design::Dns).await;
        let key = live.demo.dir().join("tsig.key");
        let secret = std::fs::read_to_string(&key).unwrap().trim().to_owned();
        if in_environment {
            let file = live.demo.topology_file();
            let text = std::fs::read_to_string(&file).unwrap();
            let named = text.replace("secret_file = \"tsig.key\"", &format!("secret_env = \"{VARIABLE}\""));
            assert_ne!(text, named);
            std::fs::write(&file, named).unwrap();
            std::fs::remove_file(key).unwrap();
        }
        std::fs::create_dir(live.demo.dir().join("tmp")).unwrap();
        Self { canary: Canary::of(&secret), live, secret, in_environment, said: Vec::new() }
    }

    fn temporary(&self) -> PathBuf {
        self.live.demo.dir().join("tmp")
    }

    fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = self.live.command(self.live.state(), arguments);
        command.env("TMPDIR", self.temporary()).env("RUST_BACKTRACE", "full");
        if self.in_environment {
            command.env(VARIABLE, &self.secret);
        }
        command
    }

    async fn say(&mut self, arguments: &[&str], more: &[(&str, &str)]) -> String {
        let mut command = self.command(arguments);
        command.envs(more.iter().copied());
        let output = bounded(command).await;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        self.said.push((arguments.join(" "), [output.stdout, output.stderr].concat()));
        text
    }

    /// A plan to a file, and its phrase.
    async fn plan(&mut self, more: &[&str]) -> (String, String) {
        let file = self.live.demo.dir().join("plan.json").to_str().unwrap().to_owned();
        let json = self.say(&[&["plan", "--from", "Tukwila", "--json", "--out", &file], more].concat(), &[]).await;
        let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
        (file, plan["confirm"].as_str().unwrap().to_owned())
    }

    fn run(&self) -> String {
        let runs = std::fs::read_dir(self.live.state().join("runs")).unwrap();
        runs.map(|run| run.unwrap().file_name().into_string().unwrap()).max().unwrap()
    }

    /// Over and home, in the middle of it a death, beside it every question that can be asked.
    async fn an_operators_night(&mut self) {
        for words in
            ["check", "check --json", "marker show", "marker show --json", "config check", "marker init Tukwila"]
        {
            self.say(&words.split(' ').collect::<Vec<_>>(), &[]).await;
        }
        self.say(&["plan", "--from", "Tukwila"], &[]).await;
        self.say(&["plan", "--from", "Tukwila", "--runbook"], &[]).await;
        let (file, phrase) = self.plan(&[]).await;
        self.say(&["failover", "--plan", &file, "--confirm", "Tukwila-zzzz"], &[]).await;
        self.say(&["failover", "--plan", &file, "--confirm", &phrase], &[(CRASH, "move:after-send")]).await;
        let run = self.run();
        self.say(&["runs", "resume", &run], &[]).await;
        for verb in ["show", "export", "follow", "verify", "confirm"] {
            self.say(&["runs", verb, &run], &[]).await;
            self.say(&["runs", verb, &run, "--json"], &[]).await;
        }
        let (file, phrase) = self.plan(&["--back"]).await;
        self.say(&["failover", "--json", "--plan", &file, "--confirm", &phrase], &[]).await;
        assert_eq!(self.run_state(), "completed");
    }

    fn run_state(&self) -> String {
        let (_, last) = self.said.last().unwrap();
        let shown: serde_json::Value =
            serde_json::from_slice(last.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
        shown["state"].as_str().unwrap().to_owned()
    }

    /// Whatever can go wrong with a key, a server and a file.
    async fn everything_fails(&mut self) {
        for (subject, fault) in
            [("primary", "refuse"), ("primary", "clock"), ("primary", "stop"), ("state-command", "fail")]
        {
            self.live.demo.faults().on(subject, fault).await.unwrap();
            self.say(&["check"], &[]).await;
            self.say(&["plan", "--from", "Tukwila", "--json"], &[]).await;
            self.live.demo.faults().off(subject, fault).await.unwrap();
        }
        // Executors that cannot do their work leave their last words in a log.
        let plan = self.live.plan(&Live::request("Tukwila")).await;
        let file = self.live.write_plan(&plan).to_str().unwrap().to_owned();
        self.live.demo.faults().on("primary", "refuse").await.unwrap();
        self.say(&["failover", "--plan", &file, "--confirm", &plan.confirm()], &[]).await;
        self.live.demo.faults().heal_all().await.unwrap();
        let plan = self.live.plan(&Request { reason: Some("INC-7".into()), ..Live::request("Tukwila") }).await;
        let file = self.live.write_plan(&plan).to_str().unwrap().to_owned();
        self.say(&["failover", "--plan", &file, "--confirm", &plan.confirm()], &[(CRASH, "claim:after-intent")]).await;
        let topology = self.live.demo.topology_file();
        let text = std::fs::read_to_string(&topology).unwrap();
        std::fs::write(&topology, text.replace("hmac-sha256", "hmac-md5")).unwrap();
        self.say(&["runs", "resume", plan.id.as_str()], &[]).await;
        let log = self.live.state().join("runs").join(plan.id.as_str()).join("executor.log");
        assert!(std::fs::metadata(log).unwrap().len() > 0, "the executor said why");
        // The secret where it does not belong: a message must not quote it back.
        let inline = format!("secret = \"{}\", tsig", self.secret);
        for wrong in [
            text.replace("tsig = ", &format!("{inline} = ")),
            text.replace("switchboard.\"", &format!("{}\"", self.secret)),
        ] {
            std::fs::write(&topology, wrong).unwrap();
            self.say(&["check"], &[]).await;
            self.say(&["config", "check", "--json"], &[]).await;
        }
        std::fs::write(&topology, text).unwrap();
        self.say(&["check"], &[(VARIABLE, &format!("{}!", self.secret))]).await;
    }

    /// A console that ends by a defect of its own, with the longest backtrace that there is.
    fn a_panic(&mut self) {
        let (mut terminal, pts) = pty_process::blocking::open().unwrap();
        terminal.resize(pty_process::Size::new(34, 120)).unwrap();
        let mut command = pty_process::blocking::Command::new(PROGRAM)
            .arg("--config")
            .arg(self.live.demo.topology_file())
            .arg("--state-dir")
            .arg(self.live.state())
            .env("TERM", "xterm-256color")
            .env("RUST_BACKTRACE", "full")
            .env("TMPDIR", self.temporary())
            .env("SWITCHBOARD_TEST_PANIC", "1");
        if self.in_environment {
            command = command.env(VARIABLE, &self.secret);
        }
        let mut child = command.spawn(pts).unwrap();
        let (mut shown, mut asked, start) = (Vec::new(), false, Instant::now());
        let mut buffer = [0; 16000];
        while let Ok(count @ 1..) = terminal.read(&mut buffer) {
            shown.extend_from_slice(&buffer[..count]);
            assert!(start.elapsed() < Duration::from_secs(60), "it does not end");
            if !asked && String::from_utf8_lossy(&shown).contains("um1") {
                terminal.write_all(b"P").unwrap();
                asked = true;
            }
        }
        assert_eq!(child.wait().unwrap().code(), Some(101));
        assert!(String::from_utf8_lossy(&shown).contains("a defect of its own"));
        self.said.push(("a panic".to_owned(), shown));
    }
}

/// Looks for the secret in all that was said, left behind and seen.
fn search(bench: &Bench, seen: &Seen) {
    for (what, bytes) in &bench.said {
        bench.canary.absent(what, bytes);
    }
    let own_place = bench.live.demo.dir().join("tsig.key");
    let left = files_below(bench.live.state());
    assert!(
        left.iter().any(|file| file.ends_with("executor.log"))
            && left.iter().any(|file| file.ends_with("journal.jsonl"))
    );
    for file in left.into_iter().chain(files_below(bench.live.demo.dir())).filter(|file| *file != own_place) {
        bench.canary.absent(&file.display().to_string(), &std::fs::read(&file).unwrap());
    }
    seen.lines.iter().for_each(|line| bench.canary.absent("a command line", line));
    seen.environments.iter().for_each(|environment| bench.canary.absent("a command's environment", environment));
    seen.files.iter().for_each(|file| bench.canary.absent("a temporary file", file));
    // Whoever saw nothing proves nothing.
    let met =
        |word: &str| seen.lines.iter().any(|line| line.split(|byte| *byte == 0).any(|part| part == word.as_bytes()));
    assert!(met("execute") && met("failover") && met("um") && !seen.environments.is_empty());
}

async fn never_seen(in_environment: bool) {
    let mut bench = Bench::start(in_environment).await;
    let lookout = Lookout::start(bench.temporary());
    bench.an_operators_night().await;
    bench.everything_fails().await;
    let (bench, seen) = tokio::task::spawn_blocking(move || {
        bench.a_panic();
        (bench, lookout.finish())
    })
    .await
    .unwrap();
    search(&bench, &seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_a_file_is_never_seen_again() {
    never_seen(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_the_environment_is_never_seen_again() {
    never_seen(true).await;
}

#[test]
fn the_canary_sings() {
    let canary = Canary::of("aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmh1bnQ=");
    let sings = |text: &[u8]| std::panic::catch_unwind(|| canary.absent("a text", text)).is_err();
    assert!(!sings(b"nothing to see here"));
    let mentions = [
        &b"secret \"aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmh1bnQ=\""[..],
        b"Secret([104, 117, 110, 116, 101, 114, 50, 104, 117, 110, 116, 101, 114, 50, 104, 117, 110, 116, 101, 114, 50, 104, 117, 110, 116, 101, 114, 50, 104, 117, 110, 116])",
        b"key=68756e7465723268756e7465723268756e7465723268756e7465723268756e74",
        b"...hunter2hunter2hunter2hunter2hunt...",
    ];
    assert!(mentions.into_iter().all(sings));
}
