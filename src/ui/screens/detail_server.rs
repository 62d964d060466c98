//! Everything about a server or a pool.

use crate::app::Model;
use crate::domain::judge::{PoolView, ServerView, ServiceView};
use crate::domain::name::Fqdn;
use crate::domain::place::Place;
use crate::domain::server::Service;
use crate::ui::look::{Glyphs, Role};
use crate::ui::text::width;
use crate::ui::words;

use super::detail::{Line, Span, findings_of, paragraph};
use super::{detail_certificate, detail_name};

/// A server; `whole` tells what the pane has no room for.
pub(super) fn server(model: &Model, server: &ServerView, glyphs: &Glyphs, columns: usize, whole: bool) -> Vec<Line> {
    let mut lines = vec![state(model, server, glyphs)];
    for (at, one) in server.services.iter().enumerate() {
        let label = if at == 0 { "SIP" } else { "" };
        lines.extend(service(model, one, glyphs, columns, label, server.services.len() > 1));
    }
    if let Some(lead) = server.lead() {
        lines.push(latency(&server.fqdn, lead));
        lines.extend(detail_certificate::brief(model, &server.fqdn, lead, glyphs, columns));
    }
    lines.extend(names(model, server, glyphs));
    lines.extend(declared(model, &server.fqdn, columns));
    lines.extend(findings_of(model, server.fqdn.as_str(), glyphs, columns));
    if whole {
        let software = server.services.iter().find_map(|service| service.software.as_ref());
        lines.extend(
            software.into_iter().flat_map(|software| paragraph("Software", software.as_str(), Role::Text, columns)),
        );
        lines.extend(components(server));
    }
    lines
}

/// A pool.
pub(super) fn pool(model: &Model, pool: &PoolView, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let mut lines = vec![Line::text("Site", pool.site.to_string())];
    lines.extend(service(model, &pool.service, glyphs, columns, "SIP", false));
    lines.push(latency(&pool.fqdn, &pool.service));
    lines.extend(detail_certificate::brief(model, &pool.fqdn, &pool.service, glyphs, columns));
    lines.extend(findings_of(model, pool.fqdn.as_str(), glyphs, columns));
    lines
}

fn state(model: &Model, server: &ServerView, glyphs: &Glyphs) -> Line {
    let mark = words::server(model, server, glyphs);
    let mut spans: Vec<Span> = vec![(format!("{} {}", mark.glyph, mark.word), mark.role)];
    if let Some(since) = server.since {
        spans.push((format!(" {}", words::since(since, model.now)), Role::Dim));
    }
    let (state, role) = words::state(server);
    let told = if state == "?" { "service state not known" } else { state };
    spans.push(("   ".into(), Role::Text));
    spans.push((told.into(), role));
    if server.state.is_some_and(|state| state != server.normal) {
        spans.push((format!(", normally {}", server.normal.word().to_lowercase()), Role::Warn));
    }
    if let Some(calls) = server.active_calls {
        spans.push((format!("   {}", words::count(calls as usize, "call", "calls")), Role::Text));
    }
    Line::new("State", spans)
}

fn service(
    model: &Model,
    service: &ServiceView,
    glyphs: &Glyphs,
    columns: usize,
    label: &'static str,
    several: bool,
) -> Vec<Line> {
    let mark = words::health(service.health, glyphs);
    let name = match (several, service.service) {
        (false, _) => "",
        (true, Service::CallRouter) => "router ",
        (true, Service::Um) => "um     ",
    };
    let answer = words::sip(service).into_iter().next().unwrap_or_default();
    let rtt = service.rtt.map(|rtt| format!("  {}", words::latency(rtt))).unwrap_or_default();
    let mut spans: Vec<Span> = vec![
        (format!("{} ", mark.glyph), mark.role),
        (name.to_owned(), Role::Text),
        (answer, words::sip_role(service)),
        (rtt, Role::Text),
    ];
    let reached = reached(model, service);
    let used: usize = spans.iter().map(|span| width(&span.0)).sum();
    let mut lines = Vec::new();
    if used + width(&reached) + 2 <= columns {
        spans.push((format!("  {reached}"), Role::Dim));
        lines.push(Line::new(label, spans));
    } else {
        lines.push(Line::new(label, spans));
        lines.extend(paragraph("", &reached, Role::Dim, columns.saturating_sub(2)).into_iter().map(indented));
    }
    if let Some(detail) = &service.detail {
        lines.extend(paragraph("", detail, Role::Warn, columns.saturating_sub(2)).into_iter().map(indented));
    }
    lines
}

/// Where a service was asked, and how old its answer is where that matters.
fn reached(model: &Model, service: &ServiceView) -> String {
    let address = service.address.map_or_else(|| "no address".into(), |address| address.to_string());
    let mut text = format!("{address} {}", service.transport);
    let late = |at: &jiff::Timestamp| {
        model.now.duration_since(*at)
            > 3 * jiff::SignedDuration::try_from(model.topology.console.interval).unwrap_or_default()
    };
    if let Some(at) = service.at.filter(late) {
        text += &[", answered ", &words::ago(at, model.now)].concat();
    }
    if service.flapping {
        text += ", flapping";
    }
    text
}

/// The latency of a service, drawn as on the cards but longer.
fn latency(host: &Fqdn, service: &ServiceView) -> Line {
    Line { label: "Latency", spans: Vec::new(), history: Some((host.clone(), service.service)) }
}

fn indented(mut line: Line) -> Line {
    line.spans.insert(0, ("  ".into(), Role::Text));
    line
}

/// Where its name points, by each DNS server.
fn names(model: &Model, server: &ServerView, glyphs: &Glyphs) -> Vec<Line> {
    if server.dns.is_empty() {
        return Vec::new();
    }
    let (place, role) = words::place(model, &server.place, glyphs);
    let mut spans = vec![(place, role)];
    if let Some(since) = server.place_since.filter(|_| server.place != Place::Home) {
        spans.push((format!(" {}", words::since(since, model.now)), Role::Dim));
    }
    let mut lines = vec![Line::new("Name at", spans)];
    let longest = server.dns.iter().map(|view| width(&words::dns::server(view.server))).max().unwrap_or(0);
    let said = server.dns.iter().map(|view| detail_name::answer(model, server, view, longest, glyphs, false));
    lines.extend(said.map(|spans| Line::new("", spans)));
    lines
}

/// What the topology file says of it.
fn declared(model: &Model, fqdn: &Fqdn, columns: usize) -> Vec<Line> {
    let Some(server) = model.topology.server(fqdn) else { return Vec::new() };
    let plans: Vec<&str> = model.topology.plans_of(fqdn).map(|plan| plan.name.as_str()).collect();
    let partner = server.partner.as_ref().map_or("none", |partner| model.names.of(partner.as_str()));
    let product = format!("{} ({}), partner {partner}", server.version.product(), server.version);
    let mut lines = paragraph("Declared", &product, Role::Text, columns);
    if !plans.is_empty() {
        lines.extend(paragraph("", &format!("in {}", plans.join(", ")), Role::Text, columns));
    }
    lines
}

fn components(server: &ServerView) -> Vec<Line> {
    let line = |(at, one): (usize, &crate::domain::observation::ComponentState)| {
        let source = if one.local { "server" } else { "directory" };
        let text = format!("{} by {}: {} ({source})", one.component, one.requester, one.state);
        Line::text(if at == 0 { "Components" } else { "" }, text)
    };
    server.components.iter().enumerate().map(line).collect()
}
