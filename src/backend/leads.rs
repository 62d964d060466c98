//! Records besides those of a plan that may lead callers to a server: SRV, CNAME and addresses of some names, as the write primary has them.

use std::net::{IpAddr, SocketAddr};

use hickory_proto::rr::RecordType;
use tokio::time::{Duration, Instant};

use super::dns_line::Line;
use crate::domain::name::Fqdn;
use crate::domain::observation::{DnsFailure, DnsKind};
use crate::domain::watch::dns_failure_words;
use crate::wire::dns::answer::{Half, services};
use crate::wire::dns::to_name;

/// One record that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Whose record.
    pub name: Fqdn,
    /// `SRV`, `CNAME`, or an address.
    pub kind: &'static str,
    /// The name that it leads to; absent for an address.
    pub target: Option<Fqdn>,
    /// The addresses where that ends, as far as this server knows them.
    pub addresses: Vec<IpAddr>,
}

/// Reads where names of a zone lead. Never outlives `patience`.
///
/// # Errors
/// Why it could not be read, in words: what cannot be read does not lead nowhere.
pub async fn read_leads(connect: SocketAddr, names: &[Fqdn], patience: Duration) -> Result<Vec<Lead>, String> {
    let mut line = Line::open(connect, Instant::now() + patience).await.map_err(|error| error.to_string())?;
    let mut leads = Vec::new();
    for name in names {
        let told = |why: String| format!("{name}: {why}");
        let message = line.ask(&to_name(name), RecordType::SRV).await.map_err(|error| told(error.to_string()))?;
        for target in services(&message, &to_name(name)).map_err(|failure| told(dns_failure_words(&failure)))? {
            let addresses = known(addresses(&mut line, &target).await).map_err(told)?;
            leads.push(Lead { name: name.clone(), kind: "SRV", target: Some(target), addresses });
        }
        let found = addresses(&mut line, name).await.map_err(|failure| told(failure.words()))?;
        let kind = if found.alias.is_some() { "CNAME" } else { "address" };
        if found.alias.is_some() || !found.addresses.is_empty() {
            leads.push(Lead { name: name.clone(), kind, target: found.alias, addresses: found.addresses });
        }
    }
    Ok(leads)
}

/// Why an address could not be read.
enum Unread {
    /// No answer.
    Lost(String),
    /// An answer that says nothing.
    Useless(DnsFailure),
}

impl Unread {
    fn words(&self) -> String {
        match self {
            Self::Lost(why) => why.clone(),
            Self::Useless(failure) => dns_failure_words(failure),
        }
    }
}

/// A target in a zone of somebody else is nothing that this server knows.
fn known(found: Result<Half, Unread>) -> Result<Vec<IpAddr>, String> {
    match found {
        Ok(found) => Ok(found.addresses),
        Err(Unread::Useless(DnsFailure::Lame | DnsFailure::Code(_))) => Ok(Vec::new()),
        Err(other) => Err(other.words()),
    }
}

/// Addresses of both families, and where an alias leads.
async fn addresses(line: &mut Line, name: &Fqdn) -> Result<Half, Unread> {
    let mut both = Half::default();
    for kind in [RecordType::A, RecordType::AAAA] {
        let message = line.ask(&to_name(name), kind).await.map_err(|error| Unread::Lost(error.to_string()))?;
        let half = Half::of(&message, &to_name(name), DnsKind::Authoritative).map_err(Unread::Useless)?;
        both.addresses.extend(half.addresses);
        both.alias = both.alias.or(half.alias);
    }
    Ok(both)
}
