//! Findings about service state and membership.

use super::Found;
use crate::domain::health::Health;
use crate::domain::judge::{Picture, ServerView};
use crate::domain::server::ServiceState;
use crate::domain::watch::{Watch, states};

pub(super) fn collect(watch: &Watch, picture: &Picture, found: &mut Found) {
    unreadable(watch, picture, found);
    for server in picture.sites.iter().flat_map(|site| &site.servers) {
        state(watch, server, found);
    }
    missing(watch, picture, found);
    for plan in &picture.dial_plans {
        for member in plan.members.iter().filter(|member| member.reported == Some(!member.declared)) {
            let (what, evidence) = if member.declared {
                ("is declared a member and is none", "the topology file lists it, the state command does not")
            } else {
                ("is a member and is not declared one", "the state command lists it, the topology file does not")
            };
            let message = format!("{} {what} of {}", member.fqdn.host(), plan.name);
            found.add("membership-drift", &member.fqdn, message, format!("{}: {evidence}", plan.name));
        }
    }
}

fn unreadable(watch: &Watch, picture: &Picture, found: &mut Found) {
    for state in picture.states.iter().filter(|state| state.health == Health::Down) {
        let track = watch.states.get(&state.backend);
        let evidence = track.and_then(|track| track.error.as_ref()).map(states::failure_words).unwrap_or_default();
        let message = format!("the state command of {} gives no state", state.backend);
        found.add_since("state-unreadable", &state.backend, message, evidence, track.map(|track| track.failing.since));
    }
}

fn state(watch: &Watch, server: &ServerView, found: &mut Found) {
    let Some(state) = server.state else { return };
    let host = server.fqdn.host();
    let contradicted = watch.states.values().any(|track| track.contradicted.get(&server.fqdn).is_some_and(|t| t.state));
    if contradicted {
        let message = format!("{host} is said to be {state} and answers OPTIONS as if it took calls");
        return found.add("state-contradicted", &server.fqdn, message, format!("state command: {state}; SIP: 2xx"));
    }
    let evidence = format!("state {state}, in normal operation {}", server.normal);
    match (server.normal, state) {
        (_, ServiceState::NoNewCalls) => {
            found.add("draining", &server.fqdn, format!("{host} takes no new calls"), evidence);
        }
        (ServiceState::Enabled, ServiceState::Disabled) => {
            found.add("unexpectedly-disabled", &server.fqdn, format!("{host} is disabled"), evidence);
        }
        (ServiceState::Disabled, ServiceState::Enabled) => {
            found.add("unexpectedly-in-service", &server.fqdn, format!("standby {host} is enabled"), evidence);
        }
        _ => {}
    }
}

/// Servers that their own backend's report leaves out.
fn missing(watch: &Watch, picture: &Picture, found: &mut Found) {
    for server in watch.topology().servers() {
        let Some(backend) = &server.backend else { continue };
        let Some(report) = watch.states.get(backend).and_then(|track| track.report.as_ref()) else { continue };
        let readable = picture.states.iter().any(|state| state.backend == *backend && state.health == Health::Up);
        if readable && !report.servers.contains_key(&server.fqdn) {
            let message = format!("{} is missing from the state report", server.fqdn.host());
            found.add(
                "state-missing",
                &server.fqdn,
                message,
                format!("{backend} reports {} servers", report.servers.len()),
            );
        }
    }
}
