//! The first line: who and where this console is, how it stands, whether a run goes on, how old what is shown is.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::domain::finding::Severity;
use crate::domain::health::Health;
use crate::domain::topology::Environment;
use crate::failover::run::State;
use crate::ui::layout::{self, Form};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::{fit, longest};
use crate::ui::words;

/// Draws the line.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut line = area;
    let roomy = area.width >= 110;
    Pen::gap(&mut line, 1);
    if layout::form(Rect { height: u16::MAX, ..area }) != Form::Lines {
        pen.left(&mut line, "switchboard ", Role::Strong);
    }
    clocks(model, pen, &mut line, roomy);
    let environment = &model.topology.console.environment;
    let role = if *environment == Environment::Production { Role::Production } else { Role::Practice };
    let tag = format!(" {} ", environment.word().to_uppercase());
    let name = fit(&model.topology.console.name, usize::from(area.width / 4), pen.glyphs().ellipsis);
    Pen::gap(&mut line, 1);
    pen.left(&mut line, &name, Role::Text);
    Pen::gap(&mut line, 1);
    pen.left(&mut line, &tag, role);
    Pen::gap(&mut line, if roomy { 3 } else { 1 });
    if let Some(since) = model.paused {
        let text = format!(" PAUSED {}: press the key again to go on", words::age(since, model.now));
        return pen.left(&mut line, &text, Role::Practice);
    }
    if model.picture.isolated {
        pen.left(&mut line, pen.glyphs().unknown, Role::Unknown);
        pen.left(&mut line, " ISOLATED: this console is cut off, nothing here is sure", Role::Unknown);
        return;
    }
    counts(model, pen, &mut line, roomy);
    if model.settings.read_only {
        pen.left(&mut line, "read-only  ", Role::Warn);
    }
    run(model, pen, &mut line, roomy);
    if model.file_problem.is_some() {
        let text = if roomy { "topology file WRONG, old one kept  " } else { "FILE!  " };
        pen.left(&mut line, text, Role::Down);
    }
    freshness(model, pen, &mut line, roomy);
}

fn clocks(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, roomy: bool) {
    let utc = model.now.strftime("%H:%M UTC").to_string();
    let local = model.now.to_zoned(model.settings.zone.clone()).strftime("%H:%M local").to_string();
    pen.right(line, " ", Role::Text);
    if roomy && local[..5] != utc[..5] {
        pen.right(line, &local, Role::Dim);
        pen.right(line, " ", Role::Text);
    }
    pen.right(line, &utc, Role::Text);
    if roomy && !model.settings.operator.is_empty() {
        pen.right(line, "  ", Role::Text);
        let operator = fit(&model.settings.operator, 24, pen.glyphs().ellipsis);
        pen.right(line, &operator, Role::Dim);
    }
}

/// Servers up, warnings, criticals, and how many of these ask for nobody.
pub(super) fn counts(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, roomy: bool) {
    let glyphs = pen.glyphs();
    let servers = || model.picture.sites.iter().flat_map(|site| &site.servers);
    let (all, up) = (servers().count(), servers().filter(|server| server.health == Health::Up).count());
    let (warnings, criticals) = (model.count(Severity::Warning), model.count(Severity::Critical));
    let quiet = |number: usize, role: Role| if number == 0 { Role::Dim } else { role };
    let up_role = if up == all { Role::Up } else { Role::Down };
    let pairs = [
        (glyphs.up, format!("{up}/{all} up"), format!("{up}/{all}"), up_role),
        (glyphs.warn, words::count(warnings, "warning", "warnings"), warnings.to_string(), quiet(warnings, Role::Warn)),
        (glyphs.down, format!("{criticals} critical"), criticals.to_string(), quiet(criticals, Role::Down)),
    ];
    for (glyph, long, short, role) in pairs {
        pen.left(line, glyph, role);
        pen.left(line, " ", Role::Text);
        pen.left(line, if roomy { &long } else { &short }, role);
        Pen::gap(line, 2);
    }
    let muted = model.count_muted();
    if muted > 0 {
        pen.left(line, &format!("+{muted} muted  "), Role::Dim);
    }
}

/// The run that goes on, or waits for somebody.
fn run(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, roomy: bool) {
    let open: Vec<_> = model.runs.open().collect();
    let left = model.runs.left_to_do().count();
    let (text, role) = match open.as_slice() {
        [] if left > 0 => (format!("{left} left to do"), Role::Warn),
        [] if roomy => ("no run".to_owned(), Role::Dim),
        [] => return,
        [view] if view.is_interrupted() => ("run INTERRUPTED".to_owned(), Role::Down),
        [view] => {
            let role = match view.run.state() {
                State::Halted | State::Stuck => Role::Down,
                _ => Role::Warn,
            };
            (format!("run {}", view.run.state().word()), role)
        }
        many => (format!("{} runs open", many.len()), Role::Down),
    };
    pen.left(line, &text, role);
    Pen::gap(line, 2);
}

/// How old the oldest answer is: a green screen must not be a stale one. Rounded up, so that it seldom changes.
fn freshness(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, roomy: bool) {
    let interval = model.topology.console.interval.as_secs().max(1);
    let waiting = words::count(model.picture.waiting, "answer", "answers");
    let (wordings, role) = match model.picture.oldest {
        _ if model.picture.waiting > 0 => (vec![format!("waiting for {waiting}"), "waiting".into()], Role::Unknown),
        None => (vec!["nothing is watched".into()], Role::Unknown),
        Some(oldest) if oldest.as_secs() <= interval * 2 => {
            let limit = interval * 2;
            (vec![format!("answers at most {limit} s old"), format!("answers < {limit} s"), String::new()], Role::Dim)
        }
        Some(oldest) => {
            let age = oldest.as_secs().div_ceil(interval) * interval;
            (vec![format!("oldest answer {age} s"), format!("old {age} s")], Role::Warn)
        }
    };
    let wordings: Vec<&str> = wordings.iter().map(String::as_str).collect();
    let text = longest(&wordings, usize::from(line.width).saturating_sub(1));
    if roomy || role != Role::Dim {
        pen.left(line, text, role);
    }
}
