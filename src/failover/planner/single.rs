//! The same for one server's service state: enable, drain or disable, as a plan with rules and a run.

use super::scope::Scope;
use super::{Making, Refusal, Request, Room, Seen, steps, view};
use crate::domain::act::Verb;
use crate::domain::judge::Picture;
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::server::Server;
use crate::domain::topology::{FailoverMethod, Topology};
use crate::failover::plan::{Content, Path, SipWant, Step};

/// Plans a change of one server's service state. Of the request only mode, primary, marker, reason, attestation and who asks
/// count.
///
/// # Errors
/// [`Refusal`] when it cannot be planned, or when the server is in that state.
pub fn service_plan(
    topology: &Topology,
    picture: &Picture,
    seen: &Seen,
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
        other: partner_site(topology, declared),
        from: declared.site.clone(),
        to: declared.site.clone(),
        method: FailoverMethod::EnableDisable,
        dial_plans: topology.plans_of(server).map(|plan| plan.name.clone()).collect(),
        pairs: Vec::new(),
        left_out: Vec::new(),
    };
    let room = Room { topology, picture, seen, request, making, scope: &scope };
    let zones = room.fenced(None, std::iter::once(declared))?;
    let mut planned: Vec<Step> = room.claims(&zones);
    planned.push(room.command(declared, verb)?);
    if verb == Verb::Enable {
        let does = format!("Proves that {server} takes new calls.");
        let targets = steps::targets(server, declared);
        planned.push(room.sip_check("prove", targets, SipWant::InService, Path::Address, does));
    }
    let (fences, steps) = room.fenced_in(zones, planned);
    Ok(room.content(fences, steps))
}

/// The site whose runs could touch the same server: it takes over, or is taken over from.
fn partner_site(topology: &Topology, server: &Server) -> SiteName {
    let of_partner = || topology.server(server.partner.as_ref()?).map(|partner| partner.site.clone());
    let standby = topology.site(&server.site).and_then(|site| site.standby.clone());
    standby.or_else(of_partner).unwrap_or_else(|| server.site.clone())
}
