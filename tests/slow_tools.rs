//! `check` where a command takes longer than anything on the network.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use switchboard::demo::{Demo, Options};
use switchboard::probe::Clock;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_command_that_hangs_makes_nothing_else_stale_and_is_waited_for_once() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::start();
    let now = Arc::new(move || clock.now());
    let demo = Demo::start(Options::new(dir.path(), env!("CARGO_BIN_EXE_switchboard"), now)).await.unwrap();
    // Answers are stale after three intervals and `fall` timeouts: 0.9 s + 3 s. The command takes 6 s.
    let text = std::fs::read_to_string(demo.topology_file()).unwrap();
    let slow = text.replacen("interval = \"1s\"", "interval = \"300ms\"", 1);
    let slow = slow.replace("timeout = \"3s\"", "timeout = \"6s\"");
    assert_ne!(text, slow);
    let file = dir.path().join("slow.toml");
    std::fs::write(&file, slow).unwrap();
    demo.faults().on("state-command", "hang").await.unwrap();
    let state = dir.path().join("state");
    let start = Instant::now();
    let output = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .arg("--config")
            .arg(file)
            .arg("--state-dir")
            .arg(state)
            .args(["check", "--json"])
            .stdin(Stdio::null())
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    let took = start.elapsed();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ids: Vec<&str> = json["findings"].as_array().unwrap().iter().filter_map(|found| found["id"].as_str()).collect();
    assert!(ids.contains(&"state-unreadable") && !ids.contains(&"stale"), "{ids:?}");
    assert_eq!((&json["status"], output.status.code()), (&"warning".into(), Some(1)), "{ids:?}");
    assert!(took < Duration::from_secs(12), "asked a hung command again: {took:?}");
}
