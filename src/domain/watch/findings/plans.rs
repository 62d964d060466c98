//! Findings about dial plans: how many servers take calls.

use super::Found;
use crate::domain::health::Health;
use crate::domain::judge::{DialPlanView, Picture};

/// The source document advises two servers for each dial plan.
const ADVISED: usize = 2;

pub(super) fn collect(picture: &Picture, found: &mut Found) {
    for plan in &picture.dial_plans {
        if plan.in_service < ADVISED && all_known(picture, plan) {
            judge(plan, found);
        }
    }
}

fn judge(plan: &DialPlanView, found: &mut Found) {
    let serving: Vec<&str> = plan.members.iter().filter(|m| m.in_service).map(|m| m.fqdn.host()).collect();
    let evidence = format!("{} members, in service: {}", plan.members.len(), words(&serving));
    if plan.in_service == 0 {
        found.add("none-in-service", &plan.name, format!("{}: no server takes its calls", plan.name), evidence);
    } else {
        found.add("few-in-service", &plan.name, format!("{}: one server in service, two advised", plan.name), evidence);
    }
}

fn words(hosts: &[&str]) -> String {
    if hosts.is_empty() { "none".to_owned() } else { hosts.join(", ") }
}

/// Nothing is said of a plan while a member's state is not known.
fn all_known(picture: &Picture, plan: &DialPlanView) -> bool {
    let servers = picture.sites.iter().flat_map(|site| &site.servers);
    let mut members = servers.filter(|server| plan.members.iter().any(|member| member.fqdn == server.fqdn));
    members.all(|server| server.health != Health::Unknown)
}
