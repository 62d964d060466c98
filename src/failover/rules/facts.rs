//! What rules need to know besides the plan and the picture. All of it is optional: what is not there is not checked, what could
//! not be read counts as the worst.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::name::{DialPlanName, Fqdn};
use crate::domain::observation::SipOutcome;
use crate::domain::topology::Topology;
use crate::failover::plan::{Content, RunId, SipTarget};
use crate::failover::planner::Seen;

/// A fact: `None` when nobody is configured to tell it, an error when it could not be read.
pub type Known<T> = Option<Result<T, String>>;

/// Everything else that is known.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Records and markers as the write primaries show them now; those of the plan when it was made just now.
    pub seen: Known<Seen>,
    /// By zone: the apex in the SOA that the write primary gives for it.
    pub soa: BTreeMap<Fqdn, Result<Fqdn, String>>,
    /// Runs of this state directory that a living executor carries out.
    pub living: Known<Vec<LivingRun>>,
    /// Runs of this state directory that were completed.
    pub completed: Known<Vec<PastRun>>,
    /// After a completed run nothing moves again for so long; zero in demo and drill.
    pub hold_down: std::time::Duration,
    /// Whether a journal can be opened, locked and fsynced, or why not.
    pub journal: Known<Result<(), String>>,
    /// By zone: what the write primary thinks of the key.
    pub keys: BTreeMap<Fqdn, Result<KeyFact, String>>,
    /// By zone: whether it refuses TXT records.
    pub refuses_txt: BTreeMap<Fqdn, bool>,
    /// What each host answered when it was asked as the name that it inherits.
    pub rehearsals: BTreeMap<SipTarget, Result<SipOutcome, String>>,
    /// By dial plan: the pools that are enabled gateways of it.
    pub gateways: Known<BTreeMap<DialPlanName, Vec<Fqdn>>>,
    /// By server: calls at its busiest.
    pub peak_calls: BTreeMap<Fqdn, u32>,
    /// Whether the site that takes over can deliver messages to the mailboxes.
    pub mailboxes: Known<bool>,
    /// By server: whether its host registers its own record.
    pub registers: BTreeMap<Fqdn, Result<bool, String>>,
    /// By name: since when its TTL is low, and what it was before.
    pub lowered: BTreeMap<Fqdn, (Timestamp, u32)>,
    /// SRV and CNAME records that lead to a server that is left.
    pub other_records: Known<Vec<String>>,
    /// Whether somebody else sees the site down, too: a second vantage, a pool's own command, a call.
    pub seen_elsewhere: Known<bool>,
    /// The operator's word that the site is down: "I called, no answer".
    pub attested: Option<String>,
    /// Whether credentials and process outlive the login, or why not.
    pub outlives_login: Known<Result<(), String>>,
    /// "No changes" declared for a site that takes part, in its own words.
    pub freeze: Known<Option<String>>,
    /// Whether policy wants a second operator.
    pub second_person: Known<SecondPerson>,
}

impl Facts {
    /// What the topology file tells, whatever is planned.
    #[must_use]
    pub fn standing(topology: &Topology) -> Self {
        let gateways: BTreeMap<DialPlanName, Vec<Fqdn>> =
            topology.dial_plans.iter().filter_map(|plan| Some((plan.name.clone(), plan.gateways.clone()?))).collect();
        let peaks = topology.servers().filter_map(|server| Some((server.fqdn.clone(), server.peak_calls?)));
        let asks = topology.policy.second_person;
        Self {
            gateways: (!gateways.is_empty()).then_some(Ok(gateways)),
            peak_calls: peaks.collect(),
            second_person: asks.then_some(Ok(SecondPerson { required: true, approved_by: None })),
            ..Self::default()
        }
    }

    /// The same, and what it tells for this plan.
    #[must_use]
    pub fn declared(topology: &Topology, plan: &Content) -> Self {
        let there = topology.site(&plan.to).and_then(|site| site.delivers_for.as_ref());
        let mailboxes = there.map(|sites| Ok(plan.to == plan.site || sites.contains(&plan.site)));
        let concerned = [&plan.site, &plan.from, &plan.to];
        let freezes = &topology.policy.freezes;
        let frozen = freezes.iter().find(|freeze| concerned.iter().any(|site| freeze.holds(plan.created, site)));
        let words = frozen.map(|freeze| format!("{} (until {:.0})", freeze.reason, freeze.until));
        Self { mailboxes, freeze: (!freezes.is_empty()).then_some(Ok(words)), ..Self::standing(topology) }
    }
}

/// A run that is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivingRun {
    /// Its name.
    pub id: RunId,
    /// Who started it.
    pub by: String,
    /// Servers that it takes part in.
    pub targets: Vec<Fqdn>,
}

/// A run that was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// Its name.
    pub id: RunId,
    /// When.
    pub at: Timestamp,
    /// Servers that took part in it.
    pub targets: Vec<Fqdn>,
}

/// What a write primary thinks of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFact {
    /// Whether it took a signed message, and how it was tested; or why it did not.
    pub accepted: Result<String, String>,
    /// Whether it refused because of the time (BADTIME, Kerberos skew).
    pub bad_time: bool,
    /// How far the clocks differ, in seconds, where known.
    pub skew_seconds: Option<i64>,
}

/// A second operator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecondPerson {
    /// Whether policy asks for one.
    pub required: bool,
    /// Who approved.
    pub approved_by: Option<String>,
}
