//! Records besides those of a plan that may lead callers to a server: SRV, CNAME and addresses of some names, as the write primary has them.

use std::net::{IpAddr, SocketAddr};

use hickory_proto::op::Message;
use hickory_proto::rr::{RData, RecordType};
use tokio::time::{Duration, Instant};

use super::dns_line::Line;
use crate::domain::name::Fqdn;
use crate::wire::dns::{to_fqdn, to_name};

/// One record that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Whose record.
    pub name: Fqdn,
    /// `SRV`, `CNAME`, `A`, `AAAA`.
    pub kind: &'static str,
    /// The name that it leads to; absent for an address.
    pub target: Option<Fqdn>,
    /// The addresses where that ends, as far as this server knows them.
    pub addresses: Vec<IpAddr>,
}

/// Reads where names lead. Never outlives `patience`.
///
/// # Errors
/// Why it could not be read, in words.
pub async fn read_leads(connect: SocketAddr, names: &[Fqdn], patience: Duration) -> Result<Vec<Lead>, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut line = Line::open(connect, Instant::now() + patience).await.map_err(told)?;
    let mut leads = Vec::new();
    for name in names {
        for (kind, target) in targets(&mut line, name).await.map_err(told)? {
            let addresses = addresses(&mut line, &target).await.map_err(told)?;
            let addresses = addresses.into_iter().map(|(_, address)| address).collect();
            leads.push(Lead { name: name.clone(), kind, target: Some(target), addresses });
        }
        for (kind, address) in addresses(&mut line, name).await.map_err(told)? {
            leads.push(Lead { name: name.clone(), kind, target: None, addresses: vec![address] });
        }
    }
    Ok(leads)
}

/// Where SRV records and an alias lead. What stands in an answer besides the name that was asked for is not looked at.
async fn targets(line: &mut Line, name: &Fqdn) -> std::io::Result<Vec<(&'static str, Fqdn)>> {
    let (services, alias) = (own(line, name, RecordType::SRV).await?, own(line, name, RecordType::CNAME).await?);
    let target = |data: &RData| match data {
        RData::SRV(service) => Some(("SRV", to_fqdn(&service.target)?)),
        RData::CNAME(alias) => Some(("CNAME", to_fqdn(&alias.0)?)),
        _ => None,
    };
    let mut found: Vec<(&'static str, Fqdn)> = services.iter().chain(&alias).filter_map(target).collect();
    found.sort();
    found.dedup();
    Ok(found)
}

async fn addresses(line: &mut Line, name: &Fqdn) -> std::io::Result<Vec<(&'static str, IpAddr)>> {
    let (a, aaaa) = (own(line, name, RecordType::A).await?, own(line, name, RecordType::AAAA).await?);
    let address = |data: &RData| match data {
        RData::A(a) => Some(("A", IpAddr::V4(a.0))),
        RData::AAAA(aaaa) => Some(("AAAA", IpAddr::V6(aaaa.0))),
        _ => None,
    };
    Ok(a.iter().chain(&aaaa).filter_map(address).collect())
}

/// The records of the very name.
async fn own(line: &mut Line, name: &Fqdn, kind: RecordType) -> std::io::Result<Vec<RData>> {
    let asked = to_name(name);
    let message: Message = line.ask(&asked, kind).await?;
    Ok(message.answers.iter().filter(|record| record.name == asked).map(|record| record.data.clone()).collect())
}
