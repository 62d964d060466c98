//! Runs of commands whose backend is fenced in a zone: the same marker, claimed before the first command and let go after the last.

use switchboard::domain::act::Verb;
use switchboard::domain::marker::Marker;
use switchboard::domain::topology::Topology;
use switchboard::failover::plan::{Action, Content, DnsUpdate, MarkerBefore, PartnerMarker, Plan, Purpose, StepId};
use switchboard::failover::planner::{Refusal, Request, Seen, service_plan};
use switchboard::failover::runbook;

use crate::fixture::*;

const TUKWILA: &str = "_switchboard.tukwila.contoso.com";
const DUBLIN: &str = "_switchboard.dublin.contoso.com";

fn updates(content: &Content) -> Vec<&DnsUpdate> {
    let of = content.steps.iter().filter_map(|step| match &step.action {
        Action::DnsUpdate(update) => Some(&**update),
        _ => None,
    });
    of.collect()
}

fn set(seen: &mut Seen, marker: &str, text: &str) {
    let zone = seen.zones.get_mut(&name("contoso.com")).unwrap();
    zone.markers.insert(name(marker), Ok(vec![text.to_owned()]));
}

fn one(topology: &Topology, seen: &Seen, server: &str, verb: Verb) -> Result<Content, Refusal> {
    service_plan(topology, &picture(topology), seen, &name(server), verb, &over("Tukwila"), &making())
}

#[test]
fn the_marker_is_claimed_before_the_first_command_and_let_go_after_the_last() {
    let topology = by_fenced_enabling();
    let mut seen = seen(&topology);
    let before = "v=1;epoch=1;seq=4;moved=;to=;run=;by=bob;exp=;head=";
    set(&mut seen, TUKWILA, before);
    let plan = plan(&topology, &picture(&topology), &seen, &over("Tukwila")).unwrap();
    let steps = ids(&plan);
    assert_eq!((steps[0], steps[steps.len() - 1]), ("claim", "close"));
    assert!(steps[1..steps.len() - 1].contains(&"enable-um3") && steps.contains(&"disable-um2"));
    let [claim, close] = updates(&plan)[..] else { panic!("{steps:?}") };
    assert_eq!((claim.purpose, close.purpose), (Purpose::Claim, Purpose::Close));
    assert!(claim.changes.is_empty() && close.changes.is_empty(), "the marker alone");
    let (claimed, closed) = (claim.marker.as_ref().unwrap(), close.marker.as_ref().unwrap());
    assert_eq!((&claimed.name, &claimed.before), (&name(TUKWILA), &MarkerBefore::Exactly(before.to_owned())));
    assert_eq!(closed.before, MarkerBefore::WrittenBy(StepId::new("claim")));
    let say = |marker: &Marker| (marker.seq, marker.moved.clone(), marker.to.clone(), marker.run.clone());
    let (both, run) = (vec!["um1".to_owned(), "um2".to_owned()], Some(making().id.to_string()));
    assert_eq!(say(&claimed.after), (5, vec![], String::new(), run));
    assert_eq!(say(&closed.after), (6, both, "dublin".to_owned(), None));
    assert_eq!(claim.partner.as_ref().unwrap().name, name(DUBLIN), "the other direction cannot win, too");
    assert_eq!((plan.fences.len(), plan.fences[0].seq, plan.fences[0].partner.is_some()), (1, 4, true));
    let text = runbook::review(&Plan::seal(plan));
    assert!(!text.contains("fenced on this host only"), "{text}");
}

#[test]
fn without_the_key_or_on_request_review_says_that_this_host_alone_is_fenced() {
    let fenced = by_fenced_enabling();
    let asked = Request { without_marker: true, ..over("Tukwila") };
    for (topology, request) in [(&by_enabling(), &over("Tukwila")), (&fenced, &asked)] {
        let plan = plan(topology, &picture(topology), &seen(topology), request).unwrap();
        assert!(updates(&plan).is_empty() && plan.fences.is_empty());
        assert!(runbook::review(&Plan::seal(plan)).contains("fenced on this host only"));
    }
}

#[test]
fn one_servers_state_is_fenced_like_a_whole_site_and_moves_nothing() {
    let topology = by_fenced_enabling();
    let mut seen = seen(&topology);
    let away = "v=1;epoch=1;seq=4;moved=um1;to=dublin;run=;by=bob;exp=;head=";
    set(&mut seen, TUKWILA, away);
    let plan = one(&topology, &seen, UM1, Verb::Disable).unwrap();
    assert_eq!(ids(&plan), ["claim", "disable-um1", "close"]);
    let last = updates(&plan)[1].marker.as_ref().unwrap();
    assert_eq!((last.after.seq, last.after.moved.join(","), last.after.to.as_str()), (6, "um1".to_owned(), "dublin"));
    // um3 stands in Dublin: its own site's marker, fenced against Tukwila's.
    let plan = one(&topology, &seen, UM3, Verb::Enable).unwrap();
    assert_eq!(ids(&plan), ["claim", "enable-um3", "prove", "close"]);
    let claim = updates(&plan)[0];
    assert_eq!(claim.marker.as_ref().unwrap().name, name(DUBLIN));
    let partner = PartnerMarker { name: name(TUKWILA), text: Some(away.to_owned()) };
    assert_eq!(claim.partner.as_ref(), Some(&partner));
}

#[test]
fn a_fence_that_cannot_be_read_is_told_with_its_ways_out() {
    let topology = by_fenced_enabling();
    let mut seen = seen(&topology);
    seen.zones.get_mut(&name("contoso.com")).unwrap().markers.insert(name(TUKWILA), Err("timed out".to_owned()));
    for refused in [
        plan(&topology, &picture(&topology), &seen, &over("Tukwila")).unwrap_err(),
        one(&topology, &seen, UM1, Verb::Disable).unwrap_err(),
        one(&topology, &Seen::default(), UM1, Verb::Disable).unwrap_err(),
    ] {
        let told = refused.to_string();
        assert!(
            told.contains("--without-marker") && told.contains("--primary") && told.contains("192.0.2.53"),
            "{told}"
        );
    }
}

#[test]
fn a_zone_of_its_own_can_hold_the_fence_and_two_backends_have_two() {
    let cut = TEXT.find("[[dial_plan]]\nname = \"Dublin").unwrap();
    let zone = "[[dns.zone]]\nname = \"fence.example\"\nauthoritative = [\"192.0.2.53:53\"]\nbackend = \"corp-dns\"\n";
    let text = TEXT[..cut]
        .replace("method = \"dns\"", "method = \"enable-disable\"")
        .replace("[backend.corp-dns]", &format!("{zone}[backend.corp-dns]"))
        .replace("effect_wait = \"12m\"", "effect_wait = \"12m\"\nfence = { zone = \"fence.example\" }");
    let topology = read(&text);
    let plan_of = |topology: &Topology| plan(topology, &picture(topology), &seen(topology), &over("Tukwila")).unwrap();
    let content = plan_of(&topology);
    let (claim, fences) = (updates(&content)[0], &content.fences);
    assert_eq!(
        (claim.zone.as_str(), fences[0].marker.as_str()),
        ("fence.example", "_switchboard.tukwila.fence.example")
    );
    assert_eq!(claim.partner.as_ref().unwrap().name.as_str(), "_switchboard.dublin.fence.example");
    // The other site's servers are changed by another backend, with a fence of its own.
    let other = "[backend.dublin]\ntype = \"command\"\nstate = [\"um-tool\", \"state\"]\nenable = [\"um-tool\", \"enable\"]\n\
        disable = [\"um-tool\", \"disable\"]\nfence = { zone = \"contoso.com\" }\n[[pool]]";
    let split = text.replacen("[[pool]]", other, 1);
    let (tukwila, dublin) = split.split_at(split.find("name = \"Dublin\"").unwrap());
    let topology = read(&format!("{tukwila}{}", dublin.replace("backend = \"exchange\"", "backend = \"dublin\"")));
    let content = plan_of(&topology);
    let (first, last) = (&ids(&content)[..2], ids(&content).split_off(content.steps.len() - 2));
    assert_eq!(first, ["claim-contoso.com", "claim-fence.example"]);
    assert_eq!(last, ["close-fence.example", "close-contoso.com"]);
}
