//! Certificates: what they say, which names they cover, and which side trusts them. Read, never trusted.

mod algorithm;
mod chain;
mod checked;
mod coverage;
mod crl;
mod extensions;
mod facts;
mod path;
mod revocation;
mod thumbprint;
mod trust;

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use super::clean::Clean;

pub use chain::{Shape, shape};
pub use coverage::{Required, SubjectFault, Uncovered};
pub use crl::{Crl, CrlError, Reason, Revoked, Scope};
pub use revocation::{Revocation, Standing, judge_revocation};
pub use thumbprint::Thumbprint;
pub use trust::{Culprit, Known, Purpose, TrustVerdict, judge_chain, judge_trust};

/// What one certificate says (RFC 5280).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facts {
    /// Subject, the whole distinguished name.
    pub subject: Clean,
    /// Subject common name.
    pub subject_cn: Option<Clean>,
    /// Issuer: its common name, or else its whole distinguished name.
    pub issuer: Clean,
    /// Issuer, the whole distinguished name.
    pub issuer_dn: Clean,
    /// Serial number, lower-case hex.
    pub serial: String,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// Whether there is a SAN at all.
    pub has_san: bool,
    /// DNS names of the SAN, in lower case, in the order of the certificate.
    pub dns_names: Vec<Clean>,
    /// IP addresses of the SAN.
    pub ip_addresses: Vec<IpAddr>,
    /// Entries of the SAN of all other kinds.
    pub other_names: Vec<OtherName>,
    /// `RSA 2048`, `EC P-256`, …
    pub key: Clean,
    /// The size of an RSA key.
    pub rsa_bits: Option<usize>,
    /// The signature algorithm's usual name.
    pub signature: Clean,
    /// Whether that algorithm's hash can be forged: SHA-1, MD5.
    pub weak_signature: bool,
    /// What the key may do; empty when nothing is said.
    pub key_usage: Vec<&'static str>,
    /// What the certificate is for: `server`, `client`, …, or an OID; `None` when nothing is said, which allows everything.
    pub extended_key_usage: Option<Vec<Clean>>,
    /// Whether it may issue certificates.
    pub authority: bool,
    /// How many authorities may follow below this one.
    pub path_length: Option<u32>,
    /// Identifier of its key, lower-case hex.
    pub subject_key_id: Option<String>,
    /// Identifier of its issuer's key, lower-case hex.
    pub authority_key_id: Option<String>,
    /// Where its revocation list is.
    pub crl_urls: Vec<Clean>,
    /// Whether subject and issuer are the same.
    pub self_issued: bool,
    /// Whether its own key signed it.
    pub self_signed: bool,
    /// SHA-1 fingerprint, lower-case hex: the thumbprint of Windows.
    pub sha1: String,
    /// SHA-256 fingerprint, lower-case hex.
    pub sha256: String,
}

/// An entry of the SAN that is neither a DNS name nor an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherName {
    /// `uri`, `email`, `upn`, `directory-name`, `other-name`, …
    pub kind: &'static str,
    /// What it says.
    pub value: Clean,
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

    /// Whether the key is an RSA key that is too short.
    #[must_use]
    pub fn has_weak_key(&self) -> bool {
        self.rsa_bits.is_some_and(|bits| bits < algorithm::SHORTEST_RSA)
    }

    /// Whether another certificate may be its issuer: by name, and by key identifier where both have one.
    #[must_use]
    pub fn may_be_issued_by(&self, issuer: &Self) -> bool {
        let same_key = match (&self.authority_key_id, &issuer.subject_key_id) {
            (Some(wanted), Some(has)) => wanted == has,
            _ => true,
        };
        self.issuer_dn == issuer.subject && same_key
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
