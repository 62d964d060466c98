//! What the console does about runs: plans are made, confirmed and asked for here, on the probes' runtime, with the same code as the
//! commands; never in the loop.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

use crate::app::Event;
use crate::app::effect::WhatFile;
use crate::app::guide::{Asked, Made, PlanAsk};
use crate::domain::act::Update;
use crate::domain::topology::Topology;
use crate::executor::attach::{Who, ask, spawn, view};
use crate::executor::confirm::{Confirmation, check, write};
use crate::executor::preflight::{Reasons, look};
use crate::executor::store::{RunDir, Store};
use crate::executor::{lock, request};
use crate::failover::plan::{Plan, RunId};
use crate::failover::planner::{plan, service_plan};
use crate::failover::run::{Ask, Decision};
use crate::failover::runbook;
use crate::probe::Clock;
use crate::wire::dns::script::script;

/// A plan that takes longer is given up: everything that it asks has a shorter deadline.
const LONGEST: Duration = Duration::from_secs(180);

/// Where this console's runs are kept and who works here.
#[derive(Debug, Clone)]
pub struct Workplace {
    /// The topology file, by its whole path: an executor reads it again.
    pub config: PathBuf,
    /// The runs of the state directory.
    pub store: Store,
    /// This program: an executor is a process of its own.
    pub program: PathBuf,
    /// Who works at this console.
    pub who: Who,
    /// The environment.
    pub environment: fn(&str) -> Option<String>,
}

/// Carries out what the console asks for about plans and runs.
#[derive(Debug, Clone)]
pub(super) struct Office {
    pub(super) place: Workplace,
    pub(super) topology: Arc<Topology>,
    pub(super) clock: Clock,
    pub(super) on: Handle,
    pub(super) inbox: Sender<Event>,
}

impl Office {
    /// Looks, plans, rehearses, judges.
    pub(super) fn make_plan(&self, asked: PlanAsk) {
        let (office, ticket) = (self.clone(), asked.ticket);
        // What is looked at holds borrowed closures: it stays on one thread, which is none of the probes'.
        self.on.spawn_blocking(move || {
            let made = office.on.block_on(tokio::time::timeout(LONGEST, office.made(asked)));
            let made = made.unwrap_or_else(|_| Err(format!("no plan came about within {} s", LONGEST.as_secs())));
            let _ = office.inbox.blocking_send(Event::PlanMade { ticket, made });
        });
    }

    async fn made(&self, asked: PlanAsk) -> Result<Box<Made>, String> {
        let PlanAsk { asked, request, reasons, .. } = asked;
        let (topology, store) = (Arc::clone(&self.topology), self.place.store.clone());
        let looked = look(topology, self.clock.clone(), store, None).await.map_err(|error| error.to_string())?;
        let making = looked.making();
        let content = match &asked {
            Asked::Site { .. } => plan(&looked.topology, &looked.picture, &looked.seen, &request, &making),
            Asked::Service { server, verb } => {
                service_plan(&looked.topology, &looked.picture, &looked.seen, server, *verb, &request, &making)
            }
        };
        let content = content.map_err(|refusal| refusal.to_string())?;
        let reasons = Reasons { by_rule: reasons };
        let judged = looked.judged(content, &reasons, &self.place.environment).await;
        let (plan, not_taken) = judged.map_err(|error| error.to_string())?;
        let script = runbook::steps(&plan, &in_script).trim_start().lines().map(str::to_owned).collect();
        Ok(Box::new(Made { plan, not_taken: not_taken.map(|error| error.to_string()), script }))
    }

    /// Writes plan and confirmation down and starts the executor.
    pub(super) fn confirm(&self, ticket: u64, plan: Box<Plan>, phrase: String, commit_confirm: Option<u64>) {
        let office = self.clone();
        self.on.spawn_blocking(move || {
            let run = office.confirmed(&plan, &phrase, commit_confirm);
            let _ = office.inbox.blocking_send(Event::Confirmed { ticket, run });
        });
    }

    fn confirmed(&self, plan: &Plan, phrase: &str, commit_confirm: Option<u64>) -> Result<RunId, String> {
        let Workplace { config, store, who, .. } = &self.place;
        let confirmation = Confirmation { phrase, commit_confirm, config, who };
        check(plan, &self.topology, &confirmation, self.clock.now()).map_err(|error| error.to_string())?;
        let dir = write(store, plan, &confirmation, self.clock.now()).map_err(|error| error.to_string())?;
        self.start(&dir)?;
        Ok(plan.id.clone())
    }

    /// Starts a run's executor. It outlives this console; while this console lives it takes note of the end.
    fn start(&self, dir: &RunDir) -> Result<(), String> {
        let Workplace { store, who, program, .. } = &self.place;
        let child = spawn(store, dir, who, program);
        let mut child =
            child.map_err(|error| format!("the executor of run {} could not be started: {error}", dir.id))?;
        self.on.spawn_blocking(move || child.wait());
        Ok(())
    }

    /// Asks something of a run; starts an executor where none lives.
    pub(super) fn ask_run(&self, run: RunId, asked: Ask, reason: Option<String>) {
        let office = self.clone();
        self.on.spawn_blocking(move || {
            let told = office.asked(&run, asked, reason);
            let _ = office.inbox.blocking_send(Event::Told(told));
        });
    }

    fn asked(&self, run: &RunId, asked: Ask, reason: Option<String>) -> Result<String, String> {
        let dir = self.place.store.run(run);
        let before = view(&dir).map_err(|error| error.to_string())?;
        let afterthought = matches!(asked, Ask::Confirm | Ask::Close);
        if before.run.state().is_over() && !afterthought {
            return Err(format!("run {run} is over ({})", before.run.state().word()));
        }
        let word = asked.word();
        let decision = Decision {
            ask: asked,
            by: self.place.who.by.clone(),
            account: Some(self.place.who.account.clone()),
            reason: reason.map(Into::into),
        };
        let asking = ask(&dir, self.clock.now(), decision);
        let file = asking.map_err(|error| format!("run {run} cannot be asked: {error}"))?;
        // An executor that was just ending did not see the request; the next one does.
        if lock::living(&dir).is_none()
            && request::is_waiting(&dir, &file)
            && let Err(error) = self.start(&dir)
        {
            let _nobody_took_it = request::withdraw(&dir, &file);
            return Err(error);
        }
        Ok(format!("run {run}: asked to {word}"))
    }

    /// Writes a new file.
    pub(super) fn write(&self, path: String, what: WhatFile) {
        let office = self.clone();
        self.on.spawn_blocking(move || {
            let _ = office.inbox.blocking_send(Event::Told(written(&path, &what)));
        });
    }
}

fn written(path: &str, what: &WhatFile) -> Result<String, String> {
    let text = match what {
        WhatFile::Runbook { plan } => by_hand(plan),
        WhatFile::Events { text } => text.clone(),
    };
    let file = std::fs::File::options().write(true).create_new(true).open(path);
    let done = file.and_then(|mut file| {
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()
    });
    match done {
        Ok(()) => Ok(format!("{} written to {path}", what.words())),
        Err(error) => Err(format!("{} could not be written to {path}: {error}", what.words())),
    }
}

/// The plan's steps with their exact messages and commands.
fn by_hand(plan: &Plan) -> String {
    runbook::runbook(plan, &in_script)
}

fn in_script(update: &Update) -> Result<String, String> {
    script(update).map_err(|error| error.to_string())
}
