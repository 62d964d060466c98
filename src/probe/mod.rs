//! Asks the network: SIP, TLS, DNS, state commands; each with a deadline, on a schedule, supervised.

mod clock;

pub use clock::Clock;
