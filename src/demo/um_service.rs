//! The demo's Exchange organisation: service state and dial-plan membership of each server, as its tool reads and changes them.
//!
//! Lives in the demo's process; the tool is a child process that asks over the control socket. Keeps a ledger of effects, so
//! that a test can tell what was really done, and by which run. Knows no socket.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::server::{Service, ServiceState};
use crate::wire::um_state::{ComponentEntry, Document, ServerEntry};

use super::cast::{Cast, Host};

/// What can be asked for one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Into service.
    Enable,
    /// No new calls.
    Drain,
    /// Out of service.
    Disable,
}

impl Verb {
    /// The state that it leads to.
    #[must_use]
    pub fn leads_to(self) -> ServiceState {
        match self {
            Self::Enable => ServiceState::Enabled,
            Self::Drain => ServiceState::NoNewCalls,
            Self::Disable => ServiceState::Disabled,
        }
    }
}

/// What the tool's `enable`, `disable` and `drain` read on standard input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Which server.
    pub server: String,
    /// On behalf of which run.
    pub run: String,
}

/// What came of an order; the tool prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Always 1.
    pub version: u32,
    /// Which server.
    pub server: String,
    /// On behalf of which run.
    pub run: String,
    /// What was asked.
    pub verb: Verb,
    /// The state before.
    pub before: ServiceState,
    /// The state after.
    pub after: ServiceState,
    /// `false` when this run had asked for the same before: it was not done again.
    pub applied: bool,
}

/// All servers and what was done to them.
#[derive(Debug)]
pub struct UmService(Mutex<World>);

#[derive(Debug)]
struct World {
    members: BTreeMap<String, Member>,
    plans: Vec<String>,
    effects: VecDeque<Effect>,
}

#[derive(Debug)]
struct Member {
    service: Service,
    /// What each requester says, for 2013 and later: component, requester, local.
    components: Option<BTreeMap<(&'static str, &'static str, bool), ServiceState>>,
    /// What the administrator said, for 2010.
    status: ServiceState,
    takes_no_new_calls: bool,
    /// Thumbprint; empty when none is configured.
    certificate: String,
}

/// Ledger entries that are kept; a demo that is switched for days must not grow without end.
const MOST_EFFECTS: usize = 10_000;

impl UmService {
    /// Everybody in the state of normal operation.
    #[must_use]
    pub fn new(cast: &Cast) -> Self {
        let members = cast.hosts().map(|host| (host.fqdn(), Member::new(host))).collect();
        let plans = cast.plans.iter().map(|plan| plan.name.to_owned()).collect();
        Self(Mutex::new(World { members, plans, effects: VecDeque::new() }))
    }

    /// The state by which a server acts.
    #[must_use]
    pub fn state(&self, server: &str) -> Option<ServiceState> {
        self.locked(|world| world.members.get(server).map(Member::state))
    }

    /// Carries out an order. `None` for a server that is not there.
    pub fn change(&self, verb: Verb, order: &Order) -> Option<Effect> {
        self.locked(|world| world.change(verb, order))
    }

    /// The fault "takes no new calls": it lies over what the administrator said.
    pub fn hold_new_calls(&self, server: &str, on: bool) {
        self.locked(|world| {
            if let Some(member) = world.members.get_mut(server) {
                member.takes_no_new_calls = on;
            }
        });
    }

    /// Configures a service with a certificate, by its thumbprint.
    pub fn assign(&self, server: &str, thumbprint: &str) {
        self.locked(|world| {
            if let Some(member) = world.members.get_mut(server) {
                thumbprint.clone_into(&mut member.certificate);
            }
        });
    }

    /// What was done, oldest first.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.locked(|world| world.effects.iter().cloned().collect())
    }

    /// What the `state` command prints; `lies` turns enabled and disabled around.
    #[must_use]
    pub fn document(&self, lies: bool) -> Document {
        self.locked(|world| {
            let entry = |(name, member): (&String, &Member)| member.entry(name, &world.plans, lies);
            Document { version: 1, servers: world.members.iter().map(entry).collect() }
        })
    }

    fn locked<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl World {
    fn change(&mut self, verb: Verb, order: &Order) -> Option<Effect> {
        let server = order.server.to_ascii_lowercase();
        let member = self.members.get_mut(&server)?;
        let same = |effect: &&Effect| effect.applied && effect.run == order.run && effect.server == server;
        // The last word of a run on a server counts: enable, disable, enable are three orders.
        let repeated = self.effects.iter().rev().find(same).is_some_and(|effect| effect.verb == verb);
        let before = member.state();
        if !repeated {
            member.set(verb.leads_to());
        }
        let effect = Effect {
            version: 1,
            server,
            run: order.run.clone(),
            verb,
            before,
            after: member.state(),
            applied: !repeated,
        };
        if self.effects.len() == MOST_EFFECTS {
            self.effects.pop_front();
        }
        self.effects.push_back(effect.clone());
        Some(effect)
    }
}

impl Member {
    fn new(host: &Host) -> Self {
        let own = if host.service == Service::CallRouter { "UMCallRouter" } else { "UnifiedMessaging" };
        let places = [(own, "Maintenance"), (own, "HealthAPI"), ("ServerWideOffline", "Maintenance")];
        let components = host.version.starts_with("15").then(|| {
            let mut all = BTreeMap::new();
            for (component, requester) in places {
                for local in [true, false] {
                    all.insert((component, requester, local), ServiceState::Enabled);
                }
            }
            all
        });
        let mut member = Self {
            service: host.service,
            components,
            status: host.normal,
            takes_no_new_calls: false,
            certificate: String::new(),
        };
        member.set(host.normal);
        member
    }

    /// `Set-UMServer -Status`, or `Set-ServerComponentState -Requester Maintenance` in both places.
    fn set(&mut self, state: ServiceState) {
        self.status = state;
        for ((component, requester, _), value) in self.components.iter_mut().flatten() {
            if *requester == "Maintenance" && *component != "ServerWideOffline" {
                *value = state;
            }
        }
    }

    fn state(&self) -> ServiceState {
        let said = self.components.iter().flatten().map(|(_, state)| *state).fold(self.status, ServiceState::max);
        if self.takes_no_new_calls { said.max(ServiceState::NoNewCalls) } else { said }
    }

    fn entry(&self, name: &str, plans: &[String], lies: bool) -> ServerEntry {
        let told = |state: ServiceState| match (lies, state) {
            (true, ServiceState::Enabled) => ServiceState::Disabled,
            (true, ServiceState::Disabled) => ServiceState::Enabled,
            (_, state) => state,
        };
        let component = |(&(component, requester, local), state): (&(&str, &str, bool), &ServiceState)| {
            let by_fault = self.takes_no_new_calls && requester == "HealthAPI";
            let state = if by_fault { ServiceState::NoNewCalls.max(*state) } else { *state };
            let state = if lies { told(self.state()) } else { state };
            ComponentEntry {
                component: component.to_owned(),
                requester: requester.to_owned(),
                state: component_word(state).to_owned(),
                scope: if local { "local" } else { "remote" }.to_owned(),
            }
        };
        ServerEntry {
            server: name.to_owned(),
            service: self.service.word().to_owned(),
            status: self.components.is_none().then(|| told(self.state()).word().to_owned()),
            components: self.components.iter().flatten().map(component).collect(),
            dial_plans: plans.to_vec(),
            active_calls: Some(0),
            certificate: Some(self.certificate.clone()),
        }
    }
}

fn component_word(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Enabled => "Active",
        ServiceState::NoNewCalls => "Draining",
        ServiceState::Disabled => "Inactive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::cast::{Design, Profile};
    use crate::domain::name::Fqdn;
    use crate::domain::observation::ServerState;
    use crate::wire::um_state;

    const UM1: &str = "um1.tukwila.contoso.com";
    const UM3: &str = "um3.dublin.contoso.com";

    fn service(design: Design, profile: Profile) -> UmService {
        UmService::new(&Cast::new(design, profile))
    }

    fn reported(service: &UmService, server: &str, lies: bool) -> ServerState {
        let text = um_state::print(&service.document(lies));
        um_state::parse(text.as_bytes()).unwrap().servers[&Fqdn::parse(server).unwrap()].clone()
    }

    fn order(server: &str, run: &str) -> Order {
        Order { server: server.to_owned(), run: run.to_owned() }
    }

    #[test]
    fn in_each_design_and_profile_the_tool_reports_the_normal_state() {
        for profile in [Profile::Kind, Profile::Field] {
            let dns = service(Design::Dns, profile);
            assert_eq!(reported(&dns, UM3, false).state, ServiceState::Enabled);
            assert_eq!(reported(&dns, UM3, false).dial_plans.len(), 2);
            let other = service(Design::EnableDisable, profile);
            assert_eq!(reported(&other, UM1, false).state, ServiceState::Enabled);
            assert_eq!(reported(&other, UM3, false).state, ServiceState::Disabled);
            assert_eq!(reported(&other, UM3, true).state, ServiceState::Enabled, "a lie");
        }
    }

    #[test]
    fn an_order_is_carried_out_once_for_each_run() {
        let service = service(Design::EnableDisable, Profile::Field);
        let first = service.change(Verb::Enable, &order(UM3, "01J1")).unwrap();
        assert_eq!((first.before, first.after, first.applied), (ServiceState::Disabled, ServiceState::Enabled, true));
        assert!(!service.change(Verb::Enable, &order(UM3, "01J1")).unwrap().applied);
        assert!(service.change(Verb::Disable, &order(UM3, "01J1")).unwrap().applied);
        assert!(service.change(Verb::Enable, &order(UM3, "01J1")).unwrap().applied);
        assert_eq!(reported(&service, UM3, false).state, ServiceState::Enabled);
        assert_eq!(service.effects().len(), 4);
        assert!(service.change(Verb::Enable, &order("um9.contoso.com", "01J1")).is_none());
    }

    #[test]
    fn a_server_that_takes_no_new_calls_says_so_in_both_generations() {
        for profile in [Profile::Kind, Profile::Field] {
            let service = service(Design::Dns, profile);
            service.hold_new_calls(UM1, true);
            assert_eq!(service.state(UM1), Some(ServiceState::NoNewCalls));
            assert_eq!(reported(&service, UM1, false).state, ServiceState::NoNewCalls);
            service.hold_new_calls(UM1, false);
            assert_eq!(reported(&service, UM1, false).state, ServiceState::Enabled);
        }
    }
}
