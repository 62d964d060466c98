//! A plan that is made anew: the same choices, from what is seen now.

use std::collections::BTreeMap;

use super::{Making, Refusal, Request, Seen, plan, service_plan};
use crate::domain::act::Verb;
use crate::domain::judge::Picture;
use crate::domain::name::Fqdn;
use crate::domain::topology::{FailoverMethod, Topology};
use crate::failover::plan::{Action, Content, Direction};

/// The words with which the operator's word that a site is down is written down.
const ATTESTED: &str = "attested: ";

/// Why a server stays where it is, when somebody chose so.
const ON_REQUEST: &str = "left out on request";
const NOT_ASKED: &str = "not asked for";

/// Reasons that an older plan was given, by rule, the operator's word among them: they stay.
#[must_use]
pub fn reasons_of(old: &Content) -> BTreeMap<String, String> {
    let given = old.rules.iter().filter_map(|rule| Some((rule.id.clone(), rule.given.clone()?)));
    let word = old.rules.iter().filter(|rule| rule.id == "seen-elsewhere");
    let word = word.filter_map(|rule| Some((rule.id.clone(), rule.measured.strip_prefix(ATTESTED)?.to_owned())));
    word.chain(given).collect()
}

/// Plans what an older plan planned, for whoever asks now.
///
/// # Errors
/// [`Refusal`] as for a new plan: the world may have moved on.
pub fn plan_again(
    topology: &Topology,
    picture: &Picture,
    seen: &Seen,
    old: &Content,
    by: &str,
    making: &Making,
) -> Result<Content, Refusal> {
    let request = request_of(topology, old, by);
    match command_of(old) {
        Some((server, verb)) if old.pairs.is_empty() => {
            service_plan(topology, picture, seen, server, verb, &request, making)
        }
        _ => plan(topology, picture, seen, &request, making),
    }
}

fn command_of(old: &Content) -> Option<(&Fqdn, Verb)> {
    old.steps.iter().find_map(|step| match &step.action {
        Action::Command(command) => Some((&command.call.server, command.call.verb)),
        _ => None,
    })
}

/// Whether a plan without a fence was made so on request.
fn could_be_fenced(topology: &Topology, old: &Content) -> bool {
    let commanded = old.steps.iter().filter_map(|step| match &step.action {
        Action::Command(command) => topology.server(&command.call.server),
        _ => None,
    });
    old.method == FailoverMethod::Dns || commanded.into_iter().any(|server| topology.fence_of(server).is_some())
}

/// What was asked for, as far as it makes a difference to what is done.
fn request_of(topology: &Topology, old: &Content, by: &str) -> Request {
    let back = old.direction == Direction::Back;
    let stays =
        |why: &'static str| old.left_out.iter().filter(move |left| left.why == why).map(|left| left.server.clone());
    let chosen = stays(NOT_ASKED).next().is_some();
    let partner = |server: &Fqdn| topology.server(server).and_then(|server| server.partner.clone());
    let mapped = old.pairs.iter().filter(|pair| !back && partner(&pair.server).as_ref() != Some(&pair.enters));
    let other = if back { &old.from } else { &old.to };
    // By enable/disable a dial plan may have been chosen; a name moves for all that count on it.
    let one_plan = match old.dial_plans.as_slice() {
        [one] if old.method == FailoverMethod::EnableDisable => Some(one.clone()),
        _ => None,
    };
    let primary = old.fences.first().map(|fence| fence.primary);
    Request {
        to: (old.site != *other).then(|| other.clone()),
        dial_plan: one_plan,
        servers: if chosen { old.pairs.iter().map(|pair| pair.server.clone()).collect() } else { Vec::new() },
        map: mapped.map(|pair| (pair.server.clone(), pair.enters.clone())).collect(),
        leave_out: stays(ON_REQUEST).collect(),
        back,
        mode: old.mode,
        primary,
        without_marker: old.fences.is_empty() && could_be_fenced(topology, old),
        reason: old.reason.clone(),
        attested: ["source-needs-it", "seen-elsewhere"].iter().find_map(|rule| reasons_of(old).remove(*rule)),
        ..Request::whole_site(old.site.clone(), by)
    }
}
