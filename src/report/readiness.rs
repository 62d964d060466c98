//! Readiness as text and as JSON: one line for each guideline, and what to do where there is something to do.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use super::words::ago;
use crate::readiness::{Readiness, Ready, Status};

/// One guideline in JSON.
#[derive(Debug, Serialize)]
pub struct CheckJson<'a> {
    id: &'a str,
    title: &'a str,
    status: &'a str,
    evidence: &'a str,
    advice: Option<&'a str>,
    guideline: &'a str,
}

/// One site's answer to "could we fail over now?" in JSON.
#[derive(Debug, Serialize)]
pub struct ReadyJson<'a> {
    to: Option<&'a str>,
    ok: bool,
    known: bool,
    checked: Timestamp,
    first_no: Option<&'a str>,
    /// Names of rules that want a reason in writing.
    reasons: &'a [String],
    waits_seconds: Option<u64>,
    since: Option<Timestamp>,
    last_green: Option<Timestamp>,
}

/// The guidelines in JSON.
#[must_use]
pub fn checks(readiness: &Readiness) -> Vec<CheckJson<'_>> {
    let told = readiness.checks.iter().map(|check| CheckJson {
        id: check.id,
        title: check.title,
        status: check.status.word(),
        evidence: &check.evidence,
        advice: check.advice.as_deref(),
        guideline: check.guideline,
    });
    told.collect()
}

/// One site's answer, where the design fails it over.
#[must_use]
pub fn ready<'a>(readiness: &'a Readiness, site: &str) -> Option<ReadyJson<'a>> {
    let ready = readiness.sites.iter().find(|ready| ready.site.as_str() == site)?;
    Some(ReadyJson {
        to: ready.to.as_ref().map(crate::domain::name::SiteName::as_str),
        ok: ready.ok,
        known: ready.known,
        checked: ready.checked,
        first_no: ready.first_no.as_deref(),
        reasons: &ready.reasons,
        waits_seconds: ready.waits.map(|waits| waits.as_secs()),
        since: ready.since,
        last_green: ready.last_green,
    })
}

/// The text.
#[must_use]
pub fn text(readiness: &Readiness) -> String {
    let mut text = String::from("\nReadiness\n");
    for ready in &readiness.sites {
        let to = ready.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
        let _ = writeln!(text, "  could {} fail over{to} now?  {}", ready.site, answer(ready));
    }
    for check in &readiness.checks {
        let _ = writeln!(text, "  {:<8} {:<4}{}: {}", word(check.status), check.id, check.title, check.evidence);
        if let Some(advice) = &check.advice {
            let _ = writeln!(text, "               {advice}");
        }
    }
    text
}

/// Yes, or the first thing that says no; for how long, and when it was last yes.
pub(super) fn answer(ready: &Ready) -> String {
    let held = ready.since.filter(|since| *since < ready.checked);
    let held = held.map(|since| format!("for {}", ago(since, ready.checked)));
    let Some(no) = &ready.first_no else {
        let reasons = (!ready.reasons.is_empty()).then(|| format!("with a reason for {}", ready.reasons.join(", ")));
        return ["yes".to_owned()].into_iter().chain(reasons).chain(held).collect::<Vec<_>>().join(", ");
    };
    let word = if ready.known { "no" } else { "not known" };
    let last = ready
        .last_green
        .map_or_else(|| "never seen ready".to_owned(), |green| format!("last ready {} ago", ago(green, ready.checked)));
    let told: Vec<String> = held.into_iter().chain([last]).collect();
    format!("{word}: {no} ({})", told.join(", "))
}

/// Short enough for a column.
fn word(status: Status) -> &'static str {
    match status {
        Status::NotApplicable => "–",
        other => other.word(),
    }
}
