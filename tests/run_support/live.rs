//! A live demo, plans made against it by the real planner, and the real program carrying them out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use switchboard::config;
use switchboard::demo::{Demo, Design, Options};
use switchboard::domain::act::RrSet;
use switchboard::domain::judge::Picture;
use switchboard::domain::name::{Fqdn, SiteName};
use switchboard::domain::observation::{Addresses, DnsKind};
use switchboard::domain::topology::Topology;
use switchboard::domain::watch::{SinceBook, Watch};
use switchboard::failover::plan::{Content, Plan, RunId};
use switchboard::failover::planner::{self, Making, NameSeen, Request, Seen, ZoneSeen};
use switchboard::probe::dns::{DnsQuestions, probe};
use switchboard::probe::{Clock, Network};
use tokio::process::Command;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");

/// Longer than any run of these tests; a hang ends the test, not the patience.
const BOUND: Duration = Duration::from_secs(90);

pub(crate) struct Live {
    pub(crate) demo: Demo,
    pub(crate) topology: Arc<Topology>,
    pub(crate) clock: Clock,
    /// What the program finds in its environment beside its path and user.
    pub(crate) environment: Vec<(&'static str, String)>,
    dir: tempfile::TempDir,
    state: PathBuf,
}

impl Live {
    pub(crate) async fn start(design: Design) -> Self {
        Self::start_edited(design, |text| text).await
    }

    /// The second design, its commands fenced in the demo's zone.
    pub(crate) async fn start_fenced() -> Self {
        let fence = "effect_wait = \"3s\"\nfence = { zone = \"contoso.com\" }";
        Self::start_edited(Design::EnableDisable, |text| text.replace("effect_wait = \"3s\"", fence)).await
    }

    /// A demo with another topology file than it wrote.
    pub(crate) async fn start_edited(design: Design, edit: impl FnOnce(String) -> String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::start();
        let wall = clock.clone();
        let mut options = Options::new(dir.path().join("demo"), PROGRAM, Arc::new(move || wall.now()));
        options.design = design;
        options.ttl = Some(Duration::from_secs(1));
        options.interval = Duration::from_millis(200);
        let demo = Demo::start(options).await.unwrap();
        let file = demo.topology_file();
        let text = std::fs::read_to_string(&file).unwrap().replace("effect_wait = \"30s\"", "effect_wait = \"3s\"");
        std::fs::write(&file, edit(text)).unwrap();
        let topology = Arc::new(config::load(&file, &|_| None).unwrap());
        let state = dir.path().join("state");
        Self { demo, topology, clock, environment: vec![], dir, state }
    }

    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    pub(crate) async fn picture(&self) -> Picture {
        let network = Network::new(Arc::clone(&self.topology), &self.clock).unwrap();
        let mut watch = Watch::new(Arc::clone(&self.topology), SinceBook::default());
        let mut observations = network.round().await;
        observations.sort_by(|a, b| a.probe.cmp(&b.probe));
        for observation in observations {
            watch.absorb(observation);
        }
        watch.picture(self.clock.now())
    }

    pub(crate) async fn seen(&self) -> Seen {
        let mut zones = BTreeMap::new();
        for zone in &self.topology.zones {
            let Some(primary) = self.topology.write_primaries(zone).first() else { continue };
            let server = primary.address;
            let names: Vec<Fqdn> = self.topology.servers().map(|server| server.fqdn.clone()).collect();
            let markers: Vec<Fqdn> =
                self.topology.sites.iter().filter_map(|site| self.topology.marker_name(site)).collect();
            let connect = self.topology.map.route(server);
            let kind = DnsKind::Authoritative;
            let questions = DnsQuestions { server, connect, kind, names, zones: vec![], markers, key: None };
            let outcome = probe(&questions, Duration::from_secs(5), &self.clock).await;
            let names =
                outcome.names.into_iter().map(|(name, found)| (name, found.map(as_seen).map_err(|e| format!("{e:?}"))));
            let texts = |texts: Vec<switchboard::domain::clean::Clean>| texts.iter().map(ToString::to_string).collect();
            let markers =
                outcome.markers.into_iter().map(|(name, found)| (name, found.map(texts).map_err(|e| format!("{e:?}"))));
            let seen =
                ZoneSeen { primary: server, at: self.clock.now(), names: names.collect(), markers: markers.collect() };
            zones.insert(zone.name.clone(), seen);
        }
        Seen { zones }
    }

    pub(crate) fn request(site: &str) -> Request {
        Request::whole_site(SiteName::new(site), "ana@jump")
    }

    pub(crate) fn plan_from(&self, picture: &Picture, seen: &Seen, request: &Request) -> Content {
        let content = planner::plan(&self.topology, picture, seen, request, &self.making());
        content.map_err(|refusal| refusal.to_string()).unwrap()
    }

    pub(crate) fn making(&self) -> Making {
        Making { id: RunId::new(self.clock.now(), rand::random()), now: self.clock.now() }
    }

    pub(crate) async fn plan(&self, request: &Request) -> Plan {
        let (picture, seen) = (self.picture().await, self.seen().await);
        Plan::seal(self.plan_from(&picture, &seen, request))
    }

    pub(crate) fn write_plan(&self, plan: &Plan) -> PathBuf {
        let file = self.dir.path().join(format!("{}.json", plan.id));
        std::fs::write(&file, plan.to_json().to_string()).unwrap();
        file
    }

    /// The program, on this demo and this state directory.
    pub(crate) fn command(&self, state: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("USER", "ana");
        command.envs(self.environment.iter().cloned());
        command.arg("--config").arg(self.demo.topology_file()).arg("--state-dir").arg(state).args(arguments);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    pub(crate) async fn switchboard(&self, arguments: &[&str]) -> Output {
        bounded(self.command(&self.state, arguments)).await
    }

    pub(crate) fn failover(&self, state: &Path, plan: &Plan, more: &[&str]) -> Command {
        let file = self.write_plan(plan);
        let confirm = plan.confirm();
        let arguments = ["failover", "--json", "--plan", file.to_str().unwrap(), "--confirm", &confirm];
        self.command(state, &[&arguments, more].concat())
    }

    /// Confirms a plan and follows it to where it stops.
    pub(crate) async fn carry_out(&self, plan: &Plan) -> (i32, serde_json::Value) {
        answer(&bounded(self.failover(&self.state, plan, &[])).await)
    }

    pub(crate) async fn runs(&self, arguments: &[&str]) -> (i32, serde_json::Value) {
        answer(&self.switchboard(&[&["runs", "--json"], arguments].concat()).await)
    }
}

pub(crate) async fn bounded(mut command: Command) -> Output {
    tokio::time::timeout(BOUND, command.output()).await.unwrap().unwrap()
}

pub(crate) fn answer(output: &Output) -> (i32, serde_json::Value) {
    let code = output.status.code().unwrap_or(-1);
    let text = String::from_utf8_lossy(&output.stdout);
    let value = serde_json::from_str(text.trim())
        .unwrap_or_else(|_| serde_json::json!({ "stdout": text, "stderr": String::from_utf8_lossy(&output.stderr) }));
    (code, value)
}

fn as_seen(addresses: Addresses) -> NameSeen {
    let ttl = addresses.ttl.unwrap_or_default();
    let set = |values: Vec<std::net::IpAddr>| if values.is_empty() { RrSet::default() } else { RrSet { ttl, values } };
    NameSeen {
        a: set(addresses.a.into_iter().map(Into::into).collect()),
        aaaa: set(addresses.aaaa.into_iter().map(Into::into).collect()),
        alias: addresses.alias,
    }
}
