//! The dialog and its plan: asking for one, taking the answer, noticing that the world has moved on.

use super::reasons;
use super::{Guide, Made, PlanAsk, Step, Wait, facts};
use crate::app::dialog::Dialog;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::failover::plan::Plan;

/// Asks for the dialog's plan. What is on its way already is asked for again when it comes, as it was chosen since.
pub(super) fn ask(model: &mut Model, guide: &mut Guide) -> Vec<Effect> {
    guide.told = None;
    guide.script = false;
    if let Some(wait) = &mut guide.waits {
        wait.outdated = true;
        return Vec::new();
    }
    model.tickets += 1;
    let ticket = model.tickets;
    guide.waits = Some(Wait { ticket, since: model.now, outdated: false, sight: facts::Sight::of(model) });
    let (request, reasons) = (guide.request(&model.settings.operator), guide.choices.reasons.clone());
    vec![Effect::MakePlan(Box::new(PlanAsk { ticket, asked: guide.asked.clone(), request, reasons }))]
}

/// Takes the answer to a question for a plan.
pub(in crate::app) fn made(model: &mut Model, ticket: u64, answer: Result<Box<Made>, String>) -> Vec<Effect> {
    with_guide(model, |model, guide| made_in(model, guide, ticket, answer)).unwrap_or_default()
}

fn made_in(model: &mut Model, guide: &mut Guide, ticket: u64, answer: Result<Box<Made>, String>) -> Vec<Effect> {
    let Some(wait) = guide.waits.take_if(|wait| wait.ticket == ticket && !guide.sent) else { return Vec::new() };
    if wait.outdated {
        return ask(model, guide);
    }
    guide.changed.clear();
    guide.phrase.reset();
    match answer {
        Ok(made) => {
            let not_taken = made.not_taken.clone();
            let older = guide.made.replace(made);
            let withdrawn = reasons::keep(guide);
            let news = older.zip(guide.plan()).map(|(older, plan)| compared(&older.plan, plan));
            guide.told = not_taken.or(withdrawn).or(news);
            guide.seen = guide.plan().map(|plan| wait.sight.facts(plan)).unwrap_or_default();
            guide.step = Step::Review;
            look_at(model, guide);
        }
        Err(why) => {
            guide.told = Some(why);
            guide.made = None;
            guide.step = Step::Choose;
        }
    }
    Vec::new()
}

/// What is new about a plan that was made anew.
fn compared(older: &Plan, plan: &Plan) -> String {
    let told = match plan.renews(older) {
        true => "looked again: nothing has changed; type the new phrase",
        false if plan.actions_hash() == older.actions_hash() => "looked again: a rule says something worse now",
        false => "looked again: the plan is another one now, read it again",
    };
    told.to_owned()
}

/// Compares what is seen now with what the plan was made against. A plan whose targets have changed is disarmed.
pub(in crate::app) fn look_again(model: &mut Model) {
    with_guide(model, |model, guide| look_at(model, guide));
}

fn look_at(model: &Model, guide: &mut Guide) {
    let waiting = matches!(guide.step, Step::Review | Step::Confirm) && !guide.sent && guide.waits.is_none();
    let Some(plan) = guide.plan().filter(|_| waiting) else { return };
    guide.changed = guide.seen.differences(&facts::now(model, plan), plan);
    if guide.step == Step::Confirm && guide.not_ready(model.now).is_some() {
        guide.step = Step::Review;
        guide.phrase.reset();
    }
}

/// Lends the dialog out beside the model that holds it; `None` when none is open.
pub(super) fn with_guide<T>(model: &mut Model, work: impl FnOnce(&mut Model, &mut Guide) -> T) -> Option<T> {
    let at = model.dialogs.iter().position(|dialog| matches!(dialog, Dialog::Guide(_)))?;
    let Dialog::Guide(mut guide) = model.dialogs.remove(at) else { return None };
    let done = work(model, &mut guide);
    let at = at.min(model.dialogs.len());
    model.dialogs.insert(at, Dialog::Guide(guide));
    Some(done)
}
