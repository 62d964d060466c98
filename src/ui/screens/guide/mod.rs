//! The guided failover: its frame, its steps, and what each of them shows.

mod choose;
mod confirm;
mod judged;
mod review;
mod rows;
mod run;
mod script;
mod timeline;

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::action::Id;
use crate::app::guide::{Asked, Guide, Step};
use crate::domain::topology::FailoverMethod;
use crate::failover::plan::{Action, Direction, Plan, Purpose};
use crate::ui::layout::{centred, take_bottom, take_left, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::{Pen, Title};
use crate::ui::text::{width, wrap};
use crate::ui::words;

pub(super) use run::{numbers, offered, run_role, run_word};
pub(super) use timeline::lately;

/// Columns that are enough for everything.
const WIDEST: usize = 124;

/// Draws the dialog over the body.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let place = centred(area, WIDEST, usize::from(area.height));
    pen.clear(place);
    let plan = guide.plan().or_else(|| Some(&**model.runs.get(guide.run.as_ref()?)?.run.plan()));
    let name = title(guide, plan, pen.glyphs());
    let note = plan.map(how).unwrap_or_default();
    let mut rest = pen.panel(place, &Title { note: &note, focus: true, ..Title::plain(&name) });
    steps(pen, take_top(&mut rest, 1), guide.step);
    if rest.height > 12 {
        take_top(&mut rest, 1);
    }
    told(model, pen, &mut rest, guide);
    match guide.step {
        _ if guide.script => script::draw(pen, rest, guide),
        Step::Choose => choose::draw(model, pen, rest, guide),
        Step::Review => review::draw(model, pen, rest, guide),
        Step::Confirm => confirm::draw(model, pen, rest, guide),
        Step::Run | Step::Verify => run::draw(model, pen, rest, guide),
    }
}

fn title(guide: &Guide, plan: Option<&Plan>, glyphs: &Glyphs) -> String {
    let arrow = glyphs.arrow;
    match (&guide.asked, plan) {
        (Asked::Service { server, verb }, _) => format!("{} {server}", capital(verb.word())),
        (Asked::Site { .. }, Some(plan)) if plan.from == plan.to => format!("Service state in {}", plan.from),
        (Asked::Site { .. }, Some(plan)) => {
            let verb = if plan.direction == Direction::Back { "Bring home" } else { "Fail over" };
            format!("{verb} {} {arrow} {}", plan.from, plan.to)
        }
        (Asked::Site { site, .. }, None) if guide.run.is_some() => format!("Run of {site}"),
        (Asked::Site { site, back: true }, None) => format!("Bring {site} home"),
        (Asked::Site { site, back: false }, None) => format!("Fail over {site}"),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// How a plan goes about it, in a few words.
fn how(plan: &Plan) -> String {
    match plan.method {
        FailoverMethod::Dns => {
            let moves = plan.steps.iter().filter_map(|step| match &step.action {
                Action::DnsUpdate(update) if update.purpose == Purpose::Move => Some(update),
                _ => None,
            });
            let told = moves.map(|update| {
                let records = update.changes.iter().filter(|change| change.before != change.after).count();
                format!("{} in {}", words::count(records, "record", "records"), update.zone)
            });
            format!("by DNS, {}", told.collect::<Vec<_>>().join(", "))
        }
        FailoverMethod::EnableDisable => {
            let commands = plan.steps.iter().filter(|step| matches!(step.action, Action::Command(_))).count();
            format!("by enable/disable, {}", words::count(commands, "command", "commands"))
        }
    }
}

/// Where the dialog is.
fn steps(pen: &mut Pen<'_>, area: Rect, at: Step) {
    let mut line = area;
    for (number, step) in Step::ALL.iter().enumerate() {
        let text = format!(" {} {} ", number + 1, step.word());
        let role = match step.cmp(&at) {
            std::cmp::Ordering::Less => Role::Up,
            std::cmp::Ordering::Equal => Role::Selected,
            std::cmp::Ordering::Greater => Role::Dim,
        };
        pen.left(&mut line, &text, role);
        Pen::gap(&mut line, 1);
    }
}

/// What the last answer or key came to, and what has changed under a plan, at the foot.
fn told(model: &Model, pen: &mut Pen<'_>, rest: &mut Rect, guide: &Guide) {
    let columns = usize::from(rest.width);
    let mut lines: Vec<(String, Role)> = Vec::new();
    if let Some(since) = guide.waits.as_ref().map(|wait| wait.since) {
        let text = if guide.sent {
            "Writing the plan and the confirmation down, starting the executor.".to_owned()
        } else {
            format!("Looking: one round of every probe, the zones, the rehearsal; for {}", age(since, model.now))
        };
        lines.push((text, Role::Unknown));
    }
    if !guide.changed.is_empty() {
        let again = model.key(Id::Again, pen.glyphs().arrows).map(|key| format!("; {key} looks again"));
        let again = again.unwrap_or_default();
        lines.push((format!("CHANGED since this plan was made, so it cannot be confirmed{again}:"), Role::Down));
        let changed = guide.changed.iter().map(|text| model.names.shorten(text));
        let wrapped = changed.flat_map(|text| wrap(&text, columns.saturating_sub(2)));
        lines.extend(wrapped.map(|line| (format!("  {line}"), Role::Down)));
    }
    if let Some(text) = &guide.told {
        let text = model.names.shorten(text);
        lines.extend(wrap(&text, columns).into_iter().map(|line| (line, Role::Warn)));
    }
    let most = usize::from(rest.height) / 2;
    lines.truncate(most);
    let mut place = take_bottom(rest, lines.len());
    for (text, role) in lines {
        pen.put(take_top(&mut place, 1), &text, role);
    }
}

fn age(since: jiff::Timestamp, now: jiff::Timestamp) -> String {
    format!("{} s", now.as_second().saturating_sub(since.as_second()).max(0))
}

/// A label in front of a line.
fn labelled(pen: &mut Pen<'_>, line: &mut Rect, label: &str, columns: usize) {
    let place = take_left(line, columns.max(width(label)));
    pen.put(place, label, Role::Dim);
}
