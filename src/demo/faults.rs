//! What can be broken in the demo: one table, one row for each fault, and what each does to the cast.
//!
//! Data and pure functions: who switches them, and the sockets they work on, are elsewhere.

use std::collections::BTreeSet;

use super::cast::{Cast, Host};
use super::error::DemoError;
use super::pki::Condition;
use super::sip::{Conduct, Link, Speech};
use crate::domain::server::ServiceState;

/// A kind of thing that can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// um1 to um4, and the Mailbox servers of the field profile.
    Server,
    /// The Lync pool.
    Pool,
    /// The primary name server.
    Primary,
    /// The secondary name server.
    Secondary,
    /// The resolver.
    Resolver,
    /// The tool that reads service states.
    StateCommand,
    /// A whole site.
    Site,
    /// The console itself.
    Console,
    /// Tukwila's fence marker.
    Marker,
}

/// One row of the table.
#[derive(Debug)]
pub struct Fault {
    /// What it can happen to.
    pub who: Who,
    /// Its token.
    pub token: &'static str,
    /// One line of help.
    pub help: &'static str,
    effect: Effect,
}

/// What it does to a SIP server; what it does elsewhere is known by its row.
#[derive(Debug, Clone, Copy)]
enum Effect {
    Link(Link),
    Speech(Speech),
    Certificate(Condition),
    Elsewhere,
}

const fn row(who: Who, token: &'static str, effect: Effect, help: &'static str) -> Fault {
    Fault { who, token, help, effect }
}

use Effect::{Certificate, Elsewhere};

/// Every fault.
pub static FAULTS: &[Fault] = &[
    row(Who::Server, "stop", Effect::Link(Link::Stopped), "nothing listens on its ports, kept connections are reset"),
    row(Who::Server, "hang", Effect::Speech(Speech::Hanging), "connects, and never answers a request"),
    row(Who::Server, "slow", Effect::Speech(Speech::Slow), "answers after 400 ms"),
    row(Who::Server, "reset", Effect::Link(Link::Resetting), "resets each connection as soon as it is made"),
    row(Who::Server, "garbage", Effect::Speech(Speech::Garbage), "answers with bytes that are no SIP"),
    row(Who::Server, "403", Effect::Speech(Speech::Forbidden), "answers 403: it does not know this console"),
    row(Who::Server, "503", Effect::Speech(Speech::Unavailable), "answers 503: it refuses calls"),
    row(Who::Server, "cert-expired", Certificate(Condition::Expired), "its certificate ended three days ago"),
    row(Who::Server, "cert-expiring", Certificate(Condition::Expiring), "its certificate ends in five days"),
    row(
        Who::Server,
        "cert-self-signed",
        Certificate(Condition::SelfSigned),
        "its certificate is the self-signed one of set-up",
    ),
    row(
        Who::Server,
        "cert-missing-name",
        Certificate(Condition::MissingName),
        "its certificate lacks names of the design",
    ),
    row(
        Who::Server,
        "cert-wrong-ca",
        Certificate(Condition::WrongAuthority),
        "its certificate is from an authority that only the Exchange side trusts",
    ),
    row(
        Who::Server,
        "cert-revoked",
        Certificate(Condition::Revoked),
        "its certificate is on its authority's revocation list since yesterday",
    ),
    row(
        Who::Server,
        "cert-not-taken-up",
        Elsewhere,
        "its certificate was renewed and assigned, and the service never restarted",
    ),
    row(Who::Server, "no-new-calls", Elsewhere, "its service state is NoNewCalls"),
    row(Who::Server, "re-register", Elsewhere, "its host registers its own address record again and again"),
    row(Who::Secondary, "stale", Elsewhere, "it follows the primary no more, while the zone changes"),
    row(Who::Primary, "stop", Elsewhere, "nothing listens on its port"),
    row(Who::Primary, "refuse", Elsewhere, "it refuses everything that is signed"),
    row(Who::Primary, "clock", Elsewhere, "its clock is an hour ahead"),
    row(Who::Resolver, "stale", Elsewhere, "it keeps answers far beyond their TTL"),
    row(Who::Resolver, "stop", Elsewhere, "nothing listens on its port"),
    row(Who::Pool, "stop", Effect::Link(Link::Stopped), "nothing listens on its ports, kept connections are reset"),
    row(Who::StateCommand, "fail", Elsewhere, "it ends with exit code 1 and a message"),
    row(Who::StateCommand, "hang", Elsewhere, "it never ends"),
    row(Who::StateCommand, "lie", Elsewhere, "it reports enabled servers as disabled, and the other way round"),
    row(Who::Site, "dark", Effect::Link(Link::Dark), "nothing of the site answers any more, its name server included"),
    row(Who::Console, "isolated", Effect::Link(Link::Dark), "this console is cut off from everything"),
    row(Who::Marker, "delete", Elsewhere, "Tukwila's fence marker is taken out of the zone"),
];

/// A fault on a subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Active {
    /// The subject's token, as written in the table of subjects.
    pub subject: String,
    /// What the subject is.
    pub who: Who,
    /// The fault's token.
    pub fault: &'static str,
}

/// All faults that are on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveSet(BTreeSet<Active>);

impl ActiveSet {
    /// Whether a fault is on.
    #[must_use]
    pub fn has(&self, subject: &str, fault: &str) -> bool {
        self.0.iter().any(|active| active.subject == subject && active.fault == fault)
    }

    /// Whether nothing is broken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Switches one fault on.
    pub fn on(&mut self, active: Active) {
        self.0.insert(active);
    }

    /// Ends the faults that `ends` picks.
    pub fn heal(&mut self, ends: impl Fn(&Active) -> bool) {
        self.0.retain(|active| !ends(active));
    }

    /// What is on, by subject.
    pub fn iter(&self) -> impl Iterator<Item = &Active> {
        self.0.iter()
    }

    /// How a server behaves under all of them; the worst of several wins.
    #[must_use]
    pub fn conduct(&self, cast: &Cast, subject: &str, state: ServiceState) -> Conduct {
        let mut conduct = Conduct::good(state);
        for fault in self.0.iter().filter(|active| reaches(cast, &active.subject, subject)).filter_map(Active::row) {
            match fault.effect {
                Effect::Link(link) => conduct.link = conduct.link.max(link),
                Effect::Speech(speech) => conduct.speech = conduct.speech.max(speech),
                Effect::Certificate(condition) if conduct.certificate == Condition::Good => {
                    conduct.certificate = condition;
                }
                Effect::Certificate(_) | Effect::Elsewhere => {}
            }
        }
        conduct
    }

    /// Whether a DNS server of a site, or of none, is in the dark.
    #[must_use]
    pub fn is_dark(&self, site: Option<&str>) -> bool {
        self.has("console", "isolated") || site.is_some_and(|site| self.has(site, "dark"))
    }
}

impl Active {
    fn row(&self) -> Option<&'static Fault> {
        FAULTS.iter().find(|row| row.token == self.fault && row.who == self.who)
    }
}

/// Whether what happens to `subject` happens to the SIP server `server`.
fn reaches(cast: &Cast, subject: &str, server: &str) -> bool {
    let of_site = |name: &str| {
        let site = cast.sites.iter().find(|site| site.name == name);
        site.is_some_and(|site| {
            site.hosts.iter().any(|host| host.token == server) || (server == "pool" && name == POOL_SITE)
        })
    };
    subject == server || subject == "console" || of_site(subject)
}

/// The site where the pool stands.
const POOL_SITE: &str = "Tukwila";

/// Every subject of a cast, with what it is.
#[must_use]
pub fn subjects(cast: &Cast) -> Vec<(String, Who)> {
    let servers = cast.hosts().map(|host: &Host| (host.token.to_owned(), Who::Server));
    let sites = cast.sites.iter().map(|site| (site.name.to_owned(), Who::Site));
    let others = [
        ("pool", Who::Pool),
        ("primary", Who::Primary),
        ("ns2", Who::Secondary),
        ("resolver", Who::Resolver),
        ("state-command", Who::StateCommand),
        ("console", Who::Console),
        ("marker", Who::Marker),
    ];
    servers.chain(others.map(|(token, who)| (token.to_owned(), who))).chain(sites).collect()
}

/// Finds a subject by what somebody typed, in any case.
pub fn find_subject(cast: &Cast, typed: &str) -> Result<(String, Who), DemoError> {
    let all = subjects(cast);
    let found = all.iter().find(|(token, _)| token.eq_ignore_ascii_case(typed));
    found.cloned().ok_or_else(|| unknown("subject", typed, all.iter().map(|(token, _)| token.as_str())))
}

/// Finds a fault that a subject can have.
pub fn find_fault(subject: &str, who: Who, typed: &str) -> Result<&'static Fault, DemoError> {
    let of_subject = || FAULTS.iter().filter(move |row| row.who == who);
    let found = of_subject().find(|row| row.token.eq_ignore_ascii_case(typed));
    found.ok_or_else(|| unknown(&format!("fault of {subject}"), typed, of_subject().map(|row| row.token)))
}

fn unknown<'a>(what: &str, typed: &str, known: impl Iterator<Item = &'a str>) -> DemoError {
    let typed = crate::domain::clean::Clean::new(typed);
    let known: Vec<&str> = known.collect();
    let nearest =
        known.iter().map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &typed.as_str().to_lowercase()), name));
    let hint = match nearest.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((alike, name)) if alike > 0.7 => format!("; did you mean {name}?"),
        _ => ".".to_owned(),
    };
    DemoError::Refused(format!("there is no {what} named {typed}{hint} Known: {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::cast::{Design, Profile};

    fn cast() -> Cast {
        Cast::new(Design::Dns, Profile::Kind)
    }

    fn set(list: &[(&str, &str)]) -> ActiveSet {
        let mut set = ActiveSet::default();
        for (subject, fault) in list {
            let (subject, who) = find_subject(&cast(), subject).unwrap();
            let fault = find_fault(&subject, who, fault).unwrap().token;
            set.on(Active { subject, who, fault });
        }
        set
    }

    #[test]
    fn every_row_has_help_and_a_subject_that_can_have_it() {
        let all = subjects(&cast());
        for row in FAULTS {
            assert!(!row.help.is_empty());
            assert!(all.iter().any(|(_, who)| *who == row.who), "{}", row.token);
        }
    }

    #[test]
    fn a_fault_changes_its_subject_and_nobody_else() {
        let faults = set(&[("um1", "stop"), ("um1", "cert-expired"), ("UM1", "hang")]);
        let um1 = faults.conduct(&cast(), "um1", ServiceState::Enabled);
        assert_eq!((um1.link, um1.speech, um1.certificate), (Link::Stopped, Speech::Hanging, Condition::Expired));
        assert_eq!(faults.conduct(&cast(), "um2", ServiceState::Enabled), Conduct::good(ServiceState::Enabled));
    }

    #[test]
    fn a_dark_site_takes_its_servers_its_pool_and_its_name_server_along() {
        let faults = set(&[("tukwila", "dark")]);
        let link = |server| faults.conduct(&cast(), server, ServiceState::Enabled).link;
        assert_eq!((link("um1"), link("um2"), link("pool")), (Link::Dark, Link::Dark, Link::Dark));
        assert_eq!((link("um3"), faults.is_dark(Some("Tukwila"))), (Link::Open, true));
        assert!(!faults.is_dark(Some("Dublin")) && !faults.is_dark(None));
        assert!(set(&[("console", "isolated")]).is_dark(None));
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_nearest_right_one() {
        let error = find_subject(&cast(), "dublni").unwrap_err().to_string();
        assert!(error.contains("did you mean Dublin?"), "{error}");
        let error = find_fault("um1", Who::Server, "cert-expird").unwrap_err().to_string();
        assert!(error.contains("no fault of um1") && error.contains("did you mean cert-expired?"), "{error}");
        let error = find_fault("pool", Who::Pool, "xyz").unwrap_err().to_string();
        assert!(error.ends_with("Known: stop"), "{error}");
    }
}
