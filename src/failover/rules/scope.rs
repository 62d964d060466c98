//! Rules about what a plan may touch at all.

use super::input::{Input, list, told};
use super::{Judged, Said};
use crate::domain::act::RecordKind;
use crate::domain::place::Place;
use crate::failover::plan::DnsUpdate;
use crate::failover::planner::NameSeen;

/// Only planned names; never apex, NS, SOA, wildcard, DNSSEC types: of those only names can be written down here at all.
pub(super) fn scope(input: &Input<'_>) -> Vec<Judged> {
    let updates = input.updates().map(|update| Judged::new(&update.zone, update_scope(input, update)));
    let commands = input.commands().map(|command| {
        let server = &command.call.server;
        let planned = input.plan.pairs.is_empty()
            || input.plan.pairs.iter().any(|pair| pair.leaves == *server || pair.enters == *server);
        let said = match (input.topology.server(server), planned) {
            (None, _) => Said::CannotTell("the topology file does not have this server".to_owned()),
            (_, false) => Said::Fails(0, format!("{server} is changed and stands in no pair of the plan")),
            (_, true) => Said::Holds("a planned server".to_owned()),
        };
        Judged::new(server, said)
    });
    updates.chain(commands).collect()
}

fn update_scope(input: &Input<'_>, update: &DnsUpdate) -> Said {
    let planned = |name: &crate::domain::name::Fqdn| input.plan.pairs.iter().any(|pair| pair.server == *name);
    for change in &update.changes {
        if change.name == update.zone {
            return Said::Fails(0, format!("{} is the zone's own name", change.name));
        }
        if !planned(&change.name) {
            return Said::Fails(0, format!("{} is changed and stands in no pair of the plan", change.name));
        }
        if input.topology.server(&change.name).is_none() {
            return Said::CannotTell(format!("the topology file does not have {}", change.name));
        }
    }
    let markers = update.marker.iter().map(|marker| &marker.name);
    match markers.into_iter().find(|name| !name.as_str().starts_with("_switchboard.") || !name.is_within(&update.zone))
    {
        Some(name) => Said::Fails(0, format!("{name} is no marker's name in this zone")),
        None => Said::Holds(format!("{} record sets, all of planned names", update.changes.len())),
    }
}

/// Label-aware longest zone match, and the SOA of the write primary agrees.
pub(super) fn zone_right(input: &Input<'_>) -> Vec<Judged> {
    let moves = input.updates();
    let mut judged: Vec<Judged> =
        moves.map(|update| Judged::new(&update.zone, zone_of_update(input, update))).collect();
    judged.dedup();
    judged
}

fn zone_of_update(input: &Input<'_>, update: &DnsUpdate) -> Said {
    for change in &update.changes {
        let zone = input.topology.zone_of(&change.name).map(|zone| &zone.name);
        if zone != Some(&update.zone) {
            let right = zone.map_or_else(|| "no zone of the topology".to_owned(), ToString::to_string);
            return Said::Fails(0, format!("{} lies in {right}", change.name));
        }
    }
    match input.facts.soa.get(&update.zone) {
        None => Said::CannotTell(format!("{} was not asked for the zone's SOA", update.primary)),
        Some(Err(why)) => Said::CannotTell(why.clone()),
        Some(Ok(apex)) if *apex == update.zone => Said::Holds(format!("{} gives the SOA of {apex}", update.primary)),
        Some(Ok(apex)) => Said::Fails(0, format!("{} gives the SOA of {apex}", update.primary)),
    }
}

/// No AAAA, SRV or CNAME still points home outside the plan.
pub(super) fn aaaa_too(input: &Input<'_>) -> Vec<Judged> {
    let mut judged = Vec::new();
    for update in input.moves() {
        let seen = input.zone_seen(&update.zone);
        for pair in input.plan.pairs.iter().filter(|pair| update.changes.iter().any(|c| c.name == pair.server)) {
            let shown = seen.clone().and_then(|zone| {
                zone.names
                    .get(&pair.server)
                    .cloned()
                    .unwrap_or_else(|| Err(format!("{} was not asked for", pair.server)))
            });
            let said = match shown {
                Ok(name) => left_behind(input, update, pair, &name),
                Err(why) => Said::CannotTell(why),
            };
            judged.push(Judged::new(&pair.server, said));
        }
    }
    if input.moves().next().is_some() {
        let said = told(
            input.facts.other_records.as_ref(),
            "no other name that leads to a server is declared (other_names)",
            |records| {
                if records.is_empty() {
                    Said::Holds("no SRV or CNAME leads to a server that is left".to_owned())
                } else {
                    Said::Fails(0, format!("still leading there: {}", list(records)))
                }
            },
        );
        judged.push(Judged::new("SRV and CNAME", said));
    }
    judged
}

/// An address of the host that is left, in a record set that the plan does not change.
fn left_behind(input: &Input<'_>, update: &DnsUpdate, pair: &crate::failover::plan::Pair, seen: &NameSeen) -> Said {
    let changed = |kind| update.changes.iter().any(|change| change.name == pair.server && change.kind == kind);
    let left = input.topology.server(&pair.leaves).map(|server| server.addresses.as_slice()).unwrap_or_default();
    let stays = |kind, set: &crate::domain::act::RrSet| {
        let home: Vec<String> =
            set.values.iter().filter(|address| left.contains(address)).map(ToString::to_string).collect();
        (!changed(kind) && !home.is_empty()).then(|| home.join(", "))
    };
    match stays(RecordKind::Aaaa, &seen.aaaa).or_else(|| stays(RecordKind::A, &seen.a)) {
        Some(home) => Said::Fails(0, format!("{} keeps {home}, and UCMA tries IPv6 first", pair.server)),
        None => Said::Holds("A and AAAA are both in the plan".to_owned()),
    }
}

/// No command or probe goes by a name that is away from home.
pub(super) fn not_by_moved_name(input: &Input<'_>) -> Vec<Judged> {
    let away: Vec<_> = input
        .picture
        .sites
        .iter()
        .flat_map(|site| &site.servers)
        .filter(|view| matches!(view.place, Place::Moved { .. } | Place::Foreign | Place::Split | Place::Diverged))
        .map(|view| &view.fqdn)
        .collect();
    let commands = input.commands().map(|command| {
        let call = &command.call;
        let said = input.about(&call.server, |server, view| {
            let by_name = away.contains(&&call.server) && server.manage_as.is_none();
            let named =
                away.iter().find(|name| call.argv.iter().any(|word| word.to_ascii_lowercase().contains(name.as_str())));
            match (&view.place, named) {
                _ if by_name => {
                    Said::Fails(0, format!("{} is away from home: the command would reach another host", call.server))
                }
                (_, Some(name)) => Said::Fails(0, format!("the command line names {name}, which is away from home")),
                (Place::Unknown, None)
                    if server.manage_as.is_none() && input.topology.zone_of(&call.server).is_some() =>
                {
                    Said::CannotTell("where the name points is not known".to_owned())
                }
                _ => Said::Holds("the name leads to its own host".to_owned()),
            }
        });
        Judged { subject: call.server.to_string(), ..said }
    });
    commands.collect()
}

/// All dial plans of a server that is taken out of service are in the plan.
pub(super) fn whole_server(input: &Input<'_>) -> Vec<Judged> {
    if input.plan.pairs.is_empty() {
        return Vec::new();
    }
    let judged = input.disabled().map(|server| {
        input.about(server, |declared, view| {
            if view.state.is_none() && input.has_state_command(declared) {
                return Said::CannotTell("which dial plans it serves is not reported".to_owned());
            }
            let serves = input.picture.dial_plans.iter().filter(|plan| {
                let member = plan.members.iter().find(|member| member.fqdn == *server);
                member.is_some_and(|member| member.declared || member.reported == Some(true))
            });
            let missing: Vec<_> =
                serves.map(|plan| &plan.name).filter(|name| !input.plan.dial_plans.contains(name)).collect();
            if missing.is_empty() {
                Said::Holds("all of its dial plans are in the plan".to_owned())
            } else {
                Said::Fails(0, format!("it serves {} as well, which would lose it", list(missing)))
            }
        })
    });
    judged.collect()
}
