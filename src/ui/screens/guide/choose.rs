//! Choose: which site, which way, how much care, which servers.

use ratatui::layout::Rect;

use super::rows::{Row, draw as draw_rows, fact, heading, paragraph};
use crate::app::Model;
use crate::app::action::Id;
use crate::app::guide::{Asked, Guide, Item};
use crate::domain::name::Fqdn;
use crate::failover::plan::Mode;
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::screens::{readiness, site_notes};
use crate::ui::text::width;
use crate::ui::words;

/// Columns of the labels.
const LABEL: usize = 18;

pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, guide: &Guide) {
    let columns = usize::from(area.width);
    let items = guide.items(model);
    let mut rows = Vec::new();
    let mut in_servers = false;
    for (number, item) in items.iter().enumerate() {
        if matches!(item, Item::Pair(_)) != in_servers {
            in_servers = !in_servers;
            rows.push(Row::gap());
            if in_servers {
                rows.push(heading("Servers, and who takes over from each"));
            }
        }
        rows.push(row(model, guide, item, pen.glyphs()).choice(number));
    }
    rows.push(Row::gap());
    rows.extend(ready(model, guide, columns, pen.glyphs()));
    rows.extend(paragraph(&explained(model, guide, pen.glyphs()), Role::Dim, columns));
    draw_rows(pen, area, &rows, Some(guide.at(&items)), guide.top);
}

/// What the last judgement of readiness said of the site.
fn ready(model: &Model, guide: &Guide, columns: usize, glyphs: &Glyphs) -> Vec<Row> {
    let Asked::Site { site, back: false } = &guide.asked else { return Vec::new() };
    let Some(ready) = model.readiness.as_ref().and_then(|readiness| readiness.site(site)) else { return Vec::new() };
    let to = ready.to.as_ref().map(|to| format!("{} {to} ", glyphs.arrow)).unwrap_or_default();
    let checked = words::ago(ready.checked, model.now);
    let (text, role) = match (ready.ok, &ready.first_no) {
        (true, _) => (format!("{to}READY{}, checked {checked}", readiness::to_be_reasoned(ready)), Role::Up),
        (false, Some(_)) if ready.known => {
            (format!("{to}NOT READY, checked {checked}: {}", site_notes::first_no(model, ready)), Role::Down)
        }
        (false, _) => (format!("{to}not known: {}", site_notes::first_no(model, ready)), Role::Unknown),
    };
    let away = site_notes::away_of(model, site, glyphs).map(|note| (note.text, note.role));
    let (text, role) = away.unwrap_or((text, role));
    let mut rows = fact("Last judged", LABEL - 4, &text, role, columns);
    rows.push(Row::gap());
    rows
}

fn explained(model: &Model, guide: &Guide, glyphs: &Glyphs) -> String {
    let key = model.key(Id::Open, glyphs.arrows).unwrap_or_else(|| "Going on".to_owned());
    let does = match &guide.asked {
        Asked::Site { .. } => {
            "asks every server, the zones and each stand-in, as the name that it would inherit, and shows exactly what would change."
        }
        Asked::Service { .. } => {
            "reads the server's state and shows the command that would be run, and what it means for the dial plans."
        }
    };
    format!("Nothing is changed by looking. {key} {does}")
}

/// The keys that turn a line's value.
fn sideways(model: &Model, glyphs: &Glyphs) -> String {
    let keys = [Id::Left, Id::Right].iter().filter_map(|id| model.key(*id, glyphs.arrows));
    keys.collect::<Vec<_>>().join(" ")
}

fn row(model: &Model, guide: &Guide, item: &Item, glyphs: &Glyphs) -> Row {
    let choices = &guide.choices;
    let key = |id| model.key(id, glyphs.arrows).unwrap_or_default();
    match item {
        Item::Site => labelled("Site", site(guide), Role::Strong).note(sideways(model, glyphs), Role::Dim),
        Item::Direction => {
            let back = matches!(guide.asked, Asked::Site { back: true, .. });
            let text = if back { "home: bring its names and calls back" } else { "over: its partners take over" };
            labelled("Direction", text.to_owned(), Role::Text).note(sideways(model, glyphs), Role::Dim)
        }
        Item::Mode => {
            let service = matches!(guide.asked, Asked::Service { .. });
            let (text, role) = match choices.mode {
                Mode::Planned if service => ("planned: the server is well", Role::Text),
                Mode::Planned => ("planned: the site is well; its calls go elsewhere", Role::Text),
                Mode::Emergency if service => ("EMERGENCY: the server is dead, or dying", Role::Down),
                Mode::Emergency => ("EMERGENCY: the site that is left is dead, or dying", Role::Down),
                Mode::Drill => ("drill", Role::Text),
            };
            labelled("Mode", text.to_owned(), role).note(key(Id::Mode), Role::Dim)
        }
        Item::CommitConfirm => {
            let text = choices.commit_confirm.map_or_else(
                || "no: it stays until somebody brings it home".to_owned(),
                |minutes| format!("after {minutes} min, when nobody has said that calls arrive"),
            );
            labelled("Turns back", text, Role::Text).note(sideways(model, glyphs), Role::Dim)
        }
        Item::Reason => {
            let text = choices
                .reason
                .clone()
                .unwrap_or_else(|| "none yet: one sentence, with the incident's number".to_owned());
            labelled("Reason", text, if choices.reason.is_some() { Role::Text } else { Role::Dim })
                .note(key(Id::Reason), Role::Dim)
        }
        Item::Pair(server) => pair(model, guide, server, glyphs),
        Item::Rule { .. } | Item::Offer(_) => Row::gap(),
    }
}

fn site(guide: &Guide) -> String {
    match &guide.asked {
        Asked::Site { site, .. } => site.to_string(),
        Asked::Service { server, .. } => server.to_string(),
    }
}

fn labelled(label: &str, text: String, role: Role) -> Row {
    let pad = " ".repeat(LABEL.saturating_sub(width(label)));
    Row::new(vec![(format!("{label}{pad}"), Role::Dim), (text, role)])
}

fn pair(model: &Model, guide: &Guide, server: &Fqdn, glyphs: &Glyphs) -> Row {
    let out = guide.choices.left_out.contains(server);
    let partner = model.topology.server(server).and_then(|declared| declared.partner.clone());
    let stand_in = guide.choices.map.get(server).cloned().or(partner);
    let state = |fqdn: &Fqdn| {
        let mark = model.server(fqdn).map(|view| words::server(model, view, glyphs));
        mark.map_or((String::new(), Role::Dim), |mark| (format!("{} {}", mark.glyph, mark.word), mark.role))
    };
    let name = model.names.of(server.as_str()).to_owned();
    let pad = " ".repeat(model.names.longest().saturating_sub(width(&name)));
    let box_ = if out { "[ ] " } else { "[x] " };
    let (own, own_role) = state(server);
    let mut spans = vec![
        (box_.to_owned(), if out { Role::Dim } else { Role::Strong }),
        (format!("{name}{pad}  "), if out { Role::Dim } else { Role::Strong }),
        (format!("{own:<14}"), own_role),
        (format!(" {} ", glyphs.arrow), Role::Dim),
    ];
    match &stand_in {
        Some(host) => {
            let (text, role) = state(host);
            spans.push((format!("{}  ", model.names.of(host.as_str())), Role::Strong));
            spans.push((text, role));
        }
        None => spans.push(("nobody: no partner is declared".to_owned(), Role::Down)),
    }
    let note = match (out, guide.choices.map.contains_key(server)) {
        (true, _) => "left out".to_owned(),
        (false, true) => "mapped".to_owned(),
        (false, false) => model.hint(&[Id::LeaveOut, Id::Map], glyphs.arrows),
    };
    Row::new(spans).note(note, Role::Dim)
}
