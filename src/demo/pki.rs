//! The demo's certificate authorities, and the certificates of its servers in every condition a trainee should meet.
//!
//! Makes certificates; knows nothing of sockets or of who presents them. Keys live in memory only, and nobody outside
//! the demo trusts these roots.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData, RevocationReason,
    RevokedCertParams, SerialNumber, SignatureAlgorithm,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};

use super::error::DemoError;

const DAY: Duration = Duration::from_secs(86_400);
/// Half a day more than the whole days, so that the number of days on screen does not change while one looks.
const HALF_DAY: Duration = Duration::from_secs(43_200);

/// What is wrong with a server's certificate, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Nothing: trusted by both sides, covers all names, 213 days left.
    Good,
    /// Ended three days ago.
    Expired,
    /// Ends in five days.
    Expiring,
    /// Signed by its own key, as Exchange's set-up leaves it.
    SelfSigned,
    /// Covers too few names.
    MissingName,
    /// Issued by an authority that the Exchange side trusts and the Lync side does not.
    WrongAuthority,
    /// On its authority's revocation list since yesterday.
    Revoked,
}

/// A chain and the key that proves it.
#[derive(Debug)]
pub struct Identity {
    /// DER, leaf first, without the root.
    pub chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Identity {
    /// As a TLS server or client presents it.
    pub fn certified_key(&self) -> Result<Arc<CertifiedKey>, DemoError> {
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        CertifiedKey::from_der(self.chain.clone(), key, &ring::default_provider())
            .map(Arc::new)
            .map_err(|error| DemoError::Certificate(error.to_string()))
    }

    /// The chain in PEM.
    #[must_use]
    pub fn chain_pem(&self) -> String {
        self.chain.iter().map(|der| pem("CERTIFICATE", der)).collect()
    }

    /// The private key in PEM (PKCS #8).
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }
}

/// The authorities of one demo: a root that both sides trust with the authority below it, and a second root that only
/// the Exchange side trusts.
pub struct Authorities {
    root: CertifiedIssuer<'static, KeyPair>,
    issuing: CertifiedIssuer<'static, KeyPair>,
    other: CertifiedIssuer<'static, KeyPair>,
    now: Timestamp,
}

impl Condition {
    /// Every condition.
    pub const ALL: &[Self] = &[
        Self::Good,
        Self::Expired,
        Self::Expiring,
        Self::SelfSigned,
        Self::MissingName,
        Self::WrongAuthority,
        Self::Revoked,
    ];
}

impl Authorities {
    /// Makes all of them new; `now` is the moment that validity is counted from.
    pub fn new(now: Timestamp) -> Result<Self, DemoError> {
        let root = CertifiedIssuer::self_signed(authority("Contoso Root CA", now)?, key()?).map_err(failed)?;
        let issuing =
            CertifiedIssuer::signed_by(authority("Contoso Issuing CA 2", now)?, key()?, &root).map_err(failed)?;
        let other = CertifiedIssuer::self_signed(authority("Contoso Exchange CA", now)?, key()?).map_err(failed)?;
        Ok(Self { root, issuing, other, now })
    }

    /// What the Lync servers trust, in PEM.
    #[must_use]
    pub fn lync_roots(&self) -> String {
        self.root.pem()
    }

    /// What the Exchange servers trust, in PEM.
    #[must_use]
    pub fn exchange_roots(&self) -> String {
        self.root.pem() + &self.other.pem()
    }

    /// What the Lync servers trust, in DER.
    #[must_use]
    pub fn lync_root(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    /// Issues a certificate: subject `own`, subject alternative names `names`.
    pub fn issue(&self, own: &str, names: &[String], condition: Condition) -> Result<Identity, DemoError> {
        let key = key()?;
        let (leaf, above) = match condition {
            Condition::SelfSigned => (self.leaf(own, names, condition)?.self_signed(&key), None),
            Condition::WrongAuthority => (self.leaf(own, names, condition)?.signed_by(&key, &self.other), None),
            _ => (self.leaf(own, names, condition)?.signed_by(&key, &self.issuing), Some(self.issuing.der().clone())),
        };
        let leaf = leaf.map_err(failed)?;
        Ok(Identity { chain: std::iter::once(leaf.der().clone()).chain(above).collect(), key })
    }

    /// A chain for a server that never proves its key, as one of the old TLS versions in this demo: RSA 2048, where the
    /// public key is random and nobody has the private one. Only a self-signed one has a real key, of another kind.
    pub fn issue_for_show(
        &self,
        own: &str,
        names: &[String],
        condition: Condition,
    ) -> Result<Vec<CertificateDer<'static>>, DemoError> {
        let (issuer, above) = match condition {
            Condition::SelfSigned => return Ok(self.issue(own, names, condition)?.chain),
            Condition::WrongAuthority => (&self.other, None),
            _ => (&self.issuing, Some(self.issuing.der().clone())),
        };
        let leaf = self.leaf(own, names, condition)?.signed_by(&RandomModulus::new(), issuer).map_err(failed)?;
        Ok(std::iter::once(leaf.der().clone()).chain(above).collect())
    }

    /// The revocation lists of the authority that issues the servers' certificates, and of the root, in PEM: every server has a
    /// certificate that is on the first one, which it presents when that fault is on.
    pub fn revocation_lists(&self, servers: impl IntoIterator<Item = String>) -> Result<String, DemoError> {
        let day = |days: i64| {
            let offset = DAY * u32::try_from(days.unsigned_abs()).unwrap_or(0);
            let now = since_1970(self.now);
            rcgen::date_time_ymd(1970, 1, 1) + if days < 0 { now.saturating_sub(offset) } else { now + offset }
        };
        let entry = |server: String| RevokedCertParams {
            serial_number: serial_of_revoked(&server),
            revocation_time: day(-1),
            reason_code: Some(RevocationReason::Superseded),
            invalidity_date: None,
        };
        let list = |revoked_certs| CertificateRevocationListParams {
            this_update: day(-1),
            next_update: day(30),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let pem = |list: CertificateRevocationListParams, by: &CertifiedIssuer<'static, KeyPair>| {
            list.signed_by(by).and_then(|list| list.pem()).map_err(failed)
        };
        Ok(pem(list(servers.into_iter().map(entry).collect()), &self.issuing)? + &pem(list(Vec::new()), &self.root)?)
    }

    fn leaf(&self, own: &str, names: &[String], condition: Condition) -> Result<CertificateParams, DemoError> {
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Contoso");
        params.distinguished_name.push(DnType::CommonName, own);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = condition != Condition::SelfSigned;
        if condition == Condition::Revoked {
            params.serial_number = Some(serial_of_revoked(own));
        }
        let now = since_1970(self.now);
        let (from, to) = match condition {
            Condition::Expired => (now.saturating_sub(DAY * 368), now.saturating_sub(DAY * 3)),
            Condition::Expiring => (now.saturating_sub(DAY * 360), now + DAY * 5 + HALF_DAY),
            _ => (now.saturating_sub(DAY * 152), now + DAY * 213 + HALF_DAY),
        };
        params.not_before = rcgen::date_time_ymd(1970, 1, 1) + from;
        params.not_after = rcgen::date_time_ymd(1970, 1, 1) + to;
        Ok(params)
    }
}

/// A serial number that a server's revoked certificate has and no other one.
fn serial_of_revoked(server: &str) -> SerialNumber {
    let mut serial = Sha256::digest(format!("revoked {server}")).to_vec();
    serial.truncate(16);
    // Positive, and not beginning with a zero (RFC 5280 §4.1.2.2).
    serial[0] = serial[0] & 0x3f | 0x40;
    SerialNumber::from(serial)
}

/// An RSA public key (RFC 8017 §A.1.1) with a random modulus and no private key.
struct RandomModulus(Vec<u8>);

impl RandomModulus {
    fn new() -> Self {
        let mut modulus: [u8; 256] = rand::random();
        modulus[0] |= 0x80;
        modulus[255] |= 1;
        // SEQUENCE { INTEGER modulus, with a zero in front so that it is positive; INTEGER 65537 }
        let mut der = vec![0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00];
        der.extend_from_slice(&modulus);
        der.extend_from_slice(&[0x02, 0x03, 0x01, 0x00, 0x01]);
        Self(der)
    }
}

impl PublicKeyData for RandomModulus {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

fn authority(name: &str, now: Timestamp) -> Result<CertificateParams, DemoError> {
    let mut params = CertificateParams::new(Vec::new()).map_err(failed)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Contoso");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_1970(now).saturating_sub(DAY * 1500);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_1970(now) + DAY * 2100;
    Ok(params)
}

fn key() -> Result<KeyPair, DemoError> {
    KeyPair::generate().map_err(failed)
}

/// Since the start of 1970, which rcgen's dates are counted from here.
fn since_1970(at: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0))
}

#[expect(clippy::needless_pass_by_value, reason = "used as the argument of map_err")]
fn failed(error: rcgen::Error) -> DemoError {
    DemoError::Certificate(error.to_string())
}

/// RFC 7468 text.
fn pem(label: &str, der: &[u8]) -> String {
    let base64 = data_encoding::BASE64.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(64) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::domain::certificate::{Crl, Facts, Known, judge_trust};
    use crate::domain::name::Fqdn;
    use crate::domain::topology::Roots;

    const OWN: &str = "um1.tukwila.contoso.com";

    struct Bench {
        authorities: Authorities,
        now: Timestamp,
    }

    impl Bench {
        fn new() -> Self {
            let now = "2026-11-22T14:02:11Z".parse().unwrap();
            Self { authorities: Authorities::new(now).unwrap(), now }
        }

        fn leaf(&self, condition: Condition) -> (Facts, Vec<Vec<u8>>) {
            let names = [OWN.to_owned(), "um3.dublin.contoso.com".to_owned()];
            let identity = self.authorities.issue(OWN, &names, condition).unwrap();
            identity.certified_key().unwrap();
            let chain: Vec<Vec<u8>> = identity.chain.iter().map(|der| der.to_vec()).collect();
            (Facts::read(&chain[0]).unwrap(), chain)
        }

        fn trusted(&self, chain: &[Vec<u8>], pem: &str) -> bool {
            let certificates =
                CertificateDer::pem_slice_iter(pem.as_bytes()).map(|der| der.unwrap().to_vec()).collect();
            judge_trust(chain, &Roots { file: PathBuf::new(), certificates }, Known::default(), self.now).ok
        }

        fn by_both_sides(&self, chain: &[Vec<u8>]) -> (bool, bool) {
            (
                self.trusted(chain, &self.authorities.lync_roots()),
                self.trusted(chain, &self.authorities.exchange_roots()),
            )
        }
    }

    use rustls::pki_types::pem::PemObject;

    #[test]
    fn a_good_certificate_carries_its_own_name_and_both_sides_trust_it() {
        let bench = Bench::new();
        let (facts, chain) = bench.leaf(Condition::Good);
        assert_eq!(facts.subject_cn.as_ref().unwrap().as_str(), OWN);
        assert!(facts.covers(&Fqdn::parse("um3.dublin.contoso.com").unwrap()));
        assert_eq!(facts.days_left(bench.now), 213);
        assert_eq!(bench.by_both_sides(&chain), (true, true));
    }

    #[test]
    fn each_condition_is_what_its_name_says() {
        let bench = Bench::new();
        assert!(bench.leaf(Condition::Expired).0.not_after < bench.now);
        assert_eq!(bench.leaf(Condition::Expiring).0.days_left(bench.now), 5);
        let (facts, chain) = bench.leaf(Condition::SelfSigned);
        assert!(facts.self_signed);
        assert_eq!(bench.by_both_sides(&chain), (false, false));
        let (_, chain) = bench.leaf(Condition::WrongAuthority);
        assert_eq!(bench.by_both_sides(&chain), (false, true));
    }

    #[test]
    fn the_revoked_certificate_of_each_server_is_on_the_list_and_no_other_one() {
        let bench = Bench::new();
        let list = bench.authorities.revocation_lists([OWN.to_owned()]).unwrap();
        let list = Crl::read(list.as_bytes()).unwrap().remove(0);
        for condition in Condition::ALL {
            let (facts, chain) = bench.leaf(*condition);
            assert_eq!(list.revokes(&facts.serial).is_some(), *condition == Condition::Revoked, "{condition:?}");
            assert!(*condition != Condition::Revoked || list.is_signed_by(&chain[1]));
        }
    }

    #[test]
    fn the_certificate_for_show_is_rsa_and_leads_to_the_roots() {
        let bench = Bench::new();
        let chain = bench.authorities.issue_for_show(OWN, &[OWN.to_owned()], Condition::Good).unwrap();
        let chain: Vec<Vec<u8>> = chain.iter().map(|der| der.to_vec()).collect();
        assert_eq!(Facts::read(&chain[0]).unwrap().key.as_str(), "RSA 2048");
        assert_eq!(bench.by_both_sides(&chain), (true, true));
    }
}
