//! What whoever makes a plan answers for, and where the plan goes: options that several commands have.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::Usage;
use super::output;
use crate::executor::preflight::Reasons;
use crate::failover::plan::Plan;

/// Reasons for rules, and the write primary.
#[derive(Debug, clap::Args)]
pub(crate) struct Given {
    /// Give a rule that wants one a reason; without =REASON the one of --reason
    #[arg(long = "override", value_name = "RULE=REASON")]
    pub(crate) overrides: Vec<String>,
    /// Write to this write primary, not to the first one that the backend lists
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) primary: Option<SocketAddr>,
}

/// The same, with the reason of the whole run and the plan's file.
#[derive(Debug, clap::Args)]
pub(crate) struct Terms {
    #[command(flatten)]
    pub(crate) given: Given,
    /// One sentence for the whole run, with the incident's number
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Do without a marker: in a zone that takes no TXT records, or for a run of commands whose fence cannot be written
    #[arg(long)]
    pub(crate) without_marker: bool,
    /// Write the plan for `switchboard failover`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

impl Given {
    /// Reasons by rule; without a reason of its own a rule gets the one of the whole run.
    pub(crate) fn reasons(&self, of_the_run: Option<&str>) -> anyhow::Result<Reasons> {
        let mut reasons = Reasons::default();
        for text in &self.overrides {
            let (rule, reason) = match (text.split_once('='), of_the_run) {
                (Some((rule, reason)), _) => (rule, reason),
                (None, Some(reason)) => (text.as_str(), reason),
                (None, None) => {
                    return Err(Usage(format!("--override {text}: write it as RULE=REASON, or give --reason")).into());
                }
            };
            reasons.by_rule.insert(rule.to_owned(), reason.to_owned());
        }
        Ok(reasons)
    }
}

impl Terms {
    /// As [`Given::reasons`].
    pub(crate) fn reasons(&self) -> anyhow::Result<Reasons> {
        self.given.reasons(self.reason.as_deref())
    }

    /// Writes the plan where it was asked for; says whether it was.
    pub(crate) fn kept(&self, plan: &Plan) -> anyhow::Result<bool> {
        let Some(file) = &self.out else { return Ok(false) };
        write_whole(file, plan)?;
        output::note(&format!("switchboard: the plan is in {}, confirm it with {}", file.display(), plan.confirm()));
        Ok(true)
    }
}

/// Puts the plan's file there whole or not at all, and makes it last.
fn write_whole(file: &Path, plan: &Plan) -> anyhow::Result<()> {
    let dir = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = file.file_name().ok_or_else(|| anyhow!("{} is no file name", file.display()))?;
    let draft = dir.join(format!(".{}.{:08x}.new", name.to_string_lossy(), rand::random::<u32>()));
    let text = format!("{}\n", serde_json::to_string_pretty(&plan.to_json())?);
    let written = write_draft(&draft, text.as_bytes()).and_then(|()| fs::rename(&draft, file));
    if written.is_err() {
        drop(fs::remove_file(&draft));
    }
    written.and_then(|()| File::open(dir)?.sync_all()).with_context(|| format!("cannot write {}", file.display()))
}

fn write_draft(draft: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}
