//! The second design: the standby is enabled, the failed servers are disabled.

use switchboard::domain::act::Verb;
use switchboard::domain::health::Class;
use switchboard::domain::server::ServiceState;
use switchboard::failover::plan::{Action, CommandStep, Content, SipWant};
use switchboard::failover::planner::{Request, check_verb, service_plan};

use crate::fixture::*;

fn command<'a>(content: &'a Content, id: &str) -> &'a CommandStep {
    let step = content.steps.iter().find(|step| step.id.as_str() == id).unwrap_or_else(|| panic!("no {id}"));
    let Action::Command(command) = &step.action else { panic!("{id} is no command") };
    command
}

#[test]
fn the_standby_is_enabled_and_proven_before_anything_is_taken_away() {
    let topology = by_enabling();
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    assert_eq!(
        ids(&plan),
        [
            "verify-target",
            "enable-um3",
            "enable-um4",
            "prove",
            "drain-um1",
            "drain-um2",
            "disable-um1",
            "disable-um2",
            "sip-path",
            "acceptance",
            "soak"
        ]
    );
    assert_eq!(plan.last_return.as_ref().unwrap().as_str(), "drain-um2");
    let wants: Vec<SipWant> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::SipCheck(check) => Some(check.want),
            _ => None,
        })
        .collect();
    assert_eq!(wants, [SipWant::Alive, SipWant::InService, SipWant::InService]);
    assert!(plan.notes.iter().any(|note| note.contains("fenced on this host only")), "{:?}", plan.notes);
    assert_eq!(plan.steps[1].owner, "Exchange Dublin +353 1 555 0121");
}

#[test]
fn a_state_that_nobody_could_read_is_said_where_the_plan_would_go_back_to_it() {
    let topology = by_enabling();
    let mut picture = picture(&topology);
    let undo = |picture: &_, id: &str| {
        let plan = plan(&topology, picture, &seen(&topology), &over("Tukwila")).unwrap();
        plan.steps.iter().find(|step| step.id.as_str() == id).unwrap().undo.clone()
    };
    assert!(undo(&picture, "enable-um3").ends_with("back to Disabled"));
    server_mut(&mut picture, UM3).state = None;
    assert!(undo(&picture, "enable-um3").ends_with("back to Disabled, as declared: its present state cannot be read"));
}

#[test]
fn a_command_is_exactly_the_topologys_and_knows_its_undo() {
    let topology = by_enabling();
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila")).unwrap();
    let enable = command(&plan, "enable-um3");
    assert_eq!(enable.call.argv, ["um-tool", "enable"]);
    assert_eq!(enable.stdin, enable.call.stdin());
    assert_eq!(enable.stdin["server"], UM3);
    assert_eq!(enable.stdin["run"], making().id.as_str());
    assert_eq!((enable.call.before, enable.call.after), (ServiceState::Disabled, ServiceState::Enabled));
    assert_eq!((enable.call.timeout_seconds, enable.effect_within_seconds), (30, 720));
    assert!(!enable.idempotent && !enable.recorded_is_enough, "whether it may be issued twice has to be declared");
    let marked = by_idempotent_enabling();
    let marked = crate::fixture::plan(&marked, &picture(&marked), &seen(&marked), &over("Tukwila")).unwrap();
    assert!(command(&marked, "enable-um3").idempotent && command(&marked, "disable-um1").idempotent);
    let undo = |id: &str| {
        let step = plan.steps.iter().find(|step| step.id.as_str() == id).unwrap();
        let call = step.undo_command.as_ref().unwrap();
        (call.verb, call.argv.clone())
    };
    assert_eq!(undo("enable-um3"), (Verb::Disable, vec!["um-tool".into(), "disable".into()]));
    let drain = |id: &str| plan.steps.iter().find(|step| step.id.as_str() == id).unwrap().undo_drain.as_deref();
    let drained = drain("enable-um3").map(|call| (call.verb, call.argv.clone(), call.before));
    assert_eq!(drained, Some((Verb::Drain, vec!["um-tool".into(), "drain".into()], ServiceState::Enabled)));
    assert!(drain("drain-um1").is_none() && drain("disable-um1").is_none());
    assert_eq!(command(&plan, "disable-um1").call.before, ServiceState::NoNewCalls, "it was drained");
    assert_eq!(undo("disable-um1"), (Verb::Drain, vec!["um-tool".into(), "drain".into()]));
    assert_eq!(undo("drain-um1").0, Verb::Enable);
}

#[test]
fn a_dead_server_is_not_drained_and_takes_its_state_when_it_returns() {
    let topology = by_enabling();
    let mut picture = picture(&topology);
    down(&mut picture, UM1, Class::Unreachable);
    let plan = plan(&topology, &picture, &seen(&topology), &over("Tukwila")).unwrap();
    assert!(!ids(&plan).contains(&"drain-um1") && ids(&plan).contains(&"drain-um2"));
    assert!(command(&plan, "disable-um1").recorded_is_enough && !command(&plan, "disable-um2").recorded_is_enough);
    assert_eq!((plan.open_items[0].id.as_str(), plan.open_items[0].subject.as_str()), ("takes-state-on-return", UM1));
}

#[test]
fn back_enables_home_first_and_disables_the_standby_last() {
    let topology = by_enabling();
    let mut picture = picture(&topology);
    for (server, state) in [
        (UM1, ServiceState::Disabled),
        (UM2, ServiceState::Disabled),
        (UM3, ServiceState::Enabled),
        (UM4, ServiceState::Enabled),
    ] {
        put(&mut picture, server, state);
    }
    settle(&topology, &mut picture);
    let home = plan(&topology, &picture, &seen(&topology), &back("Tukwila")).unwrap();
    let commands: Vec<&str> = ids(&home).into_iter().filter(|id| id.contains("-um")).collect();
    assert_eq!(commands, ["enable-um1", "enable-um2", "drain-um3", "drain-um4", "disable-um3", "disable-um4"]);
    assert_eq!((home.from.as_str(), home.to.as_str()), ("Dublin", "Tukwila"));
    let again = plan(&topology, &picture, &seen(&topology), &over("Tukwila")).unwrap_err().to_string();
    assert!(again.starts_with("nothing to do: um1"), "{again}");
}

#[test]
fn a_half_done_failover_is_finished_from_where_it_stands() {
    let topology = by_enabling();
    let mut picture = picture(&topology);
    put(&mut picture, UM3, ServiceState::Enabled);
    put(&mut picture, UM2, ServiceState::NoNewCalls);
    let plan = plan(&topology, &picture, &seen(&topology), &over("Tukwila")).unwrap();
    let commands: Vec<&str> = ids(&plan).into_iter().filter(|id| id.contains("-um")).collect();
    assert_eq!(commands, ["enable-um4", "drain-um1", "disable-um1", "disable-um2"]);
}

#[test]
fn a_standby_with_two_charges_is_enabled_once() {
    let topology = by_enabling();
    let asked = Request { map: [(name(UM2), name(UM3))].into(), ..over("Tukwila") };
    let plan = plan(&topology, &picture(&topology), &seen(&topology), &asked).unwrap();
    let commands: Vec<&str> = ids(&plan).into_iter().filter(|id| id.starts_with("enable")).collect();
    assert_eq!(commands, ["enable-um3"]);
}

#[test]
fn without_a_drain_command_servers_are_disabled_right_away_and_without_an_enable_command_nothing_is() {
    let text = |without: &str| {
        let cut = TEXT.find("[[dial_plan]]\nname = \"Dublin").unwrap();
        TEXT[..cut].replace("method = \"dns\"", "method = \"enable-disable\"").replace(without, "")
    };
    let topology = read(&text("drain   = [\"um-tool\", \"drain\"]\n"));
    let plan_of = |topology| plan(topology, &picture(topology), &seen(topology), &over("Tukwila"));
    assert!(ids(&plan_of(&topology).unwrap()).iter().all(|id| !id.starts_with("drain")));
    let mut topology = by_enabling();
    let Some(switchboard::domain::topology::Backend::Command(command)) = topology.backends.values_mut().last() else {
        panic!()
    };
    command.enable = None;
    assert!(plan_of(&topology).unwrap_err().to_string().contains("no `enable` command"));
}

#[test]
fn a_verb_of_another_exchange_version_is_refused_when_planning() {
    let text = |argv: &str, version: &str| {
        let cut = TEXT.find("[[dial_plan]]\nname = \"Dublin").unwrap();
        let text = TEXT[..cut].replace("method = \"dns\"", "method = \"enable-disable\"");
        read(
            &text
                .replace("[\"um-tool\", \"enable\"]", argv)
                .replace("version = \"14.3\"\nroles = [\"um\"]", &format!("version = \"{version}\"\nroles = [\"um\"]")),
        )
    };
    for (argv, version, refused) in [
        (r#"["pwsh", "-c", "Enable-UMServer $x"]"#, "14.3", false),
        (r#"["pwsh", "-c", "Enable-UMServer $x"]"#, "15.1", true),
        (r#"["pwsh", "-c", "Enable-UMService $x"]"#, "15.0", true),
        (r#"["pwsh", "-c", "Enable-UMService $x"]"#, "14.3", false),
        (r#"["pwsh", "-c", "Set-UMService $x -Status Enabled"]"#, "15.1", true),
        (r#"["pwsh", "-c", "Set-ServerComponentState $x"]"#, "14.3", true),
        (r#"["pwsh", "-c", "Set-ServerComponentState $x"]"#, "15.1", false),
        (r#"["pwsh", "-File", "um-2010.ps1", "enable"]"#, "15.1", true),
        (r#"["pwsh", "-File", "um-2013.ps1", "enable"]"#, "14.3", true),
        (r#"["pwsh", "-c", "Set-UMServer $x -DialPlans A"]"#, "14.3", true),
        (r#"["pwsh", "-c", "Disable-UMServer $x"]"#, "14.3", true),
    ] {
        let topology = text(argv, version);
        let planned = plan(&topology, &picture(&topology), &seen(&topology), &over("Tukwila"));
        assert_eq!(planned.is_err(), refused, "{argv} on {version}: {planned:?}");
    }
}

#[test]
fn calls_are_never_cut() {
    let topology = by_enabling();
    let server = topology.server(&name(UM1)).unwrap();
    let cut = ["pwsh".into(), "-c".into(), "Disable-UMServer $x -Immediate $true".into()];
    assert!(check_verb(server, Verb::Disable, &cut).unwrap_err().to_string().contains("cuts calls in progress"));
}

#[test]
fn one_servers_state_is_changed_by_a_plan_of_its_own() {
    let topology = by_enabling();
    let picture = picture(&topology);
    let of = |server: &str, verb| {
        service_plan(&topology, &picture, &seen(&topology), &name(server), verb, &over("Tukwila"), &making())
    };
    assert_eq!(ids(&of(UM3, Verb::Enable).unwrap()), ["enable-um3", "prove"]);
    assert_eq!(ids(&of(UM1, Verb::Disable).unwrap()), ["disable-um1"]);
    assert!(of(UM1, Verb::Enable).unwrap_err().to_string().starts_with("nothing to do"));
    assert!(of("um9.contoso.com", Verb::Enable).is_err());
}
