//! Review: what exactly would change, what it means, what the rehearsal and the rules say, who does what.

use ratatui::layout::Rect;

use super::confirm::left;
use super::judged::{Rules, rehearsal};
use super::rows::{Row, draw as draw_rows, fact, heading, paragraph};
use crate::app::Model;
use crate::app::guide::{Guide, Item};
use crate::domain::act::{Call, RecordChange, RecordKind, RrSet};
use crate::domain::name::Fqdn;
use crate::failover::outlook;
use crate::failover::plan::{Action, Content, Mode, Plan, Purpose};
use crate::ui::layout::take_top;
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::words;

/// Columns of the labels.
const LABEL: usize = 9;

/// The number of a choice.
pub(super) type Numbers<'a> = dyn Fn(&Item) -> Option<usize> + 'a;

pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let Some(plan) = guide.plan() else { return };
    let columns = usize::from(area.width);
    let items = guide.items(model);
    let at = |item: &Item| items.iter().position(|one| one == item);
    let mut rest = area;
    // Whatever is scrolled to, whether it can be confirmed stays in sight.
    draw_rows(pen, take_top(&mut rest, 1), &[standing(model, guide, plan)], None, 0);
    let chosen = items.get(guide.at(&items));
    let told = Rules { model, plan, at: &at, chosen, columns, glyphs: pen.glyphs() };
    let mut rows = told.in_the_way();
    rows.extend(changes(model, plan, &at));
    rows.extend(left_out(model, plan, &at));
    rows.extend(in_short(model, plan, columns));
    rows.extend(rehearsal(model, plan, columns, pen.glyphs()));
    rows.extend(told.others());
    rows.extend(around(model, plan, columns));
    draw_rows(pen, rest, &rows, Some(guide.at(&items)), guide.top);
}

/// The first line: whether it can be confirmed, and for how long.
fn standing(model: &Model, guide: &Guide, plan: &Plan) -> Row {
    let mode = format!("{}, {}", plan.mode.word(), left(model, plan.expires));
    match guide.not_ready(model.now) {
        None => Row::text("READY to be confirmed", Role::Up).note(mode, Role::Dim),
        Some(why) => Row::text(format!("NOT READY: {why}"), Role::Down).note(plan.mode.word(), Role::Dim),
    }
}

/// The diff, and what refuses it when it is no longer true. Each server's line can be chosen.
pub(super) fn changes(model: &Model, plan: &Content, at: &Numbers<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for step in &plan.steps {
        match &step.action {
            Action::DnsUpdate(update) if update.purpose == Purpose::Move => {
                let key = update.key.as_ref().map_or_else(|| "Kerberos".to_owned(), |key| format!("key {key}"));
                let note = format!("one atomic update, sent to {} with {key}", words::dns::server(update.primary));
                rows.push(heading("What will change").note(note, Role::Dim));
                let mut named: Option<&Fqdn> = None;
                for change in update.changes.iter().filter(|change| change.before != change.after) {
                    let row = record(model, plan, change);
                    let first = named.replace(&change.name) != Some(&change.name);
                    rows.push(numbered(row, at(&Item::Pair(change.name.clone())).filter(|_| first)));
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
                    rows.extend(pairs(model, plan, at));
                }
                let Call { server, before, after, .. } = &command.call;
                rows.push(Row::new(vec![
                    (format!("   {server}  "), Role::Strong),
                    (before.to_string(), Role::Text),
                    (ARROW.to_owned(), Role::Dim),
                    (after.to_string(), Role::Warn),
                ]));
            }
            _ => {}
        }
    }
    rows
}

const ARROW: &str = "  →  ";

/// One record, from what to what, and whose address that is.
fn record(model: &Model, plan: &Content, change: &RecordChange) -> Row {
    let kind = if change.kind == RecordKind::A { "A" } else { "AAAA" };
    let (before, after) = (&change.before, &change.after);
    let ttl = if before.ttl == after.ttl || before.values.is_empty() || after.values.is_empty() {
        format!("{}  ", before.ttl.max(after.ttl))
    } else {
        format!("{} → {}  ", before.ttl, after.ttl)
    };
    let host = plan.pairs.iter().find(|pair| pair.server == change.name);
    let host = host.map(|pair| format!("  {}", model.names.of(pair.enters.as_str()))).unwrap_or_default();
    Row::new(vec![
        (format!("  {}  {kind}  {ttl}", change.name), Role::Strong),
        (addresses(before), Role::Text),
        (ARROW.to_owned(), Role::Dim),
        (addresses(after), Role::Warn),
        (host, Role::Dim),
    ])
}

fn addresses(set: &RrSet) -> String {
    if set.values.is_empty() {
        return "none".to_owned();
    }
    set.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

pub(super) fn numbered(row: Row, number: Option<usize>) -> Row {
    match number {
        Some(number) => row.choice(number),
        None => row,
    }
}

/// Who takes over from whom, where no record says it.
fn pairs(model: &Model, plan: &Content, at: &Numbers<'_>) -> Vec<Row> {
    let name = |fqdn: &Fqdn| model.names.of(fqdn.as_str()).to_owned();
    let row = |pair: &crate::failover::plan::Pair| {
        let text = vec![
            (format!("  {}", name(&pair.leaves)), Role::Strong),
            (ARROW.to_owned(), Role::Dim),
            (name(&pair.enters), Role::Strong),
        ];
        numbered(Row::new(text), at(&Item::Pair(pair.server.clone())))
    };
    plan.pairs.iter().map(row).collect()
}

fn left_out(model: &Model, plan: &Content, at: &Numbers<'_>) -> Vec<Row> {
    let row = |out: &crate::failover::plan::LeftOut| {
        let text = format!("  {} stays: {}", model.names.of(out.server.as_str()), model.names.shorten(&out.why));
        numbered(Row::text(text, Role::Dim), at(&Item::Pair(out.server.clone())))
    };
    plan.left_out.iter().map(row).collect()
}

/// What it means, in a line each.
fn in_short(model: &Model, plan: &Plan, columns: usize) -> Vec<Row> {
    let mut rows = vec![Row::gap()];
    let mut say = |label: &str, text: &str, role: Role| {
        rows.extend(fact(label, LABEL, &words::told(&model.names.shorten(text)), role, columns));
    };
    say("Mode", &outlook::mode(plan), if plan.mode == Mode::Emergency { Role::Down } else { Role::Text });
    say("Hits", &format!("every user of {}", hit(model, plan)), Role::Text);
    say("Callers", &outlook::callers(plan), Role::Text);
    say("Takes", &outlook::takes(plan), Role::Text);
    if plan.caches.seconds > 0 {
        say("Caches", &plan.caches.why, Role::Text);
    }
    say("Undo", &outlook::undo(plan), Role::Text);
    match &plan.reason {
        Some(reason) => say("Incident", reason, Role::Text),
        None => say("Incident", "none given: o on a server gives one sentence for the whole run", Role::Dim),
    }
    rows
}

/// The dial plans, each with the number by which it is called.
fn hit(model: &Model, plan: &Content) -> String {
    let told = plan.dial_plans.iter().map(|name| {
        let declared = model.topology.dial_plans.iter().find(|declared| declared.name == *name);
        let number = declared.and_then(|declared| declared.access_numbers.first());
        number.map_or_else(|| name.to_string(), |number| format!("{name} ({number})"))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Who does what, what stays, what is left to do.
fn around(model: &Model, plan: &Plan, columns: usize) -> Vec<Row> {
    let mut rows = vec![Row::gap(), heading("Who does what")];
    for (owner, steps) in outlook::owners(plan) {
        rows.extend(paragraph(&format!("{owner}: {}", steps.join(", ")), Role::Text, columns));
    }
    let sections: [(&str, Vec<String>); 4] = [
        ("To know", plan.notes.clone()),
        ("What does not move", plan.stays.clone()),
        ("Left to do afterwards", plan.open_items.iter().map(|item| item.says.clone()).collect()),
        (
            "Steps",
            plan.steps.iter().enumerate().map(|(at, step)| format!("{} {}: {}", at + 1, step.id, step.does)).collect(),
        ),
    ];
    for (title, lines) in sections {
        if !lines.is_empty() {
            rows.push(Row::gap());
            rows.push(heading(title));
            let short = lines.iter().map(|line| model.names.shorten(line));
            rows.extend(short.flat_map(|line| paragraph(&line, Role::Text, columns)));
        }
    }
    rows.push(Row::gap());
    rows.extend(paragraph(&format!("Run {}, hash {}.", plan.id, plan.hash()), Role::Dim, columns));
    rows
}
