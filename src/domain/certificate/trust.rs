//! Whether a presented chain leads to a set of roots. Each side has roots of its own, so each is judged apart.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use serde::Serialize;
use webpki::{EndEntityCert, Error, KeyUsage};

use super::{Facts, Validity};
use crate::domain::topology::Roots;

/// Whether a chain leads to a set of roots, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TrustVerdict {
    /// Whether it does.
    pub ok: bool,
    /// `unknown-issuer`, `missing-intermediate`, `self-signed`, `expired`, …; `None` when trusted.
    pub why: Option<&'static str>,
}

impl TrustVerdict {
    /// A chain that leads there.
    pub const TRUSTED: Self = Self { ok: true, why: None };

    /// A chain that does not, and why.
    #[must_use]
    pub const fn because(why: &'static str) -> Self {
        Self { ok: false, why: Some(why) }
    }
}

/// Judges whether a presented chain (DER, leaf first) leads to one of the roots, for a server.
///
/// The leaf's own validity is a question apart: the time is led into it, so that "expired" does not hide "unknown issuer".
#[must_use]
pub fn judge_trust(chain: &[Vec<u8>], roots: &Roots, now: Timestamp) -> TrustVerdict {
    let Some((leaf, rest)) = chain.split_first() else { return TrustVerdict::because("no-certificate") };
    let Ok(facts) = Facts::read(leaf) else { return TrustVerdict::because("unreadable") };
    if roots.certificates.iter().any(|root| root == leaf) && !facts.self_signed {
        return TrustVerdict::TRUSTED;
    }
    let leaf_der = CertificateDer::from(leaf.as_slice());
    let Ok(end_entity) = EndEntityCert::try_from(&leaf_der) else {
        return TrustVerdict::because(if facts.self_signed { "self-signed" } else { "unsupported" });
    };
    let anchors_der: Vec<CertificateDer<'_>> =
        roots.certificates.iter().map(|root| CertificateDer::from(root.as_slice())).collect();
    let anchors: Vec<TrustAnchor<'_>> =
        anchors_der.iter().filter_map(|der| webpki::anchor_from_trusted_cert(der).ok()).collect();
    let intermediates: Vec<CertificateDer<'_>> = rest.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let verdict = end_entity.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &intermediates,
        moment(&facts, now),
        KeyUsage::server_auth(),
        None,
        None,
    );
    match verdict {
        Ok(_) => TrustVerdict::TRUSTED,
        Err(error) => TrustVerdict::because(reason(&error, &facts, rest)),
    }
}

/// The time led into the leaf's validity.
fn moment(facts: &Facts, now: Timestamp) -> UnixTime {
    let clamped = match facts.validity(now) {
        Validity::NotYet => facts.not_before,
        Validity::Valid { .. } => now,
        Validity::Expired => facts.not_after,
    };
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(clamped.as_second()).unwrap_or(0)))
}

fn reason(error: &Error, facts: &Facts, rest: &[Vec<u8>]) -> &'static str {
    match error {
        Error::UnknownIssuer | Error::CaUsedAsEndEntity if facts.self_signed => "self-signed",
        Error::UnknownIssuer if rest.is_empty() => "unknown-issuer-or-missing-intermediate",
        Error::UnknownIssuer => "unknown-issuer",
        Error::CaUsedAsEndEntity => "authority-as-leaf",
        Error::CertExpired { .. } => "expired-in-chain",
        Error::CertNotValidYet { .. } => "not-yet-valid-in-chain",
        Error::RequiredEkuNotFoundContext(_) => "wrong-purpose",
        Error::NameConstraintViolation => "name-constraint",
        Error::PathLenConstraintViolated | Error::MaximumPathDepthExceeded => "path-length",
        Error::EndEntityUsedAsCa => "issuer-is-no-authority",
        Error::InvalidSignatureForPublicKey => "bad-signature",
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "weak-or-unknown-signature"
        }
        _ => "not-acceptable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn leaf(issuer: &CertifiedIssuer<'_, KeyPair>, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["um1.contoso.com".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        change(&mut params);
        params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().der().to_vec()
    }

    fn roots(of: &CertifiedIssuer<'_, KeyPair>) -> Roots {
        Roots { certificates: vec![of.der().to_vec()], ..Roots::default() }
    }

    const IN_2026: &str = "2026-06-01T00:00:00Z";

    #[test]
    fn a_chain_is_judged_for_each_set_of_roots_apart() {
        let (ours, theirs) = (authority("ours"), authority("theirs"));
        let chain = vec![leaf(&ours, |_| {})];
        let now = IN_2026.parse().unwrap();
        assert_eq!(judge_trust(&chain, &roots(&ours), now), TrustVerdict::TRUSTED);
        assert_eq!(
            judge_trust(&chain, &roots(&theirs), now),
            TrustVerdict::because("unknown-issuer-or-missing-intermediate")
        );
    }

    #[test]
    fn an_expired_leaf_does_not_hide_an_unknown_issuer() {
        let (ours, theirs) = (authority("ours"), authority("theirs"));
        let chain = vec![leaf(&ours, |_| {})];
        let late = "2028-06-01T00:00:00Z".parse().unwrap();
        assert!(judge_trust(&chain, &roots(&ours), late).ok);
        assert!(!judge_trust(&chain, &roots(&theirs), late).ok);
    }

    #[test]
    fn a_self_signed_leaf_and_a_wrong_purpose_have_their_own_reasons() {
        let ours = authority("ours");
        let now = IN_2026.parse().unwrap();
        let own = rcgen::generate_simple_self_signed(vec!["um1.contoso.com".into()]).unwrap();
        let chain = vec![own.cert.der().to_vec()];
        assert_eq!(judge_trust(&chain, &roots(&ours), now), TrustVerdict::because("self-signed"));
        let client = leaf(&ours, |params| {
            params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        });
        assert_eq!(judge_trust(&[client], &roots(&ours), now), TrustVerdict::because("wrong-purpose"));
        assert_eq!(judge_trust(&[], &roots(&ours), now), TrustVerdict::because("no-certificate"));
    }
}
