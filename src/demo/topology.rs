//! Writes the demo's topology file: the same kind of file that users write, with a map that leads to loopback.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use jiff::civil::Date;

use crate::domain::server::Transport;

use super::Options;
use super::cast::{Cast, CastSite, Design, Host, KEY_NAME, NS1, NS2, POOL, Plan, Profile, RESOLVER, ZONE};
use super::stage::Stage;

/// The whole file.
pub(super) fn write(stage: &Stage, dir: &Path, options: &Options) -> String {
    let (cast, interval) = (&stage.cast, options.interval);
    let today = (options.clock)().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut out = String::from(
        "# The topology of a running `switchboard demo`: everything below is on this machine, and ends with the demo.\n",
    );
    out += &console(interval);
    out += &gateway(cast);
    out += &zone(options.ttl());
    out += &backends(dir, &options.program, interval);
    out += "\n[[forest]]\nname = \"contoso.com\"\num_users = true\n";
    out += &pool();
    for site in &cast.sites {
        out += &self::site(site, today);
    }
    for plan in &cast.plans {
        out += &dial_plan(cast, plan);
    }
    out + &map(stage)
}

fn console(interval: Duration) -> String {
    format!(
        r#"
[console]
name = "contoso.com"
environment = "demo"
interval = {interval}
timeout = "1s"
fall = 3
rise = 5
slow = "250ms"
"#,
        interval = duration(interval)
    )
}

/// In the field the servers know one gateway; its certificate is there for whoever wants to be known.
fn gateway(cast: &Cast) -> String {
    if cast.profile == Profile::Kind {
        return String::new();
    }
    r#"
# The servers answer 403, or nothing, to a console that they do not know. With these two lines, and transport = "mutual-tls"
# at a server, the console shows the certificate of a gateway that they know:
# [probe]
# certificate = "gateway.pem"
# key = "gateway-key.pem"
"#
    .to_owned()
}

fn zone(ttl: Duration) -> String {
    format!(
        r#"
[dns]
resolvers = ["{RESOLVER}:53"]

[[dns.zone]]
name = "{ZONE}"
authoritative = ["{ns1}:53", "{ns2}:53"]
backend = "dns"
ttl = {ttl}

[trust]
lync = "lync-roots.pem"
exchange = "exchange-roots.pem"
crls = ["issuing.crl"]
"#,
        ns1 = NS1.1,
        ns2 = NS2.1,
        ttl = duration(ttl)
    )
}

fn backends(dir: &Path, program: &Path, interval: Duration) -> String {
    let tool = |verb: &str| {
        let words = [&*program.to_string_lossy(), "demo", "um", "--dir", &*dir.to_string_lossy(), verb].map(text);
        format!("[{}]", words.join(", "))
    };
    format!(
        r#"
[backend.dns]
type = "dns-update"
write_primaries = [{{ address = "{ns1}:53", site = "Dublin" }}]
auth = {{ tsig = "{KEY_NAME}", algorithm = "hmac-sha256", secret_file = "tsig.key" }}

[backend.exchange]
type = "command"
state = {state}
enable = {enable}
disable = {disable}
drain = {drain}
check = {check}
timeout = "3s"
effect_wait = "30s"
interval = {interval}
idempotent = true
"#,
        ns1 = NS1.1,
        state = tool("state"),
        enable = tool("enable"),
        disable = tool("disable"),
        drain = tool("drain"),
        check = tool("check"),
        interval = duration(interval * 5),
    )
}

fn pool() -> String {
    format!(
        r#"
[[pool]]
fqdn = "{}"
address = "{}"
site = "Tukwila"
transport = "tls"
"#,
        POOL.0, POOL.1
    )
}

fn site(site: &CastSite, confirmed: Date) -> String {
    let owner = |team: &str, last: u8| format!("\"{team} {}, +1 425 555 01{last}\"", site.name);
    let mut out = format!(
        r#"
[[site]]
name = "{name}"
forest = "contoso.com"
standby = "{standby}"
owners = {{ dns = {dns}, exchange = {exchange}, lync = {lync}, confirmed = {confirmed} }}
"#,
        name = site.name,
        standby = site.standby,
        dns = owner("DNS team", 20),
        exchange = owner("Exchange team", 21),
        lync = owner("Lync team", 22),
    );
    for host in &site.hosts {
        out += &server(host);
    }
    out
}

fn server(host: &Host) -> String {
    let partner = host.partner.as_ref().map_or_else(String::new, |partner| format!("partner = \"{partner}\"\n"));
    format!(
        r#"
[[site.server]]
fqdn = "{fqdn}"
address = "{address}"
version = "{version}"
roles = ["{role}"]
transport = "tls"
backend = "exchange"
{partner}"#,
        fqdn = host.fqdn(),
        address = host.address,
        version = host.version,
        role = host.service.word(),
    )
}

fn dial_plan(cast: &Cast, plan: &Plan) -> String {
    let members: Vec<String> = cast.hosts().map(|host| text(&host.fqdn())).collect();
    format!(
        r#"
[[dial_plan]]
name = "{name}"
site = "{site}"
enterprise_voice = "{name}"
method = "{method}"
members = [
  {members},
]
access_numbers = ["{access}"]
auto_attendants = ["{attendant}"]
"#,
        name = plan.name,
        site = plan.site,
        method = if cast.design == Design::Dns { "dns" } else { "enable-disable" },
        members = members.join(",\n  "),
        access = plan.access_number,
        attendant = plan.auto_attendant,
    )
}

fn map(stage: &Stage) -> String {
    let mut out = String::from("\n# Where the demo's servers really are.\n[network.map]\n");
    let mut lead = |declared: SocketAddr, real: SocketAddr| {
        let _ = writeln!(out, "\"{declared}\" = \"{real}\"");
    };
    for host in stage.cast.hosts() {
        if let Some(server) = stage.servers.get(host.token) {
            lead(host.endpoint(Transport::Tcp), server.tcp);
            lead(host.endpoint(Transport::Tls), server.tls);
        }
    }
    lead((POOL.1, 5060).into(), stage.pool.tcp);
    lead((POOL.1, 5061).into(), stage.pool.tls);
    let [primary, secondary, resolver] = stage.names.addresses();
    lead((NS1.1, 53).into(), primary);
    lead((NS2.1, 53).into(), secondary);
    lead((RESOLVER, 53).into(), resolver);
    out
}

/// A TOML basic string.
fn text(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

fn duration(duration: Duration) -> String {
    format!("\"{}\"", humantime::format_duration(duration).to_string().replace(' ', ""))
}
