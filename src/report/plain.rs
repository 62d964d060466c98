//! The console as lines of plain text: for screen readers, for terminals that can do nothing else, for a log.
//!
//! One line for each change, words and no signs, and short answers to typed commands.

use std::fmt::Write as _;

use super::check::{finding_lines, first_line, server_line};
use super::words::ago;
use super::{certificates, readiness};
use crate::app::Model;
use crate::app::log::{Entry, Mark};
use crate::domain::finding::Severity;
use crate::domain::health::Health;
use crate::domain::judge::{Picture, ServerView};
use crate::readiness::Ready;

/// What can be typed.
pub const HELP: &str = "\
help              these lines
sites             every site with its servers and pools
findings          what needs attention, with evidence and advice
server NAME       everything about one server: um1, or its full name
ready             whether each site could be failed over now, and the guidelines
runs              runs of the state directory
failover          how to fail a site over from here
quit              end; nothing is changed
";

/// How a failover is made without a screen.
const FAILOVER: &str = "\
A failover is made by commands, which any terminal can run:
  switchboard plan --from SITE --out plan.json              what would change, rehearsed and judged; changes nothing
  switchboard failover --plan plan.json --confirm PHRASE    carries it out; the plan prints the phrase
  switchboard runs follow ID                                watches a run, whoever started it
";

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Say something.
    Say(String),
    /// End.
    Quit,
}

/// The answer to a typed line.
#[must_use]
pub fn answer(model: &Model, line: &str) -> Command {
    let mut words = line.split_whitespace();
    let (verb, rest) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>().join(" "));
    let picture = &model.picture;
    Command::Say(match verb.to_lowercase().as_str() {
        "" => heartbeat(model),
        "quit" | "q" | "exit" => return Command::Quit,
        "help" | "h" | "?" => HELP.to_owned(),
        "sites" => sites(picture),
        "findings" => findings(model),
        "server" => server(model, &rest),
        "ready" => model.readiness.as_ref().map_or_else(|| "not judged yet\n".to_owned(), readiness::text),
        "runs" => runs(model),
        "failover" => FAILOVER.to_owned(),
        other => format!("'{other}' is no command; `help` lists them\n"),
    })
}

/// The whole state, said once at the start.
#[must_use]
pub fn state(model: &Model) -> String {
    let picture = &model.picture;
    format!("{}{}{}", first_line(picture, model.ear()), sites(picture), findings(model))
}

/// One change.
#[must_use]
pub fn change(model: &Model, entry: &Entry) -> String {
    let kind = match entry.mark {
        Mark::Came(severity) => format!("{}: ", severity.word()),
        Mark::Health(Health::Down | Health::Degraded) => "critical: ".to_owned(),
        _ => String::new(),
    };
    let subject = match entry.subject.as_str() {
        "" => String::new(),
        subject => format!("{} ", model.names.of(subject)),
    };
    format!("{} {kind}{subject}{}\n", clock(entry.at), entry.text)
}

/// How a site's readiness changed.
#[must_use]
pub fn ready(now: &Ready) -> String {
    let to = now.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
    format!("{} {} could fail over{to} now: {}\n", clock(now.checked), now.site, readiness::answer(now))
}

/// That nothing changed, and how old the oldest answer is.
#[must_use]
pub fn heartbeat(model: &Model) -> String {
    let picture = &model.picture;
    let servers = || picture.sites.iter().flat_map(|site| &site.servers);
    let up = servers().filter(|server| server.health == Health::Up).count();
    let age = match picture.oldest {
        Some(age) => format!("oldest answer {} s old", age.as_secs()),
        None => format!("{} probes have brought no answer yet", picture.waiting),
    };
    format!(
        "{} {up} of {} servers up, {} critical, {} warnings, {age}\n",
        clock(model.now),
        servers().count(),
        model.count(Severity::Critical),
        model.count(Severity::Warning),
    )
}

fn clock(at: jiff::Timestamp) -> jiff::fmt::strtime::Display<'static> {
    at.strftime("%H:%M:%S")
}

fn sites(picture: &Picture) -> String {
    let mut text = String::new();
    for site in &picture.sites {
        let role = if site.standby { "standby" } else { "active" };
        let _ = writeln!(text, "{}, {role}, {} of {} up", site.name, site.healthy, site.servers.len());
        for server in &site.servers {
            let _ = writeln!(text, "  {}", server_line(picture, server));
        }
        for pool in picture.pools.iter().filter(|pool| pool.site == site.name) {
            let _ = writeln!(text, "  {:<9}pool {}", pool.service.health.word(), pool.fqdn);
        }
    }
    text
}

fn findings(model: &Model) -> String {
    let picture = &model.picture;
    if picture.findings.is_empty() {
        return "Nothing needs attention.\n".to_owned();
    }
    picture.findings.iter().map(|finding| finding_lines(finding, picture, model.ear())).collect()
}

fn server(model: &Model, name: &str) -> String {
    let picture = &model.picture;
    let all = || picture.sites.iter().flat_map(|site| site.servers.iter().map(move |server| (site, server)));
    let is = |server: &ServerView| {
        let full = server.fqdn.as_str();
        full.eq_ignore_ascii_case(name) || model.names.of(full).eq_ignore_ascii_case(name)
    };
    let Some((site, server)) = all().find(|(_, server)| is(server)) else {
        let known: Vec<&str> = all().take(40).map(|(_, server)| model.names.of(server.fqdn.as_str())).collect();
        return format!("no server is called '{name}'; there are {}\n", known.join(", "));
    };
    let since = server.since.map(|since| format!(" for {}", ago(since, picture.at))).unwrap_or_default();
    let state = server.state.map_or("not known", crate::domain::server::ServiceState::word);
    let mut text = format!("{}, {}{since}\n", server.fqdn, server.health.word());
    let _ = writeln!(text, "  {}", server_line(picture, server));
    let _ = writeln!(text, "  site {}, name {}, service state {state}", site.name, server.place.word());
    text.push_str(&certificates::of_server(server, picture));
    for finding in picture.findings.iter().filter(|finding| finding.subject == server.fqdn.as_str()) {
        text.push_str(&finding_lines(finding, picture, model.ear()));
    }
    text
}

fn runs(model: &Model) -> String {
    let lines: String = model
        .runs
        .iter()
        .map(|seen| match &seen.view {
            Ok(view) => format!("{}  {}\n", seen.id, view.run.say()),
            Err(why) => format!("{}  cannot be read: {why}\n", seen.id),
        })
        .collect();
    if lines.is_empty() { "no run\n".to_owned() } else { lines }
}

/// A text in ASCII, for terminals whose locale has nothing else.
#[must_use]
pub fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => plain.push(c),
            '→' => plain.push_str("to"),
            '←' => plain.push_str("from"),
            '↔' => plain.push_str("and"),
            '…' => plain.push_str("..."),
            '–' | '—' | '−' => plain.push('-'),
            '·' | '•' => plain.push('.'),
            '×' => plain.push('x'),
            '‘' | '’' => plain.push('\''),
            '“' | '”' => plain.push('"'),
            '✔' => plain.push_str("yes"),
            '✖' => plain.push_str("no"),
            '\u{a0}' => plain.push(' '),
            _ => plain.push('?'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_keeps_the_sense() {
        assert_eq!(ascii("up → down … um1 – ✔"), "up to down ... um1 - yes");
        assert!(ascii("コンソール é").is_ascii());
    }
}
