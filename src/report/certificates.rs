//! The certificates of a picture as text: one line for each TLS service, with what decides about it.

use std::fmt::Write as _;

use crate::domain::certificate::{Revocation, Standing, TrustVerdict, Validity};
use crate::domain::judge::{CertificateView, Picture, ServerView, ServiceView};

/// The section, or nothing where nobody shows a certificate.
#[must_use]
pub fn text(picture: &Picture) -> String {
    let mut text = String::new();
    for server in picture.sites.iter().flat_map(|site| &site.servers) {
        for service in &server.services {
            let name = format!("{} {}", server.fqdn, service.service);
            text.push_str(&line(&name, service, picture).unwrap_or_default());
        }
    }
    for pool in &picture.pools {
        text.push_str(&line(&format!("pool {}", pool.fqdn), &pool.service, picture).unwrap_or_default());
    }
    if text.is_empty() { text } else { format!("\nCertificates\n{text}") }
}

/// The lines of one server.
pub(super) fn of_server(server: &ServerView, picture: &Picture) -> String {
    let services = server.services.iter();
    services.filter_map(|service| line(&format!("certificate of {}", service.service), service, picture)).collect()
}

fn line(name: &str, service: &ServiceView, picture: &Picture) -> Option<String> {
    let view = service.certificate.as_deref()?;
    let (covered, required) = view.coverage();
    let mut line = format!("  {name:<32} {}", validity(view, picture));
    let _ = write!(line, ", covers {covered} of {required}");
    for (side, verdict) in [("Lync", view.lync), ("Exchange", view.exchange)] {
        let _ = write!(line, ", {side} {}", trust(verdict));
    }
    if let Some(looked_up) = &view.revocation {
        let _ = write!(line, ", {}", revocation(looked_up));
    }
    if service.taken_up == Some(false) {
        line.push_str(", NOT THE ONE THAT IT SHOULD PRESENT");
    }
    if let Some(tls) = &service.tls {
        let _ = write!(line, "\n  {:<32} {}", "", tls.words());
    }
    Some(line + "\n")
}

/// How long it lasts: the certificate, and its path to the roots where that ends sooner.
fn validity(view: &CertificateView, picture: &Picture) -> String {
    let facts = match &view.facts {
        Ok(facts) => facts,
        Err(why) => return format!("cannot be read: {why}"),
    };
    let left = match (facts.validity(picture.at), facts.days_left(picture.at)) {
        (Validity::Expired, left) => return format!("EXPIRED {} d ago", -left),
        (Validity::NotYet, _) => return format!("NOT VALID before {}", facts.not_before.strftime("%F")),
        (Validity::Valid { .. }, left) => format!("{left} d"),
    };
    match view.usable_until() {
        Some(until) => format!("{left}, usable until {}", until.strftime("%F")),
        None => left,
    }
}

/// The worst standing of the chain's certificates.
fn revocation(looked_up: &[Revocation]) -> &'static str {
    let any = |is: fn(&Standing) -> bool| looked_up.iter().any(|one| is(&one.standing));
    let leaf = looked_up.first().map(|one| &one.standing);
    if any(|standing| matches!(standing, Standing::Revoked(_))) {
        "REVOKED"
    } else if !matches!(leaf, Some(Standing::Good { .. })) {
        "revocation not known"
    } else if any(|standing| !matches!(standing, Standing::Good { .. })) {
        "not revoked, as far as the lists tell"
    } else {
        "not revoked"
    }
}

fn trust(verdict: Option<TrustVerdict>) -> String {
    match verdict {
        None => "not asked".to_owned(),
        Some(TrustVerdict { why: None, .. }) => "yes".to_owned(),
        Some(TrustVerdict { why: Some(why), guess, .. }) => {
            format!("NO ({}{why})", if guess { "probably " } else { "" })
        }
    }
}
