//! Findings about presented certificates. They hold on while a server is down: its last certificate is still the one it has.

use super::Found;
use crate::domain::certificate::{Culprit, Facts, SubjectFault, TrustVerdict, Validity};
use crate::domain::finding::Severity;
use crate::domain::judge::{CertificateView, Picture, ServiceView};
use crate::domain::name::Fqdn;
use crate::domain::watch::Watch;

pub(super) fn collect(watch: &Watch, picture: &Picture, found: &mut Found) {
    for server in picture.sites.iter().flat_map(|site| &site.servers) {
        for certificate in server.services.iter().filter_map(|service| service.certificate.as_deref()) {
            judge(watch, picture, &server.fqdn, certificate, Side::Um, found);
        }
        server.services.iter().for_each(|service| not_taken_up(&server.fqdn, service, found));
    }
    for pool in &picture.pools {
        if let Some(certificate) = pool.service.certificate.as_deref() {
            judge(watch, picture, &pool.fqdn, certificate, Side::Lync, found);
        }
    }
}

/// A renewed certificate that the service does not present: mostly for want of a restart.
fn not_taken_up(name: &Fqdn, service: &ServiceView, found: &mut Found) {
    let Some(facts) = service.certificate.as_ref().and_then(|view| view.facts.as_ref().ok()) else { return };
    if service.taken_up != Some(false) {
        return;
    }
    let others = service.expected.iter().filter(|expected| expected.thumbprint.as_str() != facts.sha1);
    let others: Vec<String> =
        others.map(|expected| format!("{} is {}", expected.thumbprint, expected.by.words())).collect();
    let message = format!("{}: presents another certificate than the one that it should", name.host());
    let (service, presented, since) = (service.service, facts.sha1.to_uppercase(), facts.not_before.strftime("%F"));
    let evidence = format!("{service} presents {presented}, valid from {since}; {}", others.join(", "));
    found.add("cert-not-taken-up", name, message, evidence);
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
    path_validity(watch, picture, name, certificate, found);
    missing_names(name, certificate, found);
    if side == Side::Um {
        subject(name, facts, found);
    }
    if facts.self_signed {
        let message = format!("{} presents a self-signed certificate", name.host());
        return found.add(
            "cert-self-signed",
            name,
            message,
            format!("issuer {}, SHA-256 {}", facts.issuer, facts.sha256),
        );
    }
    let lync = Judged { side: "Lync", verdict: certificate.lync.as_ref(), decides: side == Side::Um };
    let exchange = Judged { side: "Exchange", verdict: certificate.exchange.as_ref(), decides: side == Side::Lync };
    untrusted(name, certificate, facts, &lync, found);
    untrusted(name, certificate, facts, &exchange, found);
}

fn validity(watch: &Watch, picture: &Picture, name: &Fqdn, facts: &Facts, found: &mut Found) {
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
                    found.graded("cert-expiring", name, Severity::Critical);
                }
            }
        }
    }
}

/// An authority above the certificate that ends sooner takes it along.
fn path_validity(watch: &Watch, picture: &Picture, name: &Fqdn, certificate: &CertificateView, found: &mut Found) {
    let (Some(until), Ok(facts)) = (certificate.usable_until(), &certificate.facts) else { return };
    let console = &watch.topology().console;
    let left = u64::try_from(until.as_second().saturating_sub(picture.at.as_second())).unwrap_or(0);
    let left = std::time::Duration::from_secs(left);
    if until >= facts.not_after || left >= console.certificate_warning {
        return;
    }
    let above = certificate.above.iter().find(|authority| authority.not_after == until);
    let which = above.map_or_else(|| "the root".to_owned(), |authority| authority.subject.to_string());
    let day = until.strftime("%F");
    let message = format!("{}: an authority above its certificate expires on {day}", name.host());
    found.add(
        "cert-expiring",
        name,
        message,
        format!("{which} ends at {until}, the certificate at {}", facts.not_after),
    );
    if left < console.certificate_critical {
        found.graded("cert-expiring", name, Severity::Critical);
    }
}

fn missing_names(name: &Fqdn, certificate: &CertificateView, found: &mut Found) {
    let missing: Vec<&str> =
        certificate.covers.iter().filter(|(_, covered)| !**covered).map(|(name, _)| name.as_str()).collect();
    if missing.is_empty() {
        return;
    }
    let (covered, required) = certificate.coverage();
    let message = format!("{}: certificate covers {covered} of {required} names", name.host());
    found.add("cert-missing-name", name, message, format!("not in its SAN: {}", missing.join(", ")));
}

/// UM and Lync know a trusted peer by its subject: it has to be the server's own name.
fn subject(name: &Fqdn, facts: &Facts, found: &mut Found) {
    let Err(fault) = facts.subject_is(name) else { return };
    let host = name.host();
    let message = match fault {
        SubjectFault::NoCn => format!("{host}: certificate has no common name"),
        SubjectFault::WildcardCn => format!("{host}: certificate's common name is a wildcard"),
        SubjectFault::OtherCn => format!("{host}: certificate's common name is not the server's own name"),
    };
    found.add("cert-subject", name, message, format!("subject {}", facts.subject));
}

/// Which side judged, and whether its trust is the one that calls need.
struct Judged<'a> {
    side: &'static str,
    verdict: Option<&'a TrustVerdict>,
    decides: bool,
}

/// What is wrong with the leaf is told of it so.
const ITSELF: &str = "the certificate itself";

fn untrusted(name: &Fqdn, certificate: &CertificateView, facts: &Facts, judged: &Judged<'_>, found: &mut Found) {
    let Some(verdict @ TrustVerdict { ok: false, why, culprit, .. }) = judged.verdict else { return };
    let meaning = verdict.explained().unwrap_or_default();
    let (why, side) = (why.unwrap_or("not trusted"), judged.side);
    let (host, seen) = (name.host(), found.findings.len());
    let which = match culprit {
        None => facts.issuer.to_string(),
        Some(Culprit::Presented(0)) => ITSELF.to_owned(),
        Some(Culprit::Presented(at)) => {
            certificate.above.get(at - 1).map_or_else(|| facts.issuer.to_string(), |facts| facts.subject.to_string())
        }
        Some(Culprit::Root) => "the root".to_owned(),
    };
    let evidence = format!("{side} roots: {why}, {which} (issued by {}): {meaning}", facts.issuer);
    if let Some(revoked) = verdict.revoked {
        let serial = match culprit {
            Some(Culprit::Presented(at)) if *at > 0 => certificate.above.get(at - 1).map(|facts| &facts.serial),
            _ => Some(&facts.serial),
        };
        let serial = serial.map_or("unknown", String::as_str);
        let evidence = format!("{which}: serial {serial}, revoked {}, reason {}", revoked.at, revoked.reason.word());
        let message = format!(
            "{host}: {}",
            if which == ITSELF { "certificate was revoked" } else { "an authority above its certificate was revoked" }
        );
        return found.add_since("cert-revoked", name, message, evidence, Some(revoked.at));
    }
    if matches!(why, "weak-key" | "weak-signature") {
        let message = format!("{host}: certificate rests on a {}", why.replace('-', " "));
        return found.add("cert-weak", name, message, evidence);
    }
    let trouble = if verdict.guess { guess(why) } else { trouble(why) };
    found.add("cert-untrusted", name, format!("{host}: the {side} side {trouble}"), evidence);
    if !judged.decides && found.findings.len() > seen {
        found.graded("cert-untrusted", name, Severity::Warning);
    }
}

/// The same where nobody has seen the issuer.
fn guess(why: &str) -> &'static str {
    if why == "missing-intermediate" { "probably lacks an intermediate that is not sent" } else { trouble(why) }
}

/// What a side makes of a chain that it does not trust.
fn trouble(why: &str) -> &'static str {
    match why {
        "missing-intermediate" => "lacks an intermediate that is not sent",
        "expired" => "finds an expired authority in its chain",
        "not-yet-valid" => "finds an authority in its chain that is not valid yet",
        "wrong-purpose" => "finds its certificate made for another purpose",
        "name-constraint" => "finds names that its authority may not vouch for",
        "path-length" => "finds more authorities in its chain than allowed",
        "authority-as-leaf" => "finds an authority's certificate in place of a server's",
        _ => "does not trust its issuer",
    }
}
