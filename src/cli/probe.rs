//! `switchboard probe`: one SIP OPTIONS to one listener, and what it said.

mod endpoint;
mod show;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::context::Context;
use super::value::duration;
use super::{Usage, output};
use crate::domain::certificate::{Known, judge_trust};
use crate::domain::name::Fqdn;
use crate::domain::observation::{SipFailure, SipOutcome};
use crate::domain::server::Transport;
use crate::domain::topology::{ProbeIdentity, Roots};
use crate::probe::{Clock, SipProber, Target};

use endpoint::Endpoint;
use show::Report;

/// The exit code when the listener is not alive.
pub(crate) const FAILED: u8 = 1;

/// Ask one SIP listener whether it is alive
///
/// Exit codes: 0 alive, 1 not alive, 3 wrong command line.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// sip:HOST:PORT;transport=udp|tcp or sips:HOST:PORT [default transport: tcp, ports: 5060 and 5061]
    #[arg(value_name = "URI")]
    pub(crate) uri: String,
    /// Ask for this name in the TLS handshake and in the request, instead of the URI's host
    #[arg(long, value_name = "NAME")]
    pub(crate) server_name: Option<String>,
    /// Say whether the certificate chain leads to these roots
    #[arg(long, value_name = "PEM")]
    pub(crate) roots: Vec<PathBuf>,
    /// Show this certificate chain (mutual TLS)
    #[arg(long, value_name = "PEM", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of --cert
    #[arg(long, value_name = "PEM", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// How long the whole probe may take
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = "\
Examples:
  switchboard probe 'sip:um1.tukwila.contoso.com:5060;transport=tcp'
  switchboard probe sips:192.0.2.11:5061 --server-name um1.tukwila.contoso.com --roots lync-roots.pem";

/// Sends the probe.
pub(crate) async fn run(args: Args, _context: &Context) -> anyhow::Result<u8> {
    let mut endpoint = Endpoint::parse(&args.uri, args.server_name.as_deref())?;
    let identity = identity(&args, &mut endpoint)?;
    let roots = args.roots.iter().map(|file| read_roots(file)).collect::<Result<Vec<Roots>, Usage>>()?;
    let clock = Clock::start();
    let prober = SipProber::alone(&identity, clock.clone()).map_err(|error| Usage(error.to_string()))?;
    let outcome = ask(&prober, &endpoint, args.timeout).await;
    let chain = outcome.tls.as_ref().map(|tls| tls.chain.as_slice()).unwrap_or_default();
    let now = clock.now();
    let trust =
        roots.iter().map(|roots| (roots.file.as_path(), judge_trust(chain, roots, Known::default(), now))).collect();
    let report = Report { endpoint: &endpoint, outcome: &outcome, trust, now };
    if args.json {
        output::json(&report.json()?)?;
    } else {
        output::print(&report.text())?;
    }
    Ok(if outcome.result.is_ok() { 0 } else { FAILED })
}

/// What the probe shows of itself; with a certificate TLS becomes mutual.
fn identity(args: &Args, endpoint: &mut Endpoint) -> Result<ProbeIdentity, Usage> {
    if args.cert.is_some() {
        if !endpoint.transport.is_tls() {
            return Err(Usage(format!("--cert needs TLS: write sips:{}:{}", endpoint.host, endpoint.port)));
        }
        endpoint.transport = Transport::MutualTls;
    }
    Ok(ProbeIdentity { from: None, certificate: args.cert.clone(), key: args.key.clone() })
}

fn read_roots(file: &Path) -> Result<Roots, Usage> {
    let wrong = |why: String| Usage(format!("--roots {}: {why}", file.display()));
    let certificates: Vec<Vec<u8>> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(error.to_string()))?
        .into_iter()
        .map(|certificate| certificate.to_vec())
        .collect();
    if certificates.is_empty() {
        return Err(wrong("holds no certificate in PEM".to_owned()));
    }
    Ok(Roots { file: file.to_owned(), certificates })
}

/// Asks the host's addresses, one after the other, until one of them takes the connection.
async fn ask(prober: &SipProber, endpoint: &Endpoint, timeout: Duration) -> SipOutcome {
    let began = Instant::now();
    let mut newest = None;
    for address in addresses(endpoint, timeout).await {
        let target = Target {
            name: endpoint.name.clone(),
            server_name: None,
            address: SocketAddr::new(address, endpoint.port),
            transport: endpoint.transport,
        };
        let outcome = prober.probe(&target, timeout.saturating_sub(began.elapsed())).await;
        let elsewhere = matches!(outcome.result, Err(SipFailure::Refused | SipFailure::Unreachable(_)));
        newest = Some(outcome);
        if !elsewhere {
            break;
        }
    }
    newest.unwrap_or_else(|| SipOutcome {
        transport: endpoint.transport,
        address: SocketAddr::new(IpAddr::from([0, 0, 0, 0]), endpoint.port),
        result: Err(SipFailure::NoAddress(endpoint.host.as_str().into())),
        tls: None,
    })
}

/// The most addresses that are tried.
const ADDRESSES: usize = 8;

async fn addresses(endpoint: &Endpoint, timeout: Duration) -> Vec<IpAddr> {
    if let Ok(address) = endpoint.host.parse() {
        return vec![address];
    }
    let lookup = tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port));
    match tokio::time::timeout(timeout, lookup).await {
        Ok(Ok(found)) => found.map(|address| address.ip()).take(ADDRESSES).collect(),
        _ => Vec::new(),
    }
}

/// A name given by hand.
fn name(text: &str) -> Result<Fqdn, Usage> {
    Fqdn::parse(text).map_err(|error| Usage(error.to_string()))
}
