//! Models that show something worth seeing on one screen each.

use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::ToSpan;
use switchboard::app::guide::Made;
use switchboard::app::runs::{RunSeen, RunView};
use switchboard::app::{Dialog, Event, Model, Ready, update};
use switchboard::domain::act::{Act, Effect};
use switchboard::domain::attention::{Attention, Scope, Window};
use switchboard::domain::certificate::{Facts, Thumbprint, TrustVerdict};
use switchboard::domain::clean::Clean;
use switchboard::domain::judge::{CertificateView, ExpectedBy, ExpectedCertificate, Picture, ServiceView, TlsView};
use switchboard::domain::name::{BackendName, DialPlanName, Fqdn, SiteName};
use switchboard::domain::observation::{DnsFailure, DnsKind, Outcome, ProbeId, SipFailure, StateReport};
use switchboard::domain::secret::Secret;
use switchboard::domain::server::ServiceState;
use switchboard::domain::topology::{
    Backend, DnsUpdate, FailoverMethod, Topology, TsigAlgorithm, UpdateAuth, WritePrimary,
};
use switchboard::failover::plan::{Content, OpenItem, Plan};
use switchboard::failover::run::{Check, End, Event as RunEvent, MarkerText, Run, Todo, Work};
use switchboard::readiness::{Facts as ReadinessFacts, Readiness};

use crate::run_support::{dns_content, toggle_content};
use crate::support::{FOUR, after, bad_night, contoso, dns, fqdn, large, round, start, states, watched, well};

/// A leaf as its server should present it.
fn leaf(host: &Fqdn, names: &[&str], days: i64) -> Facts {
    Facts {
        subject: format!("CN={host}, O=Contoso").as_str().into(),
        subject_cn: Some(host.as_str().into()),
        issuer: "Contoso Issuing CA 2".into(),
        issuer_dn: "CN=Contoso Issuing CA 2, O=Contoso".into(),
        serial: "5e0000000a11".into(),
        not_before: "2026-01-02T00:00:00Z".parse().unwrap(),
        not_after: start() + (24 * days + 3).hours(),
        has_san: !names.is_empty(),
        dns_names: names.iter().map(|name| (*name).into()).collect(),
        key: "RSA 2048".into(),
        rsa_bits: Some(2048),
        signature: "SHA-256 with RSA".into(),
        extended_key_usage: Some(vec!["server".into(), "client".into()]),
        sha1: format!("{days:02x}").repeat(20).chars().take(40).collect(),
        sha256: "7f3a".repeat(16),
        ..Facts::default()
    }
}

fn issuing() -> Facts {
    Facts {
        subject: "CN=Contoso Issuing CA 2, O=Contoso".into(),
        subject_cn: Some("Contoso Issuing CA 2".into()),
        issuer: "Contoso Root CA".into(),
        issuer_dn: "CN=Contoso Root CA, O=Contoso".into(),
        not_before: "2022-03-01T00:00:00Z".parse().unwrap(),
        not_after: "2032-03-01T00:00:00Z".parse().unwrap(),
        key: "RSA 4096".into(),
        rsa_bits: Some(4096),
        signature: "SHA-256 with RSA".into(),
        authority: true,
        ..Facts::default()
    }
}

/// A view whose coverage is the certificate's own.
fn view(facts: Facts, required: &[Fqdn]) -> CertificateView {
    let until = Some(facts.not_after);
    let trusted = Some(TrustVerdict { until, ..TrustVerdict::TRUSTED });
    CertificateView {
        covers: required.iter().map(|name| (name.clone(), facts.covers(name))).collect(),
        facts: Ok(facts),
        above: vec![issuing()],
        chain_length: 2,
        lync: trusted,
        exchange: trusted,
        revocation: None,
    }
}

fn tls(version: &str, suite: &str, proved: bool) -> TlsView {
    TlsView { version: version.into(), suite: suite.into(), proved, asks_certificate: false, at: after(60) }
}

fn service<'a>(picture: &'a mut Picture, host: &str, at: usize) -> &'a mut ServiceView {
    let servers = picture.sites.iter_mut().flat_map(|site| &mut site.servers);
    &mut servers.into_iter().find(|server| server.fqdn.host() == host).unwrap().services[at]
}

/// Each of six hosts has another trouble with its certificates.
pub(crate) fn certificates() -> Model {
    let mut model = bad_night(FailoverMethod::Dns);
    let mut picture = model.picture.clone();
    let required: Vec<Fqdn> = FOUR.iter().map(|row| fqdn(row.0)).collect();
    let all = FOUR.map(|row| row.0);
    let put = |picture: &mut Picture, host: &str, at: usize, view: CertificateView| {
        let service = service(picture, host, at);
        service.certificate = Some(Arc::new(view));
        service.tls = Some(tls("1.3", "TLS_AES_256_GCM_SHA384", true));
    };
    for at in 0..2 {
        let (um1, um2, um4) = (fqdn(FOUR[0].0), fqdn(FOUR[1].0), fqdn(FOUR[3].0));
        put(&mut picture, "um1", at, view(leaf(&um1, &all, 213), &required));
        put(&mut picture, "um2", at, view(leaf(&um2, &all, 12), &required));
        let mut own = leaf(&um4, &[], 700);
        (own.issuer, own.self_signed, own.self_issued) = (um4.as_str().into(), true, true);
        let by_itself = Some(TrustVerdict::because("self-signed"));
        let own = CertificateView {
            above: vec![],
            chain_length: 1,
            lync: by_itself,
            exchange: by_itself,
            ..view(own, &required)
        };
        put(&mut picture, "um4", at, own);
    }
    // um3 was renewed by half: its call router has the new certificate, its UM service the old one, of the old authority.
    let um3 = fqdn(FOUR[2].0);
    put(&mut picture, "um3", 0, view(leaf(&um3, &["*.dublin.contoso.com", "*.contoso.com"], 390), &required));
    let mut old = leaf(&um3, &all, 88);
    (old.key, old.rsa_bits) = ("RSA 1024".into(), Some(1024));
    (old.signature, old.weak_signature) = ("SHA-1 with RSA".into(), true);
    old.sha256 = "0b0b".repeat(16);
    let weak = Some(TrustVerdict { ok: false, ..TrustVerdict::because("weak-key") });
    put(&mut picture, "um3", 1, CertificateView { lync: weak, exchange: weak, ..view(old, &required) });
    let um = service(&mut picture, "um3", 1);
    um.tls = Some(tls("1.0", "TLS_RSA_WITH_AES_128_CBC_SHA", false));
    let renewed = Thumbprint::parse(&"86".repeat(20)).unwrap();
    um.expected = vec![ExpectedCertificate { by: ExpectedBy::StateCommand, thumbprint: renewed }];
    um.taken_up = Some(false);
    for pool in &mut picture.pools {
        let mut one = view(leaf(&pool.fqdn, &[pool.fqdn.as_str()], 300), std::slice::from_ref(&pool.fqdn));
        if pool.fqdn.host() == "fe01" {
            one.exchange = Some(TrustVerdict::because("unknown-issuer"));
        }
        pool.service.certificate = Some(Arc::new(one));
        pool.service.tls = Some(tls("1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", true));
    }
    model.show(picture);
    model
}

/// The source document's topology, its zone changed through a backend.
fn changeable(method: FailoverMethod) -> Topology {
    let mut topology = contoso(method);
    let corp = BackendName::new("corp-dns");
    let primary = WritePrimary { address: "192.0.2.53:53".parse().unwrap(), site: Some(SiteName::new("Dublin")) };
    let key = UpdateAuth::Tsig {
        key: fqdn("switchboard"),
        algorithm: TsigAlgorithm::HmacSha256,
        secret: Secret::new(vec![7; 32]),
    };
    let update = DnsUpdate { write_primaries: vec![primary], auth: key, key_test: None };
    topology.backends.insert(corp.clone(), Backend::DnsUpdate(update));
    topology.zones[0].backend = Some(corp);
    topology
}

/// Carries a plan out in a world where everything succeeds, up to a step; the journal has an event each second.
fn run(mut content: Content, from: i64, until: &str) -> RunSeen {
    (content.created, content.expires) = (after(from - 60), after(from + 540));
    let plan = Arc::new(Plan::seal(content));
    let mut run = Run::new(Arc::clone(&plan));
    let mut events = Vec::new();
    let mut say = |run: &mut Run, event: RunEvent| {
        let at = after(from + i64::try_from(events.len()).unwrap());
        run.apply(at, &event).unwrap();
        events.push((at, event));
    };
    let (by, plan) = (Clean::new("ana@jump-dub1"), plan.hash().to_owned());
    say(&mut run, RunEvent::Confirmed { by, account: None, plan, config: String::new(), commit_confirm_minutes: None });
    say(&mut run, RunEvent::Began { pid: 1, host: "jump-dub1".into(), cut: 0 });
    loop {
        let id = |step: usize, run: &Run| run.step(step).unwrap().id.clone();
        match run.next() {
            Todo::Recheck => say(&mut run, RunEvent::Rechecked { detail: "as planned".into() }),
            Todo::Look { step } | Todo::Perform(Work { step, .. }) if id(step, &run).as_str() == until => break,
            Todo::Look { step } => {
                let step = id(step, &run);
                let (check, detail) = match step.as_str() {
                    "acceptance" => (Check::NotProven, "nobody called +1 425 555 0100 and heard the greeting"),
                    _ => (Check::Passed, "all answers as planned"),
                };
                say(&mut run, RunEvent::Checked { step, check, detail: detail.into() });
            }
            Todo::Perform(work @ Work { step, way, attempt }) => {
                let marker = match run.act(work, after(from), "0123456789abcdef").unwrap() {
                    Act::DnsUpdate(update) => update
                        .markers
                        .first()
                        .and_then(|marker| Some(MarkerText { name: marker.name.clone(), text: marker.after.clone()? })),
                    Act::Command(_) => None,
                };
                let step = id(step, &run);
                let (digest, destination) = (String::new(), Clean::default());
                say(&mut run, RunEvent::Intent { step: step.clone(), way, attempt, digest, destination, marker });
                let effect = Effect::Applied { detail: "accepted by 192.0.2.53".into() };
                say(&mut run, RunEvent::Outcome { step, way, attempt, effect });
            }
            Todo::Close(end) => {
                let item = OpenItem {
                    id: "registration".into(),
                    subject: FOUR[0].0.into(),
                    says: "turn off DNS registration on its adapter before power-on".into(),
                };
                say(&mut run, RunEvent::ItemOpened { item });
                say(&mut run, RunEvent::Closed { end, detail: Clean::default() });
                assert_eq!(end, End::Completed);
            }
            _ => break,
        }
    }
    let living = (!run.state().is_over()).then(|| Clean::new("ana@jump-dub1"));
    let id = run.plan().id.clone();
    let view = RunView { run: Arc::new(run), events: Arc::new(events), living, last_words: None };
    RunSeen { id, view: Ok(view) }
}

/// Guidelines as they are judged, and an answer for each site.
fn readiness(model: &Model, sites: Vec<Ready>) -> Readiness {
    let facts = ReadinessFacts::on(model.now.to_zoned(jiff::tz::TimeZone::UTC).date());
    Readiness { sites, ..Readiness::judge(&model.topology, &model.picture, &facts) }
}

fn ready(site: &str, to: &str, no: Option<(&str, i64)>) -> Ready {
    Ready {
        site: SiteName::new(site),
        to: Some(SiteName::new(to)),
        ok: no.is_none(),
        known: true,
        checked: after(60),
        first_no: no.map(|(why, _)| why.to_owned()),
        reasons: vec![],
        waits: Some(Duration::from_secs(90)),
        since: Some(no.map_or(start(), |(_, at)| after(at))),
        last_green: no.map(|(_, at)| after(at - 5)),
    }
}

/// Both sites could be failed over, or one of them could not.
pub(crate) fn judged(mut model: Model, well: bool) -> Model {
    let no = (!well).then_some(("um4: its certificate does not cover um2.tukwila.contoso.com", -7_200));
    let sites = vec![ready("Tukwila", "Dublin", no), ready("Dublin", "Tukwila", None)];
    let judged = readiness(&model, sites);
    let now = model.now;
    update(&mut model, Event::Judged(judged), now);
    model
}

/// Both sites could be failed over, Tukwila with reasons for these rules.
pub(crate) fn judged_with(model: &Model, reasons: &[&str]) -> Model {
    let mut model = model.clone();
    let reasons = reasons.iter().map(ToString::to_string).collect();
    let sites = vec![Ready { reasons, ..ready("Tukwila", "Dublin", None) }, ready("Dublin", "Tukwila", None)];
    let (judged, now) = (readiness(&model, sites), model.now);
    update(&mut model, Event::Judged(judged), now);
    model
}

/// Names at other addresses than their own, as each DNS server answers.
fn names_at(model: &mut Model, at: i64, answers: &dyn Fn(usize, &Fqdn) -> Option<Ipv4Addr>) {
    let topology = Arc::clone(&model.topology);
    let mut all = round(&topology, at / 5, after(at), &well);
    for (number, (server, kind)) in topology.dns_servers().enumerate() {
        let mut one = dns(&topology, server, kind, after(at));
        let Outcome::Dns(outcome) = &mut one.outcome else { unreachable!() };
        for (name, answer) in &mut outcome.names {
            if let (Some(address), Ok(found)) = (answers(number, name), answer) {
                found.a = vec![address];
            }
        }
        for serial in outcome.serials.values_mut() {
            *serial = Ok(if number == 1 { 8 } else { 9 });
        }
        if kind == DnsKind::Authoritative {
            let text = |site: &str| match site {
                "Tukwila" => {
                    "v=1;epoch=1;seq=3;moved=um1,um2;to=dublin;run=;by=ana@jump-dub1;exp=;head=0123456789abcdef"
                }
                _ => "v=1;epoch=1;seq=0;moved=;to=;run=;by=;exp=;head=",
            };
            outcome.markers = topology
                .sites
                .iter()
                .filter_map(|site| Some((topology.marker_name(site)?, Ok(vec![text(site.name.as_str()).into()]))))
                .collect();
        }
        all.retain(|other| other.probe != ProbeId::Dns { server });
        all.push(one);
    }
    update(model, Event::Observed(all), after(at));
}

/// A night after Tukwila was carried to Dublin: names are away, one resolver still holds an old address, work is declared there.
pub(crate) fn away() -> Model {
    let mut model = watched(changeable(FailoverMethod::Dns), 10, &well);
    for at in [55, 60, 65, 70, 75] {
        names_at(&mut model, at, &|number, name| match (number, name.host()) {
            (_, "um1") => Some([192, 0, 2, 23].into()),
            (0 | 1, "um2") => Some([192, 0, 2, 24].into()),
            _ => None,
        });
    }
    crate::support::dress(&mut model);
    let seen = vec![run(dns_content(1), 40, "")];
    let now = model.now;
    update(&mut model, Event::RunsSeen(seen), now);
    let window = Window {
        scope: Scope::Site(SiteName::new("Tukwila")),
        from: start(),
        until: after(3_000),
        by: "ana@jump-dub1".into(),
        reason: "replace the power supply of um1".into(),
    };
    update(&mut model, Event::Attended(Attention { windows: vec![window], ..Attention::default() }), now);
    judged(model, true)
}

/// Every trouble that a name can have, and a DNS server that is silent.
pub(crate) fn wrong_names() -> Model {
    let mut model = watched(changeable(FailoverMethod::Dns), 10, &well);
    for at in [55, 60, 65, 70, 75] {
        names_at(&mut model, at, &|number, name| match (number, name.host()) {
            (_, "um1") => Some([192, 0, 2, 99].into()),
            (1, "um3") => Some([192, 0, 2, 24].into()),
            _ => None,
        });
        let topology = Arc::clone(&model.topology);
        let (resolver, kind) = topology.dns_servers().last().unwrap();
        let mut silent = dns(&topology, resolver, kind, after(at));
        let Outcome::Dns(outcome) = &mut silent.outcome else { unreachable!() };
        outcome.names.values_mut().for_each(|answer| *answer = Err(DnsFailure::Timeout));
        update(&mut model, Event::Observed(vec![silent]), after(at));
    }
    crate::support::dress(&mut model);
    model
}

/// Dial plans of both designs: one with a single server in service, and members that Exchange does not report.
pub(crate) fn plans() -> Model {
    let mut topology = changeable(FailoverMethod::Dns);
    let mut third = topology.dial_plans[0].clone();
    third.name = DialPlanName::new("London.contoso.com");
    (third.enterprise_voice, third.method) = (None, FailoverMethod::EnableDisable);
    (third.members, third.auto_attendants) = (vec![fqdn(FOUR[1].0)], Vec::new());
    topology.dial_plans.push(third);
    let mut model = watched(topology, 10, &well);
    let topology = Arc::clone(&model.topology);
    let mut reported = states(&topology, after(60));
    if let Outcome::State(Ok(StateReport { servers })) = &mut reported.outcome {
        let um3 = servers.get_mut(&fqdn(FOUR[2].0)).unwrap();
        um3.dial_plans.retain(|plan| plan.as_str() != "Tukwila.contoso.com");
        let um4 = servers.get_mut(&fqdn(FOUR[3].0)).unwrap();
        (um4.state, um4.active_calls) = (ServiceState::NoNewCalls, Some(3));
        um4.dial_plans.push(DialPlanName::new("London.contoso.com"));
    }
    update(&mut model, Event::Observed(vec![reported]), after(60));
    crate::support::dress(&mut model);
    judged(model, false)
}

/// A run that goes on, beside one that is over; by enabling and disabling.
pub(crate) fn running() -> Model {
    let mut model = watched(changeable(FailoverMethod::EnableDisable), 20, &well);
    let seen = vec![run(toggle_content(2, true), 60, "drain-um2")];
    let now = model.now;
    update(&mut model, Event::RunsSeen(seen), now);
    judged(model, true)
}

/// Forty sites with five hundred servers; three of them are sick, and one site is worked on.
pub(crate) fn many() -> Model {
    static MANY: LazyLock<Model> = LazyLock::new(many_anew);
    MANY.clone()
}

fn many_anew() -> Model {
    let sick = |name: &Fqdn| {
        let sick = ["um03.site31", "um04.site31", "um00.site07"];
        sick.iter().any(|sick| name.as_str().starts_with(sick)).then_some(Err(SipFailure::Refused))
    };
    let mut model = watched(large(40, 500), 6, &sick);
    let window = Window {
        scope: Scope::Site(SiteName::new("Site12")),
        from: start(),
        until: after(5_000),
        by: "ana@jump-dub1".into(),
        reason: "new switches".into(),
    };
    let now = model.now;
    update(&mut model, Event::Attended(Attention { windows: vec![window], ..Attention::default() }), now);
    let site = |number: usize| {
        let no = (number == 31).then_some(("um03.site32.contoso.com is down", 5));
        ready(&format!("Site{number:02}"), &format!("Site{:02}", (number + 1) % 40), no)
    };
    let judged = readiness(&model, (0..40).map(site).collect());
    update(&mut model, Event::Judged(judged), now);
    model
}

/// Every screen, every pane, the page of every kind of thing, every dialog; each with a name for the one that fails.
pub(crate) fn everything() -> Vec<(String, Model)> {
    let scenes = [
        ("certificates", certificates()),
        ("away", away()),
        ("wrong names", wrong_names()),
        ("plans", plans()),
        ("running", running()),
    ];
    let keys = [
        "",
        "Enter",
        "Tab",
        "Tab Enter",
        "Tab Tab Enter",
        "2",
        "2 Enter",
        "3",
        "3 G Enter",
        "3 s",
        "4",
        "4 Enter",
        "4 Tab",
        "4 Tab G Enter",
        "5",
        "5 G Enter",
        "6",
        "6 Enter",
        "7",
        "7 Down Enter",
        "?",
        ": u m",
        "/ u m 1 Enter",
        "/ n o t h i n g Enter",
        "3 / n o t h i n g Enter",
        "f",
        "f Enter",
        "Tab Tab a",
        "w",
        "z",
        "2 f",
    ];
    let mut all = Vec::new();
    for (name, model) in scenes {
        for keys in keys {
            let mut model = model.clone();
            crate::support::press(&mut model, keys);
            all.push((format!("{name}, {keys}"), model));
        }
    }
    all.extend(guided());
    all
}

/// The guided failover in each of its steps.
fn guided() -> Vec<(String, Model)> {
    let mut review = watched(changeable(FailoverMethod::Dns), 10, &well);
    crate::support::press(&mut review, "f Enter");
    let plan = Plan::seal(dns_content(3));
    let made = Made { plan, not_taken: None, script: vec!["update add um1 60 A 192.0.2.23".into()] };
    let ticket = review
        .dialogs
        .iter()
        .find_map(|dialog| match dialog {
            Dialog::Guide(guide) => guide.waits.as_ref().map(|wait| wait.ticket),
            _ => None,
        })
        .unwrap();
    let now = review.now;
    update(&mut review, Event::PlanMade { ticket, made: Ok(Box::new(made)) }, now);
    let mut script = review.clone();
    crate::support::press(&mut script, "D");
    let mut confirm = review.clone();
    crate::support::press(&mut confirm, "Enter");
    let attached = |until: &str| {
        let mut model = watched(changeable(FailoverMethod::Dns), 10, &well);
        let now = model.now;
        update(&mut model, Event::RunsSeen(vec![run(dns_content(4), 30, until)]), now);
        crate::support::press(&mut model, "6 Enter");
        model
    };
    [
        ("review", review),
        ("dry run", script),
        ("confirm", confirm),
        ("run", attached("move")),
        ("verify", attached("caches")),
        ("ended", attached("")),
    ]
    .map(|(name, model)| (name.to_owned(), model))
    .into()
}
