//! Who answers for whom: before a server is taken away, one that stays in service of each of its dial plans answers as well as it.
//!
//! A directory counts a dead host as in service. From where this console stands nobody may be heard at all, so that the server that
//! goes is the measure: what stays has to be heard no worse.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use tokio::time::sleep;

use super::execute::{Executor, LOOK};
use crate::domain::health::{Class, Health};
use crate::domain::name::{DialPlanName, Fqdn};
use crate::domain::observation::StateReport;
use crate::domain::server::{Service, ServiceState};

/// How a server stands, as far as it can be heard from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// Nobody is there.
    Down,
    /// Refusing, silent, ill, or not asked.
    Unsure,
    /// It takes new calls.
    InService,
}

impl Executor {
    /// The dial plan that would be left to servers that are heard worse than the one that is taken away. What fails is asked again,
    /// as a round of probes does.
    pub(super) async fn worse_served(
        &self,
        report: &StateReport,
        server: &Fqdn,
        drained_here: bool,
    ) -> Option<DialPlanName> {
        for again in (0..self.topology.console.fall.max(1)).rev() {
            let worse = self.worse_served_now(report, server, drained_here).await?;
            if again == 0 {
                return Some(worse);
            }
            sleep(LOOK).await;
        }
        None
    }

    async fn worse_served_now(&self, report: &StateReport, server: &Fqdn, drained_here: bool) -> Option<DialPlanName> {
        let plans = staying(report, server, drained_here);
        let hosts: BTreeSet<&Fqdn> = plans.values().flatten().copied().collect();
        let asked = hosts.into_iter().map(|host| async move { (host, self.standing(host, false).await) });
        let (own, heard) = tokio::join!(self.standing(server, drained_here), join_all(asked));
        let heard: BTreeMap<&Fqdn, Standing> = heard.into_iter().collect();
        let best = |hosts: &Vec<&Fqdn>| hosts.iter().filter_map(|host| heard.get(host)).max().copied();
        let worse = plans.into_iter().find(|(_, hosts)| best(hosts).unwrap_or(Standing::Down) < own);
        worse.map(|(plan, _)| plan)
    }

    /// All services of a server count, the worst of them. One that this run drained refuses because it was told to.
    async fn standing(&self, host: &Fqdn, drained_here: bool) -> Standing {
        let heard = self.heard(host).await;
        let stands = |(service, class): &(Service, Class)| match class.health() {
            Health::Up if *class != Class::Refusing || drained_here => Standing::InService,
            Health::Degraded if self.is_excused(host, *service, *class) => Standing::InService,
            Health::Down => Standing::Down,
            _ => Standing::Unsure,
        };
        heard.iter().map(stands).min().unwrap_or(Standing::Unsure)
    }
}

/// Who stays in service of each dial plan that a server serves now, or would if this run had not drained it.
fn staying<'a>(report: &'a StateReport, server: &Fqdn, drained_here: bool) -> BTreeMap<DialPlanName, Vec<&'a Fqdn>> {
    let Some(own) = report.servers.get(server) else { return BTreeMap::new() };
    if own.state != ServiceState::Enabled && !drained_here {
        return BTreeMap::new();
    }
    let members = |plan: &DialPlanName| {
        let stays = report.servers.iter().filter(|(name, state)| {
            *name != server && state.state == ServiceState::Enabled && state.dial_plans.contains(plan)
        });
        stays.map(|(name, _)| name).collect()
    };
    own.dial_plans.iter().map(|plan| (plan.clone(), members(plan))).collect()
}
