//! The words of the screen: what a state is called in much room and in little, ages, latencies, counts.

pub(super) mod dns;
pub(super) mod presented;

use std::time::Duration;

use jiff::Timestamp;

use crate::app::Model;
use crate::domain::attention::Window;
use crate::domain::finding::Severity;
use crate::domain::health::{Class, Health, round_trip};
use crate::domain::judge::{ServerView, ServiceView};
use crate::domain::place::Place;
use crate::domain::server::ServiceState;

use super::look::{Glyphs, Role};

/// A sign, the role that it is drawn in, and the word that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) glyph: &'static str,
    pub(super) role: Role,
    pub(super) word: &'static str,
}

/// The mark of a health.
pub(super) fn health(health: Health, glyphs: &Glyphs) -> Mark {
    let (glyph, role) = match health {
        Health::Up => (glyphs.up, Role::Up),
        Health::Degraded => (glyphs.warn, Role::Down),
        Health::Down => (glyphs.down, Role::Down),
        Health::Unknown => (glyphs.unknown, Role::Unknown),
    };
    Mark { glyph, role, word: health.word() }
}

/// The mark of a severity.
pub(super) fn severity(severity: Severity, glyphs: &Glyphs) -> Mark {
    let (glyph, role) = match severity {
        Severity::Critical => (glyphs.down, Role::Down),
        Severity::Warning => (glyphs.warn, Role::Warn),
        Severity::Info => (glyphs.info, Role::Dim),
    };
    Mark { glyph, role, word: severity.word() }
}

/// The mark of a server in one sign: its health, its service state, or the worst finding about it.
pub(super) fn server(model: &Model, server: &ServerView, glyphs: &Glyphs) -> Mark {
    let worst = model.worst.get(server.fqdn.as_str());
    match (server.health, worst) {
        (Health::Up, _) => {}
        // Silent to a console that is no peer, or too old for its TLS: a warning, and shown as no more than that.
        (Health::Degraded, Some(Severity::Warning)) => {
            return Mark { role: Role::Warn, ..health(server.health, glyphs) };
        }
        (other, _) => return health(other, glyphs),
    }
    match (server.state, server.normal) {
        (Some(ServiceState::Disabled), ServiceState::Disabled) => {
            return Mark { glyph: glyphs.off, role: Role::Off, word: "disabled" };
        }
        (Some(ServiceState::NoNewCalls), _) => {
            return Mark { glyph: glyphs.draining, role: Role::Warn, word: "draining" };
        }
        (Some(ServiceState::Disabled), _) => {
            return Mark { glyph: glyphs.off, role: Role::Down, word: "disabled" };
        }
        _ => {}
    }
    match worst {
        Some(Severity::Critical) => Mark { glyph: glyphs.warn, role: Role::Down, word: "up, critical" },
        Some(Severity::Warning) => Mark { glyph: glyphs.warn, role: Role::Warn, word: "up, warning" },
        _ => health(Health::Up, glyphs),
    }
}

/// What a SIP service answers, longest wording first.
pub(super) fn sip(service: &ServiceView) -> Vec<String> {
    let Some(class) = service.class else { return vec!["no answer yet".into(), "waiting".into()] };
    if service.stale {
        return vec!["stale: no result".into(), "stale".into()];
    }
    let code = service.code;
    let reason = service.reason.as_ref().map_or("", |reason| reason.as_str());
    let with = |short: &str| code.map_or_else(|| short.to_owned(), |code| format!("{code} {short}"));
    let words = match class {
        // Judged up, and the newest probe brought nothing: not yet enough to judge otherwise.
        Class::Answers | Class::Slow | Class::NotForUs | Class::Refusing if code.is_none() => {
            vec!["up, missed one".into(), "missed one".into(), "missed".into()]
        }
        Class::Answers => vec![with(reason), with("")],
        Class::Slow => vec![format!("{}, slow", with(reason)), with("slow")],
        Class::NotForUs => vec![format!("{}: no peer of it", with(reason)), with("no peer")],
        Class::Refusing => vec![format!("{}: refuses calls", with(reason)), with("refuses calls"), with("refuses")],
        Class::Ill => vec![format!("degraded: {}", with(reason)), with("degraded"), with("")],
        Class::Silent => vec!["degraded: connects, silent".into(), "silent".into()],
        Class::NotSip => vec!["degraded: not SIP".into(), "not SIP".into()],
        Class::Unproven => vec!["degraded: no session".into(), "no session".into()],
        Class::DeadEnd => vec!["degraded: redirect to nowhere".into(), "dead end".into()],
        Class::CutOff => vec!["down: connection cut off".into(), "down cut off".into(), "down, cut".into()],
        Class::Refused => vec!["down: connection refused".into(), "down refused".into(), "refused".into()],
        Class::Unreachable => vec!["down: no answer at all".into(), "down no reply".into(), "down silent".into()],
        Class::NotTried => vec!["unknown: not tried".into(), "not tried".into()],
    };
    words.into_iter().map(|text| text.trim_end().to_owned()).collect()
}

/// The role of a SIP service's words.
pub(super) fn sip_role(service: &ServiceView) -> Role {
    match (service.health, service.class) {
        _ if service.stale => Role::Unknown,
        (Health::Up, Some(Class::Answers | Class::NotForUs)) => Role::Text,
        (Health::Up, _) | (Health::Degraded, Some(Class::Silent | Class::Unproven)) => Role::Warn,
        (Health::Degraded | Health::Down, _) => Role::Down,
        (Health::Unknown, _) => Role::Unknown,
    }
}

/// Where a name points, in at most seven columns where its host has a short name.
pub(super) fn place(model: &Model, place: &Place, glyphs: &Glyphs) -> (String, Role) {
    match place {
        Place::Home => ("home".into(), Role::Dim),
        Place::Moved { to } => (format!("{} {}", glyphs.arrow, model.names.of(to.as_str())), Role::Warn),
        Place::Unknown => (glyphs.unknown.into(), Role::Unknown),
        Place::Split => ("split".into(), Role::Warn),
        Place::Diverged => (if glyphs.arrows { "A≠AAAA" } else { "A!AAAA" }.into(), Role::Down),
        other => (other.word().into(), Role::Down),
    }
}

/// The service state, as the operator would say it.
pub(super) fn state(server: &ServerView) -> (&'static str, Role) {
    match (server.state, server.normal) {
        (None, _) => ("?", Role::Unknown),
        (Some(ServiceState::Enabled), ServiceState::Enabled) => ("enabled", Role::Dim),
        (Some(ServiceState::Disabled), ServiceState::Disabled) => ("disabled", Role::Off),
        (Some(ServiceState::Enabled), _) => ("enabled", Role::Warn),
        (Some(ServiceState::NoNewCalls), _) => ("draining", Role::Warn),
        (Some(ServiceState::Disabled), _) => ("disabled", Role::Down),
    }
}

/// How long it is until something ends, and whether that needs somebody.
pub(super) fn until(model: &Model, end: Timestamp) -> (String, Role) {
    let (left, role) = time_left(model, end);
    if left.is_zero() { ("ended".into(), role) } else { (days(left), role) }
}

fn time_left(model: &Model, end: Timestamp) -> (Duration, Role) {
    let left = Duration::try_from(end.duration_since(model.now)).unwrap_or_default();
    let console = &model.topology.console;
    let role = match left {
        left if left < console.certificate_critical => Role::Down,
        left if left < console.certificate_warning => Role::Warn,
        _ => Role::Text,
    };
    (left, role)
}

fn days(left: Duration) -> String {
    match left.as_secs() / 86_400 {
        0 => format!("{} h", left.as_secs() / 3600),
        days @ 1..1000 => format!("{days} d"),
        days => format!("{} y", days / 365),
    }
}

/// A latency, in at most six columns, without digits that change for nothing.
pub(super) fn latency(rtt: Duration) -> String {
    match rtt.as_millis() {
        0..1000 => round_trip(rtt),
        ms @ 1000..10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        ms => format!("{} s", ms / 1000),
    }
}

/// How high a latency stands in the history, 0 to 7. Fixed steps: one slow answer does not redraw all others.
pub(super) fn level(rtt: Duration) -> usize {
    const STEPS: [u128; 7] = [2, 5, 12, 30, 80, 200, 500];
    STEPS.iter().take_while(|step| rtt.as_millis() >= **step).count()
}

/// An age, coarse enough that it seldom changes.
pub(super) fn age(from: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(from.as_second()).max(0);
    match seconds {
        0..10 => "now".into(),
        10..60 => format!("{} s", seconds / 10 * 10),
        60..5400 => format!("{} min", seconds / 60),
        5400..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// An age in a sentence.
pub(super) fn ago(from: Timestamp, now: Timestamp) -> String {
    match age(from, now).as_str() {
        "now" => "just now".into(),
        age => format!("{age} ago"),
    }
}

/// Since when, in a column of eleven.
pub(super) fn since(from: Timestamp, now: Timestamp) -> String {
    match age(from, now).as_str() {
        "now" => "just now".into(),
        age => format!("since {age}"),
    }
}

/// A maintenance window, with its countdown.
pub(super) fn window(window: &Window, now: Timestamp) -> String {
    let (until, left) = (window.until.strftime("%H:%M UTC"), countdown(window, now));
    format!("maintenance until {until}, {left} left, by {}: {}", window.by, window.reason)
}

/// What is left of a window. Rounded up: what is almost over is not over.
pub(super) fn countdown(window: &Window, now: Timestamp) -> String {
    match window.left(now).unwrap_or_default().as_secs() {
        left @ 0..60 => format!("{} s", left.div_ceil(10) * 10),
        left @ 60..5400 => format!("{} min", left.div_ceil(60)),
        left => format!("{} h", left.div_ceil(3600)),
    }
}

/// What a rule is about, or measured, as the console says it: the UM service of a host is the host, and a key does what an option of
/// the command does.
pub(super) fn told(text: &str) -> String {
    text.replace(" um as ", " as ")
        .replace(" um: ", ": ")
        .replace(" call-router as ", "'s call router as ")
        .replace("--mode emergency", "M")
}

/// The end of a run's id: what tells runs of one day apart.
pub(super) fn run_id(id: &str) -> &str {
    id.len().checked_sub(6).and_then(|from| id.get(from..)).unwrap_or(id)
}

/// A number and its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
