//! Rules about dial plans: who is a member, who is in service through every step, whether the calls fit.

use std::collections::{BTreeMap, BTreeSet};

use super::input::{Input, list, told};
use super::{Judged, Said};
use crate::domain::act::Verb;
use crate::domain::health::{Class, Health};
use crate::domain::judge::{DialPlanView, ServerView};
use crate::domain::name::Fqdn;
use crate::domain::place::Place;
use crate::domain::server::ServiceState;
use crate::failover::plan::{Action, Content, Pair, SipWant};
use crate::failover::planner::members;

/// Whether something serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Serves {
    No,
    Unknown,
    Yes,
}

/// Members of the highest version, by the host that serves each one's name: Lync looks at no other ([MS-EUMR]).
struct Service {
    /// Host of each member name.
    host: BTreeMap<Fqdn, Option<Fqdn>>,
    /// What each host does.
    serves: BTreeMap<Fqdn, Serves>,
}

impl Service {
    fn now(input: &Input<'_>, plan: &DialPlanView) -> Self {
        let members = members(plan);
        let major = |server: &Fqdn| input.topology.server(server).map(|server| server.version.major);
        let highest = members.iter().filter_map(major).max();
        let counted = members.into_iter().filter(|member| major(member) == highest);
        let host = counted.map(|member| (member.clone(), host_now(input, &member))).collect();
        let serves = input.topology.servers().map(|server| {
            let serves = input.view(&server.fqdn).map_or(Serves::Unknown, |view| serves(input, server, view));
            (server.fqdn.clone(), serves)
        });
        Self { host, serves: serves.collect() }
    }

    /// How the names are served: the best answer of all.
    fn best(&self) -> Serves {
        self.each().map(|(_, serves)| serves).max().unwrap_or(Serves::No)
    }

    fn each(&self) -> impl Iterator<Item = (&Fqdn, Serves)> {
        let hosts: BTreeSet<&Fqdn> = self.host.values().flatten().collect();
        hosts.into_iter().map(|host| (host, self.serves.get(host).copied().unwrap_or(Serves::Unknown)))
    }

    /// Takes one step of the plan. A server counts as enabled only when a later step proves it before the next removal.
    fn take(&mut self, plan: &Content, index: usize) {
        let Some(step) = plan.steps.get(index) else { return };
        match &step.action {
            Action::Command(command) if command.call.verb == Verb::Enable => {}
            Action::Command(command) => {
                self.serves.insert(command.call.server.clone(), Serves::No);
            }
            Action::SipCheck(check) if check.want == SipWant::InService => {
                let enabled = plan.steps.iter().take(index).filter_map(|step| match &step.action {
                    Action::Command(command) if command.call.verb == Verb::Enable => Some(&command.call.server),
                    _ => None,
                });
                let proven = enabled.filter(|server| check.targets.iter().any(|target| target.host == **server));
                for server in proven {
                    self.serves.insert(server.clone(), Serves::Yes);
                }
            }
            Action::DnsUpdate(update) if update.purpose == crate::failover::plan::Purpose::Move => {
                for pair in plan.pairs.iter().filter(|pair| update.changes.iter().any(|c| c.name == pair.server)) {
                    if let Some(host) = self.host.get_mut(&pair.server) {
                        *host = Some(pair.enters.clone());
                    }
                }
            }
            _ => {}
        }
    }
}

/// The host that a member's name leads to now.
fn host_now(input: &Input<'_>, member: &Fqdn) -> Option<Fqdn> {
    match input.view(member).map(|view| &view.place) {
        Some(Place::Moved { to }) => Some(to.clone()),
        Some(Place::Foreign | Place::Missing) => None,
        _ => Some(member.clone()),
    }
}

fn serves(input: &Input<'_>, server: &crate::domain::server::Server, view: &ServerView) -> Serves {
    if view.services.iter().any(|service| service.health == Health::Down || service.class == Some(Class::Refusing)) {
        return Serves::No;
    }
    match view.state {
        Some(ServiceState::Enabled) | None if view.health == Health::Unknown => Serves::Unknown,
        Some(ServiceState::Enabled) => Serves::Yes,
        Some(_) => Serves::No,
        None if input.has_state_command(server) => Serves::Unknown,
        None => Serves::Yes,
    }
}

/// No step takes away the last server in service, or the last address of a name.
pub(super) fn never_emptier(input: &Input<'_>) -> Vec<Judged> {
    let mut judged: Vec<Judged> = input
        .moves()
        .flat_map(|update| {
            input.plan.pairs.iter().filter(|pair| update.changes.iter().any(|c| c.name == pair.server)).map(|pair| {
                let sets = || update.changes.iter().filter(|change| change.name == pair.server);
                let (had, has) =
                    (sets().any(|c| !c.before.values.is_empty()), sets().any(|c| !c.after.values.is_empty()));
                let said = match (had, has) {
                    (_, true) => Said::Holds("keeps an address".to_owned()),
                    (false, false) => Said::Holds("had no address before".to_owned()),
                    (true, false) => Said::Fails(0, format!("{} loses its last address", pair.server)),
                };
                Judged::new(&pair.server, said)
            })
        })
        .collect();
    judged.extend(input.dial_plans().map(|plan| Judged::new(&plan.name, emptier(input, plan))));
    judged
}

fn emptier(input: &Input<'_>, plan: &DialPlanView) -> Said {
    let mut service = Service::now(input, plan);
    let before = service.best();
    let mut worst = before;
    for (index, step) in input.plan.steps.iter().enumerate() {
        service.take(input.plan, index);
        let now = service.best();
        if now == Serves::No && before != Serves::No {
            return Said::Fails(0, format!("after step {} no server of {} is in service", step.id, plan.name));
        }
        worst = worst.min(now);
    }
    match (before, worst) {
        (Serves::No, _) => Said::Holds("nothing was in service before; the run cannot make it emptier".to_owned()),
        (_, Serves::Unknown) => Said::CannotTell("whether any server that is left in service takes calls".to_owned()),
        _ => Said::Holds("a server stays in service through every step".to_owned()),
    }
}

/// How each dial plan is served when the run is done.
fn afterwards(input: &Input<'_>, plan: &DialPlanView) -> Service {
    let mut service = Service::now(input, plan);
    for index in 0..input.plan.steps.len() {
        service.take(input.plan, index);
    }
    service
}

/// At least two in service on distinct hosts, per dial plan, afterwards.
pub(super) fn two_in_service(input: &Input<'_>) -> Vec<Judged> {
    let judged = input.dial_plans().map(|plan| {
        let service = afterwards(input, plan);
        let count = |wanted| service.each().filter(|(_, serves)| *serves == wanted).count();
        let said = match (count(Serves::Yes), count(Serves::Unknown)) {
            (yes, _) if yes >= 2 => Said::Holds(format!("{yes} servers in service afterwards")),
            (yes, unknown) if yes + unknown >= 2 => {
                Said::CannotTell(format!("{yes} in service afterwards, {unknown} not known"))
            }
            (yes, _) => Said::Fails(0, format!("{yes} in service afterwards, on distinct hosts")),
        };
        Judged::new(&plan.name, said)
    });
    judged.collect()
}

/// The host is a member of every dial plan of the server that it takes over from.
pub(super) fn member(input: &Input<'_>) -> Vec<Judged> {
    let judged = input.plan.pairs.iter().map(|pair| {
        let judged = input.about(&pair.enters, |server, view| {
            let served = input.dial_plans().filter(|plan| is_member(plan, &pair.server) == Some(true));
            let missing: Vec<_> =
                served.filter(|plan| is_member(plan, &pair.enters) != Some(true)).map(|plan| &plan.name).collect();
            if !missing.is_empty() {
                return Said::Fails(0, format!("no member of {}", list(missing)));
            }
            match view.state {
                None if input.has_state_command(server) => {
                    Said::CannotTell("membership; declared it is one".to_owned())
                }
                None => Said::Holds("a member, by the topology file".to_owned()),
                Some(_) => Said::Holds("a member of every dial plan".to_owned()),
            }
        });
        Judged { subject: pair_subject(pair), ..judged }
    });
    judged.collect()
}

fn pair_subject(pair: &Pair) -> String {
    if pair.server == pair.enters { pair.enters.to_string() } else { format!("{} for {}", pair.enters, pair.server) }
}

fn is_member(plan: &DialPlanView, server: &Fqdn) -> Option<bool> {
    let member = plan.members.iter().find(|member| member.fqdn == *server)?;
    Some(member.reported.unwrap_or(member.declared))
}

/// Lync looks at members of the highest version only: the host must not be older than what stays, nor (DNS) than what it replaces.
pub(super) fn same_major(input: &Input<'_>) -> Vec<Judged> {
    let leaving: BTreeSet<&Fqdn> = input.disabled().collect();
    let judged = input.plan.pairs.iter().map(|pair| {
        let judged = input.about(&pair.enters, |host, _| {
            let major = |server: &Fqdn| input.topology.server(server).map(|server| server.version.major);
            if input.is_dns() {
                return match major(&pair.server) {
                    None => Said::CannotTell(format!("the version of {}", pair.server)),
                    Some(other) if other == host.version.major => Said::Holds(format!("both of version {other}")),
                    Some(other) => {
                        Said::Fails(1, format!("{} is {other}, {} is {}", pair.server, pair.enters, host.version.major))
                    }
                };
            }
            let stays = input.dial_plans().flat_map(members).filter(|member| !leaving.contains(member));
            match stays.filter(|member| major(member) > Some(host.version.major)).min() {
                Some(newer) => {
                    Said::Fails(0, format!("{newer} stays in the plan and is newer: Lync ignores {}", pair.enters))
                }
                None => Said::Holds(format!("version {} is the highest", host.version.major)),
            }
        });
        Judged { subject: pair_subject(pair), ..judged }
    });
    judged.collect()
}

/// The declared call capacity of the hosts carries the load of both.
pub(super) fn capacity(input: &Input<'_>) -> Vec<Judged> {
    let load = |server: &Fqdn| {
        input.facts.peak_calls.get(server).copied().or_else(|| input.view(server).and_then(|view| view.active_calls))
    };
    let judged = input.entering().into_iter().map(|pair| {
        input.about(&pair.enters, |host, _| {
            let Some(most) = host.max_calls else {
                return Said::NotChecked("its call capacity is not declared (max_calls)".to_owned());
            };
            let charges =
                input.plan.pairs.iter().filter(|other| other.enters == pair.enters).map(|other| &other.leaves);
            let loads: Option<Vec<u32>> = charges.chain([&pair.enters]).map(load).collect();
            match loads.map(|loads| loads.iter().sum::<u32>()) {
                None => Said::CannotTell(format!("the load; {} takes {most} calls", pair.enters.host())),
                Some(calls) if calls > most => Said::Fails(0, format!("{calls} calls, capacity {most}")),
                Some(calls) => Said::Holds(format!("{calls} calls, capacity {most}")),
            }
        })
    });
    judged.collect()
}

/// Each sending pool and its backup is an enabled gateway of the dial plan.
pub(super) fn gateway(input: &Input<'_>) -> Vec<Judged> {
    if input.plan.pairs.is_empty() {
        return Vec::new();
    }
    let pools: BTreeSet<&Fqdn> =
        input.topology.pools.iter().flat_map(|pool| std::iter::once(&pool.fqdn).chain(&pool.backup)).collect();
    let judged = input.plan.dial_plans.iter().map(|plan| {
        let said =
            told(input.facts.gateways.as_ref(), "which pools are gateways is not declared (gateways)", |gateways| {
                let Some(enabled) = gateways.get(plan) else {
                    return Said::NotChecked("its gateways are not declared".to_owned());
                };
                let missing: Vec<_> = pools.iter().filter(|pool| !enabled.contains(pool)).collect();
                if missing.is_empty() {
                    Said::Holds("every pool and its backup is a gateway".to_owned())
                } else {
                    Said::Fails(0, format!("no enabled gateway: {}", list(missing)))
                }
            });
        Judged::new(plan, said)
    });
    judged.collect()
}

/// The site that takes over can deliver the messages.
pub(super) fn mailboxes(input: &Input<'_>) -> Vec<Judged> {
    if input.plan.pairs.is_empty() {
        return Vec::new();
    }
    let said = told(
        input.facts.mailboxes.as_ref(),
        "whether messages can be delivered from there is not declared (delivers_for)",
        |there| {
            if *there {
                Said::Holds("messages can be delivered".to_owned())
            } else {
                Said::Fails(
                    0,
                    format!(
                        "{} cannot deliver messages to the mailboxes: callers may leave some that nobody gets",
                        input.plan.to
                    ),
                )
            }
        },
    );
    vec![Judged::new(&input.plan.to, said)]
}

/// No calls in progress on a server that is disabled without having been drained.
pub(super) fn no_calls(input: &Input<'_>) -> Vec<Judged> {
    let drained = |server: &Fqdn| {
        input.commands().any(|command| command.call.verb == Verb::Drain && command.call.server == *server)
    };
    let judged = input.disabled().map(|server| {
        input.about(server, |declared, view| match view.active_calls {
            _ if view.health == Health::Down => Said::Holds("dead: it has no calls".to_owned()),
            Some(0) => Said::Holds("no calls".to_owned()),
            Some(calls) if drained(server) => Said::Holds(format!("{calls} calls, drained first")),
            Some(calls) => Said::Fails(0, format!("{calls} calls in progress would be cut")),
            None if input.has_state_command(declared) => Said::CannotTell("calls in progress".to_owned()),
            None => Said::NotChecked("no command tells the calls in progress".to_owned()),
        })
    });
    judged.collect()
}
