//! The table of rules: what each demands, how it can fail and what that means in each column, in plain words.
//!
//! Data only. Severities are those of the specification's table, row by row.

use super::input::Input;
use super::{Case, Grade, Judged, Rule};
use super::{certificate, dialplan, fence, names, scope, source, target};

const B: Grade = Grade::Block;
const R: Grade = Grade::Reason;
const W: Grade = Grade::Warn;
const N: Grade = Grade::Nothing;

const fn rule(
    id: &'static str,
    guards: &'static str,
    cases: &'static [Case],
    judge: fn(&Input<'_>) -> Vec<Judged>,
) -> Rule {
    Rule { id, guards, cases, words: "", taught_by: "", who: "", command: None, strict: false, judge }
}

impl Rule {
    const fn words(self, words: &'static str) -> Self {
        Self { words, ..self }
    }

    const fn taught_by(self, taught_by: &'static str) -> Self {
        Self { taught_by, ..self }
    }

    const fn mended_by(self, who: &'static str, command: Option<&'static str>) -> Self {
        Self { who, command, ..self }
    }

    const fn strict(self) -> Self {
        Self { strict: true, ..self }
    }
}

const fn case(when: &'static str, planned: Grade, emergency: Grade) -> Case {
    Case { when, planned, emergency }
}

const OPERATOR: &str = "whoever runs the failover";
const DNS: &str = "the DNS team";
const EXCHANGE: &str = "the Exchange team";
const LYNC: &str = "the Lync team";
const BOTH: &str = "the Exchange and Lync teams";

/// Every rule, in the order of the specification.
pub const RULES: &[Rule] = &[
    rule("scope", "only planned names are touched; never the apex, NS, SOA, a wildcard or DNSSEC types", &[case("something else is touched", B, B)], scope::scope)
        .words("A plan may change the addresses of the servers in it, and its own marker. Anything else in the zone is somebody else's.")
        .taught_by("clean-up tools that deleted records outside their management")
        .mended_by(OPERATOR, Some("switchboard plan --from SITE")).strict(),
    rule("zone-right", "each name lies in the zone of its message, and the write primary holds that zone", &[case("another zone", B, B)], scope::zone_right)
        .words("The zone is the longest one that holds the name label by label, and the write primary gives its SOA.")
        .taught_by("updates for a child name that were written into the parent zone")
        .mended_by(DNS, Some("dig @PRIMARY NAME SOA")).strict(),
    rule("one-run", "no living run holds these servers", &[case("another run holds them", B, B)], fence::one_run)
        .words("Two runs over the same servers undo each other. Ask the other one to abort, or wait for its end.")
        .taught_by("two administrators who failed over at once")
        .mended_by(OPERATOR, Some("switchboard runs abort ID")).strict(),
    rule("base-unchanged", "records, marker, membership and service states are what the plan was made against", &[case("something has changed", B, B)], fence::base_unchanged)
        .words("What was approved is what runs. When the world has moved on, look at it again and make a new plan.")
        .taught_by("stale plans that were applied after newer ones")
        .mended_by(OPERATOR, Some("switchboard plan --from SITE")).strict(),
    rule("journal-durable", "the journal can be opened, locked and fsynced", &[case("it cannot", B, B)], fence::journal_durable)
        .words("Without a journal nobody could say after a crash what was done. The printed runbook needs none.")
        .taught_by("a run whose controller died and left nothing but guesses")
        .mended_by(OPERATOR, Some("switchboard --state-dir DIR failover --plan FILE")),
    rule("never-emptier", "no step takes the last server in service or the last address away", &[case("it does", B, B)], dialplan::never_emptier)
        .words("At every step at least one server of each dial plan takes calls, and every name keeps an address.")
        .taught_by("a switch that was cut off between off here and on there")
        .mended_by(OPERATOR, None),
    rule("marker-current", "the marker is not newer than the plan", &[case("superseded", B, B)], fence::marker_current)
        .words("Somebody has run a plan since this one was made. Look at what they did, then make a new one.")
        .taught_by("a stale plan that was applied after a newer one")
        .mended_by(OPERATOR, Some("switchboard marker show")),
    rule("marker-absent", "the marker is there, can be read, and the zone takes TXT", &[case("absent", R, W), case("malformed", B, R), case("TXT refused", B, R)], fence::marker_absent)
        .words("The marker is what lets the DNS server refuse a second operator. An absent one is created by the claim, fenced as \"does not exist\".")
        .taught_by("a lock that was not there, so that both sides held it")
        .mended_by(DNS, Some("switchboard marker init SITE")),
    rule("marker-free", "no unexpired run of somebody else holds the fence", &[case("held", B, R)], fence::marker_free)
        .words("Another run is open. Taking it over is an act of its own: you are shown its journal first.")
        .taught_by("a console that was paused, woke up and went on")
        .mended_by(OPERATOR, Some("switchboard runs takeover ID")),
    rule("fence", "a run of commands alone has a fence in a zone", &[case("this host only", R, W)], fence::fence)
        .words("The lock of one state directory does not stop a console on another host; `fence = { zone = \"ZONE\" }` of the command backend does.")
        .taught_by("two consoles with one owner's name that undid each other")
        .mended_by(DNS, None),
    rule("target-not-down", "the host that takes over answers", &[case("it refuses connections", B, B), case("it only times out from here", B, R)], target::target_not_down)
        .words("Calls that are led to a dead host are lost. Leave the pair out, or map it to another host.")
        .taught_by("a dead instance that was written into the routing")
        .mended_by(EXCHANGE, Some("switchboard probe sips:HOST:PORT")),
    rule("target-known", "evidence about the host that takes over is fresh", &[case("old or Unknown", B, R)], target::target_known)
        .words("Not knowing is not knowing that it is well. Probe again.")
        .taught_by("a network partition that was read as death")
        .mended_by(OPERATOR, Some("switchboard check")),
    rule("target-in-service", "by DNS: the host that takes over takes new calls", &[case("it does not", B, R)], target::target_in_service)
        .words("A host that is draining, full or disabled answers and refuses. Enable it first, over all requesters.")
        .taught_by("commands that succeeded and changed nothing because another requester held the component")
        .mended_by(EXCHANGE, Some("switchboard enable FQDN")),
    rule("target-at-home", "the name of the host that takes over is at home", &[case("it is away", B, R)], target::target_at_home)
        .words("A host whose own name leads elsewhere cannot be counted on under that name.")
        .taught_by("two moves stacked on each other")
        .mended_by(DNS, Some("switchboard plan --from SITE --back")),
    rule("standby-answers-as-name", "asked as the name that it inherits, the host answers as healthy servers do", &[case("another class of answer", B, R), case("not a peer from here", W, W), case("silent, or a certificate without a handshake", R, W)], target::standby_answers_as_name)
        .words("The rehearsal: real TLS and a real OPTIONS to the host's own address, with the name that it will inherit.")
        .taught_by("health checks that asked the wrong name, or looked at no certificate")
        .mended_by(EXCHANGE, Some("switchboard probe sips:HOST:PORT --server-name NAME")),
    rule("service-behind-router", "2013 and later: a call router and a UM service are up where the calls go", &[case("one is wanting", B, R)], target::service_behind_router)
        .words("A call router alone redirects to nothing.")
        .taught_by("a front end that answered for a dead back end")
        .mended_by(EXCHANGE, Some("switchboard check")),
    rule("cert-covers", "the certificate covers the inherited name", &[case("it does not", B, R)], certificate::covers)
        .words("Lync compares the name that it calls with the certificate's SAN: without it every call fails.")
        .taught_by("a wildcard that covered one label and not two")
        .mended_by(EXCHANGE, Some("switchboard cert HOST:PORT --name NAME")),
    rule("cert-subject", "the certificate's CN is the server's own name, and no wildcard", &[case("it is not", R, W)], certificate::subject)
        .words("Lync and UM know a trusted peer by its subject. With another one, calls work one way only.")
        .taught_by("message waiting and Play on Phone that failed after a shared certificate")
        .mended_by(EXCHANGE, Some("switchboard cert HOST:PORT")),
    rule("cert-valid", "the certificate is valid, for more than a day, for more than two weeks", &[case("not valid now", B, R), case("under 24 h", R, W), case("under 14 d", W, W)], certificate::valid)
        .words("A standby is the place where nobody renews a certificate.")
        .taught_by("an expired certificate that took a telephone network down")
        .mended_by(EXCHANGE, Some("switchboard cert HOST:PORT")),
    rule("cert-trusted", "the UM chain leads to the Lync roots, the pool chain to the Exchange roots", &[case("it does not", B, R), case("UM chain not to the Exchange roots", W, W)], certificate::trusted)
        .words("Each side has roots of its own, and both have to trust the other.")
        .taught_by("certificates renewed by an authority that one side did not know")
        .mended_by(BOTH, Some("switchboard cert HOST:PORT --roots PEM")),
    rule("gateway", "each sending pool and its backup is an enabled gateway of the dial plan", &[case("one is not", B, R)], dialplan::gateway)
        .words("UM refuses calls from a pool that is no UM IP gateway.")
        .taught_by("a backup pool that had never been introduced")
        .mended_by(EXCHANGE, Some("Get-UMIPGateway")),
    rule("member", "the host that takes over is a member of every dial plan of the server that it takes over from", &[case("it is not", B, R)], dialplan::member)
        .words("A server that is no member is no trusted peer: its calls are refused.")
        .taught_by("a cmdlet that replaced the list of dial plans instead of adding to it")
        .mended_by(EXCHANGE, Some("Get-UMServer | Format-List DialPlans")),
    rule("same-major", "the host that takes over is of the highest version that stays", &[case("a newer member stays, so Lync ignores it", B, R), case("by DNS: another version", W, W)], dialplan::same_major)
        .words("Lync looks at members of the highest Exchange version and ignores all others.")
        .taught_by("a standby of the old version that never got a call")
        .mended_by(EXCHANGE, None),
    rule("two-in-service", "two servers of each dial plan are in service afterwards, on distinct hosts", &[case("fewer", R, W)], dialplan::two_in_service)
        .words("With one left, the next failure is an outage.")
        .taught_by("the second failure during the first")
        .mended_by(EXCHANGE, Some("switchboard enable FQDN")),
    rule("capacity", "the hosts that take over carry the calls of both", &[case("they do not", R, W)], dialplan::capacity)
        .words("A full server answers 503, and callers hear that.")
        .taught_by("a standby site that had never carried the load")
        .mended_by(EXCHANGE, Some("Get-UMActiveCalls")),
    rule("mailboxes-there", "the site that takes over can deliver the messages", &[case("it cannot", R, W)], dialplan::mailboxes)
        .words("A greeting without a mailbox behind it takes messages that nobody gets, or none.")
        .taught_by("a front end that was failed over without its data")
        .mended_by(EXCHANGE, None),
    rule("name-is-host", "the name is not the host's own for everything else", &[case("2013 and later: SMTP, WinRM and DAG move, too", R, W)], names::name_is_host)
        .words("On Exchange 2013 and later the UM name is the host name: what else goes by it reaches the wrong host.")
        .taught_by("mail and remote shells that followed a moved record")
        .mended_by(EXCHANGE, None),
    rule("not-by-moved-name", "no command goes by a name that is away from home", &[case("one does", B, B)], scope::not_by_moved_name)
        .words("A command addressed by a moved name reaches the host that it moved to. Use the address, or manage_as.")
        .taught_by("an operator who restarted the primary instead of the replica")
        .mended_by(OPERATOR, None),
    rule("re-registers", "the host that is left will not register its own record when it returns", &[case("it will", R, W)], names::re_registers)
        .words("Windows hosts register their A record at boot and every day, and so undo a move.")
        .taught_by("a host that came back and took its name along")
        .mended_by(EXCHANGE, Some("Set-DnsClient -RegisterThisConnectionsAddress $false")),
    rule("ageing", "the zone does not scavenge stamped records", &[case("it does", R, W)], names::ageing)
        .words("Scavenging removes records that nobody refreshes: days later the name is gone.")
        .taught_by("records that vanished long after the failover")
        .mended_by(DNS, Some("Get-DnsServerZoneAging ZONE")),
    rule("ttl", "no cache holds the old address for more than 900 s", &[case("a longer TTL, and no lowering period", R, W)], names::ttl)
        .words("Callers go on to the old address for one TTL. Lower it one old TTL before a planned move.")
        .taught_by("a TTL that was lowered too late")
        .mended_by(DNS, Some("dig NAME A")),
    rule("key-works", "the write primary accepts the key for each planned name", &[case("refused", B, R)], fence::key_works)
        .words("Update policies are per name: a key that may change one may be refused for another. The claim rewrites each name unchanged.")
        .taught_by("a record that belonged to another account")
        .mended_by(DNS, Some("switchboard check")),
    rule("clock", "this console's clock and the write primary's agree", &[case("refused as BADTIME", B, B), case("over 60 s", W, W)], fence::clock)
        .words("Signed messages carry the time; with five minutes' difference all are refused.")
        .taught_by("updates refused for a clock that nobody had looked at")
        .mended_by(OPERATOR, Some("timedatectl")),
    rule("aaaa-too", "no AAAA, SRV or CNAME still points home", &[case("one does", R, W)], scope::aaaa_too)
        .words("UCMA tries IPv6 first: an AAAA record that stays sends calls to the dead host.")
        .taught_by("an A record that moved while its AAAA stayed")
        .mended_by(DNS, Some("dig NAME AAAA")),
    rule("whole-server", "a server is disabled for all of its dial plans at once, so all of them are in the plan", &[case("one is not", B, B)], scope::whole_server)
        .words("Service state belongs to the server: what is disabled for one dial plan is disabled for all.")
        .taught_by("a dial plan that went down with its neighbour")
        .mended_by(EXCHANGE, Some("switchboard plan --from SITE")),
    rule("no-calls", "no calls are cut when a server is disabled", &[case("calls in progress", R, W)], dialplan::no_calls)
        .words("Drain first: new calls go elsewhere and those that are there end by themselves.")
        .taught_by("-Immediate, which disconnects callers")
        .mended_by(EXCHANGE, Some("Get-UMActiveCalls -Server FQDN")),
    rule("before-horizon", "no server is disabled while a cache still leads callers to it", &[case("one does", R, W)], names::before_horizon)
        .words("Until the old TTL has passed, some callers still come.")
        .taught_by("caches that outlived the switch")
        .mended_by(DNS, Some("dig @RESOLVER NAME A")),
    rule("source-needs-it", "planned: the site that is left is Up; emergency: it is not", &[case("planned, and it is not up", R, R), case("emergency, and it is up", R, R)], source::source_needs_it)
        .words("An emergency that is none skips care; a planned move of a dying site has the wrong order of steps.")
        .taught_by("the emergency path that was used for convenience")
        .mended_by(OPERATOR, None),
    rule("seen-elsewhere", "Down is not seen from this console alone", &[case("seen from here only", N, R)], source::seen_elsewhere)
        .words("A broken line looks like a broken site. A second vantage, a command at the pool, or a call tells them apart.")
        .taught_by("43 seconds of partition that became a day of repair")
        .mended_by(OPERATOR, None),
    rule("console-not-isolated", "not every site is unreachable at once", &[case("nothing answers", B, R)], source::console_not_isolated)
        .words("When everything fails at once, it is most likely this console that is cut off.")
        .taught_by("tools that stood behind the thing that broke")
        .mended_by(OPERATOR, Some("switchboard check")),
    rule("console-in-source", "this console does not stand in the site that is left", &[case("it does", W, R)], source::console_in_source)
        .words("What takes the site down takes the run along, and it must be finished from elsewhere.")
        .taught_by("operators locked out by their own outage")
        .mended_by(OPERATOR, None),
    rule("outlives-login", "nothing that the run needs dies with the login", &[case("something does", R, W)], source::outlives_login)
        .words("A forwarded agent, a ticket cache or a login manager that ends processes ends the run half-way.")
        .taught_by("an SSH session that ended in the middle of a change")
        .mended_by(OPERATOR, Some("loginctl enable-linger")),
    rule("caller-alive", "a sending pool is there to call", &[case("every pool is down", W, W)], source::caller_alive)
        .words("With no pool, nobody calls: a failover of Unified Messaging does not help.")
        .taught_by("the wrong layer that was failed over")
        .mended_by(LYNC, None),
    rule("hold-down", "these servers were not moved within the last 30 minutes", &[case("they were", R, W)], source::hold_down)
        .words("A site that fails over twice in half an hour is flapping: find out why first.")
        .taught_by("failovers longer than the fault")
        .mended_by(OPERATOR, Some("switchboard runs list")),
    rule("freeze", "no freeze is declared", &[case("one is", R, W)], source::freeze)
        .words("Somebody has asked for no changes. A maintenance window is not a freeze.")
        .taught_by("a change in the middle of somebody else's")
        .mended_by(OPERATOR, None),
    rule("second-person", "a second operator has approved, where policy asks for it", &[case("nobody has", B, R)], source::second_person)
        .words("Policy asks for two pairs of eyes.")
        .taught_by("a command that one more reader would have stopped")
        .mended_by(OPERATOR, Some("switchboard runs approve ID")),
];
