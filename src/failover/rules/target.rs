//! Rules about the hosts that take over: alive, known, in service, at home, answering as the name that they inherit.

use super::input::Input;
use super::{Judged, Said};
use crate::domain::health::{Class, Health, round_trip};
use crate::domain::judge::{ServerView, ServiceView};
use crate::domain::name::Fqdn;
use crate::domain::place::Place;
use crate::domain::server::{Service, ServiceState};
use crate::domain::watch::sip_failure_words;
use crate::failover::plan::{Pair, RuleOutcome, SipTarget};

/// Evidence older than this is none, in seconds.
const FRESH_SECONDS: i64 = 120;

/// Per pair: the host that takes over refuses connections, or only times out from here.
pub(super) fn target_not_down(input: &Input<'_>) -> Vec<Judged> {
    let judged = input.plan.pairs.iter().map(|pair| {
        let judged = input.about(&pair.enters, |_, view| {
            let down: Vec<&ServiceView> =
                view.services.iter().filter(|service| service.health == Health::Down).collect();
            let Some(worst) = down.first() else {
                return Said::Holds(format!("{} is {}", pair.enters.host(), view.health.word()));
            };
            let only_times_out = down.iter().all(|service| service.class == Some(Class::Unreachable));
            let told = if only_times_out { "only times out from here" } else { "refuses or cuts connections" };
            Said::Fails(
                usize::from(only_times_out),
                format!(
                    "{} {told} ({}): `--leave-out {}`, or `--map {}=FQDN` to another host",
                    pair.enters, worst.service, pair.server, pair.server
                ),
            )
        });
        Judged { subject: pair_subject(pair), ..judged }
    });
    judged.collect()
}

fn pair_subject(pair: &Pair) -> String {
    if pair.server == pair.enters { pair.enters.to_string() } else { format!("{} for {}", pair.enters, pair.server) }
}

/// Per host that takes over.
fn per_target(
    input: &Input<'_>,
    judge: impl Fn(&Pair, &crate::domain::server::Server, &ServerView) -> Said,
) -> Vec<Judged> {
    let entering = input.entering().into_iter();
    entering.map(|pair| input.about(&pair.enters, |server, view| judge(pair, server, view))).collect()
}

/// Evidence about the host is not older than two minutes, and not Unknown.
pub(super) fn target_known(input: &Input<'_>) -> Vec<Judged> {
    per_target(input, |_, _, view| {
        if view.services.is_empty() {
            return Said::CannotTell("no service of it is declared".to_owned());
        }
        for service in &view.services {
            let age = service.at.map(|at| input.picture.at.as_second() - at.as_second());
            match age {
                None => return Said::Fails(0, format!("{} was never asked", service.service)),
                Some(age) if age > FRESH_SECONDS => {
                    return Said::Fails(0, format!("{} answered {age} s ago", service.service));
                }
                Some(_) if service.health == Health::Unknown => {
                    return Said::Fails(0, format!("{} is not known to be up or down", service.service));
                }
                Some(_) => {}
            }
        }
        Said::Holds("seen within two minutes".to_owned())
    })
}

/// DNS design: the host takes new calls.
pub(super) fn target_in_service(input: &Input<'_>) -> Vec<Judged> {
    if !input.is_dns() {
        return Vec::new();
    }
    per_target(input, |_, server, view| {
        if let Some(refusing) = view.services.iter().find(|service| service.class == Some(Class::Refusing)) {
            let code = refusing.code.map_or_else(String::new, |code| format!(" ({code})"));
            return Said::Fails(0, format!("{} refuses calls{code}", refusing.service));
        }
        match view.state {
            Some(ServiceState::Enabled) => Said::Holds("Enabled, and refuses nothing".to_owned()),
            Some(state) => Said::Fails(0, format!("it is {state}{}", holder(view))),
            None if input.has_state_command(server) => {
                Said::CannotTell("the service state over all requesters".to_owned())
            }
            None => Said::NotChecked("no state command is configured; it refuses nothing on the wire".to_owned()),
        }
    })
}

/// Which requester holds a component down.
fn holder(view: &ServerView) -> String {
    let held = view.components.iter().find(|component| component.state.as_str() != "Active");
    held.map_or_else(String::new, |held| format!(": {} holds {} {}", held.requester, held.component, held.state))
}

/// The host's own name is at home.
pub(super) fn target_at_home(input: &Input<'_>) -> Vec<Judged> {
    let brought_home = |host: &Fqdn| input.is_dns() && input.plan.pairs.iter().any(|pair| pair.server == *host);
    let others = input.entering().into_iter().filter(|pair| !brought_home(&pair.enters));
    let judged = others.map(|pair| {
        input.about(&pair.enters, |server, view| match &view.place {
            Place::Home => Said::Holds("its own name is at home".to_owned()),
            Place::Unknown if input.topology.zone_of(&server.fqdn).is_none() => {
                Said::NotChecked("its name lies in no zone of the topology file".to_owned())
            }
            Place::Unknown => Said::CannotTell("where its own name points".to_owned()),
            Place::Moved { to } => Said::Fails(0, format!("its own name is at {to}: bring it home first")),
            place => Said::Fails(0, format!("its own name is {}", place.word())),
        })
    });
    judged.collect()
}

/// The rehearsal gives the class of answer that this vantage gets from healthy servers.
pub(super) fn standby_answers_as_name(input: &Input<'_>) -> Vec<Judged> {
    let pairs = input.plan.pairs.iter();
    pairs.flat_map(|pair| targets(input, pair).into_iter().map(|target| rehearsed(input, &target))).collect()
}

/// How each listener of the host is asked: as the moved name, or as itself where no name moves.
pub(super) fn targets(input: &Input<'_>, pair: &Pair) -> Vec<SipTarget> {
    let name = if input.is_dns() { &pair.server } else { &pair.enters };
    let Some(host) = input.topology.server(&pair.enters) else { return Vec::new() };
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

/// How a rehearsal ends that is not the answer of a healthy server.
const WRONG_CLASS: usize = 0;
const NO_PEER: usize = 1;
const SILENT: usize = 2;

/// How the measurement of a listener ends that is there and cannot be heard from here.
const SAID_NOTHING: &str = ": connected, and no SIP answer";
const NO_SESSION: &str = ": the certificate was read without a session";

/// Whether a plan says of a host's service that it could not be heard from here when it was rehearsed, and that
/// somebody answers for that. Silence of any other host is a failure.
#[must_use]
pub fn is_answered_for(outcome: &RuleOutcome, host: &Fqdn, service: Service) -> bool {
    let unheard = [SAID_NOTHING, NO_SESSION].iter().any(|end| outcome.measured.ends_with(end));
    outcome.id == "standby-answers-as-name"
        && outcome.subject.starts_with(&format!("{host} {service} as "))
        && unheard
        && !outcome.stands_in_the_way()
}

fn rehearsed(input: &Input<'_>, target: &SipTarget) -> Judged {
    let subject = format!("{} {} as {}", target.host, target.service, target.name);
    let said = match input.facts.rehearsals.get(target) {
        None => Said::CannotTell("it was not rehearsed".to_owned()),
        Some(Err(why)) => Said::CannotTell(why.clone()),
        Some(Ok(outcome)) => {
            let class = Class::of(outcome, input.topology.console.slow);
            let told = answer_words(outcome);
            match class {
                Class::Answers | Class::Slow => Said::Holds(told),
                // A standby that is declared disabled refuses; it is proven to answer after it was enabled.
                Class::Refusing if !input.is_dns() => {
                    Said::Holds(format!("{told}: refusing, as a disabled standby does"))
                }
                Class::NotForUs => Said::Fails(NO_PEER, format!("{told}: alive, and this console is no peer of it")),
                Class::Silent => Said::Fails(SILENT, format!("{told}{SAID_NOTHING}")),
                Class::Unproven => Said::Fails(SILENT, format!("{told}{NO_SESSION}")),
                Class::NotTried => Said::CannotTell(told),
                _ => Said::Fails(WRONG_CLASS, told),
            }
        }
    };
    Judged::new(&subject, said)
}

fn answer_words(outcome: &crate::domain::observation::SipOutcome) -> String {
    match &outcome.result {
        Ok(answer) => format!("{} {} in {}", answer.code, answer.reason, round_trip(answer.rtt)),
        Err(failure) => format!("no answer: {}", sip_failure_words(failure)),
    }
}

/// 2013 and later: the site that takes over has a call router Up and a UM service Up.
pub(super) fn service_behind_router(input: &Input<'_>) -> Vec<Judged> {
    let split =
        |pair: &&&Pair| input.topology.server(&pair.enters).is_none_or(|server| server.version.has_call_router());
    if !input.plan.pairs.iter().any(|pair| split(&&pair)) {
        return Vec::new();
    }
    let of = |wanted: Service| {
        let all = input.site_views(&input.plan.to).flat_map(|view| view.services.iter().map(move |s| (view, s)));
        all.filter(|(_, service)| service.service == wanted).map(|(view, s)| stands(input, view, s)).min()
    };
    let (router, um) = (of(Service::CallRouter), of(Service::Um));
    let word = |stands: &Option<Stands>| stands.as_ref().map_or_else(|| "not declared".to_owned(), Stands::words);
    let told = format!("call router {}, UM service {}", word(&router), word(&um));
    let said = match (&router, &um) {
        (Some(Stands::Up), Some(Stands::Up)) => Said::Holds("a call router and a UM service are up".to_owned()),
        (Some(Stands::Up | Stands::Reported(_)), Some(Stands::Up | Stands::Reported(_))) => Said::Holds(told),
        (Some(Stands::Unknown), _) | (_, Some(Stands::Unknown)) => {
            Said::CannotTell("whether a call router and a UM service are up".to_owned())
        }
        _ => Said::Fails(0, told),
    };
    vec![Judged::new(&input.plan.to, said)]
}

/// How a service stands, best first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stands {
    /// It answers; 403 is an answer: up, and not for us.
    Up,
    /// It is there and keeps silent to strangers, of which this console is one; the state command has this state for it.
    Reported(ServiceState),
    /// Nobody knows.
    Unknown,
    /// It does not.
    Not(Health),
}

impl Stands {
    fn words(&self) -> String {
        match self {
            Self::Up => "up".to_owned(),
            Self::Reported(state) => format!("connects, says nothing to this console, and is {state} by its command"),
            Self::Unknown => "unknown".to_owned(),
            Self::Not(health) => health.word().to_owned(),
        }
    }
}

/// Whom this console cannot hear is no worse for that: then the state command, over all requesters, has the word. By DNS the service
/// has to be in service already; otherwise it is enabled first, and it is enough that its state can be read. What once answered here
/// and does so no more is not silent to strangers: it hangs.
fn stands(input: &Input<'_>, view: &ServerView, service: &ServiceView) -> Stands {
    let unheard = matches!(service.class, Some(Class::Silent | Class::Unproven)) && !service.answered;
    match (service.health, view.state) {
        (Health::Up, _) => Stands::Up,
        (Health::Unknown, _) => Stands::Unknown,
        (Health::Degraded, Some(state)) if unheard && (state == ServiceState::Enabled || !input.is_dns()) => {
            Stands::Reported(state)
        }
        (health, _) => Stands::Not(health),
    }
}
