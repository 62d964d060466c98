//! What a topology file declares besides servers is judged by: through the real program, on the live demo.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod run_support;

use run_support::live::{Live, answer};
use serde_json::Value;
use switchboard::demo::Design;
use switchboard::domain::name::Fqdn;

/// A demo whose topology file says more than it usually does.
async fn declared(edits: &[(&str, &str)]) -> Live {
    let live = Live::start(Design::Dns).await;
    let file = live.demo.topology_file();
    let mut text = std::fs::read_to_string(&file).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{from:?} is not in the file");
        text = text.replace(from, to);
    }
    std::fs::write(&file, text).unwrap();
    live
}

async fn plan(live: &Live, more: &[&str]) -> (i32, Value) {
    answer(&live.switchboard(&[&["plan", "--json", "--from", "Tukwila"], more].concat()).await)
}

/// What a rule says of each subject: outcome and measurement.
fn says(plan: &Value, rule: &str) -> Vec<String> {
    let of = plan["rules"].as_array().unwrap().iter().filter(|outcome| outcome["id"] == rule);
    of.map(|said| format!("{} {}", said["outcome"].as_str().unwrap(), said["measured"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_wants_a_reason_and_gateways_mailboxes_and_peaks_are_checked() {
    let live = declared(&[
        ("[[forest]]", "[[freeze]]\nsites = [\"Tukwila\"]\nfrom = 2020-01-01T00:00:00Z\nuntil = 2100-01-01T00:00:00Z\nreason = \"year-end closing\"\n\n[[forest]]"),
        ("auto_attendants = [\"+14255550101\"]", "auto_attendants = [\"+14255550101\"]\ngateways = [\"fe01.contoso.com\"]"),
        ("auto_attendants = [\"+14255550111\"]", "auto_attendants = [\"+14255550111\"]\ngateways = []"),
        ("name = \"Dublin\"\nforest", "name = \"Dublin\"\ndelivers_for = [\"Dublin\"]\nforest"),
        ("address = \"192.0.2.11\"", "address = \"192.0.2.11\"\npeak_calls = 40"),
        ("address = \"192.0.2.23\"", "address = \"192.0.2.23\"\npeak_calls = 61\nmax_calls = 100"),
    ])
    .await;
    let (code, judged) = plan(&live, &[]).await;
    assert_eq!(code, 1);
    assert_eq!(says(&judged, "freeze"), ["reason no changes: year-end closing (until 2100-01-01T00:00:00Z)"]);
    let gateways = ["pass every pool and its backup is a gateway", "block no enabled gateway: fe01.contoso.com"];
    assert_eq!(says(&judged, "gateway"), gateways);
    let mailboxes = "reason Dublin cannot deliver messages to the mailboxes: callers may leave some that nobody gets";
    assert_eq!(says(&judged, "mailboxes-there"), [mailboxes]);
    assert_eq!(says(&judged, "capacity")[0], "reason 101 calls, capacity 100");
    // Without any of them nothing is passed: it is not checked, and says so.
    let bare = Live::start(Design::Dns).await;
    let (code, judged) = plan(&bare, &[]).await;
    assert_eq!(code, 0);
    for rule in ["freeze", "gateway", "mailboxes-there", "capacity", "second-person"] {
        assert!(says(&judged, rule).iter().all(|said| said.starts_with("not-checked ")), "{:?}", says(&judged, rule));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_names_that_lead_to_the_site_that_is_left_are_named() {
    let names = "other_names = [\"voicemail.contoso.com\", \"_sip._tls.contoso.com\", \"um.contoso.com\", \"gone.contoso.com\"]";
    let live = declared(&[("backend = \"dns\"\n", &format!("backend = \"dns\"\n{names}\n"))]).await;
    let name = |text: &str| Fqdn::parse(text).unwrap();
    let fine = |said: Vec<String>| said.iter().all(|said| said.starts_with("pass "));
    live.demo.faults().primary().edit(|zone| {
        // These follow the names that move.
        zone.add_service(&name("_sip._tls.contoso.com"), 60, 5061, &name("um1.tukwila.contoso.com"));
        zone.add_alias(&name("um.contoso.com"), 60, &name("um2.tukwila.contoso.com"));
        zone.add_address(&name("voicemail.contoso.com"), 60, [192, 0, 2, 24].into());
    });
    let (code, judged) = plan(&live, &[]).await;
    assert!(code == 0 && fine(says(&judged, "aaaa-too")), "{:?}", says(&judged, "aaaa-too"));
    live.demo.faults().primary().edit(|zone| {
        zone.add_address(&name("voicemail.contoso.com"), 60, [192, 0, 2, 11].into());
        zone.add_address(&name("tuk-exch-02.contoso.com"), 60, [192, 0, 2, 12].into());
        zone.add_service(&name("_sip._tls.contoso.com"), 60, 5061, &name("tuk-exch-02.contoso.com"));
    });
    let (code, judged) = plan(&live, &[]).await;
    let said = says(&judged, "aaaa-too").pop().unwrap();
    assert_eq!(code, 1);
    assert!(said.starts_with("reason still leading there: "), "{said}");
    for lead in [
        "voicemail.contoso.com address (192.0.2.24 192.0.2.11)",
        "_sip._tls.contoso.com SRV to tuk-exch-02.contoso.com (192.0.2.12)",
    ] {
        assert!(said.contains(lead), "{said}");
    }
    assert!(!said.contains("um1.tukwila") && !said.contains("um.contoso.com"), "{said}");
    let (code, home) = plan(&live, &["--server", "um1", "--override=aaaa-too=INC-7: voicemail is moved by hand"]).await;
    assert_eq!(code, 0, "{home:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lowered_ttl_counts_once_the_old_one_is_over() {
    let live = declared(&[("ttl = \"1s\"", "ttl = \"20m\"")]).await;
    let book = live.state().join("ttls").join("contoso.com.json");
    answer(&live.switchboard(&["check", "--json"]).await);
    assert!(book.exists(), "a round of probes has seen it");
    let (code, judged) = plan(&live, &[]).await;
    let said = &says(&judged, "ttl")[0];
    assert!(code == 1 && said.starts_with("reason lowered to 1 s only "), "{said}");
    // Twenty minutes later.
    let mut seen: Value = serde_json::from_slice(&std::fs::read(&book).unwrap()).unwrap();
    for served in seen.as_object_mut().unwrap().values_mut() {
        let since: jiff::Timestamp = served["since"].as_str().unwrap().parse().unwrap();
        served["since"] = (since - std::time::Duration::from_secs(1200)).to_string().into();
    }
    std::fs::write(&book, seen.to_string()).unwrap();
    let (code, judged) = plan(&live, &[]).await;
    let said = &says(&judged, "ttl")[0];
    assert!(code == 0 && said.starts_with("pass TTL 1 s, lowered from 1200 s 12"), "{said}");
}
