//! Certificates: what they say, which names they cover, and which side trusts them. Read, never trusted.

mod facts;
mod trust;

use jiff::Timestamp;
use serde::Serialize;

use super::clean::Clean;
use super::name::Fqdn;

pub use trust::{TrustVerdict, judge_trust};

/// What one certificate says (RFC 5280).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// Subject common name.
    pub subject_cn: Option<Clean>,
    /// Issuer: its common name, or else its whole distinguished name.
    pub issuer: Clean,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// DNS names of the SAN, in lower case, in the order of the certificate.
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

/// Where a time stands in a certificate's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Before its start.
    NotYet,
    /// Within; seconds until the end.
    Valid {
        /// Seconds left.
        seconds: i64,
    },
    /// After its end.
    Expired,
}

impl Facts {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`Unreadable`] for anything that is not X.509.
    pub fn read(der: &[u8]) -> Result<Self, Unreadable> {
        facts::read(der)
    }

    /// Whether the SAN covers a name (RFC 9525 §6.3: a wildcard stands for exactly the left-most label; the CN never counts).
    #[must_use]
    pub fn covers(&self, name: &Fqdn) -> bool {
        self.dns_names.iter().any(|pattern| pattern_covers(pattern.as_str(), name))
    }

    /// Where a time stands in the validity, both ends included (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn validity(&self, now: Timestamp) -> Validity {
        if now < self.not_before {
            Validity::NotYet
        } else if now > self.not_after {
            Validity::Expired
        } else {
            Validity::Valid { seconds: self.not_after.as_second() - now.as_second() }
        }
    }

    /// Whole days until the end of validity; negative when it is over.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i64 {
        (self.not_after.as_second() - now.as_second()).div_euclid(86_400)
    }
}

fn pattern_covers(pattern: &str, name: &Fqdn) -> bool {
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    match pattern.strip_prefix("*.") {
        Some(parent) => name.as_str().split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => pattern == name.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_exactly_one_whole_label() {
        let covers = |pattern, name: &str| pattern_covers(pattern, &Fqdn::parse(name).unwrap());
        assert!(covers("um1.tukwila.contoso.com", "UM1.tukwila.contoso.com."));
        assert!(covers("*.tukwila.contoso.com", "um1.tukwila.contoso.com"));
        assert!(!covers("*.contoso.com", "um1.tukwila.contoso.com"));
        assert!(!covers("um*.tukwila.contoso.com", "um1.tukwila.contoso.com"));
        assert!(!covers("*.tukwila.contoso.com", "tukwila.contoso.com"));
        assert!(!covers("", "um1.tukwila.contoso.com"));
    }
}
