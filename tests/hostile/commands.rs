//! Every command that shows what others wrote.

use switchboard::demo::Design;

use crate::bench::{Bench, is_met};
use crate::peers::{Conduct, certificate, serve};
use crate::run_support::live::{Live, PROGRAM};
use crate::{EVIL, one_line};

#[tokio::test(flavor = "multi_thread")]
async fn what_servers_say_is_tamed() {
    let mut bench = Bench::start(Design::Dns).await;
    bench.lead("192.0.2.11:5061", Conduct::Answers).await;
    bench.lead("192.0.2.12:5061", Conduct::Refuses).await;
    bench.lead("192.0.2.23:5061", Conduct::Redirects).await;
    bench.lead("192.0.2.24:5061", Conduct::Endless).await;
    for json in [&[][..], &["--json"]] {
        bench.repeats(&[&["check"], json].concat()).await;
        bench.repeats(&[&["plan", "--from", "Tukwila"], json].concat()).await;
        bench.repeats(&[&["plan", "--from", "Dublin"], json].concat()).await;
    }
    bench.say(&["plan", "--from", "Tukwila", "--runbook"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_says_and_shows_is_tamed() {
    let mut bench = Bench::start(Design::Dns).await;
    for conduct in [Conduct::Answers, Conduct::Refuses, Conduct::Redirects, Conduct::Endless] {
        let address = serve(conduct, certificate().0).await.to_string();
        for json in [&[][..], &["--json"]] {
            bench.repeats(&[&["probe", &format!("sips:{address}")], json].concat()).await;
            bench.repeats(&[&["cert", &address, "--name", "um1.contoso.com"], json].concat()).await;
        }
    }
    let pem = bench.path("evil.pem");
    std::fs::write(&pem, certificate().1).unwrap();
    let pem = pem.to_str().unwrap();
    bench.repeats(&["cert", "--file", pem]).await;
    bench.repeats(&["cert", "--file", pem, "--roots", pem, "--json"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commands_print_is_tamed() {
    let mut bench = Bench::start(Design::EnableDisable).await;
    for (mode, repeated) in [("shout", true), ("print", false), ("endless", false), ("json", true)] {
        bench.tool(mode);
        for words in ["check", "check --json", "plan --from Tukwila", "plan --from Tukwila --json"] {
            let words: Vec<&str> = words.split(' ').collect();
            let (_, said) = bench.say(&words).await;
            assert!(!repeated || words[0] != "check" || is_met(&said), "{mode} {words:?}: {said}");
        }
        bench.tool("right");
        // The command of a run that is confirmed already.
        let plan = bench.live.plan(&Live::request("Tukwila")).await;
        bench.tool(mode);
        let failover = bench.live.failover(bench.live.state(), &plan, &[]);
        let (code, _) = bench.run(failover, format!("failover, {mode}")).await;
        assert_ne!(code, Some(0));
        let id = plan.id.as_str().to_owned();
        for verb in ["show", "export", "follow", "verify"] {
            bench.say(&["runs", verb, &id]).await;
            bench.say(&["runs", verb, &id, "--json"]).await;
        }
        bench.tool("right");
        bench.say(&["runs", "rollback", &id, "--reason", EVIL]).await;
    }
    bench.say(&["runs", "list"]).await;
    bench.say(&["runs", "list", "--json"]).await;
    bench.nothing_wild_is_kept();
    assert!(bench.met > 8, "met {} times", bench.met);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_zone_is_tamed() {
    let mut bench = Bench::start(Design::Dns).await;
    let long = EVIL.repeat(200);
    let field = format!("v=1;epoch=1;seq=3;moved={EVIL};to={EVIL};run={EVIL};by={EVIL};exp=;head=");
    for text in [EVIL, "EVIL\0\n\r\n\t\u{1b}[31m", &field, &long] {
        bench.marker(text);
        for json in [&[][..], &["--json"]] {
            bench.repeats(&[&["marker", "show"], json].concat()).await;
            bench.say(&[&["marker", "init", "Tukwila"], json].concat()).await;
            bench.say(&[&["check"], json].concat()).await;
            bench.say(&[&["plan", "--from", "Tukwila"], json].concat()).await;
        }
        // Confirmed before the marker was changed, and with the changed one in the plan.
        for before in [false, true] {
            let plan = bench.live.plan(&Live::request("Tukwila")).await;
            if before {
                bench.marker(&format!("{text}!"));
            }
            let failover = bench.live.failover(bench.live.state(), &plan, &[]);
            let (code, _) = bench.run(failover, "failover".to_owned()).await;
            assert_eq!(code, Some(1), "nothing was changed");
            bench.say(&["runs", "show", plan.id.as_str()]).await;
            bench.say(&["runs", "show", plan.id.as_str(), "--json"]).await;
        }
    }
    bench.nothing_wild_is_kept();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_and_what_stands_in_files_is_tamed() {
    let mut bench = Bench::start(Design::Dns).await;
    let (evil, file) = (one_line(), bench.hostile_file());
    let file = file.to_str().unwrap();
    for json in [&[][..], &["--json"]] {
        let mut command = tokio::process::Command::new(PROGRAM);
        command.args(["config", "check", file]).args(json).stdin(std::process::Stdio::null());
        let (code, said) = bench.run(command, "config check".to_owned()).await;
        assert!(code == Some(1) && is_met(&said), "{said}");
    }
    for arguments in [
        &["plan", "--from", &evil][..],
        &["plan", "--from", "Tukwila", "--server", &evil],
        &["plan", "--from", "Tukwila", "--dial-plan", &evil],
        &["plan", "--from", "Tukwila", "--map", &format!("{evil}={evil}")],
        &["plan", "--from", "Tukwila", "--override", &format!("{evil}={evil}")],
        &["plan", "--from", "Tukwila", "--override", &format!("ttl={evil}"), "--json"],
        &["plan", "--from", "Tukwila", "--reason", &evil],
        &["plan", "--from", "Tukwila", "--out", &format!("/nowhere/{evil}")],
        &["enable", &evil],
        &["disable", &evil],
        &["runs", "show", &evil],
        &["runs", "abandon", &evil, "--reason", &evil],
        &["runs", "takeover", &evil, "--reason", &evil],
        &["runs", "approve", &evil],
        &["marker", "init", &evil],
        &["cert", &evil],
        &["cert", "--file", &evil],
        &["cert", "--file", file, "--name", &evil],
        &["probe", &evil],
        &["probe", &format!("sip:{evil}:5060")],
        &["probe", "sips:127.0.0.1:1", "--server-name", &evil],
        &["demo", "fault", "--dir", &evil, &evil, &evil],
        &["demo", "--theme", &evil],
        &["failover", "--plan", &evil, "--confirm", &evil],
        &[&evil],
        &["check", &evil],
        &["--config", &evil, "check"],
    ] {
        let (code, _) = bench.say(arguments).await;
        assert!(matches!(code, Some(0 | 1 | 3)), "{arguments:?}: {code:?}");
    }
    let plan = bench.path("evil.json");
    for text in [
        EVIL.to_owned(),
        serde_json::json!({"version": EVIL}).to_string(),
        serde_json::json!({"version": 1, "hash": EVIL}).to_string(),
    ] {
        std::fs::write(&plan, text).unwrap();
        bench.say(&["failover", "--plan", plan.to_str().unwrap(), "--confirm", &evil]).await;
    }
}
