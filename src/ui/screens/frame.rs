//! The whole screen: header, tab line, body, key bar, and what lies over it.

use ratatui::layout::Rect;

use crate::app::action::{self, Id};
use crate::app::{Model, Overlay, Page};
use crate::domain::finding::Severity;
use crate::domain::health::Health;
use crate::domain::topology::Environment;
use crate::ui::layout::{self, Form, SMALLEST, take_bottom, take_right, take_top};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::{fit, longest, width};
use crate::ui::words;

use super::{detail, events, faults, help, sites};

/// Columns of the panel of faults.
const FAULTS: usize = 41;

/// Draws the model.
pub(in crate::ui) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let form = layout::form(area);
    if form == Form::TooSmall {
        return too_small(model, pen, area);
    }
    let mut rest = area;
    header(model, pen, take_top(&mut rest, 1));
    if form != Form::Lines {
        tabs(model, pen, take_top(&mut rest, 1));
    }
    key_bar(model, pen, take_bottom(&mut rest, 1));
    if model.overlay == Some(Overlay::Faults) {
        let panel = if form == Form::Wide { take_right(&mut rest, FAULTS) } else { rest };
        faults::draw(model, pen, panel);
        if form != Form::Wide {
            return;
        }
    }
    let form = layout::form(Rect { height: area.height, ..rest }).min_of(form);
    match (&model.overlay, model.page) {
        (Some(Overlay::Help { top }), _) => help::draw(model, pen, rest, *top),
        (Some(Overlay::Inspect { subject, top }), _) => detail::full(model, pen, rest, subject, *top),
        (_, Page::Sites) => sites::draw(model, pen, rest, form),
        (_, Page::Events) => events::draw(model, pen, rest),
    }
}

impl Form {
    /// A narrower body is never drawn as if the terminal were too small.
    fn min_of(self, whole: Self) -> Self {
        match self {
            Self::TooSmall | Self::Lines if whole == Self::Wide => Self::Compact,
            form => form,
        }
    }
}

fn too_small(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    let glyphs = pen.glyphs();
    let mut line = take_top(&mut rest, 1);
    counts(model, pen, &mut line, false);
    let (columns, rows) = SMALLEST;
    let needs = format!("switchboard needs {columns}x{rows}, this is {}x{}", area.width, area.height);
    for text in crate::ui::text::wrap(&needs, usize::from(area.width)) {
        let line = take_top(&mut rest, 1);
        pen.put(line, &text, Role::Text);
    }
    for finding in &model.picture.findings {
        let mark = words::severity(finding.severity, glyphs);
        let mut line = take_top(&mut rest, 1);
        pen.left(&mut line, mark.glyph, mark.role);
        pen.cell(
            &mut line,
            usize::MAX,
            &format!("{} {}", model.names.of(&finding.subject), finding.message),
            Role::Text,
        );
    }
}

fn header(model: &Model, pen: &mut Pen<'_>, area: Rect) {
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
    if model.picture.isolated {
        pen.left(&mut line, pen.glyphs().unknown, Role::Unknown);
        pen.left(&mut line, " ISOLATED: this console is cut off, nothing here is sure", Role::Unknown);
        return;
    }
    counts(model, pen, &mut line, roomy);
    if model.settings.read_only {
        pen.left(&mut line, "read-only  ", Role::Warn);
    }
    freshness(model, pen, &mut line, roomy);
}

fn clocks(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, roomy: bool) {
    let utc = model.now.strftime("%H:%M UTC").to_string();
    let local = model.now.to_zoned(model.settings.zone.clone()).strftime("%H:%M local").to_string();
    Pen::gap(line, 0);
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

/// Servers up, warnings, criticals.
fn counts(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, roomy: bool) {
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

fn tabs(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut line = area;
    Pen::gap(&mut line, 1);
    for (page, key, name) in [(Page::Sites, Id::Sites, "Sites"), (Page::Events, Id::Events, "Events")] {
        let here = model.page == page;
        let label = model.keymap.keys(key).first().map(|key| key.label(pen.glyphs().arrows)).unwrap_or_default();
        let text = format!(" {label} {name} ");
        pen.left(&mut line, &text, if here { Role::Selected } else { Role::Dim });
        Pen::gap(&mut line, 1);
    }
    if let Some(trainer) = model.trainer.as_ref().filter(|trainer| trainer.switched_on() > 0) {
        pen.right(&mut line, " ", Role::Text);
        let text = words::count(trainer.switched_on(), "fault switched on", "faults switched on");
        pen.right(&mut line, &text, Role::Warn);
    }
}

/// Keys that can be used now. Comes from the one table of actions.
fn key_bar(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut line = area;
    Pen::gap(&mut line, 1);
    if let Some((hint, _)) = model.hint {
        pen.right(&mut line, " ", Role::Text);
        pen.right(&mut line, hint, Role::Warn);
    }
    // The tab of the page that is shown leads nowhere.
    let here = if model.page == Page::Sites { Id::Sites } else { Id::Events };
    let told = |row: &&action::Action| !row.short.is_empty() && row.id != here && (row.when)(model).is_ok();
    for row in action::ACTIONS.iter().filter(told) {
        let mut label = model.keymap.keys(row.id).first().map(|key| key.label(pen.glyphs().arrows)).unwrap_or_default();
        if row.id == Id::Down && pen.glyphs().arrows {
            label.insert(0, '↑');
        }
        let short = match (row.id, &model.overlay, model.page) {
            (Id::Open, Some(Overlay::Faults), _) => "switch",
            (Id::Open, _, Page::Sites) if matches!(model.selected(), Some(crate::app::Subject::Site(_))) => "open",
            (Id::Down, Some(Overlay::Help { .. } | Overlay::Inspect { .. }), _) | (Id::Down, None, Page::Events) => {
                "scroll"
            }
            _ => row.short,
        };
        if usize::from(line.width) < width(&label) + width(short) + 1 {
            break;
        }
        pen.left(&mut line, &label, Role::Key);
        pen.left(&mut line, " ", Role::Text);
        pen.left(&mut line, short, Role::Dim);
        Pen::gap(&mut line, if area.width < 76 { 2 } else { 3 });
    }
}
