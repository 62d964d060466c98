//! What is known besides plan and picture, in the words of situations.

use std::time::Duration;

use switchboard::domain::name::Fqdn;
use switchboard::domain::observation::{SipAnswer, SipFailure, SipOutcome, TlsFailure};
use switchboard::failover::plan::{RunId, SipTarget};
use switchboard::failover::rules::{Facts, KeyFact, LivingRun, PastRun, SecondPerson};

use crate::fixture::*;
use crate::world::full;

/// Facts about zone, fence and runs.
pub(crate) fn fact(facts: &mut Facts, word: &str) {
    let parts: Vec<&str> = word.split(' ').collect();
    let zone = || name("contoso.com");
    match parts.as_slice() {
        ["zone", "unread"] => facts.seen = Some(unread()),
        ["soa", "other"] => drop(facts.soa.insert(zone(), Ok(name("com")))),
        ["soa", "unread"] => drop(facts.soa.insert(zone(), unread())),
        ["living", "unread"] => facts.living = Some(unread()),
        ["living", server] => {
            facts.living = Some(Ok(vec![LivingRun {
                id: RunId::new(now(), 7),
                by: "bob".into(),
                targets: vec![name(full(server))],
            }]));
        }
        ["completed", "unread"] => facts.completed = Some(unread()),
        ["completed", minutes, server] => {
            let at = now() - Duration::from_secs(minutes.parse::<u64>().unwrap() * 60);
            facts.completed = Some(Ok(vec![PastRun { id: RunId::new(at, 7), at, targets: vec![name(full(server))] }]));
        }
        ["journal", "fails"] => facts.journal = Some(Ok(Err("read-only file system".into()))),
        ["journal", "unread"] => facts.journal = Some(unread()),
        ["key", "unread"] => drop(facts.keys.insert(zone(), unread())),
        ["key", what @ ..] => {
            let accepted = if *what == ["refused"] || *what == ["badtime"] {
                Err("refused".to_owned())
            } else {
                Ok("yes".to_owned())
            };
            let skew = if let ["skew", skew] = what { Some(skew.parse().unwrap()) } else { None };
            facts.keys.insert(zone(), Ok(KeyFact { accepted, bad_time: *what == ["badtime"], skew_seconds: skew }));
        }
        ["txt", "refused"] => drop(facts.refuses_txt.insert(zone(), true)),
        _ => other_fact(facts, &parts),
    }
}

/// Facts about hosts, site and people.
fn other_fact(facts: &mut Facts, parts: &[&str]) {
    match parts {
        ["rehearsal", server, what] => rehearse(facts, &name(full(server)), what),
        ["gateways", "unread"] => facts.gateways = Some(unread()),
        ["gateways", which @ ("all" | "none")] => {
            let pools = if *which == "all" { vec![name("fe01.contoso.com")] } else { vec![] };
            facts.gateways = Some(Ok(["Tukwila.contoso.com", "Dublin.contoso.com"]
                .map(|plan| (dial_plan(plan), pools.clone()))
                .into()));
        }
        ["peak", server, calls] => drop(facts.peak_calls.insert(name(full(server)), calls.parse().unwrap())),
        ["mailboxes", what] => facts.mailboxes = Some(yes_or_unread(what)),
        ["registers", server, what] => drop(facts.registers.insert(name(full(server)), yes_or_unread(what))),
        ["lowered", server, seconds, old] => {
            let since = now() - Duration::from_secs(seconds.parse().unwrap());
            facts.lowered.insert(name(full(server)), (since, old.parse().unwrap()));
        }
        ["other-records", "unread"] => facts.other_records = Some(unread()),
        ["other-records", "none"] => facts.other_records = Some(Ok(vec![])),
        ["other-records", some] => facts.other_records = Some(Ok(vec![(*some).to_owned()])),
        ["elsewhere", "none"] => facts.seen_elsewhere = None,
        ["elsewhere", what] => facts.seen_elsewhere = Some(yes_or_unread(what)),
        ["attested"] => facts.attested = Some("I called, no answer".into()),
        ["login", "unread"] => facts.outlives_login = Some(unread()),
        ["login", what] => {
            facts.outlives_login =
                Some(Ok(if *what == "stays" { Ok(()) } else { Err("the agent is forwarded".into()) }));
        }
        ["freeze", "unread"] => facts.freeze = Some(unread()),
        ["freeze", what] => facts.freeze = Some(Ok((*what == "yes").then(|| "year end".to_owned()))),
        ["second", "unread"] => facts.second_person = Some(unread()),
        ["second", by] => {
            let approved_by = (*by != "nobody").then(|| (*by).to_owned());
            facts.second_person = Some(Ok(SecondPerson { required: true, approved_by }));
        }
        other => panic!("fact {other:?}"),
    }
}

fn yes_or_unread(what: &str) -> Result<bool, String> {
    if what == "unread" { Err("timed out".into()) } else { Ok(what == "yes") }
}

fn rehearse(facts: &mut Facts, server: &Fqdn, what: &str) {
    let targets: Vec<SipTarget> = facts.rehearsals.keys().filter(|target| target.host == *server).cloned().collect();
    assert!(!targets.is_empty(), "{server} is not rehearsed");
    for target in targets {
        let mut outcome = answer(&target, what.parse().unwrap_or(200));
        let failure = match what {
            "silent" => Some(SipFailure::Silent),
            "legacy" => Some(SipFailure::Tls(TlsFailure::Legacy("TLS 1.0".into()))),
            "reset" => Some(SipFailure::Reset),
            "local" => Some(SipFailure::Local("no socket".into())),
            _ => None,
        };
        if let Some(failure) = failure {
            outcome.result = Err(failure);
        }
        match what {
            "missing" => drop(facts.rehearsals.remove(&target)),
            "unread" => drop(facts.rehearsals.insert(target, Err("timed out".into()))),
            _ => drop(facts.rehearsals.insert(target, Ok(outcome))),
        }
    }
}

fn unread<T>() -> Result<T, String> {
    Err("timed out".to_owned())
}

/// What a host says in good health, with a code.
pub(crate) fn answer(target: &SipTarget, code: u16) -> SipOutcome {
    let answer = SipAnswer {
        code,
        reason: "as it is".into(),
        server: None,
        diagnostics: None,
        retry_after: None,
        rtt: Duration::from_millis(12),
        redirect: None,
    };
    SipOutcome { transport: target.transport, address: target.address, result: Ok(answer), tls: None }
}
