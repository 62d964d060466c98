//! The source document's second design: the standby is enabled and proven, then the servers that are left are drained and disabled.

use super::steps::Words;
use super::verbs::check_verb;
use super::{Refusal, Room, steps, view};
use crate::domain::act::{Call, Verb};
use crate::domain::health::Health;
use crate::domain::name::{BackendName, Fqdn};
use crate::domain::server::{Server, ServiceState};
use crate::domain::topology::{Backend, Command};
use crate::failover::plan::{Action, CommandStep, Fence, Path, SipTarget, SipWant, Step, StepId};

pub(super) fn plan(room: &Room<'_>) -> Result<(Vec<Fence>, Vec<Step>), Refusal> {
    let entering = servers(room, room.scope.pairs.iter().map(|pair| &pair.enters))?;
    let leaving = servers(room, room.scope.pairs.iter().map(|pair| &pair.leaves))?;
    let of_names = room.topology.fenced_zone(room.site(&room.scope.site)?);
    let fenced = room.fenced(of_names, entering.iter().chain(&leaving).copied())?;
    let mut steps = room.claims(&fenced);
    let does = "Asks each server that takes over, at its own address, whether its SIP stack is alive.".to_owned();
    steps.push(room.sip_check("verify-target", targets(&entering), SipWant::Alive, Path::Address, does));
    for server in entering.iter().filter(|server| room.state(server) != Some(ServiceState::Enabled)) {
        steps.push(room.command(server, Verb::Enable)?);
    }
    let does = "Proves that each server that takes over takes new calls, before anything is taken away.".to_owned();
    steps.push(room.sip_check("prove", targets(&entering), SipWant::InService, Path::Address, does));
    steps.extend(room.taking_out(&leaving)?);
    let does = "Asks each server that took over under its own name, as the pools do.".to_owned();
    steps.push(room.sip_check("sip-path", targets(&entering), SipWant::InService, Path::Resolvers, does));
    steps.extend(room.proof(entering.iter().map(|server| server.fqdn.clone()).collect()));
    Ok(room.fenced_in(fenced, steps))
}

/// Each server once, in the order of the pairs.
fn servers<'a>(room: &Room<'a>, names: impl Iterator<Item = &'a Fqdn>) -> Result<Vec<&'a Server>, Refusal> {
    let mut servers: Vec<&Server> = Vec::new();
    for name in names {
        let server = room.topology.server(name).ok_or_else(|| Refusal::UnknownServer(name.clone()))?;
        if !servers.iter().any(|known| known.fqdn == server.fqdn) {
            servers.push(server);
        }
    }
    Ok(servers)
}

fn targets(servers: &[&Server]) -> Vec<SipTarget> {
    servers.iter().flat_map(|server| steps::targets(&server.fqdn, server)).collect()
}

impl Room<'_> {
    pub(super) fn state(&self, server: &Server) -> Option<ServiceState> {
        view(self.picture, &server.fqdn).and_then(|view| view.state)
    }

    fn is_down(&self, server: &Server) -> bool {
        view(self.picture, &server.fqdn).is_some_and(|view| view.health == Health::Down)
    }

    /// Drains what is alive, then disables. A server that another dial plan counts on in normal operation stays enabled on the
    /// way home.
    fn taking_out(&self, leaving: &[&Server]) -> Result<Vec<Step>, Refusal> {
        let stays = |server: &&Server| self.request.back && self.topology.normal_state(server) == ServiceState::Enabled;
        let out: Vec<&Server> = leaving
            .iter()
            .copied()
            .filter(|server| !stays(server) && self.state(server) != Some(ServiceState::Disabled))
            .collect();
        let mut steps = Vec::new();
        for server in &out {
            let drained = self.state(server) == Some(ServiceState::NoNewCalls) || self.is_down(server);
            if !drained && self.backend(server)?.1.drain.is_some() {
                steps.push(self.command(server, Verb::Drain)?);
            }
        }
        for server in &out {
            let drains = steps.iter().any(|step| leaves(step, server) == Some(ServiceState::NoNewCalls));
            let before = if drains { ServiceState::NoNewCalls } else { self.state_or_normal(server) };
            steps.push(self.command_from(server, Verb::Disable, before)?);
        }
        Ok(steps)
    }

    fn backend<'s>(&'s self, server: &'s Server) -> Result<(&'s BackendName, &'s Command), Refusal> {
        let none = || Refusal::NoBackend(server.fqdn.clone());
        let name = server.backend.as_ref().ok_or_else(none)?;
        match self.topology.backends.get(name) {
            Some(Backend::Command(command)) => Ok((name, command)),
            _ => Err(none()),
        }
    }

    /// One command for one server, exactly as the topology file has it, checked against the server's version.
    pub(super) fn command(&self, server: &Server, verb: Verb) -> Result<Step, Refusal> {
        self.command_from(server, verb, self.state_or_normal(server))
    }

    fn state_or_normal(&self, server: &Server) -> ServiceState {
        self.state(server).unwrap_or_else(|| self.topology.normal_state(server))
    }

    /// The same, from the state that an earlier step of the plan leaves behind.
    fn command_from(&self, server: &Server, verb: Verb, before: ServiceState) -> Result<Step, Refusal> {
        let (name, command) = self.backend(server)?;
        let call = self.call(server, verb, before)?;
        let recorded = verb == Verb::Disable && self.is_down(server);
        let effect = verb.leads_to();
        let step = CommandStep {
            stdin: call.stdin(),
            call,
            effect_within_seconds: command.effect_wait.as_secs().max(1),
            recorded_is_enough: recorded,
            idempotent: command.idempotent,
        };
        let undo_verb = verb_to(before);
        let undo = self.call(server, undo_verb, effect).ok().filter(|_| before != effect);
        // What took over may have calls by then: it is drained before it is taken out again, as the failed side was.
        let takes_out = undo.as_ref().is_some_and(|undo| undo.verb == Verb::Disable);
        let drain = if takes_out { self.call(server, Verb::Drain, effect).ok() } else { None };
        // The executor reads it again, and refuses when it is another one; in an emergency it may not be readable then either.
        let unread = if self.state(server).is_some() { "" } else { ", as declared: its present state cannot be read" };
        let words = Words {
            does: format!("{} {}.", doing(verb), server.fqdn),
            expect: if recorded {
                format!("{} is {effect}, or the directory holds it until the host returns", server.fqdn)
            } else {
                format!("the state command shows {} as {effect}, over all requesters", server.fqdn)
            },
            undo: match (&undo, &drain) {
                (Some(_), Some(_)) => {
                    format!("the `drain` command of {name}, then its `{}`: back to {before}{unread}", undo_verb.word())
                }
                (Some(_), None) => format!("the `{}` command of {name}: back to {before}{unread}", undo_verb.word()),
                (None, _) => format!("by hand: back to {before}{unread}"),
            },
        };
        let limit = (command.timeout + command.effect_wait).as_secs() + 1;
        let id = StepId::new(format!("{}-{}", verb.word(), self.step_label(server)));
        let mut step = steps::step(id, Action::Command(Box::new(step)), self.exchange_owner(server), words, limit);
        step.undo_command = undo.map(Box::new);
        step.undo_drain = drain.map(Box::new);
        Ok(step)
    }

    fn call(&self, server: &Server, verb: Verb, before: ServiceState) -> Result<Call, Refusal> {
        let (backend, command) = self.backend(server)?;
        let argv = match verb {
            Verb::Drain => &command.drain,
            Verb::Enable => &command.enable,
            Verb::Disable => &command.disable,
        };
        let none = || Refusal::NoCommand { backend: backend.clone(), verb };
        let argv = argv.clone().filter(|argv| !argv.is_empty()).ok_or_else(none)?;
        check_verb(server, verb, &argv)?;
        Ok(Call {
            backend: backend.clone(),
            verb,
            server: server.fqdn.clone(),
            argv,
            run: self.making.id.to_string(),
            before,
            after: verb.leads_to(),
            timeout_seconds: command.timeout.as_secs().max(1),
        })
    }

    /// The host label, or the whole name where another server of the topology has the same label.
    fn step_label(&self, server: &Server) -> String {
        let same = self.topology.servers().filter(|other| other.fqdn.host() == server.fqdn.host()).count();
        if same > 1 { server.fqdn.to_string() } else { server.fqdn.host().to_owned() }
    }
}

/// The state in which a step leaves a server.
fn leaves(step: &Step, server: &Server) -> Option<ServiceState> {
    match &step.action {
        Action::Command(command) if command.call.server == server.fqdn => Some(command.call.after),
        _ => None,
    }
}

fn verb_to(state: ServiceState) -> Verb {
    match state {
        ServiceState::Enabled => Verb::Enable,
        ServiceState::NoNewCalls => Verb::Drain,
        ServiceState::Disabled => Verb::Disable,
    }
}

fn doing(verb: Verb) -> &'static str {
    match verb {
        Verb::Drain => "Takes no new calls at",
        Verb::Enable => "Puts into service",
        Verb::Disable => "Takes out of service",
    }
}
