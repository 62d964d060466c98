//! Certificates: what they say, which names they cover, and which side trusts them. Read, never trusted.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::clean::Clean;
use super::name::Fqdn;
use super::topology::Roots;

/// What one certificate says (RFC 5280).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// Subject common name.
    pub subject_cn: Option<Clean>,
    /// Issuer, common name or else the whole distinguished name.
    pub issuer: Clean,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// DNS names of the SAN, as written, lower case.
    pub dns_names: Vec<Clean>,
    /// `RSA 2048`, `EC P-256`, …
    pub key: Clean,
    /// The signature algorithm's usual name.
    pub signature: Clean,
    /// Whether its own key signed it.
    pub self_signed: bool,
    /// SHA-256 fingerprint, lower-case hex.
    pub sha256: String,
}

/// The bytes are no certificate, or one that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a readable certificate: {0}")]
pub struct Unreadable(pub Clean);

/// Whether a chain leads to a set of roots, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrustVerdict {
    /// Whether it does.
    pub ok: bool,
    /// `unknown-issuer`, `missing-intermediate`, `self-signed`, `expired`, …; `None` when trusted.
    pub why: Option<&'static str>,
}

impl Facts {
    /// Reads a certificate.
    ///
    /// # Errors
    /// [`Unreadable`] for anything that is not X.509.
    pub fn read(_der: &[u8]) -> Result<Self, Unreadable> {
        Err(Unreadable("not built yet".into()))
    }

    /// Whether the SAN covers a name (RFC 9525 §6.3: a wildcard stands for exactly the left-most label; the CN never counts).
    #[must_use]
    pub fn covers(&self, name: &Fqdn) -> bool {
        self.dns_names.iter().any(|pattern| pattern_covers(pattern.as_str(), name))
    }

    /// Time until the end of validity; zero when it is over.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Duration {
        Duration::try_from(
            now.until(self.not_after)
                .ok()
                .and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok())
                .unwrap_or_default(),
        )
        .unwrap_or_default()
    }
}

fn pattern_covers(pattern: &str, name: &Fqdn) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => name.as_str().split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => pattern.strip_suffix('.').unwrap_or(pattern) == name.as_str(),
    }
}

/// Judges whether a presented chain (DER, leaf first) leads to one of the roots at a time.
#[must_use]
pub fn judge_trust(_chain: &[Vec<u8>], _roots: &Roots, _now: Timestamp) -> TrustVerdict {
    TrustVerdict { ok: false, why: Some("unknown-issuer") }
}
