//! The DNS servers: what each is, whether it answers, its serials; and beside them the fence markers.

use ratatui::layout::Rect;

use crate::app::fences::Fence;
use crate::app::{Model, Pane, Subject};
use crate::domain::health::Health;
use crate::domain::judge::DnsServerView;
use crate::domain::observation::DnsKind;
use crate::ui::layout::{Form, take_bottom, take_right, take_top};
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words;

use super::list;

/// Fence markers beyond these are told by the inspect pane alone.
const MOST_FENCES: usize = 3;

/// Rows that servers, and markers below them, want.
pub(super) fn rows(model: &Model, fences: &[Fence]) -> usize {
    model.items(Pane::DnsServers).len().max(1) + fences.len().min(MOST_FENCES)
}

/// Draws both.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form, fences: &[Fence]) {
    let mut rest = list::panel(model, pen, area, form, "DNS servers", &note(model), Pane::DnsServers);
    let items = model.items(Pane::DnsServers).len();
    if items == 0 {
        return list::nothing(model, pen, rest, "No DNS server is declared: nobody is asked where names point.");
    }
    let room = usize::from(rest.height).saturating_sub(items);
    let mut below = take_bottom(&mut rest, fences.len().min(MOST_FENCES).min(room));
    let address = model.picture.dns.iter().map(|dns| width(&words::dns::server(dns.server))).max().unwrap_or(0);
    list::lines(model, pen, rest, Pane::DnsServers, |pen, line, subject, selected| {
        if let Subject::DnsServer(address_of) = subject
            && let Some(view) = model.picture.dns.iter().find(|dns| dns.server == *address_of)
        {
            server_line(model, pen, line, view, address.clamp(10, 22), selected);
        }
    });
    let longest = fences.iter().map(|fence| width(fence.site.as_str())).max().unwrap_or(0).min(22);
    for fence in fences {
        let mut line = take_top(&mut below, 1);
        let (text, role) = words::dns::fence(&fence.says, model.now);
        Pen::gap(&mut line, 1);
        pen.left(&mut line, "fence of", Role::Dim);
        pen.cell(&mut line, longest + 1, fence.site.as_str(), Role::Strong);
        pen.put(line, &text, role);
    }
}

fn note(model: &Model) -> String {
    let wrong = model.picture.dns.iter().filter(|dns| dns.health != Health::Up).count();
    if wrong == 0 { String::new() } else { format!("{wrong} not as it should be") }
}

fn server_line(model: &Model, pen: &mut Pen<'_>, area: Rect, view: &DnsServerView, address: usize, selected: bool) {
    let mut line = area;
    let worst = model.worst.get(&view.server.to_string());
    let mark = match (view.health, worst) {
        (Health::Up, Some(worst)) => words::severity(*worst, pen.glyphs()),
        (health, _) => words::health(health, pen.glyphs()),
    };
    pen.left(&mut line, mark.glyph, mark.role);
    let name = if selected { Role::Selected } else { Role::Strong };
    pen.cell(&mut line, address, &words::dns::server(view.server), name);
    pen.cell(&mut line, 8, words::dns::kind(model, view), Role::Dim);
    take_right(&mut line, 1);
    if let Some(at) = view.at.filter(|_| area.width >= 60) {
        pen.right(&mut line, &format!(" asked {}", words::ago(at, model.now)), Role::Dim);
    }
    let (state, role) = state(model, view);
    Pen::gap(&mut line, 1);
    pen.left(&mut line, &state, role);
    Pen::gap(&mut line, 2);
    for (text, role) in serials(model, view) {
        pen.left(&mut line, &text, role);
        Pen::gap(&mut line, 2);
    }
}

/// How it answers, in words.
pub(super) fn state(model: &Model, view: &DnsServerView) -> (String, Role) {
    let since = view.since.map(|since| format!(" {}", words::since(since, model.now))).unwrap_or_default();
    let error = view.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    match view.health {
        _ if view.stale => ("no result for several rounds".into(), Role::Unknown),
        Health::Up => ("answers".into(), Role::Text),
        Health::Degraded => (format!("answers with errors{since}{error}"), Role::Warn),
        Health::Down => (format!("silent{since}{error}"), Role::Down),
        Health::Unknown => ("no answer yet".into(), Role::Unknown),
    }
}

/// The serial of each zone that it holds, and whether that is the one of the zone's first server.
pub(super) fn serials(model: &Model, view: &DnsServerView) -> Vec<(String, Role)> {
    if view.kind == DnsKind::Resolver {
        return Vec::new();
    }
    let several = model.topology.zones.len() > 1;
    let said = view.serials.iter().map(|(zone, serial)| {
        let first = model.topology.zones.iter().find(|one| one.name == *zone).and_then(|declared| {
            let primary = model.topology.write_primaries(declared).first().map(|primary| primary.address);
            let first = primary.or(declared.authoritative.first().copied())?;
            model.picture.dns.iter().find(|dns| dns.server == first)?.serials.get(zone)
        });
        let name = if several { format!("{zone} ") } else { String::new() };
        match first {
            Some(first) if first != serial => (format!("{name}serial {serial}, the primary has {first}"), Role::Warn),
            _ => (format!("{name}serial {serial}"), Role::Dim),
        }
    });
    said.collect()
}
