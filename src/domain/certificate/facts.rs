//! Reading what a certificate says, from DER. Tolerant: what an old authority wrote oddly is left out, not refused.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

use super::algorithm::{self, Signed};
use super::{Facts, Unreadable, extensions};
use crate::domain::clean::Clean;

pub(super) fn read(der: &[u8]) -> Result<Facts, Unreadable> {
    let certificate = parse(der)?;
    let mut facts = Facts {
        subject: name(certificate.subject()),
        subject_cn: common_name(certificate.subject()),
        issuer: common_name(certificate.issuer()).unwrap_or_else(|| name(certificate.issuer())),
        issuer_dn: name(certificate.issuer()),
        serial: data_encoding::HEXLOWER.encode(certificate.raw_serial()),
        not_before: time(certificate.validity().not_before)?,
        not_after: time(certificate.validity().not_after)?,
        signature: signature(&certificate),
        self_issued: certificate.subject() == certificate.issuer(),
        sha1: data_encoding::HEXLOWER.encode(sha1(der).as_ref()),
        sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(der)),
        ..Facts::default()
    };
    let (key, bits) = algorithm::key(certificate.public_key());
    (facts.key, facts.rsa_bits) = (key.into(), bits);
    facts.weak_signature = algorithm::is_weak(&certificate.signature_algorithm.algorithm.to_id_string());
    extensions::read(&certificate, &mut facts);
    facts.self_signed = facts.self_issued && own_key_signed(&certificate, &facts);
    Ok(facts)
}

/// The certificate's structure, when the bytes are one certificate and nothing else.
pub(super) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, Unreadable> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|error| Unreadable(Clean::new(&error.to_string())))?;
    if rest.is_empty() { Ok(certificate) } else { Err(Unreadable("bytes follow the certificate".into())) }
}

/// Where the signature cannot be checked, the key identifiers have to say the same as the names.
fn own_key_signed(certificate: &X509Certificate<'_>, facts: &Facts) -> bool {
    match algorithm::signed(certificate, certificate.public_key()) {
        Signed::Yes => true,
        Signed::No => false,
        Signed::Unknown => facts.authority_key_id.is_none() || facts.authority_key_id == facts.subject_key_id,
    }
}

/// The common name, from whatever string type an old authority used (BMPString is UTF-16).
fn common_name(name: &X509Name<'_>) -> Option<Clean> {
    let attribute = name.iter_common_name().next()?;
    if let Ok(text) = attribute.as_str() {
        return Some(Clean::new(text));
    }
    let bytes = attribute.as_slice();
    if attribute.attr_value().tag().0 == 30 {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        return Some(Clean::from(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect::<String>()));
    }
    Some(Clean::from_bytes(bytes))
}

/// The whole distinguished name.
pub(super) fn name(name: &X509Name<'_>) -> Clean {
    Clean::new(&name.to_string())
}

fn time(time: ASN1Time) -> Result<Timestamp, Unreadable> {
    Timestamp::from_second(time.timestamp()).map_err(|error| Unreadable(Clean::new(&error.to_string())))
}

fn signature(certificate: &X509Certificate<'_>) -> Clean {
    algorithm::name(&certificate.signature_algorithm.algorithm.to_id_string()).into()
}

/// The thumbprint as Windows and Exchange show it.
fn sha1(der: &[u8]) -> ring::digest::Digest {
    ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, der)
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType,
    };

    use super::*;
    use crate::domain::name::Fqdn;

    #[test]
    fn a_certificate_tells_its_names_validity_key_and_that_it_signed_itself() {
        let made = rcgen::generate_simple_self_signed(vec!["UM1.tukwila.contoso.com".into()]).unwrap();
        let facts = read(made.cert.der()).unwrap();
        assert!(facts.covers(&Fqdn::parse("um1.tukwila.contoso.com").unwrap()));
        assert!(facts.self_signed && facts.self_issued && !facts.authority);
        assert_eq!((facts.key.as_str(), facts.signature.as_str()), ("EC P-256", "SHA-256 with ECDSA"));
        assert_eq!((facts.sha256.len(), facts.sha1.len()), (64, 40));
        assert!(!facts.weak_signature && !facts.has_weak_key());
    }

    #[test]
    fn names_of_every_kind_usages_and_key_identifiers_are_read() {
        let mut params = CertificateParams::new(vec!["um1.contoso.com".to_owned()]).unwrap();
        let upn = (vec![1, 3, 6, 1, 4, 1, 311, 20, 2, 3], "UM1$@contoso.com");
        params.subject_alt_names.extend([
            SanType::IpAddress("192.0.2.11".parse().unwrap()),
            SanType::IpAddress("2001:db8::11".parse().unwrap()),
            SanType::URI("sip:um1.contoso.com".try_into().unwrap()),
            SanType::Rfc822Name("um@contoso.com".try_into().unwrap()),
            SanType::OtherName((upn.0, upn.1.into())),
        ]);
        params.distinguished_name.push(DnType::OrganizationName, "Contoso");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        let facts = read(params.self_signed(&key).unwrap().der()).unwrap();
        assert_eq!(
            facts.ip_addresses,
            ["192.0.2.11", "2001:db8::11"].map(|ip| ip.parse::<std::net::IpAddr>().unwrap())
        );
        let others: Vec<_> = facts.other_names.iter().map(|name| (name.kind, name.value.as_str())).collect();
        let expected = [("uri", "sip:um1.contoso.com"), ("email", "um@contoso.com"), ("upn", "UM1$@contoso.com")];
        assert_eq!(others, expected);
        assert_eq!((facts.authority, facts.path_length), (true, Some(1)));
        assert_eq!(facts.key_usage, ["digital-signature", "certificate-signing"]);
        assert_eq!(facts.extended_key_usage.unwrap(), ["server".into(), "client".into()] as [Clean; 2]);
        assert!(facts.subject_key_id.is_some() && facts.authority_key_id == facts.subject_key_id);
        assert!(facts.subject.as_str().contains("O=Contoso"), "{}", facts.subject);
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
