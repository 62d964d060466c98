//! Revocation lists (RFC 5280 §5): what they say. Read, never trusted: who signed one is asked apart.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};
use x509_parser::der_parser::asn1_rs::BitString;
use x509_parser::extensions::{IssuingDistributionPoint, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::{CertificateRevocationList, RevokedCertificate};
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AlgorithmIdentifier, ReasonCode};

use super::algorithm::{Signature, Signed};
use super::{Facts, facts};
use crate::domain::clean::Clean;

/// The most lists of one file that are read.
const MOST_LISTS: usize = 64;

/// One list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crl {
    /// Whose certificates it is about, and who has to have signed it: the whole distinguished name.
    pub issuer: Clean,
    /// Identifier of the issuer's key, lower-case hex.
    pub authority_key_id: Option<String>,
    /// When it was made.
    pub this_update: Timestamp,
    /// When a newer one was to be there.
    pub next_update: Option<Timestamp>,
    /// Which certificates of the issuer it is about.
    pub scope: Scope,
    /// By serial number, lower-case hex without leading zeros.
    revoked: BTreeMap<String, Revoked>,
    der: Vec<u8>,
    /// Where in `der` the signed part begins and ends.
    signed_part: (usize, usize),
}

/// Which certificates a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All of its issuer.
    All,
    /// No authorities.
    Leaves,
    /// Authorities alone.
    Authorities,
}

/// When and why a certificate was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
}

/// Why a certificate was revoked (RFC 5280 §5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nobody says.
    Unspecified,
    /// Somebody else may have its key.
    KeyCompromise,
    /// Somebody else may have its authority's key.
    CaCompromise,
    /// Its subject has another name now.
    AffiliationChanged,
    /// There is a newer one.
    Superseded,
    /// It is needed no more.
    CessationOfOperation,
    /// For the time being.
    CertificateHold,
    /// Its subject may no longer do what it vouches for.
    PrivilegeWithdrawn,
    /// The attribute authority may have lost its key.
    AaCompromise,
}

impl Reason {
    /// The word of JSON and text.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "key-compromise",
            Self::CaCompromise => "ca-compromise",
            Self::AffiliationChanged => "affiliation-changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation-of-operation",
            Self::CertificateHold => "certificate-hold",
            Self::PrivilegeWithdrawn => "privilege-withdrawn",
            Self::AaCompromise => "aa-compromise",
        }
    }
}

/// Why bytes are no list that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Neither DER nor PEM of a list.
    #[error("not a readable revocation list: {0}")]
    Unreadable(Clean),
    /// It holds changes since an earlier list.
    #[error("a delta list, which tells only what changed: name the base list")]
    Delta,
    /// It is about certificates of other issuers too.
    #[error("an indirect list, which is about certificates of several issuers: those are not read")]
    Indirect,
    /// It has a critical extension that nobody here knows.
    #[error("the list has a critical extension that is not known here: {0}")]
    Extension(String),
    /// More lists in one file than are read.
    #[error("more than {MOST_LISTS} lists in one file")]
    TooMany,
}

impl Crl {
    /// Reads the lists of a file: one in DER, or any number in PEM.
    ///
    /// # Errors
    /// [`CrlError`] when there is none, or one that cannot be used.
    pub fn read(bytes: &[u8]) -> Result<Vec<Self>, CrlError> {
        if bytes.first() == Some(&0x30) {
            return Ok(vec![Self::from_der(bytes)?]);
        }
        let mut lists = Vec::new();
        for der in CertificateRevocationListDer::pem_slice_iter(bytes) {
            if lists.len() == MOST_LISTS {
                return Err(CrlError::TooMany);
            }
            lists.push(Self::from_der(&der.map_err(|error| unreadable(&error))?)?);
        }
        if lists.is_empty() { Err(CrlError::Unreadable("neither DER nor PEM of one".into())) } else { Ok(lists) }
    }

    fn from_der(der: &[u8]) -> Result<Self, CrlError> {
        let (rest, list) = CertificateRevocationList::from_der(der).map_err(|error| unreadable(&error))?;
        if !rest.is_empty() {
            return Err(CrlError::Unreadable("bytes follow the list".into()));
        }
        let (scope, authority_key_id) = extensions(&list)?;
        let message = list.tbs_cert_list.as_ref();
        let begin = message.as_ptr().addr().wrapping_sub(der.as_ptr().addr());
        Ok(Self {
            issuer: facts::name(list.issuer()),
            authority_key_id,
            this_update: time(list.last_update())?,
            next_update: list.next_update().map(time).transpose()?,
            scope,
            revoked: revoked(&list)?,
            der: der.to_vec(),
            signed_part: (begin, begin.wrapping_add(message.len())),
        })
    }

    /// How many certificates it revokes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.revoked.len()
    }

    /// Whether it revokes none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revoked.is_empty()
    }

    /// What it says of a serial number (lower-case hex).
    #[must_use]
    pub fn revokes(&self, serial: &str) -> Option<Revoked> {
        self.revoked.get(serial.trim_start_matches('0')).copied()
    }

    /// Whether an authority may be its issuer: by name, by key where both say it, and by what its key may do.
    #[must_use]
    pub fn may_be_issued_by(&self, issuer: &Facts) -> bool {
        let same_key = match (&self.authority_key_id, &issuer.subject_key_id) {
            (Some(wanted), Some(has)) => wanted == has,
            _ => true,
        };
        let may_sign = issuer.key_usage.is_empty() || issuer.key_usage.contains(&"crl-signing");
        self.issuer == issuer.subject && same_key && may_sign
    }

    /// Whether the key of a certificate (DER) signed it.
    #[must_use]
    pub fn is_signed_by(&self, certificate: &[u8]) -> bool {
        let signed = || {
            let certificate = facts::parse(certificate).ok()?;
            let message = self.der.get(self.signed_part.0..self.signed_part.1)?;
            let (rest, algorithm) = AlgorithmIdentifier::from_der(self.der.get(self.signed_part.1..)?).ok()?;
            let (_, value) = BitString::from_der(rest).ok()?;
            Some(Signature { algorithm: &algorithm, value: &value, message }.by(certificate.public_key()))
        };
        signed() == Some(Signed::Yes)
    }

    /// Whether a newer list was to be there by now.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.next_update.is_some_and(|next| next < now)
    }
}

/// Which certificates it is about, and the issuer's key.
fn extensions(list: &CertificateRevocationList<'_>) -> Result<(Scope, Option<String>), CrlError> {
    let (mut scope, mut key) = (Scope::All, None);
    for extension in list.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                key = id.key_identifier.as_ref().map(|id| data_encoding::HEXLOWER.encode(id.0));
            }
            ParsedExtension::IssuingDistributionPoint(point) => scope = scope_of(point)?,
            ParsedExtension::CRLNumber(_) => {}
            // Delta CRL indicator (RFC 5280 §5.2.4).
            _ if extension.oid.to_id_string() == "2.5.29.27" => return Err(CrlError::Delta),
            _ => known(extension)?,
        }
    }
    Ok((scope, key))
}

fn scope_of(point: &IssuingDistributionPoint<'_>) -> Result<Scope, CrlError> {
    match point {
        IssuingDistributionPoint { indirect_crl: true, .. } => Err(CrlError::Indirect),
        IssuingDistributionPoint { only_contains_attribute_certs: true, .. } => {
            Err(CrlError::Extension("it is about attribute certificates".to_owned()))
        }
        IssuingDistributionPoint { only_contains_user_certs: true, .. } => Ok(Scope::Leaves),
        IssuingDistributionPoint { only_contains_ca_certs: true, .. } => Ok(Scope::Authorities),
        _ => Ok(Scope::All),
    }
}

/// What is critical and not known makes a list unusable (RFC 5280 §5.2).
fn known(extension: &X509Extension<'_>) -> Result<(), CrlError> {
    if extension.critical { Err(CrlError::Extension(extension.oid.to_id_string())) } else { Ok(()) }
}

fn revoked(list: &CertificateRevocationList<'_>) -> Result<BTreeMap<String, Revoked>, CrlError> {
    let mut all = BTreeMap::new();
    for entry in list.iter_revoked_certificates() {
        let serial = data_encoding::HEXLOWER.encode(entry.raw_serial());
        if let Some(reason) = reason(entry)? {
            all.insert(serial.trim_start_matches('0').to_owned(), Revoked { at: time(entry.revocation_date)?, reason });
        }
    }
    Ok(all)
}

/// Why; `None` for an entry that takes a certificate off the list.
fn reason(entry: &RevokedCertificate<'_>) -> Result<Option<Reason>, CrlError> {
    let mut reason = Reason::Unspecified;
    for extension in entry.iter_extensions() {
        match extension.parsed_extension() {
            ParsedExtension::ReasonCode(code) => match reason_of(*code) {
                Some(known) => reason = known,
                None => return Ok(None),
            },
            ParsedExtension::InvalidityDate(_) => {}
            _ => known(extension)?,
        }
    }
    Ok(Some(reason))
}

fn reason_of(code: ReasonCode) -> Option<Reason> {
    Some(match code {
        ReasonCode::KeyCompromise => Reason::KeyCompromise,
        ReasonCode::CACompromise => Reason::CaCompromise,
        ReasonCode::AffiliationChanged => Reason::AffiliationChanged,
        ReasonCode::Superseded => Reason::Superseded,
        ReasonCode::CessationOfOperation => Reason::CessationOfOperation,
        ReasonCode::CertificateHold => Reason::CertificateHold,
        ReasonCode::RemoveFromCRL => return None,
        ReasonCode::PrivilegeWithdrawn => Reason::PrivilegeWithdrawn,
        ReasonCode::AACompromise => Reason::AaCompromise,
        _ => Reason::Unspecified,
    })
}

fn time(time: ASN1Time) -> Result<Timestamp, CrlError> {
    Timestamp::from_second(time.timestamp()).map_err(|error| unreadable(&error))
}

fn unreadable(error: &impl std::fmt::Display) -> CrlError {
    CrlError::Unreadable(Clean::new(&error.to_string()))
}
