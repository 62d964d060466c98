//! The keys of the topology file: what each section may hold. Everything else is refused.

/// A section and its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// As the file writes it: `[console]`, `[[site.server]]`, `owners`.
    pub title: &'static str,
    /// Its keys.
    pub keys: &'static [&'static str],
    /// Keys that people write and that are refused for a reason.
    refused: &'static [(&'static str, &'static str)],
}

impl Section {
    /// Why a key is refused, where there is more to say than that nobody knows it.
    pub(super) fn refusal(&self, key: &str) -> Option<&'static str> {
        self.refused.iter().find(|(refused, _)| *refused == key).map(|(_, why)| *why)
    }
}

const fn section(title: &'static str, keys: &'static [&'static str]) -> Section {
    Section { title, keys, refused: &[] }
}

const NO_SECRETS: &[(&str, &str)] = &[
    ("secret", "name a file with `secret_file` (chmod 600), or an environment variable with `secret_env`"),
    ("key", "name a file with `secret_file` (chmod 600), or an environment variable with `secret_env`"),
    ("tsig_secret", "name a file with `secret_file` (chmod 600), or an environment variable with `secret_env`"),
    ("password", "name a file with `secret_file` (chmod 600), or an environment variable with `secret_env`"),
];

pub(super) const ROOT: Section = section(
    "the topology file",
    &[
        "console",
        "probe",
        "dns",
        "trust",
        "backend",
        "network",
        "forest",
        "pool",
        "site",
        "dial_plan",
        "policy",
        "freeze",
    ],
);
pub(super) const CONSOLE: Section = section(
    "[console]",
    &[
        "name",
        "environment",
        "site",
        "interval",
        "timeout",
        "fall",
        "rise",
        "slow",
        "certificate_warning",
        "certificate_critical",
    ],
);
pub(super) const PROBE: Section = section("[probe]", &["from", "certificate", "key"]);
pub(super) const DNS: Section = section("[dns]", &["resolvers", "zone"]);
pub(super) const ZONE: Section =
    section("[[dns.zone]]", &["name", "authoritative", "backend", "ttl", "scavenging", "other_names"]);
pub(super) const TRUST: Section = section("[trust]", &["lync", "exchange", "crls"]);
pub(super) const DNS_UPDATE: Section = Section {
    title: "a `dns-update` backend",
    keys: &["type", "write_primaries", "auth", "key_test"],
    refused: NO_SECRETS,
};
pub(super) const WRITE_PRIMARY: Section = section("`write_primaries`", &["address", "site"]);
pub(super) const AUTH: Section =
    Section { title: "`auth`", keys: &["tsig", "algorithm", "secret_file", "secret_env"], refused: NO_SECRETS };
pub(super) const COMMAND: Section = section(
    "a `command` backend",
    &[
        "type",
        "state",
        "drain",
        "enable",
        "disable",
        "check",
        "timeout",
        "effect_wait",
        "interval",
        "idempotent",
        "fence",
    ],
);
pub(super) const FENCE: Section = section("`fence`", &["zone"]);
/// A backend whose type is not known: every key that some type has.
pub(super) const ANY_BACKEND: Section = Section {
    title: "a backend",
    keys: &[
        "type",
        "write_primaries",
        "auth",
        "key_test",
        "state",
        "drain",
        "enable",
        "disable",
        "check",
        "timeout",
        "effect_wait",
        "interval",
        "idempotent",
        "fence",
    ],
    refused: NO_SECRETS,
};
pub(super) const NETWORK: Section = section("[network]", &["map"]);
pub(super) const FOREST: Section = section("[[forest]]", &["name", "trusts", "um_users", "sync"]);
pub(super) const POOL: Section =
    section("[[pool]]", &["fqdn", "site", "address", "addresses", "transport", "port", "backup"]);
pub(super) const SITE: Section =
    section("[[site]]", &["name", "forest", "standby", "owners", "delivers_for", "acceptance", "server"]);
pub(super) const OWNERS: Section = section("`owners`", &["dns", "exchange", "lync", "confirmed"]);
pub(super) const SERVER: Section = section(
    "[[site.server]]",
    &[
        "fqdn",
        "address",
        "addresses",
        "version",
        "roles",
        "transport",
        "ports",
        "partner",
        "backend",
        "manage_as",
        "max_calls",
        "peak_calls",
        "ucma",
        "thumbprints",
    ],
);
pub(super) const PORTS: Section = section("`ports`", &["call-router", "um"]);
pub(super) const THUMBPRINTS: Section = section("`thumbprints`", &["call-router", "um"]);
pub(super) const DIAL_PLAN: Section = section(
    "[[dial_plan]]",
    &["name", "site", "enterprise_voice", "method", "members", "access_numbers", "auto_attendants", "gateways"],
);
pub(super) const POLICY: Section = section("[policy]", &["second_person"]);
pub(super) const FREEZE: Section = section("[[freeze]]", &["sites", "from", "until", "reason"]);

/// Every section, for documentation and its tests.
pub fn sections() -> impl Iterator<Item = Section> {
    [
        ROOT,
        CONSOLE,
        PROBE,
        DNS,
        ZONE,
        TRUST,
        DNS_UPDATE,
        WRITE_PRIMARY,
        AUTH,
        COMMAND,
        FENCE,
        NETWORK,
        FOREST,
        POOL,
        SITE,
        OWNERS,
        SERVER,
        PORTS,
        THUMBPRINTS,
        DIAL_PLAN,
        POLICY,
        FREEZE,
    ]
    .into_iter()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_backend_of_no_known_type_may_have_what_any_type_has_and_nothing_else() {
        let some: BTreeSet<&str> = DNS_UPDATE.keys.iter().chain(COMMAND.keys).copied().collect();
        assert_eq!(ANY_BACKEND.keys.iter().copied().collect::<BTreeSet<_>>(), some);
    }
}
