//! Readiness as text and as JSON: one line for each guideline, and what to do where there is something to do.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use crate::readiness::{Check, Ready, Status};

/// The guidelines and whether each site could be failed over now, judged at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// R1 to R14.
    pub checks: Vec<Check>,
    /// Sites that the design fails over.
    pub sites: Vec<Ready>,
}

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
    checked: Timestamp,
    first_no: Option<&'a str>,
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
        checked: ready.checked,
        first_no: ready.first_no.as_deref(),
    })
}

/// The text.
#[must_use]
pub fn text(readiness: &Readiness) -> String {
    let mut text = String::from("\nReadiness\n");
    for ready in &readiness.sites {
        let to = ready.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
        let answer = ready.first_no.as_ref().map_or_else(|| "yes".to_owned(), |no| format!("no: {no}"));
        let _ = writeln!(text, "  could {} fail over{to} now?  {answer}", ready.site);
    }
    for check in &readiness.checks {
        let _ = writeln!(text, "  {:<8} {:<4}{}: {}", word(check.status), check.id, check.title, check.evidence);
        if let Some(advice) = &check.advice {
            let _ = writeln!(text, "               {advice}");
        }
    }
    text
}

/// Short enough for a column.
fn word(status: Status) -> &'static str {
    match status {
        Status::NotApplicable => "–",
        other => other.word(),
    }
}
