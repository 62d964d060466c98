//! The first line: who and where this console is, how it stands, whether a run goes on, how old what is shown is.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::domain::finding::Severity;
use crate::domain::health::Health;
use crate::domain::topology::Environment;
use crate::failover::run::State;
use crate::ui::layout::{self, Form};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::text::{fit, width};
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
    let columns = usize::from(area.width) / if area.width >= 76 { 4 } else { 5 };
    let name = fit(&model.topology.console.name, columns, pen.glyphs().ellipsis);
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
    told(pen, line, &pieces(model, pen.glyphs()));
}

/// A thing that the line says: in several wordings, the longest first; the last one may be empty.
struct Piece {
    wordings: Vec<Vec<Span>>,
    /// Of what is left of the line, the lowest takes first.
    rank: u8,
}

/// A piece of text.
type Span = (String, Role);

impl Piece {
    fn new(rank: u8, role: Role, wordings: &[&str]) -> Self {
        let span = |text: &&str| if text.is_empty() { Vec::new() } else { vec![((*text).to_owned(), role)] };
        Self { wordings: wordings.iter().map(span).collect(), rank }
    }

    /// Columns of a wording, with the gap after it.
    fn columns(&self, wording: usize) -> usize {
        let spans = self.wordings.get(wording).map(Vec::as_slice).unwrap_or_default();
        if spans.is_empty() { 0 } else { spans.iter().map(|(text, _)| width(text)).sum::<usize>() + 2 }
    }
}

/// Draws every piece: in its shortest wording at least, in longer ones where there is room.
fn told(pen: &mut Pen<'_>, line: Rect, pieces: &[Piece]) {
    let mut line = line;
    let mut chosen: Vec<usize> = pieces.iter().map(|piece| piece.wordings.len().saturating_sub(1)).collect();
    let taken: usize = pieces.iter().zip(&chosen).map(|(piece, wording)| piece.columns(*wording)).sum();
    let mut left = usize::from(line.width).saturating_sub(taken);
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by_key(|at| pieces[*at].rank);
    for at in order {
        let shortest = pieces[at].columns(chosen[at]);
        let fits = |wording: &usize| pieces[at].columns(*wording) <= left + shortest;
        if let Some(wording) = (0..chosen[at]).find(fits) {
            left = left + shortest - pieces[at].columns(wording);
            chosen[at] = wording;
        }
    }
    for (piece, wording) in pieces.iter().zip(chosen) {
        let spans = piece.wordings.get(wording).map(Vec::as_slice).unwrap_or_default();
        for (text, role) in spans {
            let text = fit(text, usize::from(line.width), pen.glyphs().ellipsis);
            pen.left(&mut line, &text, *role);
        }
        Pen::gap(&mut line, if spans.is_empty() { 0 } else { 2 });
    }
}

fn pieces(model: &Model, glyphs: &Glyphs) -> Vec<Piece> {
    let wordings = [(true, true), (true, false), (false, false)].map(|words| counted(model, glyphs, words));
    let mut pieces = vec![Piece { wordings: wordings.into(), rank: 0 }];
    if model.settings.read_only {
        pieces.push(Piece::new(0, Role::Warn, &["read-only"]));
    }
    pieces.push(run(model));
    if model.file_problem.is_some() {
        pieces.push(Piece::new(1, Role::Down, &["topology file WRONG, old one kept", "FILE!"]));
    }
    pieces.push(freshness(model));
    let muted = model.count_muted();
    if muted > 0 {
        pieces.push(Piece::new(3, Role::Dim, &[&format!("{muted} muted"), ""]));
    }
    pieces
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
    pen.right(line, " ", Role::Text);
}

/// Servers up, warnings, criticals.
pub(super) fn counts(model: &Model, pen: &mut Pen<'_>, line: &mut Rect) {
    for (text, role) in counted(model, pen.glyphs(), (false, false)) {
        pen.left(line, &text, role);
    }
    Pen::gap(line, 2);
}

/// The counts, with or without the word for servers and the words for findings.
fn counted(model: &Model, glyphs: &Glyphs, (up_word, wordy): (bool, bool)) -> Vec<Span> {
    let servers = || model.picture.sites.iter().flat_map(|site| &site.servers);
    let (all, up) = (servers().count(), servers().filter(|server| server.health == Health::Up).count());
    let (warnings, criticals) = (model.count(Severity::Warning), model.count(Severity::Critical));
    let quiet = |number: usize, role: Role| if number == 0 { Role::Dim } else { role };
    let up_role = if up == all { Role::Up } else { Role::Down };
    let number = |number: usize, one: &str, many: &str| {
        if wordy { words::count(number, one, many) } else { number.to_string() }
    };
    let up = format!("{} {up}/{all}{}", glyphs.up, if up_word { " up  " } else { "  " });
    let warned = format!("{} {}  ", glyphs.warn, number(warnings, "warning", "warnings"));
    let critical = format!("{} {}", glyphs.down, number(criticals, "critical", "critical"));
    vec![(up, up_role), (warned, quiet(warnings, Role::Warn)), (critical, quiet(criticals, Role::Down))]
}

/// The run that goes on, or waits for somebody.
fn run(model: &Model) -> Piece {
    let open: Vec<_> = model.runs.open().collect();
    let left = model.runs.left_to_do().count();
    let one = |role, text: &str| Piece::new(0, role, &[text]);
    match open.as_slice() {
        [] if left > 0 => Piece::new(2, Role::Warn, &[&format!("{left} left to do"), &format!("{left} to do")]),
        [] => Piece::new(6, Role::Dim, &["no run", ""]),
        [view] if view.is_interrupted() => one(Role::Down, "run INTERRUPTED"),
        [view] => {
            let role = match view.run.state() {
                State::Halted | State::Stuck => Role::Down,
                _ => Role::Warn,
            };
            one(role, &format!("run {}", view.run.state().word()))
        }
        many => one(Role::Down, &format!("{} runs open", many.len())),
    }
}

/// How old the oldest answer is: a green screen must not be a stale one. Rounded up, so that it seldom changes.
fn freshness(model: &Model) -> Piece {
    let interval = model.topology.console.interval.as_secs().max(1);
    let waiting = words::count(model.picture.waiting, "answer", "answers");
    match model.picture.oldest {
        _ if model.picture.waiting > 0 => Piece::new(2, Role::Unknown, &[&format!("waiting for {waiting}"), "waiting"]),
        None => Piece::new(2, Role::Unknown, &["nothing is watched"]),
        Some(oldest) if oldest.as_secs() <= interval * 2 => {
            let limit = interval * 2;
            let (long, short) = (format!("answers at most {limit} s old"), format!("answers < {limit} s"));
            Piece::new(5, Role::Dim, &[&long, &short, ""])
        }
        Some(oldest) => {
            let age = oldest.as_secs().div_ceil(interval) * interval;
            Piece::new(2, Role::Warn, &[&format!("oldest answer {age} s"), &format!("old {age} s")])
        }
    }
}
