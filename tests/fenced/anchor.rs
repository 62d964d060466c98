//! What the zone keeps of a journal, against whoever can rewrite the whole state directory, hashes included.

use std::path::{Path, PathBuf};

use switchboard::executor::chain::{Line, Link};

use crate::*;

/// A run's files.
fn dir(live: &Live, plan: &Plan) -> PathBuf {
    live.state().join("runs").join(plan.id.as_str())
}

/// Rewrites a journal from its first line on, each hash made anew, as somebody could who has the program's source.
fn forge(run: &Path, change: impl Fn(&mut Value)) {
    let mut old = Link::to_plan(&std::fs::read(run.join("plan.json")).unwrap());
    let (mut new, mut forged) = (old.clone(), String::new());
    for line in std::fs::read_to_string(run.join("journal.jsonl")).unwrap().lines() {
        let Line { at, mut event, hash, seq } = old.read(line.as_bytes()).unwrap();
        change(&mut event);
        let (text, next) = new.write(at, &event).unwrap();
        forged += &(text + "\n");
        (old, new) = (Link { count: seq, hash }, next);
    }
    std::fs::write(run.join("journal.jsonl"), forged).unwrap();
    std::fs::write(run.join("head"), format!("{:012} {}\n", new.count, new.hash)).unwrap();
}

/// Somebody else is to have confirmed the run.
fn blame(event: &mut Value) {
    if event["event"] == "confirmed" {
        event["by"] = json!("bob@jump");
    }
}

async fn verified(live: &Live, plan: &Plan) -> (i32, Value) {
    let (code, verified) = live.runs(&["verify", plan.id.as_str()]).await;
    (code, verified["runs"][0].clone())
}

fn says(run: &Value) -> (&str, &str) {
    (run["zone"][0]["says"].as_str().unwrap(), run["zone"][0]["detail"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_was_forged_whole_is_contradicted_by_the_marker_it_left_in_the_zone() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    ended(&live.carry_out(&plan).await, 0, "completed");
    let (code, good) = verified(&live, &plan).await;
    assert_eq!((code, says(&good).0), (0, "agrees"), "{good:#}");
    assert_eq!(good["zone"][0]["marker"], MARKER);

    // The chain is whole; what the run closed its marker over is not what it comes to now.
    forge(&dir(&live, &plan), blame);
    let (code, forged) = verified(&live, &plan).await;
    assert_eq!((code, &forged["faults"], &forged["ok"]), (1, &json!([]), &json!(false)), "{forged:#}");
    assert!(says(&forged).1.contains("closed over the head"), "{forged:#}");

    // The marker's text in the journal is forged, too: the zone still has the true one.
    let claimed = forged["zone"][0]["detail"].as_str().unwrap().to_owned();
    let comes_to = claimed.split("comes to ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    forge(&dir(&live, &plan), |event| {
        let Some(text) = event["marker"]["text"].as_str() else { return };
        let head = text.rsplit("head=").next().unwrap();
        if !head.is_empty() {
            event["marker"]["text"] = json!(text.replace(head, &comes_to));
        }
    });
    let (code, forged) = verified(&live, &plan).await;
    assert_eq!((code, says(&forged).0), (1, "differs"), "{forged:#}");
    assert!(says(&forged).1.contains("the zone has v=1"), "{forged:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_zone_cannot_tell_is_said_and_is_no_fault() {
    let live = Live::start(Design::Dns).await;
    let over = live.plan(&Live::request("Tukwila")).await;
    ended(&live.carry_out(&over).await, 0, "completed");
    let back = live.plan(&Request { back: true, ..Live::request("Tukwila") }).await;
    ended(&live.carry_out(&back).await, 0, "completed");
    let told = |run: (i32, Value)| (run.0, says(&run.1).0.to_owned());
    assert_eq!(told(verified(&live, &over).await), (0, "later".to_owned()));
    assert_eq!(told(verified(&live, &back).await), (0, "agrees".to_owned()));
    live.demo.faults().on("primary", "stop").await.unwrap();
    assert_eq!(told(verified(&live, &back).await), (0, "unread".to_owned()));
    live.demo.faults().heal("primary").await.unwrap();
    live.demo.faults().on("marker", "delete").await.unwrap();
    assert_eq!(told(verified(&live, &back).await), (0, "unread".to_owned()));
    // Without a topology file the chain alone is checked.
    let mut alone = tokio::process::Command::new(run_support::live::PROGRAM);
    alone.env_clear().args(["runs", "verify", "--config", "/nowhere.toml", "--state-dir"]).arg(live.state());
    let output = bounded(alone).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("as it was written") && text.contains("no topology file"), "{text}");
}
