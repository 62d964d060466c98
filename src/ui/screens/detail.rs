//! Everything about one thing: in the inspect pane, and over the whole screen. Labelled lines, wrapped to the width.

use ratatui::layout::Rect;

use crate::app::{Model, Subject};
use crate::domain::name::Fqdn;
use crate::domain::server::Service;
use crate::ui::layout::{take_left, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::{Pen, Title};
use crate::ui::text::wrap;
use crate::ui::words;

use super::{detail_certificate, detail_finding, detail_name, detail_plan, detail_run, detail_server, detail_site};

/// Columns of the labels.
const LABEL: usize = 11;

/// A piece of a line.
pub(super) type Span = (String, Role);

/// A line: a label, and spans that follow it.
pub(super) struct Line {
    pub(super) label: &'static str,
    pub(super) spans: Vec<Span>,
    /// A latency history to be drawn after the spans.
    pub(super) history: Option<(Fqdn, crate::domain::server::Service)>,
}

impl Line {
    pub(super) fn new(label: &'static str, spans: Vec<Span>) -> Self {
        Self { label, spans, history: None }
    }

    pub(super) fn text(label: &'static str, text: impl Into<String>) -> Self {
        Self::new(label, vec![(text.into(), Role::Text)])
    }
}

/// The inspect pane: what is selected.
pub(super) fn panel(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let Some(subject) = model.selected() else {
        pen.panel(area, &Title::plain("Nothing is selected"));
        return;
    };
    let title = title(model, subject);
    let inner = pen.panel(area, &Title::plain(&title));
    lines(model, pen, inner, subject, 0, false);
}

/// The same over the whole screen, scrolled.
pub(super) fn full(model: &Model, pen: &mut Pen<'_>, area: Rect, subject: &Subject, top: usize) {
    pen.clear(area);
    let title = title(model, subject);
    let inner = pen.panel(area, &Title { focus: true, ..Title::plain(&title) });
    lines(model, pen, inner, subject, top, true);
}

/// What it is, in a panel's border.
pub(super) fn title(model: &Model, subject: &Subject) -> String {
    match subject {
        Subject::Site(name) => format!("Site {name}"),
        Subject::Server(fqdn) => fqdn.to_string(),
        Subject::Pool(fqdn) => format!("{fqdn}, Lync pool"),
        Subject::Plan(name) => format!("Dial plan {name}"),
        Subject::Finding { subject, .. } => subject.clone(),
        Subject::Certificate { host, .. } if model.server(host).is_none() => format!("{host}, the pool's certificate"),
        Subject::Certificate { host, service: Service::CallRouter } => format!("{host}, its call router's certificate"),
        Subject::Certificate { host, service: Service::Um } => format!("{host}, its UM service's certificate"),
        Subject::Name(fqdn) => format!("{fqdn}, its name in DNS"),
        Subject::DnsServer(address) => format!("DNS server {address}"),
        Subject::Check(id) => match crate::app::guideline(id) {
            Some(guideline) => format!("{id}: {}", guideline.title),
            None => format!("Guideline {id}"),
        },
        Subject::Run(id) => format!("Run {id}"),
        Subject::Event(number) => match model.log.get(*number) {
            Some(entry) => format!("Event of {}", entry.at.strftime("%H:%M:%S UTC")),
            None => format!("Event {number}"),
        },
    }
}

fn lines(model: &Model, pen: &mut Pen<'_>, area: Rect, subject: &Subject, top: usize, whole: bool) {
    let all = about(model, subject, pen.glyphs(), room(area), whole);
    put(model, pen, area, &all, top);
}

/// Columns for what follows the labels.
pub(super) fn room(area: Rect) -> usize {
    usize::from(area.width).saturating_sub(LABEL)
}

/// Draws lines from the `top`th on; what does not fit is counted.
pub(super) fn put(model: &Model, pen: &mut Pen<'_>, area: Rect, all: &[Line], top: usize) {
    let mut rest = area;
    let rows = usize::from(rest.height);
    let top = top.min(all.len().saturating_sub(rows));
    let hidden = all.len().saturating_sub(top + rows);
    for (row, line) in all.iter().skip(top).take(rows).enumerate() {
        let mut place = take_top(&mut rest, 1);
        if row + 1 == rows && hidden > 0 {
            take_left(&mut place, LABEL);
            let text = format!("{} {} more", pen.glyphs().more[1], words::count(hidden + 1, "line", "lines"));
            pen.put(place, &text, Role::Dim);
        } else {
            draw_line(model, pen, place, line);
        }
    }
}

/// Draws lines that have no labels, from the left edge on.
pub(super) fn put_without_labels(pen: &mut Pen<'_>, area: Rect, all: &[Line]) {
    let mut rest = area;
    let rows = usize::from(rest.height);
    for (row, line) in all.iter().take(rows).enumerate() {
        let mut place = take_top(&mut rest, 1);
        if row + 1 == rows && all.len() > rows {
            let more = words::count(all.len() - row, "line", "lines");
            pen.put(place, &format!("{} {more} more", pen.glyphs().more[1]), Role::Dim);
        } else {
            spans(pen, &mut place, &line.spans);
        }
    }
}

fn spans(pen: &mut Pen<'_>, line: &mut Rect, spans: &[Span]) {
    for (text, role) in spans {
        pen.left(line, text, *role);
    }
}

fn draw_line(model: &Model, pen: &mut Pen<'_>, area: Rect, line: &Line) {
    let mut rest = area;
    let label = take_left(&mut rest, LABEL);
    pen.put(label, line.label, Role::Dim);
    spans(pen, &mut rest, &line.spans);
    if let Some((fqdn, service)) = &line.history {
        let services = model.server(fqdn).map(|server| server.services.as_slice()).unwrap_or_default();
        let found = services.iter().find(|one| one.service == *service);
        if let Some(service) = found.or_else(|| model.pool(fqdn).map(|pool| &pool.service)) {
            let place = take_left(&mut rest, 61);
            super::server_line::history(model, pen, place, fqdn, service);
        }
    }
}

/// What there is to say about a thing.
pub(super) fn about(model: &Model, subject: &Subject, glyphs: &Glyphs, columns: usize, whole: bool) -> Vec<Line> {
    match subject {
        Subject::Server(fqdn) => match model.server(fqdn) {
            Some(server) => detail_server::server(model, server, glyphs, columns, whole),
            None => gone(),
        },
        Subject::Pool(fqdn) => match model.pool(fqdn) {
            Some(pool) => detail_server::pool(model, pool, glyphs, columns),
            None => gone(),
        },
        Subject::Certificate { host, service } => {
            detail_certificate::certificate(model, host, *service, glyphs, columns)
        }
        Subject::Name(fqdn) => detail_name::name(model, fqdn, glyphs, columns),
        Subject::DnsServer(address) => detail_name::server(model, *address, glyphs, columns),
        Subject::Check(id) => detail_finding::check(model, id, glyphs, columns),
        Subject::Run(id) => detail_run::run(model, id, columns),
        Subject::Event(number) => detail_finding::event(model, *number, glyphs, columns, whole),
        Subject::Site(name) => detail_site::site(model, name, glyphs, columns),
        Subject::Plan(name) => detail_plan::plan(model, name, glyphs, columns),
        Subject::Finding { id, subject } => detail_finding::finding(model, id, subject, glyphs, columns, whole),
    }
}

pub(super) fn gone() -> Vec<Line> {
    vec![Line::text("", "It is not in the topology any more.")]
}

/// Lines of a long text under one label.
pub(super) fn paragraph(label: &'static str, text: &str, role: Role, columns: usize) -> Vec<Line> {
    let lines = wrap(text, columns);
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    lines.into_iter().zip(labels).map(|(line, label)| Line::new(label, vec![(line, role)])).collect()
}

/// Findings about a subject, each in its own paragraph.
pub(super) fn findings_of(model: &Model, subject: &str, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    findings_like(model, subject, &[""], glyphs, columns)
}

/// Of these, those whose kind begins in one of some ways.
pub(super) fn findings_like(
    model: &Model,
    subject: &str,
    kinds: &[&str],
    glyphs: &Glyphs,
    columns: usize,
) -> Vec<Line> {
    let like = |id: &str| kinds.iter().any(|kind| id.starts_with(kind));
    let findings = model.picture.findings.iter().filter(|finding| finding.subject == subject && like(finding.id));
    let mut lines = Vec::new();
    for finding in findings {
        let mark = words::severity(finding.severity, glyphs);
        let text = format!("{} {}: {}", mark.glyph, mark.word, finding.message);
        lines.extend(paragraph(if lines.is_empty() { "Findings" } else { "" }, &text, mark.role, columns));
    }
    lines
}
