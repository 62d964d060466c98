//! Rules about being alone, being current, and being written down.

use super::input::{Input, list};
use super::{Judged, KeyFact, Said};
use crate::domain::marker::Marker;
use crate::domain::name::Fqdn;
use crate::failover::plan::{DnsUpdate, Fence, MarkerBefore, Purpose};
use crate::failover::planner::{ZoneSeen, members};

/// No living executor of this state directory holds these targets.
pub(super) fn one_run(input: &Input<'_>) -> Vec<Judged> {
    let said = match &input.facts.living {
        None => Said::CannotTell("the runs of this state directory were not looked at".to_owned()),
        Some(Err(why)) => Said::CannotTell(why.clone()),
        Some(Ok(runs)) => {
            let targets = input.targets();
            let same = |run: &&super::LivingRun| {
                run.id != input.plan.id && run.targets.iter().any(|target| targets.contains(&target))
            };
            match runs.iter().find(same) {
                Some(run) => Said::Fails(0, format!("run {} of {} holds {}", run.id, run.by, list(&run.targets))),
                None => Said::Holds("no other run of this state directory is going on".to_owned()),
            }
        }
    };
    vec![Judged::new("plan", said)]
}

/// Records, marker, membership and service states are what the plan was made against.
pub(super) fn base_unchanged(input: &Input<'_>) -> Vec<Judged> {
    let first = |zone: &Fqdn| input.updates().find(|update| update.zone == *zone);
    let mut zones: Vec<&Fqdn> = input.updates().map(|update| &update.zone).collect();
    zones.dedup();
    let mut judged: Vec<Judged> = zones
        .iter()
        .filter_map(|zone| Some((zone, input.moves().find(|u| u.zone == **zone).or_else(|| first(zone))?)))
        .map(|(zone, update)| {
            let marker = first(zone).and_then(|first| first.marker.as_ref());
            let said = input.zone_seen(zone).map_or_else(Said::CannotTell, |seen| records(update, marker, seen));
            Judged::new(zone, said)
        })
        .collect();
    judged.push(Judged::new("service states", states(input)));
    judged.extend(input.dial_plans().map(|view| {
        let planned = input.plan.base.members.get(&view.name).cloned().unwrap_or_default();
        let now = members(view);
        let said = if planned == now {
            Said::Holds(format!("{} members, as planned", now.len()))
        } else {
            Said::Fails(0, format!("members were {}, are {}", list(&planned), list(&now)))
        };
        Judged::new(&view.name, said)
    }));
    judged
}

fn records(update: &DnsUpdate, marker: Option<&crate::failover::plan::MarkerChange>, seen: &ZoneSeen) -> Said {
    for change in &update.changes {
        let now = match seen.names.get(&change.name) {
            Some(Ok(now)) => now,
            Some(Err(why)) => return Said::CannotTell(why.clone()),
            None => return Said::CannotTell(format!("{} was not asked for", change.name)),
        };
        let set = if change.kind == crate::domain::act::RecordKind::A { &now.a } else { &now.aaaa };
        if *set != change.before || now.alias.is_some() {
            return Said::Fails(
                0,
                format!("{} {} was {:?}, is {:?}", change.name, kind(change.kind), change.before, set),
            );
        }
    }
    let own = marker.map(|marker| (&marker.name, &marker.before));
    let partner = update.partner.as_ref().map(|partner| {
        let before = partner.text.as_ref().map_or(MarkerBefore::Absent, |text| MarkerBefore::Exactly(text.clone()));
        (&partner.name, before)
    });
    let expected = own.map(|(name, before)| (name, before.clone())).into_iter().chain(partner);
    for (name, before) in expected {
        let texts = match seen.markers.get(name) {
            Some(Ok(texts)) => texts.as_slice(),
            Some(Err(why)) => return Said::CannotTell(why.clone()),
            None => return Said::CannotTell(format!("{name} was not asked for")),
        };
        let same = match (&before, texts) {
            (MarkerBefore::Absent, []) => true,
            (MarkerBefore::Exactly(text), [one]) => text == one,
            _ => false,
        };
        if !same {
            return Said::Fails(0, format!("the marker {name} has changed: it is {}", list(texts)));
        }
    }
    Said::Holds(format!("records and markers at {} are as planned", seen.primary))
}

fn kind(kind: crate::domain::act::RecordKind) -> &'static str {
    if kind == crate::domain::act::RecordKind::A { "A" } else { "AAAA" }
}

fn states(input: &Input<'_>) -> Said {
    let mut unread = Vec::new();
    for (server, planned) in &input.plan.base.states {
        let now = input.view(server).and_then(|view| view.state);
        match (planned, now) {
            (Some(planned), Some(now)) if *planned != now => {
                return Said::Fails(0, format!("{server} was {planned}, is {now}"));
            }
            (Some(_), None) => unread.push(server),
            _ => {}
        }
    }
    if unread.is_empty() {
        Said::Holds("service states are as planned".to_owned())
    } else {
        Said::CannotTell(format!("the service state of {}", list(unread)))
    }
}

/// The journal can be opened, locked and fsynced.
pub(super) fn journal_durable(input: &Input<'_>) -> Vec<Judged> {
    let said = match &input.facts.journal {
        None => Said::CannotTell("the state directory was not tried".to_owned()),
        Some(Err(why)) => Said::CannotTell(why.clone()),
        Some(Ok(Err(why))) => {
            Said::Fails(0, format!("{why}; another state directory: --state-dir, without any: the printed runbook"))
        }
        Some(Ok(Ok(()))) => Said::Holds("a file was written, locked and fsynced".to_owned()),
    };
    vec![Judged::new("state directory", said)]
}

/// The texts at the site's own marker.
fn marker_texts<'a>(input: &Input<'a>, fence: &Fence) -> Result<&'a [String], String> {
    texts(input, &fence.zone, &fence.marker)
}

fn texts<'a>(input: &Input<'a>, zone: &Fqdn, marker: &Fqdn) -> Result<&'a [String], String> {
    match input.zone_seen(zone)?.markers.get(marker) {
        Some(Ok(texts)) => Ok(texts),
        Some(Err(why)) => Err(why.clone()),
        None => Err(format!("{marker} was not asked for")),
    }
}

fn per_fence(input: &Input<'_>, judge: impl Fn(&Fence) -> Said) -> Vec<Judged> {
    input.plan.fences.iter().map(|fence| Judged::new(&fence.zone, judge(fence))).collect()
}

/// The marker's sequence is not newer than the plan.
pub(super) fn marker_current(input: &Input<'_>) -> Vec<Judged> {
    per_fence(input, |fence| match marker_texts(input, fence) {
        Err(why) => Said::CannotTell(why),
        Ok([text]) => match Marker::parse(text) {
            Ok(now) if (now.epoch, now.seq) > (fence.epoch, fence.seq) => Said::Fails(
                0,
                format!("the plan was made against {}, the marker says {} by {}", fence.seq, now.seq, now.by),
            ),
            Ok(now) => Said::Holds(format!("sequence {}", now.seq)),
            Err(_) => Said::Holds("no sequence can be read; see marker-absent".to_owned()),
        },
        Ok(_) => Said::Holds("no marker; see marker-absent".to_owned()),
    })
}

/// The marker is there, can be read, and the zone takes TXT records.
pub(super) fn marker_absent(input: &Input<'_>) -> Vec<Judged> {
    let mut judged = per_fence(input, |fence| match marker_texts(input, fence) {
        _ if input.facts.refuses_txt.get(&fence.zone) == Some(&true) => {
            Said::Fails(2, "the zone refuses TXT records: the records alone fence, with --without-marker".to_owned())
        }
        Err(why) => Said::CannotTell(why),
        Ok([]) => {
            Said::Fails(0, format!("{} is absent: the claim creates it, fenced as \"does not exist\"", fence.marker))
        }
        Ok([text]) => match Marker::parse(text) {
            Ok(_) => Said::Holds("present".to_owned()),
            Err(why) => Said::Fails(1, why.to_string()),
        },
        Ok(many) => Said::Fails(1, format!("{} texts stand there", many.len())),
    });
    // The operator has chosen to do without: the records alone are the fence.
    let unfenced = input.moves().filter(|update| update.marker.is_none());
    judged.extend(unfenced.map(|update| {
        Judged::new(&update.zone, Said::Fails(2, "no marker: a change away and back again passes unseen".to_owned()))
    }));
    judged
}

/// No unexpired run of someone else, in either direction.
pub(super) fn marker_free(input: &Input<'_>) -> Vec<Judged> {
    per_fence(input, |fence| {
        for name in std::iter::once(&fence.marker).chain(&fence.partner) {
            let texts = match texts(input, &fence.zone, name) {
                Ok(texts) => texts,
                Err(why) => return Said::CannotTell(why),
            };
            for marker in texts.iter().filter_map(|text| Marker::parse(text).ok()) {
                let own = marker.run.as_deref() == Some(input.plan.id.as_str());
                if marker.is_held(input.picture.at) && !own {
                    let until = marker.exp.map_or_else(|| "without end".to_owned(), |exp| format!("until {exp:.0}"));
                    let run = marker.run.unwrap_or_default();
                    return Said::Fails(0, format!("run {run} of {} holds {name} {until}", marker.by));
                }
            }
        }
        Said::Holds("no run is open".to_owned())
    })
}

/// A run of commands has a fence of its own.
pub(super) fn fence(input: &Input<'_>) -> Vec<Judged> {
    let only_commands = input.commands().next().is_some() && input.moves().next().is_none();
    if !only_commands {
        return Vec::new();
    }
    let claimed = input.updates().any(|update| update.purpose == Purpose::Claim && update.marker.is_some());
    let said = if claimed {
        Said::Holds("the run claims a marker".to_owned())
    } else if input.topology.sites.iter().any(|site| site.name == input.plan.site) {
        Said::Fails(
            0,
            "fenced on this host only: another host with another state directory could run the same; a zone fences them where the backend has `fence = { zone = \"ZONE\" }`".to_owned(),
        )
    } else {
        Said::CannotTell("the topology file does not have the site any more".to_owned())
    };
    vec![Judged::new("plan", said)]
}

/// Each zone that is written, a fence included, once.
fn per_key(input: &Input<'_>, judge: impl Fn(&KeyFact) -> Said) -> Vec<Judged> {
    let mut zones: Vec<&Fqdn> = input.updates().map(|update| &update.zone).collect();
    zones.sort();
    zones.dedup();
    let keys = zones.into_iter().map(|zone| {
        let said = match input.facts.keys.get(zone) {
            None => Said::NotChecked("the key was not tested; the claim will".to_owned()),
            Some(Err(why)) => Said::CannotTell(why.clone()),
            Some(Ok(fact)) => judge(fact),
        };
        Judged::new(zone, said)
    });
    keys.collect()
}

/// The write primary accepts the key for the planned names.
pub(super) fn key_works(input: &Input<'_>) -> Vec<Judged> {
    per_key(input, |fact| match &fact.accepted {
        Ok(how) => Said::Holds(how.clone()),
        Err(_) if fact.bad_time => Said::Holds("not the key: the clocks differ; see clock".to_owned()),
        Err(why) => Said::Fails(0, why.clone()),
    })
}

/// The clocks agree.
pub(super) fn clock(input: &Input<'_>) -> Vec<Judged> {
    per_key(input, |fact| match fact.skew_seconds {
        _ if fact.bad_time => {
            let by = fact.skew_seconds.map_or_else(String::new, |skew| format!(" by {skew} s"));
            Said::Fails(0, format!("refused as BADTIME: the clocks differ{by}"))
        }
        Some(skew) if skew.abs() > 60 => Said::Fails(1, format!("the clocks differ by {skew} s")),
        Some(skew) => Said::Holds(format!("the clocks differ by {skew} s")),
        None => Said::Holds("a signed message was not refused for its time".to_owned()),
    })
}
