//! `switchboard plan --renew FILE`: the same plan again, from what is seen now, when nothing that matters has changed.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::{Args, finish, no_plan, refused};
use crate::cli::context::{Context, environment};
use crate::executor::attach::Who;
use crate::executor::preflight::look;
use crate::executor::store::Store;
use crate::failover::plan::Plan;
use crate::failover::planner::{plan_again, reasons_of};
use crate::probe::Clock;

/// Looks, plans again, compares.
pub(super) async fn run(args: &Args, file: &Path, context: &Context) -> anyhow::Result<u8> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let old = Plan::parse(&text)?;
    let mut reasons = args.terms.reasons()?;
    for (rule, reason) in reasons_of(&old) {
        reasons.by_rule.entry(rule).or_insert(reason);
    }
    let topology = Arc::new(context.topology(args.json)?);
    let primary = old.fences.first().map(|fence| fence.primary);
    let looked = look(topology, Clock::start(), Store::new(context.state_dir()?), primary).await?;
    let by = Who::am_i(&environment).by;
    let again = plan_again(&looked.topology, &looked.picture, &looked.seen, &old, by.as_str(), &looked.making());
    let planned = match again {
        Ok(planned) => planned,
        Err(refusal) => return refused(args, &refusal),
    };
    let judged = looked.judged(planned, &reasons, &environment).await?;
    let differences = judged.0.differences(&old);
    if !differences.is_empty() {
        let all = differences.join("; ");
        return no_plan(args, &format!("it is not the same any more, so make a new one: {all}"));
    }
    finish(args, judged)
}
