//! What two plans for the same thing differ in, in words: whether choices and reasons may stay when one takes the other's place.

use serde_json::Value;

use super::{Content, Plan, RuleOutcome, StepId, Verdict};

impl Plan {
    /// Whether this plan, made anew, takes the place of an older one so that choices and overrides stay and only the phrase is typed
    /// again: the actions are byte for byte the same, and no rule says anything worse.
    #[must_use]
    pub fn renews(&self, older: &Self) -> bool {
        self.differences(older).is_empty()
    }

    /// What keeps this plan from taking an older one's place; nothing when nothing does.
    #[must_use]
    pub fn differences(&self, older: &Self) -> Vec<String> {
        let mut told = Vec::new();
        if self.actions_hash() != older.actions_hash() {
            told.extend(actions(self, older));
            if told.is_empty() {
                told.push("pairs or fences are not what they were".to_owned());
            }
        }
        told.extend(self.rules.iter().filter_map(|rule| worse(rule, older)));
        told
    }
}

/// A rule that says something worse than it said.
fn worse(rule: &RuleOutcome, older: &Content) -> Option<String> {
    let same = older.rules.iter().filter(|old| old.id == rule.id && old.subject == rule.subject);
    let before = same.map(|old| old.outcome).max().unwrap_or(Verdict::Pass);
    (rule.outcome > before).then(|| {
        let (now, before) = (rule.outcome.word(), before.word());
        format!("{} ({}) was {before}, is {now}: {}", rule.id, rule.subject, rule.measured)
    })
}

/// Steps that are not what they were. The run's own name, which every plan has anew, makes no difference.
fn actions(new: &Content, old: &Content) -> Vec<String> {
    let text = |content: &Content, id: &StepId| {
        let step = content.steps.iter().find(|step| step.id == *id)?;
        let value: Value = serde_json::to_value(step).ok()?;
        Some(value.to_string().replace(content.id.as_str(), "RUN"))
    };
    let ids = |content: &'_ Content| content.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>();
    let mut told = Vec::new();
    for id in ids(new) {
        match text(old, &id) {
            None => told.push(format!("step {id} is new")),
            before if before != text(new, &id) => told.push(format!("step {id} is not what it was")),
            _ => {}
        }
    }
    told.extend(ids(old).into_iter().filter(|id| text(new, id).is_none()).map(|id| format!("step {id} is gone")));
    told
}
