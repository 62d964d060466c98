//! Run and Verify: the timeline of the run, what it changed, what it waits for, what can be asked of it.

use ratatui::layout::Rect;

use super::rows::{Row, draw as draw_rows, paragraph};
use crate::app::Model;
use crate::app::guide::{Guide, Item};
use crate::app::runs::RunView;
use crate::failover::run::{Ask, Line, State, timeline};
use crate::ui::layout::{take_bottom, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::text::{width, wrap};

pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let Some(id) = &guide.run else { return };
    let Some(view) = model.runs.get(id) else {
        return pen.put(area, &format!("run {id} is starting"), Role::Unknown);
    };
    let mut rest = area;
    let columns = usize::from(area.width);
    pen.put(take_top(&mut rest, 1), &state(view), run_role(view));
    let foot = foot(model, guide, view, columns);
    let foot_rows = foot.len().min(usize::from(rest.height) * 2 / 3);
    let place = take_bottom(&mut rest, foot_rows);
    let lines = lines(view, columns, pen.glyphs());
    // The newest line is at the bottom; the page keys go back.
    let hidden = lines.len().saturating_sub(usize::from(rest.height));
    let top = hidden.saturating_sub(guide.top);
    draw_rows(pen, rest, lines.get(top..).unwrap_or_default(), None, 0);
    let items = guide.items(model);
    draw_rows(pen, place, &foot, Some(guide.at(&items)), 0);
}

/// Where the run is, in a sentence.
fn state(view: &RunView) -> String {
    let plan = view.run.plan();
    let by = view.run.operator().map(|by| format!(" by {by}")).unwrap_or_default();
    let gone = if view.is_interrupted() {
        ": INTERRUPTED, its executor is gone; nothing goes on until somebody says so"
    } else {
        ""
    };
    format!("run {}  {}  {}{by}{gone}", plan.id, view.run.state().word(), plan.mode.word())
}

pub(in crate::ui::screens) fn run_role(view: &RunView) -> Role {
    match view.run.state() {
        _ if view.is_interrupted() => Role::Down,
        State::Halted | State::Stuck => Role::Down,
        State::Ended(crate::failover::run::End::Completed) => Role::Up,
        State::Ended(_) => Role::Dim,
        _ => Role::Warn,
    }
}

/// Its sign and its word.
pub(in crate::ui::screens) fn run_word(view: &RunView, glyphs: &Glyphs) -> (&'static str, &'static str) {
    match view.run.state() {
        _ if view.is_interrupted() => (glyphs.down, "interrupted"),
        State::Ended(crate::failover::run::End::Completed) => (glyphs.yes, "completed"),
        state @ State::Ended(_) => (glyphs.none, state.word()),
        state @ (State::Halted | State::Stuck) => (glyphs.down, state.word()),
        state => (glyphs.draining, state.word()),
    }
}

/// The timeline, wrapped, as lines.
fn lines(view: &RunView, columns: usize, glyphs: &Glyphs) -> Vec<Row> {
    timeline(&view.events).iter().flat_map(|line| told(line, columns, glyphs)).collect()
}

fn told(line: &Line, columns: usize, glyphs: &Glyphs) -> Vec<Row> {
    let (glyph, role) = mark(line.event, glyphs);
    let at = line.at.strftime("%H:%M:%S%.3f").to_string();
    let head = format!("{at}  {glyph} ");
    let step = if line.step.is_empty() { String::new() } else { format!("{} ", line.step) };
    let text = format!("{step}{}: {}", line.event, line.detail);
    let indent = width(&head);
    let mut rows = Vec::new();
    for (number, part) in wrap(&text, columns.saturating_sub(indent)).into_iter().enumerate() {
        rows.push(if number == 0 {
            Row::new(vec![(format!("{at}  "), Role::Dim), (format!("{glyph} "), role), (part, Role::Text)])
        } else {
            Row::text(format!("{}{part}", " ".repeat(indent)), Role::Text)
        });
    }
    rows
}

fn mark(event: &str, glyphs: &Glyphs) -> (&'static str, Role) {
    match event {
        "applied" | "passed" | "rechecked" | "completed" | "rolled-back" | "settled" | "confirmed" => {
            (glyphs.yes, Role::Up)
        }
        "undone" | "recorded" | "excused" | "not-proven" | "open-item" => (glyphs.warn, Role::Warn),
        "not-applied" | "failed" | "base-changed" | "superseded" | "unknown" => (glyphs.no, Role::Down),
        "intent" | "undo-intent" | "started" => (glyphs.draining, Role::Dim),
        _ => (glyphs.none, Role::Dim),
    }
}

/// What stands, what is not known, what is left, what can be chosen, what to say.
fn foot(model: &Model, guide: &Guide, view: &RunView, columns: usize) -> Vec<Row> {
    let summary = view.run.summary();
    let mut rows = vec![Row::gap()];
    if let Some(why) = view.run.why() {
        rows.extend(paragraph(&format!("waits for you: {why}"), Role::Down, columns));
    }
    if view.is_interrupted()
        && let Some(words) = &view.last_words
    {
        rows.extend(paragraph(&format!("its executor's last words: {words}"), Role::Down, columns));
    }
    for line in &summary.unknown {
        rows.extend(paragraph(&format!("not known yet: {line}"), Role::Unknown, columns));
    }
    let offers = guide.items(model);
    for (number, item) in offers.iter().enumerate() {
        if let Item::Offer(ask) = item {
            rows.push(Row::text(offered(ask), Role::Text).choice(number));
        }
    }
    for item in view.run.open_items() {
        rows.extend(paragraph(&format!("left to do: {}: {}", item.subject, item.says), Role::Warn, columns));
    }
    let said = wrap(&format!("Say on the bridge: {}", view.run.say()), columns.saturating_sub(10));
    for (number, line) in said.into_iter().enumerate() {
        let row = Row::text(line, Role::Strong);
        rows.push(if number == 0 { row.note("y copy", Role::Dim) } else { row });
    }
    if view.is_open() && view.living.is_some() {
        rows.push(Row::text("The run goes on if this terminal closes.", Role::Dim));
    }
    rows
}

/// A choice, in words.
pub(in crate::ui::screens) fn offered(ask: &Ask) -> String {
    match ask {
        Ask::Hold => "hold: leave all as it is for now".to_owned(),
        Ask::Resume => "go on: settle what is unknown, then try again".to_owned(),
        Ask::Without(server) => format!("go on without {server}"),
        Ask::RollBack => "roll back: take back what it changed, the last first".to_owned(),
        Ask::Abandon => "abandon: leave it as it is, for good".to_owned(),
        Ask::Close => "close: what was left to do has been done by hand".to_owned(),
        Ask::Approve => "agree, as the second person: it goes on then".to_owned(),
        Ask::Abort => "abort: nothing is changed by it any more".to_owned(),
        Ask::TakeOver => "take over: you answer for it from now on".to_owned(),
        Ask::Confirm => "confirm: called it, heard the greeting".to_owned(),
    }
}
