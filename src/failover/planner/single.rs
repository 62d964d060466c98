//! The same for one server's service state: enable, drain or disable, as a plan with rules and a run.

use super::scope::Scope;
use super::{Making, Refusal, Request, Room, Seen, steps, view};
use crate::domain::act::Verb;
use crate::domain::judge::Picture;
use crate::domain::name::Fqdn;
use crate::domain::topology::{FailoverMethod, Topology};
use crate::failover::plan::{Content, Path, SipWant, Step};

/// Plans a change of one server's service state. Of the request only mode, reason, attestation and who asks count.
///
/// # Errors
/// [`Refusal`] when it cannot be planned, or when the server is in that state.
pub fn service_plan(
    topology: &Topology,
    picture: &Picture,
    server: &Fqdn,
    verb: Verb,
    request: &Request,
    making: &Making,
) -> Result<Content, Refusal> {
    let declared = topology.server(server).ok_or_else(|| Refusal::UnknownServer(server.clone()))?;
    if view(picture, server).and_then(|view| view.state) == Some(verb.leads_to()) {
        return Err(Refusal::NothingToDo(format!("{server} is {}", verb.leads_to())));
    }
    let scope = Scope {
        site: declared.site.clone(),
        other: declared.site.clone(),
        from: declared.site.clone(),
        to: declared.site.clone(),
        method: FailoverMethod::EnableDisable,
        dial_plans: topology.plans_of(server).map(|plan| plan.name.clone()).collect(),
        pairs: Vec::new(),
        left_out: Vec::new(),
    };
    let room = Room { topology, picture, seen: &Seen::default(), request, making, scope: &scope };
    let mut planned: Vec<Step> = vec![room.command(declared, verb)?];
    if verb == Verb::Enable {
        let does = format!("Proves that {server} takes new calls.");
        let targets = steps::targets(server, declared);
        planned.push(room.sip_check("prove", targets, SipWant::InService, Path::Address, does));
    }
    Ok(room.content(Vec::new(), planned))
}
