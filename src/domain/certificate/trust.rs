//! Whether a presented chain leads to a set of roots, and why not. Each side has roots of its own, so each is judged apart.
//!
//! Authorities of the roots' file that are no roots themselves are known to that side, and still have to be sent.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use serde::Serialize;
use webpki::Error;

use super::path::{Path, Search, Strength};
use super::{Facts, Validity, facts, shape};
use crate::domain::topology::Roots;

/// Whether a chain leads to a set of roots, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TrustVerdict {
    /// Whether it does.
    pub ok: bool,
    /// `unknown-issuer`, `missing-intermediate`, `self-signed`, `expired`, …; `None` when trusted.
    pub why: Option<&'static str>,
    /// Which certificate is the reason, where it is one.
    #[serde(rename = "certificate")]
    pub culprit: Option<Culprit>,
    /// The end of the first validity to end along the path; along the one that lasts longest, where there are several.
    #[serde(rename = "usable_until")]
    pub until: Option<Timestamp>,
}

/// Which certificate a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Culprit {
    /// One that was sent, by its position; the leaf is 0.
    Presented(usize),
    /// The root that the path leads to.
    Root,
}

/// What a leaf has to be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// To answer.
    #[default]
    Server,
    /// To call, on mutual TLS.
    Client,
}

impl TrustVerdict {
    /// A chain that leads there.
    pub const TRUSTED: Self = Self { ok: true, why: None, culprit: None, until: None };

    /// A chain that does not, and why.
    #[must_use]
    pub const fn because(why: &'static str) -> Self {
        Self { ok: false, why: Some(why), culprit: None, until: None }
    }

    fn of(self, culprit: Culprit) -> Self {
        Self { culprit: Some(culprit), ..self }
    }
}

/// Judges whether a presented chain (DER, leaf first) leads to one of the roots, for a server.
///
/// The leaf's own validity is a question apart: the time is led into it, so that "expired" does not hide "unknown issuer".
#[must_use]
pub fn judge_trust(chain: &[Vec<u8>], roots: &Roots, now: Timestamp) -> TrustVerdict {
    judge_trust_among(chain, roots, &[], now)
}

/// As [`judge_trust`]; `elsewhere` are roots of others, which tell a strange root from an intermediate that was not sent.
#[must_use]
pub fn judge_trust_among(chain: &[Vec<u8>], roots: &Roots, elsewhere: &[&Roots], now: Timestamp) -> TrustVerdict {
    match Case::new(chain, roots, elsewhere, now, Purpose::Server) {
        Ok(case) => case.verdict(),
        Err(why) => TrustVerdict::because(why),
    }
}

/// As [`judge_trust_among`], with the leaf's own validity, for any purpose.
#[must_use]
pub fn judge_chain(
    chain: &[Vec<u8>],
    roots: &Roots,
    elsewhere: &[&Roots],
    now: Timestamp,
    purpose: Purpose,
) -> TrustVerdict {
    let case = match Case::new(chain, roots, elsewhere, now, purpose) {
        Ok(case) => case,
        Err(why) => return TrustVerdict::because(why),
    };
    let verdict = case.verdict();
    match case.facts[0].validity(now) {
        _ if !verdict.ok => verdict,
        Validity::Valid { .. } => verdict,
        Validity::NotYet => TrustVerdict { ok: false, why: Some("not-yet-valid"), ..verdict }.of(Culprit::Presented(0)),
        Validity::Expired => TrustVerdict { ok: false, why: Some("expired"), ..verdict }.of(Culprit::Presented(0)),
    }
}

/// A chain before a set of roots, at a time.
struct Case<'a> {
    chain: &'a [Vec<u8>],
    /// Of every certificate that was sent; of an unreadable one the facts are empty.
    facts: Vec<Facts>,
    anchors: Vec<&'a [u8]>,
    /// Authorities of the roots' file that are no anchors.
    known: Vec<&'a [u8]>,
    elsewhere: &'a [&'a Roots],
    at: Timestamp,
    purpose: Purpose,
}

impl<'a> Case<'a> {
    fn new(
        chain: &'a [Vec<u8>],
        roots: &'a Roots,
        elsewhere: &'a [&'a Roots],
        now: Timestamp,
        purpose: Purpose,
    ) -> Result<Self, &'static str> {
        let leaf = chain.first().ok_or("no-certificate")?;
        let leaf = Facts::read(leaf).map_err(|_| "unreadable")?;
        let at = match leaf.validity(now) {
            Validity::NotYet => leaf.not_before,
            Validity::Valid { .. } => now,
            Validity::Expired => leaf.not_after,
        };
        let rest = chain[1..].iter().map(|der| Facts::read(der).unwrap_or_default());
        let facts = std::iter::once(leaf).chain(rest).collect();
        let all = roots.certificates.iter().map(Vec::as_slice);
        let (mut anchors, mut known): (Vec<&[u8]>, Vec<&[u8]>) = all.partition(|der| is_self_issued(der));
        if anchors.is_empty() {
            // Whoever lists authorities alone means to trust those.
            std::mem::swap(&mut anchors, &mut known);
        }
        Ok(Self { chain, facts, anchors, known, elsewhere, at, purpose })
    }

    fn verdict(&self) -> TrustVerdict {
        let (readable, anchors) = self.anchors();
        let sent: Vec<CertificateDer<'_>> = self.chain[1..].iter().map(|der| der.as_slice().into()).collect();
        let seconds = u64::try_from(self.at.as_second()).unwrap_or(0);
        let search = Search {
            leaf: &self.chain[0],
            anchors: &anchors,
            at: UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            client: self.purpose == Purpose::Client,
        };
        let error = match search.paths(&sent, Strength::Strong) {
            Ok(paths) => return self.best(&paths, &readable),
            Err(error) => error,
        };
        if let Ok(paths) = search.paths(&sent, Strength::Weak) {
            return self.best(&paths, &readable);
        }
        let with_known: Vec<CertificateDer<'_>> =
            sent.iter().cloned().chain(self.known.iter().map(|der| CertificateDer::from(*der))).collect();
        if !self.facts[0].self_signed && search.paths(&with_known, Strength::Weak).is_ok() {
            return TrustVerdict::because("missing-intermediate");
        }
        self.reason(&error)
    }

    /// The anchors that can be used, and their bytes.
    fn anchors(&self) -> (Vec<&'a [u8]>, Vec<TrustAnchor<'static>>) {
        let usable = self.anchors.iter().filter_map(|der| {
            let certificate = CertificateDer::from(*der);
            Some((*der, webpki::anchor_from_trusted_cert(&certificate).ok()?.to_owned()))
        });
        usable.unzip()
    }

    /// The verdict on the path that lasts longest among those without a weakness.
    fn best(&self, paths: &[Path], anchors: &[&[u8]]) -> TrustVerdict {
        let verdicts = paths.iter().map(|path| self.along(path, anchors[path.anchor]));
        verdicts.max_by_key(|verdict| (verdict.ok, verdict.until)).unwrap_or_default()
    }

    /// What a path is worth whose signatures hold.
    fn along(&self, path: &Path, anchor: &[u8]) -> TrustVerdict {
        let root = Facts::read(anchor).unwrap_or_default();
        let intermediates = path.intermediates.iter().filter_map(|der| self.chain.iter().position(|sent| sent == der));
        let members: Vec<usize> = std::iter::once(0).chain(intermediates).collect();
        let ends = members.iter().map(|at| self.facts[*at].not_after).chain([root.not_after]);
        let verdict = TrustVerdict { until: ends.min(), ..TrustVerdict::TRUSTED };
        let no = |why, culprit| TrustVerdict { ok: false, why: Some(why), ..verdict }.of(culprit);
        let find = |weak: fn(&Facts) -> bool| members.iter().copied().find(|at| weak(&self.facts[*at]));
        if let Some(at) = find(Facts::has_weak_key) {
            return no("weak-key", Culprit::Presented(at));
        }
        if root.has_weak_key() {
            return no("weak-key", Culprit::Root);
        }
        // What a root says of itself is signed by nobody.
        if let Some(at) = find(|facts| facts.weak_signature).filter(|at| self.chain[*at] != anchor) {
            return no("weak-signature", Culprit::Presented(at));
        }
        match root.validity(self.at) {
            Validity::Expired => no("expired", Culprit::Root),
            Validity::NotYet => no("not-yet-valid", Culprit::Root),
            Validity::Valid { .. } => verdict,
        }
    }

    /// Why there is no path.
    fn reason(&self, error: &Error) -> TrustVerdict {
        let leaf = &self.facts[0];
        if leaf.self_signed {
            return TrustVerdict::because("self-signed").of(Culprit::Presented(0));
        }
        match error {
            Error::UnknownIssuer => self.without_issuer(),
            Error::CertExpired { .. } => self.out_of_time("expired", Validity::Expired),
            Error::CertNotValidYet { .. } => self.out_of_time("not-yet-valid", Validity::NotYet),
            Error::InvalidSignatureForPublicKey => self.weak_or("bad-signature"),
            Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => self.weak_or("unknown-signature"),
            other => TrustVerdict::because(plain_reason(other)),
        }
    }

    /// Which of the authorities that were sent is out of its validity.
    fn out_of_time(&self, why: &'static str, which: Validity) -> TrustVerdict {
        let at = (1..self.facts.len()).find(|at| self.facts[*at].validity(self.at) == which);
        let verdict = TrustVerdict::because(why);
        at.map_or(verdict, |at| verdict.of(Culprit::Presented(at)))
    }

    /// Signatures that nobody here can check (MD5, RSA keys below 1024 bits) are weak; others have the given reason.
    fn weak_or(&self, otherwise: &'static str) -> TrustVerdict {
        let path = shape(&self.facts).path;
        if let Some(at) = path.iter().copied().find(|at| self.facts[*at].has_weak_key()) {
            return TrustVerdict::because("weak-key").of(Culprit::Presented(at));
        }
        let top = path.last().map(|at| &self.facts[*at]);
        let issuer = self
            .anchors
            .iter()
            .filter_map(|der| Facts::read(der).ok())
            .find(|root| root.has_weak_key() && top.is_some_and(|top| top.may_be_issued_by(root)));
        if issuer.is_some() {
            return TrustVerdict::because("weak-key").of(Culprit::Root);
        }
        let weak = path.iter().copied().find(|at| self.facts[*at].weak_signature && !self.facts[*at].self_issued);
        if let Some(at) = weak {
            return TrustVerdict::because("weak-signature").of(Culprit::Presented(at));
        }
        TrustVerdict::because(otherwise)
    }

    /// Whether the chain ends in a strange root, or before an intermediate that was not sent.
    fn without_issuer(&self) -> TrustVerdict {
        let path = shape(&self.facts).path;
        let top = path.last().copied().unwrap_or(0);
        let (strange, missing) =
            (TrustVerdict::because("unknown-issuer"), TrustVerdict::because("missing-intermediate"));
        let (strange, missing) = (strange.of(Culprit::Presented(top)), missing.of(Culprit::Presented(top)));
        let top = &self.facts[top];
        if top.self_issued {
            return strange;
        }
        let others = self.elsewhere.iter().flat_map(|roots| &roots.certificates);
        let mut issuers = others.filter_map(|der| Facts::read(der).ok()).filter(|other| top.may_be_issued_by(other));
        if let Some(issuer) = issuers.next() {
            return if issuer.self_issued { strange } else { missing };
        }
        // Nobody here has seen that issuer. Of the roots' own house it is most likely one of their intermediates.
        let house = organisation(top.issuer_dn.as_str());
        let roots = self.anchors.iter().filter_map(|der| Facts::read(der).ok());
        let same_house = |root: Facts| {
            root.subject != top.issuer_dn && house.is_some() && organisation(root.subject.as_str()) == house
        };
        if roots.into_iter().any(same_house) { missing } else { strange }
    }
}

fn is_self_issued(der: &[u8]) -> bool {
    facts::parse(der).is_ok_and(|certificate| certificate.subject() == certificate.issuer())
}

/// The organisation of a distinguished name: O, or the domain components of an Active Directory.
fn organisation(name: &str) -> Option<String> {
    let parts = || name.split([',', '+']).map(str::trim);
    let organisation = parts().find_map(|part| part.strip_prefix("O=")).map(str::to_lowercase);
    let mut domain: Vec<String> = parts().filter_map(|part| part.strip_prefix("DC=")).map(str::to_lowercase).collect();
    domain.sort();
    organisation.or_else(|| (!domain.is_empty()).then(|| domain.join(".")))
}

fn plain_reason(error: &Error) -> &'static str {
    match error {
        Error::CaUsedAsEndEntity => "authority-as-leaf",
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => "wrong-purpose",
        Error::NameConstraintViolation => "name-constraint",
        Error::PathLenConstraintViolated | Error::MaximumPathDepthExceeded => "path-length",
        Error::EndEntityUsedAsCa => "issuer-is-no-authority",
        Error::UnsupportedCertVersion => "unsupported-version",
        Error::UnsupportedCriticalExtension => "unsupported-extension",
        Error::MaximumSignatureChecksExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumNameConstraintComparisonsExceeded => "too-many-paths",
        _ => "not-acceptable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    fn authority_params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params
    }

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
    }

    fn why(verdict: &TrustVerdict) -> &'static str {
        verdict.why.unwrap_or("trusted")
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
        assert!(judge_trust(&chain, &roots(&ours), now).ok);
        assert_eq!(why(&judge_trust_among(&chain, &roots(&theirs), &[], now)), "unknown-issuer");
    }

    #[test]
    fn an_expired_leaf_does_not_hide_an_unknown_issuer() {
        let (ours, theirs) = (authority("ours"), authority("theirs"));
        let chain = vec![leaf(&ours, |_| {})];
        let late = "2028-06-01T00:00:00Z".parse().unwrap();
        assert!(judge_trust_among(&chain, &roots(&ours), &[], late).ok);
        assert!(!judge_trust_among(&chain, &roots(&theirs), &[], late).ok);
        let whole = judge_chain(&chain, &roots(&ours), &[], late, Purpose::Server);
        assert_eq!((why(&whole), whole.culprit), ("expired", Some(Culprit::Presented(0))));
        let theirs = judge_chain(&chain, &roots(&theirs), &[], late, Purpose::Server);
        assert_eq!(why(&theirs), "unknown-issuer");
    }

    #[test]
    fn a_self_signed_leaf_and_a_wrong_purpose_have_their_own_reasons() {
        let ours = authority("ours");
        let now = IN_2026.parse().unwrap();
        let own = rcgen::generate_simple_self_signed(vec!["um1.contoso.com".into()]).unwrap();
        let chain = vec![own.cert.der().to_vec()];
        assert_eq!(why(&judge_trust_among(&chain, &roots(&ours), &[], now)), "self-signed");
        let client = [leaf(&ours, |params| {
            params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        })];
        assert_eq!(why(&judge_trust_among(&client, &roots(&ours), &[], now)), "wrong-purpose");
        assert!(judge_chain(&client, &roots(&ours), &[], now, Purpose::Client).ok);
        assert_eq!(why(&judge_trust_among(&[], &roots(&ours), &[], now)), "no-certificate");
    }

    #[test]
    fn a_root_of_others_is_no_missing_intermediate_even_of_the_same_house() {
        let of_contoso = |name: &str| {
            let mut params = authority_params(name);
            params.distinguished_name.push(rcgen::DnType::OrganizationName, "Contoso");
            params
        };
        let ours = CertifiedIssuer::self_signed(of_contoso("ours"), KeyPair::generate().unwrap()).unwrap();
        let other = CertifiedIssuer::self_signed(of_contoso("other"), KeyPair::generate().unwrap()).unwrap();
        let issuing = CertifiedIssuer::signed_by(of_contoso("issuing"), KeyPair::generate().unwrap(), &ours).unwrap();
        let now = IN_2026.parse().unwrap();
        let (of_issuing, of_other) = ([leaf(&issuing, |_| {})], [leaf(&other, |_| {})]);
        assert_eq!(why(&judge_trust_among(&of_issuing, &roots(&ours), &[], now)), "missing-intermediate");
        assert_eq!(why(&judge_trust_among(&of_other, &roots(&ours), &[&roots(&other)], now)), "unknown-issuer");
        let both = Roots { certificates: vec![ours.der().to_vec(), issuing.der().to_vec()], ..Roots::default() };
        assert_eq!(why(&judge_trust_among(&of_issuing, &both, &[], now)), "missing-intermediate");
        let whole = [of_issuing[0].clone(), issuing.der().to_vec()];
        let verdict = judge_trust_among(&whole, &both, &[], now);
        assert!(verdict.ok);
        assert_eq!(verdict.until, Some("2027-01-01T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn among_cross_signed_paths_the_one_that_lasts_longest_counts() {
        let (old, new) = (authority("old"), authority("new"));
        let key = KeyPair::generate().unwrap();
        let until = |year| {
            let mut params = authority_params("issuing");
            params.not_after = rcgen::date_time_ymd(year, 1, 1);
            params
        };
        let by_old = until(2026).signed_by(&key, &old).unwrap().der().to_vec();
        let by_new = until(2029).signed_by(&key, &new).unwrap().der().to_vec();
        let issuing = CertifiedIssuer::signed_by(until(2029), key, &new).unwrap();
        let own = leaf(&issuing, |params| params.not_after = rcgen::date_time_ymd(2030, 1, 1));
        let all = Roots { certificates: vec![old.der().to_vec(), new.der().to_vec()], ..Roots::default() };
        for chain in [[own.clone(), by_old.clone(), by_new.clone()], [own.clone(), by_new, by_old.clone()]] {
            let verdict = judge_trust_among(&chain, &all, &[], "2025-06-01T00:00:00Z".parse().unwrap());
            assert_eq!((verdict.ok, verdict.until), (true, Some("2029-01-01T00:00:00Z".parse().unwrap())));
        }
        let verdict = judge_trust_among(&[own, by_old], &all, &[], IN_2026.parse().unwrap());
        assert_eq!((why(&verdict), verdict.culprit), ("expired", Some(Culprit::Presented(1))));
    }
}
