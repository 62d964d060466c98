//! Acknowledgements and maintenance windows: what they mute, what they never mute, and the same answer in `check`.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![expect(clippy::panic, reason = "a test says what is wrong with its topology")]

mod run_support;

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use run_support::live::{Live, answer, bounded};
use serde_json::Value;
use switchboard::config;
use switchboard::demo::Design;
use switchboard::domain::attention::{Acknowledgement, Attention, Said, Scope, Window};
use switchboard::domain::clean::Clean;
use switchboard::domain::finding::{Finding, Severity};
use switchboard::domain::name::{Fqdn, SiteName};
use switchboard::domain::topology::Topology;
use switchboard::runtime::Memory;

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
}

fn finding(id: &'static str, subject: &str, severity: Severity, since: i64) -> Finding {
    Finding {
        id,
        severity,
        subject: subject.to_owned(),
        since: at(since),
        message: String::new(),
        evidence: String::new(),
        advice: "",
    }
}

fn topology() -> Topology {
    config::load_text(TOPOLOGY, Path::new("test.toml"), &|_| {
        Some("aGlkZGVuIGhpZGRlbiBoaWRkZW4gaGlkZGVuIGhpZGQ=".to_owned())
    })
    .unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn known(severity: Severity, since: i64, said: i64) -> Attention {
    let mut attention = Attention::default();
    attention.hear(Said::Acknowledge(Acknowledgement {
        id: "server-down".into(),
        subject: "um1.tukwila.contoso.com".into(),
        severity,
        since: at(since),
        by: Clean::new("ana@jump1"),
        at: at(said),
        reason: Clean::new("INC-4711"),
    }));
    attention
}

fn asks(attention: &Attention, finding: &Finding, now: i64) -> bool {
    attention.muted(&topology(), finding, at(now)).is_none()
}

#[test]
fn an_acknowledgement_is_for_one_finding_no_worse_and_not_for_its_return() {
    let attention = known(Severity::Warning, 10, 12);
    let down = |severity, since| finding("server-down", "um1.tukwila.contoso.com", severity, since);
    assert!(!asks(&attention, &down(Severity::Warning, 10), 20));
    assert!(!asks(&attention, &down(Severity::Info, 10), 20), "it got better");
    assert!(!asks(&attention, &down(Severity::Warning, 11), 20), "another console noticed it a minute later");
    assert!(asks(&attention, &down(Severity::Critical, 10), 20), "it got worse");
    assert!(asks(&attention, &down(Severity::Warning, 15), 20), "it had ended, and came again");
    assert!(asks(&attention, &finding("cert-expired", "um1.tukwila.contoso.com", Severity::Warning, 10), 20));
    assert!(asks(&attention, &finding("server-down", "um3.dublin.contoso.com", Severity::Warning, 10), 20));
}

#[test]
fn the_same_finding_has_one_acknowledgement_and_none_after_it_was_recalled() {
    let mut attention = known(Severity::Warning, 10, 12);
    attention.hear(Said::Acknowledge(known(Severity::Critical, 10, 14).acknowledged.remove(0)));
    assert_eq!(attention.acknowledged.len(), 1);
    assert!(!asks(&attention, &finding("server-down", "um1.tukwila.contoso.com", Severity::Critical, 10), 20));
    attention.hear(Said::Recall { id: "server-down".into(), subject: "um1.tukwila.contoso.com".into() });
    assert!(asks(&attention, &finding("server-down", "um1.tukwila.contoso.com", Severity::Critical, 10), 20));
}

fn window(scope: Scope, from: i64, until: i64) -> Window {
    Window { scope, from: at(from), until: at(until), by: Clean::new("ana@jump1"), reason: Clean::new("patches") }
}

#[test]
fn a_window_covers_its_site_and_what_work_brings_about_and_ends_by_itself() {
    let mut attention = Attention::default();
    attention.hear(Said::Open(window(Scope::Site(SiteName::new("Tukwila")), 10, 20)));
    let of = |id, subject: &str| finding(id, subject, Severity::Critical, 11);
    assert!(!asks(&attention, &of("server-down", "um1.tukwila.contoso.com"), 15));
    assert!(asks(&attention, &of("server-down", "um1.tukwila.contoso.com"), 9), "it has not begun");
    assert!(asks(&attention, &of("server-down", "um1.tukwila.contoso.com"), 20), "it is over");
    assert!(asks(&attention, &of("server-down", "um3.dublin.contoso.com"), 15), "that is the other site");
    for unexpected in ["cert-expired", "name-foreign", "no-server-in-service"] {
        assert!(asks(&attention, &of(unexpected, "um1.tukwila.contoso.com"), 15), "{unexpected}");
    }
}

#[test]
fn a_window_is_replaced_by_a_new_one_and_ends_early_when_somebody_says_so() {
    let host = || Scope::Host(Fqdn::parse("um1.tukwila.contoso.com").unwrap());
    let mut attention = Attention::default();
    attention.hear(Said::Open(window(host(), 10, 20)));
    attention.hear(Said::Open(window(host(), 12, 40)));
    assert_eq!(attention.windows.len(), 1);
    assert_eq!(attention.windows[0].left(at(30)), Some(Duration::from_secs(600)));
    let down = finding("server-down", "um1.tukwila.contoso.com", Severity::Critical, 11);
    assert!(!asks(&attention, &down, 30));
    attention.hear(Said::End(host()));
    assert!(asks(&attention, &down, 30));
}

#[test]
fn windows_that_are_over_are_forgotten_with_the_next_one() {
    let mut attention = Attention::default();
    attention.hear(Said::Open(window(Scope::Site(SiteName::new("Tukwila")), 10, 20)));
    attention.hear(Said::Open(window(Scope::Site(SiteName::new("Dublin")), 15, 40)));
    assert_eq!(attention.windows.len(), 2);
    attention.hear(Said::Open(window(Scope::Host(Fqdn::parse("um1.tukwila.contoso.com").unwrap()), 25, 40)));
    assert_eq!(attention.windows.len(), 2, "{:?}", attention.windows);
}

async fn check(live: &Live) -> (i32, Value) {
    answer(&bounded(live.command(live.state(), &["check", "--json"])).await)
}

fn findings(checked: &Value) -> Vec<(&str, &Value)> {
    checked["findings"].as_array().unwrap().iter().map(|f| (f["id"].as_str().unwrap(), f)).collect()
}

/// `check` says what the console says: counted apart, in its place, with who and why; the exit code is of what is left.
#[tokio::test(flavor = "multi_thread")]
async fn check_counts_what_is_known_and_expected_apart() {
    let live = Live::start(Design::Dns).await;
    let memory = Memory::of(live.state(), &live.topology.console.name);
    live.demo.faults().on("um1", "stop").await.unwrap();
    let (code, first) = check(&live).await;
    assert_eq!((code, first["status"].as_str()), (2, Some("critical")), "{first:#}");
    assert!(findings(&first).iter().all(|(_, finding)| finding["muted"].is_null()), "{first:#}");

    let now = live.clock.now();
    memory
        .hear(Said::Open(Window {
            scope: Scope::Site(SiteName::new("Tukwila")),
            from: now,
            until: now + SignedDuration::from_hours(1),
            by: Clean::new("ana@jump1"),
            reason: Clean::new("cumulative update"),
        }))
        .unwrap();
    for (id, finding) in findings(&check(&live).await.1) {
        let muted = &finding["muted"];
        if id == "server-down" {
            assert_eq!((muted["why"].as_str(), muted["by"].as_str()), (Some("maintenance"), Some("ana@jump1")));
        }
    }
    let open = |(id, finding): &(&str, &Value)| finding["muted"].is_null().then(|| (*id).to_owned());
    let (code, during) = check(&live).await;
    let left: Vec<String> = findings(&during).iter().filter_map(open).collect();
    let critical = findings(&during).iter().any(|(_, f)| f["muted"].is_null() && f["severity"] == "critical");
    assert!(!left.contains(&"server-down".to_owned()) && !critical && code < 2, "{code} {left:?}");

    for (id, finding) in findings(&during) {
        let since: Timestamp = finding["since"].as_str().unwrap().parse().unwrap();
        memory
            .hear(Said::Acknowledge(Acknowledgement {
                id: id.to_owned(),
                subject: finding["subject"].as_str().unwrap().to_owned(),
                severity: Severity::Critical,
                since,
                by: Clean::new("ana@jump1"),
                at: live.clock.now(),
                reason: Clean::new("INC-4711"),
            }))
            .unwrap();
    }
    let text = bounded(live.command(live.state(), &["check"])).await;
    let said = String::from_utf8(text.stdout).unwrap();
    assert_eq!(text.status.code(), Some(0), "{said}");
    assert!(said.starts_with("SWITCHBOARD OK: ") && said.contains(" known") && !said.contains("Needs attention"));
    assert!(said.contains("known to ana@jump1") && said.contains("INC-4711"), "{said}");

    live.demo.faults().heal_all().await.unwrap();
    live.demo.faults().on("um3", "stop").await.unwrap();
    let (code, other) = check(&live).await;
    assert_eq!(code, 2, "that one nobody knows of: {other:#}");
}

/// A file that cannot be read mutes nothing, and is told.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_and_cannot_be_read_mutes_nothing() {
    let live = Live::start(Design::Dns).await;
    live.demo.faults().on("um1", "stop").await.unwrap();
    let dir = live.state().join("attention");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join(format!("{}.json", live.topology.console.name)), b"{\"windows\":[").unwrap();
    let output = bounded(live.command(live.state(), &["check"])).await;
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("what operators said of findings is not known") && told.contains(".json"), "{told}");
}

const TOPOLOGY: &str = include_str!("plan/topology.toml");
