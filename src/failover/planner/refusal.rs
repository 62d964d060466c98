//! Why no plan can be made, each with what to do next.

use std::net::SocketAddr;

use super::verbs::WrongVerb;
use crate::domain::act::Verb;
use crate::domain::name::{BackendName, DialPlanName, Fqdn, SiteName};

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such site.
    #[error("the topology file has no site {0}; its sites are {1}")]
    UnknownSite(SiteName, String),
    /// Nobody stands by.
    #[error("site {0} has no standby: name the other site with --to, or declare `standby` in the topology file")]
    NoStandby(SiteName),
    /// From a site to itself.
    #[error("site {0} cannot stand in for itself: name another one with --to")]
    SameSite(SiteName),
    /// No such dial plan.
    #[error("the topology file has no dial plan {0}; its dial plans are {1}")]
    UnknownDialPlan(DialPlanName, String),
    /// No such server.
    #[error("the topology file has no server {0}")]
    UnknownServer(Fqdn),
    /// A server of another site.
    #[error("{server} is no server of {site}: `--from` names the site whose servers move")]
    OtherSite {
        /// The server.
        server: Fqdn,
        /// The site that was asked for.
        site: SiteName,
    },
    /// A server that no dial plan of the request counts on.
    #[error("{server} takes part in no dial plan that fails over from {site}: nothing of it can move")]
    NotInvolved {
        /// The server.
        server: Fqdn,
        /// The site.
        site: SiteName,
    },
    /// The site has nothing that fails over.
    #[error("no dial plan fails over from {site}{hint}")]
    NothingMoves {
        /// The site.
        site: SiteName,
        /// What may have been meant.
        hint: String,
    },
    /// Two designs at once.
    #[error(
        "{dns} fails over by DNS and {enable} by enable/disable: a server cannot follow both; choose one with --dial-plan, and give its servers one method in the topology file"
    )]
    MixedMethods {
        /// A dial plan by DNS.
        dns: DialPlanName,
        /// A dial plan by enable/disable.
        enable: DialPlanName,
    },
    /// No partner.
    #[error(
        "{server} has no partner at {to}: declare `partner`, use `--map {server}=FQDN`, or leave it out with `--leave-out {server}`"
    )]
    NoPartner {
        /// The server.
        server: Fqdn,
        /// The site that should take over.
        to: SiteName,
    },
    /// A map that makes no sense.
    #[error("--map {server}={stand_in}: {why}")]
    BadMap {
        /// The server.
        server: Fqdn,
        /// The stand-in.
        stand_in: Fqdn,
        /// Why not.
        why: String,
    },
    /// Nothing is left.
    #[error("every server was left out: nothing is left to move")]
    AllLeftOut,
    /// No zone.
    #[error("{0} lies in no zone of the topology file: declare its [[dns.zone]]")]
    NoZone(Fqdn),
    /// No write primary.
    #[error(
        "zone {0} has no backend with a write primary: its names cannot be moved from here; print the runbook of a zone that has, or declare one"
    )]
    NoPrimary(Fqdn),
    /// Not a listed primary.
    #[error("{primary} is no write primary of {zone}; listed are {listed}")]
    OtherPrimary {
        /// What was asked for.
        primary: SocketAddr,
        /// The zone.
        zone: Fqdn,
        /// What there is.
        listed: String,
    },
    /// The zone could not be read where it would be written.
    #[error(
        "the write primary {primary} did not show {name}: {why}; a plan needs to know what stands there now (another primary: --primary ADDRESS)"
    )]
    NotRead {
        /// What was asked for.
        name: Fqdn,
        /// Where.
        primary: String,
        /// Why.
        why: String,
    },
    /// The fence of a run of commands could not be read.
    #[error(
        "this run is fenced by the marker {marker}, which the write primary {primary} did not show: {why}; name another primary with --primary ADDRESS, or, in an emergency, do without: --without-marker"
    )]
    NoFence {
        /// The marker or zone that was asked for.
        marker: Fqdn,
        /// Where.
        primary: String,
        /// Why.
        why: String,
    },
    /// A CNAME.
    #[error(
        "{name} is an alias of {target}: no address can stand beside a CNAME; declare the server under its own name"
    )]
    Alias {
        /// The name.
        name: Fqdn,
        /// Where it leads.
        target: Fqdn,
    },
    /// No address left.
    #[error("{name} would be left without any address: {host} has none of a kind that {name} has now")]
    Emptied {
        /// The name.
        name: Fqdn,
        /// The host that takes over.
        host: Fqdn,
    },
    /// A host without address.
    #[error("{0} has no declared address: nothing can be pointed at it, and it cannot be asked")]
    NoAddress(Fqdn),
    /// A marker that cannot be replaced in one message.
    #[error(
        "{count} texts stand at {marker} where one belongs: see who wrote them, delete them, then `switchboard marker init {site}`"
    )]
    ManyMarkers {
        /// Its name.
        marker: Fqdn,
        /// How many texts.
        count: usize,
        /// The site.
        site: SiteName,
    },
    /// Too much for one TXT.
    #[error("the marker of {site} cannot hold the names of {count} servers: move fewer of them in one run")]
    MarkerTooLong {
        /// The site.
        site: SiteName,
        /// How many.
        count: usize,
    },
    /// No backend for a server.
    #[error(
        "{0} has no command backend: its service state cannot be changed from here; declare `backend` in the topology file"
    )]
    NoBackend(Fqdn),
    /// No command for a verb.
    #[error("backend {backend} has no `{verb}` command", verb = .verb.word())]
    NoCommand {
        /// The backend.
        backend: BackendName,
        /// The verb.
        verb: Verb,
    },
    /// A command that does not fit.
    #[error(transparent)]
    WrongVerb(#[from] WrongVerb),
    /// Nobody has the fence under that name.
    #[error(
        "no marker names a run {0}, and no run of that name is in this state directory: `switchboard marker show` tells who holds a fence"
    )]
    NoSuchRun(String),
    /// The beginning of a run's name that two have.
    #[error("two runs begin like that, {first} and {second}: write more of it")]
    SeveralRuns {
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// All is as it would be.
    #[error("nothing to do: {0}")]
    NothingToDo(String),
}
