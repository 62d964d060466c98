//! `[console]`, `[probe]`, `[trust]`: the console's own settings, its certificate, and whom the two sides trust.

use std::time::Duration;

use super::name;
use crate::config::pem;
use crate::config::reader::{At, Bad};
use crate::config::table::Table;
use crate::config::values;
use crate::domain::name::SiteName;
use crate::domain::topology::{Console, CrlSource, Environment, ProbeIdentity, Roots, Trust};

/// `[console]`; the site is not looked up yet.
pub(in crate::config) struct RawConsole {
    pub(in crate::config) console: Console,
    pub(in crate::config) site: Option<At<SiteName>>,
}

const ENVIRONMENTS: &[(&str, Environment)] =
    &[("production", Environment::Production), ("lab", Environment::Lab), ("demo", Environment::Demo)];

const DAY: Duration = Duration::from_secs(86_400);

fn defaults() -> Console {
    Console {
        name: "switchboard".to_owned(),
        environment: Environment::Production,
        site: None,
        interval: Duration::from_secs(5),
        timeout: Duration::from_secs(2),
        fall: 3,
        rise: 5,
        slow: Duration::from_secs(1),
        certificate_warning: 30 * DAY,
        certificate_critical: 7 * DAY,
    }
}

pub(in crate::config) fn read(table: Option<&Table<'_>>) -> RawConsole {
    let usual = defaults();
    let Some(table) = table else { return RawConsole { console: usual, site: None } };
    let short = Duration::from_millis(10)..=Duration::from_secs(300);
    let notice = Duration::ZERO..=3650 * DAY;
    let console = Console {
        name: table.text("name").map_or(usual.name, |name| name.value),
        environment: table.word("environment", ENVIRONMENTS).map_or(usual.environment, |word| word.value),
        site: None,
        interval: table
            .duration("interval", Duration::from_millis(50)..=Duration::from_secs(3600))
            .unwrap_or(usual.interval),
        timeout: table.duration("timeout", short.clone()).unwrap_or(usual.timeout),
        fall: table.number("fall", 1..=100).map_or(usual.fall, |n| n.value),
        rise: table.number("rise", 1..=100).map_or(usual.rise, |n| n.value),
        slow: table.duration("slow", short).unwrap_or(usual.slow),
        certificate_warning: table.duration("certificate_warning", notice.clone()).unwrap_or(usual.certificate_warning),
        certificate_critical: table.duration("certificate_critical", notice).unwrap_or(usual.certificate_critical),
    };
    if console.certificate_critical > console.certificate_warning {
        let bad =
            Bad::new("`certificate_critical` is longer than `certificate_warning`: nothing would ever be a warning");
        table.reader.unfit(&table.span_of("certificate_critical"), &bad);
    }
    RawConsole { console, site: name(table, "site", SiteName::new) }
}

pub(in crate::config) fn read_probe(table: Option<&Table<'_>>) -> ProbeIdentity {
    let Some(table) = table else { return ProbeIdentity::default() };
    for (one, other) in [("certificate", "key"), ("key", "certificate")] {
        if table.has(one) && !table.has(other) {
            let bad = Bad::new(format!("[probe] has `{one}` and no `{other}`: mutual TLS needs both"));
            table.reader.unfit(&table.span_of(one), &bad);
        }
    }
    let reader = table.reader;
    let file = "the path of a PEM file in quotes";
    ProbeIdentity {
        from: super::host(table, "from").map(|name| name.value),
        certificate: table.parsed("certificate", file, |path| pem::chain(reader, path)).map(|file| file.value),
        key: table.parsed("key", file, |path| pem::key(reader, path)).map(|file| file.value),
    }
}

pub(in crate::config) fn read_trust(table: Option<&Table<'_>>) -> Trust {
    let Some(table) = table else { return Trust::default() };
    let roots = |key| -> Option<Roots> {
        let file = "the path of a PEM file in quotes";
        Some(table.parsed(key, file, |path| pem::roots(table.reader, path))?.value)
    };
    Trust { lync: roots("lync"), exchange: roots("exchange"), crls: crls(table) }
}

/// Where revocation lists are read. What is there is no matter of this file: lists come and go.
fn crls(table: &Table<'_>) -> Vec<CrlSource> {
    let read = |text: &str| {
        let written = values::shown(text)?;
        CrlSource::parse(&written, |path| table.reader.path(path)).map_err(Bad::new)
    };
    let mut sources: Vec<CrlSource> = Vec::new();
    for source in table.list("crls", "files or http URLs", read) {
        if sources.iter().any(|known| known.written == source.value.written) {
            table.reader.unfit(&source.span, &Bad::new("the same list is named twice"));
        } else {
            sources.push(source.value);
        }
    }
    sources
}
