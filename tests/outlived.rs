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

/// A demo, and a run in it.
struct Asked {
    live: Live,
    plan: Plan,
}

impl Asked {
    async fn start() -> Self {
        let live = Live::start(Design::Dns).await;
        let plan = live.plan(&Live::request("Tukwila")).await;
        Self { live, plan }
    }

    fn id(&self) -> &str {
        self.plan.id.as_str()
    }

    fn requests(&self) -> PathBuf {
        self.live.state().join("runs").join(self.id()).join("requests")
    }

    fn waiting(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.requests()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with('.')).collect()
    }

    /// Its executor dies with the names claimed and not moved.
    async fn dies(&self) {
        let mut command = self.live.failover(self.live.state(), &self.plan, &[]);
        command.env(CRASH, "move:before-intent");
        bounded(command).await;
    }

    /// It waits for a standby that never answers; gives its executor's process.
    async fn waits(&self) -> i32 {
        for _ in 0..400 {
            let (_, shown) = self.live.runs(&["show", self.id()]).await;
            let lines = shown["timeline"].as_array().cloned().unwrap_or_default();
            if lines.iter().any(|line| line["step"] == "verify-target" && line["event"] == "seen") {
                let began = lines.iter().find(|line| line["event"] == "began").unwrap();
                return began["detail"].as_str().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("the run never came to its standby")
    }
}

fn events(run: &Value) -> Vec<&str> {
    run["timeline"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_without_the_topology_file_is_void_and_not_done_when_it_is_back() {
    let asked = Asked::start().await;
    asked.dies().await;
    let (file, aside) = (asked.live.demo.topology_file(), asked.live.demo.dir().join("aside"));
    std::fs::rename(&file, &aside).unwrap();
    let (code, run) = asked.live.runs(&["rollback", asked.id()]).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("halted")), "{run:#}");
    assert!(run["why"].as_str().unwrap().contains("topology file"), "{run:#}");
    let told =
        |line: &Value| line["detail"].as_str().is_some_and(|detail| detail.contains("`rollback` is not done now"));
    assert!(run["timeline"].as_array().unwrap().iter().any(told), "{run:#}");
    assert_eq!(asked.waiting(), [""; 0]);
    std::fs::rename(&aside, &file).unwrap();
    let (_, run) = asked.live.runs(&["hold", asked.id()]).await;
    assert!(run["state"] == "halted" && !events(&run).contains(&"rollback"), "{run:#}");
    let (code, run) = asked.live.runs(&["resume", asked.id()]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("completed")), "{run:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_abandoned_also_when_its_topology_file_is_gone() {
    let asked = Asked::start().await;
    asked.dies().await;
    std::fs::remove_file(asked.live.demo.topology_file()).unwrap();
    let (code, run) = asked.live.runs(&["abandon", asked.id(), "--reason", "INC-42: the site was sold"]).await;
    assert_eq!((code, run["state"].as_str()), (2, Some("abandoned")), "its claim stands: {run:#}");
    assert_eq!(asked.waiting(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_no_executor_could_take_is_taken_back() {
    let asked = Asked::start().await;
    asked.dies().await;
    let log = asked.live.state().join("runs").join(asked.id()).join("executor.log");
    std::fs::remove_file(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    let (code, said) = asked.live.runs(&["rollback", asked.id()]).await;
    let told = said["stderr"].as_str().unwrap();
    assert!(code == 1 && told.contains("taken back") && told.contains("could not be started"), "{said:#}");
    assert_eq!(asked.waiting(), [""; 0]);
    std::fs::remove_dir(&log).unwrap();
    let (code, run) = asked.live.runs(&["resume", asked.id()]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("completed")), "{run:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_takes_nothing_is_told_of_and_only_what_stops_a_run_stays_with_it() {
    use rustix::process::{Pid, Signal, kill_process};
    let asked = Asked::start().await;
    asked.live.demo.faults().on("um3", "hang").await.unwrap();
    let run = tokio::spawn(bounded(asked.live.failover(asked.live.state(), &asked.plan, &[])));
    let pid = Pid::from_raw(asked.waits().await).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let (back, stop) = (["rollback", asked.id()], ["abort", asked.id()]);
    let (rollback, abort) = tokio::join!(asked.live.runs(&back), asked.live.runs(&stop));
    let waiting = asked.waiting().len();
    kill_process(pid, Signal::CONT).unwrap();
    let told = [rollback, abort].map(|(code, said)| (code, said["stderr"].as_str().unwrap_or_default().to_owned()));
    assert!(
        told[0].0 == 1 && told[0].1.contains("did not take this up") && told[0].1.contains("taken back"),
        "{told:?}"
    );
    assert!(told[1].0 == 1 && told[1].1.contains("stops the run as soon as it is taken up"), "{told:?}");
    assert_eq!(waiting, 1, "the abort alone");
    assert_eq!(run.await.unwrap().status.code(), Some(2));
    let (_, run) = asked.live.runs(&["show", asked.id()]).await;
    assert!(events(&run).contains(&"abort") && !events(&run).contains(&"rollback"), "{run:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_read_holds_the_run_and_is_written_down() {
    let asked = Asked::start().await;
    asked.live.demo.faults().on("um3", "hang").await.unwrap();
    let run = tokio::spawn(bounded(asked.live.failover(asked.live.state(), &asked.plan, &[])));
    asked.waits().await;
    std::fs::write(asked.requests().join("00000000000000000001-7.json"), "{\"at\":").unwrap();
    assert_eq!(run.await.unwrap().status.code(), Some(2));
    let (_, shown) = asked.live.runs(&["show", asked.id()]).await;
    assert_eq!(shown["why"], "a request that cannot be read asked for hold", "{shown:#}");
    let told = |line: &Value| line["detail"].as_str().is_some_and(|detail| detail.contains("00000000000000000001-7"));
    assert!(shown["timeline"].as_array().unwrap().iter().any(told), "{shown:#}");
    asked.live.demo.faults().heal_all().await.unwrap();
    let (code, run) = asked.live.runs(&["resume", asked.id()]).await;
    assert_eq!((code, run["state"].as_str()), (0, Some("completed")), "it holds once: {run:#}");
}

const NOBODY: u32 = 65534;

#[tokio::test(flavor = "multi_thread")]
async fn what_root_asks_of_a_run_of_another_account_is_taken_up() {
    let mut reachable = tokio::process::Command::new(PROGRAM);
    reachable.arg("--version").uid(NOBODY).gid(NOBODY);
    if !rustix::process::geteuid().is_root() || !reachable.output().await.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: this takes root, and a program that every account can start");
        return;
    }
    let asked = Asked::start().await;
    let all = asked.live.demo.dir().parent().unwrap().to_owned();
    asked.live.write_plan(&asked.plan);
    let given = tokio::process::Command::new("chown").arg("-R").arg(format!("{NOBODY}:{NOBODY}")).arg(all).status();
    assert!(given.await.unwrap().success());
    asked.live.demo.faults().on("um3", "hang").await.unwrap();
    let mut failover = asked.live.failover(asked.live.state(), &asked.plan, &[]);
    failover.uid(NOBODY).gid(NOBODY);
    let run = tokio::spawn(bounded(failover));
    asked.waits().await;
    let (code, held) = asked.live.runs(&["abort", asked.id()]).await;
    assert_eq!((code, held["state"].as_str()), (2, Some("halted")), "its claim stands: {held:#}");
    let began = events(&held).iter().filter(|event| **event == "began").count();
    assert!(events(&held).contains(&"abort") && began == 1, "the living executor takes it up: {held:#}");
    assert_eq!(run.await.unwrap().status.code(), Some(2));
}
