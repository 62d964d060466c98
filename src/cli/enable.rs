//! `switchboard enable` and `switchboard disable`: one server's service state, with the same rules and the same run as a failover.

use std::io::BufRead as _;
use std::sync::Arc;

use super::context::{Context, environment};
use super::follow::{followed, start};
use super::terms::Terms;
use super::{Usage, output};
use crate::domain::act::Verb;
use crate::domain::name::{Fqdn, SiteName};
use crate::executor::attach::Who;
use crate::executor::confirm::{Confirmation, check, write};
use crate::executor::preflight::look;
use crate::executor::store::Store;
use crate::failover::plan::{Mode, Plan};
use crate::failover::planner::{Request, service_plan};
use crate::failover::rules::OverrideError;
use crate::failover::runbook;
use crate::probe::Clock;

/// The exit code when nothing was changed.
pub(crate) const FAILED: u8 = 1;

/// Arguments of `enable` and `disable`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The server, by its own name
    pub(crate) server: String,
    /// The server is dead, or dying
    #[arg(long)]
    pub(crate) emergency: bool,
    #[command(flatten)]
    pub(crate) terms: Terms,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Plans, shows, asks for the phrase on standard input, and has it carried out.
pub(crate) async fn run(args: Args, verb: Verb, context: &Context) -> anyhow::Result<u8> {
    let server = Fqdn::parse(&args.server).map_err(|error| Usage(error.to_string()))?;
    let reasons = args.terms.reasons()?;
    let clock = Clock::start();
    let store = Store::new(context.state_dir()?);
    let looked =
        look(Arc::new(context.topology(args.json)?), clock.clone(), store.clone(), args.terms.given.primary).await?;
    let site = looked.topology.server(&server).map_or_else(|| SiteName::new(""), |known| known.site.clone());
    let mut request = Request::whole_site(site, Who::am_i(&environment).by.as_str());
    request.mode = if args.emergency { Mode::Emergency } else { Mode::Planned };
    request.reason.clone_from(&args.terms.reason);
    request.attested = reasons.attested();
    request.primary = args.terms.given.primary;
    request.without_marker = args.terms.without_marker;
    let making = looked.making();
    let planned = service_plan(&looked.topology, &looked.picture, &looked.seen, &server, verb, &request, &making)?;
    let (plan, not_taken) = looked.judged(planned, &reasons, &environment).await?;
    if !shown(&plan, not_taken.as_ref()) {
        return Ok(FAILED);
    }
    if args.terms.kept(&plan)? {
        return Ok(0);
    }
    carry_out(&store, &plan, context, args.json).await
}

/// Shows a plan that was made on the way. Says whether nothing stands in its way.
pub(crate) fn shown(plan: &Plan, not_taken: Option<&OverrideError>) -> bool {
    output::note(&output::clean_lines(&runbook::review(plan)));
    if let Some(error) = not_taken {
        output::note(&output::clean_lines(&format!("switchboard: {error}")));
    }
    let free = plan.obstacles().next().is_none();
    if !free {
        output::note("switchboard: rules stand in the way, nothing was changed");
    }
    free
}

/// Asks for the phrase on standard input, and has the plan carried out.
pub(crate) async fn carry_out(store: &Store, plan: &Plan, context: &Context, json: bool) -> anyhow::Result<u8> {
    if !is_confirmed(plan)? {
        output::note("switchboard: not confirmed, nothing was changed");
        return Ok(FAILED);
    }
    let config = context.topology_file()?.canonicalize()?;
    let who = Who::am_i(&environment);
    let confirmation = Confirmation { phrase: &plan.confirm(), commit_confirm: None, config: &config, who: &who };
    // The phrase may have been typed long after the plan was shown.
    let now = Clock::start().now();
    check(plan, &context.topology(json)?, &confirmation, now)?;
    let dir = write(store, plan, &confirmation, now)?;
    let child = start(store, &dir)?;
    Ok(followed(&dir, child, json).await.1)
}

fn is_confirmed(plan: &Plan) -> anyhow::Result<bool> {
    output::note(&format!("Type {} to confirm:", plan.confirm()));
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    Ok(plan.is_confirmed_by(&typed))
}
