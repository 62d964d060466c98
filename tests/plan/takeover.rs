//! Taking the fence from a run of somebody else: what the marker says of it, and what is written in its place.

use switchboard::domain::marker::Marker;
use switchboard::failover::plan::{Action, Column, Content, DnsUpdate, MarkerBefore, Mode, Plan, StepId};
use switchboard::failover::planner::{Refusal, Request, Seen, takeover_plan};

use crate::fixture::*;

const RUN: &str = "01KAX0000000000000000000ZZ";

fn held(site: &str, run: &str) -> String {
    format!("v=1;epoch=2;seq=8;moved=um1;to={site};run={run};by=eve@jump;exp=2026-11-22T14:10:00Z;head=")
}

fn with_marker(seen: &mut Seen, site: &str, text: &str) {
    let marker = name(&format!("_switchboard.{site}.contoso.com"));
    seen.zones.get_mut(&name("contoso.com")).unwrap().markers.insert(marker, Ok(vec![text.to_owned()]));
}

fn taken(seen: &Seen, run: &str, mode: Mode) -> Result<Content, Refusal> {
    let topology = by_dns();
    let attested = (mode == Mode::Emergency).then(|| "INC-1: her host is dead".to_owned());
    let request = Request { mode, attested, ..Request::whole_site(site(""), "ana@jump") };
    takeover_plan(&topology, &picture(&topology), seen, run, &request, &making())
}

fn updates(content: &Content) -> Vec<&DnsUpdate> {
    let update = |action: &'_ Action| matches!(action, Action::DnsUpdate(_));
    assert!(content.steps.iter().all(|step| update(&step.action)), "it changes more");
    let updates = content.steps.iter().filter_map(|step| match &step.action {
        Action::DnsUpdate(update) => Some(&**update),
        _ => None,
    });
    updates.collect()
}

#[test]
fn the_marker_is_replaced_exactly_by_one_of_the_next_sequence_and_let_go() {
    let mut seen = seen(&by_dns());
    with_marker(&mut seen, "tukwila", &held("dublin", RUN));
    let content = taken(&seen, &RUN[..9], Mode::Emergency).unwrap();
    assert_eq!(ids(&content), ["claim", "close"]);
    let [claim, close] = updates(&content)[..] else { panic!("two messages") };
    assert!(claim.changes.is_empty() && close.changes.is_empty(), "no record is touched");
    let (claim, close) = (claim.marker.clone().unwrap(), close.marker.clone().unwrap());
    assert_eq!(claim.before, MarkerBefore::Exactly(held("dublin", RUN)));
    let expected = format!("v=1;epoch=2;seq=9;moved=um1;to=dublin;run={};by=ana@jump;exp=;head=", content.id);
    assert_eq!(claim.after.to_string(), expected);
    assert_eq!(close.before, MarkerBefore::WrittenBy(StepId::new("claim")));
    assert_eq!(close.after, Marker { seq: 10, run: None, ..claim.after });
    assert_eq!((content.column, content.site.as_str()), (Column::Emergency, "Tukwila"));
    assert!(Plan::seal(content.clone()).confirm().starts_with("Tukwila-"));
    let note = &content.notes[0];
    for word in [RUN, "eve@jump", "until 2026-11-22T14:10:00Z", "um1 away at dublin"] {
        assert!(note.contains(word), "{note}");
    }
    let items: Vec<&str> = content.open_items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(items, ["taken-over"]);
    assert_eq!(taken(&seen, RUN, Mode::Planned).unwrap().column, Column::Planned);
}

#[test]
fn a_run_that_no_marker_names_or_that_two_could_be_is_not_guessed() {
    let mut seen = seen(&by_dns());
    assert_eq!(taken(&seen, RUN, Mode::Planned), Err(Refusal::NoSuchRun(RUN.to_owned())));
    with_marker(&mut seen, "tukwila", &held("dublin", RUN));
    assert!(matches!(taken(&seen, "", Mode::Planned), Err(Refusal::NoSuchRun(_))));
    assert!(matches!(taken(&seen, "01KB", Mode::Planned), Err(Refusal::NoSuchRun(_))));
    with_marker(&mut seen, "dublin", &held("tukwila", "01KAX0000000000000000000AA"));
    assert!(matches!(taken(&seen, "01KAX", Mode::Planned), Err(Refusal::SeveralRuns { .. })));
    let content = taken(&seen, "01KAX0000000000000000000AA", Mode::Planned).unwrap();
    assert_eq!(content.fences[0].marker, name("_switchboard.dublin.contoso.com"));
    // A marker that names nobody is nobody's to take.
    with_marker(&mut seen, "tukwila", "v=1;epoch=2;seq=8;moved=;to=;run=;by=eve@jump;exp=;head=");
    assert!(matches!(taken(&seen, RUN, Mode::Planned), Err(Refusal::NoSuchRun(_))));
}
