//! Review: what exactly would change, what the rehearsal and the rules say, who does what, how long it takes.

use ratatui::layout::Rect;

use super::confirm::left;
use super::rows::{Row, draw as draw_rows, heading, paragraph};
use crate::app::Model;
use crate::app::guide::{Guide, Item};
use crate::domain::act::{Call, RecordKind, RrSet};
use crate::failover::plan::{Action, Content, Plan, Purpose, RuleOutcome, Verdict};
use crate::failover::rules;
use crate::ui::layout::take_top;
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;

/// The number of a choice.
type Numbers<'a> = dyn Fn(&Item) -> Option<usize> + 'a;

/// The rule that judges the rehearsal.
const REHEARSAL: &str = "standby-answers-as-name";

pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let Some(plan) = guide.plan() else { return };
    let columns = usize::from(area.width);
    let items = guide.items(model);
    let at = |item: &Item| items.iter().position(|one| one == item);
    let mut rest = area;
    // Whatever is scrolled to, whether it can be confirmed stays in sight.
    draw_rows(pen, take_top(&mut rest, 1), &[standing(model, guide, plan)], None, 0);
    let mut rows = in_the_way(plan, &at, columns, pen.glyphs());
    rows.extend(changes(plan));
    rows.extend(servers(model, plan, &at, pen.glyphs()));
    rows.extend(rehearsal(plan, pen.glyphs()));
    rows.extend(judged(plan, &at, columns, pen.glyphs()));
    rows.extend(around(plan, columns));
    draw_rows(pen, rest, &rows, Some(guide.at(&items)), guide.top);
}

/// The first line: whether it can be confirmed, and for how long.
fn standing(model: &Model, guide: &Guide, plan: &Plan) -> Row {
    let mode = format!("{}  {}", plan.mode.word(), left(model, plan.expires));
    match guide.not_ready(model.now) {
        None => Row::text("READY to be confirmed", Role::Up).note(mode, Role::Dim),
        Some(why) => Row::text(format!("NOT READY: {why}"), Role::Down).note(mode, Role::Dim),
    }
}

/// The diff, and what refuses it when it is no longer true.
pub(super) fn changes(plan: &Content) -> Vec<Row> {
    let mut rows = Vec::new();
    for step in &plan.steps {
        match &step.action {
            Action::DnsUpdate(update) if update.purpose == Purpose::Move => {
                let key = update.key.as_ref().map_or_else(|| "Kerberos".to_owned(), |key| format!("key {key}"));
                let note = format!("one atomic update, sent to {} with {key}", update.primary);
                rows.push(heading("What will change").note(note, Role::Dim));
                for change in update.changes.iter().filter(|change| change.before != change.after) {
                    let kind = if change.kind == RecordKind::A { "A" } else { "AAAA" };
                    rows.push(Row::new(vec![
                        (format!("  {}  {kind}  ", change.name), Role::Strong),
                        (set(&change.before), Role::Text),
                        ("  →  ".to_owned(), Role::Dim),
                        (set(&change.after), Role::Warn),
                    ]));
                }
                rows.push(Row::text(
                    "  refused by the server if a record or marker is no longer what you see here",
                    Role::Dim,
                ));
            }
            Action::Command(command) => {
                if rows.is_empty() {
                    rows.push(
                        heading("What will change").note("commands, run without a shell, in this order", Role::Dim),
                    );
                }
                let Call { server, before, after, .. } = &command.call;
                rows.push(Row::new(vec![
                    (format!("  {server}  "), Role::Strong),
                    (before.to_string(), Role::Text),
                    ("  →  ".to_owned(), Role::Dim),
                    (after.to_string(), Role::Warn),
                ]));
            }
            _ => {}
        }
    }
    rows
}

fn set(set: &RrSet) -> String {
    if set.values.is_empty() {
        return "none".to_owned();
    }
    let values: Vec<String> = set.values.iter().map(ToString::to_string).collect();
    format!("{}  {}", set.ttl, values.join(" "))
}

fn servers(model: &Model, plan: &Content, at: &Numbers<'_>, glyphs: &Glyphs) -> Vec<Row> {
    if plan.pairs.is_empty() && plan.left_out.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![Row::gap(), heading("Servers").note("x leave out or take in, t map to another", Role::Dim)];
    let name = |fqdn: &crate::domain::name::Fqdn| model.names.of(fqdn.as_str()).to_owned();
    for pair in &plan.pairs {
        let text = format!("{}: {} {} {}", name(&pair.server), name(&pair.leaves), glyphs.arrow, name(&pair.enters));
        let row = Row::text(text, Role::Text);
        rows.push(match at(&Item::Pair(pair.server.clone())) {
            Some(number) => row.choice(number),
            None => row,
        });
    }
    for out in &plan.left_out {
        let row = Row::text(format!("{} stays: {}", name(&out.server), out.why), Role::Dim);
        rows.push(match at(&Item::Pair(out.server.clone())) {
            Some(number) => row.choice(number),
            None => row,
        });
    }
    rows
}

/// What was asked of whom before anything changes.
fn rehearsal(plan: &Content, glyphs: &Glyphs) -> Vec<Row> {
    let asked = |rule: &&RuleOutcome| matches!(rule.id.as_str(), REHEARSAL | "key-works");
    let mut rows = vec![Row::gap(), heading("Rehearsal, done just now")];
    for rule in plan.rules.iter().filter(asked).filter(|rule| rule.outcome != Verdict::NotChecked) {
        let (glyph, role) = sign(rule, glyphs);
        rows.push(Row::new(vec![(format!("  {glyph} "), role), (told(rule), Role::Text)]));
    }
    if plan.caches.seconds > 0 {
        let text = format!(
            "  {} caches hold the old answer for up to {} s: {}",
            glyphs.none, plan.caches.seconds, plan.caches.why
        );
        rows.push(Row::text(text, Role::Text));
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

/// Rules that stand in the way, first of all.
fn in_the_way(plan: &Content, at: &Numbers<'_>, columns: usize, glyphs: &Glyphs) -> Vec<Row> {
    let standing: Vec<&RuleOutcome> = loud(plan).into_iter().filter(|rule| rule.stands_in_the_way()).collect();
    if standing.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![heading("In the way").note("o gives a reason, x leave out, ? explains", Role::Dim)];
    rows.extend(standing.into_iter().flat_map(|rule| rule_rows(rule, at, columns, glyphs)));
    rows.push(Row::gap());
    rows
}

/// Rules that say anything but "fine", and are not in the way; then how many are fine.
fn judged(plan: &Content, at: &Numbers<'_>, columns: usize, glyphs: &Glyphs) -> Vec<Row> {
    let mut rows = vec![Row::gap(), heading("Rules").note("? explains", Role::Dim)];
    let others = loud(plan).into_iter().filter(|rule| !rule.stands_in_the_way());
    rows.extend(others.flat_map(|rule| rule_rows(rule, at, columns, glyphs)));
    let count = |verdict| plan.rules.iter().filter(|rule| rule.outcome == verdict).count();
    let mut unchecked: Vec<&str> =
        plan.rules.iter().filter(|rule| rule.outcome == Verdict::NotChecked).map(|rule| rule.id.as_str()).collect();
    unchecked.dedup();
    let text = format!("{} rules passed; not checked: {}", count(Verdict::Pass), unchecked.join(", "));
    rows.extend(paragraph(&text, Role::Dim, columns));
    rows
}

/// Rules that say anything but "fine", the worst first.
fn loud(plan: &Content) -> Vec<&RuleOutcome> {
    let mut loud: Vec<&RuleOutcome> = plan.rules.iter().filter(|rule| rule.outcome > Verdict::NotChecked).collect();
    loud.sort_by_key(|rule| std::cmp::Reverse((rule.stands_in_the_way(), rule.outcome)));
    loud
}

fn rule_rows(rule: &RuleOutcome, at: &Numbers<'_>, columns: usize, glyphs: &Glyphs) -> Vec<Row> {
    let (mark, style) = sign(rule, glyphs);
    let word = match rule.outcome {
        Verdict::Block => "BLOCKED",
        Verdict::Reason if rule.given.is_some() => "overridden",
        Verdict::Reason => "needs a reason",
        _ => "warns",
    };
    let row =
        Row::new(vec![(format!("{mark} {} {word}", rule.id), style), (format!("  {}", rule.subject), Role::Strong)]);
    let item = Item::Rule { id: rule.id.clone(), subject: rule.subject.clone() };
    let mut rows = vec![match at(&item) {
        Some(number) => row.choice(number),
        None => row,
    }];
    rows.extend(paragraph(&rule.measured, Role::Text, columns));
    if let Some(given) = &rule.given {
        rows.extend(paragraph(&format!("reason: {given}"), Role::Warn, columns));
    } else if rule.stands_in_the_way()
        && let Some(rule) = rules::rule(&rule.id)
    {
        let command = rule.command.map(|command| format!(" Try: {command}")).unwrap_or_default();
        rows.extend(paragraph(&format!("{} Mended by {}.{command}", rule.words, rule.who), Role::Dim, columns));
    }
    rows
}

/// Who does what, what callers meet, what stays, what is left to do.
fn around(plan: &Plan, columns: usize) -> Vec<Row> {
    let mut rows = vec![Row::gap(), heading("Who does what")];
    let mut owners: Vec<&str> = Vec::new();
    for step in &plan.steps {
        if !owners.contains(&step.owner.as_str()) {
            owners.push(&step.owner);
        }
    }
    for owner in owners {
        let steps: Vec<&str> = plan.steps.iter().filter(|s| s.owner == owner).map(|s| s.id.as_str()).collect();
        rows.extend(paragraph(&format!("{owner}: {}", steps.join(", ")), Role::Text, columns));
    }
    let sections: [(&str, Vec<String>); 4] = [
        ("To know", plan.notes.clone()),
        ("What does not move", plan.stays.clone()),
        ("Left to do afterwards", plan.open_items.iter().map(|item| item.says.clone()).collect()),
        ("Steps", plan.steps.iter().map(|step| format!("{}: {}", step.id, step.does)).collect()),
    ];
    for (title, lines) in sections {
        if !lines.is_empty() {
            rows.push(Row::gap());
            rows.push(heading(title));
            rows.extend(lines.iter().flat_map(|line| paragraph(line, Role::Text, columns)));
        }
    }
    if let Some(step) = &plan.last_return {
        rows.push(Row::text(format!("  last point of return: {step}"), Role::Dim));
    }
    let plans: Vec<&str> = plan.dial_plans.iter().map(crate::domain::name::DialPlanName::as_str).collect();
    rows.extend(paragraph(
        &format!("Dial plans: {}. Run {}, hash {}.", plans.join(", "), plan.id, plan.hash()),
        Role::Dim,
        columns,
    ));
    rows
}
