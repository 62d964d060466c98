//! Run and Verify: the timeline of the run, what it changed, what it waits for, what can be asked of it.

use ratatui::layout::Rect;

use super::rows::{Row, draw as draw_rows, fact, paragraph};
use super::timeline::{Entry, Standing, entries};
use crate::app::Model;
use crate::app::action::Id;
use crate::app::guide::{Guide, Item};
use crate::app::runs::RunView;
use crate::failover::plan::Action;
use crate::failover::run::{Ask, End, State};
use crate::ui::layout::{take_bottom, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::text::{width, wrap};
use crate::ui::words;

/// Columns of a step's name.
const STEP: usize = 14;
/// Columns of the labels at the foot.
const LABEL: usize = 10;
/// Lines of what is to come that stay in sight below what goes on.
const AHEAD: usize = 2;

pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let Some(id) = &guide.run else { return };
    let Some(view) = model.runs.get(id) else { return unseen(model, pen, area, id) };
    let mut rest = area;
    let columns = usize::from(area.width);
    draw_rows(pen, take_top(&mut rest, 1), &[state(model, view, columns)], None, 0);
    let (first, last) = foot(model, guide, view, columns, pen.glyphs().arrows);
    let rows = foot_rows(first.len(), last.len(), usize::from(rest.height));
    let place = take_bottom(&mut rest, rows);
    let foot: Vec<Row> = first.into_iter().chain(last).collect();
    let (lines, now) = lines(model, view, columns, pen.glyphs());
    let rows = usize::from(rest.height);
    // What goes on stays in sight, with a little of what is to come; the page keys go back.
    let newest = (now + AHEAD + 1).min(lines.len()).saturating_sub(rows);
    let top = newest.saturating_sub(guide.top);
    // It begins with a line that tells when.
    let top = top + lines.iter().skip(top).take(rows / 2).position(|line| line.spans.len() > 1).unwrap_or(0);
    draw_rows(pen, rest, lines.get(top..).unwrap_or_default(), None, 0);
    let items = guide.items(model);
    draw_rows(pen, place, &foot, Some(guide.at(&items)), 0);
}

/// What has to be answered and said comes whole; of what is left to do so much as leaves half of the room to the timeline.
fn foot_rows(first: usize, last: usize, rows: usize) -> usize {
    (first + last).min((rows / 2).max(first + usize::from(last > 0))).min(rows.saturating_sub(3))
}

fn unseen(model: &Model, pen: &mut Pen<'_>, area: Rect, id: &crate::failover::plan::RunId) {
    let why = model.runs.iter().find(|seen| seen.id == *id).and_then(|seen| seen.view.as_ref().err());
    match why {
        Some(why) => pen.put(area, &format!("run {id} cannot be read: {why}"), Role::Down),
        None => pen.put(area, &format!("run {id} is starting"), Role::Unknown),
    }
}

/// Where the run is, in a sentence.
fn state(model: &Model, view: &RunView, columns: usize) -> Row {
    let plan = view.run.plan();
    let by = view.run.operator().map(|by| format!(" by {by}")).unwrap_or_default();
    let (started, last) = view.run.times();
    let until = if view.is_open() { model.now } else { last.unwrap_or(model.now) };
    let verb = if view.is_open() { "for" } else { "took" };
    let for_ = started.map(|from| format!(", {verb} {}", elapsed(until.as_second() - from.as_second())));
    let word = if view.is_interrupted() {
        "INTERRUPTED: its executor is gone; nothing goes on by itself".to_owned()
    } else {
        view.run.state().word().to_uppercase()
    };
    let about = format!("  {}{by}{}", plan.mode.word(), for_.unwrap_or_default());
    let id = plan.id.as_str();
    let id = if columns < 100 { id.get(id.len().saturating_sub(6)..).unwrap_or(id) } else { id };
    let note = if view.is_interrupted() && columns < 100 { String::new() } else { format!("run {id}") };
    Row::new(vec![(word, run_role(view)), (about, Role::Text)]).note(note, Role::Dim)
}

fn elapsed(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

pub(in crate::ui::screens) fn run_role(view: &RunView) -> Role {
    match view.run.state() {
        _ if view.is_interrupted() => Role::Down,
        State::Halted | State::Stuck => Role::Down,
        State::Ended(End::Completed) => Role::Up,
        State::Ended(_) => Role::Dim,
        _ => Role::Warn,
    }
}

/// Its sign and its word.
pub(in crate::ui::screens) fn run_word(view: &RunView, glyphs: &Glyphs) -> (&'static str, &'static str) {
    match view.run.state() {
        _ if view.is_interrupted() => (glyphs.down, "interrupted"),
        State::Ended(End::Completed) => (glyphs.yes, "completed"),
        state @ State::Ended(_) => (glyphs.none, state.word()),
        state @ (State::Halted | State::Stuck) => (glyphs.down, state.word()),
        state => (glyphs.draining, state.word()),
    }
}

/// The timeline, wrapped, and the line at which what goes on ends.
fn lines(model: &Model, view: &RunView, columns: usize, glyphs: &Glyphs) -> (Vec<Row>, usize) {
    let (entries, at) = entries(view, model.now, &model.names);
    let mut rows = Vec::new();
    let mut now = 0;
    for (number, entry) in entries.iter().enumerate() {
        rows.extend(told(entry, columns, glyphs));
        if number == at {
            now = rows.len().saturating_sub(1);
        }
    }
    (rows, now)
}

fn told(entry: &Entry, columns: usize, glyphs: &Glyphs) -> Vec<Row> {
    let (glyph, role) = mark(entry.standing, glyphs);
    let at = entry.at.map_or_else(String::new, |at| at.strftime("%H:%M:%S%.3f").to_string());
    let step = if entry.step.is_empty() { String::new() } else { format!("{:<STEP$} ", entry.step) };
    let indent = 12 + 2 + 2 + width(&step);
    let note = if entry.note.is_empty() { 0 } else { width(&entry.note) + 2 };
    let text_role = if entry.standing == Standing::Coming { Role::Dim } else { Role::Text };
    let parts = wrap(&entry.says, columns.saturating_sub(indent + note).max(20));
    let mut rows = Vec::new();
    for (number, part) in parts.into_iter().enumerate() {
        if number > 0 {
            rows.push(Row::text(format!("{}{part}", " ".repeat(indent)), text_role));
            continue;
        }
        let row = Row::new(vec![
            (format!("{at:<12}  "), Role::Dim),
            (format!("{glyph} "), role),
            (step.clone(), if entry.standing == Standing::Coming { Role::Dim } else { Role::Strong }),
            (part, text_role),
        ]);
        rows.push(if entry.note.is_empty() { row } else { row.note(entry.note.clone(), Role::Dim) });
    }
    rows
}

fn mark(standing: Standing, glyphs: &Glyphs) -> (&'static str, Role) {
    match standing {
        Standing::Well => (glyphs.yes, Role::Up),
        Standing::Noted => (glyphs.warn, Role::Warn),
        Standing::Badly => (glyphs.no, Role::Down),
        Standing::Going => (glyphs.draining, Role::Warn),
        Standing::Unsure => (glyphs.unknown, Role::Unknown),
        Standing::Told => (glyphs.info, Role::Dim),
        Standing::Coming => (glyphs.none, Role::Dim),
    }
}

/// First what has to be answered and said, then what is left to do.
fn foot(model: &Model, guide: &Guide, view: &RunView, columns: usize, arrows: bool) -> (Vec<Row>, Vec<Row>) {
    let mut first = vec![Row::gap()];
    let say = |label: &str, text: &str, role: Role| fact(label, LABEL, &model.names.shorten(text), role, columns);
    if let Some(why) = view.run.why() {
        first.extend(say("Waits", why.as_str(), Role::Down));
    }
    if view.is_interrupted()
        && let Some(words) = &view.last_words
    {
        first.extend(say("Last words", words.as_str(), Role::Down));
    }
    for (number, line) in view.run.summary().unknown.iter().enumerate() {
        first.extend(say(if number == 0 { "Not known" } else { "" }, line.as_str(), Role::Unknown));
    }
    for (number, item) in guide.items(model).iter().enumerate() {
        if let Item::Offer(ask) = item {
            first.push(Row::text(format!(" {}", offered(ask)), Role::Text).choice(number));
        }
    }
    let bridge = paragraph(&format!("Say on the bridge: {}", view.run.say()), Role::Strong, columns.saturating_sub(8));
    for (number, row) in bridge.into_iter().enumerate() {
        first.push(if number == 0 { row.note(model.hint(&[Id::Copy], arrows), Role::Dim) } else { row });
    }
    let mut last = Vec::new();
    if view.only_watches() && view.run.kept_by().is_none() {
        let says = model.key(Id::Confirmed, arrows).map(|key| format!("; then {key} says what was heard"));
        last.extend(say("Call", &format!("{}{}", numbers(view), says.unwrap_or_default()), Role::Text));
    }
    let items = view.run.open_items();
    if view.is_open() {
        let left = words::count(items.len(), "thing is", "things are");
        let left = if items.is_empty() { String::new() } else { format!(" {left} left to do afterwards.") };
        let goes_on = if view.living.is_some() { "The run goes on if this terminal closes." } else { "" };
        last.extend(paragraph(format!("{goes_on}{left}").trim(), Role::Dim, columns));
        return (first, last);
    }
    for (number, item) in items.iter().enumerate() {
        last.extend(say(if number == 0 { "Left to do" } else { "" }, &item.says, Role::Warn));
    }
    (first, last)
}

/// Who has to be called, to prove that callers hear the greeting.
pub(in crate::ui::screens) fn numbers(view: &RunView) -> String {
    let acceptance = view.run.steps().find_map(|(step, _)| match &step.action {
        Action::Acceptance(acceptance) => Some(acceptance.numbers.join(" or ")),
        _ => None,
    });
    acceptance.filter(|numbers| !numbers.is_empty()).unwrap_or_else(|| "an access number".to_owned())
}

/// A choice, in words.
pub(in crate::ui::screens) fn offered(ask: &Ask) -> String {
    match ask {
        Ask::Hold => "hold: leave all as it is for now".to_owned(),
        Ask::Resume => "go on: settle what is unknown, then try again".to_owned(),
        Ask::Without(server) => format!("go on without {}", server.host()),
        Ask::RollBack => "roll back: take back what it changed, the last first".to_owned(),
        Ask::Abandon => "abandon: leave it as it is, for good".to_owned(),
        Ask::Close => "close: what was left to do has been done by hand".to_owned(),
        Ask::Approve => "agree, as the second person: it goes on then".to_owned(),
        Ask::Abort => "abort: nothing is changed by it any more".to_owned(),
        Ask::TakeOver => "take over: you answer for it from now on".to_owned(),
        Ask::Confirm => "confirm: called it, heard the greeting".to_owned(),
    }
}
