//! A chain that ends before the roots: a strange root, or an intermediate that was not sent?
//!
//! Key identifiers decide (RFC 5280 §4.2.1.1): the missing issuer is looked for, by name and key, among everything that is known
//! here. Only when nobody has seen it is it guessed from the house that it is of, and the verdict says that it is a guess.

use rustls_pki_types::TrustAnchor;

use super::case::Case;
use super::{Culprit, TrustVerdict};
use crate::domain::certificate::{Facts, shape};

/// The most authorities that may be missing between a chain and its root.
const DEEPEST: usize = 8;

/// An authority that is known here and was not sent.
struct Authority<'a> {
    der: &'a [u8],
    facts: Facts,
}

impl<'a> Case<'a> {
    /// Where the chain ends: the last certificate of it that has its issuer above.
    fn top(&self) -> usize {
        shape(&self.facts).path.last().copied().unwrap_or(0)
    }

    /// A chain that would lead to the roots, had authorities been sent that are known here. Nothing about it is guessed.
    pub(super) fn not_sent(&self, anchors: &[TrustAnchor<'_>]) -> Option<TrustVerdict> {
        let top = self.top();
        let known = self.authorities();
        let missing = above(&self.facts[top], &known);
        let others: Vec<&[u8]> = missing.iter().map(|authority| authority.der).collect();
        let leads = !others.is_empty() && self.leads_with(&others, anchors);
        leads.then(|| TrustVerdict::because("missing-intermediate").of(Culprit::Presented(top)))
    }

    /// Whether the key that should have signed the end of the chain is that of no root: a root of the issuer's name is another one.
    pub(super) fn issuer_has_another_key(&self) -> bool {
        let top = &self.facts[self.top()];
        let is_issuer = |der: &&[u8]| Facts::read(der).is_ok_and(|root| top.may_be_issued_by(&root));
        !top.self_issued && top.authority_key_id.is_some() && !self.anchors.iter().any(is_issuer)
    }

    /// Whether the chain ends in a strange root, or before an intermediate that was not sent.
    pub(super) fn without_issuer(&self) -> TrustVerdict {
        let at = self.top();
        let top = &self.facts[at];
        let strange = TrustVerdict::because("unknown-issuer").of(Culprit::Presented(at));
        let missing = TrustVerdict::because("missing-intermediate").of(Culprit::Presented(at));
        if top.self_issued {
            return strange;
        }
        // One that is known, and that leads not here: else it would have been said to be missing.
        let elsewhere = self.known.elsewhere.iter().flat_map(|roots| &roots.certificates).map(Vec::as_slice);
        let mut known = elsewhere.chain(self.known.seen.iter().map(Vec::as_slice));
        if known.any(|der| Facts::read(der).is_ok_and(|issuer| top.may_be_issued_by(&issuer))) {
            return strange;
        }
        let roots: Vec<Facts> = self.anchors.iter().filter_map(|der| Facts::read(der).ok()).collect();
        // An authority of a root's name with another key: renewed, or set up anew. The roots' file has the other one.
        if roots.iter().any(|root| root.subject == top.issuer_dn) {
            return strange;
        }
        let house = organisation(top.issuer_dn.as_str());
        let same_house = |root: &Facts| house.is_some() && organisation(root.subject.as_str()) == house;
        if roots.iter().any(same_house) { missing.guessed() } else { strange.guessed() }
    }

    /// Every authority that is known here and is no anchor.
    fn authorities(&self) -> Vec<Authority<'a>> {
        let elsewhere = self.known.elsewhere.iter().flat_map(|roots| &roots.certificates);
        let known = elsewhere.chain(self.known.seen).map(Vec::as_slice).chain(self.beside.iter().copied());
        let fresh = known.filter(|der| !self.anchors.contains(der) && !self.chain.iter().any(|sent| sent == der));
        let mut authorities: Vec<Authority<'a>> = Vec::new();
        for der in fresh {
            let is_new = authorities.iter().all(|known| known.der != der);
            authorities.extend(Facts::read(der).ok().filter(|_| is_new).map(|facts| Authority { der, facts }));
        }
        authorities
    }
}

/// Authorities that may stand above a certificate, each the possible issuer of one before.
fn above<'k, 'a>(top: &Facts, known: &'k [Authority<'a>]) -> Vec<&'k Authority<'a>> {
    let mut found: Vec<&Authority<'a>> = Vec::new();
    let mut below = vec![top];
    for _ in 0..DEEPEST {
        let is_next = |authority: &&Authority<'a>| {
            let issued = below.iter().any(|facts| facts.may_be_issued_by(&authority.facts));
            issued && found.iter().all(|have| have.der != authority.der)
        };
        let next: Vec<&Authority<'a>> = known.iter().filter(is_next).collect();
        if next.is_empty() {
            break;
        }
        below = next.iter().map(|authority| &authority.facts).collect();
        found.extend(next);
    }
    found
}

/// The organisation of a distinguished name: O, or the domain components of an Active Directory.
fn organisation(name: &str) -> Option<String> {
    let parts = || name.split([',', '+']).map(str::trim);
    let organisation = parts().find_map(|part| part.strip_prefix("O=")).map(str::to_lowercase);
    let mut domain: Vec<String> = parts().filter_map(|part| part.strip_prefix("DC=")).map(str::to_lowercase).collect();
    domain.sort();
    organisation.or_else(|| (!domain.is_empty()).then(|| domain.join(".")))
}
