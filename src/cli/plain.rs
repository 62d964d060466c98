//! `switchboard --plain`: the console as lines of text.

use std::sync::Arc;

use super::console::{Args, local_zone};
use super::context::environment;
use crate::app::Settings;
use crate::domain::watch::Watch;
use crate::executor::store::Store;
use crate::probe::{Clock, Network};
use crate::runtime::readiness::Judge;
use crate::runtime::{Memory, Plain, run_plain};
use crate::ui;

/// Prints and answers lines until told to end.
pub(crate) async fn open(
    args: &Args,
    watch: Watch,
    clock: Clock,
    store: Store,
    memory: Memory,
    judge: Judge,
) -> anyhow::Result<u8> {
    let supervisor = Network::new(Arc::clone(watch.topology()), &clock)?.watch(&tokio::runtime::Handle::current());
    let settings = Settings { zone: local_zone(), read_only: args.read_only, ..Settings::default() };
    let ascii = args.ascii || !ui::is_utf8(&environment);
    let (memory, store, judge) = (Some(memory), Some(store), Some(judge));
    run_plain(Plain { watch, supervisor, clock, settings, memory, store, judge, ascii }).await?;
    Ok(0)
}
