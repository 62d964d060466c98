//! `switchboard runs`: what became of runs, and what operators ask of them.

mod asked;
mod takeover;

use anyhow::{anyhow, bail};
use clap::{Args as ClapArgs, Subcommand};

use super::context::{Context, environment};
use asked::{Asked, see_taken};

use super::follow::{follow, tell};
use super::plan::clean;
use super::verify::verify;
use super::{Usage, output};
use crate::domain::name::Fqdn;
use crate::executor::attach::{Who, ask, view};
use crate::executor::store::{RunDir, Store};
use crate::failover::plan::RunId;
use crate::failover::run::{Ask, Decision, State};
use crate::failover::runbook;
use crate::probe::Clock;
use crate::report::run as report;

/// The exit code when it could not be done.
pub(crate) const FAILED: u8 = 1;

/// See runs, go on with them, take them back
///
/// Exit codes: 0 done, 1 refused and nothing changed, 2 changed but not finished or not known, 3 wrong command line.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Print JSON for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What is done with a run.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Every run, oldest first
    List,
    /// How a run stands, and everything that happened
    Show(One),
    /// The same, as it happens
    Follow(One),
    /// Settle what is unknown, then go on
    Resume(Resume),
    /// Take back what it changed, the last first
    Rollback(Why),
    /// No new side effect; those in flight are listed
    Abort(Why),
    /// Stop here and leave all as it is
    Hold(Why),
    /// Leave it as it is, for good; needs a reason
    Abandon(Why),
    /// Answer for it from now on; one of another host loses its fence to you
    Takeover(takeover::Args),
    /// Agree as a second person
    Approve(Why),
    /// "Called it, heard the greeting"; with --commit-confirm: keep it
    Confirm(Why),
    /// What was left to do has been done by hand; needs a reason
    Close(Why),
    /// Find any edit, deletion, insertion, swap or cut in a journal, or in all, and compare with the markers in the zone
    Verify(Maybe),
    /// The timeline, to be kept
    Export(One),
}

/// One run.
#[derive(Debug, ClapArgs)]
pub(crate) struct One {
    /// The run's id, or its beginning
    id: String,
}

/// One run, or all.
#[derive(Debug, ClapArgs)]
pub(crate) struct Maybe {
    /// The run's id, or its beginning; every run when absent
    id: Option<String>,
}

/// One run and a reason.
#[derive(Debug, ClapArgs)]
pub(crate) struct Why {
    /// The run's id, or its beginning
    pub(crate) id: String,
    /// Why; kept in the journal
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// How to go on.
#[derive(Debug, ClapArgs)]
pub(crate) struct Resume {
    #[command(flatten)]
    why: Why,
    /// Go on without this server and its partner
    #[arg(long, value_name = "FQDN")]
    without: Option<String>,
}

/// Runs the verb.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    let store = Store::new(context.state_dir()?);
    let json = args.json;
    let (ask, why) = match args.verb {
        Verb::List => return list(&store, json),
        Verb::Show(one) => return show(&find(&store, &one.id)?, json),
        Verb::Export(one) => return export(&find(&store, &one.id)?, json),
        Verb::Verify(maybe) => return verify_all(&store, maybe.id.as_deref(), context, json).await,
        Verb::Follow(one) => {
            let dir = find(&store, &one.id)?;
            let view = follow(&dir, None, json).await?;
            return tell(&dir, &view, json);
        }
        Verb::Resume(resume) => (without(resume.without.as_deref())?, resume.why),
        Verb::Rollback(why) => (Ask::RollBack, why),
        Verb::Abort(why) => (Ask::Abort, why),
        Verb::Hold(why) => (Ask::Hold, why),
        Verb::Abandon(why) => (Ask::Abandon, reasoned(why, "abandon")?),
        Verb::Takeover(args) => match known(&store, &args.why.id)? {
            Some(_) => (Ask::TakeOver, args.why),
            None => return takeover::run(args, &store, context, json).await,
        },
        Verb::Approve(why) => {
            if !json {
                // Who agrees has seen what to.
                output::print(&clean(&runbook::review(view(&find(&store, &why.id)?)?.run.plan())))?;
            }
            (Ask::Approve, why)
        }
        Verb::Confirm(why) => (Ask::Confirm, why),
        Verb::Close(why) => (Ask::Close, reasoned(why, "close")?),
    };
    decide(&store, ask, why, json).await
}

fn without(server: Option<&str>) -> anyhow::Result<Ask> {
    match server {
        None => Ok(Ask::Resume),
        Some(server) => Ok(Ask::Without(Fqdn::parse(server).map_err(|error| Usage(error.to_string()))?)),
    }
}

fn reasoned(why: Why, verb: &str) -> anyhow::Result<Why> {
    match why.reason.as_deref().map(str::trim) {
        None | Some("") => Err(Usage(format!("`runs {verb}` needs --reason TEXT: it is kept in the journal")).into()),
        Some(_) => Ok(why),
    }
}

/// A run by its id, or by the beginning of it where that is enough.
fn find(store: &Store, id: &str) -> anyhow::Result<RunDir> {
    known(store, id)?
        .ok_or_else(|| anyhow!("no run {id} in this state directory; `switchboard runs list` shows those that are"))
}

/// The same, where there may be none.
fn known(store: &Store, id: &str) -> anyhow::Result<Option<RunDir>> {
    if let Ok(id) = RunId::parse(&id.to_ascii_uppercase()) {
        let dir = store.run(&id);
        if dir.exists() {
            return Ok(Some(dir));
        }
    }
    let begins = |dir: &RunDir| !id.is_empty() && dir.id.as_str().starts_with(&id.to_ascii_uppercase());
    let mut found: Vec<RunDir> = store.list()?.into_iter().filter(begins).collect();
    match (found.pop(), found.len()) {
        (Some(dir), 0) => Ok(Some(dir)),
        (Some(_), _) => bail!("several runs begin with {id}: write more of it"),
        (None, _) => Ok(None),
    }
}

fn list(store: &Store, json: bool) -> anyhow::Result<u8> {
    let mut documents = Vec::new();
    for dir in store.list()? {
        let shown = view(&dir);
        if json {
            documents.push(match shown {
                Ok(view) => serde_json::json!({"run": dir.id, "state": view.run.state().word(), "interrupted": view.is_interrupted(),
                    "living": view.living.is_some(), "from": view.run.plan().from, "to": view.run.plan().to, "say": view.run.say()}),
                Err(error) => serde_json::json!({"run": dir.id, "state": null, "error": error.to_string()}),
            });
            continue;
        }
        match shown {
            Ok(view) => {
                let dead = if view.is_interrupted() { " (its executor is gone)" } else { "" };
                output::line(&format!("{}  {:<14} {}{dead}", dir.id, view.run.state().word(), view.run.say()))?;
            }
            Err(error) => output::line(&output::clean_lines(&format!("{}  unreadable     {error}", dir.id)))?,
        }
    }
    if json {
        output::json(&serde_json::json!({"version": 1, "runs": documents}))?;
    }
    Ok(0)
}

fn show(dir: &RunDir, json: bool) -> anyhow::Result<u8> {
    let view = view(dir)?;
    if json {
        output::json(&report::json(&view.run, &view.events, view.is_interrupted()))?;
    } else {
        output::print(&report::text(&view.run, &view.events, view.is_interrupted()))?;
    }
    Ok(view.run.exit_code())
}

fn export(dir: &RunDir, json: bool) -> anyhow::Result<u8> {
    show(dir, json)?;
    Ok(0)
}

async fn verify_all(store: &Store, id: Option<&str>, context: &Context, json: bool) -> anyhow::Result<u8> {
    let dirs = match id {
        Some(id) => vec![find(store, id)?],
        None => store.list()?,
    };
    Ok(if verify(dirs, context, json).await? { 0 } else { FAILED })
}

/// Puts the request, starts an executor when none lives, and follows.
async fn decide(store: &Store, what: Ask, why: Why, json: bool) -> anyhow::Result<u8> {
    let dir = find(store, &why.id)?;
    let before = view(&dir)?;
    let afterthought = matches!(what, Ask::Confirm | Ask::Close);
    if before.run.state().is_over() && !afterthought {
        bail!("run {} is over ({}); to bring it home make a plan with --back", dir.id, before.run.state().word());
    }
    if what == Ask::Close && !before.run.state().is_over() && before.run.state() != State::Stuck {
        let word = before.run.state().word();
        bail!("run {} is {word}: what is over or stuck can be closed; go on, roll back or abandon this one", dir.id);
    }
    let reason = why.reason.map(Into::into);
    let who = Who::am_i(&environment);
    let decision = Decision { ask: what, by: who.by, account: Some(who.account), reason };
    if !before.run.state().is_over() && matches!(decision.ask, Ask::Without(_) | Ask::Approve) {
        let event = crate::failover::run::Event::Decided(decision.clone());
        before.run.clone().apply(Clock::start().now(), &event)?;
    }
    let (stops, file) = (matches!(decision.ask, Ask::Abort | Ask::Hold), ask(&dir, Clock::start().now(), decision)?);
    see_taken(store, &dir, &Asked { file, stops }, json).await?;
    tell(&dir, &view(&dir)?, json)
}
