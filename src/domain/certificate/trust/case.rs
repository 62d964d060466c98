//! One chain before one set of roots, at a time: the paths that hold, the best of them, or why there is none.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::Error;

use super::{Culprit, Known, Purpose, TrustVerdict};
use crate::domain::certificate::path::{Path, Search, Strength};
use crate::domain::certificate::{Facts, Validity, facts, shape};
use crate::domain::topology::Roots;

/// A chain before a set of roots, at a time.
pub(super) struct Case<'a> {
    pub(super) chain: &'a [Vec<u8>],
    /// Of every certificate that was sent; of an unreadable one the facts are empty.
    pub(super) facts: Vec<Facts>,
    pub(super) anchors: Vec<&'a [u8]>,
    /// Authorities of the roots' file that are no anchors.
    pub(super) beside: Vec<&'a [u8]>,
    pub(super) known: Known<'a>,
    at: Timestamp,
    purpose: Purpose,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        chain: &'a [Vec<u8>],
        roots: &'a Roots,
        known: Known<'a>,
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
        let (mut anchors, mut beside): (Vec<&[u8]>, Vec<&[u8]>) = all.partition(|der| is_self_issued(der));
        if anchors.is_empty() {
            // Whoever lists authorities alone means to trust those.
            std::mem::swap(&mut anchors, &mut beside);
        }
        Ok(Self { chain, facts, anchors, beside, known, at, purpose })
    }

    pub(super) fn leaf(&self) -> &Facts {
        &self.facts[0]
    }

    pub(super) fn verdict(&self) -> TrustVerdict {
        let (readable, anchors) = self.anchors();
        let sent: Vec<CertificateDer<'_>> = self.chain[1..].iter().map(|der| der.as_slice().into()).collect();
        let search = self.search(&anchors);
        let error = match search.paths(&sent, Strength::Strong) {
            Ok(paths) => return self.best(&paths, &readable),
            Err(error) => error,
        };
        if let Ok(paths) = search.paths(&sent, Strength::Weak) {
            return self.best(&paths, &readable);
        }
        self.reason(&error, &anchors)
    }

    fn search<'s>(&'s self, anchors: &'s [TrustAnchor<'s>]) -> Search<'s> {
        let seconds = u64::try_from(self.at.as_second()).unwrap_or(0);
        Search {
            leaf: &self.chain[0],
            anchors,
            at: UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            client: self.purpose == Purpose::Client,
        }
    }

    /// Whether the chain would lead to the anchors, weak or strong, in or out of its time, had `others` been sent too.
    pub(super) fn leads_with(&self, others: &[&[u8]], anchors: &[TrustAnchor<'_>]) -> bool {
        let all = self.chain[1..].iter().map(Vec::as_slice).chain(others.iter().copied());
        let all: Vec<CertificateDer<'_>> = all.map(CertificateDer::from).collect();
        let found = self.search(anchors).paths(&all, Strength::Weak);
        matches!(found, Ok(_) | Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }))
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
    fn reason(&self, error: &Error, anchors: &[TrustAnchor<'_>]) -> TrustVerdict {
        if self.leaf().self_signed {
            return TrustVerdict::because("self-signed").of(Culprit::Presented(0));
        }
        let ends_early = matches!(error, Error::UnknownIssuer | Error::InvalidSignatureForPublicKey);
        if let Some(missing) = ends_early.then(|| self.not_sent(anchors)).flatten() {
            return missing;
        }
        match error {
            Error::UnknownIssuer => self.without_issuer(),
            Error::CertExpired { .. } => self.out_of_time("expired", Validity::Expired),
            Error::CertNotValidYet { .. } => self.out_of_time("not-yet-valid", Validity::NotYet),
            Error::InvalidSignatureForPublicKey if self.issuer_has_another_key() => self.without_issuer(),
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
}

fn is_self_issued(der: &[u8]) -> bool {
    facts::parse(der).is_ok_and(|certificate| certificate.subject() == certificate.issuer())
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
