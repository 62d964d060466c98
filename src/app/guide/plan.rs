//! The dialog and its plan: asking for one, taking the answer, noticing that the world has moved on, confirming.

use std::collections::BTreeMap;

use crate::app::dialog::Dialog;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::failover::plan::{Plan, RunId};
use crate::failover::rules::give_reasons;

use super::{Guide, Made, PlanAsk, Step, facts};

/// Rules whose reason is a word about the site itself: it changes by which column everything is judged.
const ATTESTING: [&str; 2] = ["source-needs-it", "seen-elsewhere"];

/// Asks for the dialog's plan; an answer to an earlier question counts no more.
pub(super) fn ask(model: &mut Model, guide: &mut Guide) -> Vec<Effect> {
    model.tickets += 1;
    let ticket = model.tickets;
    guide.waits = Some((ticket, model.now));
    guide.told = None;
    guide.script = false;
    let (request, reasons) = (guide.request(&model.settings.operator), guide.choices.reasons.clone());
    vec![Effect::MakePlan(Box::new(PlanAsk { ticket, asked: guide.asked.clone(), request, reasons }))]
}

/// Takes the answer to a question for a plan.
pub(in crate::app) fn made(model: &mut Model, ticket: u64, answer: Result<Box<Made>, String>) {
    with_guide(model, |model, guide| {
        if guide.waits.is_none_or(|(waited, _)| waited != ticket) {
            return;
        }
        guide.waits = None;
        guide.changed.clear();
        match answer {
            Ok(made) => {
                guide.told = made.not_taken.clone().or_else(|| compared(guide.plan(), &made.plan));
                guide.seen = facts::seen(&model.picture, &model.runs, &made.plan);
                guide.made = Some(made);
                guide.step = Step::Review;
            }
            Err(why) => {
                guide.told = Some(why);
                guide.made = None;
                guide.step = Step::Choose;
            }
        }
    });
}

/// What is new about a plan that was made anew.
fn compared(older: Option<&Plan>, plan: &Plan) -> Option<String> {
    let older = older?;
    Some(match plan.renews(older) {
        true => "looked again: nothing has changed; type the new phrase".to_owned(),
        false if plan.actions_hash() == older.actions_hash() => {
            "looked again: a rule says something worse now".to_owned()
        }
        false => "looked again: the plan is another one now, read it again".to_owned(),
    })
}

/// Compares what is seen now with what the plan was made against. A plan whose targets have changed is disarmed.
pub(in crate::app) fn look_again(model: &mut Model) {
    with_guide(model, |model, guide| {
        let waiting = matches!(guide.step, Step::Review | Step::Confirm) && !guide.sent && guide.waits.is_none();
        let Some(plan) = guide.plan().filter(|_| waiting) else { return };
        let now = facts::seen(&model.picture, &model.runs, plan);
        guide.changed = facts::differences(&guide.seen, &now);
        if guide.step == Step::Confirm && guide.not_ready(model.now).is_some() {
            guide.step = Step::Review;
            guide.phrase.reset();
        }
    });
}

/// Gives a rule a reason: in the plan that is there where that is all it changes, by a new plan otherwise.
pub(in crate::app) fn take_reason(model: &mut Model, rule: Option<&str>, reason: &str) -> Result<Vec<Effect>, String> {
    let mut answer = Ok(Vec::new());
    with_guide(model, |model, guide| answer = reason_in(model, guide, rule, reason));
    answer
}

fn reason_in(model: &mut Model, guide: &mut Guide, rule: Option<&str>, reason: &str) -> Result<Vec<Effect>, String> {
    let Some(rule) = rule else {
        guide.choices.reason = Some(reason.to_owned()).filter(|reason| !reason.trim().is_empty());
        return Ok(if guide.step == Step::Review { ask(model, guide) } else { Vec::new() });
    };
    let Some(made) = &mut guide.made else { return Ok(Vec::new()) };
    let mut content = (*made.plan).clone();
    let given = BTreeMap::from([(rule.to_owned(), reason.to_owned())]);
    give_reasons(&mut content.rules, &given).map_err(|error| error.to_string())?;
    guide.choices.reasons.insert(rule.to_owned(), reason.to_owned());
    if ATTESTING.contains(&rule) {
        return Ok(ask(model, guide));
    }
    made.plan = Plan::seal(content);
    Ok(Vec::new())
}

/// The run was started.
pub(in crate::app) fn confirmed(model: &mut Model, ticket: u64, run: &RunId) {
    with_guide(model, |_, guide| {
        if guide.sent && guide.run.is_none() && guide.waits.is_some_and(|(waited, _)| waited == ticket) {
            guide.waits = None;
            guide.step = Step::Run;
            guide.run = Some(run.clone());
        }
    });
}

/// The run was not started, and nothing was changed.
pub(in crate::app) fn not_confirmed(model: &mut Model, ticket: u64, why: &str) {
    with_guide(model, |_, guide| {
        if guide.sent && guide.waits.is_some_and(|(waited, _)| waited == ticket) {
            guide.waits = None;
            guide.sent = false;
            guide.step = Step::Review;
            guide.phrase.reset();
            guide.told = Some(why.to_owned());
        }
    });
}

/// Lends the dialog out beside the model that holds it.
pub(super) fn with_guide(model: &mut Model, work: impl FnOnce(&mut Model, &mut Guide)) {
    let Some(at) = model.dialogs.iter().position(|dialog| matches!(dialog, Dialog::Guide(_))) else { return };
    let Dialog::Guide(mut guide) = model.dialogs.remove(at) else { return };
    work(model, &mut guide);
    let at = at.min(model.dialogs.len());
    model.dialogs.insert(at, Dialog::Guide(guide));
}
