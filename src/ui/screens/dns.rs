//! The DNS screen: every server's name against every DNS server that answers for it; the DNS servers; the fence markers.

use std::net::Ipv4Addr;

use ratatui::layout::Rect;

use crate::app::{Model, Pane, Subject};
use crate::domain::judge::{DnsAnswerView, ServerView};
use crate::domain::place::Place;
use crate::ui::layout::{Form, take_bottom, take_left, take_top};
use crate::ui::look::{Glyphs, Role};
use crate::ui::pen::Pen;
use crate::ui::text::width;
use crate::ui::words;

use super::{detail, dns_servers, list};

/// Columns of an answer in words: `→ um3`.
const IN_WORDS: usize = 8;
/// Columns of a TTL.
const TTL: usize = 4;

/// Draws the screen into its body.
pub(super) fn draw(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form) {
    let mut rest = area;
    let frame = if form == Form::Wide { 2 } else { 1 };
    let headings = if form == Form::Lines { 1 } else { 2 };
    let (items, fences) = (model.items(Pane::Names), model.fences());
    let names = items.len().max(1) + headings + frame;
    let servers = dns_servers::rows(model, &fences) + frame;
    let height = usize::from(rest.height);
    // What is left after names and servers is for the inspect pane; with many names these take most of it.
    let below = servers.min(height / 3);
    let least = if form == Form::Lines { 0 } else { height / 3 };
    let place = take_top(&mut rest, names.min(height.saturating_sub(below + least)).max(height / 4));
    names_part(model, pen, place, form, &items);
    let spare = usize::from(rest.height).saturating_sub(below);
    let detail = take_bottom(&mut rest, spare);
    dns_servers::draw(model, pen, rest, form, &fences);
    if usize::from(detail.height) >= 4 {
        detail::panel(model, pen, detail);
    }
}

fn names_part(model: &Model, pen: &mut Pen<'_>, area: Rect, form: Form, items: &[Subject]) {
    let inner = list::panel(model, pen, area, form, "Names", &note(model), Pane::Names);
    let mut rest = inner;
    if items.is_empty() {
        return list::nothing(model, pen, rest, "No server is declared in the topology file.");
    }
    let columns = Columns::new(model, usize::from(rest.width));
    if form != Form::Lines && columns.answers != Answers::Signs {
        kinds(model, pen, take_top(&mut rest, 1), &columns);
    }
    heading(model, pen, take_top(&mut rest, 1), &columns);
    list::some(model, pen, rest, Pane::Names, items, |pen, line, subject, selected| {
        if let Some(server) = subject.host().and_then(|host| model.server(host)) {
            name_line(model, pen, line, &columns, server, selected);
        }
    });
}

/// How many names are not at home.
fn note(model: &Model) -> String {
    let servers = || model.picture.sites.iter().flat_map(|site| &site.servers);
    let moved = servers().filter(|server| matches!(server.place, Place::Moved { .. })).count();
    let fine = |place: &Place| matches!(place, Place::Home | Place::Unknown | Place::Moved { .. });
    let wrong = servers().filter(|server| !fine(&server.place)).count();
    match (moved, wrong) {
        (0, 0) => "all at home".into(),
        (moved, 0) => format!("{moved} away"),
        (0, wrong) => format!("{wrong} wrong"),
        (moved, wrong) => format!("{moved} away, {wrong} wrong"),
    }
}

/// How much of an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// The address in so many columns, and what is left of its TTL.
    Addresses(usize),
    /// Where it points, and the TTL.
    Places,
    /// Whether it is the judged place.
    Signs,
}

struct Columns {
    host: usize,
    place: usize,
    /// Zero where every name is at home.
    since: usize,
    answers: Answers,
    /// Blanks between DNS servers.
    gap: usize,
}

impl Columns {
    fn new(model: &Model, columns: usize) -> Self {
        let servers = || model.picture.sites.iter().flat_map(|site| &site.servers);
        let host = servers().map(|server| width(model.names.of(server.fqdn.as_str()))).max().unwrap_or(0).clamp(6, 20);
        let away = servers().any(|server| server.place != Place::Home && server.place != Place::Unknown);
        let elsewhere = servers().filter(|server| server.place != Place::Home);
        let place = elsewhere.map(|server| width(&words::place(model, &server.place, &NO_GLYPHS).0)).max();
        let place = place.unwrap_or(0).clamp(7, 16);
        let since = if away { 12 } else { 0 };
        let address = servers().flat_map(|server| &server.dns).map(address_width).max().unwrap_or(0).clamp(9, 24);
        let count = model.picture.dns.len();
        let room = columns.saturating_sub(2 + host + 1 + place + 1 + since + usize::from(since > 0));
        // An answer with the blanks before it and before its TTL, and the gap after it.
        let fits = |answer: usize, gap: usize| count * (answer + TTL + 2 + gap) <= room;
        let (answers, gap) = match () {
            () if fits(address, 2) => (Answers::Addresses(address), 2),
            () if fits(address, 0) => (Answers::Addresses(address), 0),
            () if fits(IN_WORDS, 0) => (Answers::Places, usize::from(fits(IN_WORDS, 1))),
            () => (Answers::Signs, 0),
        };
        Self { host, place, since, answers, gap }
    }

    /// Columns of an answer, without its TTL.
    fn answer(&self) -> usize {
        match self.answers {
            Answers::Addresses(address) => address,
            Answers::Places => IN_WORDS,
            Answers::Signs => 3,
        }
    }
}

impl Columns {
    /// Columns of an answer with its TTL.
    fn whole(&self) -> usize {
        if self.answers == Answers::Signs { self.answer() } else { self.answer() + 1 + TTL }
    }
}

/// Only widths are asked of it, and these do not depend on the signs.
const NO_GLYPHS: Glyphs = crate::ui::look::UNICODE;

/// Columns of an answer's first address, without writing it out.
fn address_width(view: &DnsAnswerView) -> usize {
    let octets =
        |a: &Ipv4Addr| a.octets().iter().map(|n| n.checked_ilog10().unwrap_or(0) as usize + 1).sum::<usize>() + 3;
    match &view.answer {
        Ok(answer) => answer.a.first().map_or(20, octets) + if answer.a.len() + answer.aaaa.len() > 1 { 3 } else { 0 },
        Err(_) => 9,
    }
}

/// What each DNS server is, above its address.
fn kinds(model: &Model, pen: &mut Pen<'_>, area: Rect, columns: &Columns) {
    let mut line = area;
    Pen::gap(&mut line, 2);
    for width in [columns.host, columns.place, columns.since] {
        pen.cell(&mut line, width, "", Role::Dim);
    }
    for server in &model.picture.dns {
        pen.cell(&mut line, columns.answer(), words::dns::kind(model, server), Role::Dim);
        pen.number(&mut line, TTL, "TTL", Role::Dim);
        Pen::gap(&mut line, columns.gap);
    }
}

fn heading(model: &Model, pen: &mut Pen<'_>, area: Rect, columns: &Columns) {
    let mut line = area;
    Pen::gap(&mut line, 2);
    pen.cell(&mut line, columns.host, "name", Role::Dim);
    pen.cell(&mut line, columns.place, if columns.place >= 9 { "points at" } else { "at" }, Role::Dim);
    pen.cell(&mut line, columns.since, "", Role::Dim);
    for (number, server) in model.picture.dns.iter().enumerate() {
        let mark = words::health(server.health, pen.glyphs());
        let text = match columns.answers {
            Answers::Signs => (number + 1).to_string(),
            _ => words::dns::server(server.server),
        };
        let role = if mark.role == Role::Up { Role::Dim } else { mark.role };
        let sign = if mark.role == Role::Up { String::new() } else { format!("{} ", mark.glyph) };
        pen.cell(&mut line, columns.whole(), &format!("{sign}{text}"), role);
        Pen::gap(&mut line, columns.gap);
    }
}

fn name_line(model: &Model, pen: &mut Pen<'_>, area: Rect, columns: &Columns, server: &ServerView, selected: bool) {
    let mut line = area;
    let glyphs = pen.glyphs();
    let (glyph, role) = sign(&server.place, glyphs);
    pen.left(&mut line, glyph, role);
    let name = if selected { Role::Selected } else { Role::Strong };
    pen.cell(&mut line, columns.host, model.names.of(server.fqdn.as_str()), name);
    let (place, role) = words::place(model, &server.place, glyphs);
    pen.cell(&mut line, columns.place, &place, if role == Role::Dim { Role::Text } else { role });
    let away = !matches!(server.place, Place::Home | Place::Unknown);
    let since = server.place_since.filter(|_| away).map(|since| words::since(since, model.now));
    pen.cell(&mut line, columns.since, &since.unwrap_or_default(), Role::Dim);
    for dns in &model.picture.dns {
        let view = server.dns.iter().find(|view| view.server == dns.server);
        answer(model, pen, &mut line, columns, server, view);
    }
}

/// The sign of where a name points.
pub(super) fn sign(place: &Place, glyphs: &Glyphs) -> (&'static str, Role) {
    match place {
        Place::Home => (glyphs.up, Role::Up),
        Place::Unknown => (glyphs.unknown, Role::Unknown),
        Place::Moved { .. } | Place::Split => (glyphs.warn, Role::Warn),
        Place::Foreign | Place::Missing | Place::Diverged => (glyphs.down, Role::Down),
    }
}

fn answer(
    model: &Model,
    pen: &mut Pen<'_>,
    line: &mut Rect,
    columns: &Columns,
    server: &ServerView,
    view: Option<&DnsAnswerView>,
) {
    let whole = columns.whole();
    let mut place = take_left(line, whole + 1);
    Pen::gap(line, columns.gap);
    let line = &mut place;
    let Some(view) = view else { return pen.cell(line, whole, pen.glyphs().dash, Role::Dim) };
    let (_, role) = words::place(model, &view.place, pen.glyphs());
    let agrees = view.place == server.place;
    let role = if agrees { Role::Text } else { role };
    let Ok(found) = &view.answer else {
        let text = view.answer.as_ref().err().map(words::dns::failure).unwrap_or_default();
        let text = if columns.answers == Answers::Signs { pen.glyphs().no.to_owned() } else { text };
        return pen.cell(line, whole, &text, Role::Down);
    };
    let text = match columns.answers {
        Answers::Signs => {
            return pen.cell(line, whole, if agrees { pen.glyphs().yes } else { pen.glyphs().warn }, role);
        }
        Answers::Places => words::place(model, &view.place, pen.glyphs()).0,
        Answers::Addresses(_) => match words::dns::addresses(found).as_slice() {
            [] => "no address".to_owned(),
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} +{}", rest.len()),
        },
    };
    let role = if role == Role::Dim { Role::Warn } else { role };
    pen.cell(line, columns.answer(), &text, role);
    let ttl = words::dns::ttl(view, model.now).unwrap_or_default();
    pen.number(line, TTL, &ttl, if agrees { Role::Dim } else { role });
}
