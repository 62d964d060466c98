//! `switchboard plan`: looks, plans, rehearses, judges; prints the plan and writes its file. Changes nothing.

mod renew;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use serde_json::json;

use super::context::{Context, environment};
use super::terms::Terms;
use super::{Usage, output};
use crate::domain::act::Update;
use crate::domain::clean::Clean;
use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::topology::Topology;
use crate::executor::attach::Who;
use crate::executor::preflight::{Reasons, look};
use crate::executor::store::Store;
use crate::failover::plan::{Mode, Plan};
use crate::failover::planner::{self, Refusal, Request};
use crate::failover::rules::OverrideError;
use crate::failover::runbook;
use crate::probe::Clock;
use crate::wire::dns::script::script;

/// The exit code when there is no plan that may be run.
pub(crate) const FAILED: u8 = 1;

/// Plan a failover: what would change, rehearsed and judged, and nothing else
///
/// Exit codes: 0 a plan that may be confirmed, 1 no plan or rules in its way, 3 wrong command line.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The site whose names and dial plans move
    #[arg(long, value_name = "SITE", required_unless_present = "renew")]
    pub(crate) from: Option<String>,
    /// Make a plan anew that has expired: where all is as it was, choices and reasons stay and only the phrase is typed again
    #[arg(long, value_name = "FILE", conflicts_with_all = CHOICES)]
    pub(crate) renew: Option<PathBuf>,
    /// The site that takes over [default: its standby]
    #[arg(long, value_name = "SITE")]
    pub(crate) to: Option<String>,
    /// Only the servers of this dial plan
    #[arg(long, value_name = "NAME")]
    pub(crate) dial_plan: Option<String>,
    /// Only this server; may be repeated
    #[arg(long, value_name = "FQDN")]
    pub(crate) server: Vec<String>,
    /// Another stand-in than the partner: the server, =, the host that takes over
    #[arg(long, value_name = "FQDN=FQDN")]
    pub(crate) map: Vec<String>,
    /// Leave this server where it is; may be repeated
    #[arg(long, value_name = "FQDN")]
    pub(crate) leave_out: Vec<String>,
    /// Bring the site's names and dial plans home
    #[arg(long)]
    pub(crate) back: bool,
    /// How much care there is time for
    #[arg(long, value_enum, default_value = "planned")]
    pub(crate) mode: Care,
    #[command(flatten)]
    pub(crate) terms: Terms,
    /// Print the steps for doing them by hand
    #[arg(long)]
    pub(crate) runbook: bool,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// What an expired plan has chosen already.
const CHOICES: [&str; 9] =
    ["from", "to", "dial_plan", "server", "map", "leave_out", "back", "primary", "without_marker"];

/// How much care there is time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Care {
    /// Everything is well and shall be elsewhere
    Planned,
    /// The site that is left is dead, or dying
    Emergency,
}

const EXAMPLES: &str = "\
Examples:
  switchboard plan --from Tukwila                            what would a failover of the site do?
  switchboard plan --from Tukwila --out plan.json            the same, for `switchboard failover --plan plan.json`
  switchboard plan --from Tukwila --back --out plan.json     home again
  switchboard plan --renew plan.json --out plan.json         ten minutes are over: the same plan, if all is as it was
  switchboard plan --from Tukwila --mode emergency --override seen-elsewhere='INC-42: I called, no answer'";

/// Looks, plans, prints.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    if let Some(file) = &args.renew {
        return renew::run(&args, file, context).await;
    }
    let reasons = args.terms.reasons()?;
    let topology = Arc::new(context.topology(args.json)?);
    let looked = look(topology, Clock::start(), Store::new(context.state_dir()?), args.terms.given.primary).await?;
    let request = request(&args, &looked.topology, &reasons)?;
    let making = looked.making();
    match planner::plan(&looked.topology, &looked.picture, &looked.seen, &request, &making) {
        Ok(planned) => finish(&args, looked.judged(planned, &reasons, &environment).await?),
        Err(refusal) => refused(&args, &refusal),
    }
}

fn finish(args: &Args, (plan, not_taken): (Plan, Option<OverrideError>)) -> anyhow::Result<u8> {
    if let Some(error @ (OverrideError::Unknown(_) | OverrideError::Empty(_))) = &not_taken {
        return Err(Usage(error.to_string()).into());
    }
    show(args, &plan)?;
    args.terms.kept(&plan)?;
    if let Some(error) = not_taken {
        output::note(&output::clean_lines(&format!("switchboard: {error}")));
    }
    Ok(if plan.obstacles().next().is_none() { 0 } else { FAILED })
}

fn show(args: &Args, plan: &Plan) -> anyhow::Result<()> {
    if args.json {
        return output::json(&plan.to_json());
    }
    let text = if args.runbook {
        runbook::runbook(plan, &|update: &Update| script(update).map_err(|error| error.to_string()))
    } else {
        runbook::review(plan)
    };
    Ok(output::print(&clean(&text))?)
}

/// Cleans a text of any length: a marker's script must not be cut.
pub(crate) fn clean(text: &str) -> String {
    let piece = |chars: &[char]| Clean::new(&chars.iter().collect::<String>()).to_string();
    let line =
        |line: &str| line.chars().collect::<Vec<_>>().chunks(Clean::LONGEST).map(piece).collect::<String>() + "\n";
    text.lines().map(line).collect()
}

fn refused(args: &Args, refusal: &Refusal) -> anyhow::Result<u8> {
    no_plan(args, &refusal.to_string())
}

fn no_plan(args: &Args, why: &str) -> anyhow::Result<u8> {
    if args.json {
        output::json(&json!({ "version": 1, "refused": clean(why).trim_end() }))?;
    }
    output::note(&output::clean_lines(&format!("switchboard: no plan: {why}")));
    Ok(FAILED)
}

/// What is asked for, in the planner's words. A server may be called by its host label where only one has it.
fn request(args: &Args, topology: &Topology, reasons: &Reasons) -> anyhow::Result<Request> {
    let names =
        |texts: &[String]| texts.iter().map(|text| server(topology, text)).collect::<anyhow::Result<Vec<Fqdn>>>();
    Ok(Request {
        site: SiteName::new(args.from.as_deref().unwrap_or_default()),
        to: args.to.as_ref().map(SiteName::new),
        dial_plan: args.dial_plan.as_ref().map(DialPlanName::new),
        servers: names(&args.server)?,
        map: map(&args.map, topology)?,
        leave_out: names(&args.leave_out)?.into_iter().collect::<BTreeSet<_>>(),
        back: args.back,
        mode: match args.mode {
            Care::Planned => Mode::Planned,
            Care::Emergency => Mode::Emergency,
        },
        primary: args.terms.given.primary,
        without_marker: args.terms.without_marker,
        reason: args.terms.reason.clone(),
        attested: reasons.attested(),
        by: Who::am_i(&environment).by.to_string(),
    })
}

fn server(topology: &Topology, text: &str) -> anyhow::Result<Fqdn> {
    let name = Fqdn::parse(text).map_err(|error| Usage(error.to_string()))?;
    let same: Vec<&Fqdn> =
        topology.servers().map(|server| &server.fqdn).filter(|fqdn| fqdn.host() == name.as_str()).collect();
    match same.as_slice() {
        [one] => Ok((*one).clone()),
        _ => Ok(name),
    }
}

fn map(pairs: &[String], topology: &Topology) -> anyhow::Result<BTreeMap<Fqdn, Fqdn>> {
    let pair = |text: &String| {
        let (from, to) = text.split_once('=').ok_or_else(|| Usage(format!("--map {text}: write it as FQDN=FQDN")))?;
        Ok((server(topology, from)?, server(topology, to)?))
    };
    pairs.iter().map(pair).collect()
}
