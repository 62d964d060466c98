//! Reading what a certificate says, from DER.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::{FromDer, GeneralName};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

use super::{Facts, Unreadable};
use crate::domain::clean::Clean;

/// SAN entries beyond this are not kept: a certificate is bounded by the handshake, a screen is smaller.
const MOST_NAMES: usize = 500;

pub(super) fn read(der: &[u8]) -> Result<Facts, Unreadable> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|error| Unreadable(Clean::new(&error.to_string())))?;
    if !rest.is_empty() {
        return Err(Unreadable("bytes follow the certificate".into()));
    }
    Ok(Facts {
        subject_cn: common_name(certificate.subject()),
        issuer: issuer(&certificate),
        not_before: time(certificate.validity().not_before)?,
        not_after: time(certificate.validity().not_after)?,
        dns_names: dns_names(&certificate),
        key: key(&certificate),
        signature: signature(&certificate),
        self_signed: certificate.subject() == certificate.issuer() && certificate.verify_signature(None).is_ok(),
        sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(der)),
    })
}

fn common_name(name: &x509_parser::x509::X509Name<'_>) -> Option<Clean> {
    name.iter_common_name().next().and_then(|cn| cn.as_str().ok()).map(Clean::from)
}

fn issuer(certificate: &X509Certificate<'_>) -> Clean {
    common_name(certificate.issuer()).unwrap_or_else(|| Clean::new(&certificate.issuer().to_string()))
}

fn time(time: ASN1Time) -> Result<Timestamp, Unreadable> {
    Timestamp::from_second(time.timestamp()).map_err(|error| Unreadable(Clean::new(&error.to_string())))
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<Clean> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    extension
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(Clean::new(&name.to_ascii_lowercase())),
            _ => None,
        })
        .take(MOST_NAMES)
        .collect()
}

fn key(certificate: &X509Certificate<'_>) -> Clean {
    let info = certificate.public_key();
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => Clean::new(&format!("RSA {}", rsa.key_size())),
        Ok(PublicKey::EC(_)) => Clean::new(&format!("EC {}", curve(info))),
        Ok(PublicKey::DSA(_)) => "DSA".into(),
        _ => algorithm_name(&info.algorithm.algorithm.to_id_string()).into(),
    }
}

fn curve(info: &x509_parser::x509::SubjectPublicKeyInfo<'_>) -> String {
    let oid = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    match oid.map(|oid| oid.to_id_string()).as_deref() {
        Some("1.2.840.10045.3.1.7") => "P-256".to_owned(),
        Some("1.3.132.0.34") => "P-384".to_owned(),
        Some("1.3.132.0.35") => "P-521".to_owned(),
        Some(other) => other.to_owned(),
        None => "unnamed curve".to_owned(),
    }
}

fn signature(certificate: &X509Certificate<'_>) -> Clean {
    algorithm_name(&certificate.signature_algorithm.algorithm.to_id_string()).into()
}

/// Usual names of the algorithms that turn up on these servers; the OID itself for all others.
fn algorithm_name(oid: &str) -> &str {
    const NAMES: &[(&str, &str)] = &[
        ("1.2.840.113549.1.1.4", "MD5 with RSA"),
        ("1.2.840.113549.1.1.5", "SHA-1 with RSA"),
        ("1.2.840.113549.1.1.10", "RSA-PSS"),
        ("1.2.840.113549.1.1.11", "SHA-256 with RSA"),
        ("1.2.840.113549.1.1.12", "SHA-384 with RSA"),
        ("1.2.840.113549.1.1.13", "SHA-512 with RSA"),
        ("1.2.840.10045.4.1", "SHA-1 with ECDSA"),
        ("1.2.840.10045.4.3.2", "SHA-256 with ECDSA"),
        ("1.2.840.10045.4.3.3", "SHA-384 with ECDSA"),
        ("1.2.840.10045.4.3.4", "SHA-512 with ECDSA"),
        ("1.3.101.112", "Ed25519"),
        ("1.3.101.113", "Ed448"),
    ];
    NAMES.iter().find(|(known, _)| *known == oid).map_or(oid, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::Fqdn;

    #[test]
    fn a_certificate_tells_its_names_validity_key_and_that_it_signed_itself() {
        let made = rcgen::generate_simple_self_signed(vec!["UM1.tukwila.contoso.com".into()]).unwrap();
        let facts = read(made.cert.der()).unwrap();
        assert!(facts.covers(&Fqdn::parse("um1.tukwila.contoso.com").unwrap()));
        assert!(facts.self_signed);
        assert_eq!((facts.key.as_str(), facts.signature.as_str()), ("EC P-256", "SHA-256 with ECDSA"));
        assert_eq!(facts.sha256.len(), 64);
    }

    #[test]
    fn no_truncation_and_no_flipped_byte_of_a_certificate_panics() {
        let made = rcgen::generate_simple_self_signed(vec!["um1.contoso.com".into()]).unwrap();
        let der = made.cert.der().to_vec();
        for end in 0..der.len() {
            assert!(read(&der[..end]).is_err());
        }
        for i in 0..der.len() {
            for bit in [0x01, 0x80, 0xff] {
                let mut bent = der.clone();
                bent[i] ^= bit;
                let _ = read(&bent);
            }
        }
    }
}
