//! What outlives whoever began it: commands of an executor that died, effects that come after the wait, requests that nobody took.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod run_support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use run_support::live::{Live, PROGRAM, bounded};
use serde_json::{Value, json};
use switchboard::demo::Design;
use switchboard::domain::server::ServiceState;
use switchboard::executor::crash::VARIABLE as CRASH;
use switchboard::failover::plan::Plan;

/// A demo whose `enable` is a script of the test's own; each of its calls is counted.
struct Tool {
    live: Live,
}

impl Tool {
    /// In the script, `$d` is the demo's directory, `$order` the file with its standard input, `really` enables.
    async fn start(script: &str, edit: impl Fn(&str) -> String) -> Self {
        let live = Live::start_edited(Design::EnableDisable, |text| {
            let line = text.lines().find(|line| line.starts_with("enable = ")).unwrap();
            let dir = PathBuf::from(line.split('"').skip_while(|word| *word != "--dir").nth(2).unwrap());
            let file = dir.join("tool");
            let body = format!(
                "#!/bin/sh\nd='{}'\norder=$d/order.$$\ncat > $order\necho call >> $d/calls\n\
                 really() {{ '{PROGRAM}' demo um --dir $d enable < $order; }}\n{script}\n",
                dir.display()
            );
            std::fs::write(&file, body).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
            edit(&text.replace(line, &format!("enable = [\"{}\"]", file.display())))
        })
        .await;
        Self { live }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.live.demo.dir().join(name)
    }

    fn calls(&self) -> usize {
        std::fs::read_to_string(self.file("calls")).unwrap_or_default().lines().count()
    }

    async fn plan(&self) -> Plan {
        self.live.plan(&Live::request("Tukwila")).await
    }

    async fn die(&self, plan: &Plan, cell: &str) {
        let mut command = self.live.failover(self.live.state(), plan, &[]);
        bounded(std::mem::replace(command.env(CRASH, cell), tokio::process::Command::new("true"))).await;
        let (_, shown) = self.live.runs(&["show", plan.id.as_str()]).await;
        assert_eq!(shown["interrupted"], true, "{shown:#}");
    }

    async fn state(&self, server: usize) -> Option<ServiceState> {
        self.live.picture().await.sites[1].servers[server].state
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..400 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(is_so(), "{what} never came");
}

fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

/// The first call leaves a process in its group that ignores SIGTERM, and hangs; later ones tell whether that one still lives.
const DEAF: &str = r#"
if [ ! -e $d/deaf ]; then
    sh -c 'trap "" TERM; echo $$ > '$d'/deaf.new; mv '$d'/deaf.new '$d'/deaf; exec sleep 600' </dev/null >/dev/null 2>&1 &
    while [ ! -e $d/deaf ]; do sleep 0.05; done
    exec sleep 600
fi
case "$(cat /proc/$(cat $d/deaf)/stat 2>/dev/null)" in ''|*') Z '*) ;; *) echo two >> $d/two ;; esac
really"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_not_issued_again_before_all_of_the_first_one_is_gone() {
    let tool = Tool::start(DEAF, str::to_owned).await;
    let plan = tool.plan().await;
    tool.die(&plan, "enable-um3:after-send").await;
    until("the process that ignores SIGTERM", || tool.file("deaf").exists()).await;
    let (code, run) = tool.live.runs(&["resume", plan.id.as_str()]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("completed")), "{run:#}");
    assert!(!tool.file("two").exists(), "two of them were at work at once");
    assert_eq!(tool.calls(), 3, "um3 twice, um4 once");
    let told = |line: &Value| line["detail"].as_str().is_some_and(|detail| detail.contains("was ended"));
    assert!(run["timeline"].as_array().unwrap().iter().any(told), "{:#}", run["timeline"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_abandoned_leaves_no_command_behind() {
    let tool = Tool::start(DEAF, str::to_owned).await;
    let plan = tool.plan().await;
    tool.die(&plan, "enable-um3:after-send").await;
    until("the process that ignores SIGTERM", || tool.file("deaf").exists()).await;
    let deaf = std::fs::read_to_string(tool.file("deaf")).unwrap();
    assert!(lives(&deaf));
    let (code, run) = tool.live.runs(&["abandon", plan.id.as_str(), "--reason", "INC-42: by hand"]).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("abandoned")), "{run:#}");
    assert!(!lives(&deaf));
}

/// Not marked idempotent, said to be done, and done when the test says so.
const LATE: &str = r#"
if [ -e $d/go ]; then really; exit; fi
setsid sh -c 'touch '$d'/late; while [ ! -e '$d'/go ]; do sleep 0.05; done; '"'$P'"' demo um --dir '$d' enable < '$order </dev/null >/dev/null 2>&1 &
while [ ! -e $d/late ]; do sleep 0.05; done"#;

fn not_marked(text: &str) -> String {
    text.replace("idempotent = true\n", "")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_says_done_and_is_not_seen_in_time_is_not_known_and_found_when_it_comes() {
    let tool = Tool::start(&LATE.replace("$P", PROGRAM), not_marked).await;
    let plan = tool.plan().await;
    let (code, run) = tool.live.carry_out(&plan).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("halted")), "{run:#}");
    let why = run["why"].as_str().unwrap();
    assert!(why.starts_with("whether enable-um3 took effect is not known: ") && why.contains("exit code 0"), "{why}");
    assert!(run["unknown"][0].as_str().unwrap().starts_with("enable-um3: ") && run["changed"] == json!([]), "{run:#}");
    // Nobody issues it again on a word alone.
    let (code, run) = tool.live.runs(&["resume", plan.id.as_str()]).await;
    assert_eq!((code, run["state"].as_str(), tool.calls()), (2, Some("halted"), 1), "{run:#}");
    assert!(run["why"].as_str().unwrap().contains("is not known"), "{run:#}");
    std::fs::write(tool.file("go"), "").unwrap();
    for _ in 0..200 {
        if tool.state(0).await == Some(ServiceState::Enabled) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (code, run) = tool.live.runs(&["resume", plan.id.as_str()]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("completed")), "{run:#}");
    assert_eq!((tool.calls(), tool.state(1).await), (2, Some(ServiceState::Enabled)), "um3 once, um4 once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_not_marked_idempotent_is_looked_for_and_not_issued_again() {
    let tool = Tool::start("touch $d/began; sleep 600", not_marked).await;
    let plan = tool.plan().await;
    tool.die(&plan, "enable-um3:after-send").await;
    until("the command", || tool.file("began").exists()).await;
    let (code, run) = tool.live.runs(&["resume", plan.id.as_str()]).await;
    assert_eq!((code, run["state"].as_str(), tool.calls()), (2, Some("halted"), 1), "{run:#}");
    assert!(run["why"].as_str().unwrap().starts_with("whether enable-um3 took effect is not known"), "{run:#}");
    let (code, run) = tool.live.runs(&["rollback", plan.id.as_str()]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("rolled-back")), "{run:#}");
}
