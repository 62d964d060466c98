//! One line on what answers behind the servers: DNS servers and state commands.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::domain::observation::DnsKind;
use crate::ui::layout::take_left;
use crate::ui::look::Role;
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words;

/// Draws the line.
pub(super) fn line(model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let glyphs = pen.glyphs();
    let mut line = area;
    take_left(&mut line, 1);
    let dns = model.picture.dns.iter().map(|server| {
        let mark = words::health(server.health, glyphs);
        let address =
            if server.server.port() == 53 { server.server.ip().to_string() } else { server.server.to_string() };
        let serial = server.serials.values().next().filter(|_| server.kind == DnsKind::Authoritative);
        let kind = if server.kind == DnsKind::Resolver { "resolver" } else { "zone" };
        let note = serial.map_or_else(|| kind.to_owned(), |serial| format!("serial {serial}"));
        (mark, address, note, server.stale)
    });
    let mut all: Vec<_> = dns.collect();
    let states = model
        .picture
        .states
        .iter()
        .map(|state| (words::health(state.health, glyphs), state.backend.to_string(), "command".to_owned(), false));
    all.extend(states);
    // Without room for every note, only what is wrong gets one.
    let needed: usize = all.iter().map(|row| width(&row.1) + width(&row.2) + 6).sum();
    let roomy = needed + 5 <= usize::from(line.width);
    if !model.picture.dns.is_empty() {
        pen.left(&mut line, "DNS  ", Role::Dim);
    }
    for (place, (mark, name, note, stale)) in all.iter().enumerate() {
        if place == model.picture.dns.len() {
            pen.left(&mut line, " State  ", Role::Dim);
        }
        pen.left(&mut line, mark.glyph, mark.role);
        pen.left(&mut line, " ", Role::Text);
        let well = mark.role == Role::Up;
        pen.left(&mut line, name, if well { Role::Text } else { mark.role });
        let note = if *stale {
            "stale"
        } else if well {
            note
        } else {
            mark.word
        };
        if roomy || !well {
            pen.left(&mut line, " ", Role::Text);
            pen.left(&mut line, note, if well { Role::Dim } else { mark.role });
        }
        Pen::gap(&mut line, 2);
    }
}
