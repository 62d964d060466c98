//! `switchboard demo --serve`: the embedded topology alone, until told to stop.

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::output;
use crate::demo::{Demo, Options};

/// Serves until TERM, INT or HUP.
pub(crate) async fn run(options: Options) -> anyhow::Result<u8> {
    let listen = |kind| signal(kind).context("cannot listen for the signals that end the demo");
    let (mut term, mut int, mut hup) =
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?, listen(SignalKind::hangup())?);
    let demo = Demo::start(options).await?;
    let file = demo.topology_file();
    output::line(&format!("serving {file}, next: switchboard --config {file} check", file = file.display()))?;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
        _ = hup.recv() => {}
    }
    Ok(0)
}
