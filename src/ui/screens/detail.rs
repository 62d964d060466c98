//! Everything about one thing: in the inspect pane, and over the whole screen. Labelled lines, wrapped to the width.

use ratatui::layout::Rect;

use crate::app::{Model, Subject};
use crate::domain::finding::Finding;
use crate::domain::judge::DialPlanView;
use crate::domain::name::{Fqdn, SiteName};
use crate::ui::layout::{take_left, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::{Pen, Title};
use crate::ui::text::{width, wrap};
use crate::ui::words;

use super::{detail_run, detail_server, plans};

/// Columns of the labels.
const LABEL: usize = 10;

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
    let title = title(subject);
    let inner = pen.panel(area, &Title::plain(&title));
    lines(model, pen, inner, subject, 0, false);
}

/// The same over the whole screen, scrolled.
pub(super) fn full(model: &Model, pen: &mut Pen<'_>, area: Rect, subject: &Subject, top: usize) {
    pen.clear(area);
    let title = title(subject);
    let inner = pen.panel(area, &Title { focus: true, ..Title::plain(&title) });
    lines(model, pen, inner, subject, top, true);
}

fn title(subject: &Subject) -> String {
    match subject {
        Subject::Site(name) => format!("Site {name}"),
        Subject::Server(fqdn) => fqdn.to_string(),
        Subject::Pool(fqdn) => format!("{fqdn}, Lync pool"),
        Subject::Plan(name) => format!("Dial plan {name}"),
        Subject::Finding { subject, .. } => subject.clone(),
        Subject::Certificate { host, service } => format!("{host}, certificate of {}", service.word()),
        Subject::Name(fqdn) => format!("{fqdn}, in DNS"),
        Subject::DnsServer(address) => format!("DNS server {address}"),
        Subject::Check(id) => format!("Guideline {id}"),
        Subject::Run(id) => format!("Run {id}"),
        Subject::Event(number) => format!("Event {number}"),
    }
}

fn lines(model: &Model, pen: &mut Pen<'_>, area: Rect, subject: &Subject, top: usize, whole: bool) {
    let mut rest = area;
    let columns = usize::from(rest.width).saturating_sub(LABEL);
    let all = about(model, subject, pen.glyphs(), columns, whole);
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

fn draw_line(model: &Model, pen: &mut Pen<'_>, area: Rect, line: &Line) {
    let mut rest = area;
    let label = take_left(&mut rest, LABEL);
    pen.put(label, line.label, Role::Dim);
    for (text, role) in &line.spans {
        pen.left(&mut rest, text, *role);
    }
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
fn about(model: &Model, subject: &Subject, glyphs: &Glyphs, columns: usize, whole: bool) -> Vec<Line> {
    match subject {
        Subject::Server(fqdn) => match model.server(fqdn) {
            Some(server) => detail_server::server(model, server, glyphs, columns, whole),
            None => gone(),
        },
        Subject::Pool(fqdn) => match model.pool(fqdn) {
            Some(pool) => detail_server::pool(model, pool, glyphs, columns),
            None => gone(),
        },
        Subject::Certificate { host, .. } | Subject::Name(host) => match (model.server(host), model.pool(host)) {
            (Some(server), _) => detail_server::server(model, server, glyphs, columns, whole),
            (None, Some(pool)) => detail_server::pool(model, pool, glyphs, columns),
            (None, None) => gone(),
        },
        Subject::DnsServer(address) => findings_of(model, &address.to_string(), glyphs, columns),
        Subject::Check(id) => check(model, id, glyphs, columns),
        Subject::Run(id) => detail_run::run(model, id, columns),
        Subject::Event(_) => Vec::new(),
        Subject::Site(name) => site(model, name, glyphs, columns),
        Subject::Plan(name) => match model.picture.dial_plans.iter().find(|plan| plan.name == *name) {
            Some(view) => plan(model, view, glyphs, columns),
            None => gone(),
        },
        Subject::Finding { id, subject } => {
            let found = model.picture.findings.iter().find(|f| f.id == *id && f.subject == *subject);
            match found {
                Some(found) => finding(model, found, glyphs, columns, whole),
                None => vec![Line::text("", "This finding is over; the events say since when.")],
            }
        }
    }
}

fn gone() -> Vec<Line> {
    vec![Line::text("", "It is not in the topology any more.")]
}

/// A guideline: what it asks for, what was seen, what to do.
fn check(model: &Model, id: &str, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let Some(check) = model.readiness.as_ref().and_then(|readiness| readiness.check(id)) else { return gone() };
    let (glyph, role) = super::readiness::status(check.status, glyphs);
    let mut lines = vec![Line::new("Status", vec![(format!("{glyph} {}", check.status.word()), role)])];
    lines.extend(paragraph("Asks for", check.guideline, Role::Text, columns));
    lines.extend(paragraph("Seen", &check.evidence, Role::Text, columns));
    if let Some(advice) = &check.advice {
        lines.extend(paragraph("Do", advice, Role::Strong, columns));
    }
    lines
}

/// Lines of a long text under one label.
pub(super) fn paragraph(label: &'static str, text: &str, role: Role, columns: usize) -> Vec<Line> {
    let lines = wrap(text, columns);
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    lines.into_iter().zip(labels).map(|(line, label)| Line::new(label, vec![(line, role)])).collect()
}

/// Findings about a subject, each in its own paragraph.
pub(super) fn findings_of(model: &Model, subject: &str, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let findings = model.picture.findings.iter().filter(|finding| finding.subject == subject);
    let mut lines = Vec::new();
    for finding in findings {
        let mark = words::severity(finding.severity, glyphs);
        let text = format!("{} {}: {}", mark.glyph, mark.word, finding.message);
        lines.extend(paragraph(if lines.is_empty() { "Findings" } else { "" }, &text, mark.role, columns));
    }
    lines
}

fn finding(model: &Model, finding: &Finding, glyphs: &Glyphs, columns: usize, whole: bool) -> Vec<Line> {
    let mark = words::severity(finding.severity, glyphs);
    let head = format!("{} {}: {}", mark.glyph, mark.word, finding.message);
    let mut lines = paragraph("Finding", &head, mark.role, columns);
    let at = finding.since.strftime("%Y-%m-%d %H:%M UTC");
    lines.push(Line::text("Since", format!("{at}, {}", words::ago(finding.since, model.now))));
    if !finding.evidence.is_empty() {
        lines.extend(paragraph("Seen", &finding.evidence, Role::Text, columns));
    }
    lines.extend(paragraph("Do", finding.advice, Role::Strong, columns));
    lines.push(Line::new("Rule", vec![(finding.id.to_owned(), Role::Dim)]));
    if let Ok(fqdn) = Fqdn::parse(&finding.subject) {
        if let Some(server) = model.server(&fqdn) {
            lines.push(Line::text("", ""));
            lines.extend(
                detail_server::server(model, server, glyphs, columns, whole)
                    .into_iter()
                    .filter(|line| line.label != "Findings"),
            );
        } else if let Some(pool) = model.pool(&fqdn) {
            lines.push(Line::text("", ""));
            lines.extend(detail_server::pool(model, pool, glyphs, columns));
        }
    }
    lines
}

fn site(model: &Model, name: &SiteName, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let (Some(declared), Some(view)) =
        (model.topology.site(name), model.picture.sites.iter().find(|site| site.name == *name))
    else {
        return gone();
    };
    let role = if view.standby { "standby" } else { "active" };
    let mut lines = vec![Line::text("Role", format!("{role}, {} of {} servers up", view.healthy, view.servers.len()))];
    lines.push(Line::text("Standby", declared.standby.as_ref().map_or("none declared", SiteName::as_str)));
    if let Some(forest) = &declared.forest {
        lines.push(Line::text("Forest", forest.to_string()));
    }
    let owners =
        [("DNS", &declared.owners.dns), ("Exchange", &declared.owners.exchange), ("Lync", &declared.owners.lync)];
    let told: Vec<String> =
        owners.iter().filter_map(|(what, who)| Some(format!("{what}: {}", who.as_ref()?))).collect();
    lines.extend(
        paragraph("Owners", if told.is_empty() { "none declared" } else { "" }, Role::Dim, columns)
            .into_iter()
            .filter(|_| told.is_empty()),
    );
    for (at, owner) in told.iter().enumerate() {
        lines.extend(paragraph(if at == 0 { "Owners" } else { "" }, owner, Role::Text, columns));
    }
    for (at, server) in view.servers.iter().enumerate() {
        let mark = words::server(model, server, glyphs);
        let name = model.names.of(server.fqdn.as_str());
        let wording = server.lead().map(words::sip).and_then(|all| all.into_iter().next()).unwrap_or_default();
        let spans = vec![(format!("{} ", mark.glyph), mark.role), (format!("{name}  {wording}"), Role::Text)];
        lines.push(Line::new(if at == 0 { "Servers" } else { "" }, spans));
    }
    lines.extend(findings_of(model, name.as_str(), glyphs, columns));
    lines
}

fn plan(model: &Model, plan: &DialPlanView, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let mut lines = vec![Line::text("Site", plan.site.to_string())];
    let to = plan.to.as_ref().map_or("nowhere: no standby is a member", SiteName::as_str);
    lines.push(Line::text("Fails over", format!("by {} to {to}", plan.method.word())));
    lines.push(Line::text(
        "In service",
        words::count(plan.in_service, "server takes its calls", "servers take its calls"),
    ));
    for (at, member) in plan.members.iter().enumerate() {
        let (glyph, role) = plans::member(model, Some(member), glyphs);
        let word = match (member.declared, member.reported) {
            (true, Some(false)) => "declared, and Exchange does not report it",
            (false, _) => "reported by Exchange, and not declared",
            _ if member.in_service => "takes calls",
            _ => "member, takes no calls now",
        };
        let name = model.names.of(member.fqdn.as_str());
        let pad = " ".repeat(model.names.longest().saturating_sub(width(name)) + 2);
        lines.push(Line::new(
            if at == 0 { "Members" } else { "" },
            vec![(format!("{glyph} "), role), (name.to_owned(), Role::Strong), (format!("{pad}{word}"), Role::Text)],
        ));
    }
    if let Some(declared) = model.topology.dial_plans.iter().find(|declared| declared.name == plan.name) {
        let numbers = |label, numbers: &[String]| Line::text(label, numbers.join("  "));
        if let Some(name) = &declared.enterprise_voice {
            lines.push(Line::text("On Lync", name.clone()));
        }
        lines.push(numbers("Access", &declared.access_numbers));
        lines.push(numbers("Attendant", &declared.auto_attendants));
    }
    lines.extend(findings_of(model, plan.name.as_str(), glyphs, columns));
    lines
}
