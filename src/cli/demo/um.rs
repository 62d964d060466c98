//! `switchboard demo um`: the demo's UM tool, the real child process behind the demo's `command` backend.
//!
//! `state` prints the JSON of [`crate::wire::um_state`]; `enable`, `disable` and `drain` read
//! `{"server": "…", "run": "…"}` from standard input and print what they did; `check` says nothing when the tool works.

use std::io::{self, Read};

use anyhow::{Context as _, bail};

use super::{Tool, UmArgs};
use crate::cli::output;
use crate::demo::control::{Request, Response, ask};
use crate::demo::um_service::{Order, Verb};
use crate::domain::clean::Clean;

/// The longest order that is read.
const LONGEST: u64 = 64 * 1024;

/// Does what the tool is asked for.
pub(crate) async fn run(args: &UmArgs) -> anyhow::Result<u8> {
    let request = match args.verb {
        // A tool that cannot read the servers' states is not there.
        Tool::State | Tool::Check => Request::State,
        Tool::Enable => change(Verb::Enable).await?,
        Tool::Disable => change(Verb::Disable).await?,
        Tool::Drain => change(Verb::Drain).await?,
    };
    match ask(&args.dir, request).await? {
        Response::Print { .. } if matches!(args.verb, Tool::Check) => {}
        Response::Print { text } => output::line(&text)?,
        Response::Changed { effect } => output::json(&effect)?,
        Response::Switches { .. } | Response::Done => {}
        Response::Hang => std::future::pending().await,
        Response::Fail { message } => bail!(Clean::new(&message).to_string()),
    }
    Ok(0)
}

async fn change(verb: Verb) -> anyhow::Result<Request> {
    let text = tokio::task::spawn_blocking(read_order).await?.context("cannot read standard input")?;
    let order: Order =
        serde_json::from_str(&text).context("standard input is not {\"server\": \"…\", \"run\": \"…\"}")?;
    Ok(Request::Change { verb, order })
}

fn read_order() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().lock().take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}
