//! What can be selected. Always by identity, never by row: a list that is sorted anew under the cursor moves no selection.

use std::net::SocketAddr;

use crate::domain::name::{DialPlanName, Fqdn, SiteName};
use crate::domain::server::Service;
use crate::failover::plan::RunId;

/// Something on screen that can be selected and inspected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
