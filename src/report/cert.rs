//! `cert`: the facts of a chain, the coverage of each name, the trust of each set of roots; as text and as JSON.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::revocation::Revocations;
use crate::domain::certificate::{
    Culprit, Facts, Required, Shape, TrustVerdict, Uncovered, Unreadable, Validity, shape,
};
use crate::domain::clean::Clean;
use crate::domain::judge::TlsView;
use crate::domain::observation::TlsSession;

/// What ends sooner than this is said to be expiring, as in a topology file that says nothing else.
const SOON: i64 = 30 * 86_400;

/// A chain, and what was asked of it.
#[derive(Debug)]
pub struct Examined {
    /// Where it came from: `um1.contoso.com port 5061`, or a file.
    pub source: Clean,
    /// The time that everything is judged for.
    pub at: Timestamp,
    /// What was negotiated, for a live server that showed a certificate.
    pub session: Option<TlsSession>,
    /// What went wrong on the way, or is worth knowing.
    pub detail: Option<Clean>,
    /// What each certificate says, the leaf first.
    pub chain: Vec<Result<Facts, Unreadable>>,
    /// Each name that was asked for.
    pub names: Vec<(Required, Result<(), Uncovered>)>,
    /// Each set of roots that was asked for.
    pub trust: Vec<(Clean, TrustVerdict)>,
    /// What revocation lists say, where they were asked.
    pub revocations: Revocations,
}

/// Facts, and how many days are left of them.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    weak_key: bool,
    days_left: i64,
}

impl Examined {
    /// Whether everything that was asked holds, the leaf's own validity included.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.validity().is_none()
            && self.names.iter().all(|(_, covered)| covered.is_ok())
            && self.trust.iter().all(|(_, verdict)| verdict.ok)
            && self.revocations.trouble(self.at).is_none()
    }

    /// Why the leaf is not valid, if it is not.
    fn validity(&self) -> Option<&'static str> {
        match self.chain.first() {
            None => Some("no-certificate"),
            Some(Err(_)) => Some("unreadable"),
            Some(Ok(leaf)) => match leaf.validity(self.at) {
                Validity::NotYet => Some("not-yet-valid"),
                Validity::Expired => Some("expired"),
                Validity::Valid { .. } => None,
            },
        }
    }

    /// `expiring` for a leaf, or a path to one of the roots, that is valid and not for long.
    fn soon(&self) -> Option<&'static str> {
        let leaf = self.chain.first().and_then(|leaf| leaf.as_ref().ok()).map(|leaf| leaf.not_after);
        let mut ends = self.trust.iter().filter_map(|(_, verdict)| verdict.until).chain(leaf);
        let is_soon = |end: Timestamp| end.as_second() - self.at.as_second() < SOON;
        (self.validity().is_none() && ends.any(is_soon)).then_some("expiring")
    }

    /// The order of what was sent; `None` when a certificate cannot be read.
    fn shape(&self) -> Option<Shape> {
        let facts: Vec<Facts> = self.chain.iter().map(|facts| facts.clone().ok()).collect::<Option<_>>()?;
        (!facts.is_empty()).then(|| shape(&facts))
    }

    /// The documented JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let chain: Vec<Value> = self.chain.iter().map(|facts| self.facts_json(facts)).collect();
        let names = self.names.iter().map(|(name, covered)| {
            let why = covered.err();
            json!({"name": name.to_string(), "covered": covered.is_ok(), "why": why, "explained": why.map(Uncovered::explained)})
        });
        let trust = self.trust.iter().map(|(roots, verdict)| {
            let mut value = json!(verdict);
            value["roots"] = json!(roots);
            value["explained"] = json!(verdict.explained());
            value
        });
        let session = self.session.as_ref().map(|session| {
            json!({"version": session.version, "suite": session.suite, "proved": session.proved,
                   "asks_certificate": session.asks_certificate})
        });
        json!({
            "version": 1,
            "at": self.at,
            "source": self.source,
            "tls": session,
            "detail": self.detail,
            "chain": chain,
            "order": self.shape(),
            "valid": {"ok": self.validity().is_none(), "why": self.validity(), "note": self.soon()},
            "names": names.collect::<Vec<_>>(),
            "trust": trust.collect::<Vec<_>>(),
            "revocation": self.revocations.json(self.at),
            "ok": self.holds(),
        })
    }

    fn facts_json(&self, facts: &Result<Facts, Unreadable>) -> Value {
        match facts {
            Ok(facts) => json!(Line { facts, weak_key: facts.has_weak_key(), days_left: facts.days_left(self.at) }),
            Err(why) => json!({"error": why.0}),
        }
    }

    /// A first line that says it all, then what is known, one thing on each line.
    #[must_use]
    pub fn text(&self) -> String {
        let word = if self.holds() { "yes" } else { "NO" };
        let mut out = format!("{word}: certificate of {}\n", self.source);
        let mut row = |label: &str, text: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  {label:<12} {text}");
        };
        if let Some(session) = &self.session {
            row("session", &TlsView::from(session).words());
        }
        if let Some(detail) = &self.detail {
            row(if self.session.is_some() { "note" } else { "because" }, detail.as_str());
        }
        for (at, facts) in self.chain.iter().enumerate() {
            let label = if at == 0 { "certificate" } else { "sent with it" };
            match facts {
                Ok(facts) => facts_rows(label, facts, at == 0, self.at, &mut row),
                Err(why) => row(label, &format!("cannot be read: {}", why.0)),
            }
        }
        self.shape().iter().for_each(|shape| order_rows(shape, &mut row));
        for (name, covered) in &self.names {
            let verdict = match covered {
                Ok(()) => "covered".to_owned(),
                Err(why) => format!("NOT COVERED, {}: {}", why.word(), why.explained()),
            };
            row("name", &format!("{name}: {verdict}"));
        }
        self.revocations.rows(&self.chain, self.at, &mut row);
        for (roots, verdict) in &self.trust {
            row("trust", &format!("{roots}: {}", self.trust_words(verdict)));
        }
        out
    }

    fn trust_words(&self, verdict: &TrustVerdict) -> String {
        let Some(why) = verdict.why else {
            let until =
                verdict.until.map_or_else(String::new, |until| format!(", usable until {}", until.strftime("%F")));
            return format!("trusted{until}");
        };
        let which = match verdict.culprit {
            None => String::new(),
            Some(Culprit::Root) => " (the root)".to_owned(),
            Some(Culprit::Presented(at)) => match self.chain.get(at) {
                Some(Ok(facts)) => format!(" ({})", facts.subject),
                _ => String::new(),
            },
        };
        let meaning = verdict.explained().map_or_else(String::new, |meaning| format!(": {meaning}"));
        format!("NOT TRUSTED, {why}{which}{meaning}")
    }
}

fn facts_rows(label: &str, facts: &Facts, leaf: bool, at: Timestamp, row: &mut impl FnMut(&str, &str)) {
    let issuer = match (facts.self_signed, facts.self_issued) {
        (true, _) => "itself (self-signed)".to_owned(),
        (_, true) => "its own name, and another key (self-issued)".to_owned(),
        _ => facts.issuer_dn.to_string(),
    };
    row(
        label,
        &format!(
            "{}, issued by {issuer}",
            if facts.subject.is_empty() { "no subject" } else { facts.subject.as_str() }
        ),
    );
    row("", &validity_words(facts, at));
    let weak = |is_weak: bool| if is_weak { " (WEAK)" } else { "" };
    row("", &format!("{}{}, {}{}", facts.key, weak(facts.has_weak_key()), facts.signature, weak(facts.weak_signature)));
    if leaf {
        let names: Vec<String> = names(facts).collect();
        row("names", &if names.is_empty() { "none".to_owned() } else { names.join(", ") });
        let usage = facts.extended_key_usage.as_ref();
        let usage = usage.map(|usage| usage.iter().map(Clean::as_str).collect::<Vec<_>>().join(", "));
        row("for", usage.as_deref().unwrap_or("any purpose"));
        row("serial", &facts.serial);
        row("SHA-1", &facts.sha1.to_uppercase());
        row("SHA-256", &facts.sha256);
    }
}

fn names(facts: &Facts) -> impl Iterator<Item = String> {
    let dns = facts.dns_names.iter().map(ToString::to_string);
    let addresses = facts.ip_addresses.iter().map(|address| format!("IP {address}"));
    dns.chain(addresses).chain(facts.other_names.iter().map(|other| format!("{} {}", other.kind, other.value)))
}

fn validity_words(facts: &Facts, at: Timestamp) -> String {
    let (from, until) = (facts.not_before.strftime("%F"), facts.not_after.strftime("%F"));
    match (facts.validity(at), facts.days_left(at)) {
        (Validity::Expired, left) => format!("EXPIRED on {until}, {} days ago", -left),
        (Validity::NotYet, _) => format!("NOT YET VALID: from {from} until {until}"),
        (Validity::Valid { seconds }, left) => {
            let soon = if seconds < SOON { ": EXPIRES SOON" } else { "" };
            format!("valid from {from} until {until}, {left} days left{soon}")
        }
    }
}

fn order_rows(shape: &Shape, row: &mut impl FnMut(&str, &str)) {
    if !shape.in_order {
        row("order", "not from the leaf up: old clients stumble over that");
    }
    if shape.unused > 0 {
        row("order", &format!("{} sent that lead nowhere from the leaf", shape.unused));
    }
    match &shape.issuer_not_sent {
        Some(issuer) => row("not sent", issuer.as_str()),
        None => row("not sent", "nothing: the root is there too"),
    }
}
