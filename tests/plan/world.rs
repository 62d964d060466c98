//! A small language of situations: "um3 down refused", "later record um1 192.0.2.99", "fact journal fails".
//!
//! A world begins in good health. Words without a first word of their own change what the plan is made from; `later …` changes
//! what is seen after it was made; `fact …`, `ask …`, `plan …` and `text: A => B` change facts, request, the plan, the topology file.

use std::sync::Arc;
use std::time::Duration;

use switchboard::domain::act::RrSet;
use switchboard::domain::certificate::TrustVerdict;
use switchboard::domain::clean::Clean;
use switchboard::domain::finding::{Finding, Severity};
use switchboard::domain::health::{Class, Health};
use switchboard::domain::judge::{CertificateView, Picture};
use switchboard::domain::observation::{Addresses, DnsFailure, DnsKind};
use switchboard::domain::place::Place;
use switchboard::domain::server::ServiceState;
use switchboard::domain::topology::Topology;
use switchboard::failover::plan::{Action, Content, Mode, Purpose, RuleOutcome};
use switchboard::failover::planner::{Request, Seen};
use switchboard::failover::rules::{Facts, Input, KeyFact, Rule, judge_some};

use crate::facts::{answer, fact};
use crate::fixture::*;

const HELD: &str =
    "v=1;epoch=1;seq=8;moved=;to=;run=01KAX0000000000000000000ZZ;by=bob@other;exp=2026-11-22T14:10:00Z;head=";
const FREE: &str = "v=1;epoch=1;seq=8;moved=;to=;run=;by=bob@other;exp=;head=0123456789abcdef";

pub(crate) struct World {
    pub(crate) topology: Topology,
    pub(crate) picture: Picture,
    pub(crate) seen: Seen,
    pub(crate) request: Request,
    pub(crate) facts: Facts,
    plan_words: Vec<String>,
    later: Vec<String>,
}

pub(crate) fn full(host: &str) -> &'static str {
    match host {
        "um1" => UM1,
        "um2" => UM2,
        "um3" => UM3,
        "um4" => UM4,
        other => panic!("no server {other}"),
    }
}

impl World {
    /// `design` is `dns` or `enabling`; in an emergency both servers of Tukwila refuse connections.
    pub(crate) fn new(design: &str, emergency: bool, words: &[String]) -> Self {
        let mut text = TEXT.to_owned();
        if design == "enabling" {
            text.truncate(text.find("[[dial_plan]]\nname = \"Dublin").unwrap());
            text = text.replace("method = \"dns\"", "method = \"enable-disable\"");
        }
        for word in words {
            if let Some((from, to)) = word.strip_prefix("text: ").and_then(|edit| edit.split_once(" => ")) {
                assert!(text.contains(from), "{from:?} is not in the topology");
                text = text.replace(from, to);
            }
        }
        let topology = read(&text);
        let picture = picture(&topology);
        let mut seen = seen(&topology);
        for zone in seen.zones.values_mut() {
            zone.markers.values_mut().for_each(|marker| *marker = Ok(vec![FREE.to_owned()]));
        }
        let mode = if emergency { Mode::Emergency } else { Mode::Planned };
        let request = Request { mode, ..over("Tukwila") };
        let mut world = Self {
            topology,
            picture,
            seen,
            request,
            facts: Facts::default(),
            plan_words: Vec::new(),
            later: Vec::new(),
        };
        if emergency {
            down(&mut world.picture, UM1, Class::Refused);
            down(&mut world.picture, UM2, Class::Refused);
        }
        for word in words.iter().filter(|word| !word.starts_with("text: ") && !word.starts_with("fact ")) {
            world.word(word);
        }
        world
    }

    fn word(&mut self, word: &str) {
        if let Some(rest) = word.strip_prefix("later ") {
            self.later.push(rest.to_owned());
        } else if let Some(rest) = word.strip_prefix("plan ") {
            self.plan_words.push(rest.to_owned());
        } else if let Some(rest) = word.strip_prefix("ask ") {
            ask(&mut self.request, rest);
        } else {
            happen(&self.topology, &mut self.picture, &mut self.seen, word);
        }
    }

    /// What the rules say.
    pub(crate) fn judge(mut self, words: &[String], which: impl Fn(&Rule) -> bool) -> Vec<RuleOutcome> {
        self.settle();
        let content = plan(&self.topology, &self.picture, &self.seen, &self.request).unwrap();
        self.judge_plan(content, words, which).rules
    }

    /// Dial plans as they follow from the servers.
    pub(crate) fn settle(&mut self) {
        settle_but_reports(&self.topology, &mut self.picture);
    }

    /// A plan with what the rules say of it.
    pub(crate) fn judge_plan(
        mut self,
        mut content: Content,
        words: &[String],
        which: impl Fn(&Rule) -> bool,
    ) -> Content {
        for word in std::mem::take(&mut self.plan_words) {
            bend(&mut content, &word);
        }
        for word in std::mem::take(&mut self.later) {
            happen(&self.topology, &mut self.picture, &mut self.seen, &word);
        }
        self.settle();
        self.facts = good_facts(&self.topology, &content, &self.seen);
        for word in words.iter().filter_map(|word| word.strip_prefix("fact ")) {
            fact(&mut self.facts, word);
        }
        let input = Input { topology: &self.topology, plan: &content, picture: &self.picture, facts: &self.facts };
        content.rules = judge_some(&input, which);
        content
    }
}

/// Members keep what was reported of them.
fn settle_but_reports(topology: &Topology, picture: &mut Picture) {
    let reported: Vec<_> = picture
        .dial_plans
        .iter()
        .flat_map(|plan| plan.members.iter().map(|m| (plan.name.clone(), m.clone())))
        .collect();
    settle(topology, picture);
    for plan in &mut picture.dial_plans {
        for member in &mut plan.members {
            if let Some((_, before)) =
                reported.iter().find(|(name, before)| *name == plan.name && before.fqdn == member.fqdn)
            {
                member.reported = before.reported;
            }
        }
    }
}

/// Everything well, everything known that has to be.
fn good_facts(topology: &Topology, content: &Content, seen: &Seen) -> Facts {
    let mut facts = Facts {
        seen: Some(Ok(seen.clone())),
        living: Some(Ok(Vec::new())),
        completed: Some(Ok(Vec::new())),
        hold_down: Duration::from_secs(1800),
        journal: Some(Ok(Ok(()))),
        seen_elsewhere: Some(Ok(true)),
        ..Facts::declared(topology, content)
    };
    for zone in &topology.zones {
        facts.soa.insert(zone.name.clone(), Ok(zone.name.clone()));
        let key =
            KeyFact { accepted: Ok("a signed question was answered".into()), bad_time: false, skew_seconds: Some(0) };
        facts.keys.insert(zone.name.clone(), Ok(key));
    }
    for target in content.steps.iter().filter_map(|step| match &step.action {
        Action::SipCheck(check) => Some(&check.targets),
        _ => None,
    }) {
        facts.rehearsals.extend(target.iter().map(|target| (target.clone(), Ok(answer(target, 200)))));
    }
    facts
}

fn ask(request: &mut Request, word: &str) {
    let parts: Vec<&str> = word.split(' ').collect();
    match parts.as_slice() {
        ["mode", "planned"] => request.mode = Mode::Planned,
        ["without-marker"] => request.without_marker = true,
        ["attest"] => request.attested = Some("INC-7: I called, no answer".into()),
        ["only", server] => request.servers = vec![name(full(server))],
        ["map", server, to] => drop(request.map.insert(name(full(server)), name(full(to)))),
        other => panic!("ask {other:?}"),
    }
}

/// What happens in the world.
fn happen(topology: &Topology, picture: &mut Picture, seen: &mut Seen, word: &str) {
    let parts: Vec<&str> = word.split(' ').collect();
    match parts.as_slice() {
        ["isolated"] => picture.isolated = true,
        ["no", "probe", "yet"] => picture.waiting = 9,
        ["pool", health @ ("down" | "unknown")] => {
            let health = if *health == "down" { Health::Down } else { Health::Unknown };
            picture.pools.iter_mut().for_each(|pool| pool.service.health = health);
        }
        ["pool", "cert", trust] => {
            let mut view = certificate(topology, topology.servers().next().unwrap());
            view.exchange =
                Some(if *trust == "good" { TrustVerdict::TRUSTED } else { TrustVerdict::because("unknown-issuer") });
            let view = Arc::new(view);
            picture.pools.iter_mut().for_each(|pool| pool.service.certificate = Some(Arc::clone(&view)));
        }
        ["finding", id, server] => picture.findings.push(Finding {
            id: if *id == "re-registered" { "re-registered" } else { panic!("{id}") },
            severity: Severity::Warning,
            subject: full(server).into(),
            since: now(),
            message: String::new(),
            evidence: String::new(),
            advice: "",
        }),
        ["no-member", server] => {
            for plan in &mut picture.dial_plans {
                plan.members
                    .iter_mut()
                    .filter(|m| m.fqdn.as_str() == full(server))
                    .for_each(|m| m.reported = Some(false));
            }
        }
        ["marker" | "partner", what] => {
            let whose = if parts[0] == "marker" {
                "_switchboard.tukwila.contoso.com"
            } else {
                "_switchboard.dublin.contoso.com"
            };
            let texts = match *what {
                "absent" => Ok(vec![]),
                "malformed" => Ok(vec!["hello".to_owned()]),
                "held" => Ok(vec![HELD.to_owned()]),
                "newer" => Ok(vec![FREE.replace("seq=8", "seq=11")]),
                "unread" => Err("timed out".to_owned()),
                other => panic!("marker {other}"),
            };
            seen.zones.get_mut(&name("contoso.com")).unwrap().markers.insert(name(whose), texts);
        }
        ["record", server, rest @ ..] => record(seen, full(server), rest),
        [server, rest @ ..] => happen_to(topology, picture, full(server), rest),
        [] => {}
    }
}

fn record(seen: &mut Seen, server: &str, rest: &[&str]) {
    match rest {
        ["unread"] => {
            let zone = seen.zones.get_mut(&name("contoso.com")).unwrap();
            zone.names.insert(name(server), Err("timed out".into()));
        }
        ["ttl", ttl] => name_mut(seen, server).a.ttl = ttl.parse().unwrap(),
        ["aaaa", value] => name_mut(seen, server).aaaa = RrSet { ttl: 60, values: vec![value.parse().unwrap()] },
        [value] => name_mut(seen, server).a.values = vec![value.parse().unwrap()],
        other => panic!("record {other:?}"),
    }
}

fn happen_to(topology: &Topology, picture: &mut Picture, server: &str, rest: &[&str]) {
    match rest {
        ["down", how] => down(picture, server, if *how == "refused" { Class::Refused } else { Class::Unreachable }),
        ["up"] => {
            let view = server_mut(picture, server);
            view.health = Health::Up;
            for service in &mut view.services {
                (service.health, service.class) = (Health::Up, Some(Class::Answers));
            }
        }
        ["degraded"] => {
            let view = server_mut(picture, server);
            view.health = Health::Degraded;
            view.services.iter_mut().for_each(|service| service.health = Health::Degraded);
        }
        ["silent" | "hangs"] => {
            let view = server_mut(picture, server);
            view.health = Health::Degraded;
            for service in &mut view.services {
                (service.health, service.class, service.code) = (Health::Degraded, Some(Class::Silent), None);
                service.answered = rest == ["hangs"];
            }
        }
        ["unknown"] => {
            let view = server_mut(picture, server);
            view.health = Health::Unknown;
            view.services.iter_mut().for_each(|service| service.health = Health::Unknown);
        }
        ["old"] => {
            server_mut(picture, server).services.iter_mut().for_each(|s| s.at = Some(now() - Duration::from_secs(300)));
        }
        ["bare"] => server_mut(picture, server).services.clear(),
        ["gone"] => picture.sites.iter_mut().for_each(|site| site.servers.retain(|view| view.fqdn.as_str() != server)),
        ["refuses"] => server_mut(picture, server).services.iter_mut().for_each(refuse),
        ["state", "unknown"] => server_mut(picture, server).state = None,
        ["state", state] => put(picture, server, state_of(state)),
        ["calls", "unknown"] => server_mut(picture, server).active_calls = None,
        ["calls", calls] => server_mut(picture, server).active_calls = Some(calls.parse().unwrap()),
        ["place", place @ ..] => server_mut(picture, server).place = place_of(place),
        ["resolver", what] => resolver(topology, picture, server, what),
        ["cert", what @ ..] => change_certificate(picture, server, what),
        other => panic!("{server} {other:?}"),
    }
}

fn state_of(word: &str) -> ServiceState {
    match word {
        "Enabled" => ServiceState::Enabled,
        "Disabled" => ServiceState::Disabled,
        "NoNewCalls" => ServiceState::NoNewCalls,
        other => panic!("state {other}"),
    }
}

fn place_of(words: &[&str]) -> Place {
    match words {
        ["home"] => Place::Home,
        ["unknown"] => Place::Unknown,
        ["foreign"] => Place::Foreign,
        ["moved", to] => Place::Moved { to: name(full(to)) },
        other => panic!("place {other:?}"),
    }
}

fn resolver(topology: &Topology, picture: &mut Picture, server: &str, what: &str) {
    let answer = if what == "fails" {
        Err(DnsFailure::Timeout)
    } else {
        let address = topology.server(&name(full(what))).unwrap().addresses[0];
        let std::net::IpAddr::V4(a) = address else { panic!() };
        Ok(Addresses { a: vec![a], ttl: Some(41), ..Addresses::default() })
    };
    let answers = server_mut(picture, server).dns.iter_mut().filter(|answer| answer.kind == DnsKind::Resolver);
    answers.for_each(|shown| shown.answer.clone_from(&answer));
}

fn change_certificate(picture: &mut Picture, server: &str, what: &[&str]) {
    for service in &mut server_mut(picture, server).services {
        if what == ["none"] {
            service.certificate = None;
            continue;
        }
        let Some(shown) = &service.certificate else { continue };
        let mut view: CertificateView = (**shown).clone();
        match what {
            ["not-lync"] => view.lync = Some(TrustVerdict::because("unknown-issuer")),
            ["not-exchange"] => view.exchange = Some(TrustVerdict::because("unknown-issuer")),
            other => {
                let facts = view.facts.as_mut().unwrap();
                match other {
                    ["lacks", name] => facts.dns_names.retain(|n| n.as_str() != full(name)),
                    ["cn", cn] => facts.subject_cn = Some(Clean::new(cn)),
                    ["until", time] => facts.not_after = time.parse().unwrap(),
                    ["from", time] => facts.not_before = time.parse().unwrap(),
                    other => panic!("cert {other:?}"),
                }
            }
        }
        service.certificate = Some(Arc::new(view));
    }
}

/// Changes a plan that was made, as a broken planner would have made it.
fn bend(content: &mut Content, word: &str) {
    let parts: Vec<&str> = word.split(' ').collect();
    if let ["site", site] = parts.as_slice() {
        content.site = crate::fixture::site(site);
        return;
    }
    if let ["forget", server] = parts.as_slice() {
        content.pairs.retain(|pair| pair.server.as_str() != full(server));
        return;
    }
    if parts == ["no", "proof"] {
        content.steps.retain(|step| step.id.as_str() != "prove");
        return;
    }
    if parts == ["no", "drain"] {
        content.steps.retain(|step| !step.id.as_str().starts_with("drain"));
        return;
    }
    if let ["command", "names", server] = parts.as_slice() {
        for step in &mut content.steps {
            if let Action::Command(command) = &mut step.action {
                command.call.argv.push(full(server).into());
            }
        }
        return;
    }
    if let ["stranger", stranger] = parts.as_slice() {
        let pair = content.pairs.iter_mut().find(|pair| pair.server.as_str() == UM2).unwrap();
        (pair.server, pair.enters) = (name(stranger), name(stranger));
    }
    let updates = content.steps.iter_mut().filter_map(|step| match &mut step.action {
        Action::DnsUpdate(update) => Some(&mut **update),
        _ => None,
    });
    for update in updates {
        match parts.as_slice() {
            ["apex"] => update.changes.iter_mut().for_each(|change| change.name = update.zone.clone()),
            ["zone", zone] => update.zone = name(zone),
            ["stranger", stranger] => {
                update.changes.iter_mut().filter(|c| c.name.as_str() == UM2).for_each(|c| c.name = name(stranger));
            }
            ["no", "aaaa"] => update.changes.retain(|c| c.kind == switchboard::domain::act::RecordKind::A),
            ["empty", server] if update.purpose == Purpose::Move => {
                update
                    .changes
                    .iter_mut()
                    .filter(|c| c.name.as_str() == full(server))
                    .for_each(|c| c.after = RrSet::default());
            }
            ["empty", _] => {}
            other => panic!("plan {other:?}"),
        }
    }
}
