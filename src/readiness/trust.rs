//! R5: no self-signed certificate; the UM chain leads to the Lync roots, the pool chain to the Exchange roots. Where TLS is used.

use super::Input;
use super::notes::{Found, Notes};
use crate::domain::certificate::{Facts, TrustVerdict, Validity};
use crate::domain::judge::ServiceView;

const REQUEST: &str = "request a certificate from an authority that both sides trust, assign it, restart the service";
const ROOTS: &str =
    "install the issuing authority's root on the other side, or request a certificate from a common one";
const CONFIGURE: &str = "name the roots that this side trusts: [trust] in the topology file";
const ASK: &str = "see why no certificate was shown: `switchboard probe sips:HOST:PORT`";

/// Whose roots have to lead to a chain.
#[derive(Clone, Copy)]
enum Side {
    Lync,
    Exchange,
}

pub(super) fn judge(input: &Input<'_>) -> Found {
    let mut notes = Notes::default();
    for view in input.views() {
        for service in view.services.iter().filter(|service| service.transport.is_tls()) {
            let subject = format!("{} {}", view.fqdn, service.service);
            judge_one(&mut notes, input, &subject, service, Side::Lync);
        }
    }
    for pool in input.picture.pools.iter().filter(|pool| pool.service.transport.is_tls()) {
        judge_one(&mut notes, input, &format!("pool {}", pool.fqdn), &pool.service, Side::Exchange);
    }
    if notes.is_empty() {
        return Found::NotApplicable("no server and no pool is declared with TLS".to_owned());
    }
    Found::Seen(notes)
}

fn judge_one(notes: &mut Notes, input: &Input<'_>, subject: &str, service: &ServiceView, side: Side) {
    let Some(view) = service.certificate.as_deref().filter(|_| !service.stale) else {
        return notes.unknown(format!("{subject}: no certificate was seen"), ASK);
    };
    let facts = match &view.facts {
        Ok(facts) => facts,
        Err(why) => return notes.fail(format!("{subject}: its certificate cannot be read: {why}"), REQUEST),
    };
    if facts.self_signed {
        return notes.fail(format!("{subject}: the certificate signed itself"), REQUEST);
    }
    if let Some(when) = out_of_time(facts, input) {
        return notes.fail(format!("{subject}: nobody trusts a certificate that {when}"), REQUEST);
    }
    let (verdict, name) = match side {
        Side::Lync => (view.lync, "Lync"),
        Side::Exchange => (view.exchange, "Exchange"),
    };
    match verdict {
        None => notes.unknown(format!("{subject}: the {name} side's roots are not configured"), CONFIGURE),
        Some(verdict) if verdict.ok => notes.fine(format!("{subject}: trusted by {name}, issued by {}", facts.issuer)),
        Some(verdict) => {
            let why = words(verdict);
            notes.fail(format!("{subject}: not trusted by {name} ({why}), issued by {}", facts.issuer), ROOTS);
        }
    }
}

fn out_of_time(facts: &Facts, input: &Input<'_>) -> Option<String> {
    match facts.validity(input.picture.at) {
        Validity::Valid { .. } => None,
        Validity::NotYet => Some(format!("begins at {}", facts.not_before)),
        Validity::Expired => Some(format!("ended at {}", facts.not_after)),
    }
}

fn words(verdict: TrustVerdict) -> String {
    let why = verdict.why.unwrap_or("no reason told");
    if let Some(revoked) = verdict.revoked {
        return format!("{why} on {}, {}", revoked.at.strftime("%F"), revoked.reason.word());
    }
    if verdict.guess { format!("probably {why}") } else { why.to_owned() }
}
