//! The first design: names move.

use switchboard::domain::act::RecordKind;
use switchboard::domain::health::Class;
use switchboard::domain::marker::Marker;
use switchboard::failover::plan::{Action, Column, Content, DnsUpdate, MarkerBefore, Mode, Plan, Purpose, StepId};
use switchboard::failover::planner::Request;

use crate::fixture::*;

fn update<'a>(content: &'a Content, id: &str) -> &'a DnsUpdate {
    let step = content.steps.iter().find(|step| step.id.as_str() == id).unwrap();
    let Action::DnsUpdate(update) = &step.action else { panic!("{id} is no update") };
    update
}

fn addresses(update: &DnsUpdate) -> Vec<String> {
    let shown = update.changes.iter().filter(|change| !change.after.values.is_empty());
    shown.map(|c| format!("{} {} {:?}", c.name.host(), c.after.ttl, c.after.values)).collect()
}

#[test]
fn a_whole_site_moves_in_one_message_after_the_marker_is_claimed() {
    let topology = by_dns();
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    assert_eq!(
        ids(&plan),
        [
            "claim",
            "verify-target",
            "move",
            "read-back",
            "authoritative",
            "caches",
            "sip-path",
            "acceptance",
            "soak",
            "close"
        ]
    );
    let moving = update(&plan, "move");
    assert_eq!(addresses(moving), ["um1 60 [192.0.2.23]", "um2 60 [192.0.2.24]"]);
    assert_eq!(moving.changes.len(), 4, "AAAA is fenced as absent");
    assert_eq!(moving.primary, "192.0.2.53:53".parse().unwrap());
    let claim = update(&plan, "claim");
    assert!(claim.changes.iter().zip(&moving.changes).all(|(c, m)| c.before == c.after && c.before == m.before));
    assert_eq!((plan.from.as_str(), plan.to.as_str()), ("Tukwila", "Dublin"));
    assert!(Plan::seal(plan.clone()).confirm().starts_with("Tukwila-"));
    assert_eq!(plan.caches.seconds, 60);
    assert_eq!(plan.last_return, None, "records can be put back at any time");
    assert_eq!(plan.steps[0].owner, "DNS team +1 425 555 0120");
}

#[test]
fn the_other_site_moves_the_other_way() {
    let topology = by_dns();
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &over("Dublin")).unwrap();
    assert_eq!(addresses(update(&plan, "move")), ["um3 60 [192.0.2.11]", "um4 60 [192.0.2.12]"]);
    assert_eq!(plan.fences[0].marker, name("_switchboard.dublin.contoso.com"));
    assert_eq!(plan.fences[0].partner, Some(name("_switchboard.tukwila.contoso.com")));
}

#[test]
fn markers_count_up_and_name_run_names_and_site() {
    let topology = by_dns();
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    let of = |id: &str| update(&plan, id).marker.clone().unwrap();
    let run = making().id;
    assert_eq!(of("claim").before, MarkerBefore::Absent);
    assert_eq!(of("claim").after.to_string(), format!("v=1;epoch=1;seq=1;moved=;to=;run={run};by=ana@jump;exp=;head="));
    assert_eq!(of("move").before, MarkerBefore::WrittenBy(StepId::new("claim")));
    assert_eq!(
        of("move").after.to_string(),
        format!("v=1;epoch=1;seq=2;moved=um1,um2;to=dublin;run={run};by=ana@jump;exp=;head=")
    );
    assert_eq!(of("close").before, MarkerBefore::WrittenBy(StepId::new("move")));
    assert_eq!(of("close").after.to_string(), "v=1;epoch=1;seq=3;moved=um1,um2;to=dublin;run=;by=ana@jump;exp=;head=");
    let partner = update(&plan, "move").partner.clone().unwrap();
    assert_eq!((partner.name, partner.text), (name("_switchboard.dublin.contoso.com"), None));
    assert!(update(&plan, "close").changes.is_empty() && update(&plan, "close").partner.is_none());
    assert_eq!(update(&plan, "close").purpose, Purpose::Close);
}

#[test]
fn back_after_over_gives_the_original_records_and_ttls() {
    let texts = [
        TEXT.to_owned(),
        TEXT.replace("address = \"192.0.2.11\"", "addresses = [\"192.0.2.11\", \"2001:db8::11\"]"),
        TEXT.replace("address = \"192.0.2.23\"", "addresses = [\"192.0.2.23\", \"2001:db8::23\"]"),
        TEXT.replace("address = \"192.0.2.12\"", "addresses = [\"192.0.2.12\", \"2001:db8::12\"]")
            .replace("address = \"192.0.2.24\"", "addresses = [\"192.0.2.24\", \"2001:db8::24\"]"),
        TEXT.replace("ttl = \"60s\"\n", ""),
    ];
    for text in texts {
        let topology = read(&text);
        for from in ["Tukwila", "Dublin"] {
            let picture = picture(&topology);
            let mut zone = seen(&topology);
            let original = zone.clone();
            let there = plan(&topology, &picture, &zone, &over(from)).unwrap();
            carry_out(&mut zone, &there);
            assert_ne!(zone.zones.values().next().unwrap().names, original.zones.values().next().unwrap().names);
            let home = plan(&topology, &picture, &zone, &back(from)).unwrap();
            carry_out(&mut zone, &home);
            assert_eq!(zone.zones.values().next().unwrap().names, original.zones.values().next().unwrap().names);
            let marker =
                zone.zones.values().next().unwrap().markers.values().find_map(|texts| texts.as_ref().unwrap().first());
            let marker = Marker::parse(marker.unwrap()).unwrap();
            assert_eq!((marker.seq, marker.moved.len(), marker.to.as_str(), marker.run), (6, 0, "", None));
        }
    }
}

#[test]
fn back_leaves_the_other_site_and_asks_the_home_servers() {
    let topology = by_dns();
    let mut zone = seen(&topology);
    let there = plan(&topology, &picture(&topology), &zone, &over("Tukwila")).unwrap();
    carry_out(&mut zone, &there);
    let home = plan(&topology, &picture(&topology), &zone, &back("Tukwila")).unwrap();
    assert_eq!((home.site.as_str(), home.from.as_str(), home.to.as_str()), ("Tukwila", "Dublin", "Tukwila"));
    assert!(Plan::seal(home.clone()).confirm().starts_with("Dublin-"));
    let pair = &home.pairs[0];
    assert_eq!((pair.server.as_str(), pair.leaves.as_str(), pair.enters.as_str()), (UM1, UM3, UM1));
    assert_eq!(home.fences[0].seq, 3);
}

#[test]
fn an_ipv6_record_never_stays_behind() {
    let topology = read(&TEXT.replace("address = \"192.0.2.11\"", "addresses = [\"192.0.2.11\", \"2001:db8::11\"]"));
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    let changes = &update(&plan, "move").changes;
    let aaaa = changes.iter().find(|c| c.name == name(UM1) && c.kind == RecordKind::Aaaa).unwrap();
    assert_eq!((aaaa.before.values.len(), aaaa.after.values.len()), (1, 0));
}

#[test]
fn a_server_can_be_mapped_left_out_or_moved_alone() {
    let topology = by_dns();
    let with = |request: Request| plan(&topology, &picture(&topology), &seen(&topology), &request).unwrap();
    let mapped = with(Request { map: [(name(UM2), name(UM3))].into(), ..over("Tukwila") });
    assert_eq!(addresses(update(&mapped, "move")), ["um1 60 [192.0.2.23]", "um2 60 [192.0.2.23]"]);
    assert!(mapped.notes.iter().any(|note| note.contains("more than one server")), "{:?}", mapped.notes);
    let left = with(Request { leave_out: [name(UM2)].into(), ..over("Tukwila") });
    assert_eq!(addresses(update(&left, "move")), ["um1 60 [192.0.2.23]"]);
    assert_eq!(left.left_out[0].server, name(UM2));
    let one = with(Request { servers: vec![name(UM1)], ..over("Tukwila") });
    assert_eq!(addresses(update(&one, "move")), ["um1 60 [192.0.2.23]"]);
    assert!(one.notes.iter().any(|note| note.contains("acting is optional")), "{:?}", one.notes);
    assert_eq!(update(&one, "move").marker.clone().unwrap().after.moved, ["um1"]);
}

#[test]
fn moving_the_rest_keeps_what_is_away_already() {
    let topology = by_dns();
    let mut zone = seen(&topology);
    let first = Request { servers: vec![name(UM1)], ..over("Tukwila") };
    let one = plan(&topology, &picture(&topology), &zone, &first).unwrap();
    carry_out(&mut zone, &one);
    let rest = plan(&topology, &picture(&topology), &zone, &over("Tukwila")).unwrap();
    assert_eq!(addresses(update(&rest, "move")), ["um2 60 [192.0.2.24]"]);
    assert_eq!(rest.left_out[0].why, format!("already served by {UM3}"));
    assert_eq!(update(&rest, "move").marker.clone().unwrap().after.moved, ["um1", "um2"]);
    carry_out(&mut zone, &rest);
    let one_home = Request { servers: vec![name(UM2)], ..back("Tukwila") };
    let home = plan(&topology, &picture(&topology), &zone, &one_home).unwrap();
    let marker = update(&home, "move").marker.clone().unwrap().after;
    assert_eq!((marker.moved.as_slice(), marker.to.as_str()), (["um1".to_owned()].as_slice(), "dublin"));
}

#[test]
fn a_marker_that_cannot_be_read_is_replaced_exactly_and_starts_a_new_epoch() {
    let topology = by_dns();
    let mut zone = seen(&topology);
    let marker = name("_switchboard.tukwila.contoso.com");
    let texts = |zone: &mut switchboard::failover::planner::Seen, texts: &[&str]| {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        zone.zones.get_mut(&name("contoso.com")).unwrap().markers.insert(marker.clone(), Ok(texts));
    };
    texts(&mut zone, &["hello"]);
    let found = plan(&topology, &picture(&topology), &zone, &over("Tukwila")).unwrap();
    let claim = update(&found, "claim").marker.clone().unwrap();
    assert_eq!((claim.before, claim.after.epoch), (MarkerBefore::Exactly("hello".into()), 2));
    texts(&mut zone, &["hello", "you"]);
    let many = plan(&topology, &picture(&topology), &zone, &over("Tukwila")).unwrap_err().to_string();
    assert!(many.contains("marker init Tukwila"), "{many}");
}

#[test]
fn another_primary_is_the_operators_choice_and_raises_the_epoch() {
    let topology = by_dns();
    let mut zone = seen(&topology);
    let second = "192.0.2.54:53".parse().unwrap();
    let asked = Request { primary: Some(second), ..over("Tukwila") };
    assert!(plan(&topology, &picture(&topology), &zone, &asked).is_err(), "it was read at another one");
    zone.zones.get_mut(&name("contoso.com")).unwrap().primary = second;
    let moved = plan(&topology, &picture(&topology), &zone, &asked).unwrap();
    assert_eq!((update(&moved, "move").primary, moved.fences[0].epoch), (second, 2));
}

#[test]
fn names_in_two_zones_are_two_messages_each_with_its_own_marker() {
    let text = TEXT.replace("um2.tukwila.contoso.com", "um2.tukwila.fabrikam.com").replace(
        "[backend.corp-dns]",
        "[[dns.zone]]\nname = \"fabrikam.com\"\nauthoritative = [\"192.0.2.53:53\"]\nbackend = \"corp-dns\"\n[backend.corp-dns]",
    );
    let topology = read(&text);
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    let written: Vec<&str> =
        ids(&plan).into_iter().filter(|id| ["claim", "move-", "close"].iter().any(|w| id.starts_with(w))).collect();
    assert_eq!(
        written,
        [
            "claim-contoso.com",
            "claim-fabrikam.com",
            "move-contoso.com",
            "move-fabrikam.com",
            "close-fabrikam.com",
            "close-contoso.com"
        ]
    );
    for (id, zone) in [("move-contoso.com", "contoso.com"), ("move-fabrikam.com", "fabrikam.com")] {
        let update = update(&plan, id);
        assert!(update.changes.iter().all(|change| change.name.is_within(&name(zone))));
        assert!(update.marker.as_ref().unwrap().name.is_within(&name(zone)));
    }
    assert!(plan.notes.iter().any(|note| note.contains("2 messages, one per zone")), "{:?}", plan.notes);
    assert!(plan.notes.iter().any(|note| note.contains("not fenced by zone fabrikam.com")), "{:?}", plan.notes);
}

#[test]
fn without_a_marker_the_records_are_the_only_fence_and_the_plan_says_so() {
    let topology = by_dns();
    let asked = Request { without_marker: true, ..over("Tukwila") };
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &asked).unwrap();
    assert!(plan.fences.is_empty() && ids(&plan).iter().all(|id| !["claim", "close"].contains(id)));
    assert!(update(&plan, "move").marker.is_none());
    assert!(plan.notes.iter().any(|note| note.contains("no marker")), "{:?}", plan.notes);
}

#[test]
fn the_emergency_column_needs_a_dead_site_or_a_persons_word() {
    let topology = by_dns();
    let column = |mode, dead: &[&str], attested: Option<&str>| {
        let mut picture = picture(&topology);
        for server in dead {
            down(&mut picture, server, Class::Refused);
        }
        let asked = Request { mode, attested: attested.map(str::to_owned), ..over("Tukwila") };
        plan(&topology, &picture, &seen(&topology), &asked).unwrap().column
    };
    assert_eq!(column(Mode::Planned, &[], None), Column::Planned);
    assert_eq!(column(Mode::Emergency, &[], None), Column::Planned);
    assert_eq!(column(Mode::Emergency, &[UM1], None), Column::Planned);
    assert_eq!(column(Mode::Emergency, &[], Some("INC-1: I called, no answer")), Column::Emergency);
    assert_eq!(column(Mode::Emergency, &[UM1, UM2], None), Column::Emergency);
    assert_eq!(column(Mode::Planned, &[UM1, UM2], None), Column::Emergency);
}

#[test]
fn the_acceptance_command_is_the_one_of_the_site_that_serves_afterwards() {
    let topology = read(
        &TEXT.replace("name = \"Dublin\"\nstandby", "name = \"Dublin\"\nacceptance = [\"call\", \"--um\"]\nstandby"),
    );
    let acceptance = |plan: &Content| {
        let step = plan.steps.iter().find(|step| step.id.as_str() == "acceptance").unwrap();
        let Action::Acceptance(acceptance) = &step.action else { panic!("no acceptance") };
        (acceptance.clone(), step.deadline_seconds)
    };
    let there = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    let (call, limit) = acceptance(&there);
    assert_eq!((call.argv.as_slice(), limit), (["call".to_owned(), "--um".to_owned()].as_slice(), 1200));
    let stdin = there.call_stdin(&call);
    assert_eq!((&stdin["site"], &stdin["numbers"][0]), (&"Dublin".into(), &"+14255550100".into()));
    assert_eq!((&stdin["servers"][1], &stdin["run"]), (&UM4.into(), &there.id.as_str().into()));
    let other = plan(&topology, &picture(&topology), &seen(&topology), &over("Dublin")).unwrap();
    assert!(acceptance(&other).0.argv.is_empty());
}

#[test]
fn what_will_be_left_to_do_is_told_beforehand() {
    let topology = by_dns();
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    let told: Vec<(&str, &str)> = plan.open_items.iter().map(|i| (i.id.as_str(), i.subject.as_str())).collect();
    assert_eq!(told, [("re-registration", UM1), ("re-registration", UM2), ("away", "Tukwila")]);
    assert!(plan.stays.iter().any(|stays| stays.starts_with("mailboxes")));
    assert!(plan.evidence.iter().any(|seen| seen.subject == UM3));
}
