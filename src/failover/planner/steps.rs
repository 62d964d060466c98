//! The steps that both designs share: asking, reading back, waiting, proving, letting the fence go.

use std::net::SocketAddr;
use std::time::Duration;

use super::Room;
use super::fence::{Fenced, Markers};
use crate::domain::act::RecordChange;
use crate::domain::name::Fqdn;
use crate::domain::server::Server;
use crate::domain::topology::{Environment, Zone};
use crate::failover::plan::{
    Acceptance, Action, CacheWait, CommandStep, DnsUpdate, MarkerChange, Path, Purpose, ReadBack, RecordSet, SipCheck,
    SipTarget, SipWant, Soak, Step, StepId,
};

/// What there is to undo where nothing was changed.
pub(super) const NOTHING: &str = "nothing to undo: it only looks";

/// How long one update may take, in seconds: sent once, answered or not.
const UPDATE_SECONDS: u64 = 10;

/// How long a UM server may take to take up a configuration change (it reads the directory every ten minutes).
const TAKES_UP: Duration = Duration::from_secs(20 * 60);

/// What an update step says of itself.
pub(super) struct Words {
    pub(super) does: String,
    pub(super) expect: String,
    pub(super) undo: String,
}

impl Room<'_> {
    /// One message to one zone.
    pub(super) fn update(
        &self,
        id: StepId,
        purpose: Purpose,
        fenced: &Fenced,
        marker: Option<MarkerChange>,
        changes: Vec<RecordChange>,
        words: Words,
    ) -> Step {
        let partner = fenced.marker.as_ref().filter(|_| purpose != Purpose::Close).and_then(|m| m.partner.clone());
        let backend = fenced.zone.backend.clone().unwrap_or_else(|| crate::domain::name::BackendName::new(""));
        let update = DnsUpdate {
            purpose,
            backend,
            zone: fenced.zone.name.clone(),
            primary: fenced.primary,
            key: fenced.key.clone(),
            changes,
            marker,
            partner,
        };
        step(id, Action::DnsUpdate(Box::new(update)), self.dns_owner(), words, UPDATE_SECONDS)
    }

    /// Lets the fences go, one message per zone, the last claimed first.
    pub(super) fn closing(&self, fenced: &[Fenced], last: &[StepId], written: u64) -> Vec<Step> {
        let many = fenced.len() > 1;
        let pairs = fenced.iter().zip(last).rev();
        pairs
            .filter_map(|(zone, last)| {
                let markers: &Markers = zone.marker.as_ref()?;
                let words = Words {
                    does: format!("Closes the run in the marker {}.", markers.fence.marker),
                    expect: "the marker names no run, and the head of the journal stands in it".to_owned(),
                    undo: "nothing to undo: the next run writes the marker again".to_owned(),
                };
                let marker = Some(markers.close(last, written + 1));
                Some(self.update(zone_step("close", zone, many), Purpose::Close, zone, marker, Vec::new(), words))
            })
            .collect()
    }

    pub(super) fn sip_check(&self, id: &str, targets: Vec<SipTarget>, want: SipWant, by: Path, does: String) -> Step {
        let asked =
            targets.iter().map(|target| format!("{} as {}", target.host.host(), target.name)).collect::<Vec<_>>();
        let mut asked: Vec<String> = asked;
        asked.dedup();
        let wanted = match want {
            SipWant::Alive => "answers SIP",
            SipWant::InService => "answers SIP and takes new calls",
        };
        let words = Words { does, expect: format!("{} {wanted}", asked.join(", ")), undo: NOTHING.to_owned() };
        let limit = self.takes_up().as_secs();
        step(StepId::new(id), Action::SipCheck(SipCheck { targets, want, by }), self.lync_owner(), words, limit)
    }

    /// The records at some authoritative servers of a zone.
    pub(super) fn read_back(
        &self,
        id: StepId,
        zone: &Zone,
        servers: Vec<SocketAddr>,
        excuse: bool,
        of: &[RecordChange],
    ) -> Step {
        let asked = servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let words = Words {
            does: format!("Reads the records of {} at {asked}.", zone.name),
            expect: if excuse {
                "every authoritative server that can be reached shows the new records; one that cannot is excused by name and watched"
                    .to_owned()
            } else {
                "it shows exactly the new records, TTL included".to_owned()
            },
            undo: NOTHING.to_owned(),
        };
        let action = ReadBack {
            zone: zone.name.clone(),
            servers,
            excuse_unreachable: excuse,
            records: of.iter().map(RecordSet::after).collect(),
        };
        let limit = if excuse { 900 } else { 30 };
        step(id, Action::ReadBack(action), self.dns_owner(), words, limit)
    }

    pub(super) fn cache_wait(&self, seconds: u64, records: Vec<RecordSet>) -> Step {
        let words = Words {
            does: format!(
                "Waits until no cache can hold the old addresses any more: at most {seconds} s after the change."
            ),
            expect: "every resolver of the sending pools gives the new addresses".to_owned(),
            undo: NOTHING.to_owned(),
        };
        let action = CacheWait { seconds, resolvers: self.topology.resolvers.clone(), records };
        // A resolver that stretches TTLs is seen as such, not waited for without end.
        step(StepId::new("caches"), Action::CacheWait(action), self.dns_owner(), words, seconds + 60)
    }

    /// A call, then a while of watching.
    pub(super) fn proof(&self, hosts: Vec<Fqdn>) -> [Step; 2] {
        let numbers = self.numbers();
        let attest = "called it, heard the greeting".to_owned();
        let call = Words {
            does: if numbers.is_empty() {
                "Proves by a call that voice mail answers.".to_owned()
            } else {
                format!("Proves by a call to {} that voice mail answers.", numbers.join(" or "))
            },
            expect: format!("the acceptance command passed, or the operator said \"{attest}\""),
            undo: NOTHING.to_owned(),
        };
        let argv = self.topology.site(&self.scope.to).and_then(|site| site.acceptance.clone()).unwrap_or_default();
        // Without a command nobody waits: a person calls when they can.
        let limit = if argv.is_empty() { 3600 } else { self.takes_up().as_secs() };
        let acceptance = Acceptance { argv, attest, numbers };
        let seconds = self.soak_seconds();
        let soak = Words {
            does: format!("Watches for {seconds} s that it holds."),
            expect: "the servers that took over stay up".to_owned(),
            undo: NOTHING.to_owned(),
        };
        [
            step(StepId::new("acceptance"), Action::Acceptance(acceptance), self.lync_owner(), call, limit),
            step(StepId::new("soak"), Action::Soak(Soak { seconds, hosts }), self.lync_owner(), soak, seconds + 30),
        ]
    }

    fn numbers(&self) -> Vec<String> {
        let moved = self.topology.dial_plans.iter().filter(|plan| self.scope.dial_plans.contains(&plan.name));
        let mut numbers: Vec<String> = moved.filter_map(|plan| plan.access_numbers.first().cloned()).collect();
        numbers.dedup();
        numbers
    }

    fn is_demo(&self) -> bool {
        self.topology.console.environment == Environment::Demo
            || self.request.mode == crate::failover::plan::Mode::Drill
    }

    fn soak_seconds(&self) -> u64 {
        if self.is_demo() { 1 } else { 120 }
    }

    /// How long a server may take to answer after a change of its configuration.
    pub(super) fn takes_up(&self) -> Duration {
        let declared = self.scope.pairs.iter().filter_map(|pair| {
            let server = self.topology.server(&pair.enters)?;
            match self.topology.backends.get(server.backend.as_ref()?)? {
                crate::domain::topology::Backend::Command(command) => Some(command.effect_wait),
                crate::domain::topology::Backend::DnsUpdate(_) => None,
            }
        });
        let declared = declared.max().unwrap_or_default();
        let least = if self.is_demo() { self.topology.console.timeout * 3 } else { TAKES_UP };
        declared.max(least).max(Duration::from_secs(10))
    }

    pub(super) fn dns_owner(&self) -> String {
        self.owner(|owners| owners.dns.as_ref(), "DNS")
    }

    pub(super) fn lync_owner(&self) -> String {
        self.owner(|owners| owners.lync.as_ref(), "Lync")
    }

    pub(super) fn exchange_owner(&self, server: &Server) -> String {
        let site = self.topology.site(&server.site);
        let named = site.and_then(|site| site.owners.exchange.clone());
        named.unwrap_or_else(|| nobody("Exchange"))
    }

    fn owner<'a>(
        &'a self,
        of: impl Fn(&'a crate::domain::topology::Owners) -> Option<&'a String>,
        side: &str,
    ) -> String {
        let sites = [&self.scope.site, &self.scope.other];
        let named = sites.into_iter().find_map(|name| of(&self.topology.site(name)?.owners));
        named.cloned().unwrap_or_else(|| nobody(side))
    }
}

fn nobody(side: &str) -> String {
    format!("{side} side: nobody is named in the topology file")
}

/// A step's name, with its zone where there are several.
pub(super) fn zone_step(word: &str, fenced: &Fenced, many: bool) -> StepId {
    StepId::new(if many { format!("{word}-{}", fenced.zone.name) } else { word.to_owned() })
}

/// The last step before something is taken out of service; `None` where everything can be put back at any time.
pub(super) fn last_return(steps: &[Step]) -> Option<StepId> {
    let disables = |step: &Step| matches!(&step.action, Action::Command(command) if takes_away(command));
    let first = steps.iter().position(disables)?;
    steps.get(first.checked_sub(1)?).map(|step| step.id.clone())
}

fn takes_away(command: &CommandStep) -> bool {
    command.call.verb == crate::domain::act::Verb::Disable
}

pub(super) fn step(id: StepId, action: Action, owner: String, words: Words, deadline_seconds: u64) -> Step {
    let Words { does, expect, undo } = words;
    Step { id, action, owner, does, expect, undo, undo_command: None, undo_drain: None, deadline_seconds }
}

/// Every listener of a host, asked as a name.
pub(crate) fn targets(name: &Fqdn, host: &Server) -> Vec<SipTarget> {
    let target = |listener: &crate::domain::server::Listener| {
        Some(SipTarget {
            name: name.clone(),
            host: host.fqdn.clone(),
            service: listener.service,
            transport: listener.transport,
            address: host.endpoint(listener)?,
        })
    };
    host.listeners.iter().filter_map(target).collect()
}
