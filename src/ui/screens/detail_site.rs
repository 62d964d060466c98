//! Everything about a site: whether it could be failed over, where its calls are, its servers, pools, dial plans, people, runs.

use crate::app::{Model, Ready};
use crate::domain::judge::SiteView;
use crate::domain::name::SiteName;
use crate::domain::topology::Site;
use crate::ui::look::{Glyphs, Role};
use crate::ui::text::{fit, longest, width};
use crate::ui::words;

use super::detail::{Line, findings_of, gone, paragraph};
use super::guide::{run_role, run_word};
use super::site_notes;

/// The newest runs that are told.
const RUNS: usize = 5;

/// A site.
pub(super) fn site(model: &Model, name: &SiteName, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let (Some(declared), Some(view)) =
        (model.topology.site(name), model.picture.sites.iter().find(|site| site.name == *name))
    else {
        return gone();
    };
    let role = if view.standby { "standby" } else { "active" };
    let mut lines = vec![Line::text("Role", format!("{role}, {} of {} servers up", view.healthy, view.servers.len()))];
    if !site_notes::is_away(model, view) {
        lines.extend(standing(model, declared, columns));
    }
    for note in site_notes::notes(model, view, glyphs) {
        lines.extend(paragraph(note.label, &note.text, note.role, columns));
    }
    lines.extend(servers(model, view, glyphs, columns));
    lines.extend(plans(model, name, glyphs));
    lines.extend(around(model, declared, glyphs, columns));
    lines.extend(findings_of(model, name.as_str(), glyphs, columns));
    lines
}

/// What stands around a site: people, runs, fence. What its own page does not show elsewhere.
pub(super) fn around(model: &Model, declared: &Site, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let mut lines = people(declared, columns);
    lines.extend(runs(model, &declared.name, glyphs, columns));
    lines.extend(super::detail_name::fence(model, &declared.name, columns));
    lines
}

/// Whether it could be failed over now, and why not.
fn standing(model: &Model, declared: &Site, columns: usize) -> Vec<Line> {
    let to = declared.standby.as_ref().map_or("nowhere: no standby is declared", SiteName::as_str);
    let mut lines = vec![Line::text("Fails over", format!("to {to}"))];
    let Some(ready) = model.readiness.as_ref().and_then(|readiness| readiness.site(&declared.name)) else {
        return lines;
    };
    let (text, role) = ready_words(model, ready);
    lines.extend(paragraph("Ready", &text, role, columns));
    lines
}

fn ready_words(model: &Model, ready: &Ready) -> (String, Role) {
    let checked = words::ago(ready.checked, model.now);
    if ready.ok {
        let reasons = match ready.reasons.as_slice() {
            [] => String::new(),
            all => format!(", with a reason in writing for {}", all.join(", ")),
        };
        return (format!("yes{reasons}, checked {checked}{}", super::readiness::takes(ready)), Role::Up);
    }
    let since = ready.since.map(|since| format!(" {}", words::since(since, model.now))).unwrap_or_default();
    let green = ready.last_green.map(|at| format!("; last ready {}", words::ago(at, model.now))).unwrap_or_default();
    let why = ready.first_no.as_deref().unwrap_or_default();
    if ready.known {
        (format!("NO{since}: {why}{green}"), Role::Down)
    } else {
        (format!("not known{since}: {why}{green}"), Role::Unknown)
    }
}

fn servers(model: &Model, view: &SiteView, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let room = if columns >= 76 { 24 } else { 12 };
    let pools = || model.pools_of(view);
    let hosts = view.servers.iter().map(|server| &server.fqdn).chain(pools().map(|pool| &pool.fqdn));
    let host = hosts.map(|host| width(model.names.of(host.as_str()))).max().unwrap_or(0).min(24);
    let name = |name: &str| format!("{:<host$}  ", fit(model.names.of(name), host, glyphs.ellipsis));
    let mut lines = Vec::new();
    for server in &view.servers {
        let mark = words::server(model, server, glyphs);
        let answers = server.lead().map(words::sip).unwrap_or_default();
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let answer = longest(&answers, room);
        let (state, state_role) = words::state(server);
        let (place, place_role) = words::place(model, &server.place, glyphs);
        let mut spans = vec![
            (format!("{} ", mark.glyph), mark.role),
            (name(server.fqdn.as_str()), Role::Strong),
            (format!("{answer:<room$} "), server.lead().map_or(Role::Unknown, words::sip_role)),
        ];
        if state != "?" {
            spans.push((format!("{state:<9} "), state_role));
        }
        if model.topology.moves_names() {
            spans.push((format!("name {place}"), place_role));
        }
        lines.push(Line::new(if lines.is_empty() { "Servers" } else { "" }, spans));
    }
    let before = lines.len();
    for pool in pools() {
        let mark = words::health(pool.service.health, glyphs);
        let answer = words::sip(&pool.service).into_iter().next().unwrap_or_default();
        let spans = vec![
            (format!("{} ", mark.glyph), mark.role),
            (name(pool.fqdn.as_str()), Role::Strong),
            (answer, words::sip_role(&pool.service)),
        ];
        lines.push(Line::new(if lines.len() == before { "Pools" } else { "" }, spans));
    }
    lines
}

/// Dial plans whose home it is, and those that it stands by for.
fn plans(model: &Model, name: &SiteName, glyphs: &Glyphs) -> Vec<Line> {
    let mut lines = Vec::new();
    for plan in model.picture.dial_plans.iter().filter(|plan| plan.site == *name || plan.to.as_ref() == Some(name)) {
        let (glyph, role) = match plan.in_service {
            0 => (glyphs.down, Role::Down),
            1 => (glyphs.warn, Role::Warn),
            _ => (glyphs.up, Role::Up),
        };
        let here = if plan.site == *name { "at home here" } else { "this site stands by for it" };
        let text = format!("{plan}  {} in service, {here}", plan.in_service, plan = plan.name);
        let spans = vec![(format!("{glyph} "), role), (text, Role::Text)];
        lines.push(Line::new(if lines.is_empty() { "Dial plans" } else { "" }, spans));
    }
    lines
}

/// Who answers for what.
fn people(declared: &Site, columns: usize) -> Vec<Line> {
    let owners = &declared.owners;
    let told = [("DNS", &owners.dns), ("Exchange", &owners.exchange), ("Lync", &owners.lync)];
    let mut lines = Vec::new();
    for (what, who) in told.iter().filter_map(|(what, who)| Some((what, who.as_ref()?))) {
        let label = if lines.is_empty() { "Owners" } else { "" };
        lines.extend(paragraph(label, &format!("{what}: {who}"), Role::Text, columns));
    }
    match owners.confirmed {
        _ if lines.is_empty() => lines.push(Line::new("Owners", vec![("none declared".to_owned(), Role::Warn)])),
        Some(day) => lines.push(Line::new("", vec![(format!("confirmed by both sides on {day}"), Role::Dim)])),
        None => lines.push(Line::new("", vec![("not confirmed".to_owned(), Role::Dim)])),
    }
    if let Some(forest) = &declared.forest {
        lines.push(Line::text("Forest", forest.to_string()));
    }
    lines
}

fn runs(model: &Model, name: &SiteName, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let views = model.runs.iter().filter_map(|seen| seen.view.as_ref().ok());
    let of_site = views.filter(|view| view.run.plan().site == *name);
    let mut lines = Vec::new();
    for view in of_site.take(RUNS) {
        let plan = view.run.plan();
        let (glyph, word) = run_word(view, glyphs);
        let began = view.run.times().0.unwrap_or(plan.created).strftime("%m-%d %H:%M");
        let by = view.run.operator().map(|by| format!(" by {by}")).unwrap_or_default();
        let text = format!("{glyph} {began} {} {} {}: {word}{by}", plan.from, glyphs.arrow, plan.to);
        lines.extend(paragraph(if lines.is_empty() { "Runs" } else { "" }, &text, run_role(view), columns));
    }
    lines
}
