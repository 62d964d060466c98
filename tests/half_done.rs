//! What is half done, dead or gone: each ends in the state, the words and the open items that an operator is promised.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod run_support;

use std::time::Duration;

use run_support::live::{Live, answer};
use serde_json::{Value, json};
use switchboard::demo::Design;
use switchboard::failover::plan::{Content, Plan};

struct Night {
    live: Live,
}

impl Night {
    async fn begin(design: Design) -> Self {
        Self { live: Live::start(design).await }
    }

    async fn fault(&self, subject: &str, fault: &str) {
        self.live.demo.faults().obey(subject, fault).await.unwrap();
    }

    /// The program's JSON and exit code.
    async fn ask(&self, arguments: &[&str]) -> (i32, Value) {
        answer(&self.live.switchboard(arguments).await)
    }

    async fn plan(&self, arguments: &[&str]) -> (i32, Value) {
        let file = self.file();
        self.ask(&[&["plan", "--json", "--out", &file][..], arguments].concat()).await
    }

    fn file(&self) -> String {
        self.live.demo.dir().join("plan.json").to_str().unwrap().to_owned()
    }

    /// Plans, gives these reasons and no others, confirms, follows.
    async fn failover(&self, arguments: &[&str], rules: &[&str]) -> (i32, Value) {
        let reasons: Vec<String> =
            rules.iter().map(|rule| format!("--override={rule}=INC-42: no power at all")).collect();
        let (code, plan) =
            self.plan(&[arguments, &reasons.iter().map(String::as_str).collect::<Vec<_>>()].concat()).await;
        assert_eq!(code, 0, "{:#?}", in_the_way(&plan));
        let given = plan["rules"].as_array().unwrap().iter().filter(|rule| !rule["override"].is_null());
        let given: std::collections::BTreeSet<&str> = given.map(|rule| rule["id"].as_str().unwrap()).collect();
        // The word that a site is down is evidence, and no rule that is passed over.
        assert_eq!(given, rules.iter().copied().filter(|rule| *rule != "seen-elsewhere").collect());
        self.confirm(&plan).await
    }

    async fn confirm(&self, plan: &Value) -> (i32, Value) {
        self.ask(&["failover", "--json", "--plan", &self.file(), "--confirm", plan["confirm"].as_str().unwrap()]).await
    }

    /// Where each name is and in which state each server, um1 to um4.
    async fn servers(&self) -> Vec<String> {
        let (_, check) = self.ask(&["check", "--json"]).await;
        let sites = check["sites"].as_array().unwrap().iter();
        let servers = sites.flat_map(|site| site["servers"].as_array().unwrap());
        servers
            .map(|server| format!("{} {}", server["place"].as_str().unwrap(), server["state"].as_str().unwrap_or("?")))
            .collect()
    }
}

fn in_the_way(plan: &Value) -> Vec<String> {
    let Some(rules) = plan["rules"].as_array() else { return vec![plan.to_string()] };
    let loud = rules
        .iter()
        .filter(|rule| rule["outcome"] == "block" || (rule["outcome"] == "reason" && rule["override"].is_null()));
    loud.map(|rule| format!("{} {} {}: {}", rule["outcome"], rule["id"], rule["subject"], rule["measured"])).collect()
}

/// What is left to do, as `id subject`.
fn items(run: &Value) -> Vec<String> {
    let item = |item: &Value| format!("{} {}", item["id"].as_str().unwrap(), item["subject"].as_str().unwrap());
    run["open_items"].as_array().unwrap().iter().map(item).collect()
}

fn state(run: &Value) -> (&str, Option<&str>) {
    (run["state"].as_str().unwrap_or_default(), run["why"].as_str())
}

const UM2: &str = "um2.tukwila.contoso.com";
const HOME: [&str; 4] = ["home Enabled", "home Enabled", "home Enabled", "home Enabled"];
const EMERGENCY: [&str; 4] = ["--from", "Tukwila", "--mode", "emergency"];

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_dark_with_its_name_server_is_left_by_dns_and_what_could_not_be_asked_is_named() {
    let night = Night::begin(Design::Dns).await;
    night.fault("Tukwila", "dark").await;
    let (code, plan) = night.plan(&EMERGENCY).await;
    assert_eq!((code, in_the_way(&plan).len()), (1, 1), "{:#?}", in_the_way(&plan));
    assert!(in_the_way(&plan)[0].contains("seen-elsewhere"), "a dark site may be a cut line: somebody has to say so");
    let (code, run) = night.failover(&EMERGENCY, &["seen-elsewhere"]).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    assert_eq!(night.servers().await, ["moved Enabled", "moved Enabled", "home Enabled", "home Enabled"]);
    let (um1, item) = ("re-registration um1.tukwila.contoso.com", "re-registration um2.tukwila.contoso.com");
    assert_eq!(items(&run), [um1, item, "away Tukwila", "excused authoritative", "not-proven-by-a-call call"]);
    let says = run["open_items"][3]["says"].as_str().unwrap();
    assert!(says.contains("192.0.2.54:53 does not answer") && !says.contains("192.0.2.53"), "{says}");
    let said = "Tukwila to Dublin: 2 of 2 names moved, run completed, 5 things left to do";
    assert_eq!(run["say"], said);
    let id = run["run"].as_str().unwrap();
    let (code, run) = night.ask(&["runs", "--json", "confirm", id]).await;
    assert_eq!(
        (code, items(&run)),
        (0, vec![um1.into(), item.into(), "away Tukwila".into(), "excused authoritative".into()])
    );
    // The site comes back: the way home is a plan like any other, and the leftovers are closed by whoever has done them.
    night.fault("Tukwila", "heal").await;
    let (code, run) =
        night.ask(&["runs", "--json", "close", id, "--reason", "registration is off, ns2 has caught up"]).await;
    assert_eq!((code, items(&run).len()), (0, 0), "{run:#}");
    let (code, run) = night.failover(&["--from", "Tukwila", "--back"], &[]).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    assert_eq!(night.servers().await, HOME);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dark_site_is_left_by_enabling_the_standby_and_takes_its_state_when_it_returns() {
    let night = Night::begin(Design::EnableDisable).await;
    night.fault("Tukwila", "dark").await;
    let (code, run) = night.failover(&EMERGENCY, &["seen-elsewhere"]).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    assert_eq!(night.servers().await, ["home Disabled", "home Disabled", "home Enabled", "home Enabled"]);
    let dead = ["takes-state-on-return um1.tukwila.contoso.com", "takes-state-on-return um2.tukwila.contoso.com"];
    assert_eq!(items(&run), [dead[0], dead[1], "not-proven-by-a-call call"]);
    let steps: Vec<&str> = run["changed"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert!(steps.iter().all(|line| !line.starts_with("drain")), "a dead server is not drained: {steps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_standby_drops_its_pair_which_is_left_out_or_mapped() {
    let night = Night::begin(Design::Dns).await;
    night.fault("um4", "stop").await;
    let (code, plan) = night.plan(&["--from", "Tukwila"]).await;
    let told = in_the_way(&plan).into_iter().find(|line| line.contains("target-not-down")).unwrap();
    assert_eq!(code, 1);
    assert!(told.contains(&format!("--leave-out {UM2}")) && told.contains(&format!("--map {UM2}=FQDN")), "{told}");
    let (code, run) = night.failover(&["--from", "Tukwila", "--leave-out", "um2"], &[]).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    assert_eq!(night.servers().await[..2], ["moved Enabled", "home Enabled"]);
    let (code, plan) = night.plan(&["--from", "Tukwila", "--map", "um2=um3"]).await;
    assert_eq!(code, 1, "one host for a whole dial plan wants a reason");
    let notes = plan["notes"].to_string();
    assert!(notes.contains("already served by um3") && notes.contains("event 1175"), "{notes}");
    let (code, run) = night.failover(&["--from", "Tukwila", "--map", "um2=um3"], &["two-in-service"]).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    assert_eq!(night.servers().await[..2], ["moved Enabled", "moved Enabled"]);
    let items = items(&run);
    assert!(
        items.contains(&format!("re-registration {UM2}")) && items.contains(&"away Tukwila".to_owned()),
        "{items:?}"
    );
    let (code, run) = night.failover(&["--from", "Tukwila", "--back"], &[]).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    assert_eq!(night.servers().await, HOME);
}

/// Both standbys are to be enabled; um4's state is held by somebody else.
async fn half_enabled() -> (Night, String) {
    let night = Night::begin(Design::EnableDisable).await;
    night.fault("um4", "no-new-calls").await;
    let (code, run) = night.failover(&["--from", "Tukwila"], &["fence"]).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("halted")), "{run:#}");
    let why = run["why"].as_str().unwrap();
    assert_eq!(
        why,
        "whether enable-um4 took effect is not known: um4.dublin.contoso.com is NoNewCalls, 0 calls in progress"
    );
    assert_eq!(run["changed"], json!(["enable-um3: Puts into service um3.dublin.contoso.com."]));
    assert!(run["unknown"][0].as_str().unwrap().starts_with("enable-um4: "), "{run:#}");
    let offers = ["hold", "resume", "resume --without um2.tukwila.contoso.com", "rollback", "abandon"];
    assert_eq!(run["offers"], json!(offers));
    assert_eq!(night.servers().await, ["home Enabled", "home Enabled", "home Enabled", "home NoNewCalls"]);
    let id = run["run"].as_str().unwrap().to_owned();
    (night, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn um3_enabled_and_um4_refusing_goes_on_without_the_pair() {
    let (night, id) = half_enabled().await;
    let (code, run) = night.ask(&["runs", "--json", "resume", &id, "--without", UM2]).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("completed")), "done, and not all of it is known: {run:#}");
    assert_eq!(night.servers().await, ["home Disabled", "home Enabled", "home Enabled", "home NoNewCalls"]);
    let left =
        [format!("left-out {UM2}"), "not-known um4.dublin.contoso.com".into(), "not-proven-by-a-call call".into()];
    assert_eq!(items(&run), left);
}

#[tokio::test(flavor = "multi_thread")]
async fn um3_enabled_and_um4_refusing_is_taken_back() {
    let (night, id) = half_enabled().await;
    let (code, run) = night.ask(&["runs", "--json", "rollback", &id]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("rolled-back")), "{run:#}");
    assert_eq!((&run["changed"], &run["unknown"]), (&json!([]), &json!([])));
    assert_eq!(night.servers().await, ["home Enabled", "home Enabled", "home Disabled", "home Disabled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn um3_enabled_and_um4_refusing_goes_on_when_um4_takes_calls_after_all() {
    let (night, id) = half_enabled().await;
    night.fault("um4", "heal").await;
    let (code, run) = night.ask(&["runs", "--json", "resume", &id]).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    assert_eq!(night.servers().await, ["home Disabled", "home Disabled", "home Enabled", "home Enabled"]);
    assert_eq!(items(&run), ["not-proven-by-a-call call"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_is_enabled_and_still_refuses_calls_stops_the_run_before_anything_is_taken_away() {
    let night = Night::begin(Design::EnableDisable).await;
    night.fault("um4", "503").await;
    let (code, run) = night.failover(&["--from", "Tukwila"], &["fence"]).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("halted")), "{run:#}");
    assert!(run["why"].as_str().unwrap().starts_with("prove: um4 as um4.dublin.contoso.com: 503"), "{run:#}");
    assert_eq!(night.servers().await, HOME, "the standby is enabled, nobody is disabled");
    let id = run["run"].as_str().unwrap();
    let (code, run) =
        night.ask(&["runs", "--json", "abandon", id, "--reason", "INC-42: both sites serve until the morning"]).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("abandoned")), "it has changed something: {run:#}");
    assert_eq!(run["changed"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_marker_is_created_by_the_claim_and_one_that_vanishes_is_nobodys_fence() {
    let night = Night::begin(Design::Dns).await;
    night.fault("marker", "delete").await;
    let (code, plan) = night.plan(&["--from", "Tukwila"]).await;
    assert_eq!(code, 1);
    assert_eq!(in_the_way(&plan).len(), 1, "{:#?}", in_the_way(&plan));
    assert!(in_the_way(&plan)[0].contains("marker-absent"), "{:#?}", in_the_way(&plan));
    // In an emergency it is worth a warning.
    let hurried =
        ["--override=seen-elsewhere=INC-42: I called, no answer", "--override=source-needs-it=INC-42: it burns"];
    let (code, plan) = night.plan(&[&EMERGENCY[..], &hurried].concat()).await;
    assert_eq!(code, 0, "{:#?}", in_the_way(&plan));
    let (code, run) = night.failover(&["--from", "Tukwila"], &["marker-absent"]).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    let (_, shown) = night.ask(&["marker", "show", "--json"]).await;
    assert_eq!((&shown["markers"][0]["state"], &shown["markers"][0]["seq"]), (&json!("free"), &json!(3)));
    // Somebody takes it away between the plan and its confirmation: records are as planned, and nothing is changed.
    let (code, plan) = night.plan(&["--from", "Tukwila", "--back"]).await;
    assert_eq!(code, 0, "{:#?}", in_the_way(&plan));
    let marker = switchboard::domain::name::Fqdn::parse("_switchboard.tukwila.contoso.com").unwrap();
    night.live.demo.faults().primary().delete_marker(&marker);
    let (code, run) = night.confirm(&plan).await;
    assert_eq!((code, run["state"].as_str()), (1, Some("cancelled")), "{run:#}");
    assert!(run["why"].as_str().unwrap().contains("marker"), "{run:#}");
    assert_eq!((&run["changed"], &run["unknown"]), (&json!([]), &json!([])));
    assert_eq!(night.servers().await[..2], ["moved Enabled", "moved Enabled"]);
}

/// The plan of the file, made eleven minutes earlier.
fn let_expire(night: &Night) -> Plan {
    let mut content: Content = (*Plan::parse(&std::fs::read(night.file()).unwrap()).unwrap()).clone();
    let earlier = Duration::from_secs(660);
    (content.created, content.expires) = (content.created - earlier, content.expires - earlier);
    let plan = Plan::seal(content);
    std::fs::write(night.file(), plan.to_json().to_string()).unwrap();
    plan
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_plan_is_renewed_with_its_choices_and_reasons_and_confirmed_anew() {
    let night = Night::begin(Design::EnableDisable).await;
    let fence = "--override=fence=INC-42: there is no other console";
    let (code, _) = night.plan(&["--from", "Tukwila", "--leave-out", "um2", fence]).await;
    assert_eq!(code, 0);
    let expired = let_expire(&night);
    let file = night.file();
    let refused = night.live.switchboard(&["failover", "--plan", &file, "--confirm", &expired.confirm()]).await;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(told.contains("expired at") && told.contains("nothing was changed") && told.contains("--renew"), "{told}");
    let (code, renewed) = night.ask(&["plan", "--json", "--renew", &file, "--out", &file]).await;
    assert_eq!(code, 0, "{:#?}", in_the_way(&renewed));
    let kept = renewed["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "fence").unwrap();
    assert_eq!(kept["override"], "INC-42: there is no other console");
    assert_eq!(renewed["left_out"][0]["server"], UM2);
    assert_ne!(renewed["hash"], expired.hash());
    let old = night.ask(&["failover", "--json", "--plan", &file, "--confirm", &expired.confirm()]).await;
    assert_eq!(old.0, 1, "only the phrase is typed again, and it is another one");
    let (code, run) = night.confirm(&renewed).await;
    assert_eq!((code, state(&run)), (0, ("completed", None)), "{run:#}");
    assert_eq!(night.servers().await, ["home Disabled", "home Enabled", "home Enabled", "home Disabled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_plan_is_not_renewed_when_a_rule_got_worse_or_the_world_moved_on() {
    let night = Night::begin(Design::Dns).await;
    let file = night.file();
    night.plan(&["--from", "Tukwila"]).await;
    let_expire(&night);
    let again = ["plan", "--json", "--renew", &file];
    night.fault("um3", "cert-expired").await;
    let (code, refused) = night.ask(&again).await;
    let why = refused["refused"].as_str().unwrap().to_owned();
    assert!(code == 1 && why.contains("cert-valid") && why.contains("was pass, is block"), "{why}");
    night.fault("um3", "heal").await;
    assert_eq!(night.ask(&again).await.0, 0);
    // Somebody goes over and comes back meanwhile: the records are as they were, the fence is not.
    let expired = std::fs::read(&file).unwrap();
    night.failover(&["--from", "Tukwila", "--server", "um1"], &[]).await;
    night.failover(&["--from", "Tukwila", "--back"], &[]).await;
    std::fs::write(&file, expired).unwrap();
    let (code, refused) = night.ask(&again).await;
    let why = refused["refused"].as_str().unwrap();
    assert!(code == 1 && why.contains("step claim is not what it was"), "{why}");
    let wrong = night.live.switchboard(&["plan", "--renew", &file, "--from", "Tukwila"]).await;
    assert_eq!(wrong.status.code(), Some(3));
}
