//! The plan as a file: what is sealed is what is read, and nothing else is.

use serde_json::json;

use super::*;
use crate::domain::act::{RecordChange, RecordKind, RrSet};
use crate::domain::marker::Marker;
use crate::domain::name::{BackendName, Fqdn};

fn name(text: &str) -> Fqdn {
    Fqdn::parse(text).unwrap()
}

fn set(last: u8) -> RrSet {
    RrSet { ttl: 60, values: vec![[192, 0, 2, last].into()] }
}

fn update() -> DnsUpdate {
    let change = |host, kind, before, after| RecordChange { name: name(host), kind, before, after };
    DnsUpdate {
        purpose: Purpose::Move,
        backend: BackendName::new("corp-dns"),
        zone: name("contoso.com"),
        primary: "192.0.2.53:53".parse().unwrap(),
        key: Some(name("switchboard")),
        changes: vec![
            change("um1.tukwila.contoso.com", RecordKind::A, set(11), set(23)),
            change("um1.tukwila.contoso.com", RecordKind::Aaaa, RrSet::default(), RrSet::default()),
        ],
        marker: Some(MarkerChange {
            name: name("_switchboard.tukwila.contoso.com"),
            ttl: 60,
            before: MarkerBefore::WrittenBy(StepId::new("claim")),
            after: Marker { seq: 2, moved: vec!["um1".into()], to: "dublin".into(), ..Marker::first() },
        }),
        partner: Some(PartnerMarker { name: name("_switchboard.dublin.contoso.com"), text: None }),
    }
}

fn content() -> Content {
    let created: Timestamp = "2026-11-22T14:02:11Z".parse().unwrap();
    let step = Step {
        id: StepId::new("move"),
        action: Action::DnsUpdate(Box::new(update())),
        owner: "DNS team +1 425 555 0100".into(),
        does: "Points um1 at um3.".into(),
        expect: "um1 has the address 192.0.2.23".into(),
        undo: "The same update backwards.".into(),
        undo_command: None,
        undo_drain: None,
        deadline_seconds: 10,
    };
    Content {
        id: RunId::new(created, 42),
        mode: Mode::Planned,
        column: Column::Planned,
        direction: Direction::Over,
        method: FailoverMethod::Dns,
        site: SiteName::new("Tukwila"),
        from: SiteName::new("Tukwila"),
        to: SiteName::new("Dublin"),
        environment: "demo".into(),
        console: "contoso.com".into(),
        by: "ana@jump".into(),
        reason: None,
        created,
        expires: created + GOOD_FOR,
        dial_plans: vec![DialPlanName::new("Tukwila.contoso.com")],
        pairs: vec![],
        left_out: vec![],
        base: Base { states: [(name("um1.tukwila.contoso.com"), None)].into(), ..Base::default() },
        fences: vec![],
        steps: vec![step],
        last_return: None,
        rules: vec![RuleOutcome {
            id: "ttl".into(),
            subject: "um1".into(),
            outcome: Verdict::Reason,
            measured: "1200 s".into(),
            given: None,
        }],
        evidence: vec![],
        caches: Caches { seconds: 60, why: "TTL".into() },
        stays: vec!["mailboxes".into()],
        open_items: vec![],
        notes: vec![],
    }
}

#[test]
fn a_plan_is_read_back_as_it_was_sealed() {
    let plan = Plan::seal(content());
    let text = plan.to_json().to_string();
    assert_eq!(Plan::parse(text.as_bytes()).unwrap(), plan);
    let pretty = serde_json::to_string_pretty(&plan.to_json()).unwrap();
    assert_eq!(Plan::parse(pretty.as_bytes()).unwrap(), plan);
    assert_eq!(plan.to_json()["steps"][0]["kind"], "dns-update");
    assert_eq!(plan.to_json()["steps"][0]["changes"][0]["before"], json!({"ttl": 60, "values": ["192.0.2.11"]}));
    assert_eq!(plan.to_json()["rules"][0]["override"], json!(null));
}

/// Every scalar of a JSON value, changed one at a time.
fn mutations(value: &serde_json::Value) -> Vec<serde_json::Value> {
    use serde_json::Value;
    match value {
        Value::Null => vec![json!("x")],
        Value::Bool(b) => vec![json!(!b)],
        Value::Number(n) => vec![json!(n.as_u64().unwrap() + 1)],
        Value::String(s) => vec![json!(format!("{s}x")), json!(s.replacen('2', "3", 1))],
        Value::Array(items) => {
            let inside = items.iter().enumerate().flat_map(|(i, item)| {
                mutations(item).into_iter().map(move |changed| {
                    let mut copy = items.clone();
                    copy[i] = changed;
                    Value::Array(copy)
                })
            });
            let shorter = (0..items.len()).map(|i| {
                let mut copy = items.clone();
                copy.remove(i);
                Value::Array(copy)
            });
            inside.chain(shorter).collect()
        }
        Value::Object(map) => {
            let inside = map.iter().flat_map(|(key, item)| {
                mutations(item).into_iter().map(move |changed| {
                    let mut copy = map.clone();
                    copy.insert(key.clone(), changed);
                    Value::Object(copy)
                })
            });
            let mut more = map.clone();
            more.insert("unknown".into(), json!(1));
            inside.chain([Value::Object(more)]).collect()
        }
    }
}

#[test]
fn no_change_to_any_value_goes_unnoticed() {
    let original = Plan::seal(content()).to_json();
    let changed = mutations(&original);
    assert!(changed.len() > 100);
    for value in changed.into_iter().filter(|value| *value != original) {
        assert!(Plan::parse(value.to_string().as_bytes()).is_err(), "{value}");
    }
}

#[test]
fn every_refusal_says_what_is_wrong() {
    let mut json = Plan::seal(content()).to_json();
    json["version"] = json!(2);
    assert!(matches!(Plan::parse(json.to_string().as_bytes()), Err(PlanError::Version(_))));
    json["version"] = json!(1);
    json["later"] = json!(true);
    assert_eq!(Plan::parse(json.to_string().as_bytes()), Err(PlanError::Foreign));
    json["steps"][0]["owner"] = json!("nobody");
    assert!(matches!(Plan::parse(json.to_string().as_bytes()), Err(PlanError::Hash { .. })));
    assert!(matches!(Plan::parse(b"{}"), Err(PlanError::Shape(_))));
    assert!(matches!(Plan::parse(b"\x1b]0;x"), Err(PlanError::Shape(_))));
}

#[test]
fn the_phrase_is_the_site_that_is_left_and_four_characters_of_the_hash() {
    let plan = Plan::seal(content());
    assert_eq!(plan.confirm(), format!("Tukwila-{}", &plan.hash()[..4]));
    assert!(plan.is_confirmed_by(&plan.confirm()));
    assert!(plan.is_confirmed_by(&format!(" Tukwila-{} ", plan.hash()[..4].to_uppercase())));
    for wrong in ["", "é", "Tukwila-", "tukwila-0000", &format!("Dublin-{}", &plan.hash()[..4]), &plan.hash()[..4]] {
        assert!(!plan.is_confirmed_by(wrong), "{wrong}");
    }
}

#[test]
fn a_renewed_plan_has_another_hash_and_the_same_actions() {
    let plan = Plan::seal(content());
    let later = plan.created + GOOD_FOR;
    assert!(plan.is_expired(later) && !plan.is_expired(plan.created));
    let renewed =
        Plan::seal(Content { created: later, expires: later + GOOD_FOR, id: RunId::new(later, 7), ..content() });
    assert_ne!(renewed.hash(), plan.hash());
    assert_eq!(renewed.actions_hash(), plan.actions_hash());
    assert!(renewed.renews(&plan));
    let mut worse = content();
    worse.rules[0].outcome = Verdict::Block;
    assert!(!Plan::seal(worse.clone()).renews(&plan) && plan.renews(&Plan::seal(worse)));
    let mut other = content();
    other.steps[0].deadline_seconds += 1;
    assert!(!Plan::seal(other.clone()).renews(&plan));
    assert_ne!(Plan::seal(other).actions_hash(), plan.actions_hash());
}

#[test]
fn the_act_of_an_update_carries_both_markers_as_prerequisites_and_writes_its_own() {
    let update = update();
    let act = update.act(Some("old"), "new");
    assert_eq!(act.records, update.changes);
    let texts = |m: &crate::domain::act::MarkerChange| (m.before.clone(), m.after.clone());
    assert_eq!(
        act.markers.iter().map(texts).collect::<Vec<_>>(),
        [(Some("old".into()), Some("new".into())), (None, None)]
    );
    assert_eq!(inverse(&inverse(&update.changes[0])), update.changes[0]);
    assert_eq!(RecordSet::before(&update.changes[0]).values, set(11).values);
}
