//! The fence around runs of commands, and how long a claim is held: live demos, the real program, the primary's own ledger.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod anchor;
mod back;
mod commands;
mod renewal;
#[path = "../run_support/mod.rs"]
mod run_support;

use run_support::live::{Live, answer, bounded};
use serde_json::{Value, json};
use switchboard::demo::Design;
use switchboard::domain::marker::Marker;
use switchboard::domain::name::Fqdn;
use switchboard::domain::server::ServiceState;
use switchboard::executor::crash::{self, Point};
use switchboard::executor::fence;
use switchboard::failover::plan::Plan;
use switchboard::failover::planner::Request;

const MARKER: &str = "_switchboard.tukwila.contoso.com";
/// A claim is renewed as soon as less than this is left of it: one second after it was made.
const EARLY: &str = "899";

/// Every text that Tukwila's marker had, in order.
fn markers(live: &Live) -> Vec<Marker> {
    let ledger = live.demo.faults().primary().ledger();
    let changes = ledger.iter().flat_map(|entry| &entry.changes).filter(|change| change.name == MARKER);
    let texts = changes.filter_map(|change| change.after.as_ref().map(|after| after.values.join("")));
    texts.map(|text| Marker::parse(text.trim_matches('"')).unwrap()).collect()
}

fn sequences(live: &Live) -> Vec<u64> {
    markers(live).iter().map(|marker| marker.seq).collect()
}

async fn states(live: &Live) -> Vec<Option<ServiceState>> {
    let picture = live.picture().await;
    picture.sites.iter().flat_map(|site| &site.servers).map(|server| server.state).collect()
}

/// Waits until a run's timeline has a line.
async fn seen(live: &Live, plan: &Plan, what: &str, is_it: impl Fn(&Value) -> bool) {
    for _ in 0..600 {
        let (_, shown) = live.runs(&["show", plan.id.as_str()]).await;
        if shown["timeline"].as_array().is_some_and(|lines| lines.iter().any(&is_it)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never seen: {what}");
}

#[track_caller]
fn ended(answer: &(i32, Value), code: i32, state: &str) {
    assert_eq!((answer.0, answer.1["state"].as_str()), (code, Some(state)), "{:#}", answer.1);
}

/// Confirms a plan in the background.
fn start(live: &Live, plan: &Plan, variables: &[(&str, &str)]) -> tokio::task::JoinHandle<(i32, Value)> {
    let mut command = live.failover(live.state(), plan, &[]);
    command.envs(variables.iter().copied());
    tokio::spawn(async move { answer(&bounded(command).await) })
}
