//! Rules about the certificates of the hosts that take over, as the rehearsal showed them, or else the last probe.

use super::input::Input;
use super::target::targets;
use super::{Judged, Said};
use crate::domain::certificate::{Facts, Known, TrustVerdict, Validity, judge_trust};
use crate::domain::server::Service;
use crate::domain::topology::Roots;
use crate::failover::plan::SipTarget;

/// Under a day, and under two weeks, in seconds.
const DAY: i64 = 86_400;
const TWO_WEEKS: i64 = 14 * DAY;

/// What was presented at one listener.
enum Shown {
    /// The leaf's facts, and what each side's roots say of the chain.
    Leaf(Box<Facts>, Option<TrustVerdict>, Option<TrustVerdict>),
    /// Nothing could be read.
    Unread(String),
}

/// Judges each TLS listener that calls reach first: the call router where there is one.
fn per_listener(input: &Input<'_>, every: bool, judge: impl Fn(&SipTarget, &Facts, Shown) -> Said) -> Vec<Judged> {
    let mut judged: Vec<Judged> = Vec::new();
    for pair in &input.plan.pairs {
        let all = targets(input, pair);
        if input.topology.server(&pair.enters).is_none() {
            judged.push(Judged::new(
                &pair.enters,
                Said::CannotTell("the topology file does not have this server".to_owned()),
            ));
        }
        let routed = all.iter().any(|target| target.service == Service::CallRouter);
        let first = |target: &&SipTarget| every || !routed || target.service == Service::CallRouter;
        for target in all.iter().filter(|target| target.transport.is_tls()).filter(first) {
            let subject = format!("{} {} as {}", target.host, target.service, target.name);
            let said = match shown(input, target) {
                Shown::Unread(why) => Said::CannotTell(why),
                Shown::Leaf(facts, lync, exchange) => judge(target, &facts.clone(), Shown::Leaf(facts, lync, exchange)),
            };
            judged.push(Judged::new(&subject, said));
        }
    }
    judged
}

/// The rehearsal's chain; where there is none, the last one that the probe of that service saw.
fn shown(input: &Input<'_>, target: &SipTarget) -> Shown {
    let rehearsed = input.facts.rehearsals.get(target).and_then(|result| result.as_ref().ok()?.tls.clone());
    if let Some(session) = rehearsed.filter(|session| !session.chain.is_empty()) {
        let all: Vec<&Roots> = input.topology.trust.lync.iter().chain(&input.topology.trust.exchange).collect();
        let known = Known { elsewhere: &all, lists: &input.picture.lists, ..Known::default() };
        let trust = |roots: &Option<Roots>| Some(judge_trust(&session.chain, roots.as_ref()?, known, input.picture.at));
        return match session.chain.first().map(|leaf| Facts::read(leaf)) {
            Some(Ok(facts)) => {
                Shown::Leaf(Box::new(facts), trust(&input.topology.trust.lync), trust(&input.topology.trust.exchange))
            }
            Some(Err(why)) => Shown::Unread(why.to_string()),
            None => Shown::Unread("no certificate was presented".to_owned()),
        };
    }
    let services = input.view(&target.host).map(|view| view.services.as_slice()).unwrap_or_default();
    let service = services.iter().find(|service| service.service == target.service);
    match service.and_then(|service| service.certificate.as_ref()) {
        None => Shown::Unread("no certificate was seen".to_owned()),
        Some(view) => match &view.facts {
            Ok(facts) => Shown::Leaf(Box::new(facts.clone()), view.lync, view.exchange),
            Err(why) => Shown::Unread(why.to_string()),
        },
    }
}

/// The inherited name is in the SAN of what will receive it.
pub(super) fn covers(input: &Input<'_>) -> Vec<Judged> {
    per_listener(input, false, |target, facts, _| {
        if facts.covers(&target.name) {
            Said::Holds(format!("covers {}", target.name))
        } else {
            let names: Vec<&str> = facts.dns_names.iter().take(6).map(crate::domain::clean::Clean::as_str).collect();
            Said::Fails(0, format!("its certificate does not cover {}; it has {}", target.name, names.join(", ")))
        }
    })
}

/// UM profile: the leaf's CN is the server's own FQDN, and no wildcard.
pub(super) fn subject(input: &Input<'_>) -> Vec<Judged> {
    per_listener(input, true, |target, facts, _| {
        let cn = facts.subject_cn.as_ref().map(|cn| cn.as_str().to_ascii_lowercase()).unwrap_or_default();
        if cn == target.host.as_str() {
            Said::Holds(format!("CN={cn}"))
        } else if cn.contains('*') {
            Said::Fails(0, format!("CN={cn}: a wildcard is no identity of a trusted peer"))
        } else {
            Said::Fails(0, format!("CN={cn}, not {}: Lync will not know it as a peer", target.host))
        }
    })
}

/// Valid now, for more than a day, for more than two weeks.
pub(super) fn valid(input: &Input<'_>) -> Vec<Judged> {
    per_listener(input, true, |_, facts, _| match facts.validity(input.picture.at) {
        Validity::NotYet => Said::Fails(0, format!("not valid before {}", facts.not_before)),
        Validity::Expired => Said::Fails(0, format!("expired at {}", facts.not_after)),
        Validity::Valid { seconds } if seconds < DAY => Said::Fails(1, format!("expires in {} h", seconds / 3600)),
        Validity::Valid { seconds } if seconds < TWO_WEEKS => {
            Said::Fails(2, format!("expires in {} days", seconds / DAY))
        }
        Validity::Valid { seconds } => Said::Holds(format!("valid for {} days", seconds / DAY)),
    })
}

/// The UM chain leads to the Lync roots, the pool chain to the Exchange roots.
pub(super) fn trusted(input: &Input<'_>) -> Vec<Judged> {
    let mut judged = per_listener(input, true, |_, _, shown| {
        let Shown::Leaf(_, lync, exchange) = shown else { return Said::CannotTell(String::new()) };
        match (lync, exchange) {
            (None, _) => Said::NotChecked("the Lync side's roots are not configured".to_owned()),
            (Some(lync), _) if !lync.ok => Said::Fails(0, format!("not trusted by Lync: {}", why(&lync))),
            (_, Some(exchange)) if !exchange.ok => {
                Said::Fails(1, format!("trusted by Lync, not by Exchange: {}", why(&exchange)))
            }
            _ => Said::Holds("trusted by Lync".to_owned()),
        }
    });
    if input.plan.pairs.is_empty() {
        return judged;
    }
    judged.extend(input.picture.pools.iter().filter(|pool| pool.service.transport.is_tls()).map(|pool| {
        let exchange = pool.service.certificate.as_ref().map(|certificate| certificate.exchange);
        let said = match exchange {
            // A pool that is down shows none: that nobody will call is said by caller-alive.
            None => Said::NotChecked("the pool's certificate was not seen".to_owned()),
            Some(None) => Said::NotChecked("the Exchange side's roots are not configured".to_owned()),
            Some(Some(TrustVerdict { ok: true, .. })) => Said::Holds("trusted by Exchange".to_owned()),
            Some(Some(verdict)) => Said::Fails(0, format!("not trusted by Exchange: {}", why(&verdict))),
        };
        Judged::new(&pool.fqdn, said)
    }));
    judged
}

fn why(verdict: &TrustVerdict) -> String {
    let why = verdict.why.unwrap_or("?");
    match verdict.revoked {
        Some(revoked) => format!("{why} on {} ({})", revoked.at.strftime("%F"), revoked.reason.word()),
        None => why.to_owned(),
    }
}
