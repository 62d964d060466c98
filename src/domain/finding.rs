//! A statement that needs a person: what is wrong, where, since when, on what evidence, and what to do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How much it matters. Greater is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Something is worse than it should be.
    Warning,
    /// Calls are lost, or would be at the next failure.
    Critical,
}

impl Severity {
    /// The word on screen and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// One finding. Identified by its id and its subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable id, one of [`KINDS`].
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about: a server, pool, DNS server, dial plan, site, backend, or `console`.
    pub subject: String,
    /// Since when it holds.
    pub since: Timestamp,
    /// One line that says what is wrong.
    pub message: String,
    /// What was seen.
    pub evidence: String,
    /// What to do next.
    pub advice: &'static str,
}

/// A kind of finding.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Stable id.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What to do next.
    pub advice: &'static str,
}

/// A row of [`KINDS`].
const fn kind(id: &'static str, severity: Severity, advice: &'static str) -> Kind {
    Kind { id, severity, advice }
}

use Severity::{Critical, Info, Warning};

/// Every kind of finding, worst first.
pub const KINDS: &[Kind] = &[
    kind(
        "console-isolated",
        Critical,
        "Everything fails at once: most likely this console is cut off. Check its own network before you act on anything it shows.",
    ),
    kind(
        "server-down",
        Critical,
        "See whether the host and its UM service run; if it does not come back soon, fail it over to its partner.",
    ),
    kind(
        "server-degraded",
        Critical,
        "The listener is alive and the application does not answer as it should: restart the UM service, or look at its event log.",
    ),
    kind(
        "sip-silent",
        Warning,
        "Connected, and no SIP answer: this console is no peer of the server, or the service hangs. Register this host as a UM IP gateway, or probe from a Front End server.",
    ),
    kind("not-sip", Critical, "Something else answers on the SIP port: check what listens there, and the address map."),
    kind(
        "refusing-calls",
        Warning,
        "The server answers and refuses calls: it is draining, full or disabled. Enable it, or let Lync go on to the next one.",
    ),
    kind(
        "not-a-peer",
        Info,
        "The server is alive and does not know this console. Register this host as a UM IP gateway with outcalls off to get a real answer.",
    ),
    kind("slow", Warning, "Compare with the other servers of the site; look at the host's load and at the line."),
    kind(
        "flapping",
        Warning,
        "The answers change from probe to probe: look at the line and at the service's restarts before you trust either state.",
    ),
    kind(
        "stale",
        Warning,
        "No result for several rounds: what is shown is old. See whether the console is overloaded or a probe hangs.",
    ),
    kind(
        "session-not-proven",
        Warning,
        "The certificate was read without a session: this console cannot open the TLS version or the suites that the server offers. Probe plain TCP where the startup mode allows it.",
    ),
    kind(
        "unexpectedly-in-service",
        Warning,
        "The standby takes calls although the design keeps it disabled: disable it, or finish the failover that enabled it.",
    ),
    kind(
        "unexpectedly-disabled",
        Critical,
        "The server is disabled although the design counts on it: enable it, or find the run that disabled it.",
    ),
    kind("draining", Warning, "The server takes no new calls. Enable it when the maintenance is over."),
    kind(
        "state-contradicted",
        Warning,
        "The command's word and the wire disagree: read the state on the server itself before you rely on either.",
    ),
    kind("state-unreadable", Warning, "Run the backend's state command by hand, as this user, and see what it says."),
    kind(
        "state-missing",
        Warning,
        "The state command does not report this server: check the command's scope and the server's name.",
    ),
    kind(
        "membership-drift",
        Warning,
        "Make the dial plan's members and the topology file agree; a standby that is no member takes no calls.",
    ),
    kind(
        "cert-expired",
        Critical,
        "Renew the certificate, assign it to every UM service of the server, and restart them.",
    ),
    kind(
        "cert-not-yet-valid",
        Critical,
        "Check the server's clock; if it is right, assign the older certificate until the new one is valid.",
    ),
    kind(
        "cert-expiring",
        Warning,
        "Renew the certificate now, assign it to every UM service of the server, and restart them.",
    ),
    kind(
        "cert-self-signed",
        Critical,
        "Request a certificate from an authority that Lync and Exchange both trust: a self-signed one never makes them trust each other.",
    ),
    kind(
        "cert-untrusted",
        Critical,
        "Install the issuing authority's root on the side that lacks it, or send the missing intermediate.",
    ),
    kind(
        "cert-missing-name",
        Critical,
        "Renew the certificate with every name of the design in its SAN, or a wildcard for each site's domain.",
    ),
    kind(
        "cert-subject",
        Warning,
        "Renew the certificate with the server's own name as its common name: Lync and Exchange know a trusted peer by it, and a wildcard is no name.",
    ),
    kind(
        "cert-weak",
        Warning,
        "Renew with an RSA key of 2048 bits and a SHA-256 signature, from the root down: short keys and SHA-1 are refused by more systems each year.",
    ),
    kind(
        "cert-revoked",
        Critical,
        "The authority took the certificate back, so nobody trusts it: request a new one with a new key, assign it, restart the service, and find out why.",
    ),
    kind(
        "cert-not-taken-up",
        Warning,
        "Restart the service in a quiet hour so that it takes its certificate up: MSExchangeUM for the UM service, MSExchangeUMCR for the call router; then the Lync Front End services. If it stays so, assign the certificate again.",
    ),
    kind(
        "crl-unreachable",
        Warning,
        "Look at the list's file or web server: who checks revocation may refuse every certificate of that authority while it cannot be read.",
    ),
    kind(
        "crl-unusable",
        Warning,
        "Name a complete list of the issuing authority, in PEM or DER, signed by that authority; a delta or indirect list is none.",
    ),
    kind(
        "crl-expired",
        Warning,
        "Publish a new list at the authority: who checks revocation may refuse every certificate of that authority while the list is out of date.",
    ),
    kind(
        "cert-unreadable",
        Critical,
        "The presented certificate cannot be read: look at it with openssl on the server and replace it.",
    ),
    kind(
        "pool-down",
        Critical,
        "No pool, no calls: see to the Front End servers first. A failover of Unified Messaging does not help.",
    ),
    kind(
        "pool-degraded",
        Warning,
        "The pool is alive and does not answer as it should: look at its Front End service.",
    ),
    kind(
        "name-moved",
        Warning,
        "The name points at another server of the topology. Bring it home when its own server is fit again.",
    ),
    kind(
        "name-foreign",
        Critical,
        "The name points at an address that no server of the topology has: find out who changed it before any failover.",
    ),
    kind(
        "name-split",
        Warning,
        "Authoritative servers disagree: wait for the zone transfer, then look at the one that lags.",
    ),
    kind("name-missing", Critical, "The name has no address: restore its record."),
    kind(
        "name-diverged",
        Critical,
        "The A and AAAA records lead to different servers, and UCMA tries IPv6 first: make them agree.",
    ),
    kind(
        "re-registered",
        Warning,
        "The host registers its own record and will undo a move: turn off DNS registration on its network adapter.",
    ),
    kind(
        "dns-silent",
        Critical,
        "The DNS server does not answer: see whether it runs and whether this console may reach it.",
    ),
    kind("dns-failing", Warning, "The DNS server answers with an error: look at its log and at its zones."),
    kind(
        "dns-lagging",
        Warning,
        "The server's zone is older than the primary's: see whether zone transfers get through.",
    ),
    kind(
        "resolver-stale",
        Warning,
        "The resolver keeps an address that the authoritative servers no longer give, or keeps it longer than the TTL: flush its cache.",
    ),
    kind(
        "key-refused",
        Critical,
        "The write primary does not accept the key: check the key's name, secret and update policy.",
    ),
    kind(
        "clock-skew",
        Critical,
        "This console's clock and the DNS server's differ too much for signed updates: see to NTP on both.",
    ),
    kind(
        "marker-absent",
        Warning,
        "The site's fence marker is not in the zone: the next run creates it, or `switchboard marker init SITE`.",
    ),
    kind(
        "marker-malformed",
        Critical,
        "The fence marker cannot be read, so no run can be fenced: see who changed it, then `switchboard marker init SITE`.",
    ),
    kind(
        "few-in-service",
        Warning,
        "Fewer than two servers of the dial plan take calls: put a second one into service.",
    ),
    kind("none-in-service", Critical, "No server of the dial plan takes calls: fail over, or enable a standby, now."),
];

/// The row of a kind.
#[must_use]
pub fn kind_of(id: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_an_id_of_its_own_and_advice() {
        for (i, kind) in KINDS.iter().enumerate() {
            assert!(!kind.advice.is_empty(), "{}", kind.id);
            assert!(KINDS[i + 1..].iter().all(|other| other.id != kind.id), "{} twice", kind.id);
        }
    }
}
