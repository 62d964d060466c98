//! `switchboard cert`: what a certificate says, which names it covers, which roots it leads to.

mod source;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::context::Context;
use super::value::duration;
use super::{Usage, output};
use crate::domain::certificate::{
    Crl, Facts, Known, Purpose, Required, TrustVerdict, Uncovered, judge_chain, judge_revocation,
};
use crate::domain::clean::Clean;
use crate::domain::topology::{CrlSource, Roots};
use crate::probe::Clock;
use crate::report::cert::Examined;
use crate::report::revocation::{ListsOf, Revocations};

use source::{Presented, SYSTEM};

/// The exit code when something that was asked does not hold.
pub(crate) const FAILED: u8 = 1;

/// Read a certificate, from a server or a file, and say what it is good for
///
/// Exit codes: 0 everything asked holds, 1 something does not, 3 wrong command line.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, group = clap::ArgGroup::new("source").required(true))]
pub(crate) struct Args {
    /// A TLS listener, such as um1.tukwila.contoso.com:5061
    #[arg(value_name = "HOST:PORT", group = "source")]
    pub(crate) server: Option<String>,
    /// A chain in PEM, the leaf first
    #[arg(long, value_name = "PEM", group = "source")]
    pub(crate) file: Option<PathBuf>,
    /// Say whether it covers this name or address
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,
    /// Say whether it leads to these roots; `system` for those of this machine, the default without --name
    #[arg(long, value_name = "PEM")]
    pub(crate) roots: Vec<PathBuf>,
    /// Say whether it was revoked by this list: a file or an http:// URL
    #[arg(long, value_name = "CRL")]
    pub(crate) crl: Vec<String>,
    /// Judge for this time instead of now, such as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "RFC3339")]
    pub(crate) at: Option<Timestamp>,
    /// It has to be good for calling too, as on mutual TLS
    #[arg(long)]
    pub(crate) mutual: bool,
    /// How long reading from a server may take
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = "\
Examples:
  switchboard cert um3.dublin.contoso.com:5061 --name um1.tukwila.contoso.com --roots lync-roots.pem
  switchboard cert --file new-chain.pem --name um1.tukwila.contoso.com --name um3.dublin.contoso.com
  switchboard cert um1.tukwila.contoso.com:5061 --roots lync-roots.pem --at 2027-01-31T00:00:00Z
  switchboard cert um1.tukwila.contoso.com:5061 --roots lync-roots.pem --crl http://pki.contoso.com/issuing.crl";

/// Reads and judges.
pub(crate) async fn run(args: Args, _context: &Context) -> anyhow::Result<u8> {
    let names: Vec<Required> = args.name.iter().map(|name| required(name)).collect::<Result<_, _>>()?;
    let roots = roots(&args)?;
    let sources = args.crl.iter().map(|written| crl_source(written)).collect::<Result<Vec<_>, _>>()?;
    let clock = Clock::start();
    let presented = match (&args.server, &args.file) {
        (Some(server), _) => source::live(server, &names, args.timeout, clock.clone()).await?,
        (None, Some(file)) => source::file(file)?,
        (None, None) => return Err(Usage("say HOST:PORT or --file PEM".to_owned()).into()),
    };
    let lists = source::lists(sources, args.timeout).await?;
    let question = Question { names, roots, lists, at: args.at.unwrap_or_else(|| clock.now()), mutual: args.mutual };
    let examined = examine(presented, question);
    if args.json {
        output::json(&examined.json())?;
    } else {
        output::print(&examined.text())?;
    }
    Ok(if examined.holds() { 0 } else { FAILED })
}

fn required(name: &str) -> Result<Required, Usage> {
    Required::parse(name).map_err(|error| Usage(format!("--name: {error}")))
}

/// The roots that are asked about. Without any question trust alone is judged, by this machine's own roots.
fn roots(args: &Args) -> Result<Vec<Roots>, Usage> {
    if args.roots.is_empty() && args.name.is_empty() && args.crl.is_empty() {
        return Ok(vec![source::roots(SYSTEM.as_ref())?]);
    }
    args.roots.iter().map(|file| source::roots(file)).collect()
}

/// A list that cannot be had is a finding of the command, a place that cannot be one is a wrong command line.
fn crl_source(written: &str) -> Result<CrlSource, Usage> {
    CrlSource::parse(written, |path| PathBuf::from(path)).map_err(|why| Usage(format!("--crl {written}: {why}")))
}

/// Everything that is asked of a chain.
struct Question {
    names: Vec<Required>,
    roots: Vec<Roots>,
    lists: Vec<ListsOf>,
    at: Timestamp,
    mutual: bool,
}

fn examine(presented: Presented, question: Question) -> Examined {
    let Question { names, roots, lists, at, mutual } = question;
    let chain: Vec<_> = presented.chain.iter().map(|der| Facts::read(der)).collect();
    let coverage = |name: &Required| match chain.first() {
        Some(Ok(leaf)) => leaf.coverage(name),
        _ => Err(Uncovered::Unreadable),
    };
    let names = names.into_iter().map(|name| (name.clone(), coverage(&name))).collect();
    let all: Vec<&Roots> = roots.iter().collect();
    let mut revocations = Revocations { places: lists, certificates: Vec::new() };
    let usable: Vec<Arc<Crl>> = revocations.lists().cloned().collect();
    let known = Known { elsewhere: &all, lists: &usable, ..Known::default() };
    let judge = |roots: &Roots| -> TrustVerdict {
        let of = |purpose| judge_chain(&presented.chain, roots, known, at, purpose);
        match of(Purpose::Server) {
            verdict if verdict.ok && mutual => of(Purpose::Client),
            verdict => verdict,
        }
    };
    let trust = roots.iter().map(|roots| (Clean::new(&roots.file.display().to_string()), judge(roots))).collect();
    let signers = roots.iter().flat_map(|roots| &roots.certificates).map(Vec::as_slice);
    if !revocations.places.is_empty() {
        revocations.certificates = judge_revocation(&presented.chain, signers, &usable);
    }
    let Presented { source, session, detail, .. } = presented;
    Examined { source, at, session, detail, chain, names, trust, revocations }
}
