//! Rules about records and the hosts behind them: TTLs, caches, who writes them besides us.

use super::input::{Input, list};
use super::{Judged, Said};
use crate::domain::name::Fqdn;
use crate::domain::observation::DnsKind;
use crate::domain::place::Place;

/// A TTL over this needs a period of lower ones before a planned move, in seconds.
const LONG_TTL: u32 = 900;

/// The TTL that a Windows host gives the record it registers for itself, in seconds.
const SELF_REGISTERED_TTL: u32 = 1200;

fn per_name(input: &Input<'_>, judge: impl Fn(&Fqdn) -> Said) -> Vec<Judged> {
    if !input.is_dns() {
        return Vec::new();
    }
    input.plan.pairs.iter().map(|pair| Judged::new(&pair.server, judge(&pair.server))).collect()
}

/// 2013 and later: the UM name is the host's own name, so more than voice mail moves.
pub(super) fn name_is_host(input: &Input<'_>) -> Vec<Judged> {
    per_name(input, |name| match input.topology.server(name) {
        None => Said::CannotTell("its version".to_owned()),
        Some(server) if server.version.has_call_router() => {
            Said::Fails(0, format!("{}: SMTP, WinRM and the DAG go by this name, too", server.version.product()))
        }
        Some(server) => Said::Holds(format!("{}: a role of its own", server.version.product())),
    })
}

/// The host that is left will not register its own record when it comes back.
pub(super) fn re_registers(input: &Input<'_>) -> Vec<Judged> {
    if input.plan.from != input.plan.site {
        return Vec::new();
    }
    per_name(input, |name| {
        let seen =
            input.picture.findings.iter().any(|found| found.id == "re-registered" && found.subject == name.as_str());
        let ttl = before_ttl(input, name);
        let declared = input.topology.zone_of(name).and_then(|zone| zone.ttl);
        let looks = ttl == Some(SELF_REGISTERED_TTL)
            && declared.is_some_and(|ttl| ttl.as_secs() != u64::from(SELF_REGISTERED_TTL));
        match input.facts.registers.get(name) {
            _ if seen || looks => {
                Said::Fails(0, "its record has the TTL of one that the host registered itself".to_owned())
            }
            Some(Ok(true)) => Said::Fails(0, "the host registers its own record, and will take it back".to_owned()),
            Some(Ok(false)) => Said::Holds("the host does not register its record".to_owned()),
            Some(Err(why)) => Said::CannotTell(why.clone()),
            None => Said::NotChecked("whether the host registers its own record is not known".to_owned()),
        }
    })
}

fn before_ttl(input: &Input<'_>, name: &Fqdn) -> Option<u32> {
    let sets = input.moves().flat_map(|update| &update.changes).filter(|change| change.name == *name);
    sets.filter(|change| !change.before.values.is_empty()).map(|change| change.before.ttl).max()
}

/// The zone does not scavenge stamped records.
pub(super) fn ageing(input: &Input<'_>) -> Vec<Judged> {
    let judged = input.moves().map(|update| {
        let zone = input.topology.zones.iter().find(|zone| zone.name == update.zone);
        let said = match zone.map(|zone| zone.scavenging) {
            None => Said::CannotTell("the zone is not in the topology file any more".to_owned()),
            Some(None) => Said::NotChecked("whether the zone scavenges is not declared".to_owned()),
            Some(Some(true)) => Said::Fails(0, "it scavenges: a stamped record vanishes after a while".to_owned()),
            Some(Some(false)) => Said::Holds("it does not scavenge".to_owned()),
        };
        Judged::new(&update.zone, said)
    });
    judged.collect()
}

/// No TTL over 900 s, unless a lower one has been served for longer than the old one.
pub(super) fn ttl(input: &Input<'_>) -> Vec<Judged> {
    per_name(input, |name| {
        let Some(now) = before_ttl(input, name) else { return Said::CannotTell("it has no record".to_owned()) };
        match input.facts.lowered.get(name) {
            Some((since, old)) if now <= LONG_TTL && *old > LONG_TTL => {
                let for_seconds = input.picture.at.as_second() - since.as_second();
                if for_seconds >= i64::from(*old) {
                    Said::Holds(format!("TTL {now} s, lowered from {old} s {for_seconds} s ago"))
                } else {
                    Said::Fails(
                        0,
                        format!("lowered to {now} s only {for_seconds} s ago: caches still hold the old {old} s"),
                    )
                }
            }
            _ if now > LONG_TTL => Said::Fails(0, format!("TTL {now} s: caches hold the old address as long")),
            _ => Said::Holds(format!("TTL {now} s")),
        }
    })
}

/// No server is disabled while a cache still leads to it for a name that is elsewhere by now.
pub(super) fn before_horizon(input: &Input<'_>) -> Vec<Judged> {
    let judged = input.disabled().map(|server| {
        input.about(server, |declared, _| {
            if input.topology.resolvers.is_empty() {
                return Said::NotChecked("no resolver of the sending pools is configured".to_owned());
            }
            let mut unread = Vec::new();
            let mut holding = Vec::new();
            for view in input.picture.sites.iter().flat_map(|site| &site.servers) {
                let own = view.fqdn == *server && matches!(view.place, Place::Home | Place::Unknown);
                let here = matches!(&view.place, Place::Moved { to } if to == server);
                if own || here {
                    continue;
                }
                for answer in view.dns.iter().filter(|answer| answer.kind == DnsKind::Resolver) {
                    match &answer.answer {
                        Ok(found) if found.a.iter().any(|a| declared.addresses.contains(&(*a).into())) => {
                            let left = answer.ttl_left(input.picture.at).unwrap_or_default();
                            holding.push(format!("{} leads {} here for {left} s", answer.server, view.fqdn));
                        }
                        Ok(_) => {}
                        Err(_) => unread.push(answer.server),
                    }
                }
            }
            unread.dedup();
            match (holding.is_empty(), unread.is_empty()) {
                (false, _) => Said::Fails(0, list(holding)),
                (true, false) => Said::CannotTell(format!("what {} holds", list(unread))),
                (true, true) => Said::Holds("no resolver leads another name here".to_owned()),
            }
        })
    });
    judged.collect()
}
