//! The demo's DNS servers: a primary that takes signed updates, a secondary that follows it, a resolver that keeps answers.
//!
//! Real servers on loopback, UDP and TCP on one port each. They know nothing of the console; what is broken in them is
//! broken through the faults that each of them offers.

mod answer;
mod ledger;
mod lookup;
mod primary;
mod registration;
mod resolver;
mod secondary;
mod server;
mod store;
mod update;
mod upstream;
mod zone;

use std::sync::Arc;

use jiff::Timestamp;

pub use ledger::{Author, Change, Entry, Records};
pub use primary::{Primary, PrimaryFault, PrimaryOptions};
pub use resolver::{Resolver, ResolverFault};
pub use secondary::{Secondary, SecondaryFault, SecondaryOptions};
pub use zone::Zone;

/// Tells the wall time; the demo's servers read no clock of their own.
pub type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Why a DNS server of the demo could not be started or switched.
#[derive(Debug, thiserror::Error)]
pub enum DnsError {
    /// No port was free for both UDP and TCP.
    #[error("no loopback port is free for both UDP and TCP: {0}; end other programs or try again")]
    Bind(#[source] std::io::Error),
    /// The first zone transfer did not come about.
    #[error("the zone could not be transferred from {primary}: {reason}")]
    Transfer {
        /// Where it was asked for.
        primary: std::net::SocketAddr,
        /// Why not.
        reason: String,
    },
    /// A server did not reach the state that it was switched to.
    #[error("the DNS server on {0} could not be switched: its port is taken by another program; try again")]
    Switch(std::net::SocketAddr),
}
