//! What the rehearsal and the rules say of a plan: a line each, and everything about the chosen one.

use super::review::{Numbers, numbered};
use super::rows::{Row, heading, paragraph};
use crate::app::action::Id;
use crate::app::guide::Item;
use crate::app::{Model, exact};
use crate::failover::plan::{Content, RuleOutcome, Verdict};
use crate::failover::rules;
use crate::ui::look::{Glyphs, Role};
use crate::ui::text::{width, wrap};
use crate::ui::words;

/// The rule that judges the rehearsal.
const REHEARSAL: &str = "standby-answers-as-name";

/// What rules say: a line each, and everything about the chosen one.
pub(super) struct Rules<'a> {
    pub(super) model: &'a Model,
    pub(super) plan: &'a Content,
    pub(super) at: &'a Numbers<'a>,
    pub(super) chosen: Option<&'a Item>,
    pub(super) columns: usize,
    pub(super) glyphs: &'a Glyphs,
}

impl Rules<'_> {
    fn hint(&self, ids: &[Id]) -> String {
        self.model.hint(ids, self.glyphs.arrows)
    }

    /// Rules that stand in the way, first of all.
    pub(super) fn in_the_way(&self) -> Vec<Row> {
        let standing: Vec<&RuleOutcome> = loud(self.plan).into_iter().filter(|rule| rule.stands_in_the_way()).collect();
        if standing.is_empty() {
            return Vec::new();
        }
        let mut rows = vec![heading("In the way").note(self.hint(&[Id::Reason, Id::LeaveOut, Id::Help]), Role::Dim)];
        rows.extend(standing.into_iter().flat_map(|rule| self.rule(rule)));
        rows.push(Row::gap());
        rows
    }

    /// Rules that say anything but "fine", and are not in the way; then how many are fine.
    pub(super) fn others(&self) -> Vec<Row> {
        let mut rows = vec![Row::gap(), heading("Rules").note(self.hint(&[Id::Help]), Role::Dim)];
        let others = loud(self.plan).into_iter().filter(|rule| !rule.stands_in_the_way());
        rows.extend(others.flat_map(|rule| self.rule(rule)));
        let of = |verdict| self.plan.rules.iter().filter(move |rule| rule.outcome == verdict);
        let mut unchecked: Vec<&str> = of(Verdict::NotChecked).map(|rule| rule.id.as_str()).collect();
        unchecked.dedup();
        let unchecked =
            if unchecked.is_empty() { String::new() } else { format!("; not checked: {}", unchecked.join(", ")) };
        let text = format!("{} passed{unchecked}", of(Verdict::Pass).count());
        rows.extend(paragraph(&text, Role::Dim, self.columns));
        rows
    }

    fn rule(&self, rule: &RuleOutcome) -> Vec<Row> {
        let (mark, style) = sign(rule, self.glyphs);
        let word = match rule.outcome {
            Verdict::Block => "BLOCKED",
            Verdict::Reason if rule.given.is_some() => "overridden",
            Verdict::Reason => "needs a reason",
            _ => "warns",
        };
        let item = Item::Rule { id: rule.id.clone(), subject: rule.subject.clone() };
        let short = |text: &str| words::told(&self.model.names.shorten(text));
        let (subject, measured) = (short(&rule.subject), short(&rule.measured));
        let chosen = self.chosen == Some(&item);
        let mut line = vec![(format!("{mark} {} {word}", rule.id), style), (format!("  {subject}"), Role::Strong)];
        let said = match measured.strip_prefix(&subject).filter(|rest| rest.starts_with(' ')) {
            Some(rest) => rest.to_owned(),
            None => format!(": {measured}"),
        };
        let room = self.columns.saturating_sub(line.iter().map(|(text, _)| width(text)).sum::<usize>() + 1);
        let inline = !chosen && width(&said) <= room;
        if inline {
            line.push((said, Role::Text));
        }
        let mut rows = vec![numbered(Row::new(line), (self.at)(&item))];
        if !inline {
            rows.extend(paragraph(&measured, Role::Text, self.columns));
        }
        if chosen {
            rows.extend(self.everything(rule));
        }
        rows
    }

    fn everything(&self, rule: &RuleOutcome) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(given) = &rule.given {
            rows.extend(paragraph(&format!("reason: {given}"), Role::Warn, self.columns));
        }
        if let Some(known) = rules::rule(&rule.id) {
            let text = format!("{} Mended by {}.", known.words, known.who);
            rows.extend(paragraph(&text, Role::Dim, self.columns));
            let command = known.command.map(|command| exact(self.model, command, &rule.subject));
            rows.extend(
                command.into_iter().flat_map(|line| paragraph(&format!("Try: {line}"), Role::Dim, self.columns)),
            );
        }
        rows
    }
}

/// Rules that say anything but "fine", the worst first.
fn loud(plan: &Content) -> Vec<&RuleOutcome> {
    let mut loud: Vec<&RuleOutcome> = plan.rules.iter().filter(|rule| rule.outcome > Verdict::NotChecked).collect();
    loud.sort_by_key(|rule| std::cmp::Reverse((rule.stands_in_the_way(), rule.outcome)));
    loud
}

/// What was asked of whom before anything changes.
pub(super) fn rehearsal(model: &Model, plan: &Content, columns: usize, glyphs: &Glyphs) -> Vec<Row> {
    let asked = |rule: &&RuleOutcome| matches!(rule.id.as_str(), REHEARSAL | "key-works");
    let mut rows = Vec::new();
    for rule in plan.rules.iter().filter(asked).filter(|rule| rule.outcome != Verdict::NotChecked) {
        let (glyph, role) = sign(rule, glyphs);
        if rows.is_empty() {
            rows.extend([Row::gap(), heading("Rehearsal, done just now")]);
        }
        let text = words::told(&model.names.shorten(&told(rule)));
        for (number, part) in wrap(&text, columns.saturating_sub(6)).into_iter().enumerate() {
            let lead = if number == 0 { format!("  {glyph} ") } else { "    ".to_owned() };
            rows.push(Row::new(vec![(lead, role), (part, Role::Text)]));
        }
    }
    rows
}

fn told(rule: &RuleOutcome) -> String {
    if rule.measured.starts_with(&rule.subject) {
        rule.measured.clone()
    } else {
        format!("{}: {}", rule.subject, rule.measured)
    }
}

fn sign(rule: &RuleOutcome, glyphs: &Glyphs) -> (&'static str, Role) {
    match rule.outcome {
        Verdict::Pass => (glyphs.yes, Role::Up),
        Verdict::NotChecked => (glyphs.none, Role::Dim),
        Verdict::Warn => (glyphs.warn, Role::Warn),
        Verdict::Reason if rule.given.is_some() => (glyphs.warn, Role::Warn),
        Verdict::Reason | Verdict::Block => (glyphs.no, Role::Down),
    }
}
