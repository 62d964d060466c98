//! Everything about a name in DNS, and about a DNS server.

use std::net::SocketAddr;

use crate::app::Model;
use crate::domain::health::Health;
use crate::domain::judge::{DnsAnswerView, ServerView};
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::observation::DnsKind;
use crate::domain::place::Place;
use crate::ui::look::{Glyphs, Role};
use crate::ui::text::width;
use crate::ui::words;

use super::detail::{Line, Span, findings_like, findings_of, gone, paragraph};
use super::dns::sign;
use super::dns_servers::{serials, state};

/// A name: where it points, who says so, until when caches say otherwise.
pub(super) fn name(model: &Model, fqdn: &Fqdn, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let Some(server) = model.server(fqdn) else { return gone() };
    let declared = model.topology.server(fqdn);
    let mut lines = vec![points(model, server, glyphs)];
    let own = declared.map(|declared| declared.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    lines.push(Line::text("At home", own.unwrap_or_default()));
    if let Some(site) = declared.map(|declared| &declared.site) {
        lines.extend(carried(model, site, server, columns));
    }
    lines.extend(answers(model, server, glyphs));
    lines.extend(caches(model, server, columns));
    if let Some(zone) = model.topology.zone_of(fqdn) {
        let ttl = zone.ttl.map(|ttl| format!(", TTL {} s as declared", ttl.as_secs())).unwrap_or_default();
        let backend = zone
            .backend
            .as_ref()
            .map_or_else(|| ", changed by nobody here".to_owned(), |backend| format!(", changed through {backend}"));
        lines.extend(paragraph("Zone", &format!("{}{ttl}{backend}", zone.name), Role::Text, columns));
    }
    if let Some(site) = declared.map(|declared| &declared.site) {
        lines.extend(fence(model, site, columns));
    }
    if let Some(partner) = declared.and_then(|declared| declared.partner.as_ref()) {
        let takes = if model.topology.moves_names() { "takes the name over" } else { "is enabled" };
        lines.push(Line::text("Partner", format!("{partner}: {takes} when this server fails")));
    }
    lines.extend(findings_like(model, fqdn.as_str(), &["name-", "re-registered"], glyphs, columns));
    lines
}

fn points(model: &Model, server: &ServerView, glyphs: &Glyphs) -> Line {
    let (glyph, role) = sign(&server.place, glyphs);
    let (place, _) = words::place(model, &server.place, glyphs);
    let told = match &server.place {
        Place::Home => "at its own server".to_owned(),
        Place::Moved { to } => format!("{place} ({to})"),
        Place::Foreign => "at an address that no server of the topology has".to_owned(),
        Place::Split => "split: the authoritative servers disagree".to_owned(),
        Place::Missing => "nowhere: it has no address".to_owned(),
        Place::Diverged => "diverged: its A and AAAA records name different servers".to_owned(),
        Place::Unknown => "not known: no authoritative server answered".to_owned(),
    };
    let mut spans = vec![(format!("{glyph} "), role), (told, if role == Role::Up { Role::Text } else { role })];
    if let Some(since) = server.place_since {
        spans.push((format!("  {}", words::since(since, model.now)), Role::Dim));
    }
    Line::new("Points", spans)
}

/// The run that carried it away, where it is known.
fn carried(model: &Model, site: &SiteName, server: &ServerView, columns: usize) -> Vec<Line> {
    if server.place == Place::Home {
        return Vec::new();
    }
    let Some(view) = model.runs.carried_away(site) else { return Vec::new() };
    let at = view.run.records_changed().or(view.run.times().0).map(|at| at.strftime("%m-%d %H:%M UTC").to_string());
    let by = view.run.operator().map(|by| format!(" by {by}")).unwrap_or_default();
    let text = format!("run {}{by}, {}", view.run.plan().id, at.unwrap_or_default());
    paragraph("Moved by", text.trim_end_matches([',', ' ']), Role::Text, columns)
}

/// What each DNS server says: where, its TTL, its serial, its age.
pub(super) fn answers(model: &Model, server: &ServerView, glyphs: &Glyphs) -> Vec<Line> {
    let longest = server.dns.iter().map(|view| width(&words::dns::server(view.server))).max().unwrap_or(0);
    let line = |(at, view): (usize, &DnsAnswerView)| {
        Line::new(if at == 0 { "Answers" } else { "" }, answer(model, server, view, longest, glyphs, true))
    };
    server.dns.iter().enumerate().map(line).collect()
}

/// One answer; `whole` with what a narrow pane has no room for.
pub(super) fn answer(
    model: &Model,
    server: &ServerView,
    view: &DnsAnswerView,
    longest: usize,
    glyphs: &Glyphs,
    whole: bool,
) -> Vec<Span> {
    let of = model.picture.dns.iter().find(|dns| dns.server == view.server);
    let kind = of.map_or("", |dns| words::dns::kind(model, dns));
    let mut spans = vec![(format!("{kind:<8} {:<longest$} ", words::dns::server(view.server)), Role::Dim)];
    let Ok(found) = &view.answer else {
        spans.push((view.error_words().unwrap_or_default(), Role::Down));
        return spans;
    };
    let addresses = words::dns::addresses(found).join(" ");
    let (place, role) = words::place(model, &view.place, glyphs);
    let role = match role {
        _ if view.place == server.place => Role::Text,
        Role::Dim => Role::Warn,
        role => role,
    };
    let told = match (found.nonexistent, addresses.is_empty()) {
        (true, _) => "no such name".to_owned(),
        (false, true) => "no address".to_owned(),
        (false, false) => addresses,
    };
    spans.push((format!("{} {told}", glyphs.arrow), role));
    if let Place::Moved { to } = &view.place {
        spans.push((format!("  {}", model.names.of(to.as_str())), role));
    } else if whole && view.place != Place::Missing {
        spans.push((format!("  {place}"), if role == Role::Text { Role::Dim } else { role }));
    }
    if let Some(alias) = &found.alias {
        spans.push((format!("  by way of {alias}"), Role::Warn));
    }
    if let Some(ttl) = words::dns::ttl(view, model.now) {
        spans.push((if whole { format!("  TTL {ttl:>4}") } else { format!("  {ttl:>4} s") }, Role::Dim));
    }
    if let Some(serial) = view.serial.filter(|_| whole) {
        spans.push((format!("  serial {serial}"), Role::Dim));
    }
    spans
}

/// When the last cache lets go of another answer than the authoritative one.
fn caches(model: &Model, server: &ServerView, columns: usize) -> Vec<Line> {
    let old = |view: &&DnsAnswerView| {
        view.kind == DnsKind::Resolver && view.answer.is_ok() && view.place != server.place && known(&server.place)
    };
    let holds: Vec<&DnsAnswerView> = server.dns.iter().filter(old).collect();
    let Some(last) = holds.iter().filter_map(|view| view.ttl_left(model.now)).max() else { return Vec::new() };
    let all = server.dns.iter().filter(|view| view.kind == DnsKind::Resolver).count();
    let text = if last == 0 {
        format!("{} of {all} resolvers answer otherwise, and their TTL is over", holds.len())
    } else {
        format!("{} of {all} resolvers answer otherwise, for {} s more", holds.len(), last.div_ceil(5) * 5)
    };
    paragraph("Caches", &text, Role::Warn, columns)
}

fn known(place: &Place) -> bool {
    !matches!(place, Place::Unknown | Place::Split)
}

/// What the fence marker of a site says.
pub(super) fn fence(model: &Model, site: &SiteName, columns: usize) -> Vec<Line> {
    let Some(fence) = model.fence(site) else { return Vec::new() };
    let (text, role) = words::dns::fence(&fence.says, model.now);
    let mut lines = paragraph("Fence", &text, role, columns);
    lines.extend(paragraph("", &format!("TXT {}", fence.name), Role::Dim, columns));
    lines
}

/// A DNS server.
pub(super) fn server(model: &Model, address: SocketAddr, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let Some(view) = model.picture.dns.iter().find(|dns| dns.server == address) else { return gone() };
    let mark = words::health(view.health, glyphs);
    let (told, role) = state(model, view);
    let since = view.since.filter(|_| view.health == Health::Up && !view.stale);
    let since = since.map(|since| format!("  {}", words::since(since, model.now))).unwrap_or_default();
    let mut lines = paragraph("State", &format!("{} {told}{since}", mark.glyph), role, columns);
    let zones = || model.topology.zones.iter().filter(|zone| zone.authoritative.contains(&address));
    let held: Vec<&str> = zones().map(|zone| zone.name.as_str()).collect();
    let kind = match view.kind {
        DnsKind::Resolver => "resolver that the sending pools use: it keeps answers for their TTL".to_owned(),
        DnsKind::Authoritative => format!("authoritative for {}", held.join(", ")),
    };
    lines.extend(paragraph("Kind", &kind, Role::Text, columns));
    lines.extend(writes(model, address, columns));
    for (number, (text, role)) in serials(model, view).into_iter().enumerate() {
        lines.extend(paragraph(if number == 0 { "Zones" } else { "" }, &text, role, columns));
    }
    if let Some(at) = view.at {
        lines.push(Line::text("Asked", words::ago(at, model.now)));
    }
    lines.extend(differs(model, address, glyphs));
    lines.extend(findings_of(model, &address.to_string(), glyphs, columns));
    lines
}

/// Whether updates go there, and whether it takes the key.
fn writes(model: &Model, address: SocketAddr, columns: usize) -> Vec<Line> {
    let all = model.topology.zones.iter().flat_map(|zone| model.topology.write_primaries(zone));
    let Some(primary) = all.into_iter().find(|primary| primary.address == address) else { return Vec::new() };
    let stands = primary.site.as_ref().map(|site| format!(", stands in {site}")).unwrap_or_default();
    let mut lines = paragraph("Updates", &format!("takes them{stands}"), Role::Text, columns);
    match model.watch.key(address, model.now) {
        None => lines.extend(paragraph("Key", "not tried", Role::Dim, columns)),
        Some(Ok(())) => lines.extend(paragraph("Key", "a signed question was answered", Role::Text, columns)),
        // What went wrong stands among the findings.
        Some(Err(_)) => lines.extend(paragraph("Key", "refused", Role::Down, columns)),
    }
    lines
}

/// Names for which it gives another answer than the judged one, and how many it agrees about.
fn differs(model: &Model, address: SocketAddr, glyphs: &Glyphs) -> Vec<Line> {
    let servers = model.picture.sites.iter().flat_map(|site| &site.servers);
    let mut agrees = 0;
    let mut lines = Vec::new();
    for server in servers {
        let Some(view) = server.dns.iter().find(|view| view.server == address) else { continue };
        if view.place == server.place {
            agrees += 1;
            continue;
        }
        let (text, role) = match (&view.answer, words::place(model, &view.place, glyphs)) {
            (Err(_), _) => (view.error_words().unwrap_or_default(), Role::Down),
            (Ok(_), (place, Role::Dim)) => (place, Role::Warn),
            (Ok(_), found) => found,
        };
        let label = if lines.is_empty() { "Differs" } else { "" };
        let name = format!("{}  ", model.names.of(server.fqdn.as_str()));
        lines.push(Line::new(label, vec![(name, Role::Strong), (text, role)]));
    }
    let told = words::count(agrees, "name", "names");
    lines.push(Line::text("Agrees", format!("about {told}")));
    lines
}
