//! Whether certificates of a chain were revoked, as far as the lists that are here tell.
//!
//! A list counts when an authority signed it that was sent with the chain or stands in a file of roots: what a stranger sent with
//! another chain proves nothing.

use jiff::Timestamp;
use serde::Serialize;

use super::crl::Scope;
use super::{Crl, Facts, Revoked, shape};

/// What is known of one certificate's revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// It is not on its issuer's list.
    Good {
        /// Until when that list is the newest one.
        until: Option<Timestamp>,
    },
    /// It is.
    Revoked(Revoked),
    /// There is no list of its issuer here.
    NoList,
    /// There is one, and nobody known here signed it.
    Unproven,
}

impl Standing {
    /// The word of JSON and text.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Good { .. } => "good",
            Self::Revoked(_) => "revoked",
            Self::NoList => "no-list",
            Self::Unproven => "unproven",
        }
    }
}

/// The standing of one certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revocation {
    /// Which certificate, by its position in the chain; the leaf is 0.
    pub presented: usize,
    /// Its serial number, lower-case hex.
    pub serial: String,
    /// What is known of it.
    #[serde(flatten)]
    pub standing: Standing,
}

/// Looks every certificate of a chain's path up (DER, leaf first), but for a root, which nobody revokes. `authorities` are further
/// ones (DER) whose signatures count.
#[must_use]
pub fn judge_revocation<'a>(
    chain: &'a [Vec<u8>],
    authorities: impl IntoIterator<Item = &'a [u8]>,
    lists: &[impl AsRef<Crl>],
) -> Vec<Revocation> {
    let facts: Vec<Facts> = chain.iter().map(|der| Facts::read(der).unwrap_or_default()).collect();
    let sent = chain.iter().skip(1).map(Vec::as_slice);
    let issuers: Vec<(&[u8], Facts)> = sent
        .chain(authorities)
        .filter_map(|der| Some((der, Facts::read(der).ok()?)))
        .filter(|(_, facts)| facts.authority || facts.self_issued)
        .collect();
    let path = shape(&facts).path.into_iter().filter(|at| !facts[*at].self_issued);
    let judged = path.map(|at| {
        let standing = standing(&facts[at], &issuers, lists);
        Revocation { presented: at, serial: facts[at].serial.clone(), standing }
    });
    judged.collect()
}

fn standing(facts: &Facts, issuers: &[(&[u8], Facts)], lists: &[impl AsRef<Crl>]) -> Standing {
    let own = lists.iter().map(AsRef::as_ref).filter(|list| is_about(list, facts));
    let (mut proven, mut unproven) = (Vec::new(), false);
    for list in own {
        let issued = |(_, issuer): &&(&[u8], Facts)| facts.may_be_issued_by(issuer) && list.may_be_issued_by(issuer);
        if issuers.iter().filter(issued).any(|(der, _)| list.is_signed_by(der)) {
            proven.push(list);
        } else {
            unproven = true;
        }
    }
    // The newest list counts, and once revoked is revoked: only a newer list takes a hold back.
    proven.sort_by_key(|list| list.this_update);
    match proven.last() {
        Some(newest) => match newest.revokes(&facts.serial) {
            Some(revoked) => Standing::Revoked(revoked),
            None => Standing::Good { until: newest.next_update },
        },
        None if unproven => Standing::Unproven,
        None => Standing::NoList,
    }
}

/// Whether a list is about certificates like this one, by their issuer.
fn is_about(list: &Crl, facts: &Facts) -> bool {
    let same_key = match (&list.authority_key_id, &facts.authority_key_id) {
        (Some(of_list), Some(of_certificate)) => of_list == of_certificate,
        _ => true,
    };
    let in_scope = match list.scope {
        Scope::All => true,
        Scope::Leaves => !facts.authority,
        Scope::Authorities => facts.authority,
    };
    list.issuer == facts.issuer_dn && same_key && in_scope
}
