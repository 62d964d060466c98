//! Whom each side trusts, and where it is read what an authority has taken back.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Trust anchors of the two sides, DER.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Trust {
    /// What the Lync servers trust; `None` when it is not configured.
    pub lync: Option<Roots>,
    /// What the Exchange servers trust.
    pub exchange: Option<Roots>,
    /// Where revocation lists are read.
    pub crls: Vec<CrlSource>,
}

/// Where a revocation list is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlSource {
    /// As it was written: what it is called.
    pub written: String,
    /// The place.
    pub place: CrlPlace,
}

/// The place of a revocation list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CrlPlace {
    /// A file, PEM or DER; read again and again, because whoever publishes lists replaces it.
    File(PathBuf),
    /// A plain HTTP server, as authorities name it in their certificates: the list is signed, so the way need not be.
    Http {
        /// Its host, a name or an address.
        host: String,
        /// Its port.
        port: u16,
        /// What is asked for.
        path: String,
    },
}

impl CrlSource {
    /// Time between two readings: a file may be replaced at any moment and costs little, a server is asked seldom.
    #[must_use]
    pub fn interval(&self) -> Duration {
        match self.place {
            CrlPlace::File(_) => Duration::from_secs(30),
            CrlPlace::Http { .. } => Duration::from_secs(300),
        }
    }

    /// Reads a path or a `http` URL; `relative` makes a path absolute.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(written: &str, relative: impl FnOnce(&str) -> PathBuf) -> Result<Self, String> {
        let place = match written.split_once("://") {
            Some(("http", rest)) => http_place(rest).ok_or("the URL has no usable host, port or path")?,
            Some((scheme, _)) => {
                return Err(format!(
                    "lists are read from files and from http:// URLs, not by {scheme}: they are signed"
                ));
            }
            None if written.is_empty() => return Err("the path is empty".to_owned()),
            None => CrlPlace::File(relative(written)),
        };
        Ok(Self { written: written.to_owned(), place })
    }
}

fn http_place(rest: &str) -> Option<CrlPlace> {
    let slash = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(slash);
    let path = if path.is_empty() { "/" } else { path };
    let after_bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[after_bracket..].rsplit_once(':') {
        Some((before, port)) => {
            (&authority[..after_bracket + before.len()], port.parse().ok().filter(|port| *port != 0)?)
        }
        None => (authority, 80),
    };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let sound = !host.is_empty() && !host.contains('@') && plain(host) && plain(path) && !path.contains('#');
    sound.then(|| CrlPlace::Http { host: host.to_owned(), port, path: path.to_owned() })
}

/// A set of trust anchors.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Roots {
    /// Where they were read.
    pub file: PathBuf,
    /// Certificates in DER.
    pub certificates: Vec<Vec<u8>>,
}
