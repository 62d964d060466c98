//! The kinds of findings: what each means, what taught it, who mends it, and how. Data only.

use super::Severity;
use super::Severity::{Critical, Info, Warning};

/// A kind of finding.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Stable id.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What to do next.
    pub advice: &'static str,
    /// What it means, in plain words.
    pub means: &'static str,
    /// The kind of incident that taught it.
    pub taught_by: &'static str,
    /// Who mends it.
    pub who: &'static str,
    /// The exact command that helps, where there is one; HOST, FQDN, HOST:PORT, NAME, SITE, SERVER, RESOLVER, PRIMARY and ZONE stand
    /// for those of the subject.
    pub command: Option<&'static str>,
}

/// A row of [`KINDS`].
const fn kind(id: &'static str, severity: Severity, advice: &'static str) -> Kind {
    Kind { id, severity, advice, means: "", taught_by: "", who: "", command: None }
}

impl Kind {
    const fn means(self, means: &'static str) -> Self {
        Self { means, ..self }
    }

    const fn taught_by(self, taught_by: &'static str) -> Self {
        Self { taught_by, ..self }
    }

    const fn mended_by(self, who: &'static str, command: Option<&'static str>) -> Self {
        Self { who, command, ..self }
    }
}

const CONSOLE: &str = "whoever runs this console";
const EXCHANGE: &str = "the Exchange team";
const LYNC: &str = "the Lync team";
const BOTH: &str = "the Exchange and Lync teams";
const DNS: &str = "the DNS team";
const AUTHORITY: &str = "the team of the certificate authority";
const OWNER: &str = "the Exchange team; of a pool the Lync team";

/// Every kind of finding, worst first within its family.
pub const KINDS: &[Kind] = &[
    kind("console-isolated", Critical, "Everything fails at once: most likely this console is cut off. Check its own network before you act on anything it shows.")
        .means("Nothing of any site answers. From here a broken line and a dead world look alike, so everything is called Unknown.")
        .taught_by("43 seconds of partition that were read as death and became a day of repair")
        .mended_by(CONSOLE, Some("switchboard check")),
    kind("server-down", Critical, "See whether the host and its UM service run; if it does not come back soon, fail it over to its partner.")
        .means("No connection to its SIP port: refused, cut off or unanswered, several times in a row. Lync goes on to the next server of the dial plan while there is one.")
        .taught_by("dead servers that stayed listed until Lync had used up its tries")
        .mended_by(EXCHANGE, Some("switchboard probe sips:HOST:PORT")),
    kind("server-degraded", Critical, "The listener is alive and the application does not answer as it should: restart the UM service, or look at its event log.")
        .means("The SIP stack answers with a failure (408, 500, 504), or redirects to a service that does not answer.")
        .taught_by("a front end that answered for a dead back end")
        .mended_by(EXCHANGE, Some("Get-ServerHealth HOST")),
    kind("sip-silent", Warning, "Connected, and no SIP answer: this console is no peer of the server, or the service hangs. Register this host as a UM IP gateway, or probe from a Front End server.")
        .means("TCP or TLS comes up and no SIP answer follows. UM ignores strangers, and a service that hangs is as silent: from here they look alike.")
        .taught_by("a keepalive that was answered by another layer than the one that had failed")
        .mended_by(EXCHANGE, Some("Get-UMIPGateway")),
    kind("not-sip", Critical, "Something else answers on the SIP port: check what listens there, and the address map.")
        .means("Something answers on the port, and it is not SIP: another program, or a wrong address in the topology file's map.")
        .taught_by("health checks that were content with an open port")
        .mended_by(EXCHANGE, Some("switchboard probe sip:HOST:PORT;transport=tcp")),
    kind("refusing-calls", Warning, "The server answers and refuses calls: it is draining, full or disabled. Enable it, or let Lync go on to the next one.")
        .means("480, 486 or 503: the stack is alive and takes no new calls. A draining, a full and a disabled server say the same.")
        .taught_by("commands that succeeded and changed nothing because another requester held the component")
        .mended_by(EXCHANGE, Some("Get-ServerComponentState HOST")),
    kind("not-a-peer", Info, "The server is alive and does not know this console. Register this host as a UM IP gateway with outcalls off to get a real answer.")
        .means("401, 403, 404, 405, 481, 488 or 501: alive, and it does not talk to this console. That it lives is known; that it would take a call is not.")
        .taught_by("probes that marked good servers down for an answer that they did not expect")
        .mended_by(EXCHANGE, Some("Get-UMIPGateway")),
    kind("slow", Warning, "Compare with the other servers of the site; look at the host's load and at the line.")
        .means("Answers come, and take longer than `slow` of the topology file.")
        .taught_by("a standby site that had never carried the load")
        .mended_by(EXCHANGE, Some("Get-UMActiveCalls -Server HOST")),
    kind("flapping", Warning, "The answers change from probe to probe: look at the line and at the service's restarts before you trust either state.")
        .means("It is up, down and up again faster than anybody could act on it. Neither state is one to rely on.")
        .taught_by("failovers that were longer than the fault")
        .mended_by(EXCHANGE, Some("switchboard runs list")),
    kind("stale", Warning, "No result for several rounds: what is shown is old. See whether the console is overloaded or a probe hangs.")
        .means("The newest result is several rounds old: what is shown is how it was.")
        .taught_by("monitors that hung when the network was bad and went on showing what had been")
        .mended_by(CONSOLE, Some("switchboard check")),
    kind("session-not-proven", Warning, "The certificate was read without a session: this console cannot open the TLS version or the suites that the server offers. Probe plain TCP where the startup mode allows it.")
        .means("Old Windows servers offer TLS 1.0, or suites that today's libraries refuse. The certificate travels in clear text there and was read; that the server holds its key was not proved, and no OPTIONS was asked.")
        .taught_by("certificate checks that went blind just when the certificate was bad")
        .mended_by(EXCHANGE, Some("switchboard cert HOST:PORT")),
    kind("unexpectedly-in-service", Warning, "The standby takes calls although the design keeps it disabled: disable it, or finish the failover that enabled it.")
        .means("The design keeps this standby disabled until it is needed, and it takes calls now, in turn with the others.")
        .taught_by("a switch that was cut off between on there and off here")
        .mended_by(EXCHANGE, Some("switchboard disable FQDN")),
    kind("unexpectedly-disabled", Critical, "The server is disabled although the design counts on it: enable it, or find the run that disabled it.")
        .means("It refuses every call, for all of its dial plans: service state belongs to the server.")
        .taught_by("a run that ended half-way and left its server out of service")
        .mended_by(EXCHANGE, Some("switchboard enable FQDN")),
    kind("draining", Warning, "The server takes no new calls. Enable it when the maintenance is over.")
        .means("Calls in progress go on, new ones are refused, until somebody enables it again.")
        .taught_by("a component that one requester held and nobody freed")
        .mended_by(EXCHANGE, Some("switchboard enable FQDN")),
    kind("state-contradicted", Warning, "The command's word and the wire disagree: read the state on the server itself before you rely on either.")
        .means("The state command says that it is out of service, the wire says 200 OK. The state is kept by each requester, on the host and in the directory: whoever reads one of them has half of the truth.")
        .taught_by("commands that succeeded and changed nothing because another requester held the component")
        .mended_by(EXCHANGE, Some("Get-ServerComponentState FQDN | Format-List")),
    kind("state-unreadable", Warning, "Run the backend's state command by hand, as this user, and see what it says.")
        .means("Service states and memberships are not known. Rules that need them count as their worst.")
        .taught_by("hooks whose errors nobody saw")
        .mended_by(CONSOLE, None),
    kind("state-missing", Warning, "The state command does not report this server: check the command's scope and the server's name.")
        .means("Every other server is in the report and this one is not, so nothing is known of its state.")
        .taught_by("a cmdlet that answers for the local machine when no server is named")
        .mended_by(EXCHANGE, Some("Get-UMCallRouterSettings -Server FQDN")),
    kind("membership-drift", Warning, "Make the dial plan's members and the topology file agree; a standby that is no member takes no calls.")
        .means("The state command and the topology file disagree about who belongs to the dial plan. A server that is no member is no trusted peer.")
        .taught_by("a cmdlet that replaced the list of dial plans instead of adding to it")
        .mended_by(EXCHANGE, Some("Set-UMService FQDN -DialPlans @{Add='DIAL PLAN'}")),
    kind("cert-expired", Critical, "Renew the certificate, assign it to every UM service of the server, and restart them.")
        .means("Nobody who checks it opens a session any more.")
        .taught_by("an expired certificate that took a telephone network down")
        .mended_by(OWNER, Some("Enable-ExchangeCertificate -Server FQDN -Thumbprint NEW-ONE -Services 'UM, UMCallRouter'")),
    kind("cert-not-yet-valid", Critical, "Check the server's clock; if it is right, assign the older certificate until the new one is valid.")
        .means("Its time begins later than the clock says: nobody who checks it opens a session.")
        .taught_by("clocks that nobody had looked at")
        .mended_by(OWNER, Some("switchboard cert HOST:PORT")),
    kind("cert-expiring", Warning, "Renew the certificate now, assign it to every UM service of the server, and restart them.")
        .means("It ends soon. A renewal is a new thumbprint, an assignment to each service and a restart of each.")
        .taught_by("an expired certificate that took a telephone network down")
        .mended_by(OWNER, Some("Enable-ExchangeCertificate -Server FQDN -Thumbprint NEW-ONE -Services 'UM, UMCallRouter'")),
    kind("cert-self-signed", Critical, "Request a certificate from an authority that Lync and Exchange both trust: a self-signed one never makes them trust each other.")
        .means("Exchange installs such a one by itself. Lync and UM never trust each other by it.")
        .taught_by("the source document's own warning: voice mail between two sides that cannot trust each other")
        .mended_by(OWNER, Some("switchboard cert HOST:PORT --roots PEM")),
    kind("cert-untrusted", Critical, "Install the issuing authority's root on the side that lacks it, or send the missing intermediate.")
        .means("Each side has roots of its own, and one of them does not lead to this certificate.")
        .taught_by("certificates renewed by an authority that one side did not know")
        .mended_by(BOTH, Some("switchboard cert HOST:PORT --roots PEM")),
    kind("cert-missing-name", Critical, "Renew the certificate with every name of the design in its SAN, or a wildcard for each site's domain.")
        .means("Lync compares the name that it calls with the SAN: under the missing name every call fails, after a failover at the latest.")
        .taught_by("a wildcard that covered one label and not two")
        .mended_by(OWNER, Some("switchboard cert HOST:PORT --name NAME")),
    kind("cert-subject", Warning, "Renew the certificate with the server's own name as its common name: Lync and Exchange know a trusted peer by it, and a wildcard is no name.")
        .means("Lync and UM know a trusted peer by its subject. With another one, calls work one way only.")
        .taught_by("message waiting and Play on Phone that failed after a shared certificate")
        .mended_by(OWNER, Some("switchboard cert HOST:PORT")),
    kind("cert-weak", Warning, "Renew with an RSA key of 2048 bits and a SHA-256 signature, from the root down: short keys and SHA-1 are refused by more systems each year.")
        .means("A short key or a SHA-1 signature somewhere in its chain: what trusts it today may refuse it after an update.")
        .taught_by("internal authorities older than what newer systems accept")
        .mended_by(AUTHORITY, Some("switchboard cert HOST:PORT")),
    kind("cert-revoked", Critical, "The authority took the certificate back, so nobody trusts it: request a new one with a new key, assign it, restart the service, and find out why.")
        .means("Its authority has declared it void before its time, and whoever asks is told so.")
        .taught_by("a certificate that was taken back while a server went on presenting it")
        .mended_by(OWNER, Some("switchboard cert HOST:PORT")),
    kind("cert-not-taken-up", Warning, "Restart the service in a quiet hour so that it takes its certificate up: MSExchangeUM for the UM service, MSExchangeUMCR for the call router; then the Lync Front End services. If it stays so, assign the certificate again.")
        .means("The service still presents an older certificate than the one that it was given.")
        .taught_by("renewals without a restart, which left the old certificate on the wire")
        .mended_by(OWNER, Some("Restart-Service MSExchangeUM, MSExchangeUMCR")),
    kind("crl-unreachable", Warning, "Look at the list's file or web server: who checks revocation may refuse every certificate of that authority while it cannot be read.")
        .means("The authority's list of revoked certificates cannot be read, so nobody can tell whether one of them was.")
        .taught_by("checks that failed closed for want of a list")
        .mended_by(AUTHORITY, Some("curl -I URL")),
    kind("crl-unusable", Warning, "Name a complete list of the issuing authority, in PEM or DER, signed by that authority; a delta or indirect list is none.")
        .means("What was named is no list that could be used for this authority.")
        .taught_by("checks that passed because they compared with the wrong thing")
        .mended_by(CONSOLE, Some("openssl crl -in FILE -noout -issuer -lastupdate -nextupdate")),
    kind("crl-expired", Warning, "Publish a new list at the authority: who checks revocation may refuse every certificate of that authority while the list is out of date.")
        .means("The list says itself that there should be a newer one by now.")
        .taught_by("checks that failed closed for want of a list")
        .mended_by(AUTHORITY, Some("certutil -CRL")),
    kind("cert-unreadable", Critical, "The presented certificate cannot be read: look at it with openssl on the server and replace it.")
        .means("What was presented is no certificate that could be read.")
        .taught_by("certificate checks that went blind just when the certificate was bad")
        .mended_by(OWNER, Some("openssl s_client -connect HOST:PORT -showcerts")),
    kind("pool-down", Critical, "No pool, no calls: see to the Front End servers first. A failover of Unified Messaging does not help.")
        .means("The pool sends the calls. Without it nobody calls, whatever Unified Messaging does.")
        .taught_by("the wrong layer that was failed over")
        .mended_by(LYNC, Some("Get-CsPool")),
    kind("pool-degraded", Warning, "The pool is alive and does not answer as it should: look at its Front End service.")
        .means("The pool's SIP stack is alive and does not answer as it should: calls may not be sent.")
        .taught_by("a front end that answered for a dead back end")
        .mended_by(LYNC, Some("Test-CsExUMConnectivity")),
    kind("name-moved", Warning, "The name points at another server of the topology. Bring it home when its own server is fit again.")
        .means("A failover stands, by this console or by hand: calls for the name go to another server.")
        .taught_by("returns home that surprised those who had forgotten the way out")
        .mended_by(CONSOLE, Some("switchboard plan --from SITE --back")),
    kind("name-foreign", Critical, "The name points at an address that no server of the topology has: find out who changed it before any failover.")
        .means("Calls for the name go to an address that no server of the topology file has.")
        .taught_by("clean-up tools that changed records outside their management")
        .mended_by(DNS, Some("dig @PRIMARY NAME A")),
    kind("name-split", Warning, "Authoritative servers disagree: wait for the zone transfer, then look at the one that lags.")
        .means("Whom a caller reaches depends on which server was asked.")
        .taught_by("directory-integrated zones that took hours from site to site")
        .mended_by(DNS, Some("dig @SERVER NAME A +norecurse")),
    kind("name-missing", Critical, "The name has no address: restore its record.")
        .means("Nobody can call the server by its name, and caches remember that there is none.")
        .taught_by("an empty record for a whole region, which no automation could repair")
        .mended_by(DNS, Some("dig @PRIMARY NAME A")),
    kind("name-diverged", Critical, "The A and AAAA records lead to different servers, and UCMA tries IPv6 first: make them agree.")
        .means("UCMA tries IPv6 first, so calls go where the AAAA record leads, not where the A record does.")
        .taught_by("an A record that moved while its AAAA stayed")
        .mended_by(DNS, Some("dig @PRIMARY NAME AAAA")),
    kind("re-registered", Warning, "The host registers its own record and will undo a move: turn off DNS registration on its network adapter.")
        .means("Windows hosts write their own A record at boot and every day, and so undo a move.")
        .taught_by("a host that came back and took its name along")
        .mended_by(EXCHANGE, Some("Set-DnsClient -RegisterThisConnectionsAddress $false")),
    kind("dns-silent", Critical, "The DNS server does not answer: see whether it runs and whether this console may reach it.")
        .means("Names cannot be read there. Of a write primary: no failover by DNS either. Of a resolver: its pools find nobody anew.")
        .taught_by("operators locked out because their tools and their DNS stood behind the thing that broke")
        .mended_by(DNS, Some("dig @SERVER NAME A")),
    kind("dns-failing", Warning, "The DNS server answers with an error: look at its log and at its zones.")
        .means("It answers, and with an error instead of the records.")
        .taught_by("error codes that were ignored and reported as success")
        .mended_by(DNS, Some("dig @SERVER NAME A +norecurse")),
    kind("dns-lagging", Warning, "The server's zone is older than the primary's: see whether zone transfers get through.")
        .means("It serves an older zone than the others: a move arrives there late.")
        .taught_by("directory-integrated zones that took hours from site to site")
        .mended_by(DNS, Some("dig @SERVER ZONE SOA +norecurse")),
    kind("resolver-stale", Warning, "The resolver keeps an address that the authoritative servers no longer give, or keeps it longer than the TTL: flush its cache.")
        .means("The pools behind it go on to the old address although the time of its record is over.")
        .taught_by("caches that outlived the switch")
        .mended_by(DNS, Some("Clear-DnsServerCache -ComputerName RESOLVER")),
    kind("key-refused", Critical, "The write primary does not accept the key: check the key's name, secret and update policy.")
        .means("No update of this console would be accepted: a failover by DNS ends at its first step.")
        .taught_by("a record that belonged to another account")
        .mended_by(DNS, Some("switchboard check")),
    kind("clock-skew", Critical, "This console's clock and the DNS server's differ too much for signed updates: see to NTP on both.")
        .means("Signed messages carry the time; with five minutes' difference all are refused.")
        .taught_by("updates refused for a clock that nobody had looked at")
        .mended_by(CONSOLE, Some("timedatectl")),
    kind("marker-absent", Warning, "The site's fence marker is not in the zone: the next run creates it, or `switchboard marker init SITE`.")
        .means("The marker lets the DNS server refuse a second operator. Without it the first claim creates one, fenced as \"does not exist\".")
        .taught_by("a lock that was not there, so that both sides held it")
        .mended_by(DNS, Some("switchboard marker init SITE")),
    kind("marker-malformed", Critical, "The fence marker cannot be read, so no run can be fenced: see who changed it, then `switchboard marker init SITE`.")
        .means("What stands at the marker's name is no marker of this program, so no run can say what it was made against.")
        .taught_by("a lock that nobody could read, and nobody dared to break")
        .mended_by(DNS, Some("switchboard marker init SITE")),
    kind("few-in-service", Warning, "Fewer than two servers of the dial plan take calls: put a second one into service.")
        .means("One more failure and the dial plan has nobody. The source document advises two.")
        .taught_by("the second failure during the first")
        .mended_by(EXCHANGE, Some("switchboard enable FQDN")),
    kind("none-in-service", Critical, "No server of the dial plan takes calls: fail over, or enable a standby, now.")
        .means("Callers of this dial plan get no voice mail now.")
        .taught_by("a race in a switch that left no active side")
        .mended_by(EXCHANGE, Some("switchboard plan --from SITE")),
];
