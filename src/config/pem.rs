//! PEM files: trust anchors, and the console's own certificate.

use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::file;
use super::reader::{Bad, Reader};
use super::secret;
use super::table::quoted;
use crate::domain::topology::Roots;

/// The largest bundle of public roots is a quarter of a megabyte.
const LARGEST_MIB: u32 = 4;

/// Reads trust anchors.
pub(super) fn roots(reader: &Reader<'_>, written: &str) -> Result<Roots, Bad> {
    let file = reader.path(written);
    let certificates = certificates(&file, written)?;
    Ok(Roots { file, certificates })
}

/// Proves that a file holds a certificate chain, and gives its path.
pub(super) fn chain(reader: &Reader<'_>, written: &str) -> Result<PathBuf, Bad> {
    let file = reader.path(written);
    certificates(&file, written).map(|_| file)
}

/// Proves that a file holds a private key that nobody else may read, and gives its path.
pub(super) fn key(reader: &Reader<'_>, written: &str) -> Result<PathBuf, Bad> {
    let file = reader.path(written);
    let pem = secret::read_private(&file, &quoted(written))?;
    PrivateKeyDer::from_pem_slice(&pem)
        .map(|_| file)
        .map_err(|_| Bad::new(format!("{} holds no private key in PEM form", quoted(written))))
}

fn certificates(path: &Path, written: &str) -> Result<Vec<Vec<u8>>, Bad> {
    let name = quoted(written);
    let pem = file::read(path, LARGEST_MIB).map_err(|error| Bad::new(format!("cannot read {name}: {error}")))?;
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let number = found.len() + 1;
        let broken = || Bad::new(format!("certificate {number} in {name} cannot be read"));
        let der = certificate.map_err(|_| broken())?;
        x509_parser::parse_x509_certificate(&der).map_err(|_| broken())?;
        found.push(der.to_vec());
    }
    if found.is_empty() {
        return Err(Bad::new(format!("{name} holds no certificate")).help(
            "it has to be PEM text with -----BEGIN CERTIFICATE-----; convert DER with `openssl x509 -inform der`",
        ));
    }
    Ok(found)
}
