//! One line per site, worst first.

use ratatui::layout::Rect;

use crate::app::{Model, Pane, Subject};
use crate::domain::judge::SiteView;
use crate::ui::layout::{take_left, take_right, take_top, window};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};
use crate::ui::text::width;
use crate::ui::words;

use super::cards;

/// The sites in a panel.
pub(super) fn panel(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let note = words::count(model.picture.sites.len(), "site", "sites") + ", worst first";
    let focus = model.pane() == Pane::Sites;
    let inner = pen.panel(area, &Title { note: &note, focus, ..Title::plain("Sites") });
    list(model, pen, Rect { x: inner.x.saturating_sub(1), width: inner.width.saturating_add(1), ..inner });
}

/// Heading and lines, as many as fit around the selected one.
pub(super) fn list(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    let sites = model.ranked_sites();
    let name = sites.iter().map(|site| width(site.name.as_str())).max().unwrap_or(0).clamp(4, 22);
    heading(pen, take_top(&mut rest, 1), name);
    let chosen = model.chosen.get(&Pane::Sites);
    let is_chosen = |site: &&SiteView| chosen == Some(&Subject::Site(site.name.clone()));
    let rows = usize::from(rest.height);
    let top = window(sites.iter().position(is_chosen).unwrap_or(0), sites.len(), rows);
    for site in sites.iter().skip(top).take(rows) {
        line(model, pen, take_top(&mut rest, 1), site, name);
    }
}

fn heading(pen: &mut Pen<'_>, area: Rect, name: usize) {
    let mut line = area;
    Pen::gap(&mut line, 2);
    pen.cell(&mut line, name, "site", Role::Dim);
    pen.cell(&mut line, 7, "role", Role::Dim);
    pen.number(&mut line, 5, "up", Role::Dim);
    Pen::gap(&mut line, 1);
    pen.cell(&mut line, usize::MAX, "servers", Role::Dim);
}

fn line(model: &Model, pen: &mut Pen<'_>, area: Rect, site: &SiteView, name: usize) {
    let selected = model.is_selected(&Subject::Site(site.name.clone()));
    let mut line = area;
    if selected {
        pen.select(line);
    }
    let glyphs = pen.glyphs();
    let mark = cards::mark(model, site, pen);
    pen.left(&mut line, if selected { glyphs.marker } else { " " }, Role::Focus);
    pen.left(&mut line, mark.glyph, mark.role);
    pen.cell(&mut line, name, site.name.as_str(), if selected { Role::Selected } else { Role::Strong });
    pen.cell(&mut line, 7, if site.standby { "standby" } else { "active" }, Role::Dim);
    let all = site.servers.len();
    let role = if site.healthy < all { Role::Down } else { Role::Text };
    pen.number(&mut line, 5, &format!("{}/{all}", site.healthy), role);
    Pen::gap(&mut line, 2);
    if let Some(since) = site.away {
        pen.left(&mut line, &format!("away {}  ", words::since(since, model.now)), Role::Warn);
    }
    if area.width >= 100 {
        let mut pools = take_right(&mut line, 30);
        take_left(&mut pools, 2);
        for pool in model.pools_of(site) {
            let mark = words::health(pool.service.health, glyphs);
            pen.left(&mut pools, "pool ", Role::Dim);
            pen.left(&mut pools, mark.glyph, mark.role);
            pen.cell(&mut pools, 12, model.names.of(pool.fqdn.as_str()), Role::Text);
        }
    }
    servers(model, pen, line, site);
}

/// Each server in a few columns; what does not fit is counted.
fn servers(model: &Model, pen: &mut Pen<'_>, area: Rect, site: &SiteView) {
    let glyphs = pen.glyphs();
    let mut line = area;
    // The worst first, so that what is cut off is what is well.
    let mut servers: Vec<_> = site.servers.iter().collect();
    let worst = |fqdn: &str| model.worst.get(fqdn).copied();
    servers.sort_by_key(|server| std::cmp::Reverse((server.health, worst(server.fqdn.as_str()))));
    if servers.iter().all(|server| server.health == servers[0].health) && model.severity_of(site).is_none() {
        servers = site.servers.iter().collect();
    }
    for (done, server) in servers.iter().enumerate() {
        let mark = words::server(model, server, glyphs);
        let name = server.fqdn.host();
        let text = match server.lead() {
            Some(service) if mark.role == Role::Up || mark.role == Role::Warn => {
                format!("{name} {}", service.rtt.map_or_else(|| mark.word.to_owned(), words::latency))
            }
            _ => format!("{name} {}", mark.word),
        };
        let left = servers.len() - done;
        let reserve = if left > 1 { 6 } else { 0 };
        if usize::from(line.width) < width(&text) + 4 + reserve {
            pen.left(&mut line, &format!("+{left}"), Role::Dim);
            return;
        }
        pen.left(&mut line, mark.glyph, mark.role);
        pen.left(&mut line, " ", Role::Text);
        pen.left(&mut line, &text, if mark.role == Role::Up { Role::Text } else { mark.role });
        Pen::gap(&mut line, 2);
    }
}
