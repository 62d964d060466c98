//! R12: in the DNS design the certificate of each server covers every name of the design, by name or by wildcard.

use super::Input;
use super::notes::{Found, Notes, list};
use crate::domain::clean::Clean;
use crate::domain::judge::{CertificateView, ServiceView};
use crate::domain::topology::FailoverMethod;

/// How many names of a certificate are told.
const TOLD: usize = 4;

const REQUEST: &str = "request a certificate with the names of all servers in the SAN, or one wildcard for each site's domain \
                       (*.contoso.com does not cover um1.tukwila.contoso.com)";
const ASK: &str = "see why no certificate was shown: `switchboard probe sips:HOST:PORT`";

pub(super) fn judge(input: &Input<'_>) -> Found {
    if !input.has(FailoverMethod::Dns) {
        return Found::NotApplicable("no dial plan fails over by DNS: no server inherits a name".to_owned());
    }
    let mut notes = Notes::default();
    for view in input.views().filter(|view| input.moves(&view.fqdn)) {
        for service in view.services.iter().filter(|service| service.transport.is_tls()) {
            judge_one(&mut notes, &format!("{} {}", view.fqdn, service.service), service);
        }
    }
    if notes.is_empty() {
        return Found::NotApplicable("no server of the DNS design is declared with TLS".to_owned());
    }
    Found::Seen(notes)
}

fn judge_one(notes: &mut Notes, subject: &str, service: &ServiceView) {
    let Some(view) = service.certificate.as_deref().filter(|_| !service.stale) else {
        return notes.unknown(format!("{subject}: no certificate was seen"), ASK);
    };
    let missing: Vec<_> = view.covers.iter().filter(|(_, covered)| !**covered).map(|(name, _)| name).collect();
    let (covered, required) = view.coverage();
    if missing.is_empty() {
        notes.fine(format!("{subject}: covers all {required} names"));
    } else {
        let has = names(view);
        notes.fail(
            format!("{subject}: covers {covered} of {required} names, not {}; it has {has}", list(missing)),
            REQUEST,
        );
    }
}

fn names(view: &CertificateView) -> String {
    match &view.facts {
        Err(why) => format!("what cannot be read: {why}"),
        Ok(facts) if facts.dns_names.is_empty() => "no DNS name in its SAN".to_owned(),
        Ok(facts) => {
            let more = facts.dns_names.len().saturating_sub(TOLD);
            let told = list(facts.dns_names.iter().take(TOLD).map(Clean::as_str));
            if more == 0 { told } else { format!("{told} and {more} more") }
        }
    }
}
