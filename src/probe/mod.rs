//! Asks the network: SIP, TLS, DNS, state commands; each with a deadline, on a schedule, supervised.

mod clock;
mod connection;
mod connection_pool;
pub mod crl;
pub mod dns;
mod dns_exchange;
mod dns_resolver;
pub mod membership;
mod network;
mod sip;
mod sip_failure;
mod sip_progress;
mod sip_redirect;
mod sip_udp;
mod supervisor;
mod tls;
mod tls_failure;
mod tls_legacy;
mod tool;

pub use clock::Clock;
pub use network::Network;
pub use sip::{SipProber, Target};
pub use supervisor::{Ask, Scheduled, Supervisor};
pub use tls::ProbeError;
pub use tool::{check_tools, read_syncs};

use crate::domain::clean::Clean;
use crate::domain::observation::{CommandFailure, Outcome, ProbeId};

/// What is reported when a try came to no end of its own. Of SIP and DNS nothing is known then, so nothing is reported.
fn failed_inside(probe: &ProbeId, why: &Clean) -> Option<Outcome> {
    match probe {
        ProbeId::State { .. } => Some(Outcome::State(Err(CommandFailure::NotStarted(why.clone())))),
        _ => None,
    }
}
