//! Keys and signature algorithms: their usual names, which of them are too weak today, and checking a signature that a
//! strict library refuses to look at.

use ring::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters, UnparsedPublicKey,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::asn1_rs::BitString;
use x509_parser::error::X509Error;
use x509_parser::public_key::PublicKey;
use x509_parser::verify::verify_signature;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::checked;

/// The shortest RSA key that is not weak (NIST SP 800-131A; CA/Browser Forum since 2014).
pub(super) const SHORTEST_RSA: usize = 2048;

/// OID, usual name, whether its hash can be forged.
const ALGORITHMS: &[(&str, &str, bool)] = &[
    ("1.2.840.113549.1.1.1", "RSA", false),
    ("1.2.840.113549.1.1.2", "MD2 with RSA", true),
    ("1.2.840.113549.1.1.3", "MD4 with RSA", true),
    ("1.2.840.113549.1.1.4", "MD5 with RSA", true),
    ("1.2.840.113549.1.1.5", "SHA-1 with RSA", true),
    ("1.3.14.3.2.29", "SHA-1 with RSA", true),
    ("1.3.14.3.2.3", "MD5 with RSA", true),
    ("1.2.840.113549.1.1.10", "RSA-PSS", false),
    ("1.2.840.113549.1.1.11", "SHA-256 with RSA", false),
    ("1.2.840.113549.1.1.12", "SHA-384 with RSA", false),
    ("1.2.840.113549.1.1.13", "SHA-512 with RSA", false),
    ("1.2.840.10040.4.3", "SHA-1 with DSA", true),
    ("1.2.840.10045.4.1", "SHA-1 with ECDSA", true),
    ("1.2.840.10045.4.3.2", "SHA-256 with ECDSA", false),
    ("1.2.840.10045.4.3.3", "SHA-384 with ECDSA", false),
    ("1.2.840.10045.4.3.4", "SHA-512 with ECDSA", false),
    ("1.3.101.112", "Ed25519", false),
    ("1.3.101.113", "Ed448", false),
];

/// Usual names of the algorithms that turn up on these servers; the OID itself for all others.
pub(super) fn name(oid: &str) -> &str {
    ALGORITHMS.iter().find(|(known, ..)| *known == oid).map_or(oid, |(_, name, _)| name)
}

/// Whether an algorithm's hash can be forged.
pub(super) fn is_weak(oid: &str) -> bool {
    ALGORITHMS.iter().any(|(known, _, weak)| *known == oid && *weak)
}

/// Kind and size of a key, and the size in bits for RSA.
pub(super) fn key(info: &SubjectPublicKeyInfo<'_>) -> (String, Option<usize>) {
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => (format!("RSA {}", rsa.key_size()), Some(rsa.key_size())),
        Ok(PublicKey::EC(_)) => (format!("EC {}", curve(info)), None),
        Ok(PublicKey::DSA(_)) => ("DSA".to_owned(), None),
        _ => (name(&info.algorithm.algorithm.to_id_string()).to_owned(), None),
    }
}

fn curve(info: &SubjectPublicKeyInfo<'_>) -> String {
    let oid = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    match oid.map(|oid| oid.to_id_string()).as_deref() {
        Some("1.2.840.10045.3.1.7") => "P-256".to_owned(),
        Some("1.3.132.0.34") => "P-384".to_owned(),
        Some("1.3.132.0.35") => "P-521".to_owned(),
        Some(other) => other.to_owned(),
        None => "unnamed curve".to_owned(),
    }
}

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// It is the key's.
    Yes,
    /// It is not.
    No,
    /// Nobody here can check that algorithm.
    Unknown,
}

/// What was signed, with what, and the signature.
pub(super) struct Signature<'a> {
    pub(super) algorithm: &'a AlgorithmIdentifier<'a>,
    pub(super) value: &'a BitString<'a>,
    pub(super) message: &'a [u8],
}

/// Whether a key signed a certificate; short RSA keys and SHA-1 included.
pub(super) fn signed(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Signed {
    let (algorithm, value) = (&certificate.signature_algorithm, &certificate.signature_value);
    Signature { algorithm, value, message: certificate.tbs_certificate.as_ref() }.by(key)
}

impl Signature<'_> {
    /// Whether it is a key's; short RSA keys and SHA-1 included.
    pub(super) fn by(&self, key: &SubjectPublicKeyInfo<'_>) -> Signed {
        let (oid, parameters) = (self.algorithm.algorithm.as_bytes(), self.algorithm.parameters.as_ref());
        let tag = parameters.map(|parameters| parameters.tag().0.to_be_bytes());
        let (tag, parameters) =
            (tag.as_ref().map_or(&[][..], |tag| tag), parameters.map_or(&[][..], |found| found.data));
        let all = [b"x509", oid, tag, parameters, key.raw, self.message, &self.value.data];
        checked::once(&all, || self.check(key))
    }

    fn check(&self, key: &SubjectPublicKeyInfo<'_>) -> Signed {
        match verify_signature(key, self.algorithm, self.value, self.message) {
            Ok(()) => Signed::Yes,
            Err(X509Error::SignatureUnsupportedAlgorithm) => Signed::Unknown,
            Err(_) => self.by_short_key(key),
        }
    }

    fn by_short_key(&self, key: &SubjectPublicKeyInfo<'_>) -> Signed {
        let bits = match key.parsed() {
            Ok(PublicKey::RSA(rsa)) => rsa.key_size(),
            _ => return Signed::No,
        };
        let parameters: Option<&'static RsaParameters> = match self.algorithm.algorithm.to_id_string().as_str() {
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => Some(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
            "1.2.840.113549.1.1.11" => Some(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
            "1.2.840.113549.1.1.13" => Some(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
            _ => None,
        };
        match parameters {
            _ if bits >= SHORTEST_RSA => Signed::No,
            Some(parameters) if bits >= 1024 => {
                let key = UnparsedPublicKey::new(parameters, &key.subject_public_key.data);
                if key.verify(self.message, &self.value.data).is_ok() { Signed::Yes } else { Signed::No }
            }
            _ => Signed::Unknown,
        }
    }
}
