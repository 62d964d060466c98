//! Whether the management tools are there: each command backend's own `check` command, run once.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::child::{self, Spec};
use crate::domain::name::BackendName;
use crate::domain::observation::CommandFailure;
use crate::domain::topology::{Backend, Topology};

/// The most that a `check` command may print, in bytes; nobody reads it.
const CAP: usize = 64 * 1024;

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

async fn run(spec: Spec) -> Result<(), CommandFailure> {
    child::run(spec).await?.success().map(drop)
}
