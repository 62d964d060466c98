//! A site with its servers: as a card with a border, or as a section without one.

use ratatui::layout::Rect;

use crate::app::{Model, Pane, Subject};
use crate::domain::health::Health;
use crate::domain::judge::SiteView;
use crate::ui::layout::{take_left, take_top};
use crate::ui::look::Role;
use crate::ui::pen::{Pen, Title};
use crate::ui::text::wrap;
use crate::ui::words;

use super::site_notes::Note;
use super::{list, server_line, site_notes};

/// Notes of a site that a card shows, and a section.
const MOST_NOTES: usize = 3;
const MOST_NOTES_TIGHT: usize = 2;

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
        _ if site_notes::is_away(model, site) => words::Mark { glyph: glyphs.warn, role: Role::Warn, word: "away" },
        _ if site.standby => words::Mark { glyph: glyphs.off, role: Role::Off, word: "standby" },
        _ => words::health(Health::Up, glyphs),
    }
}

/// Role of the site, and how many of its servers are up.
pub(super) fn note(site: &SiteView) -> (String, Role) {
    let role = if site.standby { "standby" } else { "active" };
    let all = site.servers.len();
    let colour = match site.healthy {
        healthy if healthy < all => Role::Down,
        _ => Role::Dim,
    };
    (format!("{role}  {}/{all} up", site.healthy), colour)
}

/// Rows of a site that stand below its servers and pools in a card of so many columns inside.
pub(super) fn rows_below(model: &Model, site: &SiteView, pen: &Pen<'_>, columns: usize) -> usize {
    let standing = usize::from(!site_notes::is_away(model, site));
    standing + why_not(model, site, columns).len() + site_notes::notes(model, site, pen.glyphs()).len().min(MOST_NOTES)
}

/// What says no to a failover, in at most two lines, each set off from what stands above.
fn why_not(model: &Model, site: &SiteView, columns: usize) -> Vec<String> {
    let Some(why) = site_notes::why_not(model, site) else { return Vec::new() };
    let room = columns.saturating_sub(2);
    let mut lines = wrap(&why, room);
    if lines.len() > 2 {
        // The second line is cut where it ends.
        lines = vec![lines[0].clone(), lines[1..].join(" ")];
    }
    lines
}

/// A card: border, heading, servers, pools, whether it could be failed over, what has to stay in sight.
pub(super) fn card(model: &Model, pen: &mut Pen<'_>, area: Rect, site: &SiteView) {
    let things = model.items_of(site);
    let focus = model.pane() == Pane::Sites && model.selected().is_some_and(|selected| things.contains(selected));
    let mark = mark(model, site, pen);
    let (note, note_role) = note(site);
    let title = Title { mark: Some((mark.glyph, mark.role)), name: site.name.as_str(), note: &note, note_role, focus };
    let inner = pen.panel(area, &title);
    // The marker of the selected line stands in the column of air beside the border.
    let mut rest = Rect { x: inner.x.saturating_sub(1), width: inner.width.saturating_add(1), ..inner };
    let columns = server_line::columns(model, rest.width);
    server_line::heading(pen, take_top(&mut rest, 1), &columns);
    let below = rows_below(model, site, pen, usize::from(inner.width)).min(usize::from(rest.height) / 2);
    let room = usize::from(rest.height).saturating_sub(below);
    let place = take_top(&mut rest, things.len().min(room));
    things_of(model, pen, place, &things, &columns);
    below_servers(model, pen, Rect { x: inner.x, width: inner.width, ..rest }, site);
}

fn below_servers(model: &Model, pen: &mut Pen<'_>, area: Rect, site: &SiteView) {
    let mut rest = area;
    // Of a site that is away nobody asks whether it could be carried away.
    if !site_notes::is_away(model, site) {
        site_notes::standing(model, pen, &mut take_top(&mut rest, 1), site);
    }
    for why in why_not(model, site, usize::from(area.width)) {
        let mut line = take_top(&mut rest, 1);
        Pen::gap(&mut line, 2);
        pen.put(line, &why, Role::Text);
    }
    notes(pen, rest, &site_notes::notes(model, site, pen.glyphs()));
}

/// What has to stay in sight, as far as there are rows; the last row says how many more there are.
fn notes(pen: &mut Pen<'_>, area: Rect, all: &[Note]) {
    let mut rest = area;
    let rows = usize::from(rest.height);
    for (at, note) in all.iter().take(rows).enumerate() {
        let line = take_top(&mut rest, 1);
        if at + 1 == rows && all.len() > rows {
            let text = format!("{} {} more", pen.glyphs().more[1], all.len() - at);
            return pen.put(line, &text, note.role);
        }
        pen.put(line, note.fitting(usize::from(line.width)), note.role);
    }
}

/// Servers and pools, as many as fit around the selected one.
fn things_of(
    model: &Model,
    pen: &mut Pen<'_>,
    area: Rect,
    things: &[Subject],
    columns: &crate::ui::layout::ServerColumns,
) {
    list::some(model, pen, area, Pane::Sites, things, |pen, line, item, selected| match item {
        Subject::Server(fqdn) => {
            if let Some(server) = model.server(fqdn) {
                server_line::server(model, pen, line, columns, server, selected);
            }
        }
        Subject::Pool(fqdn) => {
            if let Some(pool) = model.pool(fqdn) {
                server_line::pool(model, pen, line, columns, pool, selected);
            }
        }
        _ => {}
    });
}

/// A section: a ruled heading that says whether the site could be failed over, servers, pools, notes; no border.
pub(super) fn section(model: &Model, pen: &mut Pen<'_>, area: &mut Rect, site: &SiteView) {
    let mut line = take_top(area, 1);
    let mark = mark(model, site, pen);
    let (note, role) = note(site);
    pen.left(&mut line, " ", Role::Text);
    pen.left(&mut line, mark.glyph, mark.role);
    pen.left(&mut line, " ", Role::Text);
    pen.right(&mut line, " ", Role::Text);
    pen.right(&mut line, &note, role);
    pen.right(&mut line, " ", Role::Text);
    pen.left(&mut line, site.name.as_str(), Role::Strong);
    pen.left(&mut line, " ", Role::Text);
    let all = site_notes::notes(model, site, pen.glyphs());
    // Of a site that is away nobody asks whether it could be carried away.
    let (away, all) = all.split_at(usize::from(all.first().is_some_and(|note| note.is_away)));
    match away.first() {
        Some(note) => {
            let columns = usize::from(line.width).saturating_sub(2);
            pen.left(&mut line, note.fitting(columns), note.role);
        }
        None => site_notes::standing(model, pen, &mut line, site),
    }
    pen.left(&mut line, " ", Role::Text);
    pen.rule(line, Role::Border);
    let things = model.items_of(site);
    let mut body = take_top(area, things.len());
    body.width = body.width.saturating_sub(1);
    let columns = server_line::columns(model, body.width);
    things_of(model, pen, body, &things, &columns);
    if let Some(why) = site_notes::why_not(model, site) {
        let mut line = take_top(area, 1);
        Pen::gap(&mut line, 5);
        pen.put(line, &why, Role::Text);
    }
    let mut below = take_top(area, all.len().min(MOST_NOTES_TIGHT));
    take_left(&mut below, 3);
    notes(pen, below, all);
}

/// The heading of the columns of sections.
pub(super) fn section_heading(model: &Model, pen: &mut Pen<'_>, area: &mut Rect) {
    let mut line = take_top(area, 1);
    let all = usize::from(line.width).saturating_sub(1);
    let line = take_left(&mut line, all);
    let columns = server_line::columns(model, line.width);
    server_line::heading(pen, line, &columns);
}
