//! The answer as text and as JSON.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::certificate::{Facts, TrustVerdict};
use crate::domain::clean::Clean;
use crate::domain::judge::{CertificateView, TlsView};
use crate::domain::observation::{SipOutcome, TlsSession};
use crate::domain::watch::sip_detail;
use crate::report::json::{certificate, rtt_ms, tls};
use crate::report::milliseconds;

use super::endpoint::Endpoint;

/// What came out of one probe.
pub(super) struct Report<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) outcome: &'a SipOutcome,
    /// Each file of roots, and whether the presented chain leads to them.
    pub(super) trust: Vec<(&'a Path, TrustVerdict)>,
    pub(super) now: Timestamp,
}

impl Report<'_> {
    /// The documented JSON.
    pub(super) fn json(&self) -> anyhow::Result<Value> {
        let answer = self.outcome.result.as_ref().ok();
        let session = self.outcome.tls.as_deref();
        let mut certificate_json = match session.and_then(|session| self.certificate(session)) {
            Some(view) => serde_json::to_value(certificate(&view, self.now))?,
            None => Value::Null,
        };
        if !certificate_json.is_null() {
            let verdicts = self.trust.iter().map(|(file, verdict)| Ok((file.display().to_string(), json!(verdict))));
            certificate_json["trusted_by"] = verdicts.collect::<anyhow::Result<serde_json::Map<_, _>>>()?.into();
        }
        let mut tls_json = match session {
            Some(session) => serde_json::to_value(tls(&TlsView::from(session)))?,
            None => Value::Null,
        };
        if let Some(session) = session {
            tls_json["asks_certificate"] = session.asks_certificate.into();
        }
        Ok(json!({
            "version": 1,
            "alive": answer.is_some(),
            "address": self.outcome.address.to_string(),
            "transport": self.outcome.transport.word(),
            "code": answer.map(|answer| answer.code),
            "reason": answer.map(|answer| &answer.reason),
            "rtt_ms": answer.map(|answer| rtt_ms(answer.rtt)),
            "software": answer.and_then(|answer| answer.server.as_ref()),
            "tls": tls_json,
            "certificate": certificate_json,
            "detail": sip_detail(self.outcome).map(Clean::from),
        }))
    }

    /// A first line that says it all, then what is known, one thing on each line.
    pub(super) fn text(&self) -> String {
        let Endpoint { host, port, .. } = self.endpoint;
        let transport = self.outcome.transport.word();
        let word = if self.outcome.result.is_ok() { "alive" } else { "NOT ALIVE" };
        let mut out = format!("{word}: {host} port {port} over {transport}\n");
        let mut row = |label: &str, text: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  {label:<12} {}", Clean::new(text));
        };
        if self.outcome.address.ip().to_string() != *host && !self.outcome.address.ip().is_unspecified() {
            row("address", &self.outcome.address.ip().to_string());
        }
        if let Ok(answer) = &self.outcome.result {
            row("answer", &format!("{} {} in {}", answer.code, answer.reason, milliseconds(answer.rtt)));
            if let Some(software) = &answer.server {
                row("software", software.as_str());
            }
        }
        if let Some(detail) = sip_detail(self.outcome) {
            row(if self.outcome.result.is_ok() { "note" } else { "because" }, &detail);
        }
        if let Some(session) = self.outcome.tls.as_deref() {
            row("session", &TlsView::from(session).words());
            self.certificate_rows(session, &mut row);
        }
        out
    }

    fn certificate_rows(&self, session: &TlsSession, row: &mut impl FnMut(&str, &str)) {
        let Some(view) = self.certificate(session) else { return };
        let facts = match &view.facts {
            Ok(facts) => facts,
            Err(why) => return row("certificate", &format!("cannot be read: {why}")),
        };
        let subject = facts.subject_cn.as_ref().map_or("no common name", Clean::as_str);
        let issuer = if facts.self_signed { "itself" } else { facts.issuer.as_str() };
        row("certificate", &format!("{subject}, issued by {issuer}, {} presented", count(view.chain_length)));
        row("", &validity_words(facts, self.now));
        row("", &format!("{}, {}", facts.key, facts.signature));
        let names: Vec<&str> = facts.dns_names.iter().map(Clean::as_str).collect();
        row("names", if names.is_empty() { "none".to_owned() } else { names.join(", ") }.as_str());
        for (name, covered) in &view.covers {
            row("", &format!("{name} is {}", if *covered { "covered" } else { "NOT COVERED" }));
        }
        for (file, verdict) in &self.trust {
            let file = file.display();
            row(
                "trust",
                &verdict.why.map_or_else(|| format!("{file}: trusted"), |why| format!("{file}: NOT TRUSTED, {why}")),
            );
        }
    }

    fn certificate(&self, session: &TlsSession) -> Option<CertificateView> {
        let facts = Facts::read(session.chain.first()?).map_err(|unreadable| unreadable.0);
        let name = &self.endpoint.name;
        let covered = facts.as_ref().is_ok_and(|facts| facts.covers(name));
        let covers = [(name.clone(), covered)].into();
        Some(CertificateView {
            facts,
            above: Vec::new(),
            chain_length: session.chain.len(),
            covers,
            lync: None,
            exchange: None,
            revocation: None,
        })
    }
}

fn validity_words(facts: &Facts, now: Timestamp) -> String {
    let (from, until) = (facts.not_before.strftime("%F"), facts.not_after.strftime("%F"));
    match facts.days_left(now) {
        left if left < 0 => format!("EXPIRED on {until}, {} days ago", -left),
        _ if now < facts.not_before => format!("NOT YET VALID: from {from} until {until}"),
        left => format!("valid from {from} until {until}, {left} days left"),
    }
}

fn count(certificates: usize) -> String {
    if certificates == 1 { "1 certificate".to_owned() } else { format!("{certificates} certificates") }
}
