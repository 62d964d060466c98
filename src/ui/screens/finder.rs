//! Help and palette: a line that is typed, and what matches it. The help also says what the signs mean, and what was asked about.

use ratatui::layout::Rect;

use crate::app::finder::{Finder, Found, Over, Target, Topic};
use crate::app::hit::Hit;
use crate::app::{Model, exact};
use crate::domain::finding;
use crate::failover::rules;
use crate::ui::layout::{centred, take_bottom, take_left, take_top, window};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::{Pen, Title};
use crate::ui::text::{width, wrap};

/// Columns of the keys.
const KEYS: usize = 16;

/// Columns that are enough for everything; on a terminal a little wider nothing of the screen below looks out beside it.
const WIDEST: usize = 124;

/// Draws the dialog.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, finder: &Finder) {
    let place = centred(area, WIDEST, usize::from(area.height));
    pen.clear(place);
    let (name, note) = match finder.over {
        Over::Help { .. } => ("Help", "type to search, Enter does it"),
        Over::Everything => ("Go to, or do", "type to search, Enter does it"),
    };
    let mut rest = pen.panel(place, &Title { note, focus: true, ..Title::plain(name) });
    let mut line = take_top(&mut rest, 1);
    pen.left(&mut line, ": ", Role::Key);
    super::typing::line(pen, line, &finder.query);
    let empty = finder.query.value().trim().is_empty();
    if let (Over::Help { about: Some(topic) }, true) = (&finder.over, empty) {
        about(model, pen, &mut rest, topic);
    }
    let found = finder.found(model);
    if matches!(finder.over, Over::Help { .. }) && empty && rest.height > 30 {
        signs(pen, &mut rest);
    }
    list(model, pen, rest, finder, &found);
}

/// What a finding, rule or guideline means: in plain words, what taught it, who mends it, the exact command.
fn about(model: &Model, pen: &mut Pen<'_>, rest: &mut Rect, topic: &Topic) {
    let columns = usize::from(rest.width);
    let mut lines: Vec<(String, Role)> = vec![(String::new(), Role::Text)];
    let mut say = |text: &str, role: Role| lines.extend(wrap(text, columns).into_iter().map(|line| (line, role)));
    let command = |command: Option<&str>, subject: &str| {
        command.map(|command| format!("Command: {}", exact(model, command, subject))).unwrap_or_default()
    };
    match topic {
        Topic::Rule { id, subject } => {
            let Some(rule) = rules::rule(id) else { return };
            say(&format!("Rule {}: {}", rule.id, rule.guards), Role::Strong);
            say(rule.words, Role::Text);
            for case in rule.cases {
                let graded = format!("planned {}, emergency {}", case.planned.word(), case.emergency.word());
                say(&format!("  {}: {graded}", case.when), Role::Dim);
            }
            say(&format!("Taught by {}. Mended by {}.", rule.taught_by, rule.who), Role::Dim);
            say(&command(rule.command, subject), Role::Key);
        }
        Topic::Finding { id, subject } => {
            let Some(kind) = finding::kind_of(id) else { return };
            // It may be worse here than it mostly is.
            let here = model.picture.findings.iter().find(|one| one.id == *id && one.subject == *subject);
            let severity = here.map_or(kind.severity, |finding| finding.severity);
            say(&format!("Finding {id}, {}", severity.word()), Role::Strong);
            say(kind.means, Role::Text);
            say(kind.advice, Role::Text);
            say(&format!("Taught by {}. Mended by {}.", kind.taught_by, kind.who), Role::Dim);
            say(&command(kind.command, subject), Role::Key);
        }
        Topic::Check(id) => {
            let Some(guideline) = crate::app::guideline(id) else { return };
            say(&format!("{id}: {}", guideline.title), Role::Strong);
            say(guideline.sentence, Role::Text);
        }
    }
    lines.push((String::new(), Role::Text));
    // What was asked about comes first, whatever is left for the keys.
    let most = usize::from(rest.height).saturating_sub(3);
    for (text, role) in lines.into_iter().take(most) {
        pen.put(take_top(rest, 1), &text, role);
    }
}

/// Columns that a line's words need, with why it cannot be done now.
fn needed(one: &Found) -> usize {
    KEYS + 3 + width(&one.words) + one.why_not.map_or(0, |why| width(why) + 4)
}

/// Of the chosen line what it has no room for: its words in full, why it cannot be done now.
fn foot(pen: &mut Pen<'_>, rest: &mut Rect, chosen: &Found) {
    let columns = usize::from(rest.width);
    let mut place = take_bottom(rest, 2);
    take_top(&mut place, 1);
    if needed(chosen) <= columns {
        return;
    }
    let mut said = Vec::new();
    if KEYS + 2 + width(&chosen.words) > columns {
        said.push((chosen.words.clone(), Role::Dim));
    }
    if let Some(why) = chosen.why_not {
        said.push((format!("not now: {why}"), Role::Warn));
    }
    for (number, (text, role)) in said.iter().enumerate() {
        Pen::gap(&mut place, if number == 0 { 0 } else { 2 });
        pen.left(&mut place, text, *role);
    }
}

fn list(model: &Model, pen: &mut Pen<'_>, area: Rect, finder: &Finder, found: &[Found]) {
    let mut rest = area;
    let at = finder.at(found);
    let Some(chosen) = found.get(at) else {
        return pen.put(rest, "  nothing matches", Role::Dim);
    };
    if rest.height >= 8 && found.iter().any(|one| needed(one) > usize::from(rest.width)) {
        foot(pen, &mut rest, chosen);
    }
    let rows = usize::from(rest.height);
    let top = window(at, found.len(), rows);
    for (number, one) in found.iter().enumerate().skip(top).take(rows) {
        let mut line = take_top(&mut rest, 1);
        pen.hit(line, Hit::Choice(number));
        let selected = number == at;
        if selected {
            pen.select(line);
        }
        pen.left(&mut line, if selected { pen.glyphs().marker } else { " " }, Role::Focus);
        let place = take_left(&mut line, KEYS);
        pen.put(place, &keys(model, one, pen.glyphs()), Role::Key);
        if let Some(why) = one.why_not {
            let text = format!("({why})");
            if usize::from(line.width) > width(&text) + width(&one.words) + 2 {
                pen.right(&mut line, &text, Role::Dim);
                pen.right(&mut line, " ", Role::Text);
            }
        }
        let role = match one.why_not {
            Some(_) => Role::Dim,
            None if selected => Role::Selected,
            None => Role::Text,
        };
        pen.put(line, &one.words, role);
    }
}

fn keys(model: &Model, found: &Found, glyphs: &Glyphs) -> String {
    match &found.target {
        Target::Action(id) => {
            model.keymap.keys(*id).iter().map(|key| key.label(glyphs.arrows)).collect::<Vec<_>>().join(" ")
        }
        Target::Go(_) => "go to".to_owned(),
        Target::FailOver(_) | Target::BringHome(_) => "do".to_owned(),
    }
}

/// What the signs mean, at the foot.
fn signs(pen: &mut Pen<'_>, rest: &mut Rect) {
    let rows = meanings(pen.glyphs());
    let mut place = take_bottom(rest, rows.len() + 1);
    take_top(&mut place, 1);
    for (glyph, role, text) in rows {
        let mut line = take_top(&mut place, 1);
        let sign = take_left(&mut line, 3);
        pen.put(sign, glyph, role);
        pen.put(line, text, Role::Text);
    }
}

fn meanings(glyphs: &Glyphs) -> Vec<(&'static str, Role, &'static str)> {
    vec![
        (glyphs.up, Role::Up, "up: answers as it should; in the matrix: takes the plan's calls"),
        (
            glyphs.warn,
            Role::Warn,
            "up with a warning, or silent to this console; in the matrix: takes no calls, or drifts",
        ),
        (glyphs.warn, Role::Down, "degraded: alive, and does not answer as it should; or up with something critical"),
        (glyphs.down, Role::Down, "down: nothing answers; or a critical finding"),
        (glyphs.unknown, Role::Unknown, "unknown: no answer yet, or the last one is too old to be believed"),
        (glyphs.off, Role::Off, "out of service as designed: a disabled standby"),
        (glyphs.draining, Role::Warn, "draining: ends the calls that it has, takes no new ones"),
        (glyphs.none, Role::Dim, "in the matrix: no member"),
        (glyphs.spark[1], Role::Spark, "latency, drawn in place: the newest is left of the gap"),
        (glyphs.missed, Role::Down, "in the latency: no answer"),
    ]
}
