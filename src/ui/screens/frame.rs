//! The whole screen: header, tab line, body, key bar, and what lies over it.

use ratatui::layout::Rect;

use crate::app::dialog::Dialog;
use crate::app::{Model, Page};
use crate::ui::layout::{self, Form, SMALLEST, take_bottom, take_right, take_top};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::words;

use super::{
    bars, certificates, detail, dns, events, faults, finder, findings, guide, header, plans, prompt, readiness, runs,
    sites,
};

/// Columns of the panel of faults.
const FAULTS: usize = 41;

/// Draws the model.
pub(in crate::ui) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let form = layout::form(area);
    if form == Form::TooSmall {
        return too_small(model, pen, area);
    }
    let mut rest = area;
    header::draw(model, pen, take_top(&mut rest, 1));
    if form != Form::Lines {
        bars::tabs(model, pen, take_top(&mut rest, 1));
    }
    bars::keys(model, pen, take_bottom(&mut rest, 1));
    if model.dialogs.iter().any(|dialog| matches!(dialog, Dialog::Faults)) {
        let panel = if form == Form::Wide { take_right(&mut rest, FAULTS) } else { rest };
        faults::draw(model, pen, panel);
        if form != Form::Wide {
            return;
        }
    }
    let form = layout::form(Rect { height: area.height, ..rest }).min_of(form);
    page(model, pen, rest, form);
    for dialog in &model.dialogs {
        over(model, pen, rest, dialog);
    }
}

fn page(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    match model.page {
        Page::Sites => sites::draw(model, pen, area, form),
        Page::Plans => plans::draw(model, pen, area, form),
        Page::Certificates => certificates::draw(model, pen, area, form),
        Page::Dns => dns::draw(model, pen, area, form),
        Page::Readiness => readiness::draw(model, pen, area, form),
        Page::Runs => runs::draw(model, pen, area, form),
        Page::Events => events::draw(model, pen, area, form),
    }
}

/// What lies over the screen: from the outermost to the innermost.
fn over(model: &Model, pen: &mut Pen<'_>, area: Rect, dialog: &Dialog) {
    match dialog {
        Dialog::Find(finder) => finder::draw(model, pen, area, finder),
        Dialog::Inspect { subject, top } => detail::full(model, pen, area, subject, *top),
        Dialog::Prompt(prompt) => prompt::draw(model, pen, area, prompt),
        Dialog::Guide(guide) => guide::draw(model, pen, area, guide),
        // At the side, and in the place of the key bar.
        Dialog::Faults | Dialog::Filter { .. } => {}
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
    header::counts(model, pen, &mut line);
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
        let name = model.names.of(&finding.subject);
        let text = findings::without_name(&finding.subject, name, &finding.message);
        pen.cell(&mut line, usize::MAX, &format!("{name} {text}"), Role::Text);
    }
}
