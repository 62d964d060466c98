//! `switchboard probe`: one SIP OPTIONS to one listener, and what it said.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;

use super::context::Context;
use super::value::duration;

/// The exit code when the listener is not alive.
pub(crate) const FAILED: u8 = 1;

/// Ask one SIP listener whether it is alive
///
/// Exit codes: 0 alive, 1 not alive, 3 wrong command line.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// sip:HOST:PORT;transport=udp|tcp or sips:HOST:PORT
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
#[expect(clippy::unused_async, reason = "commands share one shape")]
pub(crate) async fn run(args: Args, _context: &Context) -> anyhow::Result<u8> {
    let _ = (args.server_name, args.roots, args.cert, args.key, args.timeout, args.json);
    bail!("`probe {}` is not built yet", args.uri)
}
