//! A site with its servers: as a card with a border, or as a section without one.

use ratatui::layout::Rect;

use crate::app::{Model, Pane, Subject};
use crate::domain::health::Health;
use crate::domain::judge::SiteView;
use crate::ui::layout::{take_left, take_top, window};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};
use crate::ui::text::{longest, width};
use crate::ui::words;

use super::server_line;

/// The worst thing about a site in one sign.
pub(super) fn mark(model: &Model, site: &SiteView, pen: &Pen<'_>) -> words::Mark {
    let glyphs = pen.glyphs();
    let all = site.servers.len();
    if all > 0 && site.healthy == 0 {
        let every = |health| site.servers.iter().all(|server| server.health == health);
        let health = [Health::Unknown, Health::Down].into_iter().find(|health| every(*health));
        return words::health(health.unwrap_or(Health::Degraded), glyphs);
    }
    match model.severity_of(site) {
        Some(severity) if severity > crate::domain::finding::Severity::Info => {
            words::Mark { glyph: glyphs.warn, ..words::severity(severity, glyphs) }
        }
        _ if site.standby => words::Mark { glyph: glyphs.off, role: Role::Off, word: "standby" },
        _ => words::health(Health::Up, glyphs),
    }
}

/// Role of the site, and how many of its servers are up.
pub(super) fn note(model: &Model, site: &SiteView) -> (String, Role) {
    let role = if site.standby { "standby" } else { "active" };
    let away = site.away.map(|since| format!(", away {}", words::since(since, model.now))).unwrap_or_default();
    let all = site.servers.len();
    let colour = match site.healthy {
        healthy if healthy < all => Role::Down,
        _ if site.away.is_some() => Role::Warn,
        _ => Role::Dim,
    };
    (format!("{role}{away}  {}/{all} up", site.healthy), colour)
}

/// A card: border, heading, servers, pools.
pub(super) fn card(model: &Model, pen: &mut Pen<'_>, area: Rect, site: &SiteView) {
    let things = model.items_of(site);
    let focus = model.pane() == Pane::Sites && model.selected().is_some_and(|selected| things.contains(selected));
    let mark = mark(model, site, pen);
    let (note, note_role) = note(model, site);
    let name = title(model, site, usize::from(area.width).saturating_sub(width(&note) + 10));
    let title = Title { mark: Some((mark.glyph, mark.role)), name: &name, note: &note, note_role, focus };
    let mut rest = pen.panel(area, &title);
    // The marker of the selected line stands in the column of air beside the border.
    rest = Rect { x: rest.x.saturating_sub(1), width: rest.width.saturating_add(1), ..rest };
    lines(model, pen, rest, site);
}

/// The site's name, and where it fails over to when there is room to say so.
fn title(model: &Model, site: &SiteView, columns: usize) -> String {
    let name = site.name.to_string();
    let standby = model.topology.site(&site.name).and_then(|site| site.standby.as_ref());
    let long = standby.map(|standby| format!("{name}, fails over to {standby}"));
    longest(&[long.as_deref().unwrap_or(&name), &name], columns).to_owned()
}

/// Heading, servers and pools, as many as fit around the selected one.
fn lines(model: &Model, pen: &mut Pen<'_>, area: Rect, site: &SiteView) {
    let mut rest = area;
    let columns = server_line::columns(model, rest.width);
    server_line::heading(pen, take_top(&mut rest, 1), &columns);
    things(model, pen, rest, site, &columns);
}

/// Servers and pools, as many as fit around the selected one.
pub(super) fn things(
    model: &Model,
    pen: &mut Pen<'_>,
    area: Rect,
    site: &SiteView,
    columns: &crate::ui::layout::ServerColumns,
) {
    let mut rest = area;
    let all = model.items_of(site);
    let selected = model.chosen.get(&Pane::Sites).and_then(|chosen| all.iter().position(|item| item == chosen));
    let rows = usize::from(rest.height);
    let top = window(selected.unwrap_or(0), all.len(), rows);
    for item in all.iter().skip(top).take(rows) {
        let line = take_top(&mut rest, 1);
        match item {
            Subject::Server(fqdn) => {
                if let Some(server) = site.servers.iter().find(|server| server.fqdn == *fqdn) {
                    server_line::server(model, pen, line, columns, server);
                }
            }
            Subject::Pool(fqdn) => {
                if let Some(pool) = model.pool(fqdn) {
                    server_line::pool(model, pen, line, columns, pool);
                }
            }
            _ => {}
        }
    }
}

/// A section: a ruled heading, servers, pools; no border.
pub(super) fn section(model: &Model, pen: &mut Pen<'_>, area: &mut Rect, site: &SiteView) {
    let mut line = take_top(area, 1);
    let mark = mark(model, site, pen);
    let (note, role) = note(model, site);
    pen.left(&mut line, " ", Role::Text);
    pen.left(&mut line, mark.glyph, mark.role);
    pen.left(&mut line, " ", Role::Text);
    let name = title(model, site, usize::from(line.width).saturating_sub(width(&note) + 6));
    pen.left(&mut line, &name, Role::Strong);
    pen.left(&mut line, " ", Role::Text);
    pen.right(&mut line, " ", Role::Text);
    pen.right(&mut line, &note, role);
    pen.right(&mut line, " ", Role::Text);
    pen.rule(line, Role::Border);
    let rows = model.items_of(site).len();
    let mut body = take_top(area, rows);
    body.width = body.width.saturating_sub(1);
    let columns = server_line::columns(model, body.width);
    things(model, pen, body, site, &columns);
}

/// The heading of the columns of sections.
pub(super) fn section_heading(model: &Model, pen: &mut Pen<'_>, area: &mut Rect) {
    let mut line = take_top(area, 1);
    let all = usize::from(line.width).saturating_sub(1);
    let line = take_left(&mut line, all);
    let columns = server_line::columns(model, line.width);
    server_line::heading(pen, line, &columns);
}
