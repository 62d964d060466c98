//! `[backend.NAME]`: how the world is read and changed.

use std::net::SocketAddr;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::{host, name};
use crate::config::keys::{self, Section};
use crate::config::reader::{At, Bad};
use crate::config::table::{Table, quoted};
use crate::config::{secret, values};
use crate::domain::name::{BackendName, Fqdn, SiteName};
use crate::domain::topology::{Backend, Command, DnsUpdate, TsigAlgorithm, UpdateAuth, WritePrimary};

/// A backend; the sites of its primaries are not looked up yet.
pub(in crate::config) struct RawBackend {
    pub(in crate::config) name: At<BackendName>,
    /// What its `type` says, even when its settings are wrong.
    pub(in crate::config) kind: Option<Kind>,
    /// `None` when a setting was wrong.
    pub(in crate::config) backend: Option<Backend>,
    /// Sites that its settings name.
    pub(in crate::config) sites: Vec<At<SiteName>>,
    /// The zone that fences its runs.
    pub(in crate::config) fence: Option<At<Fqdn>>,
}

/// The two kinds of backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Kind {
    /// Changes DNS records.
    DnsUpdate,
    /// Runs commands.
    Command,
}

const KINDS: &[(&str, Kind)] = &[("dns-update", Kind::DnsUpdate), ("command", Kind::Command)];

const ALGORITHMS: &[(&str, TsigAlgorithm)] = &[
    ("hmac-sha256", TsigAlgorithm::HmacSha256),
    ("hmac-sha384", TsigAlgorithm::HmacSha384),
    ("hmac-sha512", TsigAlgorithm::HmacSha512),
];

pub(in crate::config) fn read(root: &Table<'_>) -> Vec<RawBackend> {
    root.named_tables("backend", section_of).into_iter().filter_map(|(name, table)| read_one(name, &table)).collect()
}

/// The keys that a backend may have follow from its type; an unknown type is told later, and with it no key is refused.
fn section_of(entries: &DeTable<'_>) -> Section {
    let written = match entries.get("type").map(toml::Spanned::get_ref) {
        Some(DeValue::String(text)) => text.as_ref(),
        _ => "",
    };
    match KINDS.iter().find(|(word, _)| *word == written) {
        Some((_, Kind::DnsUpdate)) => keys::DNS_UPDATE,
        Some((_, Kind::Command)) => keys::COMMAND,
        None => keys::ANY_BACKEND,
    }
}

fn read_one(name: At<String>, table: &Table<'_>) -> Option<RawBackend> {
    if let Err(bad) = values::shown(&name.value) {
        table.reader.bad(&name.span, &bad);
        return None;
    }
    table.require(&["type"]);
    let kind = table.word("type", KINDS).map(|kind| kind.value);
    let (mut sites, mut zone) = (Vec::new(), None);
    let backend = match kind {
        Some(Kind::DnsUpdate) => dns_update(table, &mut sites).map(Backend::DnsUpdate),
        Some(Kind::Command) => {
            zone = fence(table);
            command(table, zone.as_ref()).map(|command| Backend::Command(Box::new(command)))
        }
        None => None,
    };
    Some(RawBackend { name: name.map(BackendName::new), kind, backend, sites, fence: zone })
}

fn dns_update(table: &Table<'_>, sites: &mut Vec<At<SiteName>>) -> Option<DnsUpdate> {
    table.require(&["write_primaries", "auth"]);
    if table.is_empty_list("write_primaries") {
        table
            .reader
            .unfit(&table.span_of("write_primaries"), &Bad::new("`write_primaries` is empty: nobody takes updates"));
    }
    let write_primaries = table
        .tables("write_primaries", keys::WRITE_PRIMARY)
        .iter()
        .filter_map(|primary| write_primary(primary, sites))
        .collect();
    let day = Duration::from_secs(86_400);
    Some(DnsUpdate {
        write_primaries,
        key_test: table.duration("key_test", Duration::from_secs(10)..=day),
        auth: auth(table)?,
    })
}

fn write_primary(table: &Table<'_>, sites: &mut Vec<At<SiteName>>) -> Option<WritePrimary> {
    table.require(&["address"]);
    let site = name(table, "site", SiteName::new);
    sites.extend(site.clone());
    let address: At<SocketAddr> =
        table.parsed("address", "an address in quotes", |text| values::endpoint(text, Some(53)))?;
    Some(WritePrimary { address: address.value, site: site.map(|site| site.value) })
}

fn auth(table: &Table<'_>) -> Option<UpdateAuth> {
    if table.is_text("auth") {
        return table.parsed("auth", "", gss).map(|gss| gss.value);
    }
    let auth = table.table("auth", keys::AUTH)?;
    auth.require(&["tsig"]);
    let key = auth.parsed("tsig", "the key's name in quotes", key_name);
    let algorithm = auth.word("algorithm", ALGORITHMS);
    let held = held_key(&auth)?;
    agree(&auth, &held, key.as_ref(), algorithm.as_ref().map(|word| word.value))?;
    let in_file = || held.algorithm.as_deref().and_then(|word| values::word("algorithm", word, ALGORITHMS).ok());
    Some(UpdateAuth::Tsig {
        key: key?.value,
        algorithm: algorithm.map(|word| word.value).or_else(in_file).unwrap_or(TsigAlgorithm::HmacSha256),
        secret: held.secret,
    })
}

fn gss(text: &str) -> Result<UpdateAuth, Bad> {
    let wrong = || Bad::new(format!("`auth` knows no {}", quoted(text)));
    let help = "write auth = \"gss\", or auth = { tsig = \"…\", secret_file = \"…\" }";
    if text == "gss" { Ok(UpdateAuth::Gss) } else { Err(wrong().help(help)) }
}

/// A key's name. What is wrong is not repeated: it may hold the secret.
fn key_name(text: &str) -> Result<Fqdn, Bad> {
    let wrong = || Bad::new("`tsig` wants the key's name alone, as the DNS server knows it");
    Fqdn::parse(text)
        .map_err(|_| wrong().help("tsig = \"switchboard.\", and the secret in a file that `secret_file` names"))
}

/// The secret, from the one place that is named.
fn held_key(auth: &Table<'_>) -> Option<secret::Key> {
    if auth.has("secret") {
        // Refused already, with the way out.
        return None;
    }
    match (auth.has("secret_file"), auth.has("secret_env")) {
        (true, true) => {
            let bad = Bad::new("`auth` has both `secret_file` and `secret_env`: which one counts?");
            auth.reader.unfit(&auth.span_of("secret_env"), &bad);
            None
        }
        (false, false) => {
            let bad = Bad::new("`auth` needs `secret_file` or `secret_env`")
                .help("secret_file = \"tsig.key\" (chmod 600), or secret_env = \"SWITCHBOARD_TSIG\"");
            auth.reader.unfit(&auth.span, &bad);
            None
        }
        (true, false) => {
            auth.parsed("secret_file", "a path in quotes", |path| from_file(auth, path)).map(|at| at.value)
        }
        (false, true) => {
            auth.parsed("secret_env", "a variable's name in quotes", |name| from_env(auth, name)).map(|at| at.value)
        }
    }
}

fn from_file(auth: &Table<'_>, written: &str) -> Result<secret::Key, Bad> {
    let bytes = secret::read_private(&auth.reader.path(written), &secret::shown_path(written))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Bad::new("the key file is not text"))?;
    secret::parse(text)
}

fn from_env(auth: &Table<'_>, written: &str) -> Result<secret::Key, Bad> {
    let is_name = !written.is_empty()
        && !written.starts_with(|c: char| c.is_ascii_digit())
        && written.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if !is_name {
        return Err(Bad::new(
            "`secret_env` wants the name of an environment variable, capitals, digits and underscores",
        )
        .help("secret_env = \"SWITCHBOARD_TSIG\", and the secret in that variable"));
    }
    let value = auth.reader.env(written).map(zeroize::Zeroizing::new);
    let value = value.ok_or_else(|| Bad::new(format!("the environment variable {written} is not set")))?;
    secret::parse(&value)
}

/// What a key file in BIND's format says besides the secret has to agree with the topology file.
fn agree(auth: &Table<'_>, held: &secret::Key, key: Option<&At<Fqdn>>, algorithm: Option<TsigAlgorithm>) -> Option<()> {
    if let (Some(key), Some(name)) = (key, &held.name)
        && Fqdn::parse(name).ok().as_ref() != Some(&key.value)
    {
        let bad = Bad::new(format!("the key file holds another key than `{}`", key.value));
        auth.reader.unfit(&key.span, &bad.help("`tsig` is the key's name as the DNS server knows it"));
        return None;
    }
    let Some(word) = held.algorithm.as_deref() else { return Some(()) };
    let in_file = ALGORITHMS.iter().find(|(known, _)| *known == word).map(|(_, algorithm)| *algorithm);
    let wrong = match in_file {
        None => "this program does not know",
        Some(in_file) if algorithm.is_some_and(|written| written != in_file) => "is not the one written here",
        Some(_) => return Some(()),
    };
    let message = format!("the key file says algorithm {}, which {wrong}", quoted(word));
    auth.reader.unfit(&auth.span_of("algorithm"), &Bad::new(message));
    None
}

/// The zone in which runs of these commands are fenced.
fn fence(table: &Table<'_>) -> Option<At<Fqdn>> {
    let fence = table.table("fence", keys::FENCE)?;
    fence.require(&["zone"]);
    host(&fence, "zone")
}

fn command(table: &Table<'_>, fence: Option<&At<Fqdn>>) -> Option<Command> {
    table.require(&["state"]);
    let long = Duration::from_millis(100)..=Duration::from_secs(3600);
    let setting = |key, usual| table.duration(key, long.clone()).unwrap_or(Duration::from_secs(usual));
    Some(Command {
        drain: argv(table, "drain"),
        enable: argv(table, "enable"),
        disable: argv(table, "disable"),
        check: argv(table, "check"),
        timeout: setting("timeout", 30),
        effect_wait: setting("effect_wait", 12 * 60),
        interval: setting("interval", 15),
        idempotent: table.flag("idempotent").unwrap_or(false),
        fence: fence.map(|zone| zone.value.clone()),
        state: argv(table, "state")?,
    })
}

/// An argument list. Never a command line: nothing here would take one apart safely.
pub(super) fn argv(table: &Table<'_>, key: &str) -> Option<Vec<String>> {
    if !table.has(key) {
        return None;
    }
    let refuse = |bad: Bad| {
        table.reader.bad(&table.span_of(key), &bad);
        None
    };
    if table.is_text(key) {
        let bad =
            Bad::new(format!("`{key}` wants a list, the program and its arguments: no shell takes a line apart here"));
        return refuse(bad.help(format!("{key} = [\"pwsh\", \"-File\", \"um-{key}.ps1\"]")));
    }
    if table.is_empty_list(key) {
        return refuse(Bad::new(format!("`{key}` is empty: name the program and its arguments")));
    }
    let argv: Vec<String> =
        table.list(key, "arguments", values::argument).into_iter().map(|argument| argument.value).collect();
    match argv.first() {
        Some(program) if program.trim().is_empty() => refuse(Bad::new(format!("`{key}` names no program"))),
        Some(_) => Some(argv),
        None => None,
    }
}
