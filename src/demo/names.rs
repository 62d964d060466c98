//! The demo's zone and its three DNS servers, and how they take up what the fault board says.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::domain::name::Fqdn;
use crate::domain::secret::Secret;
use crate::domain::topology::TsigAlgorithm;
use crate::wire::dns::tsig::TsigKey;

use super::Options;
use super::cast::{Cast, Host, KEY_NAME, NS1, NS2, POOL, Profile, ZONE};
use super::dns::{
    DnsError, Primary, PrimaryFault, PrimaryOptions, Resolver, ResolverFault, Secondary, SecondaryFault,
    SecondaryOptions, Zone,
};
use super::error::DemoError;
use super::faults::ActiveSet;

/// TTL of records that no failover touches, in seconds.
const STEADY_TTL: u32 = 3600;
/// How long the field profile's secondary is behind, at most: a zone of short TTLs is that of a short demonstration.
const LAG: Duration = Duration::from_secs(30);
/// How long a secondary in good order waits before it fetches a changed zone, at most.
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// The running DNS servers.
pub(super) struct Names {
    primary: Primary,
    secondary: Secondary,
    resolver: Resolver,
}

impl Names {
    /// Starts them; updates are signed with `secret`.
    pub(super) async fn start(cast: &Cast, options: &Options, secret: Secret) -> Result<Self, DemoError> {
        let ttl = u32::try_from(options.ttl().as_secs()).unwrap_or(u32::MAX);
        let key = TsigKey::new(&name(KEY_NAME)?, TsigAlgorithm::HmacSha256, secret);
        let settings =
            PrimaryOptions { zone: zone(cast, ttl)?, keys: vec![key], allowed: None, clock: options.clock.clone() };
        let primary = Primary::start(settings).await.map_err(failed)?;
        // Short beside a round of probes, so that a transfer in good order is not taken for a lag.
        let delay = if cast.profile == Profile::Field {
            LAG.min(options.ttl())
        } else {
            (options.interval / 4).min(LONGEST_DELAY)
        };
        let secondary = Secondary::start(&primary, SecondaryOptions { delay }).await.map_err(failed)?;
        let servers = vec![primary.address(), secondary.address()];
        let resolver = Resolver::start(&name(ZONE)?, servers).await.map_err(failed)?;
        Ok(Self { primary, secondary, resolver })
    }

    /// Where primary, secondary and resolver listen.
    pub(super) fn addresses(&self) -> [SocketAddr; 3] {
        [self.primary.address(), self.secondary.address(), self.resolver.address()]
    }

    /// The primary, for whoever changes the zone or reads its ledger.
    pub(super) fn primary(&self) -> &Primary {
        &self.primary
    }

    /// The resolver, for whoever flushes it.
    pub(super) fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// Brings the servers in line with the faults that are on.
    pub(super) async fn play(&self, cast: &Cast, before: &ActiveSet, after: &ActiveSet) -> Result<(), DemoError> {
        let primary = [
            (PrimaryFault::Stop, after.has("primary", "stop")),
            (PrimaryFault::Dark, after.is_dark(Some("Dublin"))),
            (PrimaryFault::Refuse, after.has("primary", "refuse")),
            (PrimaryFault::Clock, after.has("primary", "clock")),
        ];
        for (fault, on) in primary {
            self.primary.set_fault(fault, on).await.map_err(failed)?;
        }
        self.secondary.set_fault(SecondaryFault::Stale, after.has("ns2", "stale")).await.map_err(failed)?;
        self.secondary.set_fault(SecondaryFault::Dark, after.is_dark(Some("Tukwila"))).await.map_err(failed)?;
        let resolver = [
            (ResolverFault::Stop, after.has("resolver", "stop")),
            (ResolverFault::Stale, after.has("resolver", "stale")),
            (ResolverFault::Dark, after.is_dark(None)),
        ];
        for (fault, on) in resolver {
            self.resolver.set_fault(fault, on).await.map_err(failed)?;
        }
        self.play_marker(before, after)?;
        cast.hosts().try_for_each(|host| self.play_registration(host, before, after))
    }

    fn play_marker(&self, before: &ActiveSet, after: &ActiveSet) -> Result<(), DemoError> {
        match (before.has("marker", "delete"), after.has("marker", "delete")) {
            (false, true) => self.primary.delete_marker(&marker_name("Tukwila")?),
            (true, false) => self.primary.restore_markers(),
            _ => {}
        }
        Ok(())
    }

    fn play_registration(&self, host: &Host, before: &ActiveSet, after: &ActiveSet) -> Result<(), DemoError> {
        // A host that is down or cut off registers nothing; it does again as soon as it is back.
        let registers = |set: &ActiveSet| set.has(host.token, "re-register");
        if registers(before) != registers(after) {
            self.primary.set_registration(&name(&host.fqdn())?, IpAddr::V4(host.address), registers(after));
        }
        Ok(())
    }
}

/// The zone in normal operation: every server at home, both markers there, nothing ever moved.
fn zone(cast: &Cast, ttl: u32) -> Result<Zone, DemoError> {
    let mut zone = Zone::new(&name(ZONE)?, &name(NS1.0)?, ttl.min(60));
    for (server, address) in [NS1, NS2] {
        zone.add_name_server(STEADY_TTL, &name(server)?);
        zone.add_address(&name(server)?, STEADY_TTL, IpAddr::V4(address));
    }
    zone.add_address(&name(POOL.0)?, STEADY_TTL, IpAddr::V4(POOL.1));
    for host in cast.hosts() {
        zone.add_address(&name(&host.fqdn())?, ttl, IpAddr::V4(host.address));
    }
    for site in &cast.sites {
        zone.add_text(&marker_name(site.name)?, 0, FIRST_MARKER);
    }
    Ok(zone)
}

/// The fence marker of a site from which nothing was ever moved.
const FIRST_MARKER: &str = "v=1;epoch=1;seq=0;moved=;to=;run=;by=;exp=;head=";

/// Where a site's fence marker stands.
fn marker_name(site: &str) -> Result<Fqdn, DemoError> {
    name(&format!("_switchboard.{}.{ZONE}", site.to_lowercase()))
}

fn name(text: &str) -> Result<Fqdn, DemoError> {
    Fqdn::parse(text).map_err(|error| DemoError::Dns(error.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "used as the argument of map_err")]
fn failed(error: DnsError) -> DemoError {
    DemoError::Dns(error.to_string())
}
