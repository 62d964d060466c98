//! R10: at least two servers of each dial plan are in service, of the highest version; call routers and UM services apart.

use super::Input;
use super::notes::{Found, Notes, list};
use crate::domain::health::Health;
use crate::domain::judge::{DialPlanView, MemberView};
use crate::domain::server::{Server, Service};

/// The fewest servers.
const NEEDED: usize = 2;

const ENABLE: &str = "bring another member into service, or add a server of the highest version to the dial plan";
const WAIT: &str = "let the probes and the state command come to an end: `switchboard check`";

pub(super) fn judge(input: &Input<'_>) -> Found {
    let mut notes = Notes::default();
    for plan in &input.picture.dial_plans {
        judge_plan(&mut notes, input, plan);
    }
    Found::Seen(notes)
}

fn judge_plan(notes: &mut Notes, input: &Input<'_>, plan: &DialPlanView) {
    let declared = |member: &MemberView| input.topology.server(&member.fqdn);
    let members = || plan.members.iter().filter(|member| member.reported.unwrap_or(member.declared));
    let highest = members().filter_map(declared).map(|server| server.version.major).max();
    let current: Vec<(&MemberView, &Server)> = members()
        .filter_map(|member| Some((member, declared(member)?)))
        .filter(|(_, server)| Some(server.version.major) == highest)
        .collect();
    let older = members().count() - current.len();
    let routed = current.iter().any(|(_, server)| server.listener(Service::CallRouter).is_some());
    let wanted: &[Service] = if routed { &[Service::CallRouter, Service::Um] } else { &[Service::Um] };
    for service in wanted {
        let with: Vec<&MemberView> = current
            .iter()
            .filter(|(_, server)| server.listener(*service).is_some())
            .map(|(member, _)| *member)
            .collect();
        let serving: Vec<&MemberView> = with.iter().copied().filter(|member| member.in_service).collect();
        let open = with.iter().filter(|member| !member.in_service && is_open(input, member)).count();
        let ignored =
            if older == 0 { String::new() } else { format!("; {older} of an older version, which Lync ignores") };
        let names =
            if serving.is_empty() { "none".to_owned() } else { list(serving.iter().map(|member| &member.fqdn)) };
        let told = format!("{}: {} of {} {service} in service: {names}{ignored}", plan.name, serving.len(), with.len());
        if serving.len() >= NEEDED {
            notes.fine(told);
        } else if serving.len() + open >= NEEDED {
            notes.unknown(format!("{told}; {open} not known"), WAIT);
        } else {
            notes.fail(told, ENABLE);
        }
    }
}

/// Whether it is not known that the server is out of service.
fn is_open(input: &Input<'_>, member: &MemberView) -> bool {
    input.view(&member.fqdn).is_none_or(|view| view.health == Health::Unknown)
}
