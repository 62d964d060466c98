//! R13: in the enable/disable design all servers of both sites are members, the standby's are disabled, and nobody else counts
//! on them.

use super::Input;
use super::notes::{Found, Notes, list};
use crate::domain::judge::{DialPlanView, MemberView, ServerView};
use crate::domain::server::{Server, ServiceState};
use crate::domain::topology::{DialPlan, FailoverMethod, Site};

const STANDBY: &str = "declare `standby` at the site, and its servers in the topology file";
const ADD: &str = "add it to the dial plan on the Exchange side, and to `members` in the topology file";
const DISABLE: &str = "disable it: `switchboard disable FQDN`";
const HOME: &str = "bring it home when the site is well again: `switchboard plan --back`";
const READ: &str = "see why the state command tells nothing: `switchboard check`";
const TAKE_OUT: &str = "take the standby out of that dial plan, or let another server stand by";

pub(super) fn judge(input: &Input<'_>) -> Found {
    if !input.has(FailoverMethod::EnableDisable) {
        return Found::NotApplicable(
            "no dial plan fails over by enabling and disabling: all servers are enabled".to_owned(),
        );
    }
    let mut notes = Notes::default();
    for plan in input.topology.dial_plans.iter().filter(|plan| plan.method == FailoverMethod::EnableDisable) {
        match sites(input, plan) {
            Some((home, standby)) => judge_plan(&mut notes, input, plan, home, standby),
            None => notes.fail(format!("{}: {} has no standby with servers", plan.name, plan.site), STANDBY),
        }
    }
    Found::Seen(notes)
}

fn sites<'a>(input: &Input<'a>, plan: &DialPlan) -> Option<(&'a Site, &'a Site)> {
    let home = input.topology.site(&plan.site)?;
    let standby = input.topology.site(home.standby.as_ref()?)?;
    (!standby.servers.is_empty()).then_some((home, standby))
}

fn judge_plan(notes: &mut Notes, input: &Input<'_>, plan: &DialPlan, home: &Site, standby: &Site) {
    let view = input.picture.dial_plans.iter().find(|view| view.name == plan.name);
    for server in home.servers.iter().chain(&standby.servers) {
        member(notes, plan, view, server);
    }
    let away = is_away(input, home, standby);
    for server in &standby.servers {
        depends(notes, input, plan, server);
        state(notes, input, server, away);
    }
    let count = home.servers.len() + standby.servers.len();
    notes.fine(format!(
        "{}: all {count} servers of {} and {} are members, {} disabled",
        plan.name,
        home.name,
        standby.name,
        list(standby.servers.iter().map(|server| server.fqdn.host()))
    ));
}

fn member(notes: &mut Notes, plan: &DialPlan, view: Option<&DialPlanView>, server: &Server) {
    let known: Option<&MemberView> = view.and_then(|view| view.members.iter().find(|m| m.fqdn == server.fqdn));
    let Server { fqdn, .. } = server;
    match known {
        None => notes.fail(format!("{fqdn} is no member of {}", plan.name), ADD),
        Some(MemberView { reported: Some(false), .. }) => {
            notes.fail(format!("{fqdn} is declared as member of {}, and is none", plan.name), ADD);
        }
        Some(MemberView { declared: false, .. }) => {
            notes.warn(format!("{fqdn} is a member of {}, and is not declared so", plan.name), ADD);
        }
        Some(MemberView { reported: None, .. }) => {
            notes.unknown(format!("{fqdn}: no state command reports whether it is a member of {}", plan.name), READ);
        }
        Some(_) => {}
    }
}

fn depends(notes: &mut Notes, input: &Input<'_>, plan: &DialPlan, server: &Server) {
    let others = input.topology.plans_of(&server.fqdn).filter(|other| other.name != plan.name);
    for other in others.filter(|other| other.method == FailoverMethod::Dns || other.site == server.site) {
        notes.fail(format!("{} depends on {}, which stands by for {}", other.name, server.fqdn, plan.name), TAKE_OUT);
    }
}

fn state(notes: &mut Notes, input: &Input<'_>, server: &Server, away: bool) {
    match input.view(&server.fqdn).and_then(|view| view.state) {
        None => notes.unknown(format!("{}: no state command reports its state", server.fqdn), READ),
        Some(ServiceState::Disabled) => {}
        Some(state) if away => notes.warn(format!("{} is {state}: the site is failed over to it", server.fqdn), HOME),
        Some(state) => {
            notes.fail(format!("{} is {state}, and should be Disabled in normal operation", server.fqdn), DISABLE);
        }
    }
}

/// Whether the standby carries the calls now: no server of the home site is enabled, one of the standby is.
fn is_away(input: &Input<'_>, home: &Site, standby: &Site) -> bool {
    let enabled = |site: &Site| {
        let views = site.servers.iter().filter_map(|server| input.view(&server.fqdn));
        views.filter(|view: &&ServerView| view.state == Some(ServiceState::Enabled)).count()
    };
    enabled(home) == 0 && enabled(standby) > 0
}
