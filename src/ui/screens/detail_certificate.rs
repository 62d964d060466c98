//! Everything about a presented certificate: the whole chain, whom it convinces, which names it covers, each reason in words.

use jiff::Timestamp;

use crate::app::Model;
use crate::domain::certificate::{Culprit, Facts, Standing, TrustVerdict, shape};
use crate::domain::judge::{CertificateView, ServiceView};
use crate::domain::name::Fqdn;
use crate::domain::server::Service;
use crate::ui::look::{Glyphs, Role};
use crate::ui::words;
use crate::ui::words::presented::{self, Presented};

use super::certificates::{differs_from_router, why_absent};
use super::detail::{Line, Span, findings_like, gone, paragraph};

/// The certificate of one service, whole.
pub(super) fn certificate(model: &Model, host: &Fqdn, of: Service, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let Some(service) = model.service(host, of) else { return gone() };
    let Some(view) = service.certificate.as_deref() else {
        return vec![Line::text("Presents", why_absent(service)), origin(model, service)];
    };
    let one = Presented { host, service, view, by_pool: model.server(host).is_none() };
    let mut lines = verdict(model, &one, glyphs, columns);
    lines.extend(session(service, columns));
    lines.push(origin(model, service));
    lines.extend(chain(model, &one, glyphs, columns));
    lines.extend(trust(&one, glyphs, columns));
    lines.extend(revocation(view, columns));
    lines.extend(names(model, view, glyphs, columns));
    lines.extend(findings_like(model, host.as_str(), &["cert-", "session-"], glyphs, columns));
    lines
}

/// The certificate in a few lines, among everything else about a server.
pub(super) fn brief(model: &Model, host: &Fqdn, service: &ServiceView, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let mut lines = brief_session(service, columns);
    let Some(view) = service.certificate.as_deref() else { return lines };
    let one = Presented { host, service, view, by_pool: model.server(host).is_none() };
    match &view.facts {
        Err(why) => lines.extend(paragraph("Cert", &format!("unreadable: {why}"), Role::Down, columns)),
        Ok(facts) => {
            lines.extend(paragraph("Cert", &issued(facts), Role::Text, columns));
            lines.extend(paragraph("", &format!("for {}", subject(facts)), Role::Text, columns));
            lines.push(dates("", model, facts, presented::left(model, view), glyphs));
            lines.push(Line::new("", vec![strength(facts)]));
        }
    }
    if let Some(other) = differs_from_router(model, &one) {
        lines.push(Line::new("", vec![(other.to_owned(), Role::Warn)]));
    }
    lines.push(both_sides(&one, glyphs));
    lines.extend(covered(model, view, glyphs));
    lines
}

/// Whether it is fit for the design, and everything that is wrong with it.
fn verdict(model: &Model, one: &Presented<'_>, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let faults = one.faults(model);
    let mark = presented::mark(&faults, glyphs);
    let mut told: Vec<&str> = faults.iter().map(|fault| fault.words.as_str()).collect();
    told.extend(differs_from_router(model, one));
    let until = presented::end(one.view).map(|end| format!(" until {}", day(end))).unwrap_or_default();
    let text = match told.as_slice() {
        [] => format!("{} {} for the design{until}", mark.glyph, mark.word),
        told => format!("{} {}: {}", mark.glyph, mark.word, told.join("; ")),
    };
    paragraph("Verdict", &text, mark.role, columns)
}

/// What was negotiated, and whether the peer proved that the certificate is its own.
fn session(service: &ServiceView, columns: usize) -> Vec<Line> {
    let Some(tls) = &service.tls else { return Vec::new() };
    let role = if tls.proved { Role::Text } else { Role::Warn };
    paragraph("Session", &tls.words(), role, columns)
}

/// The same in little room: that the key was proved goes without saying.
fn brief_session(service: &ServiceView, columns: usize) -> Vec<Line> {
    let Some(tls) = &service.tls else { return Vec::new() };
    let proof = if tls.proved { String::new() } else { format!(", {}", tls.proof()) };
    let role = if tls.proved { Role::Text } else { Role::Warn };
    paragraph("TLS", &format!("{} {}{proof}", tls.version, tls.suite), role, columns)
}

/// Where and when it was read.
fn origin(model: &Model, service: &ServiceView) -> Line {
    let address = service.address.map_or_else(|| "no address".to_owned(), |address| address.to_string());
    let read = service.tls.as_ref().map(|tls| format!(", read {}", words::ago(tls.at, model.now))).unwrap_or_default();
    Line::new("At", vec![(format!("{address} {}{read}", service.transport), Role::Dim)])
}

/// Every certificate that was sent, from the leaf up, and whether that is a chain.
fn chain(model: &Model, one: &Presented<'_>, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let view = one.view;
    let leaf = match &view.facts {
        Ok(facts) => facts,
        Err(why) => return paragraph("Leaf", &format!("cannot be read: {why}"), Role::Down, columns),
    };
    let mut lines = Vec::new();
    for (at, facts) in std::iter::once(leaf).chain(&view.above).enumerate() {
        let label = if at == 0 { "Leaf" } else { "Sent with" };
        lines.extend(paragraph(label, &format!("{}, {}", subject(facts), issued(facts)), Role::Strong, columns));
        let left = if at == 0 { presented::left(model, view) } else { words::until(model, facts.not_after) };
        lines.push(dates("", model, facts, left, glyphs));
        lines.push(Line::new("", vec![strength(facts), (purpose(facts), Role::Dim)]));
        if at == 0 {
            lines.extend(san(facts, columns));
            lines.extend(thumbprint(one.service, facts, glyphs, columns));
        }
    }
    lines.extend(order(view, leaf, columns));
    lines
}

fn subject(facts: &Facts) -> String {
    facts.subject_cn.as_ref().map_or_else(
        || if facts.subject.is_empty() { "without a name".into() } else { facts.subject.to_string() },
        ToString::to_string,
    )
}

fn issued(facts: &Facts) -> String {
    if facts.self_signed { "issued by itself".to_owned() } else { format!("issued by {}", facts.issuer) }
}

fn strength(facts: &Facts) -> Span {
    let weak = facts.has_weak_key() || facts.weak_signature && !facts.self_signed;
    let text = format!("{}, signature {}", facts.key, facts.signature);
    (text, if weak { Role::Warn } else { Role::Dim })
}

/// What it may be used for, where it says so.
fn purpose(facts: &Facts) -> String {
    let used: Vec<&str> = facts.extended_key_usage.iter().flatten().map(crate::domain::clean::Clean::as_str).collect();
    match (facts.authority, used.as_slice()) {
        (true, _) => ", an authority".to_owned(),
        (false, []) => String::new(),
        (false, used) => format!(", for {}", used.join(" and ")),
    }
}

fn dates(label: &'static str, model: &Model, facts: &Facts, (left, role): (String, Role), glyphs: &Glyphs) -> Line {
    let told = match left.as_str() {
        "ended" => format!("expired {}", words::ago(facts.not_after, model.now)),
        "early" => "not valid yet".to_owned(),
        left => format!("{left} left"),
    };
    let text = format!("{} {} {}  ", day(facts.not_before), glyphs.arrow, day(facts.not_after));
    Line::new(label, vec![(text, Role::Text), (told, role)])
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn san(facts: &Facts, columns: usize) -> Vec<Line> {
    let addresses = facts.ip_addresses.iter().map(ToString::to_string);
    let others = facts.other_names.iter().map(|other| format!("{}:{}", other.kind, other.value));
    let all: Vec<String> = facts.dns_names.iter().map(ToString::to_string).chain(addresses).chain(others).collect();
    if all.is_empty() {
        return paragraph("SAN", "none at all", Role::Down, columns);
    }
    paragraph("SAN", &all.join("  "), Role::Text, columns)
}

/// The thumbprint as Windows shows it, beside those that the service should present; and the fingerprint of today.
fn thumbprint(service: &ServiceView, facts: &Facts, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let (same, others): (Vec<_>, Vec<_>) =
        service.expected.iter().partition(|expected| expected.thumbprint.as_str() == facts.sha1);
    if !facts.sha1.is_empty() {
        let same = same
            .iter()
            .map(|expected| [", ", expected.by.words(), " ", glyphs.yes].concat())
            .collect::<Vec<_>>()
            .concat();
        let role = if same.is_empty() { Role::Text } else { Role::Up };
        let text = format!("{} presented{same}", facts.sha1.to_uppercase());
        lines.extend(paragraph("Thumbprint", &text, role, columns));
    }
    for expected in others {
        let text = format!("{} {} {}", expected.thumbprint, expected.by.words(), glyphs.no);
        lines.extend(paragraph("", &text, Role::Warn, columns));
    }
    let mut say = |text: String| lines.extend(paragraph("", &text, Role::Dim, columns));
    say(format!("SHA-256 {}", facts.sha256));
    if !facts.serial.is_empty() {
        say(format!("serial number {}", facts.serial));
    }
    lines
}

/// Whether what was sent is a chain, and what is missing of it.
fn order(view: &CertificateView, leaf: &Facts, columns: usize) -> Vec<Line> {
    let all: Vec<Facts> = std::iter::once(leaf).chain(&view.above).cloned().collect();
    let shape = shape(&all);
    let mut text = words::count(view.chain_length, "certificate sent", "certificates sent");
    let mut role = Role::Text;
    if all.len() > 1 {
        text += if shape.in_order { ", in order" } else { ", out of order" };
    }
    if shape.unused > 0 {
        text += &[", of which ", &shape.unused.to_string(), " belong to no path"].concat();
        role = Role::Warn;
    }
    if view.chain_length > all.len() {
        text += &[", of which ", &(view.chain_length - all.len()).to_string(), " cannot be read"].concat();
        role = Role::Warn;
    }
    if let Some(issuer) = shape.issuer_not_sent.filter(|issuer| !issuer.is_empty()) {
        text += &["; not sent: ", issuer.as_str()].concat();
    }
    paragraph("Chain", &text, role, columns)
}

/// Each side, with its reason in words.
fn trust(one: &Presented<'_>, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (who, verdict, decides) in [("Lync", one.view.lync, !one.by_pool), ("Exchange", one.view.exchange, one.by_pool)]
    {
        let (glyph, role, _) = presented::trust(verdict, decides, glyphs);
        let text = match verdict {
            None => format!("{glyph} by {who}: no roots are configured for it"),
            Some(TrustVerdict { ok: true, until, .. }) => {
                let until = until.map(|until| format!(" until {}", day(until))).unwrap_or_default();
                format!("{glyph} by {who}{until}")
            }
            Some(verdict) => {
                let guess = if verdict.guess { "probably " } else { "" };
                let why = verdict.why.unwrap_or("not trusted");
                let meaning = verdict.explained().map(|words| format!(": {words}")).unwrap_or_default();
                format!("{glyph} not by {who}, {guess}{why}{}{meaning}", culprit(one.view, verdict.culprit))
            }
        };
        lines.extend(paragraph(if lines.is_empty() { "Trusted" } else { "" }, &text, role, columns));
    }
    lines
}

/// What revocation lists say of each certificate of the chain, where any are read.
fn revocation(view: &CertificateView, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for one in view.revocation.iter().flatten() {
        let which = match one.presented {
            0 => "the leaf".to_owned(),
            at => view.above.get(at - 1).map_or_else(|| format!("number {}", at + 1), subject),
        };
        let (told, role) = match &one.standing {
            Standing::Good { until: None } => ("not revoked".to_owned(), Role::Text),
            Standing::Good { until: Some(until) } => {
                (format!("not revoked, by a list good until {}", day(*until)), Role::Text)
            }
            Standing::Revoked(revoked) => {
                (format!("REVOKED on {}: {}", day(revoked.at), revoked.reason.word()), Role::Down)
            }
            Standing::NoList => ("no list of its issuer is read".to_owned(), Role::Dim),
            Standing::Unproven => ("there is a list, and nobody known here signed it".to_owned(), Role::Warn),
        };
        let label = if lines.is_empty() { "Revoked" } else { "" };
        lines.extend(paragraph(label, &format!("{which}: {told}"), role, columns));
    }
    lines
}

/// Which certificate is the reason, where it is not the leaf itself.
fn culprit(view: &CertificateView, culprit: Option<Culprit>) -> String {
    match culprit {
        Some(Culprit::Root) => " (the root)".to_owned(),
        Some(Culprit::Presented(at)) if at > 0 => {
            view.above.get(at - 1).map(|facts| format!(" ({})", subject(facts))).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// Both sides in one line.
fn both_sides(one: &Presented<'_>, glyphs: &Glyphs) -> Line {
    let mut spans = Vec::new();
    for (who, verdict, decides) in [("Lync", one.view.lync, !one.by_pool), ("Exchange", one.view.exchange, one.by_pool)]
    {
        let (glyph, role, _) = presented::trust(verdict, decides, glyphs);
        let why = match verdict {
            None => "no roots configured",
            Some(verdict) if verdict.ok => "",
            Some(verdict) => verdict.why.unwrap_or("not trusted"),
        };
        spans.push((format!("by {who} "), Role::Text));
        spans.push((format!("{glyph} {why}{}", if why.is_empty() { " " } else { "   " }), role));
    }
    Line::new("Trusted", spans)
}

/// Names of the design: those that are covered together, each of the others with its reason.
fn names(model: &Model, view: &CertificateView, glyphs: &Glyphs, columns: usize) -> Vec<Line> {
    let covered: Vec<&str> =
        view.covers.iter().filter(|(_, covered)| **covered).map(|(name, _)| model.names.of(name.as_str())).collect();
    let mut lines = Vec::new();
    for (name, _) in view.covers.iter().filter(|(_, covered)| !**covered) {
        let why = view.uncovered(name).map_or("not covered", crate::domain::certificate::Uncovered::explained);
        let text = format!("{} {name}: {why}", glyphs.no);
        lines.extend(paragraph(if lines.is_empty() { "Covers" } else { "" }, &text, Role::Down, columns));
    }
    if !covered.is_empty() {
        let text = format!("{} {}", glyphs.yes, covered.join("  "));
        lines.extend(paragraph(if lines.is_empty() { "Covers" } else { "" }, &text, Role::Up, columns));
    }
    lines
}

/// Names covered and not, in one line; the ones that are missing come first, where they are surely seen.
fn covered(model: &Model, view: &CertificateView, glyphs: &Glyphs) -> Option<Line> {
    let mut names: Vec<(&Fqdn, bool)> = view.covers.iter().map(|(name, covered)| (name, *covered)).collect();
    names.sort_by_key(|(_, covered)| *covered);
    let mut spans = Vec::new();
    for (name, covered) in names.iter().take(12) {
        let (glyph, role) = if *covered { (glyphs.yes, Role::Up) } else { (glyphs.no, Role::Down) };
        spans.push((format!("{} ", model.names.of(name.as_str())), Role::Text));
        spans.push((format!("{glyph}  "), role));
    }
    (!spans.is_empty()).then(|| Line::new("Covers", spans))
}
