//! The phrase: nothing but the plan's own confirms it, once; and what becomes of the confirmation.

use super::plan::with_guide;
use super::{Guide, Step, Wait, facts};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::failover::plan::RunId;

/// Enter in the phrase's field.
pub(in crate::app) fn submit_phrase(model: &mut Model) -> Vec<Effect> {
    with_guide(model, submitted).flatten().into_iter().collect()
}

fn submitted(model: &mut Model, guide: &mut Guide) -> Option<Effect> {
    if guide.sent || guide.step != Step::Confirm {
        return None;
    }
    let plan = &guide.made.as_ref()?.plan;
    let typed = guide.phrase.value().to_owned();
    if !plan.is_confirmed_by(&typed) {
        let told = format!("that is not the phrase of this plan, {}; nothing was changed", plan.confirm());
        guide.told = Some(told);
        return None;
    }
    if let Some(why) = guide.not_ready(model.now) {
        guide.told = Some(why);
        guide.step = Step::Review;
        guide.phrase.reset();
        return None;
    }
    let plan = Box::new(plan.clone());
    model.tickets += 1;
    let (ticket, commit_confirm) = (model.tickets, guide.choices.commit_confirm);
    guide.waits = Some(Wait { ticket, since: model.now, outdated: false, sight: facts::Sight::of(model) });
    guide.sent = true;
    guide.told = None;
    Some(Effect::Confirm { ticket, plan, phrase: typed, commit_confirm })
}

/// The dialog that waits for this answer, if it was not closed meanwhile.
fn waiting<T>(model: &mut Model, ticket: u64, work: impl FnOnce(&mut Guide) -> T) -> Option<T> {
    with_guide(model, |_, guide| {
        let its_own = guide.sent && guide.waits.as_ref().is_some_and(|wait| wait.ticket == ticket);
        its_own.then(|| {
            guide.waits = None;
            work(guide)
        })
    })
    .flatten()
}

/// The run was started.
pub(in crate::app) fn confirmed(model: &mut Model, ticket: u64, run: &RunId) {
    let taken = waiting(model, ticket, |guide| {
        guide.step = Step::Run;
        guide.run = Some(run.clone());
    });
    if taken.is_none() {
        model.notice(&format!("run {run} was started; the screen Runs shows it"));
    }
}

/// The run was not started, and nothing was changed.
pub(in crate::app) fn not_confirmed(model: &mut Model, ticket: u64, why: &str) {
    let taken = waiting(model, ticket, |guide| {
        guide.sent = false;
        guide.step = Step::Review;
        guide.phrase.reset();
        guide.told = Some(why.to_owned());
    });
    if taken.is_none() {
        model.notice(&format!("the failover was not started: {why}"));
    }
}
