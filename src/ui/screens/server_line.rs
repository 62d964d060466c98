//! One line per server or pool, in columns, with its heading.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::domain::judge::{PoolView, ServerView, ServiceView};
use crate::domain::name::Fqdn;
use crate::ui::layout::{ServerColumns, server_columns, take_left};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::longest;
use crate::ui::words;

/// Columns for a width.
pub(super) fn columns(model: &Model, width: u16) -> ServerColumns {
    let places = model.topology.moves_names();
    let services = model.picture.sites.iter().flat_map(|site| &site.servers).filter_map(|server| server.lead());
    let covers = services
        .filter_map(|service| service.certificate.as_ref())
        .map(|view| words::presented::coverage(view).0.len());
    let san = covers.max().unwrap_or(0);
    server_columns(width, model.names.longest(), san, places, !places)
}

/// What the columns are.
pub(super) fn heading(pen: &mut Pen<'_>, area: Rect, columns: &ServerColumns) {
    let mut line = area;
    Pen::gap(&mut line, 1);
    let name = take_left(&mut line, columns.name + 2);
    pen.put(name, if columns.name >= 6 { "  server" } else { "server" }, Role::Dim);
    pen.cell(&mut line, columns.sip, "SIP", Role::Dim);
    pen.number(&mut line, columns.latency, "takes", Role::Dim);
    pen.cell(&mut line, columns.spark, if columns.spark >= 7 { "latency" } else { "" }, Role::Dim);
    pen.cell(&mut line, columns.state, "state", Role::Dim);
    pen.cell(&mut line, columns.place, "name at", Role::Dim);
    pen.number(&mut line, columns.certificate, "cert", Role::Dim);
    pen.number(&mut line, columns.san, "SAN", Role::Dim);
}

/// A server, right of the marker.
pub(super) fn server(
    model: &Model,
    pen: &mut Pen<'_>,
    area: Rect,
    columns: &ServerColumns,
    server: &ServerView,
    selected: bool,
) {
    let mut line = area;
    let mark = words::server(model, server, pen.glyphs());
    head(pen, &mut line, &mark, model.names.of(server.fqdn.as_str()), columns, selected);
    let Some(service) = server.lead() else { return };
    // A standby that is disabled as designed says so first: that it answers is of less interest.
    if mark.role == Role::Off {
        let text = longest(&["disabled, as designed", "disabled"], columns.sip);
        pen.cell(&mut line, columns.sip, text, Role::Off);
    } else {
        sip(pen, &mut line, columns, service);
    }
    latency(model, pen, &mut line, columns, &server.fqdn, service);
    let (state, role) = words::state(server);
    pen.cell(&mut line, columns.state, state, role);
    let (place, role) = words::place(model, &server.place, pen.glyphs());
    pen.cell(&mut line, columns.place, &place, role);
    certificate(model, pen, &mut line, columns, service);
}

/// A pool, right of the marker.
pub(super) fn pool(
    model: &Model,
    pen: &mut Pen<'_>,
    area: Rect,
    columns: &ServerColumns,
    pool: &PoolView,
    selected: bool,
) {
    let mut line = area;
    let mark = words::health(pool.service.health, pen.glyphs());
    head(pen, &mut line, &mark, model.names.of(pool.fqdn.as_str()), columns, selected);
    sip(pen, &mut line, columns, &pool.service);
    latency(model, pen, &mut line, columns, &pool.fqdn, &pool.service);
    pen.cell(&mut line, columns.state, "pool", Role::Dim);
    pen.cell(&mut line, columns.place, if columns.state == 0 { "pool" } else { "" }, Role::Dim);
    certificate(model, pen, &mut line, columns, &pool.service);
}

fn head(pen: &mut Pen<'_>, line: &mut Rect, mark: &words::Mark, name: &str, columns: &ServerColumns, selected: bool) {
    pen.left(line, mark.glyph, mark.role);
    pen.cell(line, columns.name, name, if selected { Role::Selected } else { Role::Strong });
}

fn sip(pen: &mut Pen<'_>, line: &mut Rect, columns: &ServerColumns, service: &ServiceView) {
    let wordings = words::sip(service);
    let wordings: Vec<&str> = wordings.iter().map(String::as_str).collect();
    pen.cell(line, columns.sip, longest(&wordings, columns.sip), words::sip_role(service));
}

fn latency(
    model: &Model,
    pen: &mut Pen<'_>,
    line: &mut Rect,
    columns: &ServerColumns,
    fqdn: &Fqdn,
    service: &ServiceView,
) {
    let glyphs = pen.glyphs();
    let text = service.rtt.filter(|_| !service.stale).map_or_else(|| glyphs.dash.to_owned(), words::latency);
    pen.number(line, columns.latency, &text, Role::Text);
    if columns.spark > 0 {
        take_left(line, 1);
        let place = take_left(line, columns.spark);
        history(model, pen, place, fqdn, service);
    }
}

/// The history, drawn in place like a heart monitor: a new result changes two cells, and nothing shifts.
pub(super) fn history(model: &Model, pen: &mut Pen<'_>, place: Rect, fqdn: &Fqdn, service: &ServiceView) {
    let width = usize::from(place.width);
    let count = model.results.get(&(fqdn.clone(), service.service)).copied().unwrap_or(service.history.len());
    let shown = service.history.len().min(width.saturating_sub(1));
    let mut line = place;
    for column in 0..width {
        // The newest result, number `count - 1`, stands at its number modulo the width; the gap runs ahead of it.
        let back = (count + width - 1 - column) % width;
        let value = service.history.len().checked_sub(back + 1).filter(|_| back < shown).map(|at| service.history[at]);
        let (glyph, role) = match value {
            None => (" ", Role::Text),
            Some(None) => (pen.glyphs().missed, Role::Down),
            Some(Some(rtt)) => (pen.glyphs().spark[words::level(rtt)], Role::Spark),
        };
        pen.left(&mut line, glyph, role);
    }
}

fn certificate(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, columns: &ServerColumns, service: &ServiceView) {
    let Some(view) = &service.certificate else {
        pen.number(line, columns.certificate, pen.glyphs().dash, Role::Dim);
        return pen.number(line, columns.san, pen.glyphs().dash, Role::Dim);
    };
    let (text, role) = words::presented::left(model, view);
    pen.number(line, columns.certificate, &text, role);
    let (text, role) = words::presented::coverage(view);
    pen.number(line, columns.san, &text, role);
}
