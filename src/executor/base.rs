//! What a plan was made against besides records and markers: service states and membership, compared with what is reported now.
//!
//! Servers that the plan itself commands are read by their own commands; this is about those that it only counts on.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::execute::Executor;
use crate::domain::clean::Clean;
use crate::domain::name::{BackendName, Fqdn};
use crate::domain::observation::StateReport;
use crate::domain::topology::{Backend, Command};
use crate::domain::watch::command_failure_words;
use crate::failover::plan::{Action, Base, Mode};
use crate::failover::run::Run;
use crate::probe::membership;

/// How often a report that failed is asked for before it counts as not to be had.
const TRIES: u32 = 2;

/// A report, or why there is none, by backend.
type Reports = BTreeMap<BackendName, Result<StateReport, String>>;

impl Executor {
    /// What is no longer as the plan has it; nothing once all that it changes is changed.
    pub(super) async fn base_differs(&self) -> Vec<Clean> {
        let run = self.run();
        if !run.has_changes_to_make() {
            return Vec::new();
        }
        let base = &run.plan().base;
        let left_out: BTreeSet<Fqdn> = run.left_out().cloned().collect();
        let stays = |server: &Fqdn| !left_out.contains(server);
        let commanded = commanded(&run);
        let counted_on = |server: &Fqdn| stays(server) && !commanded.contains(server);
        let states = base.states.iter().filter(|(server, state)| counted_on(server) && state.is_some());
        let members = base.members.values().flatten().filter(|server| stays(server));
        let asked: BTreeSet<&Fqdn> = states.map(|(server, _)| server).chain(members).collect();
        let reports = self.reports(&asked).await;
        let of = |server: &Fqdn| reports.get(self.topology.server(server)?.backend.as_ref()?);
        let strict = run.plan().mode != Mode::Emergency;
        let mut differs = states_differ(base, &counted_on, &of, strict);
        differs.extend(members_differ(base, &stays, &reports));
        differs
    }

    async fn reports(&self, servers: &BTreeSet<&Fqdn>) -> Reports {
        let named = servers.iter().filter_map(|server| self.topology.server(server)?.backend.as_ref());
        let named: BTreeSet<&BackendName> = named.collect();
        let commands = named.into_iter().filter_map(|name| match self.topology.backends.get(name) {
            Some(Backend::Command(command)) => Some((name, command)),
            _ => None,
        });
        let read = commands.map(|(name, command)| async move { (name.clone(), report(command).await) });
        join_all(read).await.into_iter().collect()
    }
}

async fn report(command: &Command) -> Result<StateReport, String> {
    let mut why = String::new();
    for _ in 0..TRIES {
        match membership::read(command).await {
            Ok(report) => return Ok(report),
            Err(failure) => why = command_failure_words(&failure),
        }
    }
    Err(why)
}

/// Servers that a command of the plan changes.
fn commanded(run: &Run) -> BTreeSet<Fqdn> {
    let server = |action: &Action| match action {
        Action::Command(command) => Some(command.call.server.clone()),
        _ => None,
    };
    run.plan().steps.iter().filter_map(|step| server(&step.action)).collect()
}

/// A state that cannot be read counts as another one, but for an emergency: there the plan's own evidence is the last known.
fn states_differ<'a>(
    base: &Base,
    counted_on: &impl Fn(&Fqdn) -> bool,
    of: &impl Fn(&Fqdn) -> Option<&'a Result<StateReport, String>>,
    strict: bool,
) -> Vec<Clean> {
    let differs = |(server, planned): (&Fqdn, &Option<_>)| {
        let planned = planned.filter(|_| counted_on(server))?;
        match of(server).map(|report| report.as_ref().map(|report| report.servers.get(server))) {
            Some(Ok(Some(now))) if now.state == planned => None,
            Some(Ok(Some(now))) => Some(format!("{server} was {planned}, is {}", now.state)),
            _ if !strict => None,
            Some(Ok(None)) => Some(format!("{server} was {planned}, and the state command does not know it now")),
            Some(Err(why)) => Some(format!("{server} was {planned}; it cannot be read now: the command {why}")),
            None => Some(format!("{server} was {planned}, and no state command is declared for it now")),
        }
    };
    base.states.iter().filter_map(differs).map(Clean::from).collect()
}

/// Each server that is reported is a member of the dial plans that it was a member of; one that takes part, of no other one that moves.
fn members_differ(base: &Base, stays: &impl Fn(&Fqdn) -> bool, reports: &Reports) -> Vec<Clean> {
    let mut differs = Vec::new();
    let reported = reports.values().filter_map(|report| report.as_ref().ok()).flat_map(|report| &report.servers);
    for (server, now) in reported.filter(|(server, _)| stays(server)) {
        for (plan, planned) in &base.members {
            match (planned.contains(server), now.dial_plans.contains(plan)) {
                (true, false) => differs.push(format!("{server} is no member of {plan} any more").into()),
                (false, true) if base.states.contains_key(server) => {
                    differs.push(format!("{server} has become a member of {plan}").into());
                }
                _ => {}
            }
        }
    }
    differs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::DialPlanName;
    use crate::domain::observation::ServerState;
    use crate::domain::server::ServiceState;

    fn name(text: &str) -> Fqdn {
        Fqdn::parse(text).unwrap()
    }

    fn base() -> Base {
        let states = [("um3.x", Some(ServiceState::Enabled)), ("um4.x", Some(ServiceState::Enabled)), ("um5.x", None)];
        let members = [name("um3.x"), name("um4.x")].into();
        Base {
            states: states.map(|(server, state)| (name(server), state)).into(),
            members: [(DialPlanName::new("A"), members)].into(),
        }
    }

    fn reports(servers: &[(&str, ServiceState, &[&str])]) -> Reports {
        let server = |(host, state, plans): &(&str, ServiceState, &[&str])| {
            let dial_plans = plans.iter().map(|plan| DialPlanName::new(*plan)).collect();
            let (components, certificates) = (vec![], [].into());
            (name(host), ServerState { state: *state, components, dial_plans, active_calls: None, certificates })
        };
        [(BackendName::new("exchange"), Ok(StateReport { servers: servers.iter().map(server).collect() }))].into()
    }

    fn told(reports: &Reports, strict: bool) -> Vec<String> {
        let all = |_: &Fqdn| true;
        let of = |_: &Fqdn| reports.get(&BackendName::new("exchange"));
        let differs = states_differ(&base(), &all, &of, strict).into_iter();
        differs.chain(members_differ(&base(), &all, reports)).map(|line| line.to_string()).collect()
    }

    #[test]
    fn another_state_or_another_membership_of_a_server_that_is_counted_on_is_told() {
        use ServiceState::{Disabled, Enabled};
        let same = reports(&[("um3.x", Enabled, &["A"]), ("um4.x", Enabled, &["A", "B"]), ("um5.x", Disabled, &[])]);
        assert_eq!(told(&same, true), Vec::<String>::new());
        let other = reports(&[("um3.x", Disabled, &["A"]), ("um4.x", Enabled, &["B"]), ("um5.x", Enabled, &["A"])]);
        let lines =
            ["um3.x was Enabled, is Disabled", "um4.x is no member of A any more", "um5.x has become a member of A"];
        assert_eq!(told(&other, true), lines);
        assert_eq!(told(&other, false), lines, "an emergency skips no rule");
    }

    #[test]
    fn what_cannot_be_read_differs_but_for_an_emergency() {
        let silent: Reports = [(BackendName::new("exchange"), Err("did not end".to_owned()))].into();
        assert_eq!(told(&silent, true).len(), 2);
        assert!(told(&silent, true)[0].ends_with("it cannot be read now: the command did not end"));
        assert_eq!(told(&silent, false), Vec::<String>::new());
        assert_eq!(told(&Reports::new(), true).len(), 2);
        assert_eq!(told(&reports(&[]), true).len(), 2);
    }
}
