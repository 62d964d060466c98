//! What checks need to know besides what is declared and the picture. Nothing of it is guessed: what is not there is Unknown.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::Timestamp;
use jiff::civil::Date;

use super::number_book::NumberBook;
use super::write_test::WriteTest;
use crate::domain::name::{BackendName, ForestName, Fqdn};
use crate::domain::observation::{CommandFailure, KeyFailure, SipOutcome, Sync};
use crate::domain::watch::{Lookup, Watch};
use crate::failover::plan::SipTarget;

/// Everything else that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The day, for dates that grow old.
    pub today: Date,
    /// By pool: what each DNS server answered for its name.
    pub pools: BTreeMap<Fqdn, Vec<Lookup>>,
    /// By backend: how its own `check` command ended. Absent: it was not run.
    pub tools: BTreeMap<BackendName, Result<(), CommandFailure>>,
    /// What a numbering library says of the declared numbers; `None` before it was asked.
    pub numbers: Option<NumberBook>,
    /// By Exchange forest: when user settings were last carried into the Lync forest. Absent: nobody reports it.
    pub sync: BTreeMap<ForestName, Result<Sync, CommandFailure>>,
    /// By DNS server and marker name: the texts that stand there, or why they could not be read.
    pub markers: BTreeMap<SocketAddr, BTreeMap<Fqdn, Result<Vec<String>, String>>>,
    /// By DNS server: what it said to a signed question.
    pub keys: BTreeMap<SocketAddr, Result<(), KeyFailure>>,
    /// By zone: how the newest write test ended, where its owner allows them.
    pub writes: BTreeMap<String, WriteTest>,
    /// What each host answered when it was asked as the name that it would inherit; see [`super::targets`]. `None`: nobody asked.
    pub rehearsals: Option<BTreeMap<SipTarget, Result<SipOutcome, String>>>,
}

impl Facts {
    /// Nothing known but the day.
    #[must_use]
    pub fn on(today: Date) -> Self {
        Self {
            today,
            pools: BTreeMap::new(),
            tools: BTreeMap::new(),
            numbers: None,
            sync: BTreeMap::new(),
            markers: BTreeMap::new(),
            keys: BTreeMap::new(),
            writes: BTreeMap::new(),
            rehearsals: None,
        }
    }

    /// What the newest observations tell besides the picture.
    #[must_use]
    pub fn of(watch: &Watch, today: Date, now: Timestamp) -> Self {
        let topology = watch.topology();
        let servers = || topology.dns_servers().map(|(server, _)| server);
        let pools = topology.pools.iter().map(|pool| (pool.fqdn.clone(), watch.lookups(&pool.fqdn, now))).collect();
        let markers = servers().map(|server| (server, watch.markers(server, now))).collect();
        let keys = servers().filter_map(|server| Some((server, watch.key(server, now)?))).collect();
        Self { pools, markers, keys, ..Self::on(today) }
    }
}
