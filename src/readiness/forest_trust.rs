//! R6: where forests differ, the Lync forest and each Exchange forest trust each other, and user settings are carried across.

use std::collections::BTreeSet;

use super::Input;
use super::notes::{Found, Notes, list};
use crate::domain::clean::Clean;
use crate::domain::name::ForestName;
use crate::domain::watch::command_failure_words;

/// A carry-over older than this is stale, in seconds.
const STALE: i64 = 2 * 86_400;

const TRUST: &str = "set up the trust in that direction, then add it to `trusts` of the forest in the topology file";
const DECLARE: &str = "declare `forest` at each site, the pool's included";
const COMMAND: &str = "declare `sync` at the Exchange forest: a command that prints when settings were last carried across, as JSON; \
                       run it by hand, as this user, where it fails";
const REPORT: &str =
    "look at the tool that carries the users' settings across (ILM or a script), and at one user's objects";

pub(super) fn judge(input: &Input<'_>) -> Found {
    let topology = input.topology;
    let forest_of = |name| topology.site(name).and_then(|site| site.forest.as_ref());
    let exchange: BTreeSet<&ForestName> =
        topology.sites.iter().filter(|site| !site.servers.is_empty()).filter_map(|site| site.forest.as_ref()).collect();
    let lync: BTreeSet<&ForestName> = topology.pools.iter().filter_map(|pool| forest_of(&pool.site)).collect();
    let all: BTreeSet<&ForestName> = exchange.union(&lync).copied().collect();
    if all.len() <= 1 {
        let one = all.first().map_or_else(
            || "no forest is declared, so all is one".to_owned(),
            |one| format!("all is one forest, {one}"),
        );
        return Found::NotApplicable(one);
    }
    let mut notes = Notes::default();
    for site in topology.sites.iter().filter(|site| site.forest.is_none()) {
        notes.unknown(format!("{}: its forest is not declared", site.name), DECLARE);
    }
    if lync.is_empty() {
        notes.unknown("the pool's forest is not declared", DECLARE);
    }
    for lync in lync {
        for exchange in exchange.iter().filter(|forest| **forest != lync) {
            judge_pair(&mut notes, input, lync, exchange);
        }
    }
    Found::Seen(notes)
}

fn judge_pair(notes: &mut Notes, input: &Input<'_>, lync: &ForestName, exchange: &ForestName) {
    let trusts = |from: &ForestName, to: &ForestName| {
        let declared = input.topology.forests.iter().find(|forest| forest.name == *from);
        declared.is_some_and(|forest| forest.trusts.contains(to))
    };
    let directions = [(lync, exchange), (exchange, lync)];
    let missing: Vec<String> = directions
        .iter()
        .filter(|(from, to)| !trusts(from, to))
        .map(|(from, to)| format!("{from} does not trust {to}"))
        .collect();
    if missing.is_empty() {
        judge_sync(notes, input, lync, exchange);
    } else {
        notes.fail(list(missing), TRUST);
    }
}

fn judge_sync(notes: &mut Notes, input: &Input<'_>, lync: &ForestName, exchange: &ForestName) {
    let both = format!("{lync} and {exchange} trust each other");
    match input.facts.sync.get(exchange) {
        None => notes.unknown(format!("{both}; nobody reports whether user settings are carried across"), COMMAND),
        Some(Err(failure)) => {
            let why = command_failure_words(failure);
            notes.unknown(
                format!("{both}; the last carry-over is not known: the `sync` command of {exchange} {why}"),
                COMMAND,
            );
        }
        Some(Ok(sync)) => {
            let age = input.picture.at.as_second() - sync.at.as_second();
            let user = sync.user.as_ref().map_or("the sample user", Clean::as_str);
            if !sync.sample {
                notes.fail(format!("{both}; {user} has no Unified Messaging settings in {lync}"), REPORT);
            } else if age > STALE {
                notes.warn(format!("{both}; user settings were last carried across {} days ago", age / 86_400), REPORT);
            } else {
                let hours = age.max(0) / 3600;
                notes.fine(format!(
                    "{both}; user settings were carried across {hours} h ago, {user} has them in {lync}"
                ));
            }
        }
    }
}
