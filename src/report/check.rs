//! `check` as text: a first line as monitoring plugins write it, then the sites, then what needs a person.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::words::{ago, milliseconds};
use crate::domain::attention::{Ear, Muted};
use crate::domain::finding::{Finding, Severity};
use crate::domain::health::Health;
use crate::domain::judge::{Picture, ServerView};
use crate::domain::place::Place;
use crate::domain::server::ServiceState;

/// What a round of probes comes to, in the order of the exit codes of monitoring plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing needs a person.
    Ok,
    /// Something is worse than it should be.
    Warning,
    /// Calls are lost, or would be at the next failure.
    Critical,
    /// It cannot be said.
    Unknown,
}

impl Status {
    /// The status of a picture: the worst finding that nobody knows of; unknown when nothing could be reached or nothing was asked.
    #[must_use]
    pub fn of(picture: &Picture, ear: Ear<'_>) -> Self {
        let healths = || picture.sites.iter().flat_map(|site| &site.servers).map(|server| server.health);
        if picture.isolated || (healths().count() > 0 && healths().all(|health| health == Health::Unknown)) {
            return Self::Unknown;
        }
        match ear.asking(&picture.findings).map(|finding| finding.severity).max() {
            Some(Severity::Critical) => Self::Critical,
            Some(Severity::Warning) => Self::Warning,
            Some(Severity::Info) | None if healths().any(|health| health == Health::Unknown) => Self::Unknown,
            Some(Severity::Info) | None => Self::Ok,
        }
    }

    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The word in JSON; in capitals the first word of the text.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Unknown => "unknown",
        }
    }
}

/// The whole text.
#[must_use]
pub fn text(picture: &Picture, ear: Ear<'_>) -> String {
    let mut text = first_line(picture, ear);
    for site in &picture.sites {
        let role = if site.standby { "standby" } else { "active" };
        let _ = writeln!(text, "\n{}  {role}  {}/{} up", site.name, site.healthy, site.servers.len());
        for server in &site.servers {
            let _ = writeln!(text, "  {}", server_line(picture, server));
        }
    }
    for pool in &picture.pools {
        let seen = pool.service.rtt.map(milliseconds).or_else(|| pool.service.detail.clone()).unwrap_or_default();
        let line = format!("pool {}  {}  {seen}", pool.fqdn, pool.service.health.word());
        let _ = writeln!(text, "\n{}", line.trim_end());
    }
    for plan in &picture.dial_plans {
        let to = plan.to.as_ref().map_or_else(|| "nowhere".to_owned(), ToString::to_string);
        let _ = writeln!(
            text,
            "dial plan {}  {} of {} in service  fails over by {} to {to}",
            plan.name,
            plan.in_service,
            plan.members.len(),
            plan.method.word()
        );
    }
    text.push_str(&super::certificates::text(picture));
    text.push_str(&under("Needs attention", picture, |finding| ear.muted(finding).is_none(), ear));
    text.push_str(&under("Known", picture, |finding| ear.muted(finding).is_some(), ear));
    text
}

/// Findings below a heading, when there are any.
fn under(heading: &str, picture: &Picture, which: impl Fn(&Finding) -> bool, ear: Ear<'_>) -> String {
    let lines: String = picture.findings.iter().filter(|f| which(f)).map(|f| finding_lines(f, picture, ear)).collect();
    if lines.is_empty() { lines } else { format!("\n{heading}\n{lines}") }
}

pub(super) fn first_line(picture: &Picture, ear: Ear<'_>) -> String {
    let count = |severity| ear.asking(&picture.findings).filter(|finding| finding.severity == severity).count();
    let known = match picture.findings.len() - ear.asking(&picture.findings).count() {
        0 => String::new(),
        known => format!(", {known} known"),
    };
    let servers: usize = picture.sites.iter().map(|site| site.servers.len()).sum();
    let up: usize = picture.sites.iter().map(|site| site.healthy).sum();
    let status = Status::of(picture, ear);
    let why = match status {
        Status::Unknown if picture.isolated => ", nothing can be reached from here",
        Status::Unknown => ", not every server could be judged",
        _ => "",
    };
    format!(
        "SWITCHBOARD {}: {up} of {servers} servers up, {} critical, {} warning{known}{why}\n",
        status.word().to_uppercase(),
        count(Severity::Critical),
        count(Severity::Warning),
    )
}

pub(super) fn server_line(picture: &Picture, server: &ServerView) -> String {
    let services = server.services.iter().map(|service| {
        let answer = match (service.code, &service.reason) {
            _ if service.at.is_none() => "no result yet".to_owned(),
            (Some(code), Some(reason)) => format!("{code} {reason}"),
            _ => service.detail.clone().unwrap_or_default(),
        };
        let rtt = service.rtt.map(milliseconds).unwrap_or_default();
        let name = if server.services.len() > 1 { format!("{} ", service.service) } else { String::new() };
        format!("{name}{answer} {rtt}").trim_end().to_owned()
    });
    let days = server.services.iter().filter_map(|service| {
        service.certificate.as_ref()?.facts.as_ref().ok().map(|facts| facts.days_left(picture.at))
    });
    let certificate = days.min().map(|days| format!("  certificate {days} d")).unwrap_or_default();
    let state = match server.state {
        Some(ServiceState::Enabled) | None => String::new(),
        Some(state) => format!("  {state}"),
    };
    let place = match &server.place {
        Place::Home | Place::Unknown => String::new(),
        Place::Moved { to } => format!("  name at {to}"),
        other => format!("  name {}", other.word()),
    };
    let services = services.collect::<Vec<_>>().join(" | ");
    format!("{:<9}{:<28} {services}{certificate}{state}{place}", server.health.word(), server.fqdn.as_str())
}

pub(super) fn finding_lines(finding: &Finding, picture: &Picture, ear: Ear<'_>) -> String {
    let since = ago(finding.since, picture.at);
    let mut lines = format!(
        "  {:<8} {}  [{}] since {since}\n           {}\n           {}\n",
        finding.severity.word(),
        finding.message,
        finding.id,
        finding.evidence,
        finding.advice
    );
    if let Some(muted) = ear.muted(finding) {
        let _ = writeln!(lines, "           {}", why_muted(muted, picture.at));
    }
    lines
}

/// Why a finding asks for nobody.
fn why_muted(muted: Muted<'_>, now: Timestamp) -> String {
    match muted {
        Muted::Acknowledged(said) => format!("known to {} since {}: {}", said.by, ago(said.at, now), said.reason),
        Muted::Expected(window) => {
            let until = window.until.strftime("%Y-%m-%d %H:%M UTC");
            format!(
                "expected by {} until {until}, maintenance of {}: {}",
                window.by,
                window.scope.words(),
                window.reason
            )
        }
    }
}
