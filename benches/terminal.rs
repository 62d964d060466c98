//! The console beside other full-screen programs, on the same terminal, in one run.
//!
//! `cargo bench --bench terminal [SECONDS]`. A demo is served by a process of its own, at 5 s; the console watches it at 200x50, and
//! so does each peer that is found on PATH watch what it watches, as a person meets it, with a home directory of its own. Time is
//! counted from the moment the program was started; a **first paint** is the first read after which at least a tenth of
//! the signs are there that the screen has after 3 s; **idle** begins then. CPU time is that of the whole process tree, children
//! that have ended included. **Restored** means every mode that the terminal was put into is off again and the line is as it was.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first surprise and prints its figures"
)]

mod peers;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use peers::figures::{Figures, measure};
use peers::{PEERS, Program};

fn main() {
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(20);
    let dir = tempfile::tempdir().unwrap();
    let _demo = Demo::serve(dir.path());
    let mut measured = vec![(ours(dir.path()), true)];
    for peer in PEERS {
        match peer.found() {
            Some(program) => measured.push((program, false)),
            None => println!("MISSING: {} is not on PATH and is left out ({})\n", peer.name, peer.install),
        }
    }
    let idle = Duration::from_secs(seconds);
    let all: Vec<(String, Figures)> = measured
        .into_iter()
        .map(|(program, own)| {
            println!("measuring {} ...", program.name);
            let figures = measure(&program, idle, own);
            (program.name, figures)
        })
        .collect();
    table(&all);
    verdicts(&all);
}

/// The console on the demo, as an operator starts it.
fn ours(dir: &Path) -> Program {
    let arguments = ["--config", "switchboard.toml", "--state-dir", "state"];
    let arguments =
        arguments.map(|word| if word.starts_with("--") { word.into() } else { dir.join(word).into_os_string() });
    Program {
        name: "switchboard".into(),
        file: env!("CARGO_BIN_EXE_switchboard").into(),
        arguments: arguments.to_vec(),
        help: "?",
        close: "\u{1b}",
        quit: "q",
    }
}

/// An embedded topology in a process of its own.
struct Demo(Child);

impl Demo {
    fn serve(dir: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["demo", "--serve", "--interval", "5s", "--dir"])
            .arg(dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self(child)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A figure, how it is taken, and its digits after the point.
type Row = (&'static str, fn(&Figures) -> f64, usize);

/// What the table shows.
const ROWS: [Row; 6] = [
    ("first byte, ms", |f| f.first_byte, 1),
    ("first paint, ms", |f| f.first_paint, 1),
    ("idle, bytes per second", |f| f.idle_bytes, 0),
    ("idle, CPU % of one core", |f| f.idle_cpu, 3),
    ("key to first byte, ms", |f| f.key, 2),
    ("resident memory, MB", |f| f.memory, 1),
];

/// One line for each figure, one column for each program, and how ours stands to the best of the others.
fn table(all: &[(String, Figures)]) {
    let cells = |texts: Vec<String>| texts.iter().map(|text| format!("{text:>14}")).collect::<Vec<_>>().concat();
    let names = cells(all.iter().map(|(name, _)| name.clone()).collect());
    println!("\n{:<30}{names}{:>18}", "200x50", "ours to the best");
    for (name, of, digits) in ROWS {
        let figures = cells(all.iter().map(|(_, figures)| format!("{:.digits$}", of(figures))).collect());
        let best = all.iter().skip(1).map(|(_, figures)| of(figures)).fold(f64::INFINITY, f64::min);
        let ratio = if best.is_finite() && best > 0.0 { format!("{:.2}", of(&all[0].1) / best) } else { "-".into() };
        println!("{name:<30}{figures}{ratio:>18}");
    }
    for (at, (way, _)) in all[0].1.ways.iter().enumerate() {
        println!("{way:<30}{}", cells(all.iter().map(|(_, figures)| figures.ways[at].1.to_string()).collect()));
    }
}

/// Whether ours keeps what it promises.
fn verdicts(all: &[(String, Figures)]) {
    let ours = &all[0].1;
    let others = &all[1..];
    let least = |of: fn(&Figures) -> f64| others.iter().map(|(_, f)| of(f)).fold(f64::INFINITY, f64::min);
    let named = |name: &str| others.iter().find(|(peer, _)| peer == name).map(|(_, figures)| figures);
    let restored = ours.ways.iter().filter(|(_, end)| end.is_well()).count();
    let mut promises = vec![
        ("at most 300 bytes per second", Some(ours.idle_bytes <= 300.0)),
        ("at most 0.8 % of a core", Some(ours.idle_cpu <= 0.8)),
        ("restored on all seven ways out", Some(restored == ours.ways.len())),
    ];
    let paint = least(|figures| figures.first_paint);
    promises.push(("first paint no later than the best", paint.is_finite().then_some(ours.first_paint <= paint)));
    let key = named("bottom").map(|bottom| ours.key <= 2.0 * bottom.key);
    promises.push(("key within twice bottom's", key));
    println!();
    for (promise, kept) in promises {
        let word = match kept {
            Some(true) => "kept",
            Some(false) => "NOT KEPT",
            None => "not measured: nothing to compare with",
        };
        println!("{promise:<36} {word}");
    }
}
