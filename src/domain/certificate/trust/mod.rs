//! Whether a presented chain leads to a set of roots, and why not. Each side has roots of its own, so each is judged apart.
//!
//! Authorities of the roots' file that are no roots themselves are known to that side, and still have to be sent.

mod case;
mod issuer;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::{Crl, Revoked, Standing, Validity, judge_revocation};
use crate::domain::topology::Roots;
use case::Case;

/// Whether a chain leads to a set of roots, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TrustVerdict {
    /// Whether it does.
    pub ok: bool,
    /// `unknown-issuer`, `missing-intermediate`, `self-signed`, `expired`, …; `None` when trusted.
    pub why: Option<&'static str>,
    /// Whether the reason is the likelier one of two: nobody here has seen the issuer. That the chain does not lead there is sure.
    pub guess: bool,
    /// Which certificate is the reason, where it is one.
    #[serde(rename = "certificate")]
    pub culprit: Option<Culprit>,
    /// The end of the first validity to end along the path; along the one that lasts longest, where there are several.
    #[serde(rename = "usable_until")]
    pub until: Option<Timestamp>,
    /// When and why the certificate was revoked that is the reason.
    pub revoked: Option<Revoked>,
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

/// What is known besides the chain and the roots that it is judged by. It makes no chain trusted; it tells why one is not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Roots of others: whose issuer is among them has a strange root.
    pub elsewhere: &'a [&'a Roots],
    /// Authorities that others sent (DER): whose issuer is among them did not send it.
    pub seen: &'a [Vec<u8>],
    /// Revocation lists. These do make a chain untrusted: whose certificate is revoked is trusted by nobody.
    pub lists: &'a [Arc<Crl>],
}

impl TrustVerdict {
    /// A chain that leads there.
    pub const TRUSTED: Self = Self { ok: true, why: None, guess: false, culprit: None, until: None, revoked: None };

    /// A chain that does not, and why.
    #[must_use]
    pub const fn because(why: &'static str) -> Self {
        Self { ok: false, why: Some(why), ..Self::TRUSTED }
    }

    fn of(self, culprit: Culprit) -> Self {
        Self { culprit: Some(culprit), ..self }
    }

    fn guessed(self) -> Self {
        Self { guess: true, ..self }
    }
}

/// Judges whether a presented chain (DER, leaf first) leads to one of the roots, for a server.
///
/// The leaf's own validity is a question apart: the time is led into it, so that "expired" does not hide "unknown issuer".
#[must_use]
pub fn judge_trust(chain: &[Vec<u8>], roots: &Roots, known: Known<'_>, now: Timestamp) -> TrustVerdict {
    match Case::new(chain, roots, known, now, Purpose::Server) {
        Ok(case) => unless_revoked(case.verdict(), chain, roots, known),
        Err(why) => TrustVerdict::because(why),
    }
}

/// What leads to the roots is worth nothing when one of its certificates was revoked.
fn unless_revoked(verdict: TrustVerdict, chain: &[Vec<u8>], roots: &Roots, known: Known<'_>) -> TrustVerdict {
    if !verdict.ok || known.lists.is_empty() {
        return verdict;
    }
    let authorities = roots.certificates.iter().chain(known.elsewhere.iter().flat_map(|roots| &roots.certificates));
    let looked_up = judge_revocation(chain, authorities.map(Vec::as_slice), known.lists);
    let revoked = looked_up.into_iter().find_map(|one| match one.standing {
        Standing::Revoked(revoked) => Some((one.presented, revoked)),
        _ => None,
    });
    let Some((at, revoked)) = revoked else { return verdict };
    TrustVerdict { ok: false, why: Some("revoked"), revoked: Some(revoked), ..verdict }.of(Culprit::Presented(at))
}

/// As [`judge_trust`], with the leaf's own validity, for any purpose.
#[must_use]
pub fn judge_chain(
    chain: &[Vec<u8>],
    roots: &Roots,
    known: Known<'_>,
    now: Timestamp,
    purpose: Purpose,
) -> TrustVerdict {
    let case = match Case::new(chain, roots, known, now, purpose) {
        Ok(case) => case,
        Err(why) => return TrustVerdict::because(why),
    };
    let verdict = unless_revoked(case.verdict(), chain, roots, known);
    match case.leaf().validity(now) {
        _ if !verdict.ok => verdict,
        Validity::Valid { .. } => verdict,
        Validity::NotYet => TrustVerdict { ok: false, why: Some("not-yet-valid"), ..verdict }.of(Culprit::Presented(0)),
        Validity::Expired => TrustVerdict { ok: false, why: Some("expired"), ..verdict }.of(Culprit::Presented(0)),
    }
}
