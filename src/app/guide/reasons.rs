//! Reasons, by rule: given to the plan that is there where that is all it changes, by a new plan where it changes how everything is
//! judged; taken back where the rule says more than what was answered.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{ask, with_guide};
use super::{Guide, Step};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::failover::plan::{Content, Plan, Verdict};
use crate::failover::rules::give_reasons;

/// Rules whose reason is a word about the site itself: it changes by which column everything is judged.
const ATTESTING: [&str; 2] = ["source-needs-it", "seen-elsewhere"];

/// Gives a rule, or the whole run, a reason.
pub(in crate::app) fn take_reason(model: &mut Model, rule: Option<&str>, reason: &str) -> Result<Vec<Effect>, String> {
    let gone = || Err("no failover is open any more".to_owned());
    with_guide(model, |model, guide| match rule {
        Some(rule) => of_rule(model, guide, rule, reason),
        None => Ok(of_run(model, guide, reason)),
    })
    .unwrap_or_else(gone)
}

fn of_run(model: &mut Model, guide: &mut Guide, reason: &str) -> Vec<Effect> {
    guide.choices.reason = Some(reason.to_owned()).filter(|reason| !reason.trim().is_empty());
    if guide.step == Step::Review {
        return ask(model, guide);
    }
    guide.choose_again();
    Vec::new()
}

fn of_rule(model: &mut Model, guide: &mut Guide, rule: &str, reason: &str) -> Result<Vec<Effect>, String> {
    let Some(made) = &mut guide.made else { return Err("there is no plan any more: look again".to_owned()) };
    let mut content = (*made.plan).clone();
    let asked: BTreeSet<(String, String)> = wanting(&content).filter(|(id, _)| id == rule).collect();
    let given = BTreeMap::from([(rule.to_owned(), reason.to_owned())]);
    give_reasons(&mut content.rules, &given).map_err(|error| error.to_string())?;
    if asked.is_empty() {
        return Err(format!("{rule} asks for no reason now"));
    }
    guide.answered.retain(|(id, _)| id != rule);
    guide.answered.extend(asked);
    guide.choices.reasons.insert(rule.to_owned(), reason.to_owned());
    made.plan = Plan::seal(content);
    guide.told = None;
    // What is on its way knows nothing of it; it is given the reason when it comes.
    Ok(if ATTESTING.contains(&rule) { ask(model, guide) } else { Vec::new() })
}

/// Why a reason cannot be given to a rule, before anybody types one.
pub(super) fn refused(guide: &Guide, rule: &str) -> Option<String> {
    let outcomes = guide.plan().into_iter().flat_map(|plan| &plan.rules);
    match outcomes.filter(|outcome| outcome.id == rule).map(|outcome| outcome.outcome).max() {
        Some(Verdict::Block) => {
            Some(format!("{rule} forbids this run: no reason passes over it; the help says who mends it"))
        }
        Some(Verdict::Reason) => None,
        _ => Some(format!("{rule} asks for no reason")),
    }
}

/// Gives the reasons that were typed so far to a plan that was made anew, and takes back those of rules that say more now than what
/// was answered. Says which.
pub(super) fn keep(guide: &mut Guide) -> Option<String> {
    let Some(made) = &mut guide.made else { return None };
    let more: BTreeSet<String> = wanting(&made.plan)
        .filter(|said| guide.choices.reasons.contains_key(&said.0) && !guide.answered.contains(said))
        .map(|(id, _)| id)
        .collect();
    guide.choices.reasons.retain(|id, _| !more.contains(id));
    let mut content = (*made.plan).clone();
    for outcome in content.rules.iter_mut().filter(|outcome| more.contains(&outcome.id)) {
        outcome.given = None;
    }
    // A reason that cannot be given any more, to a rule that forbids the run now, stays: the rule is in the way by itself.
    for (id, reason) in &guide.choices.reasons {
        let _ = give_reasons(&mut content.rules, &BTreeMap::from([(id.clone(), reason.clone())]));
    }
    if content != *made.plan {
        made.plan = Plan::seal(content);
    }
    let names: Vec<&str> = more.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| {
        format!("{} says more now than when its reason was given: read it, and give the reason again", names.join(", "))
    })
}

/// What wants a reason, and about what.
fn wanting(plan: &Content) -> impl Iterator<Item = (String, String)> {
    let outcomes = plan.rules.iter().filter(|outcome| outcome.outcome == Verdict::Reason);
    outcomes.map(|outcome| (outcome.id.clone(), outcome.subject.clone()))
}
