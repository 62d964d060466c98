//! Findings about presented certificates. They hold on while a server is down: its last certificate is still the one it has.

use super::Found;
use crate::domain::certificate::{TrustVerdict, Validity};
use crate::domain::finding::Severity;
use crate::domain::judge::{CertificateView, Picture};
use crate::domain::name::Fqdn;
use crate::domain::watch::Watch;

pub(super) fn collect(watch: &Watch, picture: &Picture, found: &mut Found) {
    for server in picture.sites.iter().flat_map(|site| &site.servers) {
        for certificate in server.services.iter().filter_map(|service| service.certificate.as_deref()) {
            judge(watch, picture, &server.fqdn, certificate, Side::Um, found);
        }
    }
    for pool in &picture.pools {
        if let Some(certificate) = pool.service.certificate.as_deref() {
            judge(watch, picture, &pool.fqdn, certificate, Side::Lync, found);
        }
    }
}

/// Whose certificate it is: the other side has to trust it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Um,
    Lync,
}

fn judge(watch: &Watch, picture: &Picture, name: &Fqdn, certificate: &CertificateView, side: Side, found: &mut Found) {
    let facts = match &certificate.facts {
        Ok(facts) => facts,
        Err(why) => {
            let message = format!("{} presents a certificate that cannot be read", name.host());
            return found.add("cert-unreadable", name, message, why.to_string());
        }
    };
    validity(watch, picture, name, facts, found);
    missing_names(name, certificate, found);
    if facts.self_signed {
        let message = format!("{} presents a self-signed certificate", name.host());
        return found.add(
            "cert-self-signed",
            name,
            message,
            format!("issuer {}, SHA-256 {}", facts.issuer, facts.sha256),
        );
    }
    let issuer = facts.issuer.as_str();
    untrusted(name, "Lync", issuer, certificate.lync.as_ref(), side == Side::Um, found);
    untrusted(name, "Exchange", issuer, certificate.exchange.as_ref(), side == Side::Lync, found);
}

fn validity(
    watch: &Watch,
    picture: &Picture,
    name: &Fqdn,
    facts: &crate::domain::certificate::Facts,
    found: &mut Found,
) {
    let host = name.host();
    let evidence = format!("valid {} to {}, issued by {}", facts.not_before, facts.not_after, facts.issuer);
    match facts.validity(picture.at) {
        Validity::Expired => {
            found.add_since(
                "cert-expired",
                name,
                format!("{host}: certificate has expired"),
                evidence,
                Some(facts.not_after),
            );
        }
        Validity::NotYet => {
            found.add("cert-not-yet-valid", name, format!("{host}: certificate is not valid yet"), evidence);
        }
        Validity::Valid { seconds } => {
            let left = std::time::Duration::from_secs(seconds.unsigned_abs());
            let console = &watch.topology().console;
            if left < console.certificate_warning {
                let words = match facts.days_left(picture.at) {
                    0 => "today".to_owned(),
                    1 => "in 1 day".to_owned(),
                    days => format!("in {days} days"),
                };
                found.add("cert-expiring", name, format!("{host}: certificate expires {words}"), evidence);
                if left < console.certificate_critical {
                    found.graded(Severity::Critical);
                }
            }
        }
    }
}

fn missing_names(name: &Fqdn, certificate: &CertificateView, found: &mut Found) {
    let missing: Vec<&str> =
        certificate.covers.iter().filter(|(_, covered)| !**covered).map(|(name, _)| name.as_str()).collect();
    if missing.is_empty() {
        return;
    }
    let (covered, required) = certificate.coverage();
    let message = format!("{}: certificate covers {covered} of {required} names of the design", name.host());
    found.add("cert-missing-name", name, message, format!("not in its SAN: {}", missing.join(", ")));
}

fn untrusted(name: &Fqdn, side: &str, issuer: &str, verdict: Option<&TrustVerdict>, decides: bool, found: &mut Found) {
    let Some(TrustVerdict { ok: false, why }) = verdict else { return };
    let message = format!("{}: the {side} side does not trust its issuer", name.host());
    let evidence = format!("{side} roots: {} (issued by {issuer})", why.unwrap_or("not trusted"));
    let seen = found.findings.len();
    found.add("cert-untrusted", name, message, evidence);
    if !decides && found.findings.len() > seen {
        found.graded(Severity::Warning);
    }
}
