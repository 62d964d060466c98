//! What can be selected. Always by identity, never by row: a list that is sorted anew under the cursor moves no selection.

use std::net::SocketAddr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::finding::kind_of;
use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::server::Service;
use crate::failover::plan::RunId;
use crate::readiness::GUIDELINES;

/// Something on screen that can be selected and inspected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A site.
    Site(SiteName),
    /// A UM server.
    Server(Fqdn),
    /// A Lync pool.
    Pool(Fqdn),
    /// A dial plan.
    Plan(DialPlanName),
    /// A finding.
    Finding {
        /// Its kind.
        id: &'static str,
        /// What it is about.
        subject: String,
    },
    /// The certificate that a service of a server or pool presents.
    Certificate {
        /// The server or pool.
        host: Fqdn,
        /// Which of its services.
        service: Service,
    },
    /// A DNS name of the design.
    Name(Fqdn),
    /// A DNS server, by its declared address.
    DnsServer(SocketAddr),
    /// A guideline, `R1` to `R14`.
    Check(&'static str),
    /// A run.
    Run(RunId),
    /// An event, by its number.
    Event(u64),
}

/// A subject as it is read back: kinds of findings and guidelines are the program's own words.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Written {
    Site(SiteName),
    Server(Fqdn),
    Pool(Fqdn),
    Plan(DialPlanName),
    Finding { id: String, subject: String },
    Certificate { host: Fqdn, service: Service },
    Name(Fqdn),
    DnsServer(SocketAddr),
    Check(String),
    Run(RunId),
    Event(u64),
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Written::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl TryFrom<Written> for Subject {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        Ok(match written {
            Written::Site(name) => Self::Site(name),
            Written::Server(fqdn) => Self::Server(fqdn),
            Written::Pool(fqdn) => Self::Pool(fqdn),
            Written::Plan(name) => Self::Plan(name),
            Written::Finding { id, subject } => {
                let kind = kind_of(&id).ok_or_else(|| format!("there is no finding {id}"))?;
                Self::Finding { id: kind.id, subject }
            }
            Written::Certificate { host, service } => Self::Certificate { host, service },
            Written::Name(fqdn) => Self::Name(fqdn),
            Written::DnsServer(address) => Self::DnsServer(address),
            Written::Check(id) => {
                let guideline = GUIDELINES.iter().find(|guideline| guideline.id == id);
                Self::Check(guideline.ok_or_else(|| format!("there is no guideline {id}"))?.id)
            }
            Written::Run(id) => Self::Run(id),
            Written::Event(number) => Self::Event(number),
        })
    }
}

impl Subject {
    /// The host that it is about, where it is about one.
    #[must_use]
    pub fn host(&self) -> Option<&Fqdn> {
        match self {
            Self::Server(fqdn) | Self::Pool(fqdn) | Self::Name(fqdn) | Self::Certificate { host: fqdn, .. } => {
                Some(fqdn)
            }
            _ => None,
        }
    }
}
