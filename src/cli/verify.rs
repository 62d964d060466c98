//! `switchboard runs verify`: whether journals are what was written, by their own chain and by what the zone keeps of them.

use serde_json::json;

use super::context::{Context, environment};
use super::output;
use crate::config;
use crate::domain::topology::Topology;
use crate::executor::anchor::{self, Says, Wrote};
use crate::executor::execute::rebuild;
use crate::executor::store::RunDir;
use crate::executor::verify::{self, Report};
use crate::probe::Clock;

/// One run, and what it wrote into the zone.
struct Checked {
    dir: RunDir,
    report: Report,
    wrote: Vec<Wrote>,
    /// Why nothing is compared with the zone.
    apart: Option<&'static str>,
}

/// Checks runs and says so; whether all of them are as they were written.
pub(crate) async fn verify(dirs: Vec<RunDir>, context: &Context, as_json: bool) -> anyhow::Result<bool> {
    // A journal can be checked anywhere; the zone only where the topology file tells the way to it.
    let topology = context.topology_file().ok().and_then(|file| config::load(&file, &environment).ok());
    let mut all = Vec::new();
    for dir in dirs {
        let report = verify::check(&dir)?;
        all.push(checked(dir, report, topology.as_ref()));
    }
    let asked: Vec<Wrote> = all.iter().filter(|one| one.apart.is_none()).flat_map(|one| one.wrote.clone()).collect();
    let shown = match &topology {
        Some(topology) => anchor::read(topology, &asked, &Clock::start()).await,
        None => anchor::Shown::new(),
    };
    let (mut documents, mut good) = (Vec::new(), true);
    for one in &all {
        let zone: Vec<(&Wrote, Says)> = one.wrote.iter().map(|wrote| (wrote, one.says(wrote, &shown))).collect();
        good &= one.report.faults.is_empty() && !zone.iter().any(|(_, says)| matches!(says, Says::Differs(_)));
        if as_json {
            documents.push(one.document(&zone));
        } else {
            output::line(&output::clean_lines(&one.line(&zone)))?;
        }
    }
    if as_json {
        output::json(&json!({"version": 1, "ok": good, "runs": documents}))?;
    }
    Ok(good)
}

/// What a journal that is altered says of the zone is nobody's word.
fn checked(dir: RunDir, report: Report, topology: Option<&Topology>) -> Checked {
    let run = if report.faults.is_empty() { rebuild(&dir, &report.lines).ok() } else { None };
    let apart = match (topology, &run) {
        (None, _) => Some("no topology file that can be read"),
        (Some(topology), Some(run))
            if run.plan().console != topology.console.name
                || run.plan().environment != topology.console.environment.word() =>
        {
            Some("the run is another topology's")
        }
        _ => None,
    };
    let wrote = run.map(|run| anchor::wrote(&run, &report.lines)).unwrap_or_default();
    Checked { dir, report, wrote, apart }
}

impl Checked {
    fn says(&self, wrote: &Wrote, shown: &anchor::Shown) -> Says {
        match (self.apart, wrote.compare(shown)) {
            (Some(why), Says::Unread(_)) => Says::Unread(why.to_owned()),
            (_, says) => says,
        }
    }

    fn document(&self, zone: &[(&Wrote, Says)]) -> serde_json::Value {
        let faults: Vec<String> = self.report.faults.iter().map(ToString::to_string).collect();
        let differs = zone.iter().any(|(_, says)| matches!(says, Says::Differs(_)));
        let zone: Vec<serde_json::Value> = zone
            .iter()
            .map(|(wrote, says)| json!({"marker": wrote.marker, "says": says.word(), "detail": says.words()}))
            .collect();
        json!({"run": self.dir.id, "ok": faults.is_empty() && !differs, "events": self.report.lines.len(),
            "head": self.report.link.hash, "incomplete": self.report.torn > 0, "faults": faults, "zone": zone})
    }

    fn line(&self, zone: &[(&Wrote, Says)]) -> String {
        let torn = if self.report.torn > 0 { ", the last line incomplete" } else { "" };
        let faults: Vec<String> = self.report.faults.iter().map(ToString::to_string).collect();
        let said = if faults.is_empty() { "as it was written".to_owned() } else { faults.join("; ") };
        let told = |(wrote, says): &(&Wrote, Says)| format!("; marker {}: {}", wrote.marker, says.words());
        let zone = zone.iter().map(told).collect::<Vec<String>>().concat();
        format!("{}  {} events{torn}: {said}{zone}", self.dir.id, self.report.lines.len())
    }
}
