//! What a plan says to people: which column holds, how long caches hold, what stays, what will be left to do, what to know.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::scope::Scope;
use super::{Request, Room, view};
use crate::domain::health::Health;
use crate::domain::judge::{DialPlanView, Picture, ServerView};
use crate::domain::name::Fqdn;
use crate::domain::observation::DnsKind;
use crate::domain::server::Server;
use crate::domain::topology::FailoverMethod;
use crate::failover::plan::{Action, Base, Caches, Column, Evidence, Fence, Mode, OpenItem, Step};

/// The emergency column holds where every host that is left is Down, or is attested to be with a reason.
pub(super) fn column(picture: &Picture, scope: &Scope, request: &Request) -> Column {
    let mut left = scope.pairs.iter().map(|pair| view(picture, &pair.leaves)).peekable();
    let down = left.peek().is_some() && left.all(|view| view.is_some_and(|view| view.health == Health::Down));
    let attested = request.mode == Mode::Emergency && request.attested.is_some();
    if down || attested { Column::Emergency } else { Column::Planned }
}

pub(super) fn caches(room: &Room<'_>, steps: &[Step]) -> Caches {
    let wait = steps.iter().find_map(|step| match &step.action {
        Action::CacheWait(wait) => Some(wait.seconds),
        _ => None,
    });
    let Some(ttl) = wait else {
        return Caches { seconds: 0, why: "no record changes, so no cache has to forget anything".to_owned() };
    };
    let held = slowest(room);
    let seconds = ttl.max(held.as_ref().map_or(0, |(left, _)| u64::from(*left)));
    let why = match held {
        Some((left, resolver)) => {
            format!("the records' TTL is {ttl} s; resolver {resolver} holds an answer for {left} s more")
        }
        None => format!("the records' TTL is {ttl} s; what resolvers hold now is not known"),
    };
    Caches { seconds, why }
}

/// The resolver that will hold one of the planned names longest, and for how many seconds.
fn slowest(room: &Room<'_>) -> Option<(u32, String)> {
    let views = room.scope.pairs.iter().filter_map(|pair| view(room.picture, &pair.server));
    let answers = views.flat_map(|view| &view.dns).filter(|answer| answer.kind == DnsKind::Resolver);
    let left = answers.filter_map(|answer| Some((answer.ttl_left(room.making.now)?, answer.server.to_string())));
    left.max()
}

pub(super) fn stays(room: &Room<'_>) -> Vec<String> {
    let mut stays = vec![
        "mailboxes: messages are delivered to where they are".to_owned(),
        "Lync pools, and calls in progress".to_owned(),
    ];
    if room.scope.method == FailoverMethod::EnableDisable {
        stays.push("DNS records".to_owned());
    } else {
        stays.push("the service state of every server, and the names of the servers that take over".to_owned());
    }
    stays
}

pub(super) fn open_items(room: &Room<'_>, steps: &[Step]) -> Vec<OpenItem> {
    let mut items = Vec::new();
    for step in steps {
        if let Action::Command(command) = &step.action
            && command.recorded_is_enough
        {
            items.push(OpenItem {
                id: "takes-state-on-return".to_owned(),
                subject: command.call.server.to_string(),
                says: format!(
                    "{} takes {} when it returns: read its state back before it gets calls",
                    command.call.server, command.call.after
                ),
            });
        }
    }
    if room.scope.method == FailoverMethod::Dns && !room.request.back && !room.scope.pairs.is_empty() {
        items.extend(room.scope.pairs.iter().map(|pair| OpenItem {
            id: "re-registration".to_owned(),
            subject: pair.server.to_string(),
            says: format!("turn off {}'s DNS registration before it starts: it would take its name back", pair.server),
        }));
        let names: Vec<&str> = room.scope.pairs.iter().map(|pair| pair.server.host()).collect();
        items.push(OpenItem {
            id: "away".to_owned(),
            subject: room.scope.site.to_string(),
            says: format!(
                "{} away from home: `switchboard plan --from {} --back` brings them back",
                names.join(", "),
                room.scope.site
            ),
        });
    }
    items
}

pub(super) fn notes(room: &Room<'_>, fences: &[Fence], steps: &[Step]) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(extension(room));
    notes.extend(optional(room));
    notes.extend(fence_limits(room, fences));
    notes.extend(per_controller(room, steps));
    notes.extend(shared_addresses(room));
    notes.extend(one_address(room));
    notes.extend(zones(steps));
    notes.extend(room.scope.left_out.iter().map(|left| format!("{} stays where it is: {}", left.server, left.why)));
    notes
}

/// The source document moves whole sites only.
fn extension(room: &Room<'_>) -> Option<String> {
    let part = !room.request.servers.is_empty() || !room.request.leave_out.is_empty() || !room.request.map.is_empty();
    part.then(|| {
        "part of a site, or another pairing: an extension of the source document, which moves whole sites".to_owned()
    })
}

/// Lync itself routes around one dead server while another one of the dial plan is in service.
fn optional(room: &Room<'_>) -> Option<String> {
    let [pair] = room.scope.pairs.as_slice() else { return None };
    let served =
        |plan: &DialPlanView| plan.members.iter().any(|member| member.in_service && member.fqdn != pair.leaves);
    let mut plans = room.picture.dial_plans.iter().filter(|plan| room.scope.dial_plans.contains(&plan.name)).peekable();
    let known = plans.peek().is_some();
    (known && plans.all(served)).then(|| {
        format!(
            "acting is optional: another server of each dial plan is in service, and Lync itself routes around {}",
            pair.leaves.host()
        )
    })
}

fn fence_limits(room: &Room<'_>, fences: &[Fence]) -> Vec<String> {
    if fences.is_empty() && room.request.without_marker && room.scope.method == FailoverMethod::Dns {
        let says =
            "no marker: the records themselves are the only fence, which a change away and back again passes unseen";
        return vec![says.to_owned()];
    }
    if fences.is_empty() && room.request.without_marker {
        return vec!["fenced on this host only: the marker is left out on request".to_owned()];
    }
    if fences.is_empty() {
        return vec!["fenced on this host only: no zone is declared as this run's fence".to_owned()];
    }
    let lone = |fence: &&Fence| fence.partner.is_none();
    let told = |fence: &Fence| {
        format!(
            "a run in the other direction is not fenced by zone {}: the partner site's marker is not in it",
            fence.zone
        )
    };
    fences.iter().filter(lone).map(told).collect()
}

/// Domain controllers take updates each for themselves and replicate later.
fn per_controller(room: &Room<'_>, steps: &[Step]) -> Option<String> {
    let kerberos = |step: &Step| matches!(&step.action, Action::DnsUpdate(update) if update.key.is_none());
    (steps.iter().any(kerberos) && room.scope.method == FailoverMethod::Dns).then(|| {
        "Kerberos: the fence holds per domain controller; another one learns of the change when it is replicated"
            .to_owned()
    })
}

/// UM event 1175: two trusted peers on one address.
fn shared_addresses(room: &Room<'_>) -> Vec<String> {
    if room.scope.method != FailoverMethod::Dns || room.request.back {
        return Vec::new();
    }
    let told = |pair: &crate::failover::plan::Pair| {
        format!("{} and {} share an address afterwards: UM logs event 1175 for it", pair.server, pair.enters)
    };
    room.scope.pairs.iter().map(told).collect()
}

/// Several servers on one stand-in.
fn one_address(room: &Room<'_>) -> Vec<String> {
    let mut hosts: Vec<_> = room.scope.pairs.iter().map(|pair| &pair.enters).collect();
    hosts.sort();
    let twice = hosts.windows(2).filter(|two| two.first() == two.last()).filter_map(|two| two.first());
    let mut twice: Vec<String> = twice.map(|host| format!("{host} takes over from more than one server")).collect();
    twice.dedup();
    twice
}

/// One message covers one zone.
fn zones(steps: &[Step]) -> Option<String> {
    let moves = steps.iter().filter_map(|step| match &step.action {
        Action::DnsUpdate(update) if update.purpose == crate::failover::plan::Purpose::Move => {
            Some(update.zone.to_string())
        }
        _ => None,
    });
    let zones: Vec<String> = moves.collect();
    (zones.len() > 1).then(|| {
        format!(
            "{} messages, one per zone, in this order: {}; undone in the reverse order",
            zones.len(),
            zones.join(", ")
        )
    })
}

/// Everybody who takes part, each once.
fn hosts<'a>(room: &'a Room<'_>, steps: &'a [Step]) -> Vec<&'a Fqdn> {
    let mut hosts: Vec<&Fqdn> =
        room.scope.pairs.iter().flat_map(|pair| [&pair.leaves, &pair.enters, &pair.server]).collect();
    let commanded = steps.iter().filter_map(|step| match &step.action {
        Action::Command(command) => Some(&command.call.server),
        _ => None,
    });
    hosts.extend(commanded);
    hosts.sort();
    hosts.dedup();
    hosts
}

/// What the plan is made against.
pub(super) fn base(room: &Room<'_>, steps: &[Step]) -> Base {
    let state = |host: &Fqdn| view(room.picture, host).and_then(|view| view.state);
    let moved = room.picture.dial_plans.iter().filter(|plan| room.scope.dial_plans.contains(&plan.name));
    Base {
        states: hosts(room, steps).into_iter().map(|host| (host.clone(), state(host))).collect(),
        members: moved.map(|plan| (plan.name.clone(), members(plan))).collect(),
    }
}

/// A dial plan's members: as reported, as declared where that is not known.
pub(crate) fn members(plan: &DialPlanView) -> BTreeSet<Fqdn> {
    let counts = plan.members.iter().filter(|member| member.reported.unwrap_or(member.declared));
    counts.map(|member| member.fqdn.clone()).collect()
}

pub(super) fn evidence(room: &Room<'_>, steps: &[Step]) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for host in hosts(room, steps) {
        let Some((server, view)) = room.topology.server(host).zip(view(room.picture, host)) else { continue };
        evidence.push(Evidence {
            at: seen_at(view, room.picture.at),
            subject: host.to_string(),
            seen: health(server, view),
        });
    }
    evidence.extend(room.seen.zones.iter().map(|(zone, seen)| Evidence {
        at: seen.at,
        subject: zone.to_string(),
        seen: format!("records and markers as {} shows them", seen.primary),
    }));
    evidence
}

fn seen_at(view: &ServerView, otherwise: Timestamp) -> Timestamp {
    view.services.iter().filter_map(|service| service.at).min().unwrap_or(otherwise)
}

fn health(server: &Server, view: &ServerView) -> String {
    let services: Vec<String> = view
        .services
        .iter()
        .map(|service| {
            let code = service.code.map(|code| format!(" {code}")).unwrap_or_default();
            format!("{} {}{code}", service.service, service.health.word())
        })
        .collect();
    let state = view.state.map_or_else(|| "service state not known".to_owned(), |state| state.to_string());
    format!("{}: {}; {}; name {}", server.version, services.join(", "), state, view.place.word())
}
