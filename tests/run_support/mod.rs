//! Plans made by hand, one of each design, for tests of the run, its journal and its executor.
#![allow(dead_code, reason = "each test program uses its own part of it")]

pub(crate) mod live;

use std::sync::Arc;

use jiff::Timestamp;
use switchboard::domain::act::{Call, RecordChange, RecordKind, RrSet, Verb};
use switchboard::domain::marker::Marker;
use switchboard::domain::name::{BackendName, DialPlanName, Fqdn, SiteName};
use switchboard::domain::server::{Service, ServiceState, Transport};
use switchboard::domain::topology::FailoverMethod;
use switchboard::failover::plan::*;

pub(crate) fn name(text: &str) -> Fqdn {
    Fqdn::parse(text).unwrap()
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub(crate) fn um(number: u8) -> Fqdn {
    let site = if number < 3 { "tukwila" } else { "dublin" };
    name(&format!("um{number}.{site}.contoso.com"))
}

pub(crate) fn address(number: u8) -> std::net::IpAddr {
    [192, 0, 2, if number < 3 { 10 + number } else { 20 + number }].into()
}

fn set(number: u8) -> RrSet {
    RrSet { ttl: 60, values: vec![address(number)] }
}

fn changes(from: [u8; 2], to: [u8; 2]) -> Vec<RecordChange> {
    let change = |index: usize| RecordChange {
        name: um(u8::try_from(index).unwrap() + 1),
        kind: RecordKind::A,
        before: set(from[index]),
        after: set(to[index]),
    };
    vec![change(0), change(1)]
}

fn step(id: &str, action: Action) -> Step {
    Step {
        id: StepId::new(id),
        action,
        owner: "somebody".into(),
        does: format!("does {id}"),
        expect: format!("{id} is so"),
        undo: "the reverse".into(),
        undo_command: None,
        undo_drain: None,
        deadline_seconds: 5,
    }
}

fn update(purpose: Purpose, changes: Vec<RecordChange>, before: MarkerBefore, after: Marker) -> Action {
    Action::DnsUpdate(Box::new(DnsUpdate {
        purpose,
        backend: BackendName::new("corp-dns"),
        zone: name("contoso.com"),
        primary: "192.0.2.53:53".parse().unwrap(),
        key: Some(name("switchboard")),
        changes,
        marker: Some(MarkerChange { name: name("_switchboard.tukwila.contoso.com"), ttl: 60, before, after }),
        partner: Some(PartnerMarker { name: name("_switchboard.dublin.contoso.com"), text: None }),
    }))
}

fn sip(hosts: &[u8], want: SipWant) -> Action {
    let target = |number: &u8| SipTarget {
        name: um(*number),
        host: um(*number),
        service: Service::Um,
        transport: Transport::Tls,
        address: (address(*number), 5061).into(),
    };
    Action::SipCheck(SipCheck { targets: hosts.iter().map(target).collect(), want, by: Path::Address })
}

fn soak() -> Step {
    step("soak", Action::Soak(Soak { seconds: 1, hosts: vec![um(3), um(4)] }))
}

pub(crate) fn dns_content(seed: u128) -> Content {
    let id = RunId::new(at(0), seed);
    let run = Some(id.as_str().to_owned());
    let home = Marker { seq: 1, run: run.clone(), by: "ana@jump".into(), ..Marker::first() };
    let away = Marker { seq: 2, moved: vec!["um1".into(), "um2".into()], to: "dublin".into(), ..home.clone() };
    let closed = Marker { seq: 3, run: None, ..away.clone() };
    let before = |step: &str| MarkerBefore::WrittenBy(StepId::new(step));
    let (home_now, moved) = (changes([1, 2], [1, 2]), changes([1, 2], [3, 4]));
    let zone = name("contoso.com");
    let records = moved.iter().map(RecordSet::after).collect::<Vec<_>>();
    let servers = vec!["192.0.2.53:53".parse().unwrap()];
    let read = ReadBack { zone, servers, excuse_unreachable: true, records: records.clone() };
    let caches = CacheWait { seconds: 60, resolvers: vec!["10.0.0.10:53".parse().unwrap()], records };
    let call = Acceptance { argv: vec![], attest: "called it, heard the greeting".into(), numbers: vec![] };
    let mut content = content(id, FailoverMethod::Dns);
    content.steps = vec![
        step("claim", update(Purpose::Claim, home_now, MarkerBefore::Absent, home)),
        step("verify-target", sip(&[3, 4], SipWant::InService)),
        step("move", update(Purpose::Move, moved, before("claim"), away)),
        step("read-back", Action::ReadBack(read)),
        step("caches", Action::CacheWait(caches)),
        step("acceptance", Action::Acceptance(call)),
        soak(),
        step("close", update(Purpose::Close, vec![], before("move"), closed)),
    ];
    content
}

pub(crate) fn command(verb: Verb, number: u8, before: ServiceState, idempotent: bool, run: &str) -> Step {
    let call = |verb: Verb, before, after| Call {
        backend: BackendName::new("exchange"),
        verb,
        server: um(number),
        argv: vec!["um".into(), verb.word().into()],
        run: run.into(),
        before,
        after,
        timeout_seconds: 5,
    };
    let forward = call(verb, before, verb.leads_to());
    let back = if before == ServiceState::Disabled { Verb::Disable } else { Verb::Enable };
    let action = Action::Command(Box::new(CommandStep {
        stdin: forward.stdin(),
        call: forward,
        effect_within_seconds: 5,
        recorded_is_enough: false,
        idempotent,
    }));
    let undo = call(back, verb.leads_to(), before);
    let drain = (back == Verb::Disable).then(|| Box::new(call(Verb::Drain, verb.leads_to(), ServiceState::NoNewCalls)));
    Step {
        undo_command: Some(Box::new(undo)),
        undo_drain: drain,
        ..step(&format!("{}-um{number}", verb.word()), action)
    }
}

pub(crate) fn toggle_content(seed: u128, idempotent: bool) -> Content {
    use ServiceState::{Disabled, Enabled};
    let id = RunId::new(at(0), seed);
    let run = id.as_str().to_owned();
    let command = |verb, number, before| command(verb, number, before, idempotent, &run);
    let mut content = content(id, FailoverMethod::EnableDisable);
    content.steps = vec![
        command(Verb::Enable, 3, Disabled),
        command(Verb::Enable, 4, Disabled),
        step("prove-um3", sip(&[3], SipWant::InService)),
        step("prove-um4", sip(&[4], SipWant::InService)),
        command(Verb::Drain, 1, Enabled),
        command(Verb::Drain, 2, Enabled),
        command(Verb::Disable, 1, Enabled),
        command(Verb::Disable, 2, Enabled),
        soak(),
    ];
    content
}

fn content(id: RunId, method: FailoverMethod) -> Content {
    let pair = |from: u8, to: u8| Pair { server: um(from), leaves: um(from), enters: um(to) };
    Content {
        id,
        mode: Mode::Planned,
        column: Column::Planned,
        direction: Direction::Over,
        method,
        site: SiteName::new("Tukwila"),
        from: SiteName::new("Tukwila"),
        to: SiteName::new("Dublin"),
        environment: "demo".into(),
        console: "contoso.com".into(),
        by: "ana@jump".into(),
        reason: None,
        created: at(0),
        expires: at(600),
        dial_plans: vec![DialPlanName::new("Tukwila.contoso.com")],
        pairs: vec![pair(1, 3), pair(2, 4)],
        left_out: vec![],
        base: Base::default(),
        fences: vec![],
        steps: vec![],
        last_return: None,
        rules: vec![],
        evidence: vec![],
        caches: Caches { seconds: 60, why: "TTL".into() },
        stays: vec![],
        open_items: vec![],
        notes: vec![],
    }
}

pub(crate) fn dns_plan() -> Arc<Plan> {
    Arc::new(Plan::seal(dns_content(1)))
}

pub(crate) fn toggle_plan() -> Arc<Plan> {
    Arc::new(Plan::seal(toggle_content(2, true)))
}
