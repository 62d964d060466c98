//! What is read right before a side effect: that the world is as the plan has it, that nothing becomes empty, whose the marker is.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::execute::{ExecuteError, Executor};
use crate::backend::Refused;
use crate::domain::act::{Act, Call, MarkerChange, Observed, Refusal, Update, Verb};
use crate::domain::clean::Clean;
use crate::domain::health::{Class, Health};
use crate::domain::name::Fqdn;
use crate::domain::observation::{DnsFailure, DnsKind, StateReport};
use crate::domain::server::{Service, ServiceState};
use crate::domain::topology::Backend;
use crate::domain::watch::{command_failure_words, dns_failure_words};
use crate::failover::plan::{Action, Mode, Purpose, Step};
use crate::failover::run::{Event, Status, Way, Work};
use crate::probe::dns::{DnsQuestions, probe};
use crate::probe::{Target, membership};

impl Executor {
    /// Reads again what the remaining steps start from, after the last key press and before the first side effect.
    pub(super) async fn recheck(&self) -> Result<(), ExecuteError> {
        self.settle_renewals().await?;
        let run = self.run();
        let (mut same, mut differs) = (0_usize, Vec::new());
        let mut servers: BTreeSet<Fqdn> = BTreeSet::new();
        for (index, (step, progress)) in run.steps().enumerate() {
            // What this run itself has changed is not as the plan found it.
            if progress.status != Status::Pending || !is_first_of_its_kind(step, &mut servers) {
                continue;
            }
            // Nor may be what a command of it has begun.
            if run.has_issued(index) {
                continue;
            }
            let work = Work { step: index, way: Way::Do, attempt: 1 };
            // A move is fenced by the marker that its claim will write: until then its claim speaks for it.
            let Ok(act) = run.act(work, self.clock.now(), &self.head()) else { continue };
            match self.is_before(&act).await {
                Ok(()) => same += 1,
                Err(why) => differs.push(Clean::from(format!("{}: {why}", step.id))),
            }
        }
        differs.extend(self.base_differs().await);
        if differs.is_empty() {
            return self.write(&Event::Rechecked { detail: format!("{same} before-images are as planned").into() });
        }
        self.write(&Event::BaseChanged { what: differs })
    }

    async fn is_before(&self, act: &Act) -> Result<(), Clean> {
        let backend = self.backends.of_act(act).map_err(|error| Clean::from(error.to_string()))?;
        match backend.observe(act).await {
            Observed::Before { .. } => Ok(()),
            // The emergency's dead host: what the directory says was the plan's own evidence.
            Observed::Unreadable { .. } if self.run().plan().mode == Mode::Emergency => Ok(()),
            // An update that is found done carries this run's own marker: a late arrival, settled when it is performed.
            Observed::After { .. } if matches!(act, Act::DnsUpdate(_)) || self.run().has_tried() => Ok(()),
            Observed::After { detail } => Err(format!("somebody did it already: {detail}").into()),
            Observed::Recorded { detail } | Observed::Other { detail } | Observed::Unreadable { detail } => Err(detail),
        }
    }

    /// Refuses what would leave a dial plan without a server in service, or a name without an address.
    pub(super) async fn guard(&self, act: &Act) -> Option<Refused> {
        match act {
            Act::DnsUpdate(update) => {
                empties_a_name(update).map(|name| emptier(&format!("{name} would have no address")))
            }
            Act::Command(call) if call.verb == Verb::Enable => None,
            Act::Command(call) => self.guard_dial_plans(call).await,
        }
    }

    async fn guard_dial_plans(&self, call: &Call) -> Option<Refused> {
        let Some(Backend::Command(command)) = self.topology.backends.get(&call.backend) else {
            return Some(emptier("its backend runs no commands"));
        };
        match membership::read(command).await {
            Ok(report) => self.guard_service(&report, &call.server).await,
            // In an emergency a reason was given for what cannot be read; otherwise nothing is taken away unseen.
            Err(_) if self.run().plan().mode == Mode::Emergency => None,
            Err(failure) => Some(emptier(&format!(
                "who is in service cannot be read: the command {}",
                command_failure_words(&failure)
            ))),
        }
    }

    /// First by what the directory says, then by what is heard.
    async fn guard_service(&self, report: &StateReport, server: &Fqdn) -> Option<Refused> {
        let drained_here = self.run().has_drained(server);
        if let Some(plan) = last_in_service(report, server, drained_here) {
            return Some(emptier(&format!("{server} is the last server in service of {plan}")));
        }
        let plan = self.worse_served(report, server, drained_here).await?;
        Some(emptier(&format!("no server that stays in service of {plan} answers as {server} does")))
    }

    /// A marker that is neither what the act starts from nor what it writes, nor what this run may have written, in words.
    pub(super) async fn foreign_marker(&self, act: &Act) -> Option<String> {
        let Act::DnsUpdate(update) = act else { return None };
        let seen = self.markers_now(update).await.ok()?;
        let claimed = self.run().claimed();
        let ours = |name: &Fqdn, texts: &[Clean]| {
            let perhaps = claimed.iter().filter(|claimed| claimed.marker == *name).flat_map(|c| &c.perhaps);
            matches!(texts, [one] if perhaps.into_iter().any(|text| Clean::new(text) == *one))
        };
        let foreign = |marker: &MarkerChange| {
            let texts = seen.get(&marker.name)?;
            if ours(&marker.name, texts) { None } else { foreign(marker, texts) }
        };
        update.markers.iter().find_map(foreign)
    }

    /// The texts at an update's markers, as its primary shows them now.
    pub(super) async fn markers_now(&self, update: &Update) -> Result<BTreeMap<Fqdn, Vec<Clean>>, String> {
        let questions = DnsQuestions {
            server: update.primary,
            connect: self.topology.map.route(update.primary),
            kind: DnsKind::Authoritative,
            names: Vec::new(),
            zones: Vec::new(),
            markers: update.markers.iter().map(|marker| marker.name.clone()).collect(),
            key: None,
        };
        let seen = probe(&questions, self.topology.console.timeout * 2, &self.clock).await;
        let told = |(name, texts): (Fqdn, Result<Vec<Clean>, DnsFailure>)| match texts {
            Ok(texts) => Ok((name, texts)),
            Err(failure) => Err(format!("{}: {}", update.primary, dns_failure_words(&failure))),
        };
        seen.markers.into_iter().map(told).collect()
    }

    /// Whether a server answers SIP at all, at its own address under its own name.
    pub(super) async fn is_alive(&self, server: &Fqdn) -> bool {
        let heard = self.heard(server).await;
        !heard.is_empty() && heard.iter().all(|(_, class)| class.health() == Health::Up)
    }

    /// What each service of a server answers at its own address under its own name; nothing for a server that is not declared.
    pub(super) async fn heard(&self, server: &Fqdn) -> Vec<(Service, Class)> {
        let Some(server) = self.topology.server(server) else { return Vec::new() };
        let asked = server.listeners.iter().map(|listener| async move {
            let Some(address) = server.endpoint(listener) else { return (listener.service, Class::NotTried) };
            let target =
                Target { name: server.fqdn.clone(), server_name: None, address, transport: listener.transport };
            let outcome = self.sip.probe(&target, self.topology.console.timeout).await;
            (listener.service, Class::of(&outcome, self.topology.console.slow))
        });
        join_all(asked).await
    }
}

/// A server is drained before it is disabled: the second starts where the first has led.
fn is_first_of_its_kind(step: &Step, servers: &mut BTreeSet<Fqdn>) -> bool {
    match &step.action {
        Action::DnsUpdate(update) => update.purpose != Purpose::Close,
        Action::Command(command) => servers.insert(command.call.server.clone()),
        _ => false,
    }
}

fn empties_a_name(update: &Update) -> Option<&Fqdn> {
    let addresses = |name: &Fqdn| {
        update.records.iter().filter(move |change| change.name == *name).any(|c| !c.after.values.is_empty())
    };
    update
        .records
        .iter()
        .filter(|change| !change.before.values.is_empty())
        .map(|change| &change.name)
        .find(|name| !addresses(name))
}

/// The dial plan that this server is the last one in service of. One that has nobody in service already is nobody's loss; one that
/// this run itself has drained is on its way, and still is.
fn last_in_service(report: &StateReport, server: &Fqdn, drained_here: bool) -> Option<String> {
    let own = report.servers.get(server)?;
    if own.state != ServiceState::Enabled && !drained_here {
        return None;
    }
    let is_served = |plan: &&crate::domain::name::DialPlanName| {
        report.servers.iter().any(|(name, state)| {
            name != server && state.state == ServiceState::Enabled && state.dial_plans.contains(plan)
        })
    };
    own.dial_plans.iter().find(|plan| !is_served(plan)).map(ToString::to_string)
}

fn emptier(why: &str) -> Refused {
    Refused { why: Refusal::Emptier, detail: why.into() }
}

/// The first marker of an update that is neither before nor after.
pub(super) fn first_foreign(update: &Update, seen: &BTreeMap<Fqdn, Vec<Clean>>) -> Option<String> {
    update.markers.iter().find_map(|marker| foreign(marker, seen.get(&marker.name)?))
}

/// A marker that is only required to be what it is.
pub(super) fn before_alone(marker: &MarkerChange) -> MarkerChange {
    MarkerChange { after: None, ..marker.clone() }
}

fn foreign(marker: &MarkerChange, texts: &[Clean]) -> Option<String> {
    let is = |image: &Option<String>| match (image, texts) {
        (None, []) => true,
        (Some(image), [text]) => Clean::new(image) == *text,
        _ => false,
    };
    if is(&marker.before) || (marker.after.is_some() && is(&marker.after)) {
        return None;
    }
    let found = texts.iter().map(Clean::as_str).collect::<Vec<_>>().join(" | ");
    Some(if found.is_empty() {
        format!("the marker {} is gone", marker.name)
    } else {
        format!("the marker is {found}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::DialPlanName;
    use crate::domain::observation::ServerState;

    fn name(text: &str) -> Fqdn {
        Fqdn::parse(text).unwrap()
    }

    fn report(servers: &[(&str, ServiceState, &[&str])]) -> StateReport {
        let state = |(host, state, plans): &(&str, ServiceState, &[&str])| {
            let dial_plans = plans.iter().map(|plan| DialPlanName::new(*plan)).collect();
            (
                name(host),
                ServerState {
                    state: *state,
                    components: vec![],
                    dial_plans,
                    active_calls: None,
                    certificates: [].into(),
                },
            )
        };
        StateReport { servers: servers.iter().map(state).collect() }
    }

    #[test]
    fn the_last_server_in_service_of_any_of_its_dial_plans_stays() {
        use ServiceState::{Disabled, Enabled, NoNewCalls};
        let two = report(&[("um1.x", Enabled, &["A", "B"]), ("um3.x", Enabled, &["A"]), ("um4.x", NoNewCalls, &["B"])]);
        assert_eq!(last_in_service(&two, &name("um1.x"), false), Some("B".to_owned()));
        assert_eq!(last_in_service(&two, &name("um3.x"), false), None);
        let empty_before = report(&[("um1.x", Disabled, &["A"])]);
        assert_eq!(last_in_service(&empty_before, &name("um1.x"), false), None);
        assert_eq!(last_in_service(&empty_before, &name("um1.x"), true), Some("A".to_owned()), "this run drained it");
    }

    #[test]
    fn a_marker_that_is_neither_before_nor_after_is_somebody_elses() {
        let marker = |before: Option<&str>, after: Option<&str>| MarkerChange {
            name: name("_switchboard.a.x"),
            ttl: 60,
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(foreign(&marker(None, Some("b")), &[]), None);
        assert_eq!(foreign(&marker(Some("a"), Some("b")), &["b".into()]), None);
        assert!(foreign(&marker(Some("a"), Some("b")), &["c".into()]).is_some());
        assert!(foreign(&marker(Some("a"), Some("b")), &[]).is_some());
        assert!(foreign(&marker(None, None), &["c".into()]).is_some(), "the partner's marker appeared");
    }
}
