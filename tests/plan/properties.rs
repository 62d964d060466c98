//! What must hold for any topology, any state of it, and any request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use switchboard::domain::act::{RecordKind, Verb};
use switchboard::domain::health::{Class, Health};
use switchboard::domain::name::Fqdn;
use switchboard::domain::server::ServiceState;
use switchboard::domain::topology::Topology;
use switchboard::failover::plan::{Action, Content, Plan, Purpose, SipWant, Verdict};
use switchboard::failover::planner::{Refusal, Request};
use switchboard::failover::rules::{Facts, Input, judge_some};

use crate::fixture::*;

/// A small generator of its own: the same numbers on every machine (Steele, Lea, Flood: SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Two sites of one to five servers each, in one or two zones, with IPv4, IPv6 or both.
fn topology(dice: &mut Dice, method: &str) -> Topology {
    let pairs = 1 + dice.below(5);
    let two_zones = dice.one_in(3);
    let ttl = if dice.one_in(2) { "ttl = \"300s\"\n" } else { "" };
    let cut = TEXT.find("[[site]]").unwrap();
    let mut text = TEXT[..cut].replace("ttl = \"60s\"\n", ttl);
    if method == "enable-disable" && dice.one_in(2) {
        text = text.replace("effect_wait = \"12m\"", "effect_wait = \"12m\"\nfence = { zone = \"contoso.com\" }");
    }
    if two_zones {
        text += "[[dns.zone]]\nname = \"fabrikam.com\"\nauthoritative = [\"192.0.2.53:53\"]\nbackend = \"corp-dns\"\n";
    }
    let host = |site: u64, i: u64| {
        let zone = if two_zones && (site + i).is_multiple_of(2) { "fabrikam.com" } else { "contoso.com" };
        format!("um{i}.{}.{zone}", if site == 0 { "tukwila" } else { "dublin" })
    };
    let mut members = Vec::new();
    for (site, (name, standby)) in [("Tukwila", "Dublin"), ("Dublin", "Tukwila")].into_iter().enumerate() {
        let site = site as u64;
        write!(text, "[[site]]\nname = \"{name}\"\nstandby = \"{standby}\"\n").unwrap();
        for i in 0..pairs {
            let (v4, v6) = (format!("\"192.0.2.{}\"", 60 + site * 20 + i), format!("\"2001:db8::{site}:{i}\""));
            let addresses = match dice.below(3) {
                0 => v4,
                1 => v6,
                _ => format!("{v4}, {v6}"),
            };
            let fqdn = host(site, i);
            write!(
                text,
                "[[site.server]]\nfqdn = \"{fqdn}\"\naddresses = [{addresses}]\nversion = \"14.3\"\nroles = [\"um\"]\nbackend = \"exchange\"\npartner = \"{}\"\n",
                host(1 - site, i)
            ).unwrap();
            members.push(format!("\"{fqdn}\""));
        }
    }
    write!(
        text,
        "[[dial_plan]]\nname = \"P\"\nsite = \"Tukwila\"\nmethod = \"{method}\"\nmembers = [{}]\naccess_numbers = [\"+14255550100\"]\n",
        members.join(", ")
    ).unwrap();
    read(&text)
}

fn request(dice: &mut Dice, topology: &Topology) -> Request {
    let from = if dice.one_in(2) { "Tukwila" } else { "Dublin" };
    let servers: Vec<Fqdn> = topology.site(&site(from)).unwrap().servers.iter().map(|s| s.fqdn.clone()).collect();
    let other = if from == "Tukwila" { "Dublin" } else { "Tukwila" };
    let others: Vec<Fqdn> = topology.site(&site(other)).unwrap().servers.iter().map(|s| s.fqdn.clone()).collect();
    let mut request = over(from);
    for server in servers {
        match dice.below(6) {
            0 => drop(request.leave_out.insert(server)),
            1 => {
                let to = others[usize::try_from(dice.below(others.len() as u64)).unwrap()].clone();
                request.map.insert(server, to);
            }
            _ => {}
        }
    }
    request
}

#[test]
fn no_plan_by_dns_empties_a_name_touches_a_stranger_or_forgets_its_way_home() {
    let mut planned = 0;
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let topology = topology(&mut dice, "dns");
        let picture = picture(&topology);
        let mut zone = seen(&topology);
        for names in zone.zones.values_mut().flat_map(|zone| zone.names.values_mut()) {
            let name = names.as_mut().unwrap();
            for set in [&mut name.a, &mut name.aaaa].into_iter().filter(|set| !set.values.is_empty()) {
                set.ttl = 300;
            }
        }
        let original = zone.clone();
        let asked = request(&mut dice, &topology);
        let there = match plan(&topology, &picture, &zone, &asked) {
            Ok(there) => there,
            Err(Refusal::AllLeftOut) => continue,
            Err(refusal) => panic!("{seed}: {refusal}"),
        };
        planned += 1;
        sound(&topology, &there);
        carry_out(&mut zone, &there);
        for pair in &there.pairs {
            let host = topology.server(&pair.enters).unwrap();
            let now = name_mut(&mut zone, pair.server.as_str());
            let all: Vec<_> = now.a.values.iter().chain(&now.aaaa.values).collect();
            assert!(!all.is_empty() && all.iter().all(|address| host.addresses.contains(address)), "{seed}: {pair:?}");
        }
        let home =
            plan(&topology, &picture, &zone, &Request { map: BTreeMap::new(), ..back(asked.site.as_str()) }).unwrap();
        sound(&topology, &home);
        carry_out(&mut zone, &home);
        for (before, after) in original.zones.values().zip(zone.zones.values()) {
            assert_eq!(before.names, after.names, "{seed}");
        }
        let again = plan(&topology, &picture, &zone, &back(asked.site.as_str()));
        assert!(matches!(again, Err(Refusal::NothingToDo(_))), "{seed}: {again:?}");
    }
    assert!(planned > 300);
}

/// Names of the plan only, each with an address, one move per zone, every record fenced by exactly what it was.
fn sound(topology: &Topology, content: &Content) {
    let names: BTreeSet<&Fqdn> = content.pairs.iter().map(|pair| &pair.server).collect();
    let mut zones = Vec::new();
    let mut moved = BTreeSet::new();
    for step in &content.steps {
        let Action::DnsUpdate(update) = &step.action else { continue };
        for change in &update.changes {
            assert!(names.contains(&change.name) && change.name.is_within(&update.zone));
            assert!(change.after.values.iter().all(|a| a.is_ipv4() == (change.kind == RecordKind::A)));
        }
        if update.purpose == Purpose::Move {
            assert!(!zones.contains(&update.zone));
            zones.push(update.zone.clone());
            for name in names.iter().filter(|name| topology.zone_of(name).unwrap().name == update.zone) {
                let sets: Vec<_> = update.changes.iter().filter(|change| change.name == **name).collect();
                assert_eq!(sets.len(), 2, "A and AAAA are both fenced");
                assert!(sets.iter().any(|set| !set.after.values.is_empty()));
                moved.insert(*name);
            }
        } else {
            assert!(update.changes.iter().all(|change| change.before == change.after));
        }
    }
    assert_eq!(moved, names);
}

#[test]
fn no_plan_by_enabling_takes_the_last_server_in_service() {
    let (mut planned, mut blocked, mut never_empty) = (0, 0, 0);
    for seed in 0..600 {
        let mut dice = Dice(seed);
        let topology = topology(&mut dice, "enable-disable");
        let mut picture = picture(&topology);
        let hosts: Vec<Fqdn> = topology.servers().map(|server| server.fqdn.clone()).collect();
        for host in &hosts {
            let states = [ServiceState::Enabled, ServiceState::Disabled, ServiceState::NoNewCalls];
            if dice.one_in(2) {
                put(&mut picture, host.as_str(), states[usize::try_from(dice.below(3)).unwrap()]);
            }
            if dice.one_in(4) {
                down(&mut picture, host.as_str(), Class::Refused);
            }
        }
        settle(&topology, &mut picture);
        let mut asked = request(&mut dice, &topology);
        asked.site = site("Tukwila");
        asked.leave_out.retain(|server| {
            server.host().starts_with("um") && topology.server(server).unwrap().site.as_str() == "Tukwila"
        });
        asked.map.retain(|server, _| topology.server(server).unwrap().site.as_str() == "Tukwila");
        asked.back = dice.one_in(2);
        let Ok(content) = plan(&topology, &picture, &seen(&topology), &asked) else { continue };
        planned += 1;
        let first_removal = content.steps.iter().position(|step| removes(&step.action));
        let last_enabling = content.steps.iter().rposition(|step| verb(&step.action) == Some(Verb::Enable));
        let prove = content.steps.iter().position(|step| step.id.as_str() == "prove").unwrap();
        assert!(last_enabling.is_none_or(|enabling| enabling < prove));
        assert!(first_removal.is_none_or(|removal| prove < removal));
        let facts = Facts::default();
        let input = Input { topology: &topology, plan: &content, picture: &picture, facts: &facts };
        let rules = judge_some(&input, |rule| rule.id == "never-emptier");
        if rules.iter().any(|rule| rule.outcome == Verdict::Block) {
            blocked += 1;
            continue;
        }
        never_empty += usize::from(simulate(&picture, &content, seed));
    }
    assert!(planned > 300 && never_empty > 100, "{planned} planned, {blocked} blocked, {never_empty} kept in service");
}

fn verb(action: &Action) -> Option<Verb> {
    if let Action::Command(command) = action { Some(command.call.verb) } else { None }
}

fn removes(action: &Action) -> bool {
    matches!(verb(action), Some(Verb::Drain | Verb::Disable))
}

/// Carries the commands out as servers would: a dead one never takes calls. A check that fails halts the run. Whether something was
/// in service all the time; `false` where nothing was to begin with.
fn simulate(picture: &switchboard::domain::judge::Picture, content: &Content, seed: u64) -> bool {
    let views = || picture.sites.iter().flat_map(|site| &site.servers);
    let alive: BTreeSet<&Fqdn> = views().filter(|view| view.health == Health::Up).map(|view| &view.fqdn).collect();
    let mut states: BTreeMap<&Fqdn, ServiceState> = views().map(|view| (&view.fqdn, view.state.unwrap())).collect();
    let serving = |states: &BTreeMap<&Fqdn, ServiceState>| {
        states.iter().filter(|(host, state)| **state == ServiceState::Enabled && alive.contains(**host)).count()
    };
    if serving(&states) == 0 {
        return false;
    }
    for step in &content.steps {
        match &step.action {
            Action::Command(command) => drop(states.insert(&command.call.server, command.call.after)),
            Action::SipCheck(check) => {
                let well = |host: &Fqdn| {
                    alive.contains(host) && (check.want == SipWant::Alive || states[host] == ServiceState::Enabled)
                };
                if !check.targets.iter().all(|target| well(&target.host)) {
                    break;
                }
            }
            _ => {}
        }
        assert!(serving(&states) > 0, "{seed}: nothing in service after {}", step.id);
    }
    true
}

#[test]
fn a_plan_with_any_byte_changed_is_refused_or_means_the_same() {
    let topology = by_dns();
    let content = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    let plan = Plan::seal(content);
    let text = plan.to_json().to_string().into_bytes();
    let mut dice = Dice(7);
    for round in 0..900 {
        let mut changed = text.clone();
        let at = usize::try_from(dice.below(text.len() as u64)).unwrap();
        match round % 3 {
            0 => changed[at] ^= 1 << dice.below(7),
            1 => drop(changed.remove(at)),
            _ => changed.insert(at, b'0'),
        }
        if let Ok(read) = Plan::parse(&changed) {
            assert_eq!(read, plan, "byte {at}");
        }
    }
}
