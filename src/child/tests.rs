use std::time::Instant;

use rustix::process::{Pid, test_kill_process};

use super::*;

fn shell(script: &str, deadline: Duration) -> Spec {
    Spec { argv: vec!["sh".into(), "-c".into(), script.into()], stdin: Vec::new(), deadline, cap: 100_000 }
}

fn long() -> Duration {
    Duration::from_secs(20)
}

/// Waits, bounded, until a process is gone or only waits to be reaped.
async fn gone(pid: i32) -> bool {
    let pid = Pid::from_raw(pid).unwrap();
    for _ in 0..400 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        if test_kill_process(pid).is_err() || stat.contains(") Z ") {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

fn pids(text: &[u8]) -> Vec<i32> {
    String::from_utf8_lossy(text).split_whitespace().map(|word| word.parse().unwrap()).collect()
}

#[tokio::test]
async fn input_output_errors_and_exit_code_come_through() {
    let spec = Spec { stdin: b"{\"server\":\"um1\"}".to_vec(), ..shell("cat; echo oops >&2; exit 3", long()) };
    let output = run(spec).await.unwrap();
    assert_eq!((output.code, output.stdout.as_slice()), (Some(3), &b"{\"server\":\"um1\"}"[..]));
    assert_eq!(output.stderr.as_str().trim(), "oops");
    assert!(matches!(output.success(), Err(CommandFailure::Exit { code: Some(3), .. })));
}

#[tokio::test]
async fn a_large_input_and_output_at_once_do_not_block() {
    let spec = Spec { stdin: vec![b'x'; 1 << 20], cap: 1 << 20, ..shell("cat", long()) };
    assert_eq!(run(spec).await.unwrap().stdout.len(), 1 << 20);
}

#[tokio::test]
async fn the_environment_is_not_passed_on() {
    let output = run(shell("env", long())).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("PATH=") && !text.contains("CARGO"), "{text}");
}

#[tokio::test]
async fn a_missing_program_is_not_started() {
    let spec = Spec { argv: vec!["/nonexistent/um-state".into()], ..shell("", long()) };
    assert!(matches!(run(spec).await, Err(Failure::NotStarted { .. })));
    let spec = Spec { argv: Vec::new(), ..shell("", long()) };
    assert!(matches!(run(spec).await, Err(Failure::NotStarted { .. })));
}

#[tokio::test]
async fn a_tree_that_ignores_term_is_ended_at_the_deadline() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pids");
    let script = format!(
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ >> {0}; while :; do sleep 1; done' & echo $$ >> {0}; wait",
        file.display()
    );
    let began = Instant::now();
    assert_eq!(
        run(shell(&script, Duration::from_millis(700))).await,
        Err(Failure::Timeout(Duration::from_millis(700)))
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    let pids = pids(&std::fs::read(&file).unwrap());
    assert_eq!(pids.len(), 2);
    for pid in pids {
        assert!(gone(pid).await, "{pid} lives on");
    }
}

#[tokio::test]
async fn an_endless_printer_is_ended_at_the_cap() {
    let began = Instant::now();
    assert_eq!(run(shell("yes", long())).await, Err(Failure::TooLong(100_000)));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_grandchild_that_holds_the_pipe_does_not_hold_the_run() {
    let began = Instant::now();
    let output = run(shell("sleep 300 & echo $!", long())).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(gone(pids(&output.stdout)[0]).await);
}

#[tokio::test]
async fn a_grandchild_with_a_session_of_its_own_does_not_hold_the_run() {
    let began = Instant::now();
    let output = run(shell("setsid sleep 5 & echo started", long())).await.unwrap();
    assert_eq!(output.stdout, b"started\n");
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_cancelled_run_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pids");
    let script = format!("sleep 300 & echo $! $$ > {0}.new; mv {0}.new {0}; wait", file.display());
    let running = tokio::spawn(run(shell(&script, long())));
    let mut found = Vec::new();
    for _ in 0..1000 {
        found = std::fs::read(&file).unwrap_or_default();
        if !found.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    let pids = pids(&found);
    assert_eq!(pids.len(), 2);
    for pid in pids {
        assert!(gone(pid).await, "{pid} lives on");
    }
}
