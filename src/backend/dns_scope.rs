//! What the topology file lets a DNS backend change, as it is now: a plan may be older.

use std::net::SocketAddr;

use super::Refused;
use super::dns_update::PATIENCE;
use super::read_back::read_back;
use crate::domain::act::{Act, Observed, Refusal, Update};
use crate::domain::clean::Clean;
use crate::domain::name::{BackendName, Fqdn};
use crate::domain::topology::{AddressMap, DnsUpdate, Environment, Topology};

/// Zones, primaries and the way to them.
pub(super) struct Scope {
    /// Zones that this backend changes.
    zones: Vec<Fqdn>,
    all_zones: Vec<Fqdn>,
    primaries: Vec<SocketAddr>,
    map: AddressMap,
    /// A demo changes its own servers and nobody else's.
    only_loopback: bool,
}

impl Scope {
    pub(super) fn of(topology: &Topology, name: &BackendName, settings: &DnsUpdate) -> Self {
        let own = topology.zones.iter().filter(|zone| zone.backend.as_ref() == Some(name));
        Self {
            zones: own.map(|zone| zone.name.clone()).collect(),
            all_zones: topology.zones.iter().map(|zone| zone.name.clone()).collect(),
            primaries: settings.write_primaries.iter().map(|primary| primary.address).collect(),
            map: topology.map.clone(),
            only_loopback: topology.console.environment == Environment::Demo,
        }
    }

    /// Where the update's primary is really reached.
    pub(super) fn server(&self, update: &Update) -> SocketAddr {
        self.map.route(update.primary)
    }

    /// The update of an act, when it is one and may be carried out.
    ///
    /// # Errors
    /// As [`Scope::check`], and for a command.
    pub(super) fn checked<'a>(&self, act: &'a Act) -> Result<&'a Update, Refused> {
        let Act::DnsUpdate(update) = act else { return Err(local("a command is not carried out by a DNS update")) };
        self.check(update)?;
        Ok(update)
    }

    /// Reads back what an update leads to, at its own primary.
    pub(super) async fn observe(&self, act: &Act) -> Observed {
        match act {
            Act::DnsUpdate(update) => read_back(self.server(update), update, PATIENCE).await,
            Act::Command(_) => Observed::Unreadable { detail: "a command is not read back from DNS".into() },
        }
    }

    /// Whether zone, names and primary are declared, and each name belongs to the zone by the longest match.
    pub(super) fn check(&self, update: &Update) -> Result<(), Refused> {
        if !self.zones.contains(&update.zone) {
            return Err(local(&format!("the zone {} is not one that this backend changes", update.zone)));
        }
        let names = update.records.iter().map(|change| &change.name).chain(update.markers.iter().map(|m| &m.name));
        for name in names {
            let longest = self.all_zones.iter().filter(|zone| name.is_within(zone)).max_by_key(|z| z.label_count());
            if longest != Some(&update.zone) {
                return Err(local(&format!("{name} does not belong to the zone {}", update.zone)));
            }
        }
        if !self.primaries.contains(&update.primary) {
            return Err(local(&format!("{} is not declared as a write primary", update.primary)));
        }
        if self.only_loopback && !self.server(update).ip().is_loopback() {
            return Err(local(&format!("{} is outside this demo", update.primary)));
        }
        Ok(())
    }
}

/// Nothing has left this machine.
pub(super) fn local(why: &str) -> Refused {
    Refused { why: Refusal::Local, detail: Clean::new(why) }
}
