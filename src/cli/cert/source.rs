//! Where a chain comes from: a live listener or a file. And the roots to judge it by.

use std::fs::File;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::cli::Usage;
use crate::cli::context::environment;
use crate::domain::certificate::Required;
use crate::domain::clean::Clean;
use crate::domain::name::Fqdn;
use crate::domain::observation::{SipFailure, TlsSession};
use crate::domain::server::Transport;
use crate::domain::topology::{AddressMap, CrlPlace, CrlSource, ProbeIdentity, Roots};
use crate::domain::watch::{crl_failure_words, sip_failure_words};
use crate::probe::{Clock, SipProber, Target, crl};
use crate::report::revocation::ListsOf;

/// The word for this machine's own roots.
pub(super) const SYSTEM: &str = "system";

/// Where systems keep their roots in one file: Debian, Red Hat, SUSE, BSD and macOS.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The largest bundle of public roots is a quarter of a megabyte.
const LARGEST: u64 = 4 * 1024 * 1024;
/// The most certificates of a chain that are read.
const LONGEST: usize = 16;
/// The most addresses of a name that are tried.
const ADDRESSES: usize = 8;

/// What was presented, and how.
pub(super) struct Presented {
    pub(super) source: Clean,
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) session: Option<TlsSession>,
    pub(super) detail: Option<Clean>,
}

/// Reads a chain from a file.
pub(super) fn file(path: &Path) -> Result<Presented, Usage> {
    let mut chain = certificates("--file", path)?;
    chain.truncate(LONGEST);
    Ok(Presented { source: Clean::new(&path.display().to_string()), chain, session: None, detail: None })
}

/// Reads roots from a file, or this machine's own.
pub(super) fn roots(path: &Path) -> Result<Roots, Usage> {
    if path != Path::new(SYSTEM) {
        return Ok(Roots { file: path.to_owned(), certificates: certificates("--roots", path)? });
    }
    let named = environment("SSL_CERT_FILE").map(PathBuf::from);
    let usual = || BUNDLES.iter().map(PathBuf::from).find(|bundle| bundle.is_file());
    let bundle = named.or_else(usual).ok_or_else(|| {
        Usage("this machine keeps no roots where they usually are: say --roots PEM, or --name NAME".to_owned())
    })?;
    Ok(Roots { file: SYSTEM.into(), certificates: certificates("--roots", &bundle)? })
}

fn certificates(option: &str, path: &Path) -> Result<Vec<Vec<u8>>, Usage> {
    let wrong = |why: String| Usage(format!("{option} {}: {why}", path.display()));
    let mut pem = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut pem));
    read.map_err(|error| wrong(error.to_string()))?;
    if pem.len() as u64 > LARGEST {
        return Err(wrong("is larger than 4 MiB".to_owned()));
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() {
        return Err(wrong("holds no certificate in PEM; convert DER with `openssl x509 -inform der`".to_owned()));
    }
    Ok(found.into_iter().map(|certificate| certificate.to_vec()).collect())
}

/// Reads revocation lists. A file that is not there is a wrong command line, a server that does not answer is an answer.
pub(super) async fn lists(sources: Vec<CrlSource>, timeout: Duration) -> Result<Vec<ListsOf>, Usage> {
    let mut all = Vec::new();
    for source in sources {
        let read = crl::read(&source.place, &AddressMap::default(), timeout).await;
        let read = read.map_err(|failure| crl_failure_words(&failure));
        match (read, &source.place) {
            (Err(why), CrlPlace::File(_)) => return Err(Usage(format!("--crl {}: {why}", source.written))),
            (read, _) => all.push(ListsOf { source: source.written, read }),
        }
    }
    Ok(all)
}

/// Reads a chain from a TLS listener: each of its addresses, until one of them takes the connection.
pub(super) async fn live(text: &str, names: &[Required], timeout: Duration, clock: Clock) -> anyhow::Result<Presented> {
    let (host, port) = endpoint(text)?;
    let name = asked_name(&host, names)?;
    let prober = SipProber::alone(&ProbeIdentity::default(), clock)?;
    let (began, mut failure, mut seen) = (Instant::now(), Some(SipFailure::NoAddress(Clean::new(&host))), None);
    for address in addresses(&host, port, timeout).await {
        let address = SocketAddr::new(address, port);
        let target = Target { name: name.clone(), server_name: None, address, transport: Transport::Tls };
        let (result, session) = prober.look(&target, timeout.saturating_sub(began.elapsed())).await;
        (failure, seen) = (result.err(), session);
        if !matches!(failure, Some(SipFailure::Refused | SipFailure::Unreachable(_))) {
            break;
        }
    }
    let session = seen.map(|session| TlsSession::clone(&session)).filter(|session| !session.chain.is_empty());
    Ok(Presented {
        source: Clean::new(&format!("{host} port {port}")),
        chain: session.as_ref().map(|session| session.chain.clone()).unwrap_or_default(),
        session,
        detail: failure.as_ref().map(sip_failure_words).map(Clean::from),
    })
}

/// Host and port; brackets around an IPv6 address.
fn endpoint(text: &str) -> Result<(String, u16), Usage> {
    let wrong = || Usage(format!("{text}: write HOST:PORT, such as um1.tukwila.contoso.com:5061"));
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let port: u16 = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match inner {
        Some(address) if address.parse::<IpAddr>().is_ok() => Ok((address.to_owned(), port)),
        None if !host.is_empty() && !host.contains([':', '/', '@', '[']) => Ok((host.to_owned(), port)),
        _ => Err(wrong()),
    }
}

/// The name for the handshake: the host's, or for an address the first name that is asked about.
fn asked_name(host: &str, names: &[Required]) -> Result<Fqdn, Usage> {
    let wanted = names.iter().find_map(|name| match name {
        Required::Name(name) => Some(name.clone()),
        Required::Address(_) => None,
    });
    match (host.parse::<IpAddr>(), wanted) {
        (Ok(_), Some(name)) => Ok(name),
        (Ok(IpAddr::V6(_)), None) => {
            Err(Usage(format!("[{host}]: with an IPv6 address say --name NAME, the name to ask for")))
        }
        _ => Fqdn::parse(host).map_err(|error| Usage(error.to_string())),
    }
}

async fn addresses(host: &str, port: u16, timeout: Duration) -> Vec<IpAddr> {
    if let Ok(address) = host.parse() {
        return vec![address];
    }
    match tokio::time::timeout(timeout, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(found)) => found.map(|address| address.ip()).take(ADDRESSES).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_a_host_and_a_port() {
        assert_eq!(endpoint("um1.contoso.com:5061").unwrap(), ("um1.contoso.com".to_owned(), 5061));
        assert_eq!(endpoint("[2001:db8::1]:5061").unwrap(), ("2001:db8::1".to_owned(), 5061));
        for wrong in ["um1", "um1:", "um1:0", "um1:99999", ":5061", "2001:db8::1:5061", "sips:um1:5061", "[um1]:5061"] {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_is_asked_by_the_first_name() {
        let names = [Required::parse("192.0.2.1").unwrap(), Required::parse("um1.contoso.com").unwrap()];
        assert_eq!(asked_name("192.0.2.1", &names).unwrap().as_str(), "um1.contoso.com");
        assert_eq!(asked_name("um2.contoso.com", &names).unwrap().as_str(), "um2.contoso.com");
        assert!(asked_name("2001:db8::1", &[]).is_err());
    }
}
