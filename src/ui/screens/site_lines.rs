//! One line per site, worst first.

use ratatui::layout::Rect;

use crate::app::{Model, Pane, Subject};
use crate::domain::judge::SiteView;
use crate::ui::columns::{choose, spare};
use crate::ui::layout::{take_left, take_right, take_top};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};
use crate::ui::text::width;
use crate::ui::words;

use super::{cards, list, site_notes};

/// Columns of a site's pools.
const POOLS: usize = 20;

/// The sites in a panel.
pub(super) fn panel(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let count = words::count(model.picture.sites.len(), "site", "sites");
    let order = model.order(Pane::Sites).map(crate::app::page::Order::words).unwrap_or_default();
    let note = format!("{count}, {order}");
    let focus = model.pane() == Pane::Sites;
    let inner = pen.panel(area, &Title { note: &note, focus, ..Title::plain("Sites") });
    draw(model, pen, Rect { x: inner.x.saturating_sub(1), width: inner.width.saturating_add(1), ..inner });
}

/// Heading and lines, as many as fit around the selected one.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let mut rest = area;
    let columns = Columns::new(model, usize::from(area.width));
    heading(pen, take_top(&mut rest, 1), &columns);
    let items = model.items(Pane::Sites);
    if items.is_empty() {
        return list::nothing(model, pen, rest, "No site is declared in the topology file.");
    }
    list::some(model, pen, rest, Pane::Sites, &items, |pen, place, subject, selected| {
        if let Subject::Site(name) = subject
            && let Some(site) = model.picture.sites.iter().find(|site| site.name == *name)
        {
            line(model, pen, place, site, &columns, selected);
        }
    });
}

/// Widths of the columns; zero: the column is not there.
struct Columns {
    name: usize,
    role: usize,
    up: usize,
    ready: usize,
    servers: usize,
    pools: usize,
}

impl Columns {
    fn new(model: &Model, columns: usize) -> Self {
        let sites = &model.picture.sites;
        let name = sites.iter().map(|site| width(site.name.as_str())).max().unwrap_or(0).clamp(4, 22);
        let judged = sites.iter().any(|site| !site_notes::word(model, site).0.is_empty());
        let ready = if judged { 9 } else { 0 };
        let pools = if model.picture.pools.is_empty() { 0 } else { POOLS };
        let room = columns.saturating_sub(2);
        let widths = choose(room, [(name, 0), (7, 4), (5, 1), (ready, 2), (18, 3), (pools, 5)]);
        let left = spare(room, &widths);
        let [name, role, up, ready, servers, pools] = widths;
        Self { name, role, up, ready, servers: if servers > 0 { servers + left } else { 0 }, pools }
    }
}

fn heading(pen: &mut Pen<'_>, area: Rect, columns: &Columns) {
    let mut line = area;
    Pen::gap(&mut line, 2);
    pen.cell(&mut line, columns.name, "site", Role::Dim);
    pen.cell(&mut line, columns.role, "role", Role::Dim);
    pen.number(&mut line, columns.up, "up", Role::Dim);
    pen.cell(&mut line, columns.ready, "failover", Role::Dim);
    Pen::gap(&mut line, 1);
    pen.cell(&mut line, columns.servers, "servers", Role::Dim);
    pen.cell(&mut line, columns.pools, "pools", Role::Dim);
}

fn line(model: &Model, pen: &mut Pen<'_>, area: Rect, site: &SiteView, columns: &Columns, selected: bool) {
    let mut line = area;
    let mark = cards::mark(model, site, pen);
    pen.left(&mut line, mark.glyph, mark.role);
    let role = if selected { Role::Selected } else { Role::Strong };
    pen.cell(&mut line, columns.name, site.name.as_str(), role);
    pen.cell(&mut line, columns.role, if site.standby { "standby" } else { "active" }, Role::Dim);
    let all = site.servers.len();
    let role = if site.healthy < all { Role::Down } else { Role::Text };
    pen.number(&mut line, columns.up, &format!("{}/{all}", site.healthy), role);
    let (word, role) = site_notes::word(model, site);
    pen.cell(&mut line, columns.ready, word, role);
    if columns.pools > 0 {
        let mut place = take_right(&mut line, columns.pools);
        pools(model, pen, &mut place, site);
        take_right(&mut line, 1);
    }
    if columns.servers > 0 {
        take_left(&mut line, 2);
        let note = site_notes::brief(model, site);
        if !note.is_empty() {
            pen.left(&mut line, &note, Role::Warn);
            take_left(&mut line, 2);
        }
        servers(model, pen, line, site);
    }
}

fn pools(model: &Model, pen: &mut Pen<'_>, line: &mut Rect, site: &SiteView) {
    for pool in model.pools_of(site) {
        let mark = words::health(pool.service.health, pen.glyphs());
        pen.left(line, mark.glyph, mark.role);
        pen.left(line, " ", Role::Text);
        pen.left(line, model.names.of(pool.fqdn.as_str()), Role::Text);
        Pen::gap(line, 2);
    }
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
