//! `switchboard marker`: the fence in the zone, as its write primary shows it; and its first writing.

use anyhow::{anyhow, bail};
use clap::Subcommand;
use serde_json::json;

use super::context::{Context, environment};
use super::{Usage, output};
use crate::backend::{Backends, NoWitness};
use crate::domain::act::{Act, Effect, MarkerChange, Update};
use crate::domain::clean::Clean;
use crate::domain::marker::Marker;
use crate::domain::name::{Fqdn, SiteName};
use crate::domain::observation::DnsKind;
use crate::domain::topology::{Site, Topology, Zone};
use crate::domain::watch::dns_failure_words;
use crate::executor::attach::Who;
use crate::probe::Clock;
use crate::probe::dns::{DnsQuestions, probe};

/// The exit code when it could not be read or written.
pub(crate) const FAILED: u8 = 1;

/// The TTL of a marker where the zone declares none, in seconds.
const TTL: u32 = 60;

/// See the fence markers, or write a first one
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Print JSON for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What is done with it.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Each site's marker, read at the zone's write primary
    Show,
    /// Write a site's first marker, if there is none or a text that is none
    Init {
        /// The site
        site: String,
    },
}

/// Reads or writes markers.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let topology = context.topology(args.json)?;
    match &args.verb {
        Verb::Show => show(&topology, args.json).await,
        Verb::Init { site } => init(&topology, site, args.json).await,
    }
}

/// A site's marker: where it is and what stands there.
struct Found<'a> {
    site: &'a Site,
    zone: &'a Zone,
    name: Fqdn,
    texts: Result<Vec<Clean>, Clean>,
}

/// A site's markers: one in each zone that fences it.
async fn read_all<'a>(topology: &'a Topology, site: &'a Site, clock: &Clock) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for zone in topology.fenced_zones(site) {
        found.extend(read(topology, site, zone, clock).await);
    }
    found
}

async fn read<'a>(topology: &'a Topology, site: &'a Site, zone: &'a Zone, clock: &Clock) -> Option<Found<'a>> {
    let name = Topology::marker_name_in(site, zone)?;
    let server = topology.write_primaries(zone).first()?.address;
    let questions = DnsQuestions {
        server,
        connect: topology.map.route(server),
        kind: DnsKind::Authoritative,
        names: Vec::new(),
        zones: Vec::new(),
        markers: vec![name.clone()],
        key: None,
    };
    let mut seen = probe(&questions, topology.console.timeout * 2, clock).await;
    let texts = seen.markers.remove(&name).unwrap_or_else(|| Ok(Vec::new()));
    let texts = texts.map_err(|failure| Clean::from(format!("{server}: {}", dns_failure_words(&failure))));
    Some(Found { site, zone, name, texts })
}

async fn show(topology: &Topology, as_json: bool) -> anyhow::Result<u8> {
    let clock = Clock::start();
    let (mut documents, mut good) = (Vec::new(), true);
    let mut all = Vec::new();
    for site in &topology.sites {
        all.extend(read_all(topology, site, &clock).await);
    }
    for found in &all {
        let (state, marker) = judge(found, &clock);
        good &= found.texts.is_ok();
        let text = found.texts.as_ref().ok().and_then(|texts| texts.first()).map(Clean::as_str);
        if as_json {
            documents.push(json!({"site": found.site.name, "name": found.name, "zone": found.zone.name, "state": state,
                "text": text, "seq": marker.as_ref().map(|marker| marker.seq), "run": marker.and_then(|marker| marker.run)}));
        } else {
            output::line(&format!("{}  {}  {state}  {}", found.site.name, found.name, text.unwrap_or_default()))?;
        }
    }
    if as_json {
        output::json(&json!({"version": 1, "markers": documents}))?;
    } else if all.is_empty() {
        output::line("no site's names move, no commands have a fence, or no zone may be changed: there is no marker")?;
    }
    Ok(if good { 0 } else { FAILED })
}

fn judge(found: &Found<'_>, clock: &Clock) -> (String, Option<Marker>) {
    match found.texts.as_deref() {
        Err(why) => (format!("unreadable ({why})"), None),
        Ok([]) => ("absent".to_owned(), None),
        Ok([text]) => match Marker::parse(text.as_str()) {
            Ok(marker) if marker.is_held(clock.now()) => ("held".to_owned(), Some(marker)),
            Ok(marker) if marker.run.is_some() => ("left behind".to_owned(), Some(marker)),
            Ok(marker) => ("free".to_owned(), Some(marker)),
            Err(error) => (format!("malformed ({error})"), None),
        },
        Ok(_) => ("malformed (several texts)".to_owned(), None),
    }
}

async fn init(topology: &Topology, site: &str, as_json: bool) -> anyhow::Result<u8> {
    let name = SiteName::new(site);
    let site = topology.site(&name).ok_or_else(|| Usage(format!("no site is named {site}")))?;
    let clock = Clock::start();
    let all = read_all(topology, site, &clock).await;
    let wanting: Vec<&Found<'_>> = all.iter().filter(|found| found.is_wanting()).collect();
    if wanting.is_empty() {
        let there = all.first().ok_or_else(|| anyhow!("nothing of {name} is fenced, or no zone may be changed"))?;
        match there.texts.as_deref() {
            Ok([_, _, ..]) => bail!("several texts stand at {}: delete them by hand; nothing was changed", there.name),
            Ok(_) => bail!("{} stands there already; nothing was changed", there.name),
            Err(why) => bail!("whether {} is there cannot be read: {why}; nothing was changed", there.name),
        }
    }
    let mut code = 0;
    for found in wanting {
        code = code.max(init_one(topology, found, as_json).await?);
    }
    Ok(code)
}

impl Found<'_> {
    /// Whether a first marker is to be written: there is none, or one text that is none.
    fn is_wanting(&self) -> bool {
        matches!(self.texts.as_deref(), Ok([])) || self.malformed().is_some()
    }

    /// The one text that stands there and is no marker.
    fn malformed(&self) -> Option<&Clean> {
        match self.texts.as_deref() {
            Ok([text]) => Marker::parse(text.as_str()).is_err().then_some(text),
            _ => None,
        }
    }
}

async fn init_one(topology: &Topology, found: &Found<'_>, as_json: bool) -> anyhow::Result<u8> {
    let effect = write(topology, found).await?;
    if as_json {
        output::json(&json!({"version": 1, "name": found.name, "result": effect}))?;
    }
    match effect {
        Effect::Applied { detail } | Effect::Recorded { detail } => {
            output::note(&format!("switchboard: {detail}"));
            Ok(0)
        }
        Effect::NotApplied { why, detail } => bail!("not written ({}): {detail}", why.word()),
        Effect::Unknown { detail } => {
            bail!("not known whether it was written: {detail}; `switchboard marker show` tells")
        }
    }
}

/// One message: there must be none, or exactly the text that is none, then there is this one; of a new epoch where it replaces.
async fn write(topology: &Topology, found: &Found<'_>) -> anyhow::Result<Effect> {
    let primary = topology.write_primaries(found.zone).first().ok_or_else(|| anyhow!("no write primary"))?.address;
    let backend = found.zone.backend.clone().ok_or_else(|| anyhow!("no backend changes {}", found.zone.name))?;
    let before = found.malformed().map(ToString::to_string);
    let first = Marker {
        epoch: Marker::first().epoch + u32::from(before.is_some()),
        by: Marker::by_label(Who::am_i(&environment).by.as_str()),
        ..Marker::first()
    };
    let ttl = found.zone.ttl.and_then(|ttl| u32::try_from(ttl.as_secs()).ok()).unwrap_or(TTL);
    let marker = MarkerChange { name: found.name.clone(), ttl, before, after: Some(first.to_string()) };
    let act = Act::DnsUpdate(Update {
        backend,
        zone: found.zone.name.clone(),
        primary,
        records: Vec::new(),
        markers: vec![marker],
    });
    let backends = Backends::of(topology);
    Ok(backends.of_act(&act)?.effect(&act, &NoWitness).await)
}
