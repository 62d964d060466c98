//! From what is remembered to statements that need a person.

mod certificates;
mod crls;
mod dns;
mod plans;
mod services;
mod states;

use jiff::Timestamp;

use super::Watch;
use crate::domain::finding::{Finding, Severity, kind_of};
use crate::domain::judge::Picture;

/// All findings of a moment, in no order.
pub(super) fn collect(watch: &Watch, picture: &Picture) -> Vec<Finding> {
    let mut found = Found { findings: Vec::new(), now: picture.at };
    if picture.isolated {
        let evidence = "no server, pool or DNS server can be reached from here";
        found.add("console-isolated", &"console", "this console is probably cut off from the network", evidence);
    } else {
        services::collect(picture, &mut found);
        dns::collect(watch, picture, &mut found);
    }
    certificates::collect(watch, picture, &mut found);
    crls::collect(watch, picture, &mut found);
    states::collect(watch, picture, &mut found);
    plans::collect(picture, &mut found);
    found.findings
}

/// The findings of a moment while they are gathered.
pub(super) struct Found {
    findings: Vec<Finding>,
    now: Timestamp,
}

impl Found {
    /// Adds a finding of the kind's own severity, seen now for the first time.
    fn add(
        &mut self,
        id: &'static str,
        subject: &impl std::fmt::Display,
        message: impl Into<String>,
        evidence: impl Into<String>,
    ) {
        self.add_since(id, subject, message, evidence, None);
    }

    /// Adds a finding that is known to hold since a moment.
    fn add_since(
        &mut self,
        id: &'static str,
        subject: &impl std::fmt::Display,
        message: impl Into<String>,
        evidence: impl Into<String>,
        since: Option<Timestamp>,
    ) {
        let Some(kind) = kind_of(id) else {
            debug_assert!(false, "{id} has no row in KINDS");
            return;
        };
        let finding = Finding {
            id: kind.id,
            severity: kind.severity,
            subject: subject.to_string(),
            since: since.unwrap_or(self.now),
            message: message.into(),
            evidence: evidence.into(),
            advice: kind.advice,
        };
        let same = self.findings.iter_mut().find(|known| known.id == finding.id && known.subject == finding.subject);
        match same {
            // Two services of one server with the same trouble are one statement with two pieces of evidence.
            Some(known) if known.evidence != finding.evidence => {
                known.evidence = format!("{}; {}", known.evidence, finding.evidence);
            }
            Some(_) => {}
            None => self.findings.push(finding),
        }
    }

    /// Makes a finding milder or graver than its kind.
    fn graded(&mut self, id: &str, subject: &impl std::fmt::Display, severity: Severity) {
        let subject = subject.to_string();
        if let Some(known) = self.findings.iter_mut().find(|known| known.id == id && known.subject == subject) {
            known.severity = severity;
        }
    }
}
