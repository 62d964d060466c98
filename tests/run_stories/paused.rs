//! The world moves on while a run is paused: what it relied on is gone, or somebody has put their hand to it.

use super::*;

const CRASH: &str = switchboard::executor::crash::VARIABLE;

/// A run whose executor dies there.
async fn dead_at(live: &Live, place: &str) -> String {
    let plan = live.plan(&Live::request("Tukwila")).await;
    let mut command = live.failover(live.state(), &plan, &[]);
    command.env(CRASH, place);
    run_support::live::bounded(command).await;
    let (_, shown) = live.runs(&["show", plan.id.as_str()]).await;
    assert_eq!(shown["interrupted"], true, "{place} did not kill: {shown:#}");
    plan.id.to_string()
}

/// Resumes it and asks it to hold once it looks at the step in vain.
async fn resumed_and_held(live: &Live, id: &str, step: &str) -> Value {
    let resume = ["resume", id];
    let (resumed, held) = tokio::join!(live.runs(&resume), held_while(live, id, step));
    assert_eq!(held.1["state"], "halted", "{:#}\n{:#}", held.1, resumed.1);
    held.1
}

async fn dublin_dies(live: &Live) {
    for host in ["um3", "um4"] {
        live.demo.faults().on(host, "stop").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_not_moved_to_hosts_that_died_while_the_run_was_paused() {
    let live = Live::start(Design::Dns).await;
    let id = dead_at(&live, "move:before-intent").await;
    dublin_dies(&live).await;
    let held = resumed_and_held(&live, &id, "verify-target").await;
    assert_eq!(held["changed"].as_array().unwrap().len(), 1, "the claim alone: {held:#}");
    assert_eq!(places(&live).await[..2], [Place::Home, Place::Home]);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_are_not_drained_when_those_that_should_serve_died_while_the_run_was_paused() {
    let live = Live::start(Design::EnableDisable).await;
    let id = dead_at(&live, "drain-um1:before-intent").await;
    dublin_dies(&live).await;
    resumed_and_held(&live, &id, "verify-target").await;
    assert_eq!(states(&live).await[..2], [Some(ServiceState::Enabled), Some(ServiceState::Enabled)]);
}

/// A directory counts a dead host as in service; a caller does not.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_server_that_answers_is_not_taken_away_whatever_the_directory_says_of_the_others() {
    let live = Live::start(Design::Dns).await;
    let (picture, seen) = (live.picture().await, live.seen().await);
    let um1 = Fqdn::parse("um1.tukwila.contoso.com").unwrap();
    let (request, making) = (Live::request("Tukwila"), live.making());
    let content = service_plan(&live.topology, &picture, &seen, &um1, Verb::Drain, &request, &making);
    let plan = Plan::seal(content.map_err(|refusal| refusal.to_string()).unwrap());
    for host in ["um2", "um3", "um4"] {
        live.demo.faults().on(host, "stop").await.unwrap();
    }
    let (code, run) = live.carry_out(&plan).await;
    assert_eq!((code, run["state"].as_str()), (1, Some("cancelled")), "{run:#}");
    assert!(run["why"].as_str().unwrap().contains("no server that stays in service"), "{run:#}");
    assert_eq!(states(&live).await[0], Some(ServiceState::Enabled));
}

/// What a person does by hand: the topology file's own command.
async fn by_hand(live: &Live, verb: Verb, server: &str) {
    let Some(Backend::Command(command)) = live.topology.backends.get(&BackendName::new("exchange")) else {
        panic!("no commands")
    };
    let argv = match verb {
        Verb::Enable => &command.enable,
        Verb::Drain => &command.drain,
        Verb::Disable => &command.disable,
    };
    let [program, arguments @ ..] = argv.as_deref().unwrap() else { panic!("no program") };
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let order = serde_json::json!({ "server": server, "run": "by hand" }).to_string();
    child.stdin.take().unwrap().write_all(order.as_bytes()).await.unwrap();
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_a_person_put_back_into_service_is_not_disabled_by_the_run_that_drained_it() {
    let live = Live::start(Design::EnableDisable).await;
    let id = dead_at(&live, "disable-um1:before-intent").await;
    by_hand(&live, Verb::Enable, "um1.tukwila.contoso.com").await;
    for again in 0..2 {
        let (code, run) = live.runs(&["resume", &id]).await;
        assert_eq!((code, run["state"].as_str()), (2, Some("halted")), "{again}: {run:#}");
        let why = run["why"].as_str().unwrap();
        assert!(why.contains("disable-um1") && why.contains("Enabled"), "{why}");
        assert_eq!(states(&live).await[0], Some(ServiceState::Enabled), "{again}");
    }
    by_hand(&live, Verb::Drain, "um1.tukwila.contoso.com").await;
    let (code, run) = live.runs(&["resume", &id]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("completed")), "{run:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_whose_state_changed_after_the_plan_was_made_stops_it_before_anything_is_sent() {
    let live = Live::start(Design::Dns).await;
    let plan = live.plan(&Live::request("Tukwila")).await;
    by_hand(&live, Verb::Drain, "um4.dublin.contoso.com").await;
    let (code, run) = live.carry_out(&plan).await;
    assert_eq!((code, run["state"].as_str()), (1, Some("cancelled")), "{run:#}");
    let why = run["why"].as_str().unwrap();
    assert!(why.contains("um4.dublin.contoso.com was Enabled, is NoNewCalls"), "{why}");
    assert_eq!(run["changed"], serde_json::json!([]));
}

/// What was done to each server, in order.
fn done(live: &Live, id: &str) -> Vec<String> {
    let effects = live.demo.faults().effects();
    let ours = effects.iter().filter(|effect| effect.run == id && effect.applied);
    ours.map(|effect| format!("{:?} {}", effect.verb, effect.server.split('.').next().unwrap()).to_lowercase())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_puts_the_servers_back_first_and_drains_the_standby_before_it_disables_it() {
    let live = Live::start(Design::EnableDisable).await;
    let id = dead_at(&live, "disable-um2:before-intent").await;
    let so_far = done(&live, &id).len();
    let (code, run) = live.runs(&["rollback", &id]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("rolled-back")), "{run:#}");
    let back = ["drain um1", "enable um2", "enable um1", "drain um4", "disable um4", "drain um3", "disable um3"];
    assert_eq!(done(&live, &id)[so_far..], back);
    let looked = |line: &Value| line["step"] == "prove" && line["event"] == "back-passed";
    assert!(run["timeline"].as_array().unwrap().iter().any(looked), "{run:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_to_a_site_that_does_not_answer_keeps_the_standby_whatever_the_reason() {
    let live = Live::start(Design::EnableDisable).await;
    let id = dead_at(&live, "disable-um1:before-intent").await;
    for host in ["um1", "um2"] {
        live.demo.faults().on(host, "stop").await.unwrap();
    }
    let rollback = ["rollback", &id, "--reason", "INC-42: they will be back in a minute"];
    let (_, held) = tokio::join!(live.runs(&rollback), held_when(&live, &id, "prove", "um1.tukwila"));
    assert_eq!(held.1["state"], "halted", "{:#}", held.1);
    assert_eq!(states(&live).await[2..], [Some(ServiceState::Enabled), Some(ServiceState::Enabled)]);
    for host in ["um1", "um2"] {
        live.demo.faults().heal(host).await.unwrap();
    }
    let (code, run) = live.runs(&["resume", &id]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("rolled-back")), "{run:#}");
}
