//! Every path from a leaf to an anchor (RFC 5280 §6), by webpki; and the algorithms that it refuses, for saying why.

use std::cell::RefCell;

use ring::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters, UnparsedPublicKey,
};
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, TrustAnchor, UnixTime,
    alg_id,
};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::algorithm::Signed;
use super::checked;

/// Paths beyond this are not looked at: cross-signed authorities have two or three.
const MOST_PATHS: usize = 32;

/// One path that holds: DER of the intermediates from the leaf up, and which anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) intermediates: Vec<Vec<u8>>,
    pub(super) anchor: usize,
}

/// Which signatures count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// Today's.
    Strong,
    /// SHA-1 and RSA keys from 1024 bits too. Never trusted, only explained.
    Weak,
}

/// What is asked of a leaf.
pub(super) struct Search<'a> {
    pub(super) leaf: &'a [u8],
    pub(super) anchors: &'a [TrustAnchor<'a>],
    pub(super) at: UnixTime,
    pub(super) client: bool,
}

impl Search<'_> {
    /// All paths by way of the intermediates; when there is none, why.
    pub(super) fn paths(&self, intermediates: &[CertificateDer<'_>], strength: Strength) -> Result<Vec<Path>, Error> {
        let leaf = CertificateDer::from(self.leaf);
        let end_entity = EndEntityCert::try_from(&leaf)?;
        let found = RefCell::new(Vec::new());
        let note = |path: &webpki::VerifiedPath<'_>| {
            let anchor = self.anchors.iter().position(|anchor| std::ptr::eq(anchor, path.anchor()));
            let intermediates =
                path.intermediate_certificates().map(|certificate| certificate.der().to_vec()).collect();
            let mut found = found.borrow_mut();
            found.extend(anchor.map(|anchor| Path { intermediates, anchor }));
            // An error makes the search go on to the next path.
            if found.len() < MOST_PATHS { Err(Error::UnknownIssuer) } else { Ok(()) }
        };
        let usage = if self.client { KeyUsage::client_auth() } else { KeyUsage::server_auth() };
        let strong = webpki::ALL_VERIFICATION_ALGS.iter().map(|algorithm| Once(Strength::Strong, *algorithm));
        let weak = WEAK.iter().filter(|_| strength == Strength::Weak).map(|algorithm| Once(Strength::Weak, *algorithm));
        let all: Vec<Once> = weak.chain(strong).collect();
        let algorithms: Vec<&dyn SignatureVerificationAlgorithm> = all.iter().map(|once| once as _).collect();
        let ended = end_entity
            .verify_for_usage(&algorithms, self.anchors, intermediates, self.at, usage, None, Some(&note))
            .map(|_| ());
        let found = found.take();
        if found.is_empty() { Err(ended.err().unwrap_or(Error::UnknownIssuer)) } else { Ok(found) }
    }
}

/// An algorithm that checks each signature once. Of one name, the weak one takes what the strong one refuses.
#[derive(Debug)]
struct Once(Strength, &'static dyn SignatureVerificationAlgorithm);

impl SignatureVerificationAlgorithm for Once {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let (key_algorithm, algorithm) = (self.public_key_alg_id(), self.signature_alg_id());
        let own = if self.0 == Strength::Strong { &b"strong"[..] } else { b"weak" };
        let all = [own, key_algorithm.as_ref(), algorithm.as_ref(), public_key, message, signature];
        let check = || match self.1.verify_signature(public_key, message, signature) {
            Ok(()) => Signed::Yes,
            Err(InvalidSignature) => Signed::No,
        };
        if checked::once(&all, check) == Signed::Yes { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.1.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.1.signature_alg_id()
    }
}

/// RSA with a short key or an old hash.
#[derive(Debug)]
struct Short {
    signature: AlgorithmIdentifier,
    parameters: &'static RsaParameters,
}

/// sha1WithRSAEncryption, with NULL parameters (RFC 3279 §2.2.1).
const RSA_SHA1: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00]);

const WEAK: &[&dyn SignatureVerificationAlgorithm] = &[
    &Short { signature: RSA_SHA1, parameters: &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY },
    &Short { signature: alg_id::RSA_PKCS1_SHA256, parameters: &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY },
    &Short { signature: alg_id::RSA_PKCS1_SHA512, parameters: &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY },
];

impl SignatureVerificationAlgorithm for Short {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.parameters, public_key).verify(message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}
