//! Commands that readiness asks and no probe of the schedule does: whether the management tools are there (each command backend's own
//! `check`), when user settings last went from forest to forest (each forest's `sync`).

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use crate::child::{self, Spec};
use crate::domain::clean::Clean;
use crate::domain::name::{BackendName, ForestName};
use crate::domain::observation::{CommandFailure, Sync};
use crate::domain::topology::{Backend, Topology};
use crate::wire::forest_sync;

/// The most that a command may print, in bytes.
const CAP: usize = 64 * 1024;
/// How long a `sync` command may take: a management shell takes seconds to start, a directory to be asked.
const SYNC_DEADLINE: Duration = Duration::from_secs(30);

/// Runs the `check` command of every backend that has one, all at once, each within its own deadline.
///
/// Dropping the future ends the commands with their whole process groups.
pub async fn check_tools(topology: &Topology) -> BTreeMap<BackendName, Result<(), CommandFailure>> {
    let runs = topology.backends.iter().filter_map(|(name, backend)| {
        let Backend::Command(command) = backend else { return None };
        let spec = Spec { argv: command.check.clone()?, stdin: Vec::new(), deadline: command.timeout, cap: CAP };
        Some(async move { (name.clone(), run(spec).await) })
    });
    join_all(runs).await.into_iter().collect()
}

/// Runs the `sync` command of every forest that has one, all at once.
///
/// Dropping the future ends the commands with their whole process groups.
pub async fn read_syncs(topology: &Topology) -> BTreeMap<ForestName, Result<Sync, CommandFailure>> {
    let runs = topology.forests.iter().filter_map(|forest| {
        let spec = Spec { argv: forest.sync.clone()?, stdin: Vec::new(), deadline: SYNC_DEADLINE, cap: CAP };
        Some(async move { (forest.name.clone(), read_sync(spec).await) })
    });
    join_all(runs).await.into_iter().collect()
}

async fn run(spec: Spec) -> Result<(), CommandFailure> {
    child::run(spec).await?.success().map(drop)
}

async fn read_sync(spec: Spec) -> Result<Sync, CommandFailure> {
    let printed = child::run(spec).await?.success()?;
    forest_sync::parse(&printed).map_err(|error| CommandFailure::Malformed(Clean::new(&error.to_string())))
}
