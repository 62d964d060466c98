//! Everything about a dial plan: who takes its calls, what is declared and what is reported, its numbers, where it fails over.

use crate::app::Model;
use crate::domain::judge::{DialPlanView, MemberView, ServerView};
use crate::domain::name::{DialPlanName, SiteName};
use crate::domain::topology::FailoverMethod;
use crate::ui::look::{Glyphs, Role};
use crate::ui::text::{fit, longest, width};
use crate::ui::words;

use super::detail::{Line, Span, findings_of, gone, paragraph};
use super::{plans, site_notes};

/// A dial plan.
pub(super) fn plan(model: &Model, name: &DialPlanName, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let Some(view) = model.dial_plan(name) else { return gone() };
    let mut lines = summary(model, view, glyphs, columns);
    lines.extend(members(model, view, glyphs, columns));
    lines.extend(numbers(model, name, columns));
    lines.extend(findings_of(model, name.as_str(), glyphs, columns));
    lines
}

/// How many take its calls, and where it goes when they cannot.
pub(super) fn summary(model: &Model, plan: &DialPlanView, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let (glyph, role) = match plan.in_service {
        0 => (glyphs.down, Role::Down),
        1 => (glyphs.warn, Role::Warn),
        _ => (glyphs.up, Role::Up),
    };
    let takes = words::count(plan.in_service, "server takes its calls", "servers take its calls");
    let mut lines = if role == Role::Up {
        vec![Line::new("In service", vec![(format!("{glyph} "), role), (takes, Role::Text)])]
    } else {
        paragraph("In service", &format!("{glyph} {takes}, two are advised"), role, columns)
    };
    let (home, role) = standing(model, &plan.site, glyphs);
    lines.extend(paragraph("Home", &format!("{} {home}", plan.site), role, columns));
    let how = match plan.method {
        FailoverMethod::Dns => "by DNS: the names of its servers are pointed at their partners",
        FailoverMethod::EnableDisable => "by enable/disable: the standby's servers are enabled, its own disabled",
    };
    match &plan.to {
        Some(site) => lines.extend(paragraph("Fails over", &format!("to {site}, {how}"), Role::Text, columns)),
        None => lines.extend(paragraph("Fails over", "to nowhere: no standby is a member", Role::Warn, columns)),
    }
    lines
}

/// Whether the site could be failed over now, or since when it is away, after its name.
fn standing(model: &Model, site: &SiteName, glyphs: &Glyphs) -> (String, Role) {
    if let Some(away) = site_notes::away_of(model, site, glyphs) {
        return (away.text, away.role);
    }
    let Some(ready) = model.readiness.as_ref().and_then(|readiness| readiness.site(site)) else {
        return ("(readiness not judged yet)".to_owned(), Role::Text);
    };
    let to = ready.to.as_ref().map(|to| format!("{} {to} ", glyphs.arrow)).unwrap_or_default();
    let (word, _) = super::readiness::word(ready);
    let why = if ready.ok { String::new() } else { format!(": {}", site_notes::first_no(model, ready)) };
    (format!("{to}{word}{why}"), Role::Text)
}

/// Each member: whether it takes calls, its state, and where the topology file and Exchange differ.
pub(super) fn members(model: &Model, plan: &DialPlanView, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let name = plan.members.iter().map(|member| width(model.names.of(member.fqdn.as_str()))).max().unwrap_or(0);
    let mut lines = Vec::new();
    for member in &plan.members {
        let label = if lines.is_empty() { "Members" } else { "" };
        let mut spans = member_spans(model, member, name.min(24), glyphs);
        // What has no room is not there, instead of being cut: how many calls, which site, the answer.
        for dispensable in [7, 4, 5] {
            if spans.iter().map(|(text, _)| width(text)).sum::<usize>() > columns + 1 && dispensable < spans.len() {
                spans.remove(dispensable);
            }
        }
        lines.push(Line::new(label, spans));
        lines.extend(drift(member).map(|text| Line::new("", vec![(format!("  {text}"), Role::Warn)])));
    }
    if lines.is_empty() {
        lines.push(Line::new("Members", vec![("none".to_owned(), Role::Down)]));
    }
    lines
}

fn member_spans(model: &Model, member: &MemberView, columns: usize, glyphs: &Glyphs) -> Vec<Span> {
    let (glyph, role) = plans::member(model, Some(member), glyphs);
    let name = fit(model.names.of(member.fqdn.as_str()), columns, glyphs.ellipsis);
    let pad = " ".repeat(columns.saturating_sub(width(&name)) + 2);
    let mut spans = vec![(format!("{glyph} "), role), (name, Role::Strong), (pad, Role::Text)];
    let takes = if member.in_service { "takes calls " } else { "no calls    " };
    spans.push((takes.to_owned(), if member.in_service { Role::Text } else { role }));
    if let Some(server) = model.server(&member.fqdn) {
        spans.extend(state(model, server));
    }
    spans
}

/// Where the topology file and Exchange say different things of a member.
fn drift(member: &MemberView) -> Option<&'static str> {
    match (member.declared, member.reported) {
        (true, Some(false)) => Some("declared a member, and Exchange does not report it as one"),
        (false, _) => Some("Exchange reports it as a member, and it is not declared"),
        (true, None) => Some("Exchange was not asked, or has not answered yet"),
        (true, Some(true)) => None,
    }
}

/// Service state, answer, where its name points: what decides whether it takes calls.
fn state(model: &Model, server: &ServerView) -> Vec<Span> {
    let (state, role) = words::state(server);
    let state = if state == "?" { "state not known" } else { state };
    let answers = server.lead().map(words::sip).unwrap_or_default();
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    let answer = longest(&answers, 14);
    let role_of_answer = server.lead().map_or(Role::Unknown, words::sip_role);
    let place = model.topology.server(&server.fqdn).map(|declared| declared.site.to_string()).unwrap_or_default();
    let calls = server.active_calls.map(|calls| words::count(calls as usize, "call", "calls")).unwrap_or_default();
    vec![
        (format!(" {place:<10} "), Role::Dim),
        (format!("{state:<9} "), role),
        (format!("{answer:<14} "), role_of_answer),
        (format!("{calls:>9}"), Role::Dim),
    ]
}

/// Its numbers, and what it is called on the Lync side.
pub(super) fn numbers(model: &Model, name: &DialPlanName, columns: usize) -> Vec<Line> {
    let Some(declared) = model.topology.dial_plans.iter().find(|declared| declared.name == *name) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let on_lync = declared.enterprise_voice.as_deref().unwrap_or("not declared");
    lines.extend(paragraph("On Lync", on_lync, Role::Text, columns));
    for (label, numbers, none) in [
        ("Access", &declared.access_numbers, "no Outlook Voice Access number"),
        ("Attendant", &declared.auto_attendants, "no auto attendant number"),
    ] {
        let (text, role) =
            if numbers.is_empty() { (none.to_owned(), Role::Warn) } else { (numbers.join("  "), Role::Text) };
        lines.extend(paragraph(label, &text, role, columns));
    }
    lines
}
