//! The extensions of a certificate (RFC 5280 §4.2): names, usages, key identifiers, where its revocation list is.
//!
//! An extension that appears twice or cannot be parsed counts as absent.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, ExtendedKeyUsage, GeneralName, KeyUsage, ParsedExtension};
use x509_parser::prelude::FromDer;

use super::{Facts, OtherName};
use crate::domain::clean::Clean;

/// SAN entries beyond this are not kept: a certificate is bounded by the handshake, a screen is smaller.
const MOST_NAMES: usize = 500;
/// Usages and addresses beyond this are not kept.
const MOST_OTHERS: usize = 50;

/// Reads them into the facts.
pub(super) fn read(certificate: &X509Certificate<'_>, facts: &mut Facts) {
    names(certificate, facts);
    if let Ok(Some(constraints)) = certificate.basic_constraints() {
        facts.authority = constraints.value.ca;
        facts.path_length = constraints.value.path_len_constraint.filter(|_| constraints.value.ca);
    }
    if let Ok(Some(usage)) = certificate.key_usage() {
        facts.key_usage = key_usage(*usage.value);
    }
    if let Ok(Some(usage)) = certificate.extended_key_usage() {
        facts.extended_key_usage = Some(extended_key_usage(usage.value));
    }
    for extension in certificate.iter_extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => facts.subject_key_id = Some(hex(id.0)),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                facts.authority_key_id = id.key_identifier.as_ref().map(|id| hex(id.0));
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                let full = points.iter().filter_map(|point| match &point.distribution_point {
                    Some(DistributionPointName::FullName(names)) => Some(names),
                    _ => None,
                });
                facts.crl_urls = full.flatten().filter_map(uri).take(MOST_OTHERS).collect();
            }
            _ => {}
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn uri(name: &GeneralName<'_>) -> Option<Clean> {
    match name {
        GeneralName::URI(uri) => Some(Clean::new(uri)),
        _ => None,
    }
}

fn names(certificate: &X509Certificate<'_>, facts: &mut Facts) {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return };
    facts.has_san = true;
    for name in extension.value.general_names.iter().take(MOST_NAMES) {
        match name {
            GeneralName::DNSName(name) => facts.dns_names.push(Clean::from(name.to_lowercase())),
            GeneralName::IPAddress(bytes) => match address(bytes) {
                Some(address) => facts.ip_addresses.push(address),
                None => facts.other_names.push(OtherName { kind: "malformed", value: hex(bytes).into() }),
            },
            other => facts.other_names.push(other_name(other)),
        }
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(four.into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

fn other_name(name: &GeneralName<'_>) -> OtherName {
    let (kind, value) = match name {
        GeneralName::URI(uri) => ("uri", Clean::new(uri)),
        GeneralName::RFC822Name(address) => ("email", Clean::new(address)),
        GeneralName::DirectoryName(name) => ("directory-name", super::facts::name(name)),
        GeneralName::OtherName(oid, value) => match (oid.to_id_string().as_str(), utf8(value)) {
            // The user principal name of Windows.
            ("1.3.6.1.4.1.311.20.2.3", Some(name)) => ("upn", name),
            (oid, text) => ("other-name", Clean::from(format!("{oid} {}", text.unwrap_or_else(|| hex(value).into())))),
        },
        GeneralName::RegisteredID(oid) => ("registered-id", oid.to_id_string().into()),
        GeneralName::X400Address(_) => ("x400", Clean::default()),
        GeneralName::EDIPartyName(_) => ("edi-party", Clean::default()),
        _ => ("malformed", Clean::new(&name.to_string())),
    };
    OtherName { kind, value }
}

/// The text inside `[0] EXPLICIT UTF8String`.
fn utf8(value: &[u8]) -> Option<Clean> {
    let (_, outer) = x509_parser::der_parser::asn1_rs::Any::from_der(value).ok()?;
    let (_, inner) = x509_parser::der_parser::asn1_rs::Any::from_der(outer.data).ok()?;
    matches!(inner.tag().0, 12 | 19 | 22).then(|| std::str::from_utf8(inner.data).ok().map(Clean::new)).flatten()
}

fn key_usage(usage: KeyUsage) -> Vec<&'static str> {
    [
        (usage.digital_signature(), "digital-signature"),
        (usage.non_repudiation(), "non-repudiation"),
        (usage.key_encipherment(), "key-encipherment"),
        (usage.data_encipherment(), "data-encipherment"),
        (usage.key_agreement(), "key-agreement"),
        (usage.key_cert_sign(), "certificate-signing"),
        (usage.crl_sign(), "crl-signing"),
        (usage.encipher_only(), "encipher-only"),
        (usage.decipher_only(), "decipher-only"),
    ]
    .into_iter()
    .filter_map(|(set, word)| set.then_some(word))
    .collect()
}

fn extended_key_usage(usage: &ExtendedKeyUsage<'_>) -> Vec<Clean> {
    let known = [
        (usage.any, "any"),
        (usage.server_auth, "server"),
        (usage.client_auth, "client"),
        (usage.code_signing, "code-signing"),
        (usage.email_protection, "email"),
        (usage.time_stamping, "time-stamping"),
        (usage.ocsp_signing, "ocsp-signing"),
    ];
    let known = known.into_iter().filter(|(set, _)| *set).map(|(_, word)| word.into());
    known.chain(usage.other.iter().map(|oid| oid.to_id_string().into())).take(MOST_OTHERS).collect()
}
