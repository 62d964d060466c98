//! `switchboard runs takeover ID` of a run whose journal is elsewhere: on another host, in another state directory, or lost.

use std::sync::Arc;

use super::{Why, reasoned};
use crate::cli::context::{Context, environment};
use crate::cli::enable::{carry_out, shown};
use crate::cli::output;
use crate::cli::terms::Given;
use crate::domain::name::SiteName;
use crate::executor::attach::Who;
use crate::executor::preflight::look;
use crate::executor::store::Store;
use crate::failover::plan::Mode;
use crate::failover::planner::{Request, takeover_plan};
use crate::probe::Clock;

/// One run, a reason, and how much it matters that it may still be alive.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) why: Why,
    /// Take the fence of a run on another host although its time is not over
    #[arg(long)]
    emergency: bool,
    #[command(flatten)]
    given: Given,
}

/// The rule that a run of somebody else breaks.
const RULE: &str = "marker-free";

/// Shows what the marker says of it, asks for the phrase, and takes the fence.
pub(super) async fn run(args: Args, store: &Store, context: &Context, json: bool) -> anyhow::Result<u8> {
    let Args { why, emergency, given } = args;
    let why = reasoned(why, "takeover")?;
    let reason = why.reason.clone();
    let (mut reasons, primary) = (given.reasons(reason.as_deref())?, given.primary);
    if emergency && let Some(reason) = &reason {
        reasons.by_rule.entry(RULE.to_owned()).or_insert_with(|| reason.clone());
    }
    let topology = Arc::new(context.topology(json)?);
    let looked = look(topology, Clock::start(), store.clone(), primary).await?;
    let mut request = Request::whole_site(SiteName::new(""), Who::am_i(&environment).by.as_str());
    request.mode = if emergency { Mode::Emergency } else { Mode::Planned };
    (request.primary, request.attested) = (primary, reason.clone().filter(|_| emergency));
    request.reason = reason;
    let (run, making) = (why.id.to_ascii_uppercase(), looked.making());
    let planned = takeover_plan(&looked.topology, &looked.picture, &looked.seen, &run, &request, &making)?;
    let (plan, not_taken) = looked.judged(planned, &reasons, &environment).await?;
    if !shown(&plan, not_taken.as_ref()) {
        if !emergency && plan.obstacles().any(|rule| rule.id == RULE) {
            output::note(
                "switchboard: ask whoever runs it first; where nobody can, --emergency takes the fence from a run that may be alive",
            );
        }
        return Ok(super::FAILED);
    }
    carry_out(store, &plan, context, json).await
}
