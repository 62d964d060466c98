//! Every rule: its pass, each of its failures in both modes, its cannot-tell; and that none of them can be missed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use switchboard::domain::server::Service;
use switchboard::failover::plan::{RuleOutcome, Verdict};
use switchboard::failover::rules::{Facts, Grade, Input, OverrideError, RULES, give_reasons, is_answered_for, judge};

use crate::fixture::*;
use crate::world::World;

const DATA: &str = include_str!("rules.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    pass: Vec<Case>,
    fail: Vec<Case>,
    cannot_tell: CannotTell,
    /// A case where nothing is configured to judge it by.
    not_checked: Option<Case>,
    /// A design to whose plans it does not apply.
    absent: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum CannotTell {
    Case(Case),
    /// Why it always can.
    Never(String),
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Case {
    on: Option<String>,
    with: Vec<String>,
    planned: Option<String>,
    emergency: Option<String>,
    /// Whether other subjects may be not checked.
    some: bool,
}

fn data() -> BTreeMap<String, Entry> {
    toml::from_str(DATA).unwrap()
}

/// The worst that a rule says of any subject; `absent` when it says nothing.
fn worst(outcomes: &[RuleOutcome], id: &str) -> String {
    let of = outcomes.iter().filter(|outcome| outcome.id == id);
    of.max_by_key(|outcome| outcome.outcome).map_or("absent", |outcome| outcome.outcome.word()).to_owned()
}

fn judged(case: &Case, emergency: bool, skip: Option<&str>) -> Vec<RuleOutcome> {
    let world = World::new(case.on.as_deref().unwrap_or("dns"), emergency, &case.with);
    world.judge(&case.with, |rule| Some(rule.id) != skip)
}

/// Checks every expectation about one rule; gives those that do not hold.
fn broken(id: &str, entry: &Entry, skip: Option<&str>) -> Vec<String> {
    let mut broken = Vec::new();
    let mut expect = |case: &Case, emergency: bool, wanted: &str| {
        let outcomes = judged(case, emergency, skip);
        let found = worst(&outcomes, id);
        if found != wanted {
            let told: Vec<&RuleOutcome> = outcomes.iter().filter(|outcome| outcome.id == id).collect();
            broken.push(format!("{id} {case:?} emergency={emergency}: wanted {wanted}, found {found}: {told:#?}"));
        }
    };
    for case in &entry.pass {
        let good = if case.some { "not-checked" } else { "pass" };
        for emergency in [false, true] {
            let said = if emergency { &case.emergency } else { &case.planned };
            // A pass may be one that is not checked for another subject, which is the worse word.
            expect(case, emergency, said.as_deref().unwrap_or(good));
        }
    }
    let cannot_tell = match &entry.cannot_tell {
        CannotTell::Case(case) => Some(case),
        CannotTell::Never(why) => {
            assert!(why.starts_with("never: "));
            None
        }
    };
    for case in entry.fail.iter().chain(cannot_tell) {
        expect(case, false, case.planned.as_deref().unwrap());
        expect(case, true, case.emergency.as_deref().unwrap());
    }
    if let Some(case) = &entry.not_checked {
        expect(case, false, "not-checked");
        expect(case, true, "not-checked");
    }
    if let Some(design) = &entry.absent {
        expect(&Case { on: Some(design.clone()), ..Case::default() }, false, "absent");
    }
    broken
}

#[test]
fn each_rule_passes_fails_and_cannot_tell_as_the_table_says() {
    let broken: Vec<String> = data().iter().flat_map(|(id, entry)| broken(id, entry, None)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn disabling_any_one_rule_breaks_an_expectation() {
    for (id, entry) in data() {
        assert!(!broken(&id, &entry, Some(&id)).is_empty(), "nobody would miss {id}");
    }
}

#[test]
fn the_data_names_each_rule_and_each_of_its_cases_once() {
    let data = data();
    let known: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(known.len(), RULES.len());
    assert_eq!(known, data.keys().map(String::as_str).collect());
    assert_eq!(RULES.len(), 46);
    let word = |grade: Grade| match grade {
        Grade::Nothing => "absent",
        Grade::Warn => "warn",
        Grade::Reason => "reason",
        Grade::Block => "block",
    };
    for rule in RULES {
        for case in rule.cases {
            let wanted = (word(case.planned), word(case.emergency));
            let shown = data[rule.id].fail.iter().any(|fail| {
                let found = (fail.planned.as_deref().unwrap(), fail.emergency.as_deref().unwrap());
                found == wanted || (rule.id == "source-needs-it" && found.1 == wanted.1)
            });
            assert!(shown, "{}: nothing shows {:?} {wanted:?}", rule.id, case.when);
        }
        let texts = [rule.guards, rule.words, rule.taught_by, rule.who];
        assert!(texts.iter().all(|text| text.len() > 8), "{}", rule.id);
    }
}

/// The specification's own table, so that a severity cannot drift together with its test.
#[test]
fn severities_are_those_of_the_specification() {
    let table = "\
scope BB|zone-right BB|one-run BB|base-unchanged BB|journal-durable BB|never-emptier BB|marker-current BB|marker-absent RW BR BR|\
marker-free BR|fence RW|target-not-down BB BR|target-known BR|target-in-service BR|target-at-home BR|\
standby-answers-as-name BR WW RW|service-behind-router BR|cert-covers BR|cert-subject RW|cert-valid BR RW WW|cert-trusted BR WW|\
gateway BR|member BR|same-major BR WW|two-in-service RW|capacity RW|mailboxes-there RW|name-is-host RW|not-by-moved-name BB|\
re-registers RW|ageing RW|ttl RW|key-works BR|clock BB WW|aaaa-too RW|whole-server BB|no-calls RW|before-horizon RW|\
source-needs-it RR RR|seen-elsewhere -R|console-not-isolated BR|console-in-source WR|outlives-login RW|caller-alive WW|\
hold-down RW|freeze RW|second-person BR";
    let letter = |grade: Grade| match grade {
        Grade::Nothing => '-',
        Grade::Warn => 'W',
        Grade::Reason => 'R',
        Grade::Block => 'B',
    };
    let ours: Vec<String> = RULES
        .iter()
        .map(|rule| {
            let cases = rule.cases.iter().map(|case| format!(" {}{}", letter(case.planned), letter(case.emergency)));
            format!("{}{}", rule.id, cases.collect::<String>())
        })
        .collect();
    assert_eq!(ours.join("|"), table);
}

#[test]
fn in_good_health_nothing_stands_in_the_way() {
    for design in ["dns", "enabling"] {
        let outcomes = World::new(design, false, &[]).judge(&[], |_| true);
        let told: Vec<&str> = outcomes.iter().filter(|o| o.stands_in_the_way()).map(|o| o.id.as_str()).collect();
        let expected: &[&str] = if design == "dns" { &[] } else { &["fence"] };
        assert_eq!(told, expected);
    }
}

#[test]
fn what_nobody_knows_is_never_a_pass() {
    let topology = by_dns();
    let picture = picture(&topology);
    let content = plan(&topology, &picture, &seen(&topology), &over("Tukwila")).unwrap();
    let facts = Facts::default();
    let outcomes = judge(&Input { topology: &topology, plan: &content, picture: &picture, facts: &facts });
    for id in [
        "zone-right",
        "one-run",
        "base-unchanged",
        "journal-durable",
        "marker-current",
        "marker-free",
        "standby-answers-as-name",
    ] {
        assert_eq!(worst(&outcomes, id), "block", "{id}");
    }
    for id in ["freeze", "gateway", "second-person", "outlives-login", "key-works"] {
        assert_eq!(worst(&outcomes, id), "not-checked", "{id}");
    }
}

#[test]
fn silence_is_excused_only_where_the_rehearsal_heard_it_and_somebody_answers_for_it() {
    let excused = |heard: &str, emergency: bool, given: bool| {
        let words = [format!("fact rehearsal um3 {heard}"), "fact rehearsal um4 200".to_owned()];
        let mut outcomes = World::new("dns", emergency, &words).judge(&words, |_| true);
        if given {
            give_reasons(&mut outcomes, &reasons(&[("standby-answers-as-name", "INC-4711: we know")])).unwrap();
        }
        let of = |host: &str, service| outcomes.iter().any(|outcome| is_answered_for(outcome, &name(host), service));
        assert!(!of(UM4, Service::Um) && !of(UM3, Service::CallRouter) && !of("um.dublin.contoso.com", Service::Um));
        of(UM3, Service::Um)
    };
    for unheard in ["silent", "legacy"] {
        assert!(!excused(unheard, false, false) && excused(unheard, false, true) && excused(unheard, true, false));
    }
    for other in ["200", "403", "missing"] {
        assert!(!excused(other, false, false) && !excused(other, true, false), "{other}");
    }
    assert!(!excused("500", true, true));
}

fn reasons(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(id, reason)| ((*id).to_owned(), (*reason).to_owned())).collect()
}

#[test]
fn a_reason_is_given_by_the_rules_name_and_never_to_a_block() {
    let words = ["record um1 ttl 1200".to_owned(), "fact journal fails".to_owned()];
    let mut outcomes = World::new("dns", false, &words).judge(&words, |_| true);
    let find =
        |outcomes: &[RuleOutcome], id: &str| outcomes.iter().find(|o| o.id == id && o.outcome > Verdict::Warn).cloned();
    assert!(find(&outcomes, "ttl").unwrap().stands_in_the_way());
    give_reasons(&mut outcomes, &reasons(&[("ttl", "INC-4711: the line is cut at noon")])).unwrap();
    assert!(!find(&outcomes, "ttl").unwrap().stands_in_the_way());
    let blocked = give_reasons(&mut outcomes, &reasons(&[("journal-durable", "INC-4711: never mind")])).unwrap_err();
    assert!(blocked.to_string().contains("cannot be overridden: read-only file system"), "{blocked}");
    let unknown = give_reasons(&mut outcomes, &reasons(&[("force", "INC-4711: because I say so")])).unwrap_err();
    assert!(matches!(unknown, OverrideError::Unknown(_)));
    for empty in ["", "   ", "x", "........", "\u{1b}[31m"] {
        let refused = give_reasons(&mut outcomes, &reasons(&[("ttl", empty)])).unwrap_err();
        assert!(matches!(refused, OverrideError::Empty(_)), "{empty:?}");
    }
    give_reasons(&mut outcomes, &reasons(&[("cert-valid", "INC-4711: it is valid")])).unwrap();
    assert!(outcomes.iter().filter(|o| o.id == "cert-valid").all(|o| o.given.is_none()));
}
